"""What every measurement is given, and what a line of the table is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Figures = Mapping[str, float]
"""What one column of a line measured in one round; `value` is the one that the table shows."""

OURS = "ours"
"""The column that the goals are set for; every line has it."""


def title(column: str) -> str:
    """A column's or a figure's name, for people."""
    return {"walk_through": "walk-through"}.get(column, column.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        pictures: pictures embedded by us and by the batched encoder.
        walk_through: pictures embedded by the walk-through, whose rate does not depend on how many there are.
        rows: rows of the index that is asked.
        million: rows of the index whose memory is measured.
        queries: queries whose median is taken.
        users: users who search at the same time while the event loop is watched.
        seconds: how long it is watched.
        growth: numbers of rows at which growth is measured.
        growth_pictures: numbers of pictures at which it is.
        rounds: how often each column is measured.
    """

    pictures: int
    walk_through: int
    rows: int
    million: int
    queries: int
    users: int
    seconds: float
    growth: tuple[int, ...]
    growth_pictures: tuple[int, ...]
    rounds: int


FULL = Sizes(1_024, 128, 400_000, 1_000_000, 100, 50, 10.0, (10**3, 10**4, 10**5, 10**6), (64, 256, 1_024), 3)
QUICK = Sizes(64, 16, 4_000, 8_000, 10, 8, 2.0, (500, 1_000, 2_000), (16, 32, 64), 1)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement is given.

    Attributes:
        workspace: the folder for what is made once and used again: model, pictures, indexes.
        sizes: how much to measure.
        device: `cpu` or `cuda`.
    """

    workspace: Path
    sizes: Sizes
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing to be reached: `ours[figure]` at most (or at least) `factor` times a figure of a column.

    Attributes:
        factor: times the other figure; or the bound itself, where `column` is None.
        column: whose figure it is held against.
        figure: which of our figures.
        of: which of the column's figures; None means the same one.
        at_least: whether more is better.
        unit: of the bound, where `column` is None.
    """

    factor: float
    column: str | None = None
    figure: str = "value"
    of: str | None = None
    at_least: bool = False
    unit: str = ""

    @property
    def text(self) -> str:
        """The goal in words."""
        what = "" if self.figure == "value" else f"{title(self.figure)} "
        of = "" if self.of is None else f" {title(self.of)}"
        times = f"{self.factor:g}{self.unit and ' ' + self.unit}" if self.column is None else f"{self.factor:g} x"
        than = "" if self.column is None else f" {title(self.column)}{of}"
        return f"{what}{'at least' if self.at_least else 'at most'} {times}{than}"

    def ratio(self, columns: Mapping[str, Figures]) -> float:
        """What one round gave, to be held against `factor`."""
        ours = columns[OURS][self.figure]
        return ours if self.column is None else ours / columns[self.column][self.of or self.figure]

    def reached(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        return ratio >= self.factor if self.at_least else ratio <= self.factor


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        name: the name of its module.
        what: what is measured, for people.
        unit: of `value`.
        columns: what is compared, by the names of the module's functions; `ours` is among them.
        goals: what is to be reached.
        on_gpu: the columns that a GPU has figures for.
    """

    name: str
    what: str
    unit: str
    columns: tuple[str, ...]
    goals: tuple[Goal, ...]
    on_gpu: tuple[str, ...] = (OURS, "limit")

    def columns_on(self, device: str) -> tuple[str, ...]:
        """The columns that are measured on a device."""
        return self.columns if device == "cpu" else tuple(name for name in self.columns if name in self.on_gpu)

    def goals_on(self, device: str) -> tuple[Goal, ...]:
        """The goals whose columns are measured on a device."""
        return tuple(goal for goal in self.goals if goal.column in (None, *self.columns_on(device)))
