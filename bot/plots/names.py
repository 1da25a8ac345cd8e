"""Where the name of each course is written: near its highest point, and on no course, point or other name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_ACROSS, _UP = 41, 31
"""Places that are tried: a fortieth and a thirtieth of the plot apart, finer than a letter."""

_COVERED = 10.0
"""What a covered piece of a course costs: more than the way to any place that covers nothing."""

_MARGIN = 0.012
"""Room around a name, as a part of the plot."""


@dataclass(frozen=True, slots=True)
class Box:
    """A name's ground, in parts of the plot: its lower left corner and its size."""

    left: float
    bottom: float
    width: float
    height: float

    def covers(self, points: np.ndarray) -> np.ndarray:
        """Which points, shape (n, 2), lie on it or touch it, shape (n,), bool."""
        x, y = points.T
        return np.asarray(
            (x > self.left - _MARGIN)
            & (x < self.left + self.width + _MARGIN)
            & (y > self.bottom - _MARGIN)
            & (y < self.bottom + self.height + _MARGIN)
        )

    def meets(self, other: Box) -> bool:
        """Whether two of them overlap."""
        beside = self.left >= other.left + other.width or other.left >= self.left + self.width
        return not (beside or self.bottom >= other.bottom + other.height or other.bottom >= self.bottom + self.height)


def place_names(
    courses: Sequence[np.ndarray], peaks: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]]
) -> list[Box]:
    """Choose a place for each name, one after the other.

    Args:
        courses: points all along each course, in parts of the plot, shape (n, 2).
        peaks: the highest point of each.
        sizes: width and height of each name.
    """
    drawn = np.concatenate(list(courses))
    taken: list[Box] = []
    for (x, y), (width, height) in zip(peaks, sizes, strict=True):
        boxes = [
            Box(float(left), float(bottom), width, height)
            for left in np.linspace(0, max(0.0, 1 - width), _ACROSS)
            for bottom in np.linspace(0.02, max(0.02, 1 - height), _UP)
        ]
        free = [box for box in boxes if not any(map(box.meets, taken))] or boxes
        taken.append(min(free, key=lambda box: _cost(box, drawn, x, y)))
    return taken


def along(x: np.ndarray, y: np.ndarray, steps: int = 16) -> np.ndarray:
    """Points all along a course, shape (n, 2), from those of its bins; where one is NaN there is no line."""
    between = np.linspace(0, 1, steps)
    pieces = [np.column_stack([x, y])]
    if len(x) > 1:
        across, up = (one[:-1, None] + np.diff(one)[:, None] * between for one in (x, y))
        pieces.append(np.column_stack([across.ravel(), up.ravel()]))
    every = np.concatenate(pieces)
    return np.asarray(every[~np.isnan(every).any(axis=1)])


def _cost(box: Box, drawn: np.ndarray, x: float, y: float) -> float:
    """How far a name stands from its peak, the nearer its middle the better, and what it covers."""
    middle = box.left + box.width / 2
    beside = max(box.left - x, x - box.left - box.width, 0.0)
    apart = max(box.bottom - y, y - box.bottom - box.height, 0.0)
    below = 0.02 if box.bottom < y else 0.0
    return beside + apart + below + 0.1 * abs(middle - x) + _COVERED * float(box.covers(drawn).sum())
