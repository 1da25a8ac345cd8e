"""What digits, signs and groups of signs stand for in place of letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from search_core.text import DRAWN

_DISCS, _BOXES = "○●◯◎⚪⚫⭕", "█■□▪▫◻◼⬛⬜"

LEET: Mapping[str, str] = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g",
    "@": "auoie", "$": "s", "!": "il", "¡": "i", "|": "li", "+": "t", "†": "t", "‡": "t", "×": "x", "°": "o",
    "(": "c", "[": "c", "<": "c", "{": "c", "∆": "a", "∑": "e", "√": "v",
    **dict.fromkeys("*#%^" + _BOXES, "aeiou"), **dict.fromkeys(_DISCS, "oaeiu"),
}  # fmt: skip
"""What digits and signs stand for, the likeliest first. A star, a box and their like stand for any vowel."""

LETTER_LIKE = "@$"
"""Signs that make a word of digits and signs, as letters do: `@55`. What is left of prices then is no word."""

_LETTERS = {"vv": "w", "rn": "m"}
_DRAWN = re.compile("|".join((*map(re.escape, DRAWN), "vv", r"(?<![^\W_])rn(?=[aeiouy])")))
"""Beside signs, two letters that look like one; `rn` begins no English word, and inside of one it is often itself."""


_BRACKETED = re.compile(r"(?<![^\W_])(?:\([^()]{2,}\)|\[[^\[\]]{2,}\]|\{[^{}]{2,}\})")


def bracketed(cleaned: str) -> Iterator[int]:
    """Places of brackets that open where no word goes on and are closed: no letters, as in `(lit by gas)`."""
    return (match.start() for match in _BRACKETED.finditer(cleaned))


def drawn(cleaned: str) -> Iterator[tuple[int, int, str]]:
    """Where several characters look like one letter: the first of them, the one behind the last, and the letter."""
    for match in _DRAWN.finditer(cleaned):
        yield match.start(), match.end(), DRAWN.get(match[0]) or _LETTERS[match[0]]
