"""`clean`: the one normalisation of prompts. The filters read its string as it is, the encoder reads it `plain`.

The steps and the characters they drop were chosen against the evasions that naive word filters let through:
full-width and mathematical letters, accents, zero-width and blank letters, markup and escapes inside words.

What a filter can tell an evasion by is left in the cleaned string, and taken out by `plain`: a capital I where an l may
be meant (`bIoody`), a capital L for an l where an I may be meant (`DlCK`), an underscore, a bar, a lone star or hash
inside a word, and signs that together look like a letter (`DRAWN`).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote

from search_core.errors import PromptError

MAX_RAW_CHARACTERS = 4_000
"""Longest prompt looked at: what one Discord message can hold, with room. CLIP reads about 300 characters."""

ESCAPE_ROUNDS = 2
"""HTML and percent escapes are undone twice: once for what a person pasted, once for an escape hidden in it."""

_SPECIAL_TOKEN = re.compile(r"<\|[^<>|]*\|>")
_MENTION = re.compile(r"<(?:@[!&]?|#|a?:\w+:|t:)\d+(?::\w)?>")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_SPOILER = re.compile(r"\|\|([^\W_]*)\|\||(?<![^\W_])\|\|(.*?)\|\|")

DRAWN: Mapping[str, str] = {
    "/\\/\\": "m", "|\\/|": "m", "\\/\\/": "w", "|\\|": "n", "/\\/": "n", "/-\\": "a", "/\\": "a", "\\/": "v",
    "|_|": "u", "(_)": "u", "|-|": "h", "|3": "b", "|)": "d", "|>": "p", "|<": "k", "|{": "k", "|2": "r",
    "()": "o", "[]": "o", "{}": "o",
}  # fmt: skip
"""Signs that together look like a letter, the longer ones first."""

_KEPT = (
    *map(re.escape, DRAWN),
    r"(?<=[^\W_])[*#](?=[^\W_])",  # a star inside a word stands for a letter more often than for markup: `cr*me`
    r"\|",
)
_MARKDOWN = re.compile(rf"({'|'.join(_KEPT)})|[*~`\\#>]")
_PAIRED = re.compile(r"\*\*+|~~+|__+")
_PERCENT_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_DROPPED_CATEGORIES = frozenset({"Mn", "Me", "Cf", "Cc", "Cn", "Co", "Cs"})
_SPACES = re.compile(r"\s+")

TRACES = "*#|\\>"
"""Signs that `plain` drops; what is around them becomes one word."""

_TRACES = re.compile(f"[{re.escape(TRACES)}]+")

_WORD = re.compile(r"[A-Za-z]+(?:(?:[^\w\s]|_)[A-Za-z]+)*")
_APART = re.compile(r"(?<![^\W_])[A-Za-z](?:[\W_]{1,3}[A-Za-z]){2,}(?![^\W_])")
"""Letters that stand alone, and may be a word."""

_SAME_SHAPE = re.compile(r"(?<=.)[IL]|^I+(?=[\W_]*[aeiouy])", re.DOTALL)
"""Capitals in a word of both cases that may be meant as the small letter of their shape. No English word begins with an
l and a consonant, so `Ill` and `Iliad` are what they are."""

_SMALL = str.maketrans("IL", "il")
_SET_ASIDE = str.maketrans("IL", "\ue000\ue001")
_BROUGHT_BACK = str.maketrans("\ue000\ue001", "IL")
"""Two characters of private use, which no legible text holds."""

_GLUED_ON = re.compile(
    r"([A-Za-z])(?=[ªº\u1d2c-\u1d6a\u2070-\u209c\u2100-\u214f\u2160-\u217f\u2460-\u24ff\u3250-\u33ff\U0001f100-\U0001f1ad]"
    r"[\W_]*(?:\s|$))"
)
"""A letter before a sign of letters (`™`, `㎏`, `🄰`) that ends its word: the sign may be none of the word's letters."""

