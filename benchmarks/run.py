"""The lines measured: each column in a process of its own, all columns in turn, several rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.child import MeasurementFailedError, measure

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one goal: the median of the rounds' ratios, and whether it is good enough."""

    goal: Goal
    ratio: float
    reached: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """One line on one device.

    Attributes:
        line: what was measured.
        device: where.
        rounds: for each round the figures of each column.
        failure: the last words of a measurement that failed, if one did.
    """

    line: Line
    device: str
    rounds: tuple[Mapping[str, Figures], ...] = ()
    failure: str = ""

    def median(self, column: str, figure: str = "value") -> float:
        """The median over the rounds."""
        return median(columns[column][figure] for columns in self.rounds)

    def spread(self, column: str, figure: str = "value") -> tuple[float, float]:
        """The lowest and the highest of the rounds."""
        values = [columns[column][figure] for columns in self.rounds]
        return min(values), max(values)

    def figures(self, column: str) -> list[str]:
        """The names of a column's figures beside `value`."""
        return [name for name in self.rounds[0][column] if name != "value"]

    def verdicts(self) -> list[Verdict]:
        """All goals; a ratio is taken within each round, where both sides met the same machine."""
        made = []
        for goal in self.line.goals_on(self.device):
            ratio = median(goal.ratio(columns) for columns in self.rounds)
            made.append(Verdict(goal, ratio, goal.reached(ratio)))
        return made


def measure_line(line: Line, bench: Bench, threads: int | None, say: Say) -> Measured:
    """Measure one line; a failure is a result, too."""
    module, rounds = f"benchmarks.lines.{line.name}", []
    try:
        say(f"{line.name} ({bench.device}): making what it needs")
        measure(module, "prepare", bench, threads)
        for number in range(bench.sizes.rounds):
            columns = {}
            for column in line.columns_on(bench.device):
                say(f"{line.name} ({bench.device}): round {number + 1} of {bench.sizes.rounds}, {column}")
                columns[column] = measure(module, column, bench, threads)
            rounds.append(columns)
    except MeasurementFailedError as error:
        say(str(error))
        return Measured(line, bench.device, failure=str(error))
    return Measured(line, bench.device, tuple(rounds))


def measure_lines(lines: Sequence[Line], benches: Sequence[Bench], threads: int | None, say: Say) -> Iterator[Measured]:
    """Measure lines on each device that has columns for them, one after the other."""
    for bench in benches:
        for line in lines:
            if line.columns_on(bench.device):
                yield measure_line(line, bench, threads, say)
