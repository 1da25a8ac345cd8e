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
from bot.plots.axis import (
    FEW,
    beyond,
    centres,
    few,
    few_ticks,
    figures,
    highest,
    limits,
    number_of,
    points,
    solid,
    sound,
    span_of,
    ticks,
)
from bot.plots.examples import Numbered, draw_examples, spread
from bot.plots.names import along, place_names
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
    families,
    legible,
    plot_name,
    weight_of,
    width_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from search_core.timeline import Series, Timeline

__all__ = [
    "COUNTS", "FAINT", "INK", "MAX_LABEL", "PAPER", "STYLES", "Numbered", "contrast", "draw_timeline", "drawable",
    "figure_of", "legible", "number_of", "plot_name", "said_of", "sound", "span_of", "spread",
]  # fmt: skip

_STRIP, _LOWER_STRIP, _COURSE, _COUNTS, _GAP = 1.55, 1.4, 3.4, 0.8, 0.16
"""Heights in inches: a strip of examples above and below, the courses, the bars with the gap above them."""

_LEFT, _RIGHT, _HEAD, _FOOT = 1.3, 0.35, 0.8, 1.05

_EDGE, _BESIDE = 0.12, 0.12
"""Left and right of the words beside the bars; long ones push the plot to the right."""

_LINE = 1.25
"""Height of a line of words, in sizes of its letters."""

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
        figure = figure_of(timeline, prompts, pictures)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=DPI, facecolor=PAPER)
    return buffer.getvalue()


