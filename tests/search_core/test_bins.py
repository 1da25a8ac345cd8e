"""Bins along an axis: round, ten to sixty of them where the range allows, and not upset by slips of the pen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.bins import MAX_BINS, MIN_BINS, choose_axis


@pytest.mark.parametrize(
    ("values", "width", "bins", "why"),
    [
        (np.repeat(np.arange(1850, 1880), 40), 1, 30, "enough rows in each year for years"),
        (np.repeat(np.arange(1500, 1900), 100), 10, 40, "four hundred years do not fit, forty decades do"),
        (np.repeat(np.arange(1800, 1900), 6), 5, 20, "too few rows in a year, enough in five"),
        (np.arange(1800, 1900), 10, 10, "too few rows in all, but ten bins are left"),
        (np.arange(1850, 1856), 1, 6, "six years are six bins"),
        (np.full(9, 1850), 1, 1, "a single year is a single bin"),
        (np.full(9, 0.25), 1, 1, "a single value, too"),
        (np.linspace(0, 1, 6_001), 0.02, 51, "fractions get fractions of a bin"),
        (np.array([-30, 30]).repeat(900), 2, 31, "below nothing as above"),
    ],
)
def test_bins_are_as_narrow_as_the_rows_allow(values: np.ndarray, width: float, bins: int, why: str) -> None:
    axis = choose_axis(values.astype(float))

    assert (width, bins) == (pytest.approx(axis.width), axis.bins), why


def test_a_bin_begins_with_its_lower_edge_and_ends_before_its_upper() -> None:
    axis = choose_axis(np.arange(1800, 1900, dtype=float))

    assert axis.edges()[:3] == [1800, 1810, 1820]
    assert axis.places(np.array([1799, 1800, 1809, 1810, 1899, 1900])).tolist() == [-1, 0, 0, 1, 9, -1]


@pytest.mark.parametrize("slip", [9_999.0, 0.0])
def test_a_few_values_far_off_do_not_stretch_the_axis(slip: float) -> None:
    values = np.append(np.repeat(np.arange(1800.0, 1900.0), 30), [slip, slip])

    axis = choose_axis(values)

    assert (axis.edges()[0], axis.edges()[-1]) == (1800, 1900)
    assert axis.places(np.array([slip])).tolist() == [-1]


def test_a_tail_that_is_no_slip_stays() -> None:
    values = np.append(np.repeat(np.arange(1800.0, 1900.0), 30), [1930.0, 1931.0])

    assert choose_axis(values).edges()[-1] > 1931


@given(st.lists(st.integers(-3_000, 3_000), min_size=1, max_size=25), st.sampled_from([1.0, 0.1, 1e-4, 1e6]))
def test_there_are_never_too_many_bins_and_never_needlessly_few(whole: list[int], scale: float) -> None:
    values = np.array(whole) * scale

    axis = choose_axis(values)

    assert 1 <= axis.bins <= MAX_BINS
    if values.max() - values.min() >= MIN_BINS * axis.width:
        assert axis.bins >= MIN_BINS
    assert (axis.places(values) >= 0).all(), "of so few values none is far off"
