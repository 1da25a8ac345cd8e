"""Rounds to medians and ratios; a process of its own for each column."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from benchmarks.bench import FULL, Bench
from benchmarks.child import MeasurementFailedError, measure
from benchmarks.run import Measured
from tests.benchmarks.conftest import LINE

WHERE = "tests.benchmarks.measurements"


def rounds(*values: tuple[float, float, float]) -> Measured:
    """Figures of the columns ours, walk-through and limit, a tuple for each round."""
    names = LINE.columns
    return Measured(LINE, "cpu", tuple({n: {"value": v} for n, v in zip(names, one, strict=True)} for one in values))


def test_medians_are_taken_over_the_rounds() -> None:
    measured = rounds((60, 7, 80), (50, 6, 70), (90, 8, 60))

    assert measured.median("ours") == 60
    assert measured.spread("ours") == (50, 90)


def test_a_ratio_is_taken_within_each_round_and_not_between_medians() -> None:
    # The machine was twice as slow in the last two rounds: every round says 10 times, 0.8 of the limit.
    measured = rounds((80, 8, 100), (40, 4, 50), (40, 4, 50))
    # One round met a slow moment on one side alone.
    disturbed = rounds((80, 8, 100), (40, 4, 50), (5, 4, 50))

    for one in (measured, disturbed):
        assert [verdict.ratio for verdict in one.verdicts()] == [10, 0.8]
        assert [verdict.reached for verdict in one.verdicts()] == [True, False]


def test_a_column_is_measured_in_a_process_of_its_own(bench: Bench) -> None:
    figures = measure(WHERE, "who", bench, threads=1)

    assert figures["process"] != os.getpid()
    assert figures["threads"] == 1


def test_the_process_is_given_the_same_sizes_and_device(bench: Bench) -> None:
    figures = measure(WHERE, "told", replace(bench, sizes=FULL, device="cuda"))

    assert figures == {"rows": 400_000, "growth": sum(FULL.growth), "cuda": 1}


def test_a_measurement_that_fails_is_told_with_its_last_words(bench: Bench) -> None:
    with pytest.raises(MeasurementFailedError, match="The vectors were eaten"):
        measure(WHERE, "fail", bench)
