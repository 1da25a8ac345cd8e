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
        width: numbers in a vector of this collection.
        generation: the index generation that they are of.
        filter_hash: identifies the filters they were drawn under.
    """

    rows: tuple[Drawn, ...]
    among: int
    width: int
    generation: str
    filter_hash: str


def shuffled(allowed: np.ndarray | int, seed: int | None) -> np.ndarray:
    """Row numbers in random order.

    Args:
        allowed: which rows may be drawn, shape (rows,), bool; or how many there are, if all may.
        seed: for the same order again; None for another each time.
    """
    rows = np.arange(allowed) if isinstance(allowed, int) else np.flatnonzero(allowed)
    return np.random.default_rng(seed).permutation(rows)


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
