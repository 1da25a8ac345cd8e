"""Whole metadata columns of a collection, kept as one number a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from tqdm import tqdm

from search_core.errors import InputError

if TYPE_CHECKING:
    from search_core.collection import Collection

ROWS_AT_ONCE = 10_000
"""Rows whose metadata is read in one go: a few megabytes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One metadata column.

    Attributes:
        positions: its distinct values, in order of first appearance, each with its place in that order.
        codes: for each row the place of its value, shape (rows,), int32.
    """

    positions: Mapping[str, int]
    codes: np.ndarray

    @classmethod
    def of(cls, cells: Iterable[str]) -> Self:
        """Make one of a value for each row."""
        positions: dict[str, int] = {}
        codes = np.fromiter((positions.setdefault(cell, len(positions)) for cell in cells), np.int32)
        return cls(positions, codes)

    @property
    def values(self) -> tuple[str, ...]:
        """Its distinct values, in order of first appearance."""
        return tuple(self.positions)

    def rows_of(self, value: str) -> np.ndarray:
        """The rows that have exactly this value, ascending; empty where none has."""
        return np.flatnonzero(self.codes == self.positions.get(value, -1))

    def counts(self) -> np.ndarray:
        """How many rows have each value, shape (values,)."""
        return np.bincount(self.codes, minlength=len(self.positions))


def read_columns(collection: Collection, names: Sequence[str], progress: bool = False) -> dict[str, Column]:
    """Read some metadata columns.

    Raises:
        InputError: if the collection has no such column.
    """
    for name in names:
        if name not in collection.columns:
            have = ", ".join(collection.columns)
            raise InputError(f"The index has no metadata column {name!r}. Its columns are: {have}.")
    if not names:
        return {}
    cells: dict[str, list[str]] = {name: [] for name in names}
    with tqdm(total=len(collection), desc="Reading metadata", unit=" rows", disable=not progress) as bar:
        for start in range(0, len(collection), ROWS_AT_ONCE):
            table = collection.metadata(range(start, min(start + ROWS_AT_ONCE, len(collection))))
            for name in names:
                cells[name] += [row[name] or "" for row in table]
            bar.update(len(table))
    return {name: Column.of(of_name) for name, of_name in cells.items()}
