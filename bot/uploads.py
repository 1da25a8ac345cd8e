"""Pictures on their way to Discord: names it accepts, alt text, and sizes that fit.

Bytes go straight from the collection. Only what Discord would not show (TIFF, BMP, JPEG 2000, sides beyond those of a
preview, long strips) becomes a PNG, and only what it would not take is made smaller.
"""

from __future__ import annotations

import asyncio
import io
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import discord
from PIL import Image

from search_core.imaging import OWN_PICTURES, decode, shows_everywhere, size_of

MAX_ALT = 1_024
"""Discord's limit for a file's description."""

REQUEST_BYTES = 24 * 1024 * 1024
"""Discord takes 25 MiB a request; one is left for the rest of it."""

MAX_SHOWN_SIDE = 16_383
"""Discord's previews are WebP, which ends there (RFC 9649, 2.7: 14 bits for each side)."""

MAX_SHOWN_ASPECT = 10.0
"""A longer strip is laid on a ground of this shape: galleries crop to squares, and would show a speck of it."""

GROUND = (255, 255, 255)

_MAX_STEM = 60
_EXTENSIONS = frozenset({"png", "jpg", "jpeg", "webp", "gif"})
_FILE_EXTENSIONS = _EXTENSIONS | {"tif", "tiff", "bmp", "jp2", "j2k", "ppm", "pgm", "pbm"}
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
        whole: width and height in the collection, where what is sent is smaller.
    """

    name: str
    data: bytes
    alt: str
    spoiler: bool = False
    whole: tuple[int, int] | None = None

    def file(self) -> discord.File:
        """Make the file to send. A `discord.File` can be sent once: make another for another try."""
        return discord.File(io.BytesIO(self.data), filename=self.name, description=self.alt, spoiler=self.spoiler)


def upload_name(number: int, file_name: str) -> str:
    """Make a name that Discord keeps as it is, from a picture's number and its path in the collection."""
    return _name(number, file_name, _EXTENSIONS)


def file_name_of(number: int, file_name: str) -> str:
    """Make such a name for a file that is handed out as it lies in the collection: a TIFF stays one."""
    return _name(number, file_name, _FILE_EXTENSIONS)


def _name(number: int, file_name: str, extensions: frozenset[str]) -> str:
    path = PurePosixPath(file_name)
    letters = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", letters).strip("-")[:_MAX_STEM]
    extension = path.suffix.lower().lstrip(".")
    return f"{number:03d}-{stem or 'picture'}.{extension if extension in extensions else 'png'}"


async def fit(uploads: Sequence[Upload], file_limit: int) -> tuple[Upload, ...]:
    """Change those pictures that Discord would not show or take, off the event loop; leave the others as they are.

    Args:
        uploads: the pictures of one message.
        file_limit: bytes that Discord takes for one file here.
    """
    shown = [u if _shows(u.data) else await asyncio.to_thread(_as_png, u) for u in uploads]
    limit = _limit_each([len(upload.data) for upload in shown], file_limit)
    return tuple([u if len(u.data) <= limit else await asyncio.to_thread(_shrunk, u, limit) for u in shown])


async def capped(data: bytes, limit: int) -> bytes:
    """Make a picture's file a smaller JPEG if it takes more bytes than that, off the event loop; else leave it."""
    if len(data) <= limit:
        return data
    return (await asyncio.to_thread(_shrunk, Upload("picture.jpg", data, ""), limit)).data


def _shows(data: bytes) -> bool:
    """Whether Discord shows a picture as it is. What nobody can read is sent as it is too: it says so best itself."""
    if not shows_everywhere(data):
        return False
    size = size_of(data)
    return size is None or (max(size) <= MAX_SHOWN_SIDE and max(size) <= MAX_SHOWN_ASPECT * min(size))


def _limit_each(sizes: Sequence[int], file_limit: int) -> int:
    fitting = sum(min(size, file_limit) for size in sizes) <= REQUEST_BYTES
    return file_limit if fitting else min(file_limit, REQUEST_BYTES // len(sizes))


def _as_png(upload: Upload) -> Upload:
    buffer = io.BytesIO()
    picture = decode(upload.data, OWN_PICTURES)
    _on_ground(picture).save(buffer, "PNG")
    return _replaced(upload, buffer.getvalue(), ".png", picture.size)


def _on_ground(picture: Image.Image) -> Image.Image:
    """Lay a strip on a ground wide enough to be seen; leave any other picture as it is."""
    least = math.ceil(max(picture.size) / MAX_SHOWN_ASPECT)
    if min(picture.size) >= least:
        return picture
    ground = Image.new("RGB", (max(picture.width, least), max(picture.height, least)), GROUND)
    ground.paste(picture, ((ground.width - picture.width) // 2, (ground.height - picture.height) // 2))
    return ground


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
    return _replaced(upload, smaller, ".jpg", image.size)


def _replaced(upload: Upload, data: bytes, suffix: str, size: tuple[int, int]) -> Upload:
    """The same picture in another file; one that was replaced before keeps what it was at first."""
    whole = upload.whole or size_of(upload.data)
    smaller = whole is not None and max(size) < max(whole)
    name = str(PurePosixPath(upload.name).with_suffix(suffix))
    return replace(upload, name=name, data=data, whole=whole if smaller else None)
