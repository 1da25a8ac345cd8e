"""Down the ranked rows until the page is full: conditions, filters and near-duplicates are dealt with here.

Filters are enforced on results after the search, so that CPU and GPU give the same answer, and every place that
falls empty is filled by the next nearest row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from search_core.duplicates import Duplicates

if TYPE_CHECKING:
    from search_core.index import VectorIndex

SPARE = 8
"""Rows looked at beyond the page. The first of them tells that no tie was cut; the others stand in for near-duplicates
and hidden rows. To look once more costs as much as the first look."""

REFILL_FACTOR = 4
"""How much deeper to look each time a page comes back short."""

SCORED_DIRECTLY = 20_000
"""Rows up to which those that fulfil a condition are scored one by one, in some 10 ms at width 512; looking for them
down the ranking could mean ranking the whole collection for one rare value."""

JUDGED_TOGETHER = 1_024
"""Rows that the filters look at in one go: few where the page is full soon, and still cheap a row."""

MAX_HIDDEN_NAMED = 1_000
"""Hidden rows that a page names; a moderator's test looks at no more."""

Hides = Callable[[np.ndarray], np.ndarray]
"""Which of some rows the filters hide, shape (len(rows),), bool."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One row of the answer: its number, its cosine, and the near-duplicates that it stands for."""

    row: int
    score: float
    duplicates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the answer.

    Attributes:
        rows: best first, equal scores by row.
        hidden: rows that the filters hid on the way to the page's last row.
        more: whether a further row could be shown.
        hidden_rows: the first `MAX_HIDDEN_NAMED` of the hidden rows.
    """

    rows: tuple[Ranked, ...]
    hidden: int
    more: bool
    hidden_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page should hold.

    Attributes:
        offset: rows to skip first.
        k: rows wanted.
        hides: what the rules in force hide.
        allowed: rows that fulfil the query's conditions, shape (rows,), bool; None means all.
        left_out: the row that was asked with, which is no answer to itself.
    """

    offset: int
    k: int
    hides: Hides
    allowed: np.ndarray | None = None
    left_out: int | None = None

    @property
    def depth(self) -> int:
        """Rows to look at first: the page, one more to know of a next page, the one left out, and `SPARE`."""
        return self.offset + self.k + 1 + (self.left_out is not None) + SPARE

    @property
    def scored_directly(self) -> bool:
        """Whether so few rows are allowed that each is scored."""
        return self.allowed is not None and int(self.allowed.sum()) <= SCORED_DIRECTLY


def fill_page(
    wanted: Wanted, vector: np.ndarray, found: tuple[np.ndarray, np.ndarray], index: VectorIndex, duplicates: Duplicates
) -> Page:
    """Fill a page from a first search, and look deeper until it is full or the index is exhausted.

    Args:
        wanted: what the page should hold.
        vector: the query, shape (width,).
        found: scores and rows of a first search of any depth, each of shape (depth,).
        index: where to look deeper.
        duplicates: which rows show nearly the same picture.
    """
    if wanted.scored_directly:
        return _page(wanted, *_score_allowed(wanted, vector, index), duplicates)[0]
    scores, rows = found
    while True:
        page, complete = _page(wanted, scores, rows, duplicates)
        if complete or len(rows) >= len(index):
            return page
        deeper_scores, deeper_rows = index.search(vector[np.newaxis], REFILL_FACTOR * max(len(rows), wanted.depth))
        scores, rows = deeper_scores[0], deeper_rows[0]


def _score_allowed(wanted: Wanted, vector: np.ndarray, index: VectorIndex) -> tuple[np.ndarray, np.ndarray]:
    assert wanted.allowed is not None
    rows = np.flatnonzero(wanted.allowed)
    scores = index.vectors(rows) @ vector
    order = np.lexsort((rows, -scores))
    return scores[order], rows[order]


def _page(wanted: Wanted, scores: np.ndarray, rows: np.ndarray, duplicates: Duplicates) -> tuple[Page, bool]:
    """The page as far as these rows go, and whether deeper ones could not change it."""
    shown: list[Ranked] = []
    hidden: list[int] = []
    hidden_at_end = 0
    end = wanted.offset + wanted.k
    last_score = float("-inf")
    for row, score, group, is_hidden in _candidates(wanted, scores, rows, duplicates):
        if is_hidden:
            hidden.append(row)
            continue
        if len(shown) < end:
            hidden_at_end = len(hidden)
        shown.append(Ranked(row, score, _others(row, wanted, duplicates) if group >= 0 else ()))
        if len(shown) > end:
            last_score = score
            break
    if len(shown) <= end:
        hidden_at_end = len(hidden)
    named = tuple(hidden[: min(hidden_at_end, MAX_HIDDEN_NAMED)])
    page = Page(tuple(shown[wanted.offset : end]), hidden_at_end, len(shown) > end, named)
    # Rows that tie with the last one looked at may lie beyond it; they are put in order before anything is cut.
    complete = len(shown) > end and (len(rows) == 0 or float(scores[-1]) < last_score)
    return page, complete


def _candidates(
    wanted: Wanted, scores: np.ndarray, rows: np.ndarray, duplicates: Duplicates
) -> Iterator[tuple[int, float, int, bool]]:
    """Row, cosine, group and whether it is hidden, of each row that is a candidate; near-duplicates only once."""
    kept = rows != wanted.left_out
    if wanted.allowed is not None:
        kept &= wanted.allowed[rows]
    rows, scores = rows[kept], scores[kept].clip(-1.0, 1.0)  # half precision overshoots by up to 0.001
    shown: set[int] = set()
    for row, score, group, is_hidden in _judged(wanted, scores, rows, duplicates):
        if group >= 0 and not is_hidden:
            if group in shown:
                continue
            shown.add(group)
        yield row, score, group, is_hidden


def _judged(
    wanted: Wanted, scores: np.ndarray, rows: np.ndarray, duplicates: Duplicates
) -> Iterator[tuple[int, float, int, bool]]:
    """Row, cosine, group and whether it is hidden; part by part, for the page may be full soon."""
    for start in range(0, len(rows), JUDGED_TOGETHER):
        part = rows[start : start + JUDGED_TOGETHER]
        columns = (part, scores[start : start + JUDGED_TOGETHER], duplicates.numbers(part), wanted.hides(part))
        yield from zip(*(column.tolist() for column in columns), strict=True)


def _others(row: int, wanted: Wanted, duplicates: Duplicates) -> tuple[int, ...]:
    """The near-duplicates of a row that could have been shown in its place."""
    others = [
        other
        for other in duplicates.others(row)
        if other != wanted.left_out and (wanted.allowed is None or wanted.allowed[other])
    ]
    if not others:
        return ()
    hidden = wanted.hides(np.array(others))
    return tuple(other for other, is_hidden in zip(others, hidden, strict=True) if not is_hidden)
