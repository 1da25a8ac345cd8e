"""Finding many patterns in a prompt at once.

The work grows with the length of the prompt and with how many different lengths the patterns have, not with their
number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from search_core.filters.apart import is_apart
from search_core.filters.forms import Form, Token
from search_core.filters.looks import skeleton_of
from search_core.filters.repeats import Runs, matches, same_letters
from search_core.filters.tables import Needle, Table
from search_core.filters.views import Reading, View
from search_core.filters.walk import Sought, Walk, start_of, trace
from search_core.filters.words import WordPattern

MIN_SPELLED = 4
"""Letters from which a word is looked for among single letters that go on (`a n u d e w o m a n`), where what is around
it is a word, too, or stands further off. Three letters come about by chance, as in a title set as `t i t l e`; they
count as a whole only."""

MAX_DRAWN_OUT = 12
"""Characters, for each letter of a word, among which it is looked for with its letters repeated, where characters stand
for several letters each: it bounds the work."""

MAX_TRACED = 32
"""Words that a token may be with letters repeated that are looked at one by one, where there are such characters."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Where something was found: a piece of the cleaned prompt."""

    what: T
    start: int
    end: int


_Read = tuple[Token, list[tuple[Form, Runs]]]
"""A token, and the ways to read it where they are written out."""


class WordIndex(Generic[T]):
    """Many patterns, made ready once.

    Args:
        patterns: each with what to report when it is found.
    """

    def __init__(self, patterns: Iterable[tuple[WordPattern, T]]) -> None:
        self._whole, self._closed = Table[T](), Table[T]()
        self._beginnings, self._endings = Table[T](), Table[T]()
        self._anywhere, self._spelled = Table[T](), Table[T]()
        self._together = Table[T]()
        for pattern, what in patterns:
            for words in dict.fromkeys((pattern.words, tuple(map(skeleton_of, pattern.words)))):
                self._add(Needle(tuple(map(Runs, words)), pattern.open_start, pattern.open_end, what), words)
            for word in dict.fromkeys((pattern.together, skeleton_of(pattern.together))):
                if word:
                    self._together.add(Needle((Runs(word),), False, False, what))

    def _add(self, needle: Needle[T], words: tuple[str, ...]) -> None:
        open_end = needle.open_end and len(words) == 1
        self._whole.add(needle)
        tables = {
            (False, False): self._closed,
            (False, True): self._beginnings,
            (True, False): self._endings,
            (True, True): self._anywhere,
        }
        tables[needle.open_start, open_end].add(needle)
        if len("".join(words)) >= MIN_SPELLED or (needle.open_start and open_end):
            self._spelled.add(Needle((Runs("".join(words)),), needle.open_start, needle.open_end, needle.found))

    def find(self, reading: Reading) -> Iterator[Found[T]]:
        """Find all patterns in a reading of a prompt, in no particular order, some perhaps twice."""
        loosen = reading.view is View.COLLAPSED
        look_together = loosen and self._together.holds_any
        tokens = [(token, [(form, Runs(form.text, loosen)) for form in token.forms]) for token in reading.tokens]
        for number, (token, forms) in enumerate(tokens):
            if token.ways:
                yield from self._in_ways(tokens[number:], reading, loosen)
                continue
            for form, runs in forms:
                yield from self._in_token(token, form, runs, reading.prompt)
                if look_together:
                    yield from self._phrases_in(token, runs)
                for needle, open_start in self._beginning_with(runs, reading.whole_words):
                    if matches(needle.words[0], runs, open_start, ends_open(needle, 0, reading.whole_words)):
                        last = _last_token(needle, tokens[number:], reading.whole_words, loosen)
                        if last is not None:
                            yield Found(needle.found, token.start, tokens[number + last][0].end)

    def _in_ways(self, tokens: list[_Read], reading: Reading, loosen: bool) -> Iterator[Found[T]]:
        """Find what begins in a token that can be read in many ways."""
        token, whole = tokens[0][0], reading.whole_words
        for needle in self._being(token, whole, loosen):
            last = _last_token(needle, tokens, whole, loosen)
            if last is not None:
                yield Found(needle.found, token.start, tokens[last][0].end)
        if token.spelled:
            for needle, start, end in self._in_spelled(token, loosen):
                if needle.open_start or needle.open_end or is_apart(reading.prompt, token, start, end):
                    yield Found(needle.found, start, end)

    def _being(self, token: Token, whole: bool, loosen: bool) -> Iterator[Needle[T]]:
        """Needles whose first word a token may be."""
        walk = self._walk_whole if whole else self._walk
        drawn_out = set(walk.through(token.ways, repeated=True))
        exactly = set(walk.through(token.ways, repeated=False)) if drawn_out else set()
        drawn_out -= exactly
        for number in sorted(exactly | set(sorted(drawn_out)[:MAX_TRACED])):
            needle = self._needles[number]
            if number < self._first_together or loosen:
                begins, ends = needle.open_start and not whole, ends_open(needle, 0, whole)
                if number in exactly or _can_be_drawn_out(token, needle.words[0], begins, ends, loosen):
                    yield needle

    def _in_spelled(self, token: Token, loosen: bool) -> Iterator[tuple[Needle[T], int, int]]:
        drawn_out = set(self._walk_spelled.stops(token.ways, repeated=True))
        exactly = set(self._walk_spelled.stops(token.ways, repeated=False)) if drawn_out else set()
        for number, stop in exactly:
            needle = self._spelled_needles[number]
            start = start_of(token.ways[:stop], needle.words[0].word)
            yield needle, token.at[start], token.at[stop - 1] + 1
        for number, stop in sorted(drawn_out - exactly)[:MAX_TRACED]:
            needle = self._spelled_needles[number]
            word, start = needle.words[0], max(0, stop - MAX_DRAWN_OUT * len(needle.words[0].word))
            form = trace(token.ways[start:stop], token.at[start:stop], Sought(word.word, open_start=True))
            runs = Runs(form.text, loosen) if form else word
            place = len(runs.letters) - len(word.letters)
            if form and same_letters(word, runs, place, open_start=True, open_end=True):
                yield needle, form.at[runs.starts[place]], form.at[-1] + 1

    @cached_property
    def _spelled_needles(self) -> list[Needle[T]]:
        return list(self._spelled)

    @cached_property
    def _needles(self) -> list[Needle[T]]:
        return [*self._whole, *self._together]

    @cached_property
    def _first_together(self) -> int:
        return len(list(self._whole))

    @cached_property
    def _walk(self) -> Walk:
        return Walk([Sought(one.words[0].word, one.open_start, ends_open(one, 0, False)) for one in self._needles])

    @cached_property
    def _walk_whole(self) -> Walk:
        return Walk([Sought(one.words[0].word) for one in self._needles])

    @cached_property
    def _walk_spelled(self) -> Walk:
        return Walk([Sought(one.words[0].word, open_start=True) for one in self._spelled_needles])

    def _phrases_in(self, token: Token, runs: Runs) -> Iterator[Found[T]]:
        """Phrases that a token is as a whole, written together: what one is only part of is another word."""
        for needle in self._together.same(runs.letters):
            if matches(needle.words[0], runs, open_start=False, open_end=False):
                yield Found(needle.found, token.start, token.end)

    def _in_token(self, token: Token, form: Form, runs: Runs, prompt: str) -> Iterator[Found[T]]:
        if token.spelled:
            for needle, place in self._spelled.inside(runs.letters):
                if same_letters(needle.words[0], runs, place, open_start=True, open_end=True):
                    last = runs.end(place + len(needle.words[0].letters) - 1) - 1
                    start, end = form.at[runs.starts[place]], form.at[last] + 1
                    if needle.open_start or needle.open_end or is_apart(prompt, token, start, end):
                        yield Found(needle.found, start, end)

    def _beginning_with(self, runs: Runs, whole_words: bool) -> Iterator[tuple[Needle[T], bool]]:
        """Needles whose first word this may be, and whether it may begin with more."""
        if whole_words:
            yield from ((needle, False) for needle in self._whole.same(runs.letters))
            return
        yield from ((needle, False) for needle in self._closed.same(runs.letters))
        yield from ((needle, False) for needle in self._beginnings.beginning(runs.letters))
        yield from ((needle, True) for needle in self._endings.ending(runs.letters))
        yield from ((needle, True) for needle, _ in self._anywhere.inside(runs.letters))


