"""Rows that show nearly the same picture: found once when an index is built, folded into one hit when asked.

Two rows are near-duplicates when their difference hashes differ in at most `MAX_BITS` of 64 bits and their vectors'
cosine is at least `MIN_COSINE`. The hash finds candidates without comparing every row with every other: two hashes
that differ in at most three bits agree in at least one of four 16-bit bands (the pigeonhole principle), so only rows
that share a band are compared. Neither test alone is enough: the hash of a blank page or of a plain silhouette is
common, and cosines of distinct views of one motif are high.

The difference hash compares neighbouring pixels of a 9 x 8 greyscale thumbnail (N. Krawetz, "Kind of Like That", 2013).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from search_core.index import VectorIndex

MAX_BITS = 3
"""Re-encoding and shrinking a picture change none to three bits of its hash."""

MIN_COSINE = 0.95
_BANDS = 4
_BAND_BITS = 16

MAX_BUCKET = 200
"""Rows that may share a band and still be compared pair by pair. Larger buckets are plain pages and silhouettes; of
those only rows with equal hashes are compared, each with the first."""


def difference_hash(image: Image.Image) -> int:
    """The 64-bit difference hash of an image; bit 63 is the top left pair."""
    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.LANCZOS), dtype=np.int16)
    bits = (grey[:, 1:] > grey[:, :-1]).reshape(-1)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@dataclass(frozen=True)
class Duplicates:
    """Which rows belong together.

    Attributes:
        groups: rows of each group of near-duplicates, each of at least two rows in ascending order.
    """

    groups: tuple[tuple[int, ...], ...] = ()
    _group_of: Mapping[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        group_of = {row: number for number, rows in enumerate(self.groups) for row in rows}
        object.__setattr__(self, "_group_of", group_of)

    def group(self, row: int) -> int | None:
        """The number of a row's group, or None where it stands alone."""
        return self._group_of.get(row)

    def others(self, row: int) -> tuple[int, ...]:
        """The other rows of a row's group."""
        number = self._group_of.get(row)
        return () if number is None else tuple(other for other in self.groups[number] if other != row)


def find_duplicates(hashes: Sequence[int], index: VectorIndex) -> Duplicates:
    """Group near-duplicates.

    Args:
        hashes: the difference hash of each row.
        index: the vectors of the same rows.
    """
    pairs = _candidates(hashes)
    joined = _Forest()
    for first, second in sorted(pairs):
        if float(index.vector(first) @ index.vector(second)) >= MIN_COSINE:
            joined.join(first, second)
    return Duplicates(joined.groups())


def _candidates(hashes: Sequence[int]) -> set[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    for band in range(_BANDS):
        buckets: defaultdict[int, list[int]] = defaultdict(list)
        for row, value in enumerate(hashes):
            buckets[value >> (band * _BAND_BITS) & (1 << _BAND_BITS) - 1].append(row)
        for rows in buckets.values():
            pairs |= _close(rows, hashes) if len(rows) <= MAX_BUCKET else _equal(rows, hashes)
    return pairs


def _close(rows: list[int], hashes: Sequence[int]) -> set[tuple[int, int]]:
    return {(a, b) for a, b in combinations(rows, 2) if (hashes[a] ^ hashes[b]).bit_count() <= MAX_BITS}


def _equal(rows: list[int], hashes: Sequence[int]) -> set[tuple[int, int]]:
    first: dict[int, int] = {}
    return {(first[hashes[row]], row) for row in rows if first.setdefault(hashes[row], row) != row}


class _Forest:
    """Disjoint sets of rows, joined pair by pair."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def join(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        self._parent[max(one, other)] = min(one, other)

    def groups(self) -> tuple[tuple[int, ...], ...]:
        members: defaultdict[int, list[int]] = defaultdict(list)
        for row in sorted(self._parent):
            members[self._root(row)].append(row)
        return tuple(tuple(rows) for _, rows in sorted(members.items()))

    def _root(self, row: int) -> int:
        self._parent.setdefault(row, row)
        while self._parent[row] != row:
            row = self._parent[row] = self._parent[self._parent[row]]
        return row
