"""Other people's words inside a Discord message: shown as they are, and unable to do anything.

Discord's own `escape_markdown` leaves mentions, links and invites alive. Here every punctuation mark that could
start markup, a mention, a link or an invite is escaped, and what is invisible is dropped.
"""

from __future__ import annotations

import unicodedata

_ACTIVE = frozenset("\\*_~`|>#[]()<@:/-+=.!")
_ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in _ACTIVE})

_UTF16 = "utf-16-le"

_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
"""Control, format (zero-width, direction overrides), unassigned, private use, surrogates."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol by their category, and blank all the same: a title of these would be no title."""

_MAX_MARKS = 3
"""Accents on one letter. Vietnamese needs two; a hundred of them paint over the neighbouring lines."""

_BACKTICK_LOOKALIKE = "\u02cb"
"""MODIFIER LETTER GRAVE ACCENT: inside a code span nothing can be escaped, so a backtick must not occur."""

_BAR_LOOKALIKE = "\u2223"
"""DIVIDES: two vertical bars end a spoiler even inside a code span."""


def shown(text: str, limit: int) -> str:
    """Reduce a text to what can be seen, on one line, at most `limit` characters, cut with an ellipsis."""
    visible = " ".join(_visible(text).split())
    return visible if length(visible) <= limit else cut(visible, limit - 1).rstrip() + "…"


def length(text: str) -> int:
    """Count a text's characters as Discord's limits may count them, in UTF-16: an emoji is two."""
    return len(text.encode(_UTF16)) // 2


def plain(text: str, limit: int) -> str:
    """Show a text in a message as it is: at most `limit` characters of it, before escaping."""
    return shown(text, limit).translate(_ESCAPES)


def code_span(text: str, limit: int) -> str:
    """Show a text in a code span, where mentions, links and markup are dead."""
    return f"`{shown(text, limit).replace('`', _BACKTICK_LOOKALIKE) or ' '}`"


def covered(text: str, limit: int) -> str:
    """Show a text in a code span under a spoiler. A bar inside would end the spoiler, and becomes a likeness."""
    return f"||{code_span(text.replace('|', _BAR_LOOKALIKE), limit)}||"


def cut(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters as `length` counts them, and never through an emoji."""
    return text.encode(_UTF16)[: 2 * limit].decode(_UTF16, "ignore")


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text  # as most are, and nine titles in four places each are looked at for one answer
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if character.isspace() or character in _BLANK:
            kept.append(" ")
        elif category not in _INVISIBLE and marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)
