"""Conditions on metadata: which rows a query may look at.

Written as people say them: `label=animals`, `year=1850..1870`, `year>=1850` or `year=1850..`, `title~ship`,
`creator!=unknown`. All conditions of a query must hold. Comparisons of text ignore letter case; a range compares
numbers, and a value that is no number lies in no range.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from search_core.errors import QueryError

if TYPE_CHECKING:
    import pyarrow as pa

MAX_CONDITIONS = 16
"""More than a person writes; each costs a pass over a column, 20 to 100 ms for a million rows."""

PART = 65_536
"""Values looked at together: some megabytes of a column are in memory at once, and not the whole of it."""

_SAMPLE = 1_024
"""Values by which is told whether a column repeats its values; of one that does, each different one is tested once."""


class Operator(StrEnum):
    """What a condition asks of a value."""

    EQUALS = "="
    DIFFERS = "!="
    CONTAINS = "~"
    AT_LEAST = ">="
    AT_MOST = "<="
    BETWEEN = ".."


_WRITTEN = re.compile(r"\s*(?P<column>[^=!~<>]+?)\s*(?P<operator>!=|>=|<=|=|~)\s*(?P<value>.*?)\s*", re.DOTALL)
SEPARATOR = ";"
"""Between conditions that stand in one text."""

_PART = re.compile(r"""[^;=!~<>]+(?:!=|>=|<=|=|~)\s*"(?:.*?"\s*(?=;|$)|[^"]*$)|[^;]*""", re.DOTALL)
"""One condition, with a value in quotes that are closed, or open to the end; else all up to the next separator."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_FROM = re.compile(r"(-?\d+(?:\.\d+)?)\s*\.\.")
_UP_TO = re.compile(r"\.\.\s*(-?\d+(?:\.\d+)?)")
_DOTTED = re.compile(r"(?P<low>[^\s.]*)\s*\.\.\s*(?P<high>[^\s.]*)")
_DASHED = re.compile(r"(?P<low>\d+(?:\.\d+)?)\s*[-\u2013\u2014]\s*(?P<high>(?:\d+(?:\.\d+)?)?)")
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one column.

    Attributes:
        column: the metadata column.
        operator: what is asked of its value.
        value: the text to compare with; a number for ranges, two joined by `..` for `BETWEEN`.

    Raises:
        QueryError: if a range's bounds are no numbers.
    """

    column: str
    operator: Operator
    value: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", unicodedata.normalize("NFC", self.value))
        if self.operator is Operator.BETWEEN and not _RANGE.fullmatch(self.value):
            raise QueryError(f"{self.value!r} is no range; write two numbers, such as 1850..1870.")
        if self.operator in (Operator.AT_LEAST, Operator.AT_MOST):
            _number(self.value)

    @classmethod
    def parse(cls, written: str) -> Condition:
        """Read a condition as people write it; see the module's first lines.

        Raises:
            QueryError: if it is none; the message shows how to write one.
        """
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise QueryError(
                f"{written!r} is no condition. "
                "Write one such as label=animals, year=1850..1870, year>=1850, title~ship; "
                'a value with a ; in it stands in quotes: place="London; Paris".'
            )
        return cls(match["column"], *_as_range(Operator(match["operator"]), _unquoted(match["value"])))

    def holds(self, values: pa.ChunkedArray) -> np.ndarray:
        """Which values of a column of strings fulfil it, shape (len(values),), bool."""
        parts = (values.slice(start, PART).combine_chunks() for start in range(0, len(values), PART))
        return np.concatenate([np.empty(0, dtype=bool), *(_each_once(self._holds, part) for part in parts)])

    def _holds(self, values: pa.Array) -> np.ndarray:
        if self.operator in (Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN):
            low, high = self._bounds()
            found = numbers(values)
            with np.errstate(invalid="ignore"):
                return np.asarray((found >= low) & (found <= high))
        holds = _text_holds(self.operator, values, self.value)
        if _NUMBER.fullmatch(self.value) and self.operator is not Operator.CONTAINS:
            equal = numbers(values) == float(self.value)  # 1850 is 1850.0 and 01850
            return np.asarray(holds & ~equal if self.operator is Operator.DIFFERS else holds | equal)
        return holds

    def _bounds(self) -> tuple[float, float]:
        if self.operator is Operator.AT_LEAST:
            return _number(self.value), np.inf
        if self.operator is Operator.AT_MOST:
            return -np.inf, _number(self.value)
        low, high = (float(bound) for bound in _range(self.value))
        return min(low, high), max(low, high)

    def __str__(self) -> str:
        sign = "=" if self.operator is Operator.BETWEEN else self.operator.value
        return f"{self.column}{sign}{self.value}"


