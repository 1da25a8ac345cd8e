"""Finding many patterns in a prompt at once: tables of what words begin with, end with, hold and are.

Words are compared as letters and how often each is repeated, so that `nuuude` is found as `nude` and `god` not in
`good`. Repeats count as such only where nobody spells like that: three in a row, or a pair that words hardly hold
(`uu`) or do not begin with (`nn`). A single ordinary double letter too many (`nudde`) is a spelling of its own.

The work grows with the length of the prompt and with how many different lengths the patterns have, not with their
number.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby
from typing import Generic, TypeVar

from search_core.filters.forms import Form, Token
from search_core.filters.looks import skeleton_of
from search_core.filters.views import Reading, View
from search_core.filters.walk import Sought, Walk, start_of, trace
from search_core.filters.words import WordPattern

MIN_SPELLED = 4
"""Letters from which a word is looked for among single letters that go on (`a n u d e w o m a n`), where what is around
it is a word, too, or stands further off. Three letters come
about by chance, as in a title set as `t i t l e`; they count as a whole only."""

MIN_ENDING = 4
"""Letters of a word, with both of its last pair, from which that pair may be a repeat: not `inn`, `odd`, `egg`."""

MAX_DRAWN_OUT = 12
"""Characters, for each letter of a word, among which it is looked for with its letters repeated, where characters stand
for several letters each: it bounds the work."""

MAX_TRACED = 32
"""Words that a token may be with letters repeated that are looked at one by one, where there are such characters."""

NEARBY = 40
"""Characters beside a word among letters apart in which other words are looked for: the longest of them, and gaps."""

HEAD = 6
"""First letters by which places worth a closer look are found; more of them find hardly fewer."""

_UNUSUAL = re.compile(r"([a-z])\1\1|([ahijkquvwxy])\2|^([b-dfghjkmnp-tv-z])\3")
"""What nobody writes but for the repeat; words begin with double vowels and with double l."""

_LAST_PAIR = re.compile(r"([a-eg-km-rt-y])\1$")
"""A pair that English words seldom end with; f, l, s and z are doubled there by rule."""

_GAPS = re.compile(r"[\W_]+")

_REPEATS = re.compile(r"(.)\1+", re.DOTALL)

_PAIRS = """
absentee agree allee amputee appointee assignee attendee barr bitt boo bragg brett budd burr butt capp carr cobb
coffee committee couchee crabb decree degree detainee devotee divorcee dodd donee dunn employee entree escapee evacuee
fagg farr fee fiancee filigree finn flagg flee foree free fricassee gibb glee goree grantee grigg grimm gunn hamm hatt
hogg honoree hott internee jubilee judd kerr kidd knee ladd legatee legg lessee levee licensee lott lynn mann matinee
matt melee mitt mortgagee negligee nett nominee nutt parolee parr patt payee pedigree penn pitt platt portee pott
pratt puree purr putt refugee repp returnee rosee rudd schramm scott settee soiree spree standee starr stubb sutt thee
three todd toffee toupee tree tripp trustee tubb twigg watt webb whitt wynn yankee
"""
DOUBLED_AT_THE_END = frozenset(_PAIRS.split())
"""Words and names that end with a pair although a word without it exists: Goree and `gore`, Gunn and `gun`."""

T = TypeVar("T")


class _Runs:
    """A word as runs of equal letters: how often each is repeated is counted when it is first asked for.

    Attributes:
        word: the word.
        letters: one letter a run.
    """

    def __init__(self, word: str, loosen: bool = False) -> None:
        self.word, self._loosen = word, loosen
        self.letters = _REPEATS.sub(r"\1", word)

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How often each letter is repeated."""
        return tuple(len(list(run)) for _, run in groupby(self.word))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where in the word each run begins."""
        return tuple(accumulate(self.counts[:-1], initial=0))

    @cached_property
    def loose(self) -> bool:
        """Whether repeats may be more than a rule's word has."""
        return self._loosen and _UNUSUAL.search(self.word) is not None

    @cached_property
    def loose_end(self) -> bool:
        """Whether the last letter may be one more than a rule's word has."""
        is_pair = len(self.word) >= MIN_ENDING and _LAST_PAIR.search(self.word) is not None
        return self._loosen and is_pair and self.word not in DOUBLED_AT_THE_END

    def end(self, run: int) -> int:
        """Where in the word a run ends."""
        return self.starts[run] + self.counts[run]

    def may_repeat(self, run: int) -> bool:
        """Whether a run may be longer than in a rule's word."""
        return (self.loose and self.letters[run].isalpha()) or (self.loose_end and run == len(self.letters) - 1)


