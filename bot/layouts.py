"""Layouts: the pictures one by one, or all on one contact sheet. Each person's choice is remembered."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from bot import texts
from bot.database.preferences import SHEET
from bot.markdown import shown
from bot.reply import Controls
from bot.uploads import MAX_ALT, Upload
from search_core import contact_sheet
from search_core.describe import counted

if TYPE_CHECKING:
    from bot.database.personal import PersonalData
    from bot.reply import Reply

COLUMNS = 3


async def laid_out(personal: PersonalData, user_id: int, reply: Reply) -> Reply:
    """Lay a page of results out as a person wants it; the drawing is done off the event loop."""
    if len(reply.pictures) < 2 or not isinstance(reply.controls, Controls):
        return reply
    if await personal.layout(user_id) != SHEET:
        return reply
    return await asyncio.to_thread(on_sheet, reply, reply.controls)


def on_sheet(reply: Reply, controls: Controls) -> Reply:
    """Put the pictures of a reply on one contact sheet, which is covered if any of them is."""
    captions = [(upload.data, pick.title) for upload, pick in zip(reply.pictures, controls.picks, strict=True)]
    buffer = io.BytesIO()
    contact_sheet(captions, columns=COLUMNS, first=controls.picks[0].number).save(buffer, "PNG")
    covered = any(upload.spoiler for upload in reply.pictures)
    return replace(reply, pictures=(Upload(f"{texts.SHEET_NAME}.png", buffer.getvalue(), _alt(reply), covered),))


def _alt(reply: Reply) -> str:
    """Say what each picture shows, all within Discord's limit."""
    frame = texts.ALT_SHEET.format(counted=counted(len(reply.pictures), "picture"), pictures="")
    each = (MAX_ALT - len(frame)) // len(reply.pictures) - 2
    named = "; ".join(shown(upload.alt, each) for upload in reply.pictures)
    return texts.ALT_SHEET.format(counted=counted(len(reply.pictures), "picture"), pictures=named)
