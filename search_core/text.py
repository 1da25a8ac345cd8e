"""`clean`: the one normalisation of prompts. Filter and encoder see the same cleaned string.

The steps and the characters they drop were chosen against the evasions that naive word filters let through:
full-width and mathematical letters, accents, zero-width and blank letters, markup and escapes inside words.
"""

from __future__ import annotations

import html
import re
import unicodedata
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
_MARKDOWN = re.compile(r"[*~`|\\#>]+|__+")
_PERCENT_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_DROPPED_CATEGORIES = frozenset({"Mn", "Me", "Cf", "Cc", "Cn", "Co", "Cs"})
_SPACES = re.compile(r"\s+")

_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Hangul fillers and the empty Braille cell: letters by category, blank to the eye."""


def clean(prompt: str) -> str:
    """Normalise a prompt for both the filters and the encoder.

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


def _round(text: str) -> str:
    for step in (_unescape, _strip_marks, _fold):
        text = step(text)
    return _SPACES.sub(" ", text).strip()


def _unescape(text: str) -> str:
    for _ in range(ESCAPE_ROUNDS):
        text = _PERCENT_ESCAPES.sub(lambda escape: unquote(escape.group(), errors="replace"), html.unescape(text))
    return text


def _strip_marks(text: str) -> str:
    text = _LINK.sub(r"\1", _MENTION.sub(_gap, _SPECIAL_TOKEN.sub(_gap, text)))
    marks_gone = _MARKDOWN.sub("", _TAG.sub("", text))
    return marks_gone.replace("_", " ")  # a lone underscore stands for a space, as in steam_engine


def _gap(match: re.Match[str]) -> str:
    """What is left of a token or mention: nothing inside a word, so that it does not cut it in two."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return "" if before.strip() and after.strip() else " "


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    legible = "".join(map(_legible, decomposed))
    return unicodedata.normalize("NFKC", legible.casefold()).casefold()


def _legible(character: str) -> str:
    if character.isspace():  # before the category test: tab and newline are control characters
        return " "
    if character in _BLANK_LETTERS or unicodedata.category(character) in _DROPPED_CATEGORIES:
        return ""
    return character
