"""Whether a finished generation may be built upon: checked before anything of it enters the next one.

A vector stands twice, beside its picture and in the index. Where the two differ, nobody can say which is damaged, and
neither may be used. The comparison reads both once, which takes seconds for a million rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from search_core.collection import Collection, unreadable_of
from search_core.describe import counted
from search_core.errors import StoreError
from search_core.generation import open_generation, shards
from search_core.index import VectorIndex
from search_core.store import Manifest

LENGTH_TOLERANCE = 1e-2
"""How far a vector's length may be from 1: half precision costs less than 0.002."""


def compare_vectors(collection: Collection, index: VectorIndex) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield rows, shard by shard, with those among them that are damaged.

    Returns:
        The rows; those with another vector in the index than beside the picture, to the bit, as both are half
        precision; those with a vector that is not of unit length.
    """
    start = 0
    for chunk in collection.vectors():
        rows = np.arange(start, start + len(chunk))
        stored = chunk.astype(np.float32)
        different = (index.vectors(rows) != stored).any(axis=1)
        unit = np.abs(np.linalg.norm(stored, axis=1) - 1.0) <= LENGTH_TOLERANCE  # false for what is no number
        yield rows, rows[different], rows[~unit]
        start += len(chunk)


def damaged_rows(generation: Path, manifest: Manifest) -> np.ndarray:
    """Find the rows whose vectors must not be used again, ascending.

    Raises:
        StoreError: if nothing of the generation may be used.
    """
    try:
        collection, index = open_generation(generation, manifest)
        collection.difference_hashes()
        for shard in shards(generation):
            unreadable_of(shard)
        found = [np.union1d(different, long) for _, different, long in compare_vectors(collection, index)]
        collection.release()
    except StoreError:
        raise
    except Exception as error:  # pyarrow and Faiss raise several kinds for damaged files
        raise StoreError(f"{generation} is damaged. Build the index again.") from error
    return np.concatenate([np.empty(0, np.int64), *found])


def check_sound(generation: Path, manifest: Manifest) -> None:
    """Refuse a generation of which something is damaged, so that no change is made on top of it.

    Raises:
        StoreError: saying what is damaged.
    """
    damaged = damaged_rows(generation, manifest)
    if len(damaged):
        rows = counted(len(damaged), "row has a damaged vector", "rows have damaged vectors")
        raise StoreError(f"{rows} in {generation}, the first is row {damaged[0]}. Build the index again.")
