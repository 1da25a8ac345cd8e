"""Tables of the words that rules look for, by what a token begins with, ends with, holds or is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Generic, TypeVar

from search_core.filters.repeats import Runs

HEAD = 6
"""First letters by which places worth a closer look are found; more of them find hardly fewer."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Needle(Generic[T]):
    """A pattern in one spelling, and what it stands for."""

    words: tuple[Runs, ...]
    open_start: bool
    open_end: bool
    found: T


class Table(Generic[T]):
    """Needles by the letters of their first word, and the lengths that occur."""

    def __init__(self) -> None:
        self._needles: defaultdict[str, list[Needle[T]]] = defaultdict(list)
        self._lengths: list[int] = []

    def add(self, needle: Needle[T]) -> None:
        """Add a pattern under the letters of its first word."""
        letters = needle.words[0].letters
        self._needles[letters].append(needle)
        if len(letters) not in self._lengths:
            self._lengths.append(len(letters))

    def __iter__(self) -> Iterator[Needle[T]]:
        return (needle for needles in self._needles.values() for needle in needles)

    @property
    def holds_any(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._lengths)

    def same(self, letters: str) -> list[Needle[T]]:
        """Needles whose first word has these letters."""
        return self._needles.get(letters, [])

    def beginning(self, letters: str) -> Iterator[Needle[T]]:
        """Needles that these letters begin with."""
        for length in self._lengths:
            yield from self._needles.get(letters[:length], ()) if length <= len(letters) else ()

    def ending(self, letters: str) -> Iterator[Needle[T]]:
        """Needles that these letters end with."""
        for length in self._lengths:
            yield from self._needles.get(letters[-length:], ()) if length <= len(letters) else ()

    def inside(self, letters: str) -> Iterator[tuple[Needle[T], int]]:
        """Needles that stand in these letters, each with where."""
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
