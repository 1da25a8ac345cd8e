"""The example pictures beside a plot, each joined to its place on the axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.plots.axis import figures, highest, limits, number_of, points
from bot.plots.style import CAPTION_SIZE, DPI, WIDTH, Style
from search_core import PictureError
from search_core.imaging import Limits, decode

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from search_core.timeline import Example, Series, Timeline

THUMB = 1.0
"""Inches an example may take each way; eight stand beside each other."""

_CAPTION = 0.36
"""Inches that the line under an example takes."""

_ROUNDS = 20
"""Rounds of pushing neighbours apart by halves, before whoever still overlaps must give way to the right."""

_KEPT = Limits(max_bytes=1 << 30, max_pixels=1 << 30, max_side=1 << 20, min_side=1, max_aspect=float("inf"))
"""The pictures come from an index, where they passed its limits already."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An example with the number under which the message lists it, and its file's bytes."""

    number: int
    example: Example
    data: bytes


def draw_examples(
    figure: Figure, axes: Axes, timeline: Timeline, series: Series, style: Style, some: Sequence[Numbered], *,
    from_above: bool,
) -> None:  # fmt: skip
    """Set examples beside the axes, each joined to its bin by a thin line."""
    if not some:
        return
    height = figure.get_figheight()
    left, right = limits(timeline)
    panel = axes.get_position()
    shares, at = figures(series)[0], points(timeline, 0 if from_above else 1)
    homes = [panel.x0 + panel.width * (at[each.example.bin] - left) / (right - left) for each in some]
    half = THUMB / WIDTH / 2
    places = spread(homes, 1.12 * THUMB / WIDTH, 0.03 + half, 0.99 - half)
    for each, home, x in zip(some, homes, places, strict=True):
        share = min(shares[each.example.bin] / highest(timeline), 1.0)
        if from_above:
            start, end = panel.y0 + panel.height * share, panel.y1 + 0.1 / height
            _draw_example(figure, each, style, (x, end + _CAPTION / height), up=True)
        else:
            start, end = panel.y0, panel.y0 - 0.58 / height
            _draw_example(figure, each, style, (x, end), up=False)
        _join(figure, (home, start), (x, end), style)


def _join(figure: Figure, start: tuple[float, float], end: tuple[float, float], style: Style) -> None:
    from matplotlib.lines import Line2D

    xs, ys = zip(start, end, strict=True)
    figure.add_artist(Line2D(xs, ys, color=style.colour, linewidth=1.1, linestyle=(0, (1, 2)), zorder=1))


def _draw_example(figure: Figure, one: Numbered, style: Style, foot: tuple[float, float], *, up: bool) -> None:
    """Set a picture upon a place, or hang it below, with its number and its place on the axis under it."""
    picture = thumbnail(one.data)
    scale = THUMB / max(picture.shape[:2])
    wide, high = picture.shape[1] * scale / WIDTH, picture.shape[0] * scale / figure.get_figheight()
    bottom = foot[1] if up else foot[1] - high
    inset = figure.add_axes((foot[0] - wide / 2, bottom, wide, high), zorder=5)
    inset.imshow(picture, interpolation="lanczos", aspect="auto")
    inset.set_xticks([])
    inset.set_yticks([])
    for spine in inset.spines.values():
        spine.set(color=style.colour, linewidth=1.8, linestyle=style.line)
    words = f"{one.number} · {number_of(one.example.value)}"
    figure.text(foot[0], bottom - 0.06 / figure.get_figheight(), words, fontsize=CAPTION_SIZE,
                color=style.colour, ha="center", va="top", zorder=7)  # fmt: skip


def thumbnail(data: bytes) -> np.ndarray:
    """A picture as large as an example is drawn, shape (height, width, 3); grey if it cannot be decoded."""
    try:
        picture = decode(data, _KEPT)
    except PictureError:
        return np.full((8, 8, 3), 200, np.uint8)
    side = int(2 * THUMB * DPI)
    picture.thumbnail((side, side))
    return np.asarray(picture)


def spread(homes: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Move places, ascending, as little as it takes to lie `apart` from each other and between two bounds."""
    places = [max(home, low) for home in homes]
    for _ in range(_ROUNDS):
        for left in range(len(places) - 1):
            if (missing := apart - (places[left + 1] - places[left])) > 0:
                places[left], places[left + 1] = places[left] - missing / 2, places[left + 1] + missing / 2
        places[0], places[-1] = max(places[0], low), min(places[-1], high)
    for place in range(1, len(places)):
        places[place] = max(places[place], places[place - 1] + apart)
    for place in reversed(range(len(places))):
        places[place] = min(places[place], high - apart * (len(places) - 1 - place))
    return places