def split(written: str) -> tuple[str, ...]:
    """Cut a text into the conditions that stand in it with `;` between them.

    A value in double quotes may hold one: `place="London; Paris"; year=1850`.
    """
    parts, place = [], 0
    while place < len(written):
        part = _PART.match(written, place)
        assert part is not None  # the pattern takes anything
        parts.append(part[0].strip())
        place = part.end() + len(SEPARATOR)
    return tuple(filter(None, parts))


def last_of(written: str) -> tuple[str, str]:
    """Cut off the condition that is being typed, its quotes perhaps open: all before it, and what there is of it."""
    place, start = 0, 0
    while place < len(written) and (part := _PART.match(written, place)):
        start, place = place, part.end() + len(SEPARATOR)
    start = place if place == len(written) and written.endswith(SEPARATOR) else start
    return written[:start].rstrip().removesuffix(SEPARATOR), written[start:]


def quoted(value: str) -> str:
    """Write a value as it can stand in a condition among others."""
    return f'"{value}"' if SEPARATOR in value else value


def _unquoted(value: str) -> str:
    """A value without the quotes that it needs for a separator in it; other quotes are its own."""
    if not value.startswith('"') or SEPARATOR not in value:
        return value
    if len(value) < len('""') or not value.endswith('"'):
        raise QueryError(f'{value!r} ends without its quote; write a value with a ; in it so: place="London; Paris".')
    return value[1:-1]


def _as_range(operator: Operator, value: str) -> tuple[Operator, str]:
    """Take `=` with a range after it as what it means; a range may be open at one end."""
    if operator is not Operator.EQUALS:
        return operator, value
    if _RANGE.fullmatch(value):
        return Operator.BETWEEN, value
    if bound := _FROM.fullmatch(value):
        return Operator.AT_LEAST, bound[1]
    if bound := _UP_TO.fullmatch(value):
        return Operator.AT_MOST, bound[1]
    return operator, value


def conditions(written: str | Condition | Iterable[str | Condition]) -> tuple[Condition, ...]:
    """Make conditions of one or more, written or ready.

    Raises:
        QueryError: if one cannot be read, or there are more than `MAX_CONDITIONS`.
    """
    several = [written] if isinstance(written, (str, Condition)) or not isinstance(written, Iterable) else list(written)
    if not all(isinstance(one, (str, Condition)) for one in several):
        raise QueryError("A condition must be a string, such as label=animals, or a `Condition`.")
    if len(several) > MAX_CONDITIONS:
        raise QueryError(f"At most {MAX_CONDITIONS} conditions, please.")
    return tuple(Condition.parse(one) if isinstance(one, str) else one for one in several)


def on_columns(wanted: Sequence[Condition], columns: Sequence[str]) -> tuple[Condition, ...]:
    """The same conditions with their columns spelt as the collection spells them: letter case matters to nobody.

    Raises:
        QueryError: for a column that the collection does not have, or has twice but for letter case; the message names
            it and those that exist.
    """
    return tuple(replace(one, column=_spelt(one.column, columns)) for one in wanted)


def _spelt(column: str, columns: Sequence[str]) -> str:
    if column in columns:
        return column
    alike = [each for each in columns if each.casefold() == column.casefold()]
    if len(alike) == 1:
        return alike[0]
    known = ", ".join(sorted(alike or columns))
    raise QueryError(f"The collection has no field {column!r}. It has: {known}.")


def check_ranges(wanted: Sequence[Condition], columns: Mapping[str, pa.ChunkedArray]) -> None:
    """Refuse `year=abc..def` and `year=1850-1870`, which look like ranges and are none, where nothing has that value.

    So are `year=..`, `year=1850-` and `year!=1850..`. A title may well read `1850-1870`, or have two dots: a column
    that holds no numbers, or holds the very value, is compared as text.

    Args:
        wanted: conditions on columns that exist.
        columns: the named metadata columns, of strings.

    Raises:
        QueryError: saying how to write a range.
    """
    for condition in wanted:
        bounds, values = _like_a_range(condition), columns[condition.column]
        if bounds and _mostly_numbers(values) and not _occurs(condition, values):
            example = _example(condition.column, *bounds)
            raise QueryError(f"{condition.value!r} is no range of numbers; write one such as {example}.")


