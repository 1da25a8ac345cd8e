"""The picture of a timeline: the course of one or two prompts, how many pictures each point rests on, and examples.

It has paper of its own, so that it reads the same on Discord's dark and light themes. The two courses differ in line,
marker and place of their examples as well as in colour, and each is named where it runs. Drawn with matplotlib's
objects alone: pyplot keeps every figure alive, and is not made for several threads.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from bot import texts
from bot.markdown import shown
from search_core import PictureError
from search_core.imaging import Limits, decode

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from search_core.timeline import Bin, Example, Series, Timeline

WIDTH, DPI = 11.0, 100
"""1,100 pixels: Discord shows some 550 of them beside a message, and all of them in full size."""

FONT_SIZE = 15
"""Points. Halved by Discord they are as large as the message's own small print."""

PAPER, INK, FAINT, GRID = "#F6F3EC", "#23282E", "#5B6168", "#DAD5CA"
"""Ground, words, small words and lines. Words reach 4.5 to 1 on the paper (WCAG 2.2, 1.4.3); a test computes it."""

COUNTS = "#8F8A7E"
"""The bars of how many pictures there are: 3 to 1, as figures must (WCAG 2.2, 1.4.11)."""

MAX_LABEL = 32
"""Letters of a prompt beside its course."""

THUMB = 1.0
"""Inches an example may take each way; eight stand beside each other."""

_STRIP, _LOWER_STRIP, _COURSE, _COUNTS, _GAP = 1.5, 1.3, 3.4, 0.8, 0.16
"""Heights in inches: a strip of examples above and below, the courses, the bars with the gap above them."""

_CAPTION = 0.3
"""Inches that the line under an example takes."""

_ROUNDS = 20
"""Rounds of pushing neighbours apart by halves, before whoever still overlaps must give way to the right."""

_LEFT, _RIGHT, _HEAD, _FOOT = 1.05, 0.35, 0.75, 0.9
_ASIDE = 0.09
"""Of a bin's width, how far the points of two courses stand from its middle."""

_KEPT = Limits(max_bytes=1 << 30, max_pixels=1 << 30, max_side=1 << 20, min_side=1, max_aspect=float("inf"))
"""The pictures come from an index, where they passed its limits already."""

_drawing = threading.Lock()
"""matplotlib's fonts are shared between figures, and not safe from several threads."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one course is drawn: the second differs from the first without its colour, too."""

    colour: str
    line: str
    marker: str


STYLES = (Style("#1B5E85", "-", "o"), Style("#A23B12", "--", "s"))


@dataclass(frozen=True, slots=True)
class Numbered:
    """An example with the number under which the message lists it, and its file's bytes."""

    number: int
    example: Example
    data: bytes


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


def span_of(piece: Bin, *, whole: bool) -> str:
    """Say what a bin covers: 1853, 1850–1859, or 0.5–0.75."""
    last = piece.high - 1 if whole else piece.high
    return number_of(piece.low) if piece.low == last else f"{number_of(piece.low)}–{number_of(last)}"


def number_of(value: float) -> str:
    """Write a number as short as it is exact, without a separator: years have none."""
    return f"{value:.0f}" if value == round(value) else f"{value:g}"


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
        _draw_examples(figure, course if top else counts, timeline, series, style, some, from_above=top)
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


def centres(timeline: Timeline) -> np.ndarray:
    """Where on the axis each bin's point stands: the middle of what it covers, shape (bins,)."""
    last = 1 if timeline.whole else 0
    return np.array([(piece.low + piece.high - last) / 2 for piece in timeline.bins])


def _draw_counts(axes: Axes, timeline: Timeline) -> None:
    """How many pictures each point rests on, hanging down from the courses like their shadow."""
    rows = np.array([piece.rows for piece in timeline.bins])
    width = timeline.bins[0].high - timeline.bins[0].low
    axes.bar(centres(timeline), rows, width=0.8 * width, color=COUNTS)
    axes.set_xlim(*_limits(timeline))
    axes.set_ylim(0, rows.max())
    axes.set_yticks([])
    axes.set_xticks(*_ticks(timeline))
    most = texts.PLOT_COUNTS.format(count=f"{rows.max():,}".replace(",", "\u202f"))
    axes.text(-0.012, 0.5, most, transform=axes.transAxes, fontsize=FONT_SIZE - 4, color=FAINT, ha="right",
              va="center", linespacing=1.3)  # fmt: skip


def _draw_courses(axes: Axes, timeline: Timeline, prompts: Sequence[str]) -> None:
    axes.set_xlim(*_limits(timeline))
    axes.set_ylim(0, highest(timeline))
    axes.set_xticks([])
    axes.yaxis.set_major_locator(_few_ticks())
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    axes.axhline(0, color=FAINT, linewidth=1.2, clip_on=False)
    for number, (series, style) in enumerate(zip(timeline.series, STYLES, strict=False)):
        _draw_course(axes, series, style, _points(timeline, number), banded=len(timeline.series) == 1)
    _name_courses(axes, timeline, prompts)


def _draw_course(axes: Axes, series: Series, style: Style, x: np.ndarray, *, banded: bool) -> None:
    """Draw one course with its intervals: as a band, or as whiskers where two bands would run into each other."""
    share, low, high = _figures(series)
    if banded:
        axes.fill_between(x, low, high, color=style.colour, alpha=0.13, linewidth=0)
    else:
        axes.vlines(x, low, high, color=style.colour, alpha=0.45, linewidth=1.6)
    axes.plot(x, share, color=style.colour, linestyle=style.line, linewidth=2.6, marker=style.marker,
              markersize=6, markeredgecolor=PAPER, markeredgewidth=1, clip_on=False, zorder=4)  # fmt: skip


