"""`/privacy`: what is kept of a person, told and handed out; and the buttons under the question before it goes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import discord

from bot import custom_ids
from bot.database.searches import KEPT_SECONDS
from bot.moderation.replies import buttons
from bot.texts import keeping as texts

DAYS = KEPT_SECONDS // 86_400
FILE_NAME = "vignette-data.json"

Rows = Sequence[Mapping[str, Any]]


def summary(kept: Mapping[str, Rows]) -> str:
    """Say what is kept of a person, a line for each kind of thing, and what is not listed."""
    lines = [
        f"- {words.format(count=len(kept[name]), days=DAYS)}"
        for name, words in texts.PRIVACY_TABLES.items()
        if name in kept
    ]
    listed = [*lines, texts.PRIVACY_FILE] if lines else [texts.PRIVACY_NOTHING]
    return "\n".join([texts.PRIVACY_HEADING, *listed, texts.PRIVACY_NOT_LISTED])


def data_file(kept: Mapping[str, Rows], file_limit: int) -> discord.File | None:
    """Hand out all that is kept, as JSON; packed where Discord would not take it otherwise."""
    if not kept:
        return None
    data = json.dumps(kept, ensure_ascii=False, indent=1, default=str).encode()
    if len(data) <= file_limit:
        return discord.File(io.BytesIO(data), FILE_NAME)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FILE_NAME, data)
    buffer.seek(0)
    return discord.File(buffer, f"{FILE_NAME}.zip")


def question() -> discord.ui.View:
    """Make the buttons that delete all, or nothing."""
    styles = (
        ("yes", texts.PRIVACY_YES, discord.ButtonStyle.danger),
        ("no", texts.PRIVACY_NO, discord.ButtonStyle.secondary),
    )
    return buttons(
        *(
            discord.ui.Button(label=label, style=style, custom_id=custom_ids.forget_id(answer))
            for answer, label, style in styles
        )
    )