def _last_token(needle: Needle[T], tokens: list[_Read], whole: bool, loosen: bool) -> int | None:
    """Which of the tokens ends a needle whose first word is the first of them, or None."""
    last = len(needle.words) - 1
    if last >= len(tokens):
        return None
    for number, word in enumerate(needle.words[1:], 1):
        ends, (token, forms) = ends_open(needle, number, whole), tokens[number]
        if not (
            _can_be(token, word, False, ends, loosen)
            if token.ways
            else any(matches(word, runs, False, ends) for _, runs in forms)
        ):
            return None
    return last


def ends_open(needle: Needle[T], number: int, whole: bool) -> bool:
    """Whether a token may go on behind one of a needle's words."""
    return needle.open_end and number == len(needle.words) - 1 and not whole


def _can_be(token: Token, word: Runs, open_start: bool, open_end: bool, loosen: bool) -> bool:
    """Whether a token that can be read in many ways is a word in one of them."""
    exactly = Walk([Sought(word.word, open_start, open_end)]).through(token.ways, repeated=False)
    return any(True for _ in exactly) or _can_be_drawn_out(token, word, open_start, open_end, loosen)


def _can_be_drawn_out(token: Token, word: Runs, open_start: bool, open_end: bool, loosen: bool) -> bool:
    """Whether it is one with letters repeated more often."""
    if not loosen or len(token.ways) > MAX_DRAWN_OUT * len(word.word):
        return False
    form = trace(token.ways, token.at, Sought(word.word, open_start, open_end))
    return form is not None and matches(word, Runs(form.text, loosen), open_start, open_end)
