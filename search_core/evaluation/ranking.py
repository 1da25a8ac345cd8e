"""Scores of every row for a few queries, in memory that does not grow with queries times rows.

The stored vectors are read chunk by chunk and scored exactly, whatever the index type: average precision looks at
the whole order, of which an index returns only the head. What stands on a first page is asked of the index itself,
because that is what people get to see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

if TYPE_CHECKING:
    from search_core.index import VectorIndex

SCORES_AT_ONCE = 32_000_000
"""Scores held at once: 128 MB of float32; at a million rows those of 32 queries."""

Chunks = Callable[[], Iterable[np.ndarray]]
"""Gives, each time it is called, the stored vectors in row order, in arrays of shape (some rows, width)."""


def score_all(chunks: Chunks, queries: np.ndarray, rows: int, progress: bool = False) -> Iterator[np.ndarray]:
    """Yield, for each query in turn, its score with every row, shape (rows,), float32.

    Args:
        chunks: the vectors of the collection.
        queries: unit vectors, shape (n, width).
        rows: rows of the collection.
        progress: whether to show a bar.
    """
    block = max(1, SCORES_AT_ONCE // rows)
    passes = -(-len(queries) // block)
    with tqdm(total=passes * rows, desc="Ranking", unit=" rows", disable=not progress) as bar:
        for start in range(0, len(queries), block):
            yield from _scores(chunks, queries[start : start + block], rows, bar.update)


def _scores(chunks: Chunks, queries: np.ndarray, rows: int, tell: Callable[[int], object]) -> np.ndarray:
    scores = np.empty((len(queries), rows), np.float32)
    start = 0
    for chunk in chunks():
        scores[:, start : start + len(chunk)] = queries @ chunk.astype(np.float32).T
        start += len(chunk)
        tell(len(chunk))
    assert start == rows
    return scores


def nearest_class(chunks: Chunks, classes: np.ndarray) -> np.ndarray:
    """For each row the class whose vector is nearest, the first of equals, shape (rows,), int64."""
    return np.concatenate([np.argmax(chunk.astype(np.float32) @ classes.T, axis=1) for chunk in chunks()])


def first_page(index: VectorIndex, queries: np.ndarray, k: int) -> list[np.ndarray]:
    """The rows that the index draws for each query, best first; fewer than k where it holds or finds fewer."""
    _, rows = index.search(queries, k)
    return [found[found >= 0] for found in rows]  # -1: an approximate index found no more
