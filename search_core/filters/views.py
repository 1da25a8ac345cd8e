"""Three views of a cleaned prompt: as it stands, as it looks, and with its letters put together again.

clean      the words as they stand.
skeleton   each character as the ASCII letter or digit it can be taken for (`data/confusables.txt`).
collapsed  the skeleton, with digits and signs read as letters where a letter stands beside them (`nud3`, `$ex`, `n*de`,
           `p()rn`), single letters joined (`n u d e`, `n.u.d.e`), and punctuation inside a word dropped (`nu.de`,
           `nu_de`), also for some of its pieces (`nu-de's`); so are digits at its ends and inside it (`nud3s2`,
           `nu7de`). Letters of another script between Latin ones are punctuation, too.

Letters are joined only where they stand alone, so that `pen is` and `an ude` stay what they are. Repeated letters are
dealt with when words are compared, and phrases written as one word are looked for then (`matching`). Every token knows
which characters of the cleaned prompt it is made of.

Left out on purpose, because undoing them would make words out of innocent ones or has no end: words written backwards
or upside down; letters swapped or left out (`nued`, `nde`), with dots, dashes, an underscore or two stars in their
place (`n-de`, `n**de`; old books print `d--n` and `Lord M-n`); words inside longer ones with their letters apart (`S H
E L L S`), digits behind letters apart (`n u d e2`), one letter with digits (`p155`); words cut into syllables by spaces
(`nu de`), or with letters between theirs (`nxuxdxe`); `rn` for m inside a word (`vornit`, since there is `burn`); other
spellings (`ph` for f, z for s); one double letter of the ordinary kind too many (`nudde`); words glued to others
(`nudewoman`); a small l for an I where one capital shows (`All` for `ail`); ciphers, runes, and languages that are not
in the rules. What they mean is the second line's matter: `Concept`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from search_core.filters.forms import Alternatives, Form, Token, has_letter, token_of, token_with_leet, with_leet, words
from search_core.filters.looks import looks_of
from search_core.filters.signs import LEET, LETTER_LIKE, bracketed, drawn
from search_core.filters.spelling import cuts, is_spelled, separators
from search_core.text import TRACES, small

MIN_CUT = 3
"""Letters that are a word without the digits beside them; fewer belong to a number, as in `1st` and `4to`."""

MIN_HOLED = 4
"""Letters that are a word without the digits among them; fewer are a name or a formula, as in `c3po` and `h2o`."""

_IN_FRONT = "a0123456789"
"""An article or a figure before a word of three letters (`a s e x scene`); longer words are found behind anything."""

_DOUBLED = re.compile(r"(?<![^\W_])(?:([a-z])\1+[\W_]+){2,}([a-z])\2+(?![^\W_])")
_REPEATED = re.compile(r"([a-z])\1+")

_SIGNS = frozenset(sign for sign in LEET if not sign.isdigit())

MAX_PIECES = 3
"""Pieces between marks that are read as one word, where there are more."""

_LINKS = frozenset(("a", "an", "and", "as", "at", "by", "for", "in", "is", "it", "of", "on", "or", "the", "to", "with"))
"""Words that link others, as in `the pen-is-mighty club`: they are no piece of a part."""

_PIECE = re.compile(r"[^\W_]+")


class View(StrEnum):
    """How something was looked at when a rule matched; the first three are views of a prompt."""

    CLEAN = "clean"
    SKELETON = "skeleton"
    COLLAPSED = "collapsed"
    MEANING = "meaning"
    """By a concept's examples."""
    ROW = "row"
    """By the picture's file or its metadata."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to cut a view into tokens.

    Attributes:
        view: the view it belongs to.
        tokens: from left to right.
        whole_words: whether a token counts as a whole only, also for rules with an asterisk.
        prompt: the cleaned prompt, in small letters; tokens with their letters apart are judged by it.
    """

    view: View
    tokens: tuple[Token, ...]
    whole_words: bool = False
    prompt: str = ""


