"""Scores are put into words by the collection's own background, not by fixed cuts."""

from __future__ import annotations

import numpy as np
import pytest

from search_core.calibration import (
    SAMPLE_ROWS,
    TEXT_STEPS,
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
EVEN = Background(np.array([[-0.5, 0.0], [0.5, 0.0]], np.float32))
"""Its scores along the first axis are -0.5 and 0.5: mean 0."""

ALONG = np.array([1.0, 0.0], np.float32)


@pytest.fixture(scope="module")
def index() -> FlatIndex:
    return FlatIndex.build([unit(np.random.default_rng(0).normal(size=(2_000, WIDTH)))], WIDTH)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (-1.0, Closeness.FAR),
        (0.19, Closeness.FAR),
        (0.2, Closeness.LOOSE),
        (0.39, Closeness.LOOSE),
        (0.4, Closeness.CLOSE),
        (0.6, Closeness.VERY_CLOSE),
        (1.0, Closeness.VERY_CLOSE),
    ],
)
def test_a_score_is_called_by_the_last_threshold_it_reaches(score: float, expected: Closeness) -> None:
    calibration = Calibration(EVEN, {Kind.TEXT: (0.2, 0.4, 0.6)})

    assert calibration.closeness(np.array([score]), ALONG, Kind.TEXT) == [expected]


def test_a_score_is_measured_from_its_own_querys_background() -> None:
    shifted = Background(np.array([[0.1, 0.0], [0.3, 0.0]], np.float32))

    assert EVEN.above(np.array([0.5]), ALONG) == pytest.approx([0.5])
    assert shifted.above(np.array([0.5, 0.2]), ALONG) == pytest.approx([0.3, 0.0], abs=1e-6)


def test_a_collection_full_of_relatives_does_not_make_a_score_less_close() -> None:
    mixed = Background(np.array([[-0.9, 0.0], [0.9, 0.0]], np.float32))

    assert mixed.above(np.array([0.6]), ALONG) == pytest.approx(EVEN.above(np.array([0.6]), ALONG))


def test_the_same_picture_is_very_close_whatever_the_collection_is_like() -> None:
    calibration = Calibration(EVEN, {Kind.IMAGE: (1.1, 1.2, 1.3), Kind.TEXT: (1.1, 1.2, 1.3)})

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

    assert thresholds == pytest.approx([2 + step * best.std() for step in TEXT_STEPS])


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
