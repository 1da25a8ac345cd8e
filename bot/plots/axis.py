"""What of a timeline stands where: the numbers of its axes and points. Nothing here draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from search_core.where import number_text

if TYPE_CHECKING:
    from search_core.timeline import Bin, Series, Timeline

FEW = 5
"""Pictures of which a share says next to nothing: one of two is half. Such points stand apart, and set no scale."""

_HEADROOM = 1.12
"""Above a share of 100 % there is room for the name of a course."""

_ASIDE = 0.09
"""Of a bin's width, how far the points of two courses stand from its middle."""


def span_of(piece: Bin, *, whole: bool) -> str:
    """Say what a bin covers: 1853, 1850–1859, or 0.5–0.75."""
    last = piece.high - 1 if whole else piece.high
    return number_of(piece.low) if piece.low == last else f"{number_of(piece.low)}–{number_of(last)}"


def number_of(value: float) -> str:
    """Write a number as short as it is exact, without a separator: years have none."""
    return f"{value:.0f}" if value == round(value) else number_text(float(f"{value:.8g}"))


def centres(timeline: Timeline) -> np.ndarray:
    """Where on the axis each bin's point stands: the middle of what it covers, shape (bins,)."""
    last = 1 if timeline.whole else 0
    return np.array([(piece.low + piece.high - last) / 2 for piece in timeline.bins])


def points(timeline: Timeline, number: int) -> np.ndarray:
    """Where the points of a series stand; those of two a little beside each other, so that both can be seen."""
    width = timeline.bins[0].high - timeline.bins[0].low
    aside = 0.0 if len(timeline.series) == 1 else (2 * number - 1) * _ASIDE * width
    return centres(timeline) + aside


def figures(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share and interval of each bin, NaN where it is empty."""
    gap = float("nan")
    table = [(one.value, one.low, one.high) if one else (gap, gap, gap) for one in series.shares]
    share, low, high = np.array(table).T
    return share, low, high


def sound(timeline: Timeline) -> np.ndarray:
    """Which bins hold more than a few pictures, shape (bins,), bool; all of them where none does."""
    rows = np.array([piece.rows for piece in timeline.bins])
    return rows >= FEW if (rows >= FEW).any() else np.ones(len(rows), bool)


def solid(timeline: Timeline) -> np.ndarray:
    """Which bins hold enough pictures for a filled point, an interval and a line to the next, shape (bins,), bool."""
    return np.array([piece.rows >= FEW for piece in timeline.bins])


def few(timeline: Timeline) -> np.ndarray:
    """Which bins hold a few pictures and no more, shape (bins,), bool; empty ones do not."""
    return np.array([0 < piece.rows < FEW for piece in timeline.bins])


def beyond(timeline: Timeline, series: Series) -> np.ndarray:
    """Which points of a series lie above the end of the axis, shape (bins,), bool; only those of a few pictures can."""
    return np.asarray(few(timeline) & (np.nan_to_num(figures(series)[0]) > highest(timeline)))


def highest(timeline: Timeline) -> float:
    """Where the axis of shares ends: above the highest point that says something.

    Wide intervals may leave the picture; a point of a few pictures that would is drawn as an arrow there.
    """
    says = sound(timeline)
    found = [figures(series) for series in timeline.series]
    top = max(float(np.nanmax(share[says])) for share, _, _ in found)
    ends = np.concatenate([high[says] for _, _, high in found])
    wanted = max(1.25 * top, min(float(np.nanmax(ends)), max(1.8 * top, 1.2 * float(np.nanmedian(ends)))))
    return min(_HEADROOM, wanted)


def limits(timeline: Timeline) -> tuple[float, float]:
    """The ends of the axis, half a bin beyond the outer points."""
    at, width = centres(timeline), timeline.bins[0].high - timeline.bins[0].low
    return float(at[0] - width / 2), float(at[-1] + width / 2)


def ticks(timeline: Timeline) -> tuple[list[float], list[str]]:
    """Round numbers along the axis; of whole numbers, whole ones."""
    from matplotlib.ticker import MaxNLocator

    left, right = limits(timeline)
    locator = MaxNLocator(nbins=6, integer=timeline.whole, steps=[1, 2, 5, 10])
    places = [float(place) for place in locator.tick_values(left, right) if left <= place <= right]
    return places, [number_of(place) for place in places]


def few_ticks() -> Any:
    """Make a locator of round shares, few enough to be read."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])
