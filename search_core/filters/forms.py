"""The ways to read one word of a prompt, where its characters can stand for several letters each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby, islice, product
from math import prod

from search_core.filters.signs import LEET, LETTER_LIKE, PUNCTUATION
from search_core.filters.spelling import is_measure

MAX_FORMS = 96
"""Ways to read one token that are looked at: six characters that stand for two letters each, and some."""

ALL_CHARACTERS = 2_400
"""Characters in the ways to read the words of a prompt that can be read in several, shared evenly: what bounds the
work. Three hundred characters have eight ways each, and no word of a prompt that is longer has fewer than one."""

MAX_MIXED = 32
"""Characters up to which a token may be a word or phrase; longer ones are read in the likeliest ways only."""

MAX_LIKELIEST = 8
"""Ways to read a long token: three signs, each as its likeliest letter or as none."""

MAX_REMEMBERED = 4_096
"""Characters whose letters are remembered: more than the table of looks holds."""

Joins = Callable[[str], bool]
"""Whether a character that is no letter belongs to the token around it. Where one is given, digits are letters too."""

Alternatives = Sequence[tuple[str, ...]]
"""For each character of the prompt, what it may stand for."""


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


def words(alternatives: Alternatives, joins: Joins | None = None) -> tuple[Token, ...]:
    """Cut a prompt into its words, each with the ways to read it.

    Args:
        alternatives: what each character may stand for; an empty one belongs to the word around it and is left out.
        joins: which signs belong to words, too.
    """
    firsts = [one[0] for one in alternatives]
    inside = [first.isalnum() or not first or (joins is not None and joins(first)) for first in firsts]
    groups = [list(group) for belongs, group in groupby(range(len(firsts)), inside.__getitem__) if belongs]
    ways = alternatives if joins is None else [with_leet(one) for one in alternatives]
    sure = [len(one) == 1 and one[0].isalpha() for one in ways]
    most = share(ways, groups)
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


def share(ways: Alternatives, groups: Sequence[Sequence[int]]) -> int:
    """How many ways each word may be read in."""
    characters = sum(len(places) for places in groups if any(len(ways[place]) > 1 for place in places))
    return min(MAX_FORMS, ALL_CHARACTERS // max(1, characters) + 1)


def _token(alternatives: Alternatives, places: Sequence[int], leet: bool, most: int) -> Token | None:
    """Make a token of some characters; None where no letter or digit is among them. A lone sign waits to be joined."""
    if leet and len(places) == 1 and alternatives[0][0] in LEET:
        return Token(places[0], places[0] + 1, (Form(alternatives[0][0], (places[0],)),))
    if leet and not any(one[0].isalnum() or one[0] in LETTER_LIKE for one in alternatives):
        return None
    if not (leet and has_letter(alternatives)) or is_measure(_letters_of(alternatives)):
        return Token(places[0], places[-1] + 1, ways_to_read(alternatives, places, most))
    ways = [with_leet(one) for one in alternatives]
    forms, trimmed = ways_to_read(ways, places, most), _without_edges([one[0] for one in alternatives])
    if trimmed != slice(0, len(places)):
        forms = tuple(dict.fromkeys(ways_to_read(ways[trimmed], places[trimmed], most) + forms))
    return Token(places[0], places[-1] + 1, forms)


def _letters_of(alternatives: Alternatives) -> str:
    return "".join(one[0] for one in alternatives if one[0].isalnum())


def _without_edges(characters: Sequence[str]) -> slice:
    """Which of a token's characters are left without punctuation at its edges."""
    text = "".join(character if len(character) == 1 else "x" for character in characters)
    start = len(text) - len(text.lstrip(PUNCTUATION))
    return slice(start, max(start + 1, len(text.rstrip(PUNCTUATION))))


def has_letter(alternatives: Alternatives) -> bool:
    """Whether some character may stand for a letter."""
    return any(look[:1].isalpha() or (look and look in LETTER_LIKE) for one in alternatives for look in one)


def ways_to_read(ways: Alternatives, places: Sequence[int], most: int) -> tuple[Form, ...]:
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
def with_leet(looks: tuple[str, ...]) -> tuple[str, ...]:
    """Letters for digits and signs; a digit may be meant as one, and a sign may be punctuation."""
    if len(looks) == 1 and looks[0] not in LEET:
        return looks
    first, *others = [letter for look in looks for letter in LEET.get(look, (look,))]
    signs = [look for look in looks if not look.isalnum()]  # before other letters: long words are read in few ways
    return tuple(dict.fromkeys((first, *signs, *others, *looks)))
