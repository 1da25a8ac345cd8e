"""The report: what it shows, and that it says so where something is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.run import Measured
from benchmarks.table import NO_GPU, number, report, table
from tests.benchmarks.conftest import LINE

ROUND = {
    "ours": {"value": 60.04},
    "walk_through": {"value": 6.0},
    "limit": {"value": 80.0, "forward": 90.0},
}
MEASURED = Measured(LINE, "cpu", (ROUND,))

NUMBERS = [
    (0, "0"),
    (7.4, "7.40"),
    (76.6432, "76.6"),
    (876.4, "876"),
    (1_234_567, "1,234,567"),
    (0.26, "0.260"),
    (0.00012345, "0.00012"),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS)
def test_numbers_have_three_significant_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_a_row_names_every_figure_and_says_goal_by_goal_what_is_reached() -> None:
    row = table([MEASURED]).splitlines()[2]

    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "embedding a folder, pictures/s",
        "60.0",
        "6.00",
        "-",
        "80.0",
        "at least 9 x walk-through, at least 0.9 x limit",
        "10.0 x, 0.750 x",
        "yes, **no**",
    ]


def test_all_rows_have_as_many_cells_as_the_head() -> None:
    lines = table([MEASURED, Measured(LINE, "cpu", failure="it broke")]).splitlines()

    assert len({line.count("|") for line in lines}) == 1
    assert "failed" in lines[3]


def test_the_report_names_the_machine_and_what_stands_behind_the_medians() -> None:
    text = report({"processor": "two cores", "gpu": "none"}, [MEASURED])

    assert "processor: two cores" in text
    assert "forward 90.0" in text
    assert NO_GPU in text
    assert "On the GPU" not in text


def test_a_gpu_has_a_table_of_its_own() -> None:
    on_gpu = Measured(LINE, "cuda", ({"ours": {"value": 900.0}, "limit": {"value": 1_000.0}},))

    text = report({"gpu": "a fast one"}, [MEASURED, on_gpu])

    assert NO_GPU not in text
    assert "| 900 | - | - | 1,000 | at least 0.9 x limit | 0.900 x | yes |" in text.partition("On the GPU")[2]


def test_a_run_that_is_cut_off_keeps_what_it_has_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(*_: object) -> Iterator[Measured]:
        yield MEASURED
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "measure_lines", cut_off)
    out = tmp_path / "results.md"
    out.write_text("the last whole report", encoding="utf-8")

    with pytest.raises(KeyboardInterrupt):
        command.main(["embedding", "exact", "--quick", "--workspace", str(tmp_path), "--out", str(out)])

    assert "| embedding a folder, pictures/s | 60.0 |" in (tmp_path / "results.partial.md").read_text(encoding="utf-8")
    assert out.read_text(encoding="utf-8") == "the last whole report"


def test_a_run_that_ends_leaves_the_report_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "measure_lines", lambda *_: iter([MEASURED, MEASURED]))
    out = tmp_path / "results.md"

    assert command.main(["embedding", "exact", "--quick", "--workspace", str(tmp_path / "w"), "--out", str(out)]) == 0

    assert out.read_text(encoding="utf-8").count("| embedding a folder, pictures/s | 60.0 |") == 2
    assert not list(tmp_path.glob("*partial*"))
