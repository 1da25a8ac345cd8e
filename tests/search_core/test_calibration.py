"""Scores are put into words by the collection's own background, not by fixed cuts."""

from __future__ import annotations

import numpy as np
import pytest

from search_core.calibration import (
    SAMPLE_ROWS,
    Background,
    Calibration,
    calibrate,
    image_thresholds,
    sample_rows,
    text_thresholds,
    unrelated_prompts,
)
from search_core.encoder import unit
from search_core.index import FlatIndex
from search_core.query import Closeness, Kind
from search_core.text import clean

WIDTH = 32
# Along the first axis the background's scores are -0.5 and 0.5: mean 0, deviation 0.5.
EVEN = Background(np.array([[-0.5, 0.0], [0.5, 0.0]], np.float32))
ALONG = np.array([1.0, 0.0], np.float32)


@pytest.fixture(scope="module")
def index() -> FlatIndex:
    return FlatIndex.build([unit(np.random.default_rng(0).normal(size=(2_000, WIDTH)))], WIDTH)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (-1.0, Closeness.FAR),
        (0.49, Closeness.FAR),
        (0.5, Closeness.LOOSE),
        (0.99, Closeness.LOOSE),
        (1.0, Closeness.CLOSE),
        (1.5, Closeness.VERY_CLOSE),
        (9.0, Closeness.VERY_CLOSE),
    ],
)
def test_a_score_is_called_by_the_last_threshold_it_reaches(score: float, expected: Closeness) -> None:
    calibration = Calibration(EVEN, {Kind.TEXT: (1.0, 2.0, 3.0)})

    assert calibration.closeness(np.array([score]), ALONG, Kind.TEXT) == [expected]


def test_a_score_is_measured_in_deviations_from_its_own_querys_mean() -> None:
    shifted = Background(np.array([[0.1, 0.0], [0.3, 0.0]], np.float32))

    assert EVEN.standardise(np.array([1.0]), ALONG) == pytest.approx([2.0])
    assert shifted.standardise(np.array([0.5]), ALONG) == pytest.approx([3.0])


def test_a_collection_without_spread_divides_by_no_zero() -> None:
    flat = Background(np.array([[1.0, 0.0]], np.float32))

    assert np.isfinite(flat.standardise(np.array([1.0, 0.5]), ALONG)).all()


def test_the_same_picture_is_very_close_whatever_the_collection_is_like() -> None:
    calibration = Calibration(EVEN, {Kind.IMAGE: (3.0, 4.0, 5.0), Kind.TEXT: (3.0, 4.0, 5.0)})

    assert calibration.closeness(np.array([1.0, 0.9]), ALONG, Kind.IMAGE) == [Closeness.VERY_CLOSE, Closeness.FAR]
    assert calibration.closeness(np.array([1.0]), ALONG, Kind.TEXT) == [Closeness.FAR]


def test_no_scores_give_no_words(index: FlatIndex) -> None:
    calibration = Calibration.of(index, {"text": (1, 2, 3), "image": (1, 2, 3)})

    assert calibration.closeness(np.array([]), index.vector(0), Kind.TEXT) == []


def test_words_with_a_picture_are_measured_between_the_two(index: FlatIndex) -> None:
    calibration = Calibration.of(index, {"text": (1.0, 2.0, 3.0), "image": (3.0, 6.0, 9.0)})

    assert calibration.thresholds[Kind.MIXED] == pytest.approx((2.0, 4.0, 6.0))


def test_text_thresholds_are_steps_above_the_mean_of_what_nonsense_reaches() -> None:
    best = np.array([1.0, 2.0, 3.0])

    thresholds = text_thresholds(best)

    assert thresholds == pytest.approx((2 + 1.0 * best.std(), 2 + 2.5 * best.std(), 2 + 4.5 * best.std()))


def test_image_thresholds_are_quantiles_of_how_close_neighbours_are() -> None:
    assert image_thresholds(np.linspace(0, 1, 101)) == pytest.approx((0.02, 0.50, 0.98))


def test_in_a_collection_of_noise_nonsense_is_not_close_and_a_row_is_very_close_to_itself(index: FlatIndex) -> None:
    nonsense = unit(np.random.default_rng(1).normal(size=(40, WIDTH)))
    calibration = Calibration.of(index, calibrate(index, nonsense[:30]))

    best = [float(index.search(query[np.newaxis], 1)[0][0, 0]) for query in nonsense[30:]]
    words = [
        calibration.closeness(np.array([score]), query, Kind.TEXT)[0]
        for score, query in zip(best, nonsense[30:], strict=True)
    ]

    assert words.count(Closeness.FAR) >= 7
    assert calibration.closeness(np.array([1.0]), index.vector(3), Kind.IMAGE) == [Closeness.VERY_CLOSE]


def test_one_picture_is_enough_to_calibrate() -> None:
    alone = FlatIndex.build([unit(np.ones((1, WIDTH)))], WIDTH)

    thresholds = calibrate(alone, unit(np.eye(WIDTH)[:5]))

    assert np.isfinite(list(thresholds.values())).all()


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (5, 5), (SAMPLE_ROWS, SAMPLE_ROWS), (10**6, SAMPLE_ROWS)])
def test_the_sample_is_spread_evenly_and_holds_each_row_once(count: int, expected: int) -> None:
    rows = sample_rows(count)

    assert len(set(rows.tolist())) == expected
    assert rows[0] == 0
    assert rows[-1] == count - 1


def test_the_unrelated_prompts_are_many_distinct_and_clean() -> None:
    prompts = unrelated_prompts()

    assert len(prompts) >= 30
    assert len(set(prompts)) == len(prompts)
    assert all(clean(prompt) == prompt for prompt in prompts)
