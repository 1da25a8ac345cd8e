"""Pictures in a terminal that can show them: kitty's or iTerm2's protocol, else half blocks in 24-bit colour.

https://sw.kovidgoyal.net/kitty/graphics-protocol and https://iterm2.com/documentation-images.html
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from enum import Enum

from PIL import Image

WIDTH = 32
"""Columns that a picture takes."""

_PIXELS = 384
"""Longest side that is sent: sharp at `WIDTH` columns, and small enough for a slow connection."""

_KITTY_CHUNK = 4096
"""Base64 characters in one of kitty's escape sequences, by its documentation."""


class Graphics(Enum):
    """What a terminal understands."""

    KITTY = "kitty"
    ITERM2 = "iTerm2"
    BLOCKS = "half blocks"


def detect(environment: Mapping[str, str]) -> Graphics | None:
    """What the terminal understands, by the variables that it sets; None if it is not known to show pictures."""
    terminal, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    nested = "TMUX" in environment or terminal.startswith(("screen", "tmux"))  # they do not hand pictures through
    if not nested and ("KITTY_WINDOW_ID" in environment or "kitty" in terminal or program == "ghostty"):
        return Graphics.KITTY
    if not nested and program in ("iTerm.app", "WezTerm", "mintty"):
        return Graphics.ITERM2
    return Graphics.BLOCKS if environment.get("COLORTERM") in ("truecolor", "24bit") else None


def picture_text(image: Image.Image, graphics: Graphics) -> str:
    """The characters that show a picture, without a line break at the end.

    The picture is encoded anew: a file's own bytes never reach the terminal.
    """
    shown = image.convert("RGB")
    if graphics is Graphics.BLOCKS:
        return _blocks(shown)
    shown.thumbnail((_PIXELS, _PIXELS))
    buffer = io.BytesIO()
    shown.save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    if graphics is Graphics.ITERM2:
        size = len(buffer.getvalue())
        return f"\x1b]1337;File=inline=1;size={size};width={WIDTH};preserveAspectRatio=1:{data}\a"
    chunks = [data[start : start + _KITTY_CHUNK] for start in range(0, len(data), _KITTY_CHUNK)]
    heads = [f"f=100,a=T,c={WIDTH},", *[""] * (len(chunks) - 1)]
    more = [1] * (len(chunks) - 1) + [0]
    return "".join(f"\x1b_G{head}m={m};{chunk}\x1b\\" for head, m, chunk in zip(heads, more, chunks, strict=True))


def _blocks(image: Image.Image) -> str:
    """Two pixels a character: the upper half in the text's colour, the lower in the background's."""
    lines = max(1, round(image.height * WIDTH / image.width / 2))
    small = image.resize((WIDTH, 2 * min(lines, WIDTH)), Image.Resampling.LANCZOS)
    pixels = small.load()
    assert pixels is not None
    text = []
    for y in range(0, small.height, 2):
        cells = (_cell(pixels[x, y], pixels[x, y + 1]) for x in range(WIDTH))
        text.append("".join(cells) + "\x1b[0m")
    return "\n".join(text)


def _cell(upper: object, lower: object) -> str:
    assert isinstance(upper, tuple)
    assert isinstance(lower, tuple)
    return "\x1b[38;2;{};{};{};48;2;{};{};{}m▀".format(*upper, *lower)
