"""The plots beside the report: PNG files, drawn by matplotlib without a display."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search_core.evaluation.figures import ClassFigures, Figures, ZeroShot
from search_core.evaluation.metrics import row_normalised
from search_core.evaluation.skew import Skew
from search_core.store import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 120
"""A chart of ten inches is 1,200 pixels wide: sharp on the pages that show Markdown."""

MOST_CLASSES = 40
"""More bars or cells than this cannot be read; the classes that do worst are shown then."""

MOST_VALUES = 25
"""Columns of the skew chart; the values that are over-drawn most are shown."""

MOST_LETTERS = 28
_NUMBERED_CELLS = 25
"""Up to so many classes the cells of the confusion matrix have room for a number."""

_BLUE, _ORANGE, _GREY, _INK = "#3b6ea5", "#c46a1b", "#8a8a8a", "#222222"
_STRONGEST = 8.0
"""Where the skew chart's colours end: eight times as many as by share."""

_HALF = 0.5
"""Added to both counts of a ratio, so that one picture of a rare value does not shine like ten of a common one."""


def draw_charts(figures: Figures, report: Path) -> dict[str, Path]:
    """Draw all charts for which there are figures.

    Args:
        figures: what was found.
        report: the report's path; the charts are named after it and stand beside it.

    Returns:
        The charts' paths by name: `classes`, and where they apply `confusion` and `skew`.
    """
    charts = {"classes": _save(report, "classes", lambda: classes_chart(figures))}
    names = [one.name for one in figures.classes]
    if (zero_shot := figures.zero_shot) is not None:
        charts["confusion"] = _save(report, "confusion", lambda: confusion_chart(zero_shot, names))
    if (skew := figures.skew) is not None and skew.values:
        charts["skew"] = _save(report, "skew", lambda: skew_chart(skew))
    return charts


def _save(report: Path, name: str, draw: Callable[[], Figure]) -> Path:
    path = report.with_name(f"{report.stem}-{name}.png")
    figure = draw()
    write_whole(path, lambda unfinished: figure.savefig(unfinished, format="png", dpi=DPI, facecolor="white"))
    return path


def _new_figure(width: float, height: float, panels: int = 1) -> tuple[Figure, list[Axes]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # late: matplotlib takes half a second to import
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")  # not pyplot, which keeps every figure alive
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, panels, sharey=True, squeeze=False)[0]
    return figure, list(axes)