def figure_of(timeline: Timeline, prompts: Sequence[str], pictures: Sequence[Sequence[Numbered]]) -> Figure:
    """Make the figure that `draw_timeline` writes, with the same arguments. Not safe from several threads."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # late: matplotlib takes half a second to import
    from matplotlib.figure import Figure

    above, below = (_STRIP if pictures[0] else 0.0), (_LOWER_STRIP if any(pictures[1:]) else 0.0)
    height = _HEAD + above + _COURSE + _COUNTS + below + _FOOT
    figure = Figure(figsize=(WIDTH, height), facecolor=PAPER)
    FigureCanvasAgg(figure)
    bottom = _FOOT + below
    most = _most(timeline)
    left = max(_LEFT, _EDGE + max(width_of(line, SMALL_SIZE) for line in most.splitlines()) + _BESIDE)
    counts = _panel(figure, left, bottom, _COUNTS - _GAP)
    course = _panel(figure, left, bottom + _COUNTS, _COURSE)
    _draw_counts(counts, timeline)
    _draw_courses(course, timeline, prompts)
    for series, style, some, top in zip(timeline.series, STYLES, pictures, (True, False), strict=False):
        draw_examples(figure, course if top else counts, timeline, series, style, some, from_above=top)
    _write_words(figure, timeline)
    return figure


def _panel(figure: Figure, left: float, bottom: float, height: float) -> Axes:
    """Add axes; places in inches."""
    whole = figure.get_figheight()
    axes = figure.add_axes((left / WIDTH, bottom / whole, 1 - (left + _RIGHT) / WIDTH, height / whole))
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
    wide = WIDTH * axes.get_position().width
    axes.text(-_BESIDE / wide, 0.5, _most(timeline), transform=axes.transAxes, fontsize=SMALL_SIZE, color=FAINT,
              ha="right", va="center", linespacing=1.3)  # fmt: skip


def _most(timeline: Timeline) -> str:
    """Say how many pictures the highest bar stands for."""
    most = max(piece.rows for piece in timeline.bins)
    return texts.PLOT_COUNTS.format(count=f"{most:,}".replace(",", "\u202f"))


def _draw_courses(axes: Axes, timeline: Timeline, prompts: Sequence[str]) -> None:
    axes.set_xlim(*limits(timeline))
    axes.set_ylim(0, highest(timeline))
    axes.set_xticks([])
    axes.yaxis.set_major_locator(few_ticks())
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%" if share <= 1 else "")
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    axes.axhline(0, color=FAINT, linewidth=1.2, clip_on=False)
    for number, (series, style) in enumerate(zip(timeline.series, STYLES, strict=False)):
        _draw_course(axes, timeline, series, style, points(timeline, number))
    _name_courses(axes, timeline, prompts)


def _draw_course(axes: Axes, timeline: Timeline, series: Series, style: Style, x: np.ndarray) -> None:
    """Draw one course with its intervals: as a band, or as whiskers where two bands would run into each other.

    Points that rest on a few pictures are hollow, and no line goes there. One above the end of the axis is an arrow.
    """
    firm, beyond_it, top = solid(timeline), beyond(timeline, series), highest(timeline)
    share, low, high = (np.where(firm, each, np.nan) for each in figures(series))
    if len(timeline.series) == 1:
        axes.fill_between(x, low, high, color=style.colour, alpha=0.13, linewidth=0)
    else:
        axes.vlines(x, low, high, color=style.colour, alpha=0.45, linewidth=1.6)
    axes.plot(x, share, color=style.colour, linestyle=style.line, linewidth=2.8, marker=style.marker,
              markersize=8, markeredgecolor=PAPER, markeredgewidth=1, clip_on=False, zorder=4)  # fmt: skip
    hollow = np.where(few(timeline) & ~beyond_it, figures(series)[0], np.nan)
    axes.plot(x, hollow, color=style.colour, linestyle="", marker=style.marker, markersize=7,
              markerfacecolor=PAPER, markeredgewidth=1.6, clip_on=False, zorder=4)  # fmt: skip
    axes.plot(x, np.where(beyond_it, top, np.nan), color=style.colour, linestyle="", marker=style.arrow, markersize=13,
              markerfacecolor=PAPER, markeredgewidth=1.8, clip_on=False, zorder=5)  # fmt: skip


def _name_courses(axes: Axes, timeline: Timeline, prompts: Sequence[str]) -> None:
    """Write each prompt near its highest point, where it covers nothing, with the mark of its points before it."""
    top, (left, right) = highest(timeline), limits(timeline)
    says = sound(timeline)
    at = [(points(timeline, number) - left) / (right - left) for number in range(len(timeline.series))]
    heights = [np.minimum(figures(series)[0] / top, 1.0) for series in timeline.series]
    highest_of = [int(np.nanargmax(np.where(says, height, np.nan))) for height in heights]
    names = [f"{style.mark} {plot_name(prompt, number)}"
             for number, (style, prompt) in enumerate(zip(STYLES, prompts, strict=False))]  # fmt: skip
    wide, high = WIDTH * axes.get_position().width, _COURSE
    boxes = place_names(
        [along(x, y) for x, y in zip(at, heights, strict=True)],
        [(float(x[place]), float(y[place])) for x, y, place in zip(at, heights, highest_of, strict=True)],
        [(width_of(name, FONT_SIZE, weight_of(name)) / wide, _LINE * FONT_SIZE / 72 / high) for name in names],
    )
    for box, style, name in zip(boxes, STYLES, names, strict=False):
        axes.text(box.left, box.bottom, name, transform=axes.transAxes, color=style.colour, fontsize=FONT_SIZE,
                  fontweight=weight_of(name), fontfamily=families(name), ha="left", va="bottom", parse_math=False,
                  zorder=3, bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1})  # fmt: skip


def _write_words(figure: Figure, timeline: Timeline) -> None:
    height, left = figure.get_figheight(), 0.3 / WIDTH
    title = texts.PLOT_TITLE.format(column=drawable(timeline.column, MAX_COLUMN))
    figure.text(left, 1 - 0.22 / height, title, fontsize=FONT_SIZE + 1, color=INK, va="top",
                fontweight=weight_of(title), fontfamily=families(title), parse_math=False)  # fmt: skip
    figure.text(left, 0.13 / height, " ".join(said_of(timeline)), fontsize=SMALL_SIZE, color=FAINT, va="bottom")


def said_of(timeline: Timeline) -> list[str]:
    """Say under the plot what is drawn in it, and of nothing else."""
    band = texts.PLOT_BAND if len(timeline.series) == 1 else texts.PLOT_WHISKERS
    parts = [
        (band, solid(timeline).any()),
        (texts.PLOT_BARS, True),
        (texts.PLOT_FEW.format(count=FEW), few(timeline).any()),
        (texts.PLOT_BEYOND, any(beyond(timeline, series).any() for series in timeline.series)),
    ]
    return [words for words, holds in parts if holds]
