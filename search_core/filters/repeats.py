"""Words as letters and how often each is repeated, and when a repeat counts as nothing but that.

`nuuude` is `nude`, and `god` is not in `good`: repeats count as such only where nobody spells like that, three in a
row, or a pair that words hardly hold (`uu`) or do not begin with (`nn`). A single ordinary double letter too many
(`nudde`) is a spelling of its own.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import accumulate, groupby

MIN_ENDING = 4
"""Letters of a word, with both of its last pair, from which that pair may be a repeat: not `inn`, `odd`, `egg`."""

_UNUSUAL = re.compile(r"([a-z])\1\1|([ahijkquvwxy])\2|^([b-dfghjkmnp-tv-z])\3")
"""What nobody writes but for the repeat; words begin with double vowels and with double l."""

_LAST_PAIR = re.compile(r"([a-eg-km-rt-y])\1$")
"""A pair that English words seldom end with; f, l, s and z are doubled there by rule."""

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


class Runs:
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


def matches(word: Runs, runs: Runs, open_start: bool, open_end: bool) -> bool:
    """Whether a word is a token, or stands in it where its ends are open."""
    spare = len(runs.letters) - len(word.letters)
    if spare < 0 or (spare and not (open_start or open_end)):
        return False
    places = range(spare + 1) if open_start and open_end else [spare if open_start else 0]
    return any(
        runs.letters.startswith(word.letters, place) and same_letters(word, runs, place, open_start, open_end)
        for place in places
    )


def same_letters(word: Runs, runs: Runs, place: int, open_start: bool, open_end: bool) -> bool:
    """Whether letters are repeated as often as in a word; at an open end more of them are part of the rest."""
    last = len(word.counts) - 1
    for number, count in enumerate(word.counts):
        there = runs.counts[place + number]
        is_open = (open_start and number == 0) or (open_end and number == last)
        if there != count and not (there > count and (is_open or runs.may_repeat(place + number))):
            return False
    return True