_SHARP_S = re.compile(r"(?<![^\W\d_])[ßẞ](?=[^\W_])")
"""No German word begins with one: there it is drawn for a B."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Hangul fillers and the empty Braille cell: letters by category, blank to the eye."""


def clean(prompt: str) -> str:
    """Normalise a prompt for the filters; `plain` makes what the encoder reads of it.

    Undoes HTML and percent escapes, strips the tokenizer's special tokens, tags and markdown marks, decomposes
    (NFKD) and drops marks and invisible characters, recomposes (NFKC), folds case and white space. The result
    is a fixed point: cleaning it again changes nothing.

    Args:
        prompt: what a person typed.

    Returns:
        The cleaned prompt, never empty.

    Raises:
        PromptError: if the prompt is longer than `MAX_RAW_CHARACTERS` or nothing legible is left of it.
    """
    if len(prompt) > MAX_RAW_CHARACTERS:
        raise PromptError(f"The prompt is too long: at most {MAX_RAW_CHARACTERS} characters, please.")
    cleaned, previous = prompt, None
    while cleaned != previous:  # ends: after the first round a round only ever shortens the text
        previous, cleaned = cleaned, _round(cleaned)
    if not any(character.isalnum() for character in cleaned):
        raise PromptError("The prompt holds no words. Describe the picture that you are looking for.")
    return cleaned


def plain(cleaned: str) -> str:
    """Take out of a cleaned prompt what only tells evasions; a lone underscore stands for a space (`steam_engine`)."""
    spaced = _TRACES.sub("", cleaned.replace("_", " "))
    return _SPACES.sub(" ", small(spaced)).strip()


def small(cleaned: str) -> str:
    """Write the capitals that cleaning leaves as small letters; no place changes."""
    return cleaned.translate(_SMALL)


def _round(text: str) -> str:
    for step in (_unescape, _legible, _strip_marks, _fold):
        text = step(text)
    return _SPACES.sub(" ", text).strip()


def _unescape(text: str) -> str:
    for _ in range(ESCAPE_ROUNDS):
        text = _PERCENT_ESCAPES.sub(lambda escape: unquote(escape.group(), errors="replace"), html.unescape(text))
    return text


def _legible(text: str) -> str:
    """Letters without their marks, and nothing that cannot be seen."""
    apart = _GLUED_ON.sub(r"\1|", text)
    return "".join(map(_shown, unicodedata.normalize("NFKD", apart)))


def _shown(character: str) -> str:
    if character.isspace():  # before the category test: tab and newline are control characters
        return " "
    if character in _BLANK_LETTERS or unicodedata.category(character) in _DROPPED_CATEGORIES:
        return ""
    return character


def _strip_marks(text: str) -> str:
    text = _LINK.sub(r"\1", _MENTION.sub(_gap, _SPECIAL_TOKEN.sub(_gap, text)))
    return _MARKDOWN.sub(r"\1", _SPOILER.sub(r"\1\2", _PAIRED.sub("", _TAG.sub("", text))))


def _gap(match: re.Match[str]) -> str:
    """What is left of a token or mention: nothing inside a word, so that it does not cut it in two."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return "" if before.strip() and after.strip() else " "


def _fold(text: str) -> str:
    doubtful = _SHARP_S.sub("β", _WORD.sub(_set_aside, _APART.sub(_set_aside, text)))
    return unicodedata.normalize("NFKC", doubtful.casefold()).casefold().translate(_BROUGHT_BACK)


def _set_aside(match: re.Match[str]) -> str:
    """Keep the capitals of a word that may be meant as small letters of their shape from being folded."""
    word = match[0]
    if word.islower() or word.isupper():
        return word
    capitals, small_letters = [one for one in word if one.isupper()], {one for one in word if one.islower()}
    if small_letters == {"l"} and len(capitals) > 1 and set(capitals) - {"I", "L"}:
        word = word[0] + word[1:].lower().replace("l", "L")  # a small l among capitals, as in `DlCK`
    return _SAME_SHAPE.sub(lambda shape: shape[0].translate(_SET_ASIDE), word)
