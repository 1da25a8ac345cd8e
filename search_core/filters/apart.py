"""Whether a piece among letters that stand apart (`a n u d e scene`) is a word, or a part of a longer one."""

from __future__ import annotations

import re

from search_core.filters.forms import Token

NEARBY = 40
"""Characters beside a word among letters apart in which other words are looked for: the longest of them, and gaps."""

_GAPS = re.compile(r"[\W_]+")

_BEFORE = frozenset(("a", "an", "the", "my", "this", "some", "no", "her", "his", "draw", "show", "of"))
_PEOPLE = frozenset(("boy", "girl", "girls", "lady", "man", "men", "woman", "women"))
_AFTER = _PEOPLE | {"s", "art", "body", "model", "photo", "pic", "pics", "picture", "scene"}
"""Words around another where all their letters stand apart alike; other letters around it make a longer word of it."""


def is_apart(prompt: str, token: Token, start: int, end: int) -> bool:
    """Whether a piece among letters apart is a word: what stands before and behind it is one, or stands further off.

    `a n u d e scene`, and not `S H E L L S`: there all letters stand alike, and are one word of a title.
    """
    before, after = prompt[max(token.start, start - NEARBY) : start], prompt[end : min(token.end, end + NEARBY)]
    inside = prompt[start:end]
    gaps = set(_GAPS.findall(inside))
    return _ends_there(before, _BEFORE, gaps, before=True) and _ends_there(after, _AFTER, gaps, before=False)


def _ends_there(rest: str, known: frozenset[str], gaps: set[str], before: bool) -> bool:
    letters = "".join(character for character in rest if character.isalnum())
    found = _GAPS.findall(rest)
    gap = found[-1 if before else 0] if found else ""
    return not letters or letters.isdigit() or letters in known or len(gaps) > 1 or gap not in gaps
