"""Finding which of many words a token can be whose characters stand for several letters each, without writing them out.

All words stand side by side in one number, a bit for each of their letters. A character of the token moves every word
on at once that can be read so far (Shift-And, Baeza-Yates and Gonnet 1992). Nothing is left out, however many ways
there are, and each character costs a few operations on that number, whatever stands beside it. A word that came
through is traced alone, to see which characters are which letter and how often each is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from search_core.filters.forms import Form

MAX_MASKS = 4_096
"""Sets of letters whose bits are remembered; prompts hold fewer different ones."""

MAX_SKIPPED = 3
"""Different signs in a row that may be nothing. Of more of them any word could be picked."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A word to be walked along.

    Attributes:
        text: its letters.
        open_start: whether it may begin inside a token.
        open_end: whether the token may go on behind it.
    """

    text: str
    open_start: bool = False
    open_end: bool = False


class Walk:
    """Many words, made ready once.

    Args:
        sought: the words; what is found is told by their numbers.
    """

    def __init__(self, sought: Sequence[Sought]) -> None:
        places: dict[str, list[int]] = {}
        self._number: dict[int, int] = {}
        free_starts: list[int] = []
        free_ends: list[int] = []
        ends: list[int] = []
        starts: list[int] = []
        at = 0
        for number, one in enumerate(sought):
            (free_starts if one.open_start else starts).append(at)  # the bit in front of a word: nothing read yet
            for place, letter in enumerate(one.text, at + 1):
                places.setdefault(letter, []).append(place)
            at += len(one.text) + 1
            (free_ends if one.open_end else ends).append(at - 1)
            self._number[at - 1] = number
        self._letters = {letter: _bits(found) for letter, found in places.items()}
        self._starts, self._free_starts = _bits((*starts, *free_starts)), _bits(free_starts)
        self._ends, self._free_ends = _bits((*ends, *free_ends)), _bits(free_ends)
        self._mask = lru_cache(MAX_MASKS)(self._mask_of)

    def through(self, ways: Sequence[tuple[str, ...]], repeated: bool) -> Iterator[int]:
        """Yield the numbers of the words that a token may be.

        Args:
            ways: what each of its characters may stand for.
            repeated: whether letters may stand there more often than in a word.
        """
        passed = now = 0
        for now in self._steps(ways, repeated):
            passed |= now & self._free_ends
        yield from self._numbers(passed | (now & self._ends))

    def stops(self, ways: Sequence[tuple[str, ...]], repeated: bool) -> Iterator[tuple[int, int]]:
        """Yield the numbers of the words, and behind which character each may end."""
        for place, now in enumerate(self._steps(ways, repeated), 1):
            if found := now & self._ends:
                yield from ((number, place) for number in self._numbers(found))

    def _steps(self, ways: Sequence[tuple[str, ...]], repeated: bool) -> Iterator[int]:
        """What can be read up to each character; nothing more where nothing can be."""
        read, skipped, before = self._starts, [0] * MAX_SKIPPED, None
        for one in ways:
            now = read
            for bits in skipped:
                now |= bits
            if not now:
                yield 0
                return
            single, longer, may_be_nothing = self._mask(one)
            after = ((now << 1) | now if repeated else now << 1) & single
            for look in longer:
                after |= self._along(now, look, repeated)
            if not may_be_nothing:
                skipped = [0] * MAX_SKIPPED
            elif one == before:  # a sign that is repeated is skipped as a whole
                skipped[0] |= read
            else:
                skipped = [read, *skipped[:-1]]
            read, before = after | self._free_starts, one
            yield read | (skipped[0] | skipped[1] | skipped[2] if may_be_nothing else 0)

    def _along(self, now: int, look: str, repeated: bool) -> int:
        for letter in look:
            now = ((now << 1) | now if repeated else now << 1) & self._letters.get(letter, 0)
        return now

    def _mask_of(self, looks: tuple[str, ...]) -> tuple[int, tuple[str, ...], bool]:
        mask = 0
        for look in looks:
            mask |= self._letters.get(look, 0)
        return mask, tuple(look for look in looks if len(look) > 1), "" in looks

    def _numbers(self, bits: int) -> Iterator[int]:
        while bits:
            last = bits.bit_length() - 1
            yield self._number[last]
            bits ^= 1 << last


def _bits(places: Iterable[int]) -> int:
    chosen = set(places)
    size = max(chosen, default=0) // 8 + 1
    array = bytearray(size)
    for place in chosen:
        array[place // 8] |= 1 << place % 8
    return int.from_bytes(array, "little")


_Link = tuple["_Link | None", str, int]
"""A letter read, its place in the prompt, and the link before it."""


def trace(ways: Sequence[tuple[str, ...]], at: Sequence[int], word: Sought) -> Form | None:
    """Read characters as a word, its letters as often as can be; None where they cannot be it.

    Args:
        ways: what each character may stand for.
        at: their places in the prompt.
        word: the word.

    Returns:
        The letters with their places, those around the word included.
    """
    last = len(word.text)
    states: dict[int, tuple[int, _Link | None]] = {0: (0, None)}
    for one, place in zip(ways, at, strict=True):
        following: dict[int, tuple[int, _Link | None]] = {}
        for state, (length, link) in states.items():
            for look in one:
                for reached, more, new in _read(word, state, link, look, place):
                    if reached not in following or length + more > following[reached][0]:
                        following[reached] = (length + more, new)
        states = following
    return _written(states[last][1]) if last in states else None


def start_of(ways: Sequence[tuple[str, ...]], word: str) -> int:
    """Which character a word begins with that ends with the last of them, each of its letters once a character."""
    left = {len(word)}
    for place in range(len(ways) - 1, -1, -1):
        left = {
            state - len(look) for state in left for look in ways[place] if word.endswith(look, 0, state) or not look
        }
        if 0 in left:
            return place
    return 0


def _read(
    word: Sought, state: int, link: _Link | None, look: str, place: int
) -> Iterator[tuple[int, int, _Link | None]]:
    """The states that a look leads to: how much of the word is read then, how many letters of it more, and the link."""
    last, reached = len(word.text), [(state, 0, link)]
    for letter in look:
        following: list[tuple[int, int, _Link | None]] = []
        for at, more, before in reached:
            new = (before, letter, place)
            if at < last and word.text[at] == letter:
                following.append((at + 1, more + 1, new))
            if at > 0 and word.text[at - 1] == letter:
                following.append((at, more + 1, new))
            elif (at == 0 and word.open_start) or (at == last and word.open_end):
                following.append((at, more, new))
        reached = following
    yield from reached


def _written(link: _Link | None) -> Form:
    letters, places = [], []
    while link is not None:
        link, letter, place = link
        letters.append(letter)
        places.append(place)
    return Form("".join(reversed(letters)), tuple(reversed(places)))
