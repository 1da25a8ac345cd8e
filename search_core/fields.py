"""What a collection's columns hold, and their values for people who are typing one.

A column that repeats its values is kept as the different ones with a small number for each row: a pass over the
column once, a few milliseconds for each completion afterwards, a million rows or not. One whose values are nearly all
different, such as titles, is looked through each time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from search_core.bins import usual_range
from search_core.errors import QueryError
from search_core.where import PART, numbers

if TYPE_CHECKING:
    from search_core.collection import Collection

MAX_DIFFERENT = 100_000
"""Different values of a column that are kept: some 5 MB of text. With more, hardly one repeats."""

FEW = 100
"""So many different values are choices, to be picked from a list."""

MOSTLY = 0.9
"""Share of the values that must be numbers for a column of numbers: the rest is `unknown`, `[n.d.]` and the like."""

YEARS = (1_000, 2_100)
"""Whole numbers between these are taken for years where no column is called so."""

ENOUGH_SEEN = 8
"""Of a column that hardly repeats, this many times as many values as are wanted are looked at for ones that begin so.
Looking a million titles through for a rare word takes some tenths of a second; for a common one a few milliseconds."""

_YEAR_NAMES = ("year", "date", "published", "decade")


class FieldKind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """A metadata column.

    Attributes:
        name: the column.
        kind: what it holds.
        filled: rows that have a value.
        low, high: least and greatest number, but for a few far off all others; None unless it holds numbers.
        years: whether its numbers are years, by the column's name or by their size.
        different: how many different values there are; None where hardly one repeats.
    """

    name: str
    kind: FieldKind
    filled: int
    low: float | None = None
    high: float | None = None
    years: bool = False
    different: int | None = None


@dataclass(frozen=True, slots=True)
class _Repeating:
    """A column that repeats its values.

    Attributes:
        values: the different ones but the empty one, most frequent first; a pyarrow Array.
        folded: the same in lower case.
        codes: for each row the place of its value, or one more than the last place if it is empty.
    """

    values: Any
    folded: Any
    codes: np.ndarray


class Catalogue:
    """The columns of one generation, looked at when first needed. Safe from several threads."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._repeating: dict[str, _Repeating | None] = {}
        self._fields: tuple[Field, ...] | None = None
        self._lock = threading.Lock()

    def fields(self, visible: np.ndarray | None = None) -> tuple[Field, ...]:
        """All columns, in their order.

        Args:
            visible: rows that are counted and measured, shape (rows,), bool; None means all. Of what kind a column is,
                all rows tell.
        """
        with self._lock:
            if self._fields is None:
                self._fields = tuple(self._field(name) for name in self._collection.columns)
            return self._fields if visible is None else tuple(self._among(visible, each) for each in self._fields)

    def numbers(self, name: str) -> np.ndarray:
        """A column as numbers, shape (rows,), float64; NaN where a value is none."""
        with self._lock:
            return self._numbers(name)

    def timed(self, name: str | None = None) -> Field:
        """The column to draw an axis from: the named one, or else the years, or else the only one of different numbers.

        Raises:
            QueryError: if there is none; the message names those that can be taken.
        """
        fields = {field.name: field for field in self.fields()}
        numeric = [field for field in fields.values() if field.kind is FieldKind.NUMBER]
        known = ", ".join(field.name for field in numeric)
        if not numeric:
            raise QueryError("No field of the collection holds numbers, such as years, so there is no axis to draw.")
        if name is not None and name not in fields:
            raise QueryError(f"The collection has no field {name!r}. Fields that hold numbers: {known}.")
        if name is not None and fields[name] not in numeric:
            raise QueryError(f"The field {name!r} holds no numbers. Fields that do: {known}.")
        if name is not None:
            return fields[name]
        if years := year_field(numeric):
            return years
        varied = [field for field in numeric if field.low != field.high] or numeric
        if len(varied) > 1:
            raise QueryError(f"No field holds years. Name the one to draw: {known}.")
        return varied[0]

    def offer(self, name: str, typed: str, limit: int, visible: np.ndarray | None = None) -> list[str]:
        """Values of a column that begin with a text, then those that hold it, most frequent first.

        In a column whose values are nearly all different they come in row order, from the first rows that fit.

        Args:
            name: the column.
            typed: the text.
            limit: values wanted.
            visible: rows whose values may be offered, shape (rows,), bool; None means all.

        Raises:
            QueryError: if there is no such column.
        """
        if name not in self._collection.columns:
            known = ", ".join(sorted(self._collection.columns))
            raise QueryError(f"The collection has no field {name!r}. It has: {known}.")
        with self._lock:
            column = self._look_at(name)
        wanted = typed.strip()
        if column is None:
            return self._scanned(name, wanted, limit, visible)
        return _matching(column, wanted, limit, visible)

    def _field(self, name: str) -> Field:
        column, values = self._look_at(name), self._numbers(name)
        filled = int(self._filled(name).sum())
        found = values[~np.isnan(values)]
        different = None if column is None else len(column.values)
        if len(found) and len(found) >= MOSTLY * filled:
            return Field(name, FieldKind.NUMBER, filled, *usual_range(found), _are_years(name, found), different)
        few = different is not None and different <= min(FEW, filled // 2)
        return Field(name, FieldKind.CHOICE if few else FieldKind.TEXT, filled, different=different)

    def _among(self, visible: np.ndarray, field: Field) -> Field:
        """A column as some rows alone show it."""
        filled = int((self._filled(field.name) & visible).sum())
        column = self._look_at(field.name)
        field = replace(field, filled=filled, different=None if column is None else int(_seen(column, visible).sum()))
        if field.kind is not FieldKind.NUMBER:
            return field
        values = self._numbers(field.name)[visible]
        found = values[~np.isnan(values)]
        low, high = usual_range(found) if len(found) else (None, None)
        return replace(field, low=low, high=high)

    def _filled(self, name: str) -> np.ndarray:
        """Which rows have a value, shape (rows,), bool."""
        import pyarrow.compute as pc

        column = self._look_at(name)
        if column is not None:
            return np.asarray(column.codes != len(column.values))
        return np.asarray(pc.not_equal(self._collection.column(name), ""), dtype=bool)

    def _numbers(self, name: str) -> np.ndarray:
        column = self._look_at(name)
        if column is not None:
            return np.asarray(np.append(numbers(column.values), np.nan)[column.codes])
        values = self._collection.column(name)
        parts = (values.slice(start, PART).combine_chunks() for start in range(0, len(values), PART))
        return np.concatenate([np.empty(0), *map(numbers, parts)])

    def _look_at(self, name: str) -> _Repeating | None:
        if name not in self._repeating:
            self._repeating[name] = _repeating(self._collection.column(name))
        return self._repeating[name]

    def _scanned(self, name: str, typed: str, limit: int, visible: np.ndarray | None) -> list[str]:
        import pyarrow as pa
        import pyarrow.compute as pc

        values = self._collection.column(name)
        begins: dict[str, None] = {}
        others: dict[str, None] = {}
        for start in range(0, len(values), PART):
            part = values.slice(start, PART)
            holds = pc.match_substring(part, typed, ignore_case=True)
            if visible is not None:
                holds = pc.and_(holds, pa.array(visible[start : start + len(part)]))
            for row in pc.indices_nonzero(holds)[: ENOUGH_SEEN * limit].to_pylist():
                if value := part[row].as_py():
                    first = begins if value.lower().startswith(typed.lower()) else others
                    first[value] = None
            if len(begins) >= limit or len(others) >= ENOUGH_SEEN * limit:
                break
        return [*begins, *others][:limit]


def _repeating(values: Any) -> _Repeating | None:
    """Take a column apart, or None where hardly a value repeats."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.count_distinct(values.slice(0, 2 * MAX_DIFFERENT)).as_py() > MAX_DIFFERENT:
        return None
    encoded = values.dictionary_encode().unify_dictionaries()
    if not encoded.chunks:
        encoded = pa.chunked_array([pa.array([], pa.string()).dictionary_encode()])
    different = encoded.chunks[0].dictionary
    if len(different) > MAX_DIFFERENT:
        return None
    codes = np.concatenate([np.asarray(chunk.indices) for chunk in encoded.chunks])
    order = np.argsort(-np.bincount(codes, minlength=len(different)), kind="stable")
    filled = order[np.asarray(pc.not_equal(different, ""), dtype=bool)[order]]
    places = np.full(len(different), len(filled), np.min_scalar_type(len(different)))
    places[filled] = np.arange(len(filled))
    kept = different.take(pa.array(filled))
    return _Repeating(kept, pc.utf8_lower(kept), places[codes])


def _matching(column: _Repeating, typed: str, limit: int, visible: np.ndarray | None) -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    begins = pc.starts_with(column.folded, typed.lower())
    holds = pc.and_not(pc.match_substring(column.folded, typed.lower()), begins)
    if visible is not None:
        seen = pa.array(_seen(column, visible))
        begins, holds = pc.and_(begins, seen), pc.and_(holds, seen)
    places = [*pc.indices_nonzero(begins)[:limit].to_pylist(), *pc.indices_nonzero(holds)[:limit].to_pylist()]
    return [column.values[place].as_py() for place in places[:limit]]


def _seen(column: _Repeating, visible: np.ndarray) -> np.ndarray:
    """Which of a column's different values some rows have, shape (values,), bool."""
    return np.asarray(np.bincount(column.codes[visible], minlength=len(column.values) + 1)[:-1] > 0)


def _are_years(name: str, found: np.ndarray) -> bool:
    low, high = np.quantile(found, (0.05, 0.95))
    if not YEARS[0] <= low <= high <= YEARS[1]:
        return False
    return any(word in name.lower() for word in _YEAR_NAMES) or bool((found == np.round(found)).all())


def year_field(fields: Sequence[Field]) -> Field | None:
    """Pick the column that holds the years; of several, the one that is called most plainly so. None if none does."""
    years = (field for field in fields if field.kind is FieldKind.NUMBER and field.years)
    return min(years, key=_by_name, default=None)


def _by_name(field: Field) -> tuple[int, Sequence[str]]:
    """Columns called after years come first."""
    places = [place for place, word in enumerate(_YEAR_NAMES) if word in field.name.lower()]
    return min(places, default=len(_YEAR_NAMES)), field.name
