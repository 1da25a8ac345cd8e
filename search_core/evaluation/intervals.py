"""How far a measured figure can be trusted: 95% intervals, the same at every run.

Three kinds, each where its assumptions come nearest to being true:

- `wilson` for shares of separate trials (E. B. Wilson, 1927; recommended by Brown, Cai and DasGupta,
  "Interval Estimation for a Binomial Proportion", 2001), because it holds at 0 and at 1 and for few trials.
- `bootstrap_mean` for the mean over classes: percentile bootstrap (Efron and Tibshirani, An Introduction to the
  Bootstrap, 1993, chapter 13) that draws the classes again; it says what another choice of like classes might give.
- `bootstrap_average_precision` for one class: a bootstrap over the collection's rows with Poisson frequencies
  (Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson frequencies", 2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

REPLICATES = 1_000
"""Bootstrap samples: enough for a 95% interval (Efron and Tibshirani, page 188)."""

SEED = 20_261_123
"""Of all random draws, so that the same index and taxonomy give the same report."""

LOW, HIGH = 0.025, 0.975
Z = 1.959963984540054
"""The normal distribution's 97.5% quantile."""

MOST_DRAWS, FEWEST_REPLICATES = 5_000_000, 200
"""A class of more than 5,000 rows is sampled less often, down to 200 times: its interval is narrow anyway."""

_BLOCK = 4_000_000
"""Numbers drawn at once: 32 MB, whatever the number of relevant rows."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Estimate:
        """The same estimate on another scale."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


def wilson(successes: float, trials: float) -> Estimate:
    """Estimate a share, with the Wilson score interval.

    Args:
        successes: need not be whole: the mean of several counts may stand here.
        trials: more than 0.
    """
    share = successes / trials
    middle = (share + Z * Z / (2 * trials)) / (1 + Z * Z / trials)
    half = Z / (1 + Z * Z / trials) * sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    return Estimate(share, min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))


def bootstrap_mean(values: Sequence[float]) -> Estimate:
    """Estimate a mean, with the percentile bootstrap over its terms."""
    terms = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(SEED)
    means = terms[random.integers(len(terms), size=(REPLICATES, len(terms)))].mean(axis=1)
    return _estimate(float(terms.mean()), means)


def bootstrap_average_precision(ranks: np.ndarray, rows: int) -> Estimate:
    """Estimate a query's average precision, with a bootstrap over the collection's rows.

    In a sample each row stands a Poisson(1) number of times. The rows between two relevant ones then stand, all
    together, a Poisson(their number) of times, so that a sample costs one draw for each relevant row and one for
    each gap, however large the collection is. Copies of a row share their row's place.

    Args:
        ranks: ascending ranks of the relevant rows, counted from 1, shape (relevant,); not empty.
        rows: rows of the collection.
    """
    from search_core.evaluation.metrics import average_precision

    assert ranks[-1] <= rows
    gaps = np.diff(ranks, prepend=0) - 1
    random = np.random.default_rng(SEED)
    replicates = min(REPLICATES, max(FEWEST_REPLICATES, MOST_DRAWS // len(ranks)))
    block = max(1, _BLOCK // len(ranks))
    samples = [
        weighted_average_precision(random.poisson(1.0, (size, len(ranks))), random.poisson(gaps, (size, len(ranks))))
        for size in (min(block, replicates - start) for start in range(0, replicates, block))
    ]
    return _estimate(average_precision(ranks), np.concatenate(samples))


def weighted_average_precision(copies: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Average precision of samples in which each relevant row stands several times or not at all.

    Args:
        copies: how often each relevant row stands in each sample, best rank first, shape (samples, relevant).
        between: how many other rows stand between it and the relevant row before it, same shape.

    Returns:
        Shape (samples,); not a number where a sample holds no relevant row.
    """
    found = np.cumsum(copies, axis=1)
    looked_at = found + np.cumsum(between, axis=1)
    precision = found / np.maximum(looked_at, 1)
    with np.errstate(invalid="ignore"):
        result: np.ndarray = (copies * precision).sum(axis=1) / found[:, -1]
    return result


def _estimate(value: float, samples: np.ndarray) -> Estimate:
    low, high = (float(bound) for bound in np.nanquantile(samples, (LOW, HIGH)))
    return Estimate(value, min(low, value), max(high, value))
