"""Pictures on their way to Discord: names it accepts, alt text, and sizes that fit.

Bytes go straight from the collection. Only what Discord would not show (TIFF, BMP, JPEG 2000) becomes a PNG, and only
what it would not take is made smaller.
"""

from __future__ import annotations

import asyncio
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import discord

from search_core.imaging import OWN_PICTURES, decode, shows_everywhere

MAX_ALT = 1_024
"""Discord's limit for a file's description."""

REQUEST_BYTES = 24 * 1024 * 1024
"""Discord takes 25 MiB a request; one is left for the rest of it."""

_MAX_STEM = 60
_EXTENSIONS = frozenset({"png", "jpg", "jpeg", "webp", "gif"})
_SMALLER = ((1_024, 88), (640, 85), (320, 80))
"""Longest side and JPEG quality, tried in turn until the picture fits."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One picture to be sent.

    Attributes:
        name: a file name of letters, digits, `_`, `-` and `.`, unique in its message.
        data: the file's bytes.
        alt: what the picture shows, for those who do not see it.
        spoiler: whether it is covered until somebody asks to see it.
    """

    name: str
    data: bytes
    alt: str
    spoiler: bool = False

    def file(self) -> discord.File:
        """Make the file to send. A `discord.File` can be sent once: make another for another try."""
        return discord.File(io.BytesIO(self.data), filename=self.name, description=self.alt, spoiler=self.spoiler)


def upload_name(number: int, file_name: str) -> str:
    """Make a name that Discord keeps as it is, from a picture's number and its path in the collection."""
    path = PurePosixPath(file_name)
    letters = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", letters).strip("-")[:_MAX_STEM]
    extension = path.suffix.lower().lstrip(".")
    return f"{number:03d}-{stem or 'picture'}.{extension if extension in _EXTENSIONS else 'png'}"


async def fit(uploads: Sequence[Upload], file_limit: int) -> tuple[Upload, ...]:
    """Change those pictures that Discord would not show or take, off the event loop; leave the others as they are.

    Args:
        uploads: the pictures of one message.
        file_limit: bytes that Discord takes for one file here.
    """
    shown = [u if shows_everywhere(u.data) else await asyncio.to_thread(_as_png, u) for u in uploads]
    limit = _limit_each([len(upload.data) for upload in shown], file_limit)
    return tuple([u if len(u.data) <= limit else await asyncio.to_thread(_shrunk, u, limit) for u in shown])


def _limit_each(sizes: Sequence[int], file_limit: int) -> int:
    fitting = sum(min(size, file_limit) for size in sizes) <= REQUEST_BYTES
    return file_limit if fitting else min(file_limit, REQUEST_BYTES // len(sizes))


def _as_png(upload: Upload) -> Upload:
    buffer = io.BytesIO()
    decode(upload.data, OWN_PICTURES).save(buffer, "PNG")
    return _replaced(upload, buffer.getvalue(), ".png")


def _shrunk(upload: Upload, limit: int) -> Upload:
    image = decode(upload.data, OWN_PICTURES)
    smaller = b""
    for side, quality in _SMALLER:
        image.thumbnail((side, side))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality)
        smaller = buffer.getvalue()
        if len(smaller) <= limit:
            break
    return _replaced(upload, smaller, ".jpg")


def _replaced(upload: Upload, data: bytes, suffix: str) -> Upload:
    return replace(upload, name=str(PurePosixPath(upload.name).with_suffix(suffix)), data=data)