def _like_a_range(condition: Condition) -> tuple[str, str] | None:
    """The bounds of a range that is not written as one, one or both of them perhaps empty; None if it looks like none.

    `year=-1870` looks like none: numbers may be negative.
    """
    if condition.operator not in (Operator.EQUALS, Operator.DIFFERS):
        return None
    match = _DASHED.fullmatch(condition.value) or _DOTTED.fullmatch(condition.value)
    return (match["low"], match["high"]) if match else None


def _example(column: str, low: str, high: str) -> str:
    """How to write a range, with the bounds that were meant as far as they are numbers."""
    if _NUMBER.fullmatch(low) and not high:
        return f"{column}>={low}"
    if _NUMBER.fullmatch(high) and not low:
        return f"{column}<={high}"
    if not (_NUMBER.fullmatch(low) and _NUMBER.fullmatch(high)):
        return "1850..1870"
    return f"{column}={low}..{completed(low, high)}"


def completed(first: str, last: str) -> str:
    """The second year of `1850-70` in full, 1870: what is shorter than the first, and below it, takes its beginning."""
    shorter = len(last) < len(first) and first.isdecimal() and last.isdecimal()
    full = first[: len(first) - len(last)] + last
    return full if shorter and int(first) <= int(full) else last


def _occurs(condition: Condition, values: pa.ChunkedArray) -> bool:
    return bool(Condition(condition.column, Operator.EQUALS, condition.value).holds(values).any())


def _mostly_numbers(values: pa.ChunkedArray) -> bool:
    """Whether more than half of a column's values are numbers, by its first ones that are not empty."""
    import pyarrow.compute as pc

    first = values.slice(0, PART)
    filled = first.filter(pc.not_equal(first, "")).slice(0, _SAMPLE)
    found = numbers(filled.combine_chunks()) if len(filled) else np.empty(0)
    return bool(2 * np.count_nonzero(~np.isnan(found)) > len(found))


def matching(wanted: Sequence[Condition], columns: Mapping[str, pa.ChunkedArray]) -> np.ndarray:
    """Which rows fulfil all conditions, shape (rows,), bool.

    Args:
        wanted: at least one condition, on columns that exist.
        columns: the named metadata columns, of strings and of equal length.

    Raises:
        QueryError: as `check_ranges` does.
    """
    check_ranges(wanted, columns)
    held = [condition.holds(columns[condition.column]) for condition in wanted]
    return np.asarray(np.logical_and.reduce(held))


def _each_once(test: Callable[[pa.Array], np.ndarray], values: pa.Array) -> np.ndarray:
    """Test values, and each different one only once where they seem to repeat."""
    import pyarrow.compute as pc  # late: pyarrow takes a while to import

    if 2 * pc.count_distinct(values.slice(0, _SAMPLE)).as_py() > _SAMPLE:
        return test(values)
    encoded = values.dictionary_encode()
    held: np.ndarray = test(encoded.dictionary)[np.asarray(encoded.indices)]
    return held


def _folded(values: pa.Array) -> pa.Array:
    """Values in lower case, their letters composed; ASCII alone takes a tenth of the time."""
    import pyarrow.compute as pc

    if pc.all(pc.string_is_ascii(values)).as_py():
        return pc.ascii_lower(values)
    return pc.utf8_lower(pc.utf8_normalize(values, "NFC"))


def _text_holds(operator: Operator, values: pa.Array, wanted: str) -> np.ndarray:
    import pyarrow.compute as pc

    folded = _folded(values)
    if operator is Operator.CONTAINS:
        return np.asarray(pc.match_substring(folded, wanted.lower()), dtype=bool)
    equal = np.asarray(pc.equal(folded, wanted.lower()), dtype=bool)
    return ~equal if operator is Operator.DIFFERS else equal


def numbers(values: pa.Array) -> np.ndarray:
    """Values as float64, shape (len(values),); NaN where a value is no plain decimal number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(values)
    plain = pc.match_substring_regex(trimmed, r"^-?\d+(\.\d+)?$")
    return np.asarray(pc.if_else(plain, trimmed, pa.scalar(None, pa.string())).cast(pa.float64()), dtype=float)


def number_text(value: float) -> str:
    """Write a number so that a condition reads the very same one: in full, without an exponent."""
    return np.format_float_positional(value, trim="-")


def _number(written: str) -> float:
    try:
        value = float(written)
    except ValueError:
        raise QueryError(f"{written!r} is no number; ranges compare numbers, such as year>=1850.") from None
    if not np.isfinite(value):
        raise QueryError(f"{written!r} is no number that can be compared.")
    return value


def _range(written: str) -> tuple[str, str]:
    match = _RANGE.fullmatch(written)
    assert match is not None  # checked when the condition was made
    return match[1], match[2]
