"""What the tests of the benchmark program share: figures that were made up, in the form that a run gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bench import QUICK, Bench, Goal, Line

LINE = Line(
    name="embedding",
    what="embedding a folder",
    unit="pictures/s",
    columns=("ours", "walk_through", "limit"),
    goals=(Goal(9, "walk_through", at_least=True), Goal(0.9, "limit", at_least=True)),
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, QUICK)
