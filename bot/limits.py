"""Discord's limits, checked before a message is sent: a clear error here beats an unclear 400 from there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import discord

from bot.custom_ids import MAX_LENGTH
from bot.markdown import length
from bot.uploads import MAX_ALT, REQUEST_BYTES
from search_core import VignetteError

if TYPE_CHECKING:
    from bot.uploads import Upload

MAX_COMPONENTS = 40
MAX_CHARACTERS = 4_000
MAX_FILES = 10
MAX_GALLERY = 10
MAX_OPTIONS = 25
MAX_LABEL = 100
MAX_PLACEHOLDER = 150
MAX_BUTTON = 80
MAX_URL = 512
MAX_EMBED = 4_096
MAX_EMBEDS = 6_000
"""Documentation of 2026-08. Discord counts characters as UTF-16 does: an emoji is two.

Of an option `MAX_LABEL` holds for label, value and description alike; of an embed `MAX_EMBED` for its description, and
`MAX_EMBEDS` for all its words together.
"""

_FILE_NAME = re.compile(r"[A-Za-z0-9_.-]+")


class LimitError(VignetteError):
    """A reply would break one of Discord's limits. This is a fault of the bot, not of its user."""


def check_view(view: discord.ui.LayoutView | discord.ui.View) -> None:
    """Check a message's components.

    Raises:
        LimitError: naming the limit and by how much it is broken.
    """
    items = list(view.walk_children())
    texts = [item.content for item in items if isinstance(item, discord.ui.TextDisplay)]
    _at_most("components", len(items), MAX_COMPONENTS)
    _at_most("characters of text", sum(map(length, texts)), MAX_CHARACTERS)
    _check_custom_ids(
        [
            item.custom_id
            for item in items
            if isinstance(item, (discord.ui.Button, discord.ui.Select)) and item.custom_id is not None
        ]
    )
    for item in items:
        if isinstance(item, discord.ui.MediaGallery):
            _check_gallery(item.items)
        if isinstance(item, discord.ui.Select):
            _at_most("characters of a placeholder", length(item.placeholder or ""), MAX_PLACEHOLDER)
            _check_options(item.options)
        if isinstance(item, discord.ui.Button):
            _at_most("characters on a button", length(item.label or ""), MAX_BUTTON)
            _at_most("characters of a link", length(item.url or ""), MAX_URL)


def check_embed(embed: discord.Embed) -> None:
    """Check the words of the older form of a message.

    Raises:
        LimitError: naming the limit and by how much it is broken.
    """
    fields = [text or "" for field in embed.fields for text in (field.name, field.value)]
    texts = [embed.title, embed.description, embed.footer.text, embed.author.name, *fields]
    _at_most("characters of an embed's description", length(embed.description or ""), MAX_EMBED)
    _at_most("characters in an embed", sum(length(text or "") for text in texts), MAX_EMBEDS)


def check_uploads(uploads: Sequence[Upload], file_limit: int) -> None:
    """Check a message's files.

    Raises:
        LimitError: naming the limit and by how much it is broken.
    """
    _at_most("files", len(uploads), MAX_FILES)
    _at_most("bytes in all its files", sum(len(upload.data) for upload in uploads), REQUEST_BYTES)
    if len({upload.name for upload in uploads}) != len(uploads):
        raise LimitError("Two files of the message have the same name.")
    for upload in uploads:
        _at_most(f"bytes in {upload.name}", len(upload.data), file_limit)
        _at_most("characters of alt text", length(upload.alt), MAX_ALT)
        if not _FILE_NAME.fullmatch(upload.name):
            raise LimitError(f"Discord would change the file name {upload.name!r}.")


def _check_custom_ids(custom_ids: Sequence[str | None]) -> None:
    if len(set(custom_ids)) != len(custom_ids):
        raise LimitError("Two components of the message have the same custom id.")
    for custom_id in custom_ids:
        _at_most("characters of a custom id", length(custom_id or ""), MAX_LENGTH)


def _check_gallery(pictures: Sequence[discord.MediaGalleryItem]) -> None:
    _at_most("pictures in a gallery", len(pictures), MAX_GALLERY)
    for picture in pictures:
        _at_most("characters of alt text", length(picture.description or ""), MAX_ALT)


def _check_options(options: Iterable[discord.SelectOption]) -> None:
    listed = list(options)
    _at_most("options of a select", len(listed), MAX_OPTIONS)
    if len({option.value for option in listed}) != len(listed):
        raise LimitError("Two options of a select have the same value.")
    for option in listed:
        for text in (option.label, option.value, option.description or ""):
            _at_most("characters of an option", length(text), MAX_LABEL)


def _at_most(what: str, count: int, limit: int) -> None:
    if count > limit:
        raise LimitError(f"The message would have {count} {what}; Discord takes {limit}.")
