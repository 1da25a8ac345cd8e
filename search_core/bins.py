"""Bins along a number line, chosen from the values: single years, decades, or other round widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

MAX_BINS = 60
"""As many as a plot of Discord's width can show apart."""

MIN_BINS = 10
"""With fewer a course over the years cannot be seen; fewer come of a short range of whole numbers only."""

ENOUGH = 30
"""Rows that half of the bins should hold: the 95 % interval of a share is at most 18 points to either side then."""

TAIL = 0.005
"""Share of the values at either end that may be slips of the pen, such as the year 9999."""

MANY = 30
"""Values from which at least one at either end may be a slip; of fewer each counts."""

LONGEST_TAIL = 0.5
"""A tail is left out where it takes more than this part of the range that all other values lie in."""

_ROUND = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Axis:
    """Bins of equal width, each from its lower edge up to, but without, its upper edge.

    Attributes:
        first: the first bin's lower edge, in widths.
        width: a round number.
        bins: how many.
        whole: whether all values are whole numbers, so that a bin of width 10 goes from 1850 to 1859.
    """

    first: int
    width: float
    bins: int
    whole: bool

    def places(self, values: np.ndarray) -> np.ndarray:
        """The bin of each value, -1 where it lies in none, shape (len(values),)."""
        places = np.floor(values / self.width) - self.first
        return np.where((places >= 0) & (places < self.bins), places, -1).astype(np.int64)

    def edges(self) -> list[float]:
        """The bins' edges, ascending, one more than there are bins."""
        return [round((self.first + place) * self.width, 12) for place in range(self.bins + 1)]


def choose_axis(values: np.ndarray) -> Axis:
    """Choose bins for some values, shape (n,), at least one and none of them NaN.

    The bins are as narrow as `MAX_BINS` allows, and as much wider as it takes that half of those that are not empty
    hold `ENOUGH` rows, but no wider than leaves `MIN_BINS`.
    """
    low, high = usual_range(values)
    whole = bool((values == np.round(values)).all())
    chosen: Axis | None = None
    for width in _widths(high - low, whole):
        axis = _axis(low, high, width, whole)
        if axis.bins > MAX_BINS:
            continue
        if chosen is not None and axis.bins < MIN_BINS:
            break
        chosen = axis
        if axis.bins <= MIN_BINS or _typical(axis, values) >= ENOUGH:
            break
    assert chosen is not None  # the widths grow without end
    return chosen


def usual_range(values: np.ndarray) -> tuple[float, float]:
    """Least and greatest value, without a few that lie far off."""
    least, greatest = float(values.min()), float(values.max())
    slips = int(np.ceil(TAIL * len(values))) if len(values) >= MANY else 0
    low, high = map(float, np.partition(values, (slips, len(values) - 1 - slips))[[slips, -1 - slips]])
    far = LONGEST_TAIL * (high - low)
    if far == 0:
        return least, greatest
    return (low if low - least > far else least), (high if greatest - high > far else greatest)


def _widths(span: float, whole: bool) -> Iterator[float]:
    """Round numbers, ascending, from one that is narrow enough."""
    start = 0 if whole else int(np.floor(np.log10(span / MAX_BINS))) if span > 0 else 0
    for power in count(start):
        yield from (factor * 10.0**power for factor in _ROUND)


def _axis(low: float, high: float, width: float, whole: bool) -> Axis:
    first, last = int(np.floor(low / width)), int(np.floor(high / width))
    return Axis(first, width, last - first + 1, whole)


def _typical(axis: Axis, values: np.ndarray) -> float:
    """Rows in the median bin of those that hold any."""
    places = axis.places(values)
    rows = np.bincount(places[places >= 0], minlength=axis.bins)
    return float(np.median(rows[rows > 0]))