@dataclass(frozen=True, slots=True)
class _Needle(Generic[T]):
    """A pattern in one spelling, and what it stands for."""

    words: tuple[_Runs, ...]
    open_start: bool
    open_end: bool
    found: T


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Where something was found: a piece of the cleaned prompt."""

    what: T
    start: int
    end: int


class _Table(Generic[T]):
    """Needles by the letters of their first word, and the lengths that occur."""

    def __init__(self) -> None:
        self._needles: defaultdict[str, list[_Needle[T]]] = defaultdict(list)
        self._lengths: list[int] = []

    def add(self, needle: _Needle[T]) -> None:
        letters = needle.words[0].letters
        self._needles[letters].append(needle)
        if len(letters) not in self._lengths:
            self._lengths.append(len(letters))

    def __iter__(self) -> Iterator[_Needle[T]]:
        return (needle for needles in self._needles.values() for needle in needles)

    @property
    def holds_any(self) -> bool:
        return bool(self._lengths)

    def same(self, letters: str) -> list[_Needle[T]]:
        return self._needles.get(letters, [])

    def beginning(self, letters: str) -> Iterator[_Needle[T]]:
        for length in self._lengths:
            yield from self._needles.get(letters[:length], ()) if length <= len(letters) else ()

    def ending(self, letters: str) -> Iterator[_Needle[T]]:
        for length in self._lengths:
            yield from self._needles.get(letters[-length:], ()) if length <= len(letters) else ()

    def inside(self, letters: str) -> Iterator[tuple[_Needle[T], int]]:
        for place in (match.start() for match in self._places.finditer(letters)):
            for length in self._lengths:
                for needle in self._needles.get(letters[place : place + length], ()):
                    if place + length <= len(letters):
                        yield needle, place

    @cached_property
    def _places(self) -> re.Pattern[str]:
        """Finds where a needle may begin, by its first letters."""
        return re.compile(f"(?={_any_of(sorted({letters[:HEAD] for letters in self._needles}))})")


def _any_of(heads: list[str]) -> str:
    """An expression for the shortest of some sorted beginnings; one that never matches where there are none."""
    if not heads:
        return "(?!)"
    if not heads[0]:
        return ""
    groups = groupby(heads, lambda head: head[0])
    return f"(?:{'|'.join(re.escape(first) + _any_of([head[1:] for head in group]) for first, group in groups)})"


_Read = tuple[Token, list[tuple[Form, _Runs]]]
"""A token, and the ways to read it where they are written out."""


_BEFORE = frozenset(("a", "an", "the", "my", "this", "some", "no", "her", "his", "draw", "show", "of"))
_AFTER = frozenset(
    (
        "s",
        "art",
        "body",
        "boy",
        "girl",
        "girls",
        "lady",
        "man",
        "men",
        "model",
        "photo",
        "pic",
        "pics",
        "picture",
        "scene",
        "woman",
        "women",
    )
)
"""Words around another where all their letters stand apart alike; other letters around it make a longer word of it."""


def _is_apart(prompt: str, token: Token, start: int, end: int) -> bool:
    """Whether a piece among letters apart is a word: what stands before and behind it is one, or stands further off.

    `a n u d e scene`, and not `S H E L L S`: there all letters stand alike, and are one word of a title.
    """
    before, after = prompt[max(token.start, start - NEARBY) : start], prompt[end : min(token.end, end + NEARBY)]
    inside = prompt[start:end]
    gaps = set(_GAPS.findall(inside))
    return _ends_there(before, _BEFORE, gaps, before=True) and _ends_there(after, _AFTER, gaps, before=False)


def _ends_there(rest: str, known: frozenset[str], gaps: set[str], before: bool) -> bool:
    letters = "".join(character for character in rest if character.isalnum())
    found = _GAPS.findall(rest)
    gap = found[-1 if before else 0] if found else ""
    return not letters or letters.isdigit() or letters in known or len(gaps) > 1 or gap not in gaps


class WordIndex(Generic[T]):
    """Many patterns, made ready once.

    Args:
        patterns: each with what to report when it is found.
    """

    def __init__(self, patterns: Iterable[tuple[WordPattern, T]]) -> None:
        self._whole, self._closed = _Table[T](), _Table[T]()
        self._beginnings, self._endings = _Table[T](), _Table[T]()
        self._anywhere, self._spelled = _Table[T](), _Table[T]()
        self._together = _Table[T]()
        for pattern, what in patterns:
            for words in dict.fromkeys((pattern.words, tuple(map(skeleton_of, pattern.words)))):
                self._add(_Needle(tuple(map(_Runs, words)), pattern.open_start, pattern.open_end, what), words)
            for word in dict.fromkeys((pattern.together, skeleton_of(pattern.together))):
                if word:
                    self._together.add(_Needle((_Runs(word),), False, False, what))

    def _add(self, needle: _Needle[T], words: tuple[str, ...]) -> None:
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
            self._spelled.add(_Needle((_Runs("".join(words)),), needle.open_start, needle.open_end, needle.found))

    def find(self, reading: Reading) -> Iterator[Found[T]]:
        """Find all patterns in a reading of a prompt, in no particular order, some perhaps twice."""
        loosen = reading.view is View.COLLAPSED
        look_together = loosen and self._together.holds_any
        tokens = [(token, [(form, _Runs(form.text, loosen)) for form in token.forms]) for token in reading.tokens]
        for number, (token, forms) in enumerate(tokens):
            if token.ways:
                yield from self._in_ways(tokens[number:], reading, loosen)
                continue
            for form, runs in forms:
                yield from self._in_token(token, form, runs, reading.prompt)
                if look_together:
                    yield from self._phrases_in(token, runs)
                for needle, open_start in self._beginning_with(runs, reading.whole_words):
                    if _matches(needle.words[0], runs, open_start, _ends_open(needle, 0, reading.whole_words)):
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
                if needle.open_start or needle.open_end or _is_apart(reading.prompt, token, start, end):
                    yield Found(needle.found, start, end)

    def _being(self, token: Token, whole: bool, loosen: bool) -> Iterator[_Needle[T]]:
        """Needles whose first word a token may be."""
        walk = self._walk_whole if whole else self._walk
        drawn_out = set(walk.through(token.ways, repeated=True))
        exactly = set(walk.through(token.ways, repeated=False)) if drawn_out else set()
        drawn_out -= exactly
        for number in sorted(exactly | set(sorted(drawn_out)[:MAX_TRACED])):
            needle = self._needles[number]
            if number < self._first_together or loosen:
                begins, ends = needle.open_start and not whole, _ends_open(needle, 0, whole)
                if number in exactly or _can_be_drawn_out(token, needle.words[0], begins, ends, loosen):
                    yield needle

    def _in_spelled(self, token: Token, loosen: bool) -> Iterator[tuple[_Needle[T], int, int]]:
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
            runs = _Runs(form.text, loosen) if form else word
            place = len(runs.letters) - len(word.letters)
            if form and _same(word, runs, place, open_start=True, open_end=True):
                yield needle, form.at[runs.starts[place]], form.at[-1] + 1

    @cached_property
    def _spelled_needles(self) -> list[_Needle[T]]:
        return list(self._spelled)

    @cached_property
    def _needles(self) -> list[_Needle[T]]:
        return [*self._whole, *self._together]

    @cached_property
    def _first_together(self) -> int:
        return len(list(self._whole))

    @cached_property
    def _walk(self) -> Walk:
        return Walk([Sought(one.words[0].word, one.open_start, _ends_open(one, 0, False)) for one in self._needles])

    @cached_property
    def _walk_whole(self) -> Walk:
        return Walk([Sought(one.words[0].word) for one in self._needles])

    @cached_property
    def _walk_spelled(self) -> Walk:
        return Walk([Sought(one.words[0].word, open_start=True) for one in self._spelled_needles])

    def _phrases_in(self, token: Token, runs: _Runs) -> Iterator[Found[T]]:
        """Phrases that a token is as a whole, written together: what one is only part of is another word."""
        for needle in self._together.same(runs.letters):
            if _matches(needle.words[0], runs, open_start=False, open_end=False):
                yield Found(needle.found, token.start, token.end)

    def _in_token(self, token: Token, form: Form, runs: _Runs, prompt: str) -> Iterator[Found[T]]:
        if token.spelled:
            for needle, place in self._spelled.inside(runs.letters):
                if _same(needle.words[0], runs, place, open_start=True, open_end=True):
                    last = runs.end(place + len(needle.words[0].letters) - 1) - 1
                    start, end = form.at[runs.starts[place]], form.at[last] + 1
                    if needle.open_start or needle.open_end or _is_apart(prompt, token, start, end):
                        yield Found(needle.found, start, end)

    def _beginning_with(self, runs: _Runs, whole_words: bool) -> Iterator[tuple[_Needle[T], bool]]:
        """Needles whose first word this may be, and whether it may begin with more."""
        if whole_words:
            yield from ((needle, False) for needle in self._whole.same(runs.letters))
            return
        yield from ((needle, False) for needle in self._closed.same(runs.letters))
        yield from ((needle, False) for needle in self._beginnings.beginning(runs.letters))
        yield from ((needle, True) for needle in self._endings.ending(runs.letters))
        yield from ((needle, True) for needle, _ in self._anywhere.inside(runs.letters))


def _last_token(needle: _Needle[T], tokens: list[_Read], whole: bool, loosen: bool) -> int | None:
    """Which of the tokens ends a needle whose first word is the first of them, or None."""
    last = len(needle.words) - 1
    if last >= len(tokens):
        return None
    for number, word in enumerate(needle.words[1:], 1):
        ends, (token, forms) = _ends_open(needle, number, whole), tokens[number]
        if not (
            _can_be(token, word, False, ends, loosen)
            if token.ways
            else any(_matches(word, runs, False, ends) for _, runs in forms)
        ):
            return None
    return last


def _ends_open(needle: _Needle[T], number: int, whole: bool) -> bool:
    """Whether a token may go on behind one of a needle's words."""
    return needle.open_end and number == len(needle.words) - 1 and not whole


