"""Scores are put into words by the collection's own background, not by fixed cuts."""

from __future__ import annotations

import numpy as np
import pytest

from search_core.calibration import Calibration, calibrate_image, calibrate_text, unrelated_prompts
from search_core.query import Closeness
from search_core.text import clean

STEPS = Calibration((0.2, 0.4, 0.6))


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
    assert STEPS.closeness(score) is expected


def test_the_same_cosine_means_something_else_in_another_collection() -> None:
    narrow = calibrate_text(np.array([0.20, 0.21, 0.22, 0.23]))
    wide = calibrate_text(np.array([0.10, 0.30, 0.35, 0.50]))

    assert narrow.closeness(0.3) is Closeness.VERY_CLOSE
    assert wide.closeness(0.3) is Closeness.FAR


def test_text_thresholds_are_steps_above_the_mean_of_what_nonsense_reaches() -> None:
    scores = np.array([0.1, 0.2, 0.3])

    thresholds = calibrate_text(scores).thresholds

    assert thresholds[0] == pytest.approx(0.2 + 1.0 * scores.std())
    assert list(thresholds) == sorted(thresholds)


def test_image_thresholds_are_quantiles_of_how_close_neighbours_are() -> None:
    nearest = np.linspace(0, 1, 101)

    assert calibrate_image(nearest).thresholds == pytest.approx((0.02, 0.50, 0.98))


def test_the_unrelated_prompts_are_many_distinct_and_clean() -> None:
    prompts = unrelated_prompts()

    assert len(prompts) >= 30
    assert len(set(prompts)) == len(prompts)
    assert all(clean(prompt) == prompt for prompt in prompts)
