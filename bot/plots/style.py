"""How a plot looks: its sizes, colours and lines, and the letters that it can draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from bot.markdown import shown

WIDTH, DPI = 11.0, 100
"""1,100 pixels: Discord shows some 550 of them beside a message, and all of them in full size."""

FONT_SIZE, CAPTION_SIZE, SMALL_SIZE = 19, 17, 15
"""Points. Halved by Discord the smallest are 10 pixels high, as its own small print is; on a phone, which shows a
third, one can still tell the numbers."""

PAPER, INK, FAINT, GRID = "#F6F3EC", "#23282E", "#5B6168", "#DAD5CA"
"""Ground, words, small words and lines. Words reach 4.5 to 1 on the paper (WCAG 2.2, 1.4.3); a test computes it."""

COUNTS = "#8F8A7E"
"""The bars of how many pictures there are: 3 to 1, as figures must (WCAG 2.2, 1.4.11)."""

MAX_LABEL, MAX_COLUMN = 32, 22
"""Letters of a prompt beside its course, and of the axis' name in the title."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one course is drawn: the second differs from the first without its colour, too."""

    colour: str
    line: str
    marker: str


STYLES = (Style("#1B5E85", "-", "o"), Style("#A23B12", "--", "s"))


def drawable(text: str, limit: int = MAX_LABEL) -> str:
    """A text as far as the plot's font has its letters, on one line and not too long."""
    letters = _letters()
    return shown("".join(each if ord(each) in letters else "·" for each in shown(text, 10 * limit)), limit)


@cache
def _letters() -> Mapping[int, int]:
    """The letters that matplotlib's own font can draw; others would be boxes, and a warning each."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    charmap: Mapping[int, int] = FT2Font(findfont("DejaVu Sans")).get_charmap()
    return charmap


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted(map(_luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
