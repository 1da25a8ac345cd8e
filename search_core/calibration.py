"""Scores in words, measured against the collection's own background instead of fixed cuts.

A cosine means something else for every model, collection, kind of query and even prompt, so a single global cut does
not work (immich#5996). Two steps take care of that:

1. A score is measured from its own query's background: how far does it lie above the mean of that query's scores with a
   sample of the collection? What all pictures share with a prompt, a mixture or a subtraction drops out. It is not
   divided by the scores' spread: that would punish a word for having many relatives in the collection (on the sample
   collection 5.6 % of the titles then passed for "not close" at one deviation, against 0.5 % without).
2. What such a distance means is measured for each kind of query when an index is built.
   Text: the best that each of a list of prompts reaches which no picture collection answers (abstract, bureaucratic,
   made up). A prompt must beat what nonsense reaches.
   Image: how close each row's nearest other row is. A posted picture must be about as close to something as the
   collection's own pictures are to each other.
   Words with a picture: the mean of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Self

import numpy as np

from search_core.duplicates import MIN_COSINE
from search_core.query import Closeness, Kind

if TYPE_CHECKING:
    from search_core.index import VectorIndex

SAMPLE_ROWS = 1_024
"""Rows in the background sample: a query's mean is good to a thirtieth of its scores' spread then, in 0.1 ms."""

TEXT_STEPS = (1.5, 3.0, 5.0)
"""Standard deviations above the mean of what unrelated prompts reach at best where loose, close, very close begin. On
the sample collection 5 % of the unrelated prompts pass the first step and 99.3 % of the titles do, 95 % of the titles
the second, half of them the third."""

IMAGE_QUANTILES = (0.02, 0.50, 0.98)
"""Quantiles of what nearest neighbours reach where loose, close and very close begin."""

_STEPS = (Closeness.LOOSE, Closeness.CLOSE, Closeness.VERY_CLOSE)

Thresholds = tuple[float, float, float]
"""Scores above their query's background where loose, close and very close begin."""


@dataclass(frozen=True, slots=True)
class Background:
    """A sample of the collection that a query's scores are held against.

    Attributes:
        vectors: unit vectors, shape (rows, width), float32.
    """

    vectors: np.ndarray

    @classmethod
    def of(cls, index: VectorIndex) -> Self:
        """Sample up to `SAMPLE_ROWS` evenly spread rows, the same ones each time."""
        return cls(index.vectors(sample_rows(len(index))))

    def above(self, scores: np.ndarray, query: np.ndarray) -> np.ndarray:
        """How far one query's scores lie above the mean of its background, same shape."""
        return np.asarray(scores - float((self.vectors @ query).mean()))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Puts scores into words for one collection and encoder."""

    background: Background
    thresholds: Mapping[Kind, Thresholds]

    @classmethod
    def of(cls, index: VectorIndex, thresholds: Mapping[str, Sequence[float]]) -> Self:
        """Make one from an index and the numbers in its manifest, by the names of the kinds TEXT and IMAGE."""
        known = {Kind(name): _three(values) for name, values in thresholds.items()}
        mixed = np.mean([known[Kind.TEXT], known[Kind.IMAGE]], axis=0)
        return cls(Background.of(index), known | {Kind.MIXED: _three(mixed.tolist())})

    def closeness(self, scores: np.ndarray, query: np.ndarray, kind: Kind) -> list[Closeness]:
        """Put the cosines of one query, shape (n,), into words."""
        above = self.background.above(scores, query)
        passed = (above[:, np.newaxis] >= np.array(self.thresholds[kind])).sum(axis=1)
        if kind is not Kind.TEXT:
            # The same picture is very close, also where so many rows have a near-duplicate that it is nothing special.
            passed[scores >= MIN_COSINE] = len(_STEPS)
        return [_STEPS[steps - 1] if steps else Closeness.FAR for steps in passed.tolist()]


def calibrate(index: VectorIndex, unrelated: np.ndarray) -> dict[str, Thresholds]:
    """Measure the thresholds of a collection.

    Args:
        index: the collection's vectors.
        unrelated: vectors of `unrelated_prompts`, shape (prompts, width).
    """
    background = Background.of(index)
    best = index.search(unrelated, 1)[0]
    text = [background.above(score, query)[0] for score, query in zip(best, unrelated, strict=True)]
    queries, nearest = _nearest(index)
    image = [background.above(score, query) for score, query in zip(nearest, queries, strict=True)]
    return {Kind.TEXT.value: text_thresholds(np.array(text)), Kind.IMAGE.value: image_thresholds(np.array(image))}


def text_thresholds(best_of_unrelated: np.ndarray) -> Thresholds:
    """Thresholds from the best score above background of each unrelated prompt, shape (prompts,)."""
    return _three([best_of_unrelated.mean() + step * best_of_unrelated.std() for step in TEXT_STEPS])


def image_thresholds(nearest: np.ndarray) -> Thresholds:
    """Thresholds from the score above background of each sampled row with its nearest other row, shape (rows,)."""
    return _three(np.quantile(nearest, IMAGE_QUANTILES).tolist())


def sample_rows(count: int) -> np.ndarray:
    """Up to `SAMPLE_ROWS` row numbers, evenly spread over `count` rows, ascending."""
    return np.unique(np.linspace(0, count - 1, min(SAMPLE_ROWS, count)).astype(np.int64))


@cache
def unrelated_prompts() -> tuple[str, ...]:
    """The prompts that no picture collection answers, one a line in `data/unrelated_prompts.txt`."""
    text = files("search_core").joinpath("data/unrelated_prompts.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def _nearest(index: VectorIndex) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the sampled rows, and the score of each with its nearest other row, shape (rows,)."""
    sample = sample_rows(len(index))
    queries = index.vectors(sample)
    scores, rows = index.search(queries, 2)
    if scores.shape[1] == 1:  # a collection of one picture
        return queries, scores[:, 0]
    return queries, np.where(rows[:, 0] == sample, scores[:, 1], scores[:, 0])


def _three(values: Sequence[float]) -> Thresholds:
    loose, close, very_close = (float(value) for value in values)
    return loose, close, very_close
