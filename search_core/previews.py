"""What of a collection falls under one rule, before the rule bites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from search_core.filters.binding import BLOCK, BoundFilters
from search_core.filters.rule_set import FilterSet
from search_core.filters.rules import Concept, Rule, RuleKind
from search_core.query import Closeness, Hit

if TYPE_CHECKING:
    from search_core.serving import Serving

MAX_COUNTED = 100_000
"""Rows that are looked at one by one, in about a second at width 512. Of larger collections as many, evenly spread."""

SEARCHED = 4
"""How many times as many neighbours as are shown are looked for, since near-duplicates are shown once."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What falls under a rule. Word, allow and person rules look at no rows, so nothing does.

    Attributes:
        count: rows that do; estimated where not all were looked at.
        share: of the collection.
        exact: whether all rows were looked at.
        worst: the rows that fall most clearly, near-duplicates once; for concepts looked for in the whole collection.
        borderline: the last rows that just fall, then the first that just do not; only for concepts.

    A hit's score is how far it lies above the threshold here, and its closeness whether it falls.
    """

    count: int
    share: float
    exact: bool
    worst: tuple[Hit, ...]
    borderline: tuple[Hit, ...]


def preview(rule: Rule, serving: Serving, k: int) -> Preview:
    """Look at what falls under a rule, as if it were enabled.

    Args:
        rule: the rule.
        serving: the generation to look at.
        k: rows to show of each sort.

    Raises:
        StaleConcept: if its concept was made with another model.
    """
    if rule.kind not in (RuleKind.CONCEPT, RuleKind.PICTURE, RuleKind.SOURCE):
        return Preview(0, 0.0, exact=True, worst=(), borderline=())
    bound = serving.binder.bind(FilterSet.of([rule.changed(enabled=True)]))
    total = len(serving.collection)
    sample = np.unique(np.linspace(0, total - 1, min(total, MAX_COUNTED)).astype(np.int64))
    share = float((_margins(bound, sample) >= 0).mean())
    rows = sample if rule.concept is None else np.union1d(sample, _nearest(rule.concept, serving, SEARCHED * k))
    margins = _margins(bound, rows)
    order = np.lexsort((rows, -margins))
    falling, spared = order[margins[order] >= 0], order[margins[order] < 0]
    border = [*falling[-(k - k // 2) :], *spared[: k // 2]] if rule.concept is not None else []
    return Preview(
        count=round(share * total),
        share=share,
        exact=total <= MAX_COUNTED,
        worst=_hits(_each_once(rows[falling], serving, k), rows, margins, serving),
        borderline=_hits(rows[border].tolist() if border else [], rows, margins, serving),
    )


def _margins(bound: BoundFilters, rows: np.ndarray) -> np.ndarray:
    return np.concatenate([bound.margins(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK)])


def _nearest(concept: Concept, serving: Serving, depth: int) -> np.ndarray:
    return np.unique(serving.index.search(concept.vectors, depth)[1])


def _each_once(rows: np.ndarray, serving: Serving, k: int) -> list[int]:
    """The first k rows, near-duplicates once."""
    groups = serving.duplicates.numbers(rows)
    keys = np.where(groups >= 0, groups, -1 - rows)  # a row that stands alone is a group by itself
    return [int(rows[place]) for place in np.sort(np.unique(keys, return_index=True)[1])[:k]]


def _hits(shown: list[int], rows: np.ndarray, margins: np.ndarray, serving: Serving) -> tuple[Hit, ...]:
    """Rows with how far they lie above the rule's threshold as their score."""
    above = margins[np.searchsorted(rows, np.array(shown, np.int64))]
    return tuple(
        Hit(row, float(margin), Closeness.CLOSE if margin >= 0 else Closeness.FAR, columns)
        for row, margin, columns in zip(shown, above, serving.collection.metadata(shown), strict=True)
    )
