"""How counts are said, and what an index's metadata columns hold, in a line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 3
"""Most frequent values that are named."""

MAX_TEXT = 24
"""Characters of a value that are shown."""

_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
"""No leading zeros: `000499442` is a shelf mark and not a quantity."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Say how many: `1 picture is`, `1,200 pictures are`; `many` is given where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def field_text(value: Any) -> str:
    """A manifest's field in a line; of tables of numbers only how many there are, `index info --json` prints them."""
    if value is None:
        return "-"
    if isinstance(value, dict):
        numbers = sum(map(_count, value.values()))
        return f"{', '.join(value)}: {counted(numbers, 'number')} (index info --json prints them)"
    return str(value)


def _count(value: Any) -> int:
    return sum(map(_count, value)) if isinstance(value, list | tuple) else 1


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """The values of a column.

    Attributes:
        empty: rows without a value.
        distinct: different values.
        minimum, maximum: as they stand in the column, where all values are numbers.
        most_frequent: up to `SHOWN` values with their rows, the most frequent first; none if no value repeats.
    """

    empty: int
    distinct: int
    minimum: str | None
    maximum: str | None
    most_frequent: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        empty = f", {self.empty} empty" if self.empty else ""
        if not self.distinct:
            return "always empty"
        if self.minimum is not None:
            return f"{self.minimum} to {self.maximum}, {self.distinct} distinct{empty}"
        named = ", ".join(f"{_short(value)} ({count})" for value, count in self.most_frequent)
        more = ", ..." if named and self.distinct > len(self.most_frequent) else ""
        return f"{self.distinct} distinct{empty}{': ' if named else ''}{named}{more}"


def summarise(column: Any) -> ColumnSummary:
    """Summarise a column of strings, a pyarrow ChunkedArray."""
    import pyarrow as pa  # late: pyarrow takes a while to import
    import pyarrow.compute as pc

    found = pc.fill_null(column, "").value_counts()
    counts = pa.table({"value": found.field("values"), "count": found.field("counts")})
    is_empty = pc.equal(counts["value"], "")
    counts, empty = counts.filter(pc.invert(is_empty)), pc.sum(counts.filter(is_empty)["count"]).as_py() or 0
    minimum, maximum = _extremes(counts["value"])
    order = [("count", "descending"), ("value", "ascending")]
    frequent = counts.take(pc.select_k_unstable(counts, SHOWN, order)).to_pylist()
    return ColumnSummary(
        empty=empty,
        distinct=len(counts),
        minimum=minimum,
        maximum=maximum,
        most_frequent=tuple((one["value"], one["count"]) for one in frequent if frequent[0]["count"] > 1),
    )


def _extremes(values: Any) -> tuple[str, str] | tuple[None, None]:
    """The least and the greatest of different numbers, as they are written; none where one is no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(values) == 0 or not pc.all(pc.match_substring_regex(values, _NUMBER)).as_py():
        return None, None
    numbers = pc.cast(values, pa.float64()).to_numpy()
    return values[int(numbers.argmin())].as_py(), values[int(numbers.argmax())].as_py()


def as_lines(summaries: dict[str, ColumnSummary]) -> list[str]:
    """The columns and their summaries, aligned."""
    width = max(map(len, summaries))
    return [f"{name:<{width}}  {summary}" for name, summary in summaries.items()]


def sample_rows(rows: int, wanted: int) -> Sequence[int]:
    """Up to `wanted` rows, spread evenly."""
    count = min(rows, wanted)
    return [rows * (2 * number + 1) // (2 * count) for number in range(count)]


def _short(value: str) -> str:
    return value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1].rstrip() + "…"
