"""Pictures embedded before, by the checksum of their bytes: a renamed or repeated file is not embedded again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np

from search_core.collection import CHECKSUM, Collection

RECENT = 65_536
"""Pictures learned last that stand in a dictionary, at some 200 bytes each, before they are sorted in."""

OPEN_SHARDS = 64
"""Shards kept open: a renamed folder is met in about the order in which it was embedded."""


class Checksums:
    """A set of SHA-256 that never changes: 32 bytes each, where a set of their digits takes 200.

    Args:
        checksums: shape (n,), dtype `CHECKSUM`, in any order.
    """

    def __init__(self, checksums: np.ndarray) -> None:
        self._sorted = np.unique(checksums)

    def __len__(self) -> int:
        return len(self._sorted)

    def __contains__(self, sha256: object) -> bool:
        return _find(self._sorted, bytes.fromhex(str(sha256))) is not None


def as_checksums(digits: Iterable[str]) -> np.ndarray:
    """Make an array of SHA-256 written in hexadecimal digits, shape (n,), dtype `CHECKSUM`."""
    return np.array([bytes.fromhex(one) for one in digits], CHECKSUM)


class KnownPictures:
    """Vectors of finished shards, by SHA-256. Holds 40 bytes for each picture; the vectors stay on disk.

    One thread learns while others ask: what they ask changes as a whole, or grows.
    """

    def __init__(self) -> None:
        self._shards: list[Path] = []
        self._starts: list[int] = [0]
        self._sorted = (np.empty(0, CHECKSUM), np.empty(0, np.int64))
        self._recent: dict[bytes, int] = {}
        self._open = lru_cache(OPEN_SHARDS)(lambda shard: Collection([shard]))

    @classmethod
    def of(cls, shards: Iterable[Path], damaged: Sequence[int] | np.ndarray = ()) -> Self:
        """Take in finished shards, in their order.

        Args:
            shards: the shards.
            damaged: rows, counted over all of them, whose vectors must not be used.
        """
        known = cls()
        known._shards = list(shards)
        found = [Collection([shard]).checksums() for shard in known._shards]
        known._starts += np.cumsum([len(one) for one in found]).tolist()
        checksums = np.concatenate([np.empty(0, CHECKSUM), *found])
        sound = np.delete(np.arange(len(checksums)), np.asarray(damaged, np.int64))
        distinct, firsts = np.unique(checksums[sound], return_index=True)
        known._sorted = (distinct, sound[firsts])
        return known

    def __len__(self) -> int:
        return len(self._sorted[0]) + len(self._recent)

    def __contains__(self, sha256: str) -> bool:
        return self._place(sha256) is not None

    def learn(self, shard: Path) -> None:
        """Take in a finished shard; of pictures that are known already the earlier place counts."""
        checksums, start = Collection([shard]).checksums(), self._starts[-1]
        self._shards.append(shard)
        self._starts.append(start + len(checksums))
        for row in np.flatnonzero(~_are_in(self._sorted[0], checksums)).tolist():
            self._recent.setdefault(checksums[row : row + 1].tobytes(), start + row)
        if len(self._recent) >= RECENT:
            self._sort_in()

    def vector(self, sha256: str) -> tuple[np.ndarray, int]:
        """The stored vector of a known picture, shape (width,), float16, and its difference hash.

        Raises:
            KeyError: if it is not known.
        """
        place = self._place(sha256)
        if place is None:
            raise KeyError(sha256)
        number = int(np.searchsorted(self._starts, place, side="right")) - 1
        collection, row = self._open(self._shards[number]), place - self._starts[number]
        return collection.vector(row), collection.difference_hash(row)

    def _place(self, sha256: str) -> int | None:
        """The number of a picture's row among all that were learned."""
        checksum = bytes.fromhex(sha256)
        recent = self._recent.get(checksum)  # asked first: what leaves it is sorted in before
        if recent is not None:
            return recent
        checksums, places = self._sorted
        found = _find(checksums, checksum)
        return None if found is None else int(places[found])

    def _sort_in(self) -> None:
        checksums = np.concatenate([self._sorted[0], np.array(list(self._recent), CHECKSUM)])
        places = np.concatenate([self._sorted[1], np.fromiter(self._recent.values(), np.int64)])
        order = np.argsort(checksums, kind="stable")
        self._sorted = (checksums[order], places[order])
        self._recent = {}


def _are_in(ascending: np.ndarray, checksums: np.ndarray) -> np.ndarray:
    """Which checksums stand in a sorted array, shape (len(checksums),), bool."""
    places = np.searchsorted(ascending, checksums)
    there = places < len(ascending)
    there[there] = ascending[places[there]] == checksums[there]
    return there


def _find(ascending: np.ndarray, checksum: bytes) -> int | None:
    """Where a checksum stands in a sorted array, if it does."""
    place = int(np.searchsorted(ascending, np.array(checksum, CHECKSUM)))
    return place if place < len(ascending) and ascending[place : place + 1].tobytes() == checksum else None
