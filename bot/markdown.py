"""Other people's words inside a Discord message: shown as they are, and unable to do anything.

Discord's own `escape_markdown` leaves mentions, links and invites alive. Here every punctuation mark that could
start markup, a mention, a link or an invite is escaped, and what is invisible is dropped.
"""

from __future__ import annotations

import unicodedata

_ACTIVE = frozenset("\\*_~`|>#[]()<@:/-+=.!")
_ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in _ACTIVE})

_UTF16 = "utf-16-le"

MAX_SHORTENED = 10_000
"""Characters of a title that are looked at: its end is the end of this."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
"""Control, format (zero-width, direction overrides), unassigned, private use, surrogates."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol by their category, and blank all the same: a title of these would be no title."""

_MAX_MARKS = 3
"""Accents on one letter. Vietnamese needs two; a hundred of them paint over the neighbouring lines."""

_JOINER, _NON_JOINER = "\u200d", "\u200c"

_JOINED_SCRIPTS = frozenset({
    "ARABIC", "SYRIAC", "MANDAIC", "NKO", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA",
    "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "TIBETAN", "MYANMAR", "KHMER",
})  # fmt: skip
"""Scripts whose spelling needs joiners, by the first word of their letters' names (Unicode 16, chapters 9, 12, 13)."""

_EMOJI = ((0x2190, 0x21FF), (0x2600, 0x27BF), (0x2B00, 0x2BFF), (0x1F300, 0x1FAFF))
"""Where the emoji stand that are joined into one (Unicode's emoji-zwj-sequences), and the shades of skin."""

_EMOJI_VARIANT = "\ufe0f"

_BACKTICK_LOOKALIKE = "\u02cb"
"""MODIFIER LETTER GRAVE ACCENT: inside a code span nothing can be escaped, so a backtick must not occur."""

_BAR_LOOKALIKE = "\u2223"
"""DIVIDES: two vertical bars end a spoiler even inside a code span."""


def shown(text: str, limit: int) -> str:
    """Reduce a text to what can be seen, on one line, at most `limit` characters, cut with an ellipsis."""
    visible = " ".join(_visible(text).split())
    return visible if length(visible) <= limit else cut(visible, limit - 1).rstrip() + "…"


def shortened(text: str, limit: int) -> str:
    """Reduce a title as `shown` does, but cut it in the middle: volumes of one work differ at the end."""
    visible = shown(text, MAX_SHORTENED)
    if length(visible) <= limit:
        return visible
    tail = _end(visible, limit // 3)
    head = cut(visible, limit - length(tail) - 3).rstrip()
    return f"{head} … {tail}" if tail else shown(visible, limit)


def plain_title(text: str, limit: int) -> str:
    """Show a title in a message as it is, cut in the middle to at most `limit` characters before escaping."""
    return shortened(text, limit).translate(_ESCAPES)


def _end(text: str, limit: int) -> str:
    """The last words of a text, or of one long word its end; never half of an emoji or an accent alone."""
    last = text.encode(_UTF16)[-2 * limit :].decode(_UTF16, "ignore")
    _, blank, words = last.partition(" ")
    last = words if blank else last
    while last and (unicodedata.category(last[0]) in {"Mn", "Me", "Mc"} or last[0] in {_JOINER, _NON_JOINER}):
        last = last[1:]
    return last


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
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        if category in _INVISIBLE and not character.isspace():
            if character in {_JOINER, _NON_JOINER} and _joins(
                character, text[max(place - 2, 0) : place], text[place + 1 : place + 2]
            ):
                kept.append(character)
            continue  # and an accent behind it still belongs to the letter before
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if character.isspace() or character in _BLANK:
            kept.append(" ")
        elif marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def _joins(joiner: str, before: str, after: str) -> bool:
    """Whether a joiner is spelling: between letters of a script that needs it, or between emoji that become one."""
    left, right = before[-1:], after[:1]
    if _needs_joiners(left) and _needs_joiners(right):
        return True
    left = before[-2:-1] if left == _EMOJI_VARIANT else left
    return joiner == _JOINER and _is_emoji(left) and _is_emoji(right)


def _needs_joiners(character: str) -> bool:
    is_letter = character != "" and unicodedata.category(character)[0] in "LM"
    return is_letter and unicodedata.name(character, "").partition(" ")[0] in _JOINED_SCRIPTS


def _is_emoji(character: str) -> bool:
    return character != "" and any(first <= ord(character) <= last for first, last in _EMOJI)