def _points(timeline: Timeline, number: int) -> np.ndarray:
    """Where the points of a series stand; those of two a little beside each other, so that both can be seen."""
    width = timeline.bins[0].high - timeline.bins[0].low
    aside = 0.0 if len(timeline.series) == 1 else (2 * number - 1) * _ASIDE * width
    return centres(timeline) + aside


def _figures(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share and interval of each bin, NaN where it is empty."""
    gap = float("nan")
    table = [(one.value, one.low, one.high) if one else (gap, gap, gap) for one in series.shares]
    share, low, high = np.array(table).T
    return share, low, high


def highest(timeline: Timeline) -> float:
    """Where the axis of shares ends: above the highest point; wide intervals may leave the picture, points do not."""
    figures = [_figures(series) for series in timeline.series]
    points = max(float(np.nanmax(share)) for share, _, _ in figures)
    ends = np.concatenate([high for _, _, high in figures])
    return min(1.0, max(1.25 * points, min(float(np.nanmax(ends)), max(1.8 * points, 1.2 * float(np.nanmedian(ends))))))


def _name_courses(axes: Axes, timeline: Timeline, prompts: Sequence[str]) -> None:
    """Write each prompt at its highest point, the second above the first if they would meet."""
    top, (left, right) = highest(timeline), _limits(timeline)
    taken: list[tuple[float, float]] = []
    for series, style, prompt in zip(timeline.series, STYLES, prompts, strict=False):
        share = _figures(series)[0]
        place = int(np.nanargmax(share))
        x = (centres(timeline)[place] - left) / (right - left)
        y = share[place] / top + 0.035
        while any(abs(x - near) < 0.3 and abs(y - other) < 0.09 for near, other in taken):
            y += 0.09
        taken.append((x, y))
        side = "left" if x < 0.3 else "right" if x > 0.7 else "center"
        axes.text(x, min(y, 0.94), drawable(prompt), transform=axes.transAxes, color=style.colour, fontsize=FONT_SIZE,
                  fontweight="bold", ha=side, va="bottom", parse_math=False, zorder=6,
                  bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1.5})  # fmt: skip


def _draw_examples(
    figure: Figure, axes: Axes, timeline: Timeline, series: Series, style: Style, some: Sequence[Numbered], *,
    from_above: bool,
) -> None:  # fmt: skip
    """Set examples beside the axes, each joined to its bin by a thin line."""
    if not some:
        return
    height = figure.get_figheight()
    left, right = _limits(timeline)
    panel = axes.get_position()
    shares, at = _figures(series)[0], _points(timeline, 0 if from_above else 1)
    homes = [panel.x0 + panel.width * (at[each.example.bin] - left) / (right - left) for each in some]
    half = THUMB / WIDTH / 2
    places = spread(homes, 1.12 * THUMB / WIDTH, 0.03 + half, 0.99 - half)
    for each, home, x in zip(some, homes, places, strict=True):
        share = shares[each.example.bin] / highest(timeline)
        if from_above:
            start, end = panel.y0 + panel.height * share, panel.y1 + 0.1 / height
            _draw_example(figure, each, style, (x, end + _CAPTION / height), up=True)
        else:
            start, end = panel.y0, panel.y0 - 0.5 / height
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
    figure.text(foot[0], bottom - 0.06 / figure.get_figheight(), words, fontsize=FONT_SIZE - 2,
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


def _write_words(figure: Figure, timeline: Timeline) -> None:
    height, left = figure.get_figheight(), 0.3 / WIDTH
    title = texts.PLOT_TITLE.format(column=drawable(timeline.column))
    figure.text(left, 1 - 0.22 / height, title, fontsize=FONT_SIZE + 1, color=INK, va="top", fontweight="bold",
                parse_math=False)  # fmt: skip
    note = texts.PLOT_BAND if len(timeline.series) == 1 else texts.PLOT_WHISKERS
    figure.text(left, 0.13 / height, note, fontsize=FONT_SIZE - 4, color=FAINT, va="bottom")


def _limits(timeline: Timeline) -> tuple[float, float]:
    """The ends of the axis, half a bin beyond the outer points."""
    at, width = centres(timeline), timeline.bins[0].high - timeline.bins[0].low
    return float(at[0] - width / 2), float(at[-1] + width / 2)


def _ticks(timeline: Timeline) -> tuple[list[float], list[str]]:
    """Round numbers along the axis; of whole numbers, whole ones."""
    from matplotlib.ticker import MaxNLocator

    left, right = _limits(timeline)
    locator = MaxNLocator(nbins=8, integer=timeline.whole, steps=[1, 2, 5, 10])
    places = [float(place) for place in locator.tick_values(left, right) if left <= place <= right]
    return places, [number_of(place) for place in places]


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])


def drawable(text: str) -> str:
    """A text as far as the plot's font has its letters, on one line and not too long."""
    letters = _letters()
    return shown("".join(each if ord(each) in letters else "·" for each in shown(text, 10 * MAX_LABEL)), MAX_LABEL)


@cache
def _letters() -> Mapping[int, int]:
    """The letters that matplotlib's own font can draw; others would be boxes, and a warning each."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    charmap: Mapping[int, int] = FT2Font(findfont("DejaVu Sans")).get_charmap()
    return charmap


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted(map(_luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