def _can_be(token: Token, word: _Runs, open_start: bool, open_end: bool, loosen: bool) -> bool:
    """Whether a token that can be read in many ways is a word in one of them."""
    exactly = Walk([Sought(word.word, open_start, open_end)]).through(token.ways, repeated=False)
    return any(True for _ in exactly) or _can_be_drawn_out(token, word, open_start, open_end, loosen)


def _can_be_drawn_out(token: Token, word: _Runs, open_start: bool, open_end: bool, loosen: bool) -> bool:
    """Whether it is one with letters repeated more often."""
    if not loosen or len(token.ways) > MAX_DRAWN_OUT * len(word.word):
        return False
    form = trace(token.ways, token.at, Sought(word.word, open_start, open_end))
    return form is not None and _matches(word, _Runs(form.text, loosen), open_start, open_end)


def _matches(word: _Runs, runs: _Runs, open_start: bool, open_end: bool) -> bool:
    """Whether a word is a token, or stands in it where its ends are open."""
    spare = len(runs.letters) - len(word.letters)
    if spare < 0 or (spare and not (open_start or open_end)):
        return False
    places = range(spare + 1) if open_start and open_end else [spare if open_start else 0]
    return any(
        runs.letters.startswith(word.letters, place) and _same(word, runs, place, open_start, open_end)
        for place in places
    )


def _same(word: _Runs, runs: _Runs, place: int, open_start: bool, open_end: bool) -> bool:
    """Whether letters are repeated as often as in a word; at an open end more of them are part of the rest."""
    last = len(word.counts) - 1
    for number, count in enumerate(word.counts):
        there = runs.counts[place + number]
        is_open = (open_start and number == 0) or (open_end and number == last)
        if there != count and not (there > count and (is_open or runs.may_repeat(place + number))):
            return False
    return True
