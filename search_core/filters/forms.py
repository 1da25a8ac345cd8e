"""The ways to read one word of a prompt, where its characters can stand for several letters each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, product
from math import prod

from search_core.filters.signs import LEET, LETTER_LIKE
from search_core.filters.spelling import is_mark, is_measure

MAX_FORMS = 4
"""Ways to read one token that are written out. One that can be read in more is walked along, character by character
(`walk`): no way is left out, and the work grows with its length alone."""

MAX_ALONE = 2
"""Characters of a letter that stands alone, with a sign beside it: `(n`. More are a word: `a||`."""

MAX_ALIKE = 12
"""Equal characters in a row that are looked at; a letter drawn out further is still one."""

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
        ways: where there are more ways than `forms` holds, what each character may stand for; else empty.
        at: the place of each of these characters in the cleaned prompt.
    """

    start: int
    end: int
    forms: tuple[Form, ...]
    spelled: bool = False
    ways: tuple[tuple[str, ...], ...] = ()
    at: tuple[int, ...] = ()

    @property
    def letters(self) -> tuple[str, ...]:
        """The single letters that it may be, where it is short enough to stand alone."""
        if self.end - self.start > MAX_ALONE:
            return ()
        texts = map("".join, product(*self.ways)) if self.ways else (form.text for form in self.forms)
        return tuple(dict.fromkeys(text for text in texts if len(text) == 1))


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
    tokens = (
        _as_it_stands(firsts, places)
        if all(map(sure.__getitem__, places))
        else (token_of if joins is None else token_with_leet)([alternatives[place] for place in places], places)
        for places in groups
    )
    return tuple(token for token in tokens if token is not None and token.forms)


def _as_it_stands(characters: Sequence[str], places: Sequence[int]) -> Token:
    start, end = places[0], places[-1] + 1
    choice = characters[start:end]
    return Token(start, end, (_form("".join(choice), choice, places),))


def token_with_leet(alternatives: Alternatives, places: Sequence[int]) -> Token | None:
    """Make a token of some characters, digits and signs read as letters, too; None where none of them is one.

    A lone sign waits to be joined."""
    if len(places) == 1 and alternatives[0][0] in LEET:
        return Token(places[0], places[0] + 1, (Form(alternatives[0][0], (places[0],)),))
    if not any(one[0].isalnum() or one[0] in LETTER_LIKE for one in alternatives):
        return None
    letters = _letters_of(alternatives)
    if not has_letter(alternatives) or is_measure(letters) or is_mark(letters):
        return token_of(alternatives, places)
    return token_of([with_leet(one) for one in alternatives], places)


def token_of(ways: Alternatives, places: Sequence[int], spelled: bool = False) -> Token:
    """Make a token of characters that may each stand for several; the ways are written out where they are few."""
    letters = tuple(map(_as_letters, ways))
    start, end = places[0], places[-1] + 1
    if prod(map(len, letters)) <= MAX_FORMS:
        return Token(start, end, _different(product(*letters), places), spelled)
    likeliest = (_form("".join(one[0] for one in letters), [one[0] for one in letters], places),)
    walked = [number for number in range(len(letters)) if not _says_nothing(letters, number)]
    return Token(start, end, likeliest, spelled, tuple(letters[n] for n in walked), tuple(places[n] for n in walked))


def _says_nothing(letters: Alternatives, number: int) -> bool:
    """Whether a character is no letter, or one of many alike."""
    alike = letters[number - MAX_ALIKE : number] if number >= MAX_ALIKE else ()
    return letters[number] == ("",) or (bool(alike) and all(one == letters[number] for one in alike))


def _letters_of(alternatives: Alternatives) -> str:
    return "".join(one[0] for one in alternatives if one[0].isalnum())


def has_letter(alternatives: Alternatives) -> bool:
    """Whether some character may stand for a letter."""
    return any(look[:1].isalpha() or (look and look in LETTER_LIKE) for one in alternatives for look in one)


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
