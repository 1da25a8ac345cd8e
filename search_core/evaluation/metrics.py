"""The figures of retrieval and of classification, as functions of plain arrays.

Ranks count from 1, as people do. Definitions of precision, recall and average precision are those of Manning,
Raghavan and Schuetze, Introduction to Information Retrieval (2008), chapter 8.
"""

from __future__ import annotations

import numpy as np


def precision_at_k(relevant: np.ndarray, k: int) -> float:
    """Share of the first k places that hold a relevant row.

    Args:
        relevant: for each row drawn, best first, whether it is relevant; bool. An empty place counts against.
        k: places on the page.
    """
    return float(np.count_nonzero(relevant[:k])) / k


def recall_at_k(relevant: np.ndarray, k: int, total: int) -> float:
    """Share of all `total` relevant rows that stand in the first k places. See `precision_at_k`."""
    return float(np.count_nonzero(relevant[:k])) / total


def best_precision(total: int, k: int) -> float:
    """The precision at k of a perfect search: fewer than k relevant rows cannot fill the page."""
    return min(total, k) / k


def best_recall(total: int, k: int) -> float:
    """The recall at k of a perfect search: a page cannot hold more than k relevant rows."""
    return min(total, k) / total


def ranks_of(relevant: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Ranks of the relevant rows when all rows are ordered by score, equal scores by row, as the engine does.

    Args:
        relevant: whether each row is relevant, shape (rows,), bool.
        scores: each row's score, shape (rows,).

    Returns:
        Ascending ranks, counted from 1, shape (relevant rows,).
    """
    order = np.argsort(-scores, kind="stable")
    ranks: np.ndarray = np.flatnonzero(relevant[order]) + 1
    return ranks


def average_precision(ranks: np.ndarray) -> float:
    """Mean, over the relevant rows, of the precision at each one's rank.

    Args:
        ranks: ascending ranks of all relevant rows, counted from 1; not empty.
    """
    found = np.arange(1, len(ranks) + 1)
    return float((found / ranks).mean())


def rank_among(scores: np.ndarray, newcomers: np.ndarray) -> np.ndarray:
    """The rank that each newcomer's score would take among the rows; it goes before rows of an equal score.

    Args:
        scores: each row's score, shape (rows,).
        newcomers: scores of pictures that are not in the collection, shape (n,).

    Returns:
        Ranks, counted from 1, shape (n,).
    """
    ranks: np.ndarray = len(scores) - np.searchsorted(np.sort(scores), newcomers, side="right") + 1
    return ranks


def confusion(true: np.ndarray, assigned: np.ndarray, classes: int) -> np.ndarray:
    """Count rows by true class (line) and assigned class (column), shape (classes, classes), int64."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (true, assigned), 1)
    return counts


def row_normalised(counts: np.ndarray) -> np.ndarray:
    """Divide each line of a confusion matrix by its sum; a line without a row stays zero."""
    sums = counts.sum(axis=1, keepdims=True)
    shares: np.ndarray = counts / np.maximum(sums, 1)
    return shares


def accuracy(counts: np.ndarray) -> float:
    """Share of rows on the diagonal of a confusion matrix."""
    return float(np.trace(counts)) / float(counts.sum())


def balanced_accuracy(counts: np.ndarray) -> float:
    """Mean of the classes' own accuracies, so that a large class counts no more than a small one.

    Classes without a row are left out.
    """
    present = counts.sum(axis=1) > 0
    return float(np.diag(row_normalised(counts))[present].mean())
