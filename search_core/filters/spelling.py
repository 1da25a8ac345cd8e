"""What of a cleaned prompt is written as people write: contractions, prices, measures, lists and initials.

Nothing here is undone as an evasion. The lists are closed, and what is on none of them counts as an evasion.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

SHORT_RUN = 4
"""Single letters from which a run is a word even where it is announced as a list or a name: `figs. f, u, c, k`. Fewer
make a word by chance: `figs. a, s, s`, `by a. s. s. smith`."""

MAX_ANNOUNCEMENT = 40
"""Characters before a run in which what announces it is looked for: a long word, and some figures."""

_LETTERS_FOLLOW = re.compile(
    r"""(?<![^\W_])
    (?: figs? | figures? | pls? | plates? | nos | no(?=\.|\W+[0-9]) | numbers? | letters? | lettered | marked
      | sect | sections? | class(?:es)? | parts? | pts? | diagrams? | tabs? | tables? | groups? | types? | series
      | sets? | initials | initialled | notes? | appendix | columns? | cols? | rows? | lots? | sheets? | maps?
      | vols? | volumes?
    )
    (?:[\W_]+ (?:[0-9]+[a-z]? | [ivxlcdm]+ | and | or | to)){0,4} [\W_]* $""",
    re.VERBOSE,
)
"""A word that announces letters, and up to four figures or so between it and them."""

_NOTES_FOLLOW = re.compile(
    r"(?<![^\W_])(?:chords?|notes|keys?|flags?|angles?|triangles?|points?|sides?|arcs?|lines?)[\W_]+$"
)
"""Words that announce letters whatever stands between them: `the chord F A G`."""

_ARTICLE_AND_INITIALS = re.compile(r"a\s[a-z]\.\s?[a-z]\.?")
"""An article and two initials: `a S.S. steamer`."""

_NAME_FOLLOWS = re.compile(
    r"(?<![^\W_])(?:by|mr|mrs|miss|messrs|dr|prof|sir|lady|lord|rev|revd|capt|captain|col|gen|major|lieut|hon)[\W_]*$"
)

_SURNAME = re.compile(r"\.?\s+[^\W\d_]{2}")

_CONTRACTION = re.compile(
    r"""(?<![^\W_]) (?<![^\W_][^\w\s])
    (?: (?:i|you|he|she|it|we|they|who|that|there|what) (?=['’‘ʼ](?:ll|d|ve)(?![^\W_]))
      | (?:he|she|it|who|that|there|what|where|here|how|let) (?=['’‘ʼ]s(?![^\W_]))
      | (?:we|you|they|who|there|what) (?=['’‘ʼ]re(?![^\W_]))
      | i (?=['’‘ʼ]m(?![^\W_]))
      | o (?=['’‘ʼ](?:clock|er)(?![^\W_])) | ma (?=['’‘ʼ]am(?![^\W_])) | e (?=['’‘ʼ]en(?![^\W_]))
      | ne (?=['’‘ʼ]er(?![^\W_]))
    )
    (?!.[^\W_]+[^\w\s][^\W_])  # nothing else hangs on it
    """,
    re.VERBOSE,
)

_PRICE = re.compile(r"(?<![^\s(])[$£€](?=[0-9][0-9.,]*(?!\w))")

_MEASURE = re.compile(
    r"""[0-9]{2,}
    (?: d | s | l | lbs? | oz | cwt | pts? | qt | gal | in | ft | yds? | y | yrs? | m | mm | cm | km | mi | g | kg | h
      | hp | st | x | nd | rd | th | am | pm | ad | bc | to | vo | mo | pp? | ff? | k | v | w | deg
    )""",
    re.VERBOSE,
)

_MARK = re.compile(r"[a-z][0-9]{2,}|[0-9]{2,}[a-z]")

_NUMBERED = re.compile(r"(?<![^\W_])[a-z]{1,2}[-.] ?(?=[0-9]{2,}(?![^\W_]))")
"""Short names of things that are counted: `C-47`, `He-111`, `p. 155`."""

_SCORE = re.compile(r"a\s+[0-9][^\w\s]+[0-9]")
"""An article and two figures: `a 5-5 tie`."""

_LIST_MARK = re.compile(r"[,.;:]\s+")
_INITIALS_MARK = re.compile(r"\.\s*")

_SEPARATORS = "\u01c0\ua78c"
"""A click and a saltillo: letters by category that look like a bar and an apostrophe."""


def cuts(cleaned: str) -> Iterator[int]:
    """Places of the apostrophes of contractions, and of the marks of numbers: `he'll` and `c-47` are two words each."""
    yield from (match.end() for match in _CONTRACTION.finditer(cleaned))
    yield from (match.end() - 1 for match in _NUMBERED.finditer(cleaned))


def separators(cleaned: str, looks: Sequence[str]) -> Iterator[int]:
    """Places of what only separates: the sign of a price, and letters and digits of scripts without case that stand
    between two letters that look Latin.

    Args:
        cleaned: the prompt.
        looks: what each of its characters can be taken for.
    """
    yield from (match.start() for match in _PRICE.finditer(cleaned))
    if cleaned.isascii():
        return
    for caseless, run in groupby(range(len(cleaned)), lambda place: _is_caseless(cleaned[place])):
        places = list(run) if caseless else []
        around = (places[0] - 1, places[-1] + 1) if places else ()
        if places and all(0 <= at < len(cleaned) and _looks_latin(cleaned[at], looks[at]) for at in around):
            yield from places


def is_measure(text: str) -> bool:
    """Whether a word of digits and letters is a number with its unit: two digits or more, then up to three letters.

    One digit may be meant as a letter (`5ex`), and so may digits that begin a longer word or stand between letters.
    """
    return _MEASURE.fullmatch(text) is not None


def is_mark(text: str) -> bool:
    """Whether a word is one letter with digits, as numbers of pages, roads and sheets are: `p155`, `71t`."""
    return _MARK.fullmatch(text) is not None


def is_spelled(cleaned: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether single characters are a word with its letters apart; few may be a list, initials or figures.

    Args:
        cleaned: the prompt.
        spans: where in it each of them begins and ends.
    """
    characters = "".join(cleaned[start] for start, _ in spans)
    gaps = [cleaned[end:start] for (_, end), (start, _) in pairwise(spans)]
    is_marks = _are_marks(characters, gaps) and _is_announced(_LETTERS_FOLLOW, cleaned, spans)
    return not (
        is_marks
        or (len(spans) < SHORT_RUN and _is_announced(_NOTES_FOLLOW, cleaned, spans))
        or _ARTICLE_AND_INITIALS.fullmatch(cleaned[spans[0][0] : spans[-1][1]])
        or (_are_initials(gaps) and _is_named(cleaned, spans))
        or _SCORE.fullmatch(cleaned[spans[0][0] : spans[-1][1]])
    )


def _is_announced(by: re.Pattern[str], cleaned: str, spans: Sequence[tuple[int, int]]) -> bool:
    start = spans[0][0]
    return by.search(cleaned, max(0, start - MAX_ANNOUNCEMENT), start) is not None


def _is_named(cleaned: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a title stands before it, and a name after it."""
    return _SURNAME.match(cleaned, spans[-1][1]) is not None and _is_announced(_NAME_FOLLOWS, cleaned, spans)


def _are_initials(gaps: Sequence[str]) -> bool:
    return len(gaps) < SHORT_RUN - 1 and all(map(_INITIALS_MARK.fullmatch, gaps))


def _are_marks(characters: str, gaps: Sequence[str]) -> bool:
    """Whether few characters, but for a figure in front, are written as a list or are mostly figures."""
    marks = characters.lstrip("0123456789")
    is_list = len(marks) < len(characters) or any(map(_LIST_MARK.fullmatch, gaps))
    return len(marks) < SHORT_RUN and (is_list or 2 * sum(map(str.isdigit, marks)) > len(marks))


def _is_caseless(character: str) -> bool:
    if character.isascii():
        return False
    return character in _SEPARATORS or unicodedata.category(character) in ("Lm", "Nd", "Lo")


def _looks_latin(character: str, look: str) -> bool:
    return look.isascii() and look.isalpha() and unicodedata.category(character) in ("Ll", "Lu")
