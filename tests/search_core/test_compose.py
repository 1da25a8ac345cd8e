"""The parts of a query become one unit vector by the stated formula."""

from __future__ import annotations

import numpy as np
import pytest

from search_core.compose import WITHOUT_WEIGHT, compose
from search_core.errors import EncoderError

X, Y, Z = np.eye(3, dtype=np.float32)
NONE = np.empty((0, 3), np.float32)
HALF = np.sqrt(0.5)


@pytest.mark.parametrize(
    ("texts", "image", "without", "weight", "expected", "reason"),
    [
        ([X], None, NONE, 0.5, X, "one prompt is itself"),
        (NONE, Y, NONE, 0.5, Y, "a picture is itself, whatever the weight"),
        ([X, Y], None, NONE, 0.5, [HALF, HALF, 0], "prompts are averaged"),
        ([X, X, Y], None, NONE, 0.5, np.array([2, 1, 0]) / np.sqrt(5), "a prompt given twice counts twice"),
        ([X], Y, NONE, 0.5, [HALF, HALF, 0], "words and picture in equal shares"),
        ([X], Y, NONE, 0.0, X, "no share for the picture"),
        ([X], Y, NONE, 1.0, Y, "no share for the words"),
        ([X, Y], Z, NONE, 0.5, np.array([0.5, 0.5, HALF]), "several prompts count as one against a picture"),
        ([X], None, [Y], 0.5, np.array([2, -1, 0]) / np.sqrt(5), "half of what is to stay away is taken off"),
        ([X], None, [Y, Z], 0.5, np.array([1, -0.5 * HALF, -0.5 * HALF]) / np.sqrt(1.25), "the mean is taken off"),
    ],
)
def test_formula(
    texts: object, image: np.ndarray | None, without: object, weight: float, expected: object, reason: str
) -> None:
    composed = compose(np.array(texts), image, np.array(without), weight)

    assert composed == pytest.approx(np.array(expected, np.float32), abs=1e-6), reason
    assert np.linalg.norm(composed) == pytest.approx(1.0, abs=1e-6)


def test_a_row_is_scored_by_its_likeness_to_the_one_less_that_to_the_other() -> None:
    rng = np.random.default_rng(0)
    towards, away, row = (vector / np.linalg.norm(vector) for vector in rng.normal(size=(3, 3)))
    scale = np.linalg.norm(towards - WITHOUT_WEIGHT * away)

    composed = compose(towards[np.newaxis], None, away[np.newaxis], 0.5)

    assert composed @ row == pytest.approx((towards @ row - WITHOUT_WEIGHT * (away @ row)) / scale, abs=1e-6)


def test_staying_away_from_the_prompt_itself_changes_nothing() -> None:
    assert compose(np.array([X]), None, np.array([X]), 0.5) == pytest.approx(X)


def test_parts_that_cancel_each_other_out_are_an_error() -> None:
    with pytest.raises(EncoderError):
        compose(np.array([X, -X]), None, NONE, 0.5)
