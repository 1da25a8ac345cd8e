"""The walk-through's answer as one picture: a contact sheet of nine numbered, captioned pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from search_core.errors import PictureError
from search_core.imaging import OWN_PICTURES, decode

CELL = 256
"""Pixels a picture may take each way; a sheet of nine stays under Discord's preview width."""

CAPTION_LINES = 2
_MARGIN, _LINE, _HEADING = 16, 28, 44
_FONT_SIZE, _HEADING_SIZE = 22, 26
"""Pixels. Discord shows a sheet of three rows some 350 pixels high, a little over a third: captions stay legible so."""

_INK, _PAPER, _FRAME = (32, 32, 32), (250, 249, 246), (214, 210, 202)


def contact_sheet(
    pictures: Sequence[tuple[bytes, str]], heading: str = "", columns: int = 3, first: int = 1
) -> Image.Image:
    """Lay pictures out on a sheet, numbered in reading order.

    Args:
        pictures: for each the file's bytes and its caption; one that cannot be decoded leaves a named blank.
        heading: a line above them.
        columns: pictures in a row.
        first: the number of the first.

    Returns:
        An RGB image, as high as the rows need.
    """
    rows = max(1, -(-len(pictures) // columns))
    step_x, step_y = CELL + _MARGIN, CELL + CAPTION_LINES * _LINE + _MARGIN
    top = _MARGIN + (_HEADING if heading else 0)
    sheet = Image.new("RGB", (_MARGIN + columns * step_x, top + rows * step_y), _PAPER)
    draw = ImageDraw.Draw(sheet)
    if heading:
        draw.text(
            (_MARGIN, _MARGIN), _fit(heading, sheet.width - 2 * _MARGIN, _HEADING_SIZE), _INK, _font(_HEADING_SIZE)
        )
    for i, (data, caption) in enumerate(pictures):
        corner = (_MARGIN + i % columns * step_x, top + i // columns * step_y)
        _paste(sheet, data, corner)
        _caption(draw, f"{first + i}. {caption}", (corner[0], corner[1] + CELL + 2))
    return sheet


def _paste(sheet: Image.Image, data: bytes, corner: tuple[int, int]) -> None:
    x, y = corner
    ImageDraw.Draw(sheet).rectangle((x, y, x + CELL - 1, y + CELL - 1), fill="white", outline=_FRAME)
    try:
        image = decode(data, OWN_PICTURES)
    except PictureError:
        ImageDraw.Draw(sheet).text((x + 8, y + 8), "cannot be shown", _INK, _font(_FONT_SIZE))
        return
    image.thumbnail((CELL - 2, CELL - 2), Image.Resampling.LANCZOS)
    sheet.paste(image, (x + (CELL - image.width) // 2, y + (CELL - image.height) // 2))


def _caption(draw: ImageDraw.ImageDraw, caption: str, corner: tuple[int, int]) -> None:
    for i, line in enumerate(_wrap(caption)):
        draw.text((corner[0], corner[1] + i * _LINE), line, _INK, _font(_FONT_SIZE))


def _wrap(text: str) -> list[str]:
    """Break a caption into at most `CAPTION_LINES` lines that fit below a picture."""
    lines, words = [""], text.split()
    for i, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer, _FONT_SIZE) > CELL:
            if len(lines) == CAPTION_LINES:
                lines[-1] = " ".join([lines[-1], *words[i:]])
                break
            lines.append(word)
        else:
            lines[-1] = longer
    return [_fit(line, CELL, _FONT_SIZE) for line in lines]


def _fit(text: str, width: int, size: int) -> str:
    if _width(text, size) <= width:
        return text
    while text and _width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _width(text: str, size: int) -> float:
    return _font(size).getlength(text)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype("DejaVuSans.ttf", size)  # wider than Pillow's own: Greek, Cyrillic, Hebrew
    except OSError:
        default = ImageFont.load_default(size)
        assert isinstance(default, ImageFont.FreeTypeFont)
        return default
