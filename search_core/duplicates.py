"""Rows that show nearly the same picture: found once when an index is built, folded into one hit when asked.

Two rows are near-duplicates when their difference hashes differ in at most `MAX_BITS` of 64 bits and their vectors'
cosine is at least `MIN_COSINE`. The hash finds candidates without comparing every row with every other: two hashes
that differ in at most three bits agree in at least three of six bands (the pigeonhole principle), so only rows that
share three bands are compared, for each of the twenty choices of three (G. S. Manku et al., "Detecting Near-Duplicates
for Web Crawling", 2007). One band of four would do as well, but real hashes crowd: on the sample collection 0.8 % of
the rows share their most common 16 bits, which would be 8,000 of a million. Neither test alone is enough: the hash of a
blank page or of a plain silhouette is common, and cosines of distinct views of one motif are high.

The difference hash compares neighbouring pixels of a 9 x 8 greyscale thumbnail (N. Krawetz, "Kind of Like That", 2013).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from search_core.index import VectorIndex

MAX_BITS = 3
"""Re-encoding and shrinking a picture change none to three bits of its hash."""

MIN_COSINE = 0.95
_BANDS = 6
_EDGES = [64 * number // _BANDS for number in range(_BANDS + 1)]
_MASKS = [
    sum((1 << _EDGES[band + 1]) - (1 << _EDGES[band]) for band in three) for three in combinations(range(_BANDS), 3)
]
"""The bits of each choice of three bands."""

MAX_BUCKET = 200
"""Rows that may share three bands and still be compared pair by pair. Larger buckets are plain pages and silhouettes;
of those only rows with equal hashes are compared, each with the first."""

_PAIRS = 16_384
"""Pairs whose vectors are held at once: 67 MB at width 512."""


def difference_hash(image: Image.Image) -> int:
    """The 64-bit difference hash of an image; bit 63 is the top left pair."""
    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.LANCZOS), dtype=np.int16)
    bits = (grey[:, 1:] > grey[:, :-1]).reshape(-1)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


class Duplicates:
    """Which rows belong together. Holds 24 bytes for each row that has a near-duplicate, and nothing for the others.

    Args:
        groups: rows of each group of near-duplicates, each of at least two rows in ascending order.
    """

    def __init__(self, groups: Sequence[Sequence[int]] = ()) -> None:
        self._starts = np.cumsum([0, *map(len, groups)])
        self._members = np.fromiter((row for rows in groups for row in rows), np.int64, self._starts[-1])
        order = np.argsort(self._members)
        # Both end with -1, which is what is found behind the last row.
        self._rows = np.append(self._members[order], -1)
        self._numbers = np.append(np.repeat(np.arange(len(groups)), np.diff(self._starts))[order], -1)

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self._starts) - 1

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """All groups, each as it was given."""
        return tuple(map(self._group, range(len(self))))

    @property
    def rows(self) -> np.ndarray:
        """The rows of all groups, ascending."""
        return self._rows[:-1]

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """The number of each row's group, -1 where it stands alone, shape (len(rows),)."""
        places = np.searchsorted(self.rows, rows)
        return np.where(self._rows[places] == rows, self._numbers[places], -1)

    def others(self, row: int) -> tuple[int, ...]:
        """The other rows of a row's group."""
        number = int(self.numbers(np.array([row]))[0])
        return () if number < 0 else tuple(other for other in self._group(number) if other != row)

    def _group(self, number: int) -> tuple[int, ...]:
        return tuple(self._members[self._starts[number] : self._starts[number + 1]].tolist())


def find_duplicates(hashes: np.ndarray, index: VectorIndex) -> Duplicates:
    """Group near-duplicates, in some 50 bytes of memory for each row.

    Args:
        hashes: the difference hash of each row, shape (rows,), uint64.
        index: the vectors of the same rows.
    """
    joined = _Forest(len(hashes))
    for mask in _MASKS:
        for first, second in _candidates(hashes, np.uint64(mask)):
            new = joined.apart(first, second)
            for part in range(0, len(new), _PAIRS):
                one, other = first[new[part : part + _PAIRS]], second[new[part : part + _PAIRS]]
                close = np.einsum("ij,ij->i", index.vectors(one), index.vectors(other)) >= MIN_COSINE
                joined.join(one[close], other[close])
    return Duplicates(joined.groups())


def _candidates(hashes: np.ndarray, mask: np.uint64) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of rows that are equal under a mask and have close hashes, in arrays of at most as many pairs as rows."""
    keys = hashes & mask
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    sizes = np.diff(np.append(starts, len(keys)))
    crowded = np.repeat(sizes > MAX_BUCKET, sizes)
    yield _equal(order[crowded], hashes)
    yield from _close(order[~crowded], keys[~crowded], hashes)


def _close(rows: np.ndarray, keys: np.ndarray, hashes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Each row with the next one of equal key, with the next but one, and so on."""
    places, distance = np.arange(len(rows)), 1
    while len(places := places[places + distance < len(rows)]):
        places = places[keys[places] == keys[places + distance]]
        first, second = rows[places], rows[places + distance]
        close = np.bitwise_count(hashes[first] ^ hashes[second]) <= MAX_BITS
        yield first[close], second[close]
        distance += 1


def _equal(rows: np.ndarray, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row with the first one of equal hash."""
    _, firsts, numbers = np.unique(hashes[rows], return_index=True, return_inverse=True)
    first = rows[firsts][numbers]
    return first[first != rows], rows[first != rows]


class _Forest:
    """Disjoint sets of rows, joined by many pairs at once; each set is known by its first row."""

    def __init__(self, rows: int) -> None:
        self._root = np.arange(rows)

    def apart(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Which pairs are not joined yet: their places."""
        return np.flatnonzero(self._root[one] != self._root[other])

    def join(self, one: np.ndarray, other: np.ndarray) -> None:
        """Join the sets of the two rows of each pair."""
        while len(apart := self.apart(one, other)):
            roots = self._root[one[apart]], self._root[other[apart]]
            np.minimum.at(self._root, np.maximum(*roots), np.minimum(*roots))
            self._flatten()

    def groups(self) -> list[list[int]]:
        """The sets of more than one row, each in ascending order, by their first rows."""
        order = np.argsort(self._root, kind="stable")
        _, starts = np.unique(self._root[order], return_index=True)
        several = np.flatnonzero(np.diff(np.append(starts, len(order))) > 1)
        stops = np.append(starts, len(order))[1:]
        return [order[starts[number] : stops[number]].tolist() for number in several]

    def _flatten(self) -> None:
        while (self._root != (higher := self._root[self._root])).any():
            self._root = higher
