"""What of a cleaned prompt is written as people write: elisions, prices, measures, lists and initials.

Nothing here is undone as an evasion. Each rule is of the form alone; no list of words is behind it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

SHORT_RUN = 4
"""Single letters from which a run is a word even where it is written as a list or as initials: `f. u. c. k.`. Fewer
make a word by chance: `figs. a, s, s`, `a. s. s. smith`, `a 5-5 tie`."""

_ELIDED = re.compile(
    r"""(?<![^\W_])
    (?: (?:i|you|he|she|it|we|they|who|that|there) (?=['’‘ʼ](?:ll|d|ve)(?![^\W_]))  # he'll
      | (?:we|you|they) (?=['’‘ʼ]re(?![^\W_]))
      | i (?=['’‘ʼ]m(?![^\W_]))
      | [^\W_]+ (?=['’‘ʼ]s(?![^\W_]))  # it's, the ship's
      | (?:[dlo] | (?:jus|lors|puis)?qu | (?:[dn]e|a|da|su|que|be)ll | un) (?=['’‘ʼ][^\W_]{2})  # l'homme, dell'arte
    )""",
    re.VERBOSE,
)

_PRICE = re.compile(r"(?<![^\s(])[$£€](?=[0-9][0-9.,]*(?!\w))")

_MEASURE = re.compile(r"[0-9]{2,}[^\W\d_]{1,3}")

_LIST_MARK = re.compile(r"[,.;:]\s+")

_SEPARATORS = "\u01c0\ua78c"
"""A click and a saltillo: letters by category that look like a bar and an apostrophe."""


def cuts(cleaned: str) -> Iterator[int]:
    """Places of apostrophes that stand for something left out: they part words, and spell none."""
    return (match.end() for match in _ELIDED.finditer(cleaned))


def separators(cleaned: str, looks: Sequence[str]) -> Iterator[int]:
    """Places of what only separates: the sign of a price, and a letter or digit of a script without case that stands
    between two letters that look Latin.

    Args:
        cleaned: the prompt.
        looks: what each of its characters can be taken for.
    """
    yield from (match.start() for match in _PRICE.finditer(cleaned))
    for place in range(1, len(cleaned) - 1):
        around = (place - 1, place + 1)
        if _is_caseless(cleaned[place]) and all(_looks_latin(cleaned[at], looks[at]) for at in around):
            yield place


def is_measure(text: str) -> bool:
    """Whether a word of digits and letters is a number with its unit: two digits or more, then up to three letters.

    One digit may be meant as a letter (`5ex`), and so may digits that begin a longer word or stand between letters.
    """
    return _MEASURE.fullmatch(text) is not None


def is_spelled(characters: Sequence[str], gaps: Sequence[str]) -> bool:
    """Whether single characters are a word with its letters apart; short ones may be a list, initials or figures."""
    if len(characters) >= SHORT_RUN:
        return True
    is_list = any(_LIST_MARK.fullmatch(gap) for gap in gaps)
    return not is_list and 2 * sum(map(str.isdigit, characters)) <= len(characters)


def _is_caseless(character: str) -> bool:
    if character.isascii():
        return False
    return character in _SEPARATORS or unicodedata.category(character) in ("Lm", "Nd", "Lo")


def _looks_latin(character: str, look: str) -> bool:
    return look.isascii() and look.isalpha() and unicodedata.category(character) in ("Ll", "Lu")