def readings(cleaned: str) -> Iterator[Reading]:
    """Look at a cleaned prompt in all views; those that add nothing to an earlier one are left out."""
    written = small(cleaned)
    clean = Reading(View.CLEAN, words([(character,) for character in written]))
    yield clean
    encoded = words([("",) if character in TRACES else (character,) for character in written])
    if (
        encoded != clean.tokens
    ):  # whatever else is undone, the words that the encoder reads (`text.plain`) are looked at
        yield Reading(View.COLLAPSED, encoded)
    looks = [looks_of(character) for character in cleaned]
    skeleton = Reading(View.SKELETON, words(looks))
    if skeleton.tokens != clean.tokens:
        yield skeleton
    if any(map(str.isdigit, cleaned)):
        yield Reading(View.COLLAPSED, (*_without_digits(looks), *_without_inner_digits(looks)), whole_words=True)
    flat = "".join(look[0] if len(look[0]) == 1 else " " for look in looks)
    if doubled := _doubled(flat):
        yield Reading(View.COLLAPSED, doubled, prompt=written)
    _read_signs(looks, written, flat)
    if parts := _parts(looks):
        yield Reading(View.COLLAPSED, parts, whole_words=True)
    seen: list[tuple[Token, ...]] = []
    for joins, whole in _WAYS_TO_CUT if "_" in written else _WAYS_TO_CUT[:3]:
        cut = words(looks, joins)
        tokens = _without_marks(cut, written) if whole else _spelled(cut, written)
        if tokens not in seen:
            seen.append(tokens)
            yield Reading(View.COLLAPSED, tokens, whole, written)


def _read_signs(looks: list[tuple[str, ...]], written: str, flat: str) -> None:
    """Say of signs what else they may be: a letter's part, a separator, the place where a contraction is cut."""
    for place in separators(written, flat):
        is_letter = written[place].isalpha() and looks[place] != (written[place],)
        looks[place] = (*looks[place], "-") if is_letter else ("-",)
    for place in bracketed(written):
        looks[place] = ("-",)
    for place in cuts(written):
        looks[place] = (" ",)
    for start, end, letter in drawn(written):
        looks[start] = (letter, *looks[start])
        looks[start + 1 : end] = [("", *rest) for rest in looks[start + 1 : end]]


def _without_digits(looks: Alternatives) -> tuple[Token, ...]:
    """Words with the digits at their ends cut off; too short a rest is part of a number, as in `2nd` and `8vo`."""
    groups = [list(group) for inside, group in groupby(range(len(looks)), lambda at: looks[at][0].isalpha()) if inside]
    return _of_places([places for places in groups if len(places) >= MIN_CUT], looks)


def _without_inner_digits(looks: Alternatives) -> tuple[Token, ...]:
    """Words with the digits between their letters left out (`nu7de`); few letters are a name, as in `c3po`."""
    groups = (list(group) for inside, group in groupby(range(len(looks)), lambda at: looks[at][0].isalnum()) if inside)
    letters = ((places, [at for at in places if looks[at][0].isalpha()]) for places in groups)
    return _of_places([left for places, left in letters if MIN_HOLED <= len(left) < len(places)], looks)


def _parts(looks: Alternatives) -> tuple[Token, ...]:
    """What is a word without the pieces or digits beside it: `nu-de` of `nu-de-woman` and `nu-de's`, `p0rn` of `p0rn2`.

    Pieces stand between marks; single letters, each a piece, are one together. A word that links others is no part.
    """
    found: dict[tuple[int, ...], None] = {}
    for spaced, group in groupby(range(len(looks)), lambda at: looks[at][0] == " "):
        pieces = [] if spaced else _pieces(list(group), looks)
        for start in range(len(pieces)):
            for end in range(start + 1, min(len(pieces), start + MAX_PIECES) + 1):
                if end - start == 1 or not any(_is_link(piece, looks) for piece in pieces[start:end]):
                    places = [place for piece in pieces[start:end] for place in piece]
                    is_part = end - start < len(pieces) and (end - start > 1 or _has_gap(places))
                    found.update(dict.fromkeys(_trimmed(places, looks, itself=is_part)))
    tokens = (token_with_leet([looks[place] for place in places], places) for places in found)
    return tuple(token for token in tokens if token is not None)


def _pieces(places: Sequence[int], looks: Alternatives) -> list[list[int]]:
    groups = [list(run) for inside, run in groupby(places, lambda at: _is_in_piece(looks[at][0])) if inside]
    pieces: list[list[int]] = []
    for alone, some in groupby(groups, lambda group: len(group) == 1):
        run = list(some)
        pieces += [[place for group in run for place in group]] if alone else run
    return pieces


