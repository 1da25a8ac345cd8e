"""Exponents, and the part of the report that states them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.growth import Chart, draw, exponent, growth_report

CURVES = [
    ([(1_000, 2), (10_000, 20), (100_000, 200)], 1.0),
    ([(1_000, 5), (10_000, 5)], 0.0),
    ([(1, 1), (4, 2), (16, 4)], 0.5),
    ([(10, 1), (100, 100)], 2.0),
]


@pytest.mark.parametrize(("points", "expected"), CURVES)
def test_an_exponent_is_the_slope_of_the_logarithms(points: list[tuple[float, float]], expected: float) -> None:
    assert exponent(points) == pytest.approx(expected)


def test_one_point_has_no_exponent() -> None:
    with pytest.raises(ValueError, match="two points"):
        exponent([(1_000, 2)])


def test_the_report_states_points_and_exponents_and_shows_the_plot(tmp_path: Path) -> None:
    chart = Chart("search", "Search alone", "rows", "ms")
    for rows in (1_000, 10_000):
        chart.add("exact", rows, rows / 1_000)
    chart.add("inverted file", 10_000, 0.25)

    draw(chart, tmp_path / "search.svg")
    text = growth_report([chart], "plots")

    assert "| exact | 1.00 | 10.0 | 1.00 |" in text
    assert "| inverted file | - | 0.250 | - |" in text
    assert "(plots/search.svg)" in text
    assert "<svg" in (tmp_path / "search.svg").read_text(encoding="utf-8")
