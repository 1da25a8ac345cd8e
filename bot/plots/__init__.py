"""The picture of a timeline: the course of one or two prompts, how many pictures each point rests on, and examples.

It has paper of its own, so that it reads the same on Discord's dark and light themes. The two courses differ in line,
marker and place of their examples as well as in colour, and each is named where it runs. Drawn with matplotlib's
objects alone: pyplot keeps every figure alive, and is not made for several threads.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bot import texts
from bot.plots.axis import FEW, centres, few_ticks, figures, highest, limits, number_of, points, sound, span_of, ticks
from bot.plots.examples import Numbered, draw_examples, spread
from bot.plots.style import (
    COUNTS,
    DPI,
    FAINT,
    FONT_SIZE,
    GRID,
    INK,
    MAX_COLUMN,
    MAX_LABEL,
    PAPER,
    SMALL_SIZE,
    STYLES,
    WIDTH,
    Style,
    contrast,
    drawable,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from search_core.timeline import Series, Timeline

__all__ = [
    "COUNTS", "FAINT", "INK", "MAX_LABEL", "PAPER", "STYLES", "Numbered", "contrast", "draw_timeline", "drawable",
    "number_of", "sound", "span_of", "spread",
]  # fmt: skip

_STRIP, _LOWER_STRIP, _COURSE, _COUNTS, _GAP = 1.55, 1.4, 3.4, 0.8, 0.16
"""Heights in inches: a strip of examples above and below, the courses, the bars with the gap above them."""

_LEFT, _RIGHT, _HEAD, _FOOT = 1.3, 0.35, 0.8, 1.05

_drawing = threading.Lock()
"""matplotlib's fonts are shared between figures, and not safe from several threads."""


def draw_timeline(timeline: Timeline, prompts: Sequence[str], pictures: Sequence[Sequence[Numbered]]) -> bytes:
    """Draw a timeline as a PNG. Takes a few tenths of a second; not for the event loop.

    Args:
        timeline: what is shown.
        prompts: the name of each series.
        pictures: the examples of each series.
    """
    with _drawing:
        figure = _figure(timeline, prompts, pictures)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DPI, facecolor=PAPER)
    return buffer.getvalue()


def _figure(timeline: Timeline, prompts: Sequence[str], pictures: Sequence[Sequence[Numbered]]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # late: matplotlib takes half a second to import
    from matplotlib.figure import Figure

    above, below = (_STRIP if pictures[0] else 0.0), (_LOWER_STRIP if any(pictures[1:]) else 0.0)
    height = _HEAD + above + _COURSE + _COUNTS + below + _FOOT
    figure = Figure(figsize=(WIDTH, height), facecolor=PAPER)
    FigureCanvasAgg(figure)
    bottom = _FOOT + below
    counts = _panel(figure, bottom, _COUNTS - _GAP)
    course = _panel(figure, bottom + _COUNTS, _COURSE)
    _draw_counts(counts, timeline)
    _draw_courses(course, timeline, prompts)
    for series, style, some, top in zip(timeline.series, STYLES, pictures, (True, False), strict=False):
        draw_examples(figure, course if top else counts, timeline, series, style, some, from_above=top)
    _write_words(figure, timeline)
    return figure


def _panel(figure: Figure, bottom: float, height: float) -> Axes:
    """Add axes; places in inches."""
    whole = figure.get_figheight()
    axes = figure.add_axes((_LEFT / WIDTH, bottom / whole, 1 - (_LEFT + _RIGHT) / WIDTH, height / whole))
    axes.set_facecolor(PAPER)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelsize=FONT_SIZE, labelcolor=INK, pad=6)
    return axes


def _draw_counts(axes: Axes, timeline: Timeline) -> None:
    """How many pictures each point rests on, hanging down from the courses like their shadow."""
    rows = np.array([piece.rows for piece in timeline.bins])
    width = timeline.bins[0].high - timeline.bins[0].low
    axes.bar(centres(timeline), rows, width=0.8 * width, color=COUNTS)
    axes.set_xlim(*limits(timeline))
    axes.set_ylim(0, rows.max())
    axes.set_yticks([])
    axes.set_xticks(*ticks(timeline))
    most = texts.PLOT_COUNTS.format(count=f"{rows.max():,}".replace(",", "\u202f"))
    axes.text(-0.012, 0.5, most, transform=axes.transAxes, fontsize=SMALL_SIZE, color=FAINT, ha="right",
              va="center", linespacing=1.3)  # fmt: skip


