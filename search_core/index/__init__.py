"""The seam between the engine and a vector store.

How to add a store: write a class with the members of `VectorIndex` in a module of its own, give it a `kind`,
and name it in `KINDS`; `choose` decides which collections get it. The engine asks for nothing else, so a distributed
store fits behind the same seam.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from search_core.errors import ManifestMismatch
from search_core.index.choose import CHOICES, choose_index
from search_core.index.flat import FlatIndex
from search_core.index.ivf import IvfIndex
from search_core.index.mapped import METRIC

__all__ = ["CHOICES", "METRIC", "FlatIndex", "IvfIndex", "VectorIndex", "choose_index", "open_index"]

KINDS = {index.kind: index for index in (FlatIndex, IvfIndex)}


class VectorIndex(Protocol):
    """Unit vectors, searched by inner product, which is the cosine."""

    @property
    def kind(self) -> str:
        """The name that the manifest records, such as `flat-fp16`."""
        ...

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def recall(self) -> float:
        """Share of the true nearest neighbours that a search finds, as measured when it was built."""
        ...

    def __len__(self) -> int: ...

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the k nearest rows of each query.

        Args:
            queries: unit vectors, shape (n, width), float32.
            k: neighbours wanted; fewer come back where the index holds fewer.

        Returns:
            Scores, shape (n, k), float32, best first, equal scores by row; and rows, shape (n, k), int64. A shorter
            ranking is the head of a longer one, but for ties at its end. Where recall is below 1, rows that were
            missed stand behind a seam far down the ranking (`ivf`), and none is missing from a ranking of all rows.
        """
        ...

    def vector(self, row: int) -> np.ndarray:
        """The stored vector of a row, shape (width,), float32."""
        ...

    def vectors(self, rows: np.ndarray) -> np.ndarray:
        """The stored vectors of some rows, shape (len(rows), width), float32."""
        ...

    def save(self, path: Path) -> None:
        """Write it to a file that `open_index` reads."""
        ...


def open_index(kind: str, path: Path, device: str = "cpu") -> VectorIndex:
    """Open a saved index on a device, memory-mapped; the file must not change while it is open.

    Raises:
        StoreError: if the file cannot be read.
        ManifestMismatch: if the kind is unknown or the file holds something else.
    """
    if kind not in KINDS:
        raise ManifestMismatch("index_type", f"Index type {kind!r} is unknown. Build the index again.")
    return KINDS[kind].load(path, device)
