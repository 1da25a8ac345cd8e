"""How counts are said, and what an index's metadata columns hold, in a line each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 3
"""Most frequent values that are named."""

MAX_TEXT = 24
"""Characters of a value that are shown."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
"""No leading zeros: `000499442` is a shelf mark and not a quantity."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Say how many: `1 picture is`, `1,200 pictures are`; `many` is given where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


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
    counts = {entry["values"]: entry["counts"] for entry in column.value_counts().to_pylist()}
    empty = counts.pop("", 0) + counts.pop(None, 0)
    numbers = sorted(counts, key=float) if all(map(_NUMBER.fullmatch, counts)) else []
    frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
    return ColumnSummary(
        empty=empty,
        distinct=len(counts),
        minimum=numbers[0] if numbers else None,
        maximum=numbers[-1] if numbers else None,
        most_frequent=tuple(item for item in frequent if frequent[0][1] > 1),
    )


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
