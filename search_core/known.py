"""Pictures embedded before, by the checksum of their bytes: a renamed or repeated file is not embedded again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np

from search_core.collection import Collection


class KnownPictures:
    """Vectors of finished shards, by SHA-256. Holds 32 bytes and a place for each picture; the vectors stay on disk."""

    def __init__(self) -> None:
        self._collections: list[Collection] = []
        self._place: dict[bytes, tuple[int, int]] = {}

    @classmethod
    def of(cls, shards: Iterable[Path]) -> Self:
        """Take in finished shards, in their order."""
        known = cls()
        for shard in shards:
            known.learn(shard)
        return known

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, sha256: str) -> bool:
        return bytes.fromhex(sha256) in self._place

    def learn(self, shard: Path) -> None:
        """Take in a finished shard; of pictures that are known already the earlier place counts."""
        collection = Collection([shard])
        number = len(self._collections)
        self._collections.append(collection)
        for row, sha256 in enumerate(collection.sha256s()):
            self._place.setdefault(bytes.fromhex(sha256), (number, row))

    def vector(self, sha256: str) -> tuple[np.ndarray, int]:
        """The stored vector of a known picture, shape (width,), float16, and its difference hash.

        Raises:
            KeyError: if it is not known.
        """
        number, row = self._place[bytes.fromhex(sha256)]
        collection = self._collections[number]
        return collection.vector(row), collection.difference_hash(row)
