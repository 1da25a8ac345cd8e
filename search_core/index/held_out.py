"""Questions with known answers, by which the recall of an index is measured before it is chosen.

Two kinds of question, because they lie differently among the vectors:

- Pictures: rows of the collection that no centroid was trained on, each asked for its nearest other rows. A posted
  picture resembles some of the collection's and is none of them, so a row's finding itself does not count.
- Texts, where given: their vectors lie apart from those of all pictures (the "modality gap", Liang et al. 2022), and
  their neighbours are spread over more lists.

The answers come from an exact search, block by block, so that no more than a block is ever held in single precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 10
"""Recall is measured at this depth: about one page."""

BLOCK = 16_384
"""Rows held in single precision at once: 34 MB at width 512."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Questions.

    Attributes:
        vectors: unit vectors, shape (questions, width), float32.
        own: the row that each question is itself, -1 for a text, shape (questions,).
    """

    vectors: np.ndarray
    own: np.ndarray

    @property
    def of_text(self) -> np.ndarray:
        """Which questions are texts, shape (questions,), bool."""
        return np.asarray(self.own < 0)


class Neighbours:
    """The `NEIGHBOURS` nearest other rows of each question, as far as blocks have been shown to it."""

    def __init__(self, questions: HeldOut) -> None:
        self._questions = questions
        self._scores = np.empty((len(questions.own), 0), np.float32)
        self._rows = np.empty((len(questions.own), 0), np.int64)

    def see(self, first_row: int, block: np.ndarray) -> None:
        """Take in rows from `first_row` on, shape (rows, width), float32."""
        import faiss

        k = min(NEIGHBOURS + 1, len(block))  # one more, for the question itself
        scores, rows = faiss.knn(self._questions.vectors, block, k, metric=faiss.METRIC_INNER_PRODUCT)
        rows = rows + first_row
        scores[rows == self._questions.own[:, np.newaxis]] = -np.inf
        scores, rows = np.hstack([self._scores, scores]), np.hstack([self._rows, rows])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :NEIGHBOURS]
        self._scores, self._rows = np.take_along_axis(scores, best, 1), np.take_along_axis(rows, best, 1)

    @property
    def rows(self) -> np.ndarray:
        """Shape (questions, up to `NEIGHBOURS`), best first; -1 where a collection has no further row."""
        return np.where(np.isneginf(self._scores), -1, self._rows)


def blocks(chunks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Join and cut chunks of vectors to `BLOCK` rows of float32, the last one shorter."""
    waiting: list[np.ndarray] = []
    for chunk in chunks:
        for start in range(0, len(chunk), BLOCK):
            waiting.append(chunk[start : start + BLOCK])
            if sum(map(len, waiting)) >= BLOCK:
                joined = np.concatenate(waiting)
                yield joined[:BLOCK].astype(np.float32)
                waiting = [joined[BLOCK:]]
    rest = np.concatenate(waiting) if waiting else np.empty((0, 0), np.float32)
    if len(rest):
        yield rest.astype(np.float32)


def numbered_blocks(chunks: Iterable[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """`blocks`, each with the number of its first row."""
    first_row = 0
    for block in blocks(chunks):
        yield first_row, block
        first_row += len(block)


def gather(chunks: Iterable[np.ndarray], rows: np.ndarray, width: int) -> np.ndarray:
    """Pick rows out of chunks, in the order of `rows`, shape (len(rows), width), float32."""
    order = np.argsort(rows)
    ascending = rows[order]
    picked = np.empty((len(rows), width), np.float32)
    first_row = 0
    for chunk in chunks:
        start, stop = np.searchsorted(ascending, [first_row, first_row + len(chunk)])
        picked[order[start:stop]] = chunk[ascending[start:stop] - first_row]
        first_row += len(chunk)
    return picked
