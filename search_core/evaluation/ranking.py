"""Scores of every row for a few queries, in memory that does not grow with queries times rows.

The stored vectors are read chunk by chunk and scored exactly, whatever the index type: average precision looks at
the whole order, of which an index returns only the head. What stands on a first page is asked of the index itself,
because that is what people get to see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from search_core.index import VectorIndex

SCORES_AT_ONCE = 32_000_000
"""Scores held at once: 128 MB of float32; at a million rows those of 32 queries."""

ROWS_AT_ONCE = 4_096
"""Rows made single precision at once: 8 MB at width 512, however large the stored chunks are."""

Chunks = Callable[[], Iterable[np.ndarray]]
"""Gives, each time it is called, the stored vectors in row order, in arrays of shape (some rows, width)."""


def score_all(chunks: Chunks, queries: np.ndarray, rows: int) -> Iterator[np.ndarray]:
    """Yield, for each query in turn, its score with every row, shape (rows,), float32.

    Args:
        chunks: the vectors of the collection; gone through once for every `SCORES_AT_ONCE` scores.
        queries: unit vectors, shape (n, width).
        rows: rows of the collection.
    """
    block = max(1, SCORES_AT_ONCE // rows)
    for start in range(0, len(queries), block):
        yield from _scores(chunks, queries[start : start + block], rows)


def _scores(chunks: Chunks, queries: np.ndarray, rows: int) -> np.ndarray:
    scores = np.empty((len(queries), rows), np.float32)
    filled = 0
    for start, vectors in pieces(chunks):
        scores[:, start : start + len(vectors)] = queries @ vectors.T
        filled += len(vectors)
    assert filled == rows  # `open_generation` has checked that index and collection hold the same rows
    return scores


def nearest_class(chunks: Chunks, classes: np.ndarray) -> np.ndarray:
    """For each row the class whose vector is nearest, the first of equals, shape (rows,), int64."""
    return np.concatenate([np.argmax(vectors @ classes.T, axis=1) for _, vectors in pieces(chunks)])


def nearest_others(
    chunks: Chunks, examined: np.ndarray, queries: np.ndarray, tell: Callable[[int], object] = lambda _: None
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest other row of some rows.

    Args:
        chunks: the vectors of the collection.
        examined: rows, shape (n,).
        queries: their vectors, shape (n, width).
        tell: is told how many rows were compared with.

    Returns:
        The score and the number of each one's nearest other row, the first of equals, each of shape (n,).
    """
    best, others = np.full(len(examined), -np.inf, np.float32), np.full(len(examined), -1)
    places = np.arange(len(examined))
    for start, vectors in pieces(chunks):
        scores = queries @ vectors.T
        own = (examined >= start) & (examined < start + len(vectors))
        scores[places[own], examined[own] - start] = -np.inf
        nearest = scores.argmax(axis=1)
        better = scores[places, nearest] > best
        best[better], others[better] = scores[places, nearest][better], nearest[better] + start
        tell(len(vectors))
    return best, others


def pieces(chunks: Chunks) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the first row's number and the vectors, in single precision, of at most `ROWS_AT_ONCE` rows at a time."""
    start = 0
    for chunk in chunks():
        for i in range(0, len(chunk), ROWS_AT_ONCE):
            piece = chunk[i : i + ROWS_AT_ONCE].astype(np.float32)
            yield start, piece
            start += len(piece)


def first_page(index: VectorIndex, queries: np.ndarray, k: int) -> list[np.ndarray]:
    """The rows that the index draws for each query, best first; fewer than k where it holds or finds fewer."""
    _, rows = index.search(queries, k)
    return [found[found >= 0] for found in rows]  # -1: an approximate index found no more
