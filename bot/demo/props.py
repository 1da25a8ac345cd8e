"""The pictures that the people of the story post."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bot.demo.chat import Shown
from search_core import SourceError

_SUFFIXES = frozenset({".png", ".jpg"})
_POSTED_SIDE = 240
_POSTED_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Posted:
    """A picture of the collection, and the smaller copy of it that somebody posts."""

    original: bytes
    copy: Shown


def posted_from(folder: Path) -> Posted:
    """Make the copy that a person would post of the middle picture of a folder: another file, smaller, saved anew.

    Raises:
        SourceError: if the folder holds no pictures.
    """
    pictures = sorted(path for path in folder.glob("*") if path.suffix in _SUFFIXES)
    if not pictures:
        raise SourceError(f"{folder} holds no pictures. Make the sample collection again (see sample/README.md).")
    path = pictures[len(pictures) // 2]
    return Posted(path.read_bytes(), Shown(_smaller(path), "A picture that is posted"))


def _smaller(path: Path) -> bytes:
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    image.thumbnail((_POSTED_SIDE, _POSTED_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_POSTED_QUALITY)
    return buffer.getvalue()
