"""Rows drawn by lot, for those who want a way into a collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from search_core.duplicates import Duplicates
    from search_core.filters import FilterSet
    from search_core.serving import Serving

FIRST_LOOK = 64
"""Rows looked at first: enough for a page where few look alike."""

FURTHER_LOOK = 8_192
"""Rows looked at together after that."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One row that was drawn.

    Attributes:
        row: the row in the collection.
        metadata: the collection's columns for it.
        spoiler: whether the rules want it under a spoiler.
        notes: sentences of context that the rules want shown with it.
    """

    row: int
    metadata: Mapping[str, str]
    spoiler: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draw:
    """Rows drawn by lot, each allowed and visible one as likely as any other.

    Attributes:
        rows: in the order in which they were drawn; fewer than asked for only where there are no more.
        among: visible rows that fulfil the conditions.
        hidden: rows that fulfil them and that the filters hide. With conditions it is not for users: by narrowing them,
            somebody could find out which pictures are hidden.
        width: numbers in a vector of this collection.
        generation: the index generation that they are of.
        filter_hash: identifies the filters they were drawn under.
    """

    rows: tuple[Drawn, ...]
    among: int
    hidden: int
    width: int
    generation: str
    filter_hash: str


@dataclass(frozen=True, slots=True)
class Lots:
    """What is drawn from.

    Attributes:
        order: numbers of the rows that may be drawn, in random order, shape (n,).
        hidden: rows that would be among them but for the filters.
    """

    order: np.ndarray
    hidden: int


def shuffled(rows: int, allowed: np.ndarray | None, visible: np.ndarray | None, seed: int | None) -> Lots:
    """Put the rows that may be drawn in random order.

    Args:
        rows: how many there are.
        allowed: which fulfil the conditions, shape (rows,), bool; None means all.
        visible: which the filters do not hide, shape (rows,), bool; None means all.
        seed: for the same order again; None for another each time.
    """
    wanted = np.arange(rows) if allowed is None else np.flatnonzero(allowed)
    shown = wanted if visible is None else wanted[visible[wanted]]
    return Lots(np.random.default_rng(seed).permutation(shown), len(wanted) - len(shown))


def first_of(order: np.ndarray, k: int, duplicates: Duplicates) -> list[int]:
    """The first k rows, without those that nearly look like one before them."""
    taken, kept = set[int](), list[int]()
    for part in _looks(order):
        kept += _each_once(part, taken, duplicates)
        if len(kept) >= k:
            break
    return kept[:k]


def described(rows: list[int], filters: FilterSet, serving: Serving) -> tuple[Drawn, ...]:
    """Rows with what is known of them. Runs in the worker."""
    verdicts = serving.binder.bind(filters).verdicts(rows)
    return tuple(
        Drawn(row, metadata, verdict.spoiler, verdict.notes)
        for row, metadata, verdict in zip(rows, serving.collection.metadata(rows), verdicts, strict=True)
    )


def _looks(rows: np.ndarray) -> Iterator[np.ndarray]:
    yield rows[:FIRST_LOOK]
    yield from (rows[start : start + FURTHER_LOOK] for start in range(FIRST_LOOK, len(rows), FURTHER_LOOK))


def _each_once(rows: np.ndarray, taken: set[int], duplicates: Duplicates) -> list[int]:
    """Leave out rows that nearly look like one before them; `taken` holds the groups seen so far."""
    kept = []
    for row, group in zip(rows.tolist(), duplicates.numbers(rows).tolist(), strict=True):
        if group in taken:
            continue
        if group >= 0:
            taken.add(group)
        kept.append(row)
    return kept
