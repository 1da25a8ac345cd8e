"""How a plot looks: its sizes, colours and lines, and the letters that it can draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

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


LETTERS = "AB"
"""What a course is called whose prompt no font here can write."""

FONT = "DejaVu Sans"
"""matplotlib's own font, which is always there."""

_UNFIT = ("Last Resort", "Emoji")
"""Fonts of boxes, and of coloured bitmaps, which matplotlib cannot draw."""

_REGULAR = 400
"""The weight that each font has, if it has only one."""

_MISSING = "·"


@dataclass(frozen=True, slots=True)
class Style:
    """How one course is drawn: the second differs from the first without its colour, too.

    Attributes:
        colour, line, marker: as matplotlib calls them.
        mark: the marker as a letter.
        arrow: the marker of a point above the end of the axis.
    """

    colour: str
    line: str
    marker: str
    mark: str
    arrow: str


STYLES = (Style("#1B5E85", "-", "o", "\u25cf", "^"), Style("#A23B12", "--", "s", "\u25a0", "2"))


def drawable(text: str, limit: int = MAX_LABEL) -> str:
    """A text as far as there are fonts for its letters, on one line and not too long."""
    one_line = shown(text, 10 * limit)
    fonts = _charmaps(families(one_line))
    return shown("".join(each if _in_any(each, fonts) else _MISSING for each in one_line), limit)


def legible(text: str, limit: int = MAX_LABEL) -> bool:
    """Whether `drawable` keeps all letters of what it shows of a text."""
    return drawable(text, limit) == shown(text, limit)


def plot_name(prompt: str, number: int) -> str:
    """What a course is called in the plot: its prompt, or a letter where that cannot be written."""
    return f"“{drawable(prompt)}”" if legible(prompt) else LETTERS[number]


def width_of(line: str, size: float, weight: str = "normal") -> float:
    """How wide a line of words is drawn, in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not line.strip():
        return 0.0
    font = FontProperties(family=families(line), size=size, weight=weight)
    return float(TextPath((0, 0), line, prop=font, usetex=False).get_extents().x1) / 72


def weight_of(text: str) -> str:
    """How heavy a name is written: bold, unless it takes a font that may have no such letters."""
    return "bold" if families(text) == [FONT] else "normal"


@lru_cache(256)
def families(text: str) -> list[str]:
    """The fonts that a text takes: matplotlib's own, and those of the system that have what it lacks."""
    chosen = [FONT]
    missing = {each for each in text if not _in_any(each, _charmaps(chosen))}
    for name, path in _others() if missing else ():
        if found := {each for each in missing if ord(each) in _charmap(path)}:
            chosen.append(name)
            missing -= found
        if not missing:
            break
    return chosen


def _in_any(letter: str, charmaps: Sequence[Mapping[int, int]]) -> bool:
    return any(ord(letter) in charmap for charmap in charmaps)


def _charmaps(names: Sequence[str]) -> list[Mapping[int, int]]:
    paths = dict(_others())
    return [_charmap(paths[name]) if name in paths else _charmap(_own()) for name in names]


@cache
def _own() -> str:
    from matplotlib.font_manager import findfont

    return str(findfont(FONT))


@cache
def _others() -> tuple[tuple[str, str], ...]:
    """The other fonts of the system that can be drawn, by name, with their files."""
    from matplotlib.font_manager import fontManager

    upright = [font for font in fontManager.ttflist if font.weight == _REGULAR and font.style == "normal"]
    files = {font.name: str(font.fname) for font in upright if font.name != FONT}
    return tuple((name, files[name]) for name in sorted(files) if not any(word in name for word in _UNFIT))


@cache
def _charmap(path: str) -> Mapping[int, int]:
    """The letters that a font can draw; others would be boxes, and a warning each. Empty if it cannot be read."""
    from matplotlib.ft2font import FT2Font

    try:
        charmap: Mapping[int, int] = FT2Font(path).get_charmap()
    except (OSError, RuntimeError):
        return {}
    return charmap


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted(map(_luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