def _is_in_piece(look: str) -> bool:
    return look.isalnum() or not look or look in LEET


def _is_link(piece: Sequence[int], looks: Alternatives) -> bool:
    return "".join(looks[place][0] for place in piece) in _LINKS


def _has_gap(places: Sequence[int]) -> bool:
    return places[-1] - places[0] >= len(places)


def _trimmed(places: Sequence[int], looks: Alternatives, itself: bool) -> Iterator[tuple[int, ...]]:
    """Some characters without the digits at their start, at their end and at both; themselves where they are a part."""
    digits = [looks[place][0].isdigit() for place in places]
    start = digits.index(False) if False in digits else len(places)
    end = len(places) - (digits[::-1].index(False) if False in digits else 0)
    cuts = {(0, len(places)): itself, (start, len(places)): start, (0, end): end < len(places), (start, end): True}
    for first, last in (cut for cut, wanted in cuts.items() if wanted and (itself or cut != (0, len(places)))):
        letters = sum(looks[place][0].isalpha() or looks[place][0] in LETTER_LIKE for place in places[first:last])
        if letters >= MIN_CUT:
            yield tuple(places[first:last])


def _of_places(groups: Sequence[Sequence[int]], looks: Alternatives) -> tuple[Token, ...]:
    return tuple(token_of([looks[place] for place in places], places) for places in groups)


def _doubled(flat: str) -> tuple[Token, ...]:
    """Words of letters that are each repeated and stand apart: `nn uu dd ee`."""
    found = []
    for match in _DOUBLED.finditer(flat):
        letters = list(_REPEATED.finditer(flat, match.start(), match.end()))
        form = Form("".join(letter[1] for letter in letters), tuple(letter.start() for letter in letters))
        found.append(Token(match.start(), match.end(), (form,), spelled=True))
    return tuple(found)


def _is_leet_sign(character: str) -> bool:
    return character in LEET


def _is_nothing(_: str) -> bool:
    return False


def _is_no_gap(character: str) -> bool:
    return character not in " _"


def _is_no_space(character: str) -> bool:
    return character != " "


_WAYS_TO_CUT = ((_is_leet_sign, False), (_is_nothing, False), (_is_no_gap, True), (_is_no_space, True))
"""What joins characters to a word, and whether it is one as a whole only; the last two differ in underscores."""


def _spelled(tokens: tuple[Token, ...], cleaned: str) -> tuple[Token, ...]:
    """Join what stands alone: `n u d e`, `n.u.d.3`."""
    joined: list[Token] = []
    for alone, group in groupby(tokens, _stands_alone):
        run = list(group)
        joined += [_joined(run)] if alone and len(run) > 1 and _is_word(run, cleaned) else run
    return tuple(token for token in joined if token.forms and not _is_lone_sign(token))


def _stands_alone(token: Token) -> bool:
    return bool(token.letters)


def _without_marks(tokens: tuple[Token, ...], cleaned: str) -> tuple[Token, ...]:
    """Words that are not single characters with a meaning of their own: `section a-5-5`."""
    return tuple(token for token in tokens if not _is_lone_sign(token) and _is_whole(token, cleaned))


def _is_lone_sign(token: Token) -> bool:
    return token.forms[0].text in _SIGNS


def _is_whole(token: Token, cleaned: str) -> bool:
    spans = [match.span() for match in _PIECE.finditer(cleaned, token.start, token.end)]
    return len(spans) < 2 or any(end - start > 1 for start, end in spans) or is_spelled(cleaned, spans)


def _is_word(run: Sequence[Token], cleaned: str) -> bool:
    return is_spelled(cleaned, [(token.start, token.end) for token in run])


def _joined(run: Sequence[Token]) -> Token:
    letters = [token.letters for token in run]
    ways = [with_leet(one) for one in letters] if has_letter(letters) else letters
    if len(run) == MIN_CUT + 1 and letters[0][0] in _IN_FRONT:
        ways[0] = (*ways[0], "")
    return token_of(ways, [token.start for token in run], spelled=True)
