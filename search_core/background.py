"""What a query scores with the collection on the whole: the level that its best scores are measured from.

The level is the mean of the query's scores with a sample of the collection, with two corrections, both from what
queries that ask for nothing in particular (`calibration`) score:

- In few rows the mean is chance, and holds the hit itself. So it is drawn towards the usual level, as much as if
  `PRIOR_ROWS` further rows scored that. Without it, 2 % of the nonsense is very close in collections of one picture.
- In a collection of one theme everything fits the theme's word. So no level counts as higher than nonsense gets. Of
  the titles of the sample's animals, in a collection by themselves, 4 % fall short of close and 72 % are very close
  without this ceiling; 1 % and 97 % with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from search_core.index import VectorIndex

SAMPLE_ROWS = 1_024
"""Rows in the sample: a query's mean is good to a thirtieth of its scores' spread then, in 0.1 ms."""

PRIOR_ROWS = 10
"""Rows that the usual level counts for: the variance of a prompt's scores over that of prompts' levels (0.064² over
0.020² on the sample collection), as the normal prior of a mean has it."""

CEILING = 2.0
"""Standard deviations above the usual level beyond which a level is no background: 2 % of the nonsense lies there."""


@dataclass(frozen=True, slots=True)
class Level:
    """Where the backgrounds of queries lie that ask for nothing in particular.

    Attributes:
        usual: their mean.
        ceiling: the highest that counts as background.
    """

    usual: float
    ceiling: float

    @classmethod
    def of(cls, means: np.ndarray) -> Self:
        """Take it from the mean score of each of some queries, shape (n,)."""
        return cls(float(means.mean()), float(means.mean() + CEILING * means.std()))

    def limit(self, means: np.ndarray, rows: int) -> np.ndarray:
        """The levels of queries whose scores with so many rows have these means, same shape."""
        drawn = (rows * means + PRIOR_ROWS * self.usual) / (rows + PRIOR_ROWS)
        return np.asarray(np.minimum(drawn, self.ceiling))


@dataclass(frozen=True, slots=True)
class Background:
    """A sample of the collection that a query's scores are held against.

    Attributes:
        rows: the rows' numbers, ascending, shape (n,).
        vectors: their unit vectors, shape (n, width), float32.
    """

    rows: np.ndarray
    vectors: np.ndarray
    _centre: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_centre", self.vectors.sum(axis=0) / max(1, len(self.vectors)))

    @classmethod
    def of(cls, index: VectorIndex) -> Self:
        """Sample up to `SAMPLE_ROWS` evenly spread rows, the same ones each time."""
        rows = sample_rows(len(index))
        return cls(rows, index.vectors(rows))

    def scores(self, queries: np.ndarray, places: np.ndarray | None) -> np.ndarray:
        """Scores of some queries with the sample, shape (queries, n).

        Args:
            queries: unit vectors, shape (queries, width).
            places: the place in the sample of the row that each query was made from, whose score becomes NaN.
        """
        scores: np.ndarray = queries @ self.vectors.T
        if places is not None:
            scores[np.arange(len(queries)), places] = np.nan
        return scores

    def level(self, query: np.ndarray, level: Level) -> float:
        """The level of one query, a unit vector of shape (width,)."""
        return float(level.limit(self._centre @ query, len(self.vectors)))  # the mean of all scores


def sample_rows(count: int) -> np.ndarray:
    """Up to `SAMPLE_ROWS` row numbers, evenly spread over `count` rows, ascending."""
    return np.unique(np.linspace(0, count - 1, min(SAMPLE_ROWS, count)).astype(np.int64))