def classes_chart(figures: Figures) -> Figure:
    """Precision and recall at k of each class, with intervals, the best possible and blind chance."""
    classes = sorted(figures.classes, key=lambda one: one.precision.value)[:MOST_CLASSES]
    figure, (left, right) = _new_figure(11, 1.9 + 0.31 * len(classes), panels=2)
    _bars(left, classes, "precision", _BLUE)
    left.plot([one.chance for one in classes], range(len(classes)), "x", color=_INK, ms=5, label="drawn blindly")
    _bars(right, classes, "recall", _ORANGE)
    left.set_yticks(range(len(classes)), [_short(one.name) for one in classes])
    left.set_xlabel(f"precision@{figures.k}: share of the first page that is right")
    right.set_xlabel(f"recall@{figures.k}: share of the class's pictures on the first page")
    left.set_title(_selection(len(classes), len(figures.classes)), fontsize=10, loc="left")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _bars(axes: Axes, classes: list[ClassFigures], what: str, colour: str) -> None:
    estimates = [getattr(one, what) for one in classes]
    values = np.array([one.value for one in estimates])
    errors = np.array([[one.value - one.low for one in estimates], [one.high - one.value for one in estimates]])
    places = np.arange(len(classes))
    best = [getattr(one, f"best_{what}") for one in classes]
    axes.barh(places, best, color="#ececec", height=0.78, label="best possible")
    axes.barh(places, values, color=colour, height=0.5)
    axes.errorbar(values, places, xerr=errors, fmt="none", ecolor=_INK, elinewidth=1, capsize=2.5, label="95% interval")
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.6, len(classes) - 0.4)
    axes.grid(axis="x", color="#d8d8d8", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def confusion_chart(zero_shot: ZeroShot, names: list[str]) -> Figure:
    """The row-normalised confusion matrix as a heat map."""
    shares = row_normalised(np.array(zero_shot.confusion))
    shown = np.sort(np.argsort(np.diag(shares), kind="stable")[:MOST_CLASSES])
    shares, labels = shares[np.ix_(shown, shown)], [_short(names[i]) for i in shown]
    side = 3.2 + 0.36 * len(labels)
    figure, [axes] = _new_figure(side + 0.8, side)
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    _label_cells(axes, labels, labels)
    if len(labels) <= _NUMBERED_CELLS:
        for line, column in np.argwhere(shares >= 0.005):
            share = shares[line, column]
            colour = "white" if share > 0.55 else _INK
            axes.text(column, line, f"{100 * share:.0f}", ha="center", va="center", fontsize=7, color=colour)
    axes.set_title(_selection(len(labels), len(names)), fontsize=10, loc="left")
    axes.set_xlabel("assigned to (nearest description)")
    axes.set_ylabel("true class")
    bar = figure.colorbar(picture, ax=axes, shrink=0.7)
    bar.set_label("share of the true class's pictures (cells: per cent)")
    return figure


def skew_chart(skew: Skew) -> Figure:
    """What each prompt of the skew probe draws, against each value's share of the collection."""
    drawn, adjusted = np.array(skew.drawn), np.array(skew.adjusted_p)
    shown = np.sort(np.argsort(adjusted.min(axis=0), kind="stable")[:MOST_VALUES])
    expected = skew.depth * np.array(skew.rows)[shown] / skew.total
    counts = np.vstack([drawn, skew.background])[:, shown]
    ratios = np.log2(np.clip((counts + _HALF) / (expected + _HALF), 1, _STRONGEST))
    prompts = [one.prompt for one in skew.prompts] + ["(unrelated prompts, mean)"]
    values = [skew.values[j] for j in shown]
    figure, [axes] = _new_figure(5.2 + 0.4 * len(shown), 2.4 + 0.25 * len(prompts))
    picture = axes.imshow(ratios, cmap="Oranges", vmin=0, vmax=float(np.log2(_STRONGEST)), aspect="auto")
    _label_cells(axes, prompts, [_short(value) for value in values])
    _write_counts(axes, counts, ratios)
    _box(axes, [(prompts.index(one.prompt), values.index(one.value)) for one in skew.over_drawn
                if one.beyond_background and one.value in values])  # fmt: skip
    _divide(axes, [one.kind for one in skew.prompts])
    axes.set_xlabel(f"value of {_short(skew.column)}")
    axes.set_title(f"How many of the {skew.depth} pictures that each prompt draws have each value", fontsize=10)
    bar = figure.colorbar(picture, ax=axes, shrink=0.6, ticks=[0, 1, 2, 3])
    bar.ax.set_yticklabels(["its share of the\ncollection, or less", "2 times that", "4 times", "8 times or more"])
    return figure


def _write_counts(axes: Axes, counts: np.ndarray, ratios: np.ndarray) -> None:
    for line, column in np.argwhere(counts >= 0.05):
        whole = line < len(counts) - 1  # the last line is a mean
        axes.text(
            column, line, f"{counts[line, column]:.{0 if whole else 1}f}", ha="center", va="center", fontsize=7,
            color="white" if ratios[line, column] > 2 else _INK,
        )  # fmt: skip


def _box(axes: Axes, cells: list[tuple[int, int]]) -> None:
    from matplotlib.patches import Rectangle

    for line, column in cells:
        axes.add_patch(Rectangle((column - 0.5, line - 0.5), 1, 1, fill=False, edgecolor=_INK, linewidth=1.4))


def _divide(axes: Axes, kinds: list[str]) -> None:
    """Name each kind of prompt at the side, and draw a line where it ends."""
    for kind in dict.fromkeys(kinds):
        lines = [line for line, one in enumerate(kinds) if one == kind]
        axes.axhline(lines[-1] + 0.5, color=_INK, linewidth=1.2)
        middle = (lines[0] + lines[-1]) / 2
        axes.text(1.01, middle, kind, transform=axes.get_yaxis_transform(), rotation=270, va="center", fontsize=9)


def _selection(shown: int, classes: int) -> str:
    return "" if shown == classes else f"the {shown} of {classes} classes that do worst"


def _label_cells(axes: Axes, lines: list[str], columns: list[str]) -> None:
    axes.set_yticks(range(len(lines)), lines, fontsize=8)
    axes.set_xticks(range(len(columns)), columns, fontsize=8, rotation=45, ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)


def _short(text: str) -> str:
    """A label without mathematics: matplotlib reads what stands between two dollar signs as a formula."""
    short = text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1].rstrip() + "…"
    return short.replace("$", r"\$")
