"""Figures as Markdown: one table for each device, and beneath it what stands behind the medians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.bench import OURS, title
from benchmarks.run import Measured, Verdict

SHOWN = (OURS, "walk_through", "batched_encode", "limit")
"""The columns that have a place of their own; others stand beneath the table."""

NO_GPU = "No GPU here: its columns are left out. On a machine with one, the same command fills them."
_NONE = "-"


def report(machine: Mapping[str, str], measured: Sequence[Measured], notes: Sequence[str] = ()) -> str:
    """The whole report, as Markdown."""
    devices = dict.fromkeys(one.device for one in measured)
    parts = ["# Measured", *notes, _description(machine)]
    for device in devices:
        on_device = [one for one in measured if one.device == device]
        parts += [f"## On {'the CPU' if device == 'cpu' else 'the GPU'}", table(on_device), details(on_device)]
    if machine.get("gpu") == "none":
        parts.append(NO_GPU)
    return "\n\n".join(parts) + "\n"


def table(measured: Sequence[Measured]) -> str:
    """What, ours, the alternatives, the limit, the goals, and line by line whether they are reached."""
    head = ["what", *map(title, SHOWN), "to reach", "measured", "reached"]
    rows = [_failed(one, len(head)) if one.failure else _row(one) for one in measured]
    return "\n".join(_line(cells) for cells in (head, ["---"] * len(head), *rows))


def details(measured: Sequence[Measured]) -> str:
    """Every column's median with its lowest and highest round, and all other figures."""
    head = ["line", "column", "median", "lowest to highest", "beside it"]
    rows = [_detail(one, column) for one in measured if not one.failure for column in one.rounds[0]]
    return "\n".join(_line(cells) for cells in (head, ["---"] * len(head), *rows))


def number(value: float) -> str:
    """Three significant digits, without an exponent, whole numbers whole."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 0
    while abs(value) * 10**digits < 100 and digits < 5:
        digits += 1
    return f"{value:.{digits}f}"


def _row(one: Measured) -> list[str]:
    cells = [_value(one, column) for column in SHOWN]
    verdicts = one.verdicts()
    words = [", ".join(verdict.goal.text for verdict in verdicts), ", ".join(map(_ratio, verdicts))]
    return [f"{one.line.what}, {one.line.unit}", *cells, *words, _reached(verdicts)]


def _failed(one: Measured, width: int) -> list[str]:
    return [one.line.what, "failed", *[_NONE] * (width - 2)]


def _value(one: Measured, column: str) -> str:
    return number(one.median(column)) if column in one.rounds[0] else _NONE


def _ratio(verdict: Verdict) -> str:
    suffix = " x" if verdict.goal.column else ""
    return f"{number(verdict.ratio)}{suffix}"


def _reached(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return _NONE
    return ", ".join("yes" if verdict.reached else "**no**" for verdict in verdicts)


def _detail(one: Measured, column: str) -> list[str]:
    low, high = one.spread(column)
    others = [f"{title(name)} {number(one.median(column, name))}" for name in one.figures(column)]
    unit = one.line.unit
    return [
        one.line.name,
        title(column),
        f"{number(one.median(column))} {unit}",
        f"{number(low)} to {number(high)}",
        "; ".join(others),
    ]


def _description(machine: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in machine.items())


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
