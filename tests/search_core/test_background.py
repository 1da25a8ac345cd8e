"""A score is measured from what its query scores with the collection on the whole."""

from __future__ import annotations

import numpy as np
import pytest

from search_core.background import CEILING, PRIOR_ROWS, SAMPLE_ROWS, Background, Level, sample_rows
from search_core.encoder import unit
from search_core.index import FlatIndex

ALONG = np.array([1.0, 0.0], np.float32)
FREE = Level(0.0, 9.0)


def _background(*along: float, times: int = 1) -> Background:
    """One whose rows' scores along the first axis are given."""
    vectors = np.array([[score, 0.0] for score in along] * times, np.float32)
    return Background(np.arange(len(vectors)), vectors)


def test_the_level_is_the_mean_of_the_querys_own_scores() -> None:
    assert _background(0.1, 0.3, times=5_000).level(ALONG, FREE) == pytest.approx(0.2, abs=1e-3)


def test_relatives_on_one_side_and_strangers_on_the_other_leave_the_level_where_it_is() -> None:
    assert _background(-0.9, 0.9).level(ALONG, FREE) == pytest.approx(_background(-0.5, 0.5).level(ALONG, FREE))


def test_few_rows_draw_the_level_away_from_the_usual_one_by_as_much_as_they_count() -> None:
    level = _background(0.6).level(ALONG, Level(0.1, 9.0))

    assert level == pytest.approx((0.6 + PRIOR_ROWS * 0.1) / (1 + PRIOR_ROWS))


def test_a_level_above_what_nonsense_has_is_no_background() -> None:
    level = Level.of(np.array([0.1, 0.3]))

    assert (level.usual, level.ceiling) == pytest.approx((0.2, 0.2 + CEILING * 0.1))
    assert _background(0.8, times=1_000).level(ALONG, level) == pytest.approx(level.ceiling)


def test_a_row_that_a_query_was_made_from_does_not_count() -> None:
    scores = _background(0.2, 0.7).scores(np.stack([ALONG, ALONG]), np.array([0, 1]))

    assert np.isnan(scores).tolist() == [[True, False], [False, True]]
    assert np.nanmean(scores, axis=1) == pytest.approx([0.7, 0.2])


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (5, 5), (SAMPLE_ROWS, SAMPLE_ROWS), (10**6, SAMPLE_ROWS)])
def test_the_sample_is_spread_evenly_and_holds_each_row_once(count: int, expected: int) -> None:
    rows = sample_rows(count)

    assert len(set(rows.tolist())) == expected
    assert rows[0] == 0
    assert rows[-1] == count - 1


def test_the_sample_holds_the_vectors_of_its_rows() -> None:
    vectors = unit(np.random.default_rng(0).normal(size=(2_000, 8)))

    background = Background.of(FlatIndex.build([vectors], 8))

    assert background.vectors == pytest.approx(vectors[background.rows], abs=1e-3)
