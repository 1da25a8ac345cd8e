"""Scores in words, measured against the collection's own background instead of fixed cuts.

A cosine means something else for every model, collection and kind of query, so a single global cut does not
work (immich#5996). Both scales are measured when an index is built:

- text: the best score that each of a list of prompts reaches which no picture collection answers (abstract,
  bureaucratic, made-up). A prompt must beat what nonsense reaches.
- image: how close each row's nearest other row is. A posted picture must be about as close to something as the
  collection's own pictures are to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import numpy as np

from search_core.query import Closeness

SAMPLE_ROWS = 512
"""Rows whose nearest neighbours are looked up: quantiles are good to about two per cent then."""

TEXT_STEPS = (1.0, 2.5, 4.5)
"""Standard deviations above the mean best score of unrelated prompts where loose, close and very close begin."""

IMAGE_QUANTILES = (0.02, 0.50, 0.98)
"""Quantiles of the nearest-neighbour scores where loose, close and very close begin."""

_STEPS = (Closeness.LOOSE, Closeness.CLOSE, Closeness.VERY_CLOSE)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Where, on the scale of one kind of query, a score begins to be called loose, close and very close."""

    thresholds: tuple[float, float, float]

    @classmethod
    def of(cls, thresholds: Sequence[float]) -> Self:
        """Make one from the numbers in a manifest."""
        loose, close, very_close = thresholds
        return cls((loose, close, very_close))

    def closeness(self, score: float) -> Closeness:
        """Put a cosine into words."""
        passed = sum(score >= threshold for threshold in self.thresholds)
        return _STEPS[passed - 1] if passed else Closeness.FAR


def calibrate_text(best_scores: np.ndarray) -> Calibration:
    """Calibrate from the best score of each unrelated prompt, shape (prompts,)."""
    mean, deviation = float(best_scores.mean()), float(best_scores.std())
    loose, close, very_close = (mean + step * deviation for step in TEXT_STEPS)
    return Calibration((loose, close, very_close))


def calibrate_image(nearest_scores: np.ndarray) -> Calibration:
    """Calibrate from each sampled row's score with its nearest other row, shape (rows,)."""
    loose, close, very_close = (float(value) for value in np.quantile(nearest_scores, IMAGE_QUANTILES))
    return Calibration((loose, close, very_close))


@cache
def unrelated_prompts() -> tuple[str, ...]:
    """The prompts that no picture collection answers, one a line in `data/unrelated_prompts.txt`."""
    text = files("search_core").joinpath("data/unrelated_prompts.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
