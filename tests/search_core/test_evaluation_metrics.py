"""The figures equal what one works out by hand, and what scikit-learn gives where it has the same figure.

The tiny set: six rows, of which rows 0, 3 and 4 are relevant.

    row      0     1     2     3     4     5
    score   .9    .8    .7    .6    .2    .1
    rank     1     2     3     4     5     6
    right  yes    no    no   yes   yes    no

    precision@1 = 1/1, @3 = 1/3, @4 = 2/4, @5 = 3/5;  recall@1 = 1/3, @4 = 2/3, @5 = 3/3
    average precision = (1/1 + 2/4 + 3/5) / 3 = 2.1 / 3 = 0.7
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control, hypergeom
from sklearn.metrics import average_precision_score, balanced_accuracy_score, confusion_matrix

from search_core.evaluation import metrics
from search_core.evaluation.intervals import (
    bootstrap_average_precision,
    bootstrap_mean,
    weighted_average_precision,
    wilson,
)
from search_core.evaluation.skew import benjamini_hochberg, hypergeometric_tail

SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1], np.float32)
RELEVANT = np.array([True, False, False, True, True, False])


@pytest.mark.parametrize(
    ("k", "precision", "recall"), [(1, 1.0, 1 / 3), (3, 1 / 3, 1 / 3), (4, 0.5, 2 / 3), (5, 0.6, 1.0)]
)
def test_precision_and_recall_at_k_by_hand(k: int, precision: float, recall: float) -> None:
    assert metrics.precision_at_k(RELEVANT, k) == pytest.approx(precision)
    assert metrics.recall_at_k(RELEVANT, k, total=3) == pytest.approx(recall)


def test_an_empty_place_on_the_page_counts_against_precision() -> None:
    # Two rows came back where nine were asked for, both right: 2/9.
    assert metrics.precision_at_k(np.array([True, True]), 9) == pytest.approx(2 / 9)


@pytest.mark.parametrize(
    ("relevant", "k", "precision", "recall"),
    [
        (2, 9, 2 / 9, 1.0),  # two pictures cannot fill a page of nine
        (9, 9, 1.0, 1.0),
        (200, 9, 1.0, 9 / 200),  # a page of nine cannot hold two hundred
    ],
)
def test_the_best_possible_page(relevant: int, k: int, precision: float, recall: float) -> None:
    assert metrics.best_precision(relevant, k) == pytest.approx(precision)
    assert metrics.best_recall(relevant, k) == pytest.approx(recall)


def test_average_precision_by_hand() -> None:
    ranks = metrics.ranks_of(RELEVANT, SCORES)

    assert ranks.tolist() == [1, 4, 5]
    assert metrics.average_precision(ranks) == pytest.approx(0.7)


def test_equal_scores_are_ranked_by_row_as_the_engine_does() -> None:
    # Rows 0 and 1 tie at the top, rows 2 and 3 below them: the relevant rows 1 and 2 have the ranks 2 and 3.
    scores = np.array([0.5, 0.5, 0.3, 0.3], np.float32)

    assert metrics.ranks_of(np.array([False, True, True, False]), scores).tolist() == [2, 3]


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_is_that_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores, relevant = random.standard_normal(400), random.random(400) < 0.1

    ours = metrics.average_precision(metrics.ranks_of(relevant, scores))

    assert ours == pytest.approx(average_precision_score(relevant, scores))


@pytest.mark.parametrize(
    ("score", "rank"),
    [(1.0, 1), (0.85, 2), (0.8, 2), (0.65, 4), (0.0, 7)],  # before the row that has the same score
)
def test_the_rank_that_a_newcomer_would_take(score: float, rank: int) -> None:
    assert metrics.rank_among(SCORES, np.array([score], np.float32)).tolist() == [rank]


def test_confusion_and_accuracies_by_hand() -> None:
    # Class 0 has four rows, three of them right; class 1 has one, wrong; class 2 has none.
    true, assigned = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 0])

    counts = metrics.confusion(true, assigned, classes=3)

    assert counts.tolist() == [[3, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert metrics.row_normalised(counts).tolist() == [[0.75, 0.25, 0], [1, 0, 0], [0, 0, 0]]
    assert metrics.accuracy(counts) == pytest.approx(3 / 5)
    assert metrics.balanced_accuracy(counts) == pytest.approx((3 / 4 + 0 / 1) / 2)


def test_confusion_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    true, assigned = random.integers(5, size=300), random.integers(5, size=300)

    counts = metrics.confusion(true, assigned, classes=5)

    assert counts.tolist() == confusion_matrix(true, assigned).tolist()
    assert metrics.balanced_accuracy(counts) == pytest.approx(balanced_accuracy_score(true, assigned))


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # z = 1.96, z^2 = 3.8415. At 0 of 10 the bounds are 0 and z^2 / (n + z^2) = 3.8415 / 13.8415.
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        # At 5 of 10 the middle is 1/2 and half the width sqrt(1/40 + 3.8415/400) * 1.96 / 1.38415 = 0.26341.
        (5, 10, 0.23659, 0.76341),
    ],
)
def test_wilsons_interval_by_hand(successes: int, trials: int, low: float, high: float) -> None:
    estimate = wilson(successes, trials)

    assert estimate.value == pytest.approx(successes / trials)
    assert estimate.low == pytest.approx(low, abs=1e-4)
    assert estimate.high == pytest.approx(high, abs=1e-4)


def test_wilsons_interval_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    hits = random.binomial(9, 0.7, size=4_000)

    held = [wilson(int(count), 9).low <= 0.7 <= wilson(int(count), 9).high for count in hits]

    assert 0.92 < np.mean(held) < 0.99


def test_the_bootstrap_of_a_mean_is_about_its_standard_error_wide_and_always_the_same() -> None:
    values = np.random.default_rng(2).random(50).tolist()

    estimate = bootstrap_mean(values)

    # For fifty values the mean is nearly normal: 1.96 standard errors to each side.
    assert estimate.value == pytest.approx(np.mean(values))
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * np.std(values) / np.sqrt(50), rel=0.1)
    assert bootstrap_mean(values) == estimate
    assert bootstrap_mean([0.5, 0.5]).low == bootstrap_mean([0.5, 0.5]).high == 0.5


def test_average_precision_of_a_sample_by_hand() -> None:
    # Sample one: each row once. (1/1 + 2/4 + 3/5) / 3 = 0.7 as above.
    # Sample two: the first relevant row twice, one other row in the gap, the second not at all, the third once:
    #   the two copies stand at 2/2 each, the last at 3/4. (2 * 1 + 3/4) / 3 = 11/12.
    copies, between = np.array([[1, 1, 1], [2, 0, 1]]), np.array([[0, 2, 0], [0, 1, 0]])

    assert weighted_average_precision(copies, between) == pytest.approx([0.7, 11 / 12])


@pytest.mark.parametrize("seed", range(3))
def test_average_precision_of_a_sample_is_that_of_scikit_learn_with_weights(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores, relevant, weights = random.standard_normal(200), random.random(200) < 0.2, random.poisson(1.0, 200)
    order = np.argsort(-scores)
    ranked, counted = relevant[order], weights[order]
    others = np.where(ranked, 0, counted).cumsum()[ranked]

    ours = weighted_average_precision(counted[ranked][np.newaxis], np.diff(others, prepend=0)[np.newaxis])

    assert ours[0] == pytest.approx(average_precision_score(relevant, scores, sample_weight=weights))


def test_the_bootstrap_over_rows_agrees_with_drawing_all_rows_again() -> None:
    random = np.random.default_rng(3)
    relevant = random.random(500) < 0.1
    scores = random.standard_normal(500) + relevant
    samples = [np.bincount(random.integers(500, size=500), minlength=500) for _ in range(400)]
    slow = [average_precision_score(relevant, scores, sample_weight=weights) for weights in samples]

    estimate = bootstrap_average_precision(metrics.ranks_of(relevant, scores), 500)

    assert estimate.value == pytest.approx(average_precision_score(relevant, scores))
    assert estimate.low == pytest.approx(np.quantile(slow, 0.025), abs=0.03)
    assert estimate.high == pytest.approx(np.quantile(slow, 0.975), abs=0.03)
    assert bootstrap_average_precision(metrics.ranks_of(relevant, scores), 500) == estimate


def test_a_very_large_class_is_sampled_less_often_and_has_its_interval_all_the_same() -> None:
    ranks = np.arange(1, 240_000, 2)  # 120,000 of 240,000 rows, every other one: precision about a half throughout

    estimate = bootstrap_average_precision(ranks, 240_000)

    assert estimate.value == pytest.approx(0.5, abs=1e-4)
    assert 0 < estimate.high - estimate.low < 0.01


def test_a_class_of_one_row_has_an_interval_too() -> None:
    estimate = bootstrap_average_precision(np.array([4]), 10)

    assert estimate.value == pytest.approx(1 / 4)
    assert 0 < estimate.low < 0.25 < estimate.high <= 1


def test_the_hypergeometric_tail_by_hand() -> None:
    # Ten rows, four with the value, three drawn; all C(10,3) = 120 draws are equally likely.
    # Three of the four: C(4,3) = 4 draws. Two or more: 4 + C(4,2) * 6 = 40. One or more: 120 - C(6,3) = 100.
    tails = [hypergeometric_tail(drawn, depth=3, having=4, total=10) for drawn in range(5)]

    assert tails == pytest.approx([1, 100 / 120, 40 / 120, 4 / 120, 0])


@pytest.mark.parametrize(
    ("drawn", "depth", "having", "total"),
    [(7, 9, 193, 966), (45, 45, 45, 966), (3, 45, 6, 1_000_000), (9, 9, 9, 9), (0, 45, 900, 966)],
)
def test_the_hypergeometric_tail_is_that_of_scipy(drawn: int, depth: int, having: int, total: int) -> None:
    ours = hypergeometric_tail(drawn, depth, having, total)

    assert ours == pytest.approx(hypergeom.sf(drawn - 1, total, having, depth), rel=1e-6)


def test_benjamini_and_hochbergs_adjustment_by_hand() -> None:
    # Sorted .01 .02 .03 .5, times 4/rank: .04 .04 .04 .5; the smallest from each place on: .04 .04 .04 .5.
    # Sorted .01 .04 .3 .2 -> .01*4, .04*2, .2*4/3, .3: .04 .08 .2667 .3.
    assert benjamini_hochberg(np.array([0.03, 0.01, 0.5, 0.02])) == pytest.approx([0.04, 0.04, 0.5, 0.04])
    assert benjamini_hochberg(np.array([0.01, 0.04, 0.3, 0.2])) == pytest.approx([0.04, 0.08, 0.3, 0.8 / 3])


def test_benjamini_and_hochbergs_adjustment_is_that_of_scipy() -> None:
    chances = np.random.default_rng(4).random(300) ** 3

    assert benjamini_hochberg(chances) == pytest.approx(false_discovery_control(chances))
