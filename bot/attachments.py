"""Which pictures a message holds, and their bytes.

Discord leaves `attachments` empty for files that a component shows, and puts a forwarded message's files into
its snapshot. Links in embeds or components are ignored: a stranger chose them, and the bot fetches nothing that
was not uploaded to Discord.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

import discord

from bot import texts
from search_core import PictureError
from search_core.imaging import MAX_BYTES

DOWNLOAD_SECONDS = 20.0
"""A 25 MB picture at 10 Mbit/s. discord.py itself would wait five minutes."""

_MEGABYTE = 1024 * 1024
_PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif"})

Source: TypeAlias = discord.Attachment | discord.UnfurledMediaItem


@dataclass(frozen=True, slots=True)
class PostedPicture:
    """A picture that lies at Discord, not fetched yet.

    Attributes:
        source: where its bytes come from.
        size: its bytes, where Discord says.
        spoiler: whether it was posted under one.
    """

    source: Source
    size: int | None
    spoiler: bool = False

    async def read(self) -> bytes:
        """Fetch the bytes, within a size and a time.

        Raises:
            PictureError: if it is too big, too slow, or gone.
        """
        self.check_size()
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS):
                return await self.source.read()
        except TimeoutError:
            raise PictureError(texts.DOWNLOAD_SLOW) from None
        except discord.DiscordException as error:
            raise PictureError(texts.DOWNLOAD_FAILED) from error

    def check_size(self) -> None:
        """Refuse a picture that is too big before it is fetched.

        Raises:
            PictureError: if it is.
        """
        if self.size is not None and self.size > MAX_BYTES:
            size, limit = math.ceil(self.size / _MEGABYTE), MAX_BYTES / _MEGABYTE  # up: not "25 MB, at most 25 MB"
            raise PictureError(texts.PICTURE_TOO_BIG.format(size=size, limit=limit))


def posted(attachment: discord.Attachment) -> PostedPicture:
    """Take an attachment as a picture, whatever it says it is."""
    return PostedPicture(attachment, attachment.size, attachment.is_spoiler())


def pictures_of(message: discord.Message) -> list[PostedPicture]:
    """Find the pictures uploaded with a message, or with the messages that it forwards; each once, in order."""
    found: dict[int, PostedPicture] = {}
    parts: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    for part in parts:
        for attachment in filter(_is_picture, part.attachments):
            found.setdefault(attachment.id, posted(attachment))
        for media, spoiler in _media(part.components):
            if media.attachment_id is not None:
                _make_readable(media, message)
                found.setdefault(media.attachment_id, PostedPicture(media, None, spoiler))
    return list(found.values())


def shown_in(message: discord.Message) -> list[PostedPicture]:
    """List what the galleries of one of the bot's own questions show. Of anybody else's message, use `pictures_of`."""
    shown = list(_media(message.components))
    for media, _ in shown:
        _make_readable(media, message)
    return [PostedPicture(media, None, spoiler) for media, spoiler in shown]


def _make_readable(media: discord.UnfurledMediaItem, message: discord.Message) -> None:
    """Give a component's media the connection that discord.py 2.7.1 forgets to (`Message._handle_components`)."""
    if media._state is None:
        media._state = message._state


def _is_picture(attachment: discord.Attachment) -> bool:
    said = (attachment.content_type or "").startswith("image/")
    return said or PurePosixPath(attachment.filename).suffix.lower() in _PICTURE_SUFFIXES


def _media(components: Iterable[object]) -> Iterator[tuple[discord.UnfurledMediaItem, bool]]:
    """What components show, and whether it is under a spoiler."""
    for component in components:
        if isinstance(component, discord.MediaGalleryComponent):
            yield from ((item.media, item.spoiler) for item in component.items)
        elif isinstance(component, discord.ThumbnailComponent):
            yield component.media, component.spoiler
        yield from _media(_inside(component))


def _inside(component: object) -> list[object]:
    accessory = getattr(component, "accessory", None)
    return [*getattr(component, "children", ()), *([accessory] if accessory is not None else [])]
