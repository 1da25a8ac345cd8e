"""Scores in words, measured against the collection's own background instead of fixed cuts.

A cosine means something else for every model, collection, kind of query and even prompt, so a single global cut does
not work (immich#5996). Two steps take care of that:

1. A score is measured from its own query's background (`background`): how far does it lie above what that query scores
   with the collection on the whole? What all pictures share with a prompt, a mixture or a subtraction drops out. It
   is not divided by the scores' spread: that would punish a word for having many relatives in the collection (on the
   sample collection 5.6 % of the titles then passed for "not close" at one deviation, against 0.5 % without).
2. What such a distance means is measured when an index is built, for words alone, a picture alone and three mixtures
   between, each with and without something to stay away from. Queries are composed that ask for nothing in particular,
   and what the best other row reaches is taken down.
   Words: prompts which no picture collection answers (abstract, bureaucratic, made up). A prompt must beat what
   nonsense reaches.
   Pictures: the collection's own rows, each left out. A posted picture must be about as close to something as the
   collection's own pictures are to each other.
   Both: rows mixed with such prompts. Words that add nothing leave a picture in nine of ten cases loosely related at
   most.
   Without: the same, less another such prompt, so that what the subtraction does to the scores is in the scale.

Several prompts need no scale of their own: the mean of two to eight unrelated prompts has unit length again, and
reaches no more than one does (on the sample 0.22 to 0.21 above the background, against 0.23).

Measured on random parts of the sample of 1, 5, 20, 50, 100 and all 966 rows: of nonsense that the calibration never saw
88 to 100 % is not close; of the collection's own titles 95 to 100 % are close or very close, at most 1 % not close.

In a handful of rows the best other row may be as unrelated as any. So a threshold also lies some deviations above
what the same queries score with all other rows, which takes over in collections below some three hundred rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Self

import numpy as np

from search_core.background import Background, Level
from search_core.compose import compose
from search_core.duplicates import MIN_COSINE
from search_core.query import Closeness, Mixture

if TYPE_CHECKING:
    from search_core.index import VectorIndex

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the picture that are measured; between them the scale is interpolated. On the sample that is at
most 0.04 off what a measurement there gives; with the middle alone 0.12."""

QUERIES = 128
"""Queries composed for a measurement: their mean is good to a tenth of their spread. All take some 1,200 searches."""

STEPS_OF_WORDS = (1.5, 3.0, 5.0)
"""Standard deviations above the mean of what unrelated prompts reach at best where loose, close, very close begin."""

STEPS_OF_PICTURES = (-1.75, 0.0, 1.75)
"""The same for what nearest neighbours reach: all but 4 % of the rows have a neighbour loosely related or closer, half
a close one, 4 % a very close one. A mixture's steps lie between, by the picture's share."""

STEPS_OF_ANY = (3.25, 5.0, 7.0)
"""How far above the median of what all other rows score no threshold lies below, in root mean squares of how far the
lower half lies beneath it: the upper half holds the relatives, which would push the steps up where there are many."""

FEW_ROWS = 5
"""Fewer rows say nothing about how close pictures are; only the same picture is close then."""

_STEPS = (Closeness.LOOSE, Closeness.CLOSE, Closeness.VERY_CLOSE)
_PLAIN, _WITHOUT = "plain", "without"
_OUT_OF_REACH = (2.0, 2.0, 2.0)

Scales = Mapping[str, Sequence[Sequence[float]]]
"""As a manifest keeps them, by `plain` and `without`: for each of `SHARES` the `Level`, and the scores above the
background where loose, close and very close begin."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Puts scores into words for one collection and encoder."""

    background: Background
    scales: Scales

    @classmethod
    def of(cls, index: VectorIndex, scales: Scales) -> Self:
        """Make one from an index and the numbers in its manifest."""
        return cls(Background.of(index), scales)

    def closeness(self, scores: np.ndarray, query: np.ndarray, mixture: Mixture) -> list[Closeness]:
        """Put the cosines of one query, shape (n,), into words.

        Args:
            scores: the cosines.
            query: the query's unit vector, shape (width,).
            mixture: what it is made of.
        """
        usual, ceiling, *thresholds = self.scale(mixture)
        above = scores - self.background.level(query, Level(usual, ceiling))
        passed = (above[:, np.newaxis] >= np.array(thresholds)).sum(axis=1)
        if mixture.picture > 0:
            # The same picture is very close, also where so many rows have a near-duplicate that it is nothing special.
            passed[scores >= MIN_COSINE] = len(_STEPS)
        return [_STEPS[steps - 1] if steps else Closeness.FAR for steps in passed.tolist()]

    def cut(self, query: np.ndarray, mixture: Mixture, step: int) -> float:
        """The cosine from which a row is loosely related (step 0), close (1) or very close (2) to a query."""
        usual, ceiling, *thresholds = self.scale(mixture)
        return self.background.level(query, Level(usual, ceiling)) + thresholds[step]

    def scale(self, mixture: Mixture) -> list[float]:
        """The numbers that hold for a mixture, in the order of `Scales`."""
        table = np.array(self.scales[_WITHOUT if mixture.without else _PLAIN])
        return [float(np.interp(mixture.picture, SHARES, column)) for column in table.T]