def _draw_courses(axes: Axes, timeline: Timeline, prompts: Sequence[str]) -> None:
    axes.set_xlim(*limits(timeline))
    axes.set_ylim(0, highest(timeline))
    axes.set_xticks([])
    axes.yaxis.set_major_locator(few_ticks())
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %" if share <= 1 else "")
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    axes.axhline(0, color=FAINT, linewidth=1.2, clip_on=False)
    for number, (series, style) in enumerate(zip(timeline.series, STYLES, strict=False)):
        _draw_course(axes, timeline, series, style, points(timeline, number))
    _name_courses(axes, timeline, prompts)


def _draw_course(axes: Axes, timeline: Timeline, series: Series, style: Style, x: np.ndarray) -> None:
    """Draw one course with its intervals: as a band, or as whiskers where two bands would run into each other.

    Points that rest on a few pictures are hollow, and no line goes there.
    """
    share, low, high = (np.where(sound(timeline), each, np.nan) for each in figures(series))
    if len(timeline.series) == 1:
        axes.fill_between(x, low, high, color=style.colour, alpha=0.13, linewidth=0)
    else:
        axes.vlines(x, low, high, color=style.colour, alpha=0.45, linewidth=1.6)
    axes.plot(x, share, color=style.colour, linestyle=style.line, linewidth=2.8, marker=style.marker,
              markersize=8, markeredgecolor=PAPER, markeredgewidth=1, clip_on=False, zorder=4)  # fmt: skip
    few = np.where(sound(timeline), np.nan, np.minimum(figures(series)[0], highest(timeline)))
    axes.plot(x, few, color=style.colour, linestyle="", marker=style.marker, markersize=7,
              markerfacecolor=PAPER, markeredgewidth=1.6, clip_on=False, zorder=4)  # fmt: skip


def _name_courses(axes: Axes, timeline: Timeline, prompts: Sequence[str]) -> None:
    """Write each prompt at its highest point, the second above the first if they would meet."""
    top, (left, right) = highest(timeline), limits(timeline)
    taken: list[tuple[float, float]] = []
    for series, style, prompt in zip(timeline.series, STYLES, prompts, strict=False):
        share = np.where(sound(timeline), figures(series)[0], np.nan)
        place = int(np.nanargmax(share))
        x = (centres(timeline)[place] - left) / (right - left)
        y = share[place] / top + 0.035
        while any(abs(x - near) < 0.3 and abs(y - other) < 0.11 for near, other in taken):
            y += 0.11
        taken.append((x, y))
        side = "left" if x < 0.3 else "right" if x > 0.7 else "center"
        axes.text(x, min(y, 0.92), drawable(prompt), transform=axes.transAxes, color=style.colour, fontsize=FONT_SIZE,
                  fontweight="bold", ha=side, va="bottom", parse_math=False, zorder=6,
                  bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1.5})  # fmt: skip


def _write_words(figure: Figure, timeline: Timeline) -> None:
    height, left = figure.get_figheight(), 0.3 / WIDTH
    title = texts.PLOT_TITLE.format(column=drawable(timeline.column, MAX_COLUMN))
    figure.text(left, 1 - 0.22 / height, title, fontsize=FONT_SIZE + 1, color=INK, va="top", fontweight="bold",
                parse_math=False)  # fmt: skip
    parts = [texts.PLOT_BAND if len(timeline.series) == 1 else texts.PLOT_WHISKERS, texts.PLOT_BARS]
    parts += [] if sound(timeline).all() else [texts.PLOT_FEW.format(count=FEW)]
    figure.text(left, 0.13 / height, " ".join(parts), fontsize=SMALL_SIZE, color=FAINT, va="bottom")
