"""Goals and lines: what is compared with what, and when it is good enough."""

from __future__ import annotations

import pytest

from benchmarks import lines
from benchmarks.bench import OURS, Goal
from tests.benchmarks.conftest import LINE

COLUMNS = {"ours": {"value": 60.0, "slowest_ms": 90.0}, "limit": {"value": 80.0, "batch_ms": 30.0}}

GOALS = [
    (Goal(0.75, "limit", at_least=True), 0.75, True, "at least 0.75 x limit"),
    (Goal(0.8, "limit", at_least=True), 0.75, False, "at least 0.8 x limit"),
    (Goal(0.75, "limit"), 0.75, True, "at most 0.75 x limit"),
    (Goal(0.7, "limit"), 0.75, False, "at most 0.7 x limit"),
    (Goal(3, "limit", figure="slowest_ms", of="batch_ms"), 3.0, True, "slowest ms at most 3 x limit batch ms"),
    (Goal(2, OURS, of="slowest_ms"), 60 / 90, True, "at most 2 x ours slowest ms"),
    (Goal(50, unit="ms"), 60.0, False, "at most 50 ms"),
    (Goal(0.99, figure="slowest_ms", at_least=True), 90.0, True, "slowest ms at least 0.99"),
]


@pytest.mark.parametrize(("goal", "ratio", "reached", "text"), GOALS)
def test_a_goal_is_held_against_the_right_figure(goal: Goal, ratio: float, reached: bool, text: str) -> None:
    assert goal.ratio(COLUMNS) == pytest.approx(ratio)
    assert goal.reached(goal.ratio(COLUMNS)) is reached
    assert goal.text == text


def test_on_a_gpu_only_its_columns_and_their_goals_remain() -> None:
    assert LINE.columns_on("cpu") == ("ours", "walk_through", "limit")
    assert LINE.columns_on("cuda") == ("ours", "limit")
    assert [goal.column for goal in LINE.goals_on("cuda")] == ["limit"]


@pytest.mark.parametrize("name", lines.NAMES)
def test_every_line_has_a_function_for_each_column(name: str) -> None:
    from importlib import import_module

    module, line = import_module(f"benchmarks.lines.{name}"), lines.line(name)

    assert line.name == name
    assert OURS in line.columns
    assert {goal.column for goal in line.goals} <= {None, *line.columns}
    assert set(line.on_gpu) <= {*line.columns, "limit"}
    for function in ("prepare", *line.columns):
        assert getattr(module, function).__doc__