def calibrate(index: VectorIndex, unrelated: np.ndarray) -> dict[str, list[list[float]]]:
    """Measure the scales of a collection.

    Args:
        index: the collection's vectors.
        unrelated: vectors of `unrelated_prompts`, shape (prompts, width).
    """
    background = Background.of(index)
    return {
        name: [measure(index, background, unrelated, Mixture(share, name == _WITHOUT)) for share in SHARES]
        for name in (_PLAIN, _WITHOUT)
    }


def measure(index: VectorIndex, background: Background, unrelated: np.ndarray, mixture: Mixture) -> list[float]:
    """Measure the scale of one mixture, in the order of `Scales`; the other arguments are those of `calibrate`."""
    if mixture.picture and len(index) < FEW_ROWS:
        return [0.0, 0.0, *_OUT_OF_REACH]
    asked = _asked(background, unrelated, mixture)
    scores = background.scores(asked.vectors, asked.places)
    means = np.nanmean(scores, axis=1)
    level = Level.of(means)
    levels = level.limit(means, len(background.rows))
    best = _best(index, background, asked) - levels
    steps = (1 - mixture.picture) * np.array(STEPS_OF_WORDS) + mixture.picture * np.array(STEPS_OF_PICTURES)
    floors = _floors(scores - levels[:, np.newaxis])
    return [level.usual, level.ceiling, *np.maximum(best.mean() + steps * best.std(), floors).tolist()]


@cache
def unrelated_prompts() -> tuple[str, ...]:
    """The prompts that no picture collection answers, one a line in `data/unrelated_prompts.txt`."""
    text = files("search_core").joinpath("data/unrelated_prompts.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Queries that ask for nothing in particular.

    Attributes:
        vectors: unit vectors, shape (n, width).
        places: where in the background the row stands that each was made from, shape (n,); None without a picture.
    """

    vectors: np.ndarray
    places: np.ndarray | None


def _asked(background: Background, unrelated: np.ndarray, mixture: Mixture) -> _Asked:
    """Compose unrelated prompts, rows, or both, less other unrelated prompts if the mixture has a `without`."""
    nothing, some = unrelated[:0], min(QUERIES, len(background.rows))
    places = np.linspace(0, len(background.rows) - 1, some).astype(np.int64) if mixture.picture else None
    count = some if mixture.picture else QUERIES if mixture.without else len(unrelated)
    turns, words = np.divmod(np.arange(count), len(unrelated))
    others = (words + 1 + turns % max(len(unrelated) - 1, 1)) % len(unrelated)  # another partner at each turn
    vectors = [
        compose(
            unrelated[[words[i]]] if mixture.picture < 1 else nothing,
            None if places is None else background.vectors[places[i]],
            unrelated[[others[i]]] if mixture.without else nothing,
            mixture.picture,
        )
        for i in range(count)
    ]
    return _Asked(np.stack(vectors), places)


def _floors(above: np.ndarray) -> np.ndarray:
    """The least thresholds, from what the queries score above their levels with all rows, NaN where made from it."""
    scores = above[~np.isnan(above)]
    middle = np.median(scores)
    below = scores[scores <= middle] - middle
    return np.asarray(middle + np.array(STEPS_OF_ANY) * np.sqrt(np.mean(below**2)))


def _best(index: VectorIndex, background: Background, asked: _Asked) -> np.ndarray:
    """The score of each query with the best row that it was not made from, shape (n,)."""
    scores, rows = index.search(asked.vectors, 2)
    if asked.places is None:
        return scores[:, 0]
    itself = rows[:, 0] == background.rows[asked.places]
    return np.where(itself, scores[:, -1], scores[:, 0])
