"""The report in Markdown: what was found, in words for the operator who is to open the room.

Headline figures first, then each part with its chart and table, then how it was measured and what it does not say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from search_core.describe import counted, field_text
from search_core.errors import InputError, StoreError
from search_core.evaluation import wording
from search_core.evaluation.charts import draw_charts
from search_core.evaluation.figures import ClassFigures, Figures
from search_core.evaluation.intervals import Estimate
from search_core.evaluation.markdown import code, escaped, image, table
from search_core.evaluation.metrics import row_normalised
from search_core.evaluation.printed import CLASS_NAME, CONTROL, PrintedOutcome
from search_core.store import write_whole

SUFFIXES = (".md", ".markdown")
MOST_FINDINGS = 30
"""Lines of the skew table; the JSON holds all."""


def check_target(path: Path) -> None:
    """Refuse a report path that cannot be written, before the work is done.

    Raises:
        InputError: if it is not named like Markdown, or its folder is missing.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"The report is Markdown: name a file that ends in .md, not {path.name!r}.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to write the report in. Make it first.")


def write_report(figures: Figures, path: Path) -> list[Path]:
    """Write the report, its charts and its JSON, side by side.

    Returns:
        The files written, the report first.

    Raises:
        StoreError: if one cannot be written.
    """
    figures_file = path.with_suffix(".json")
    try:
        charts = draw_charts(figures, path)
        write_whole(figures_file, lambda file: file.write_text(figures.as_json(), encoding="utf-8"))
        text = report(figures, {name: chart.name for name, chart in charts.items()}, figures_file.name)
        write_whole(path, lambda file: file.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"The report cannot be written beside {path}: {error.strerror}.") from error
    return [path, figures_file, *charts.values()]


def report(figures: Figures, charts: Mapping[str, str], figures_file: str) -> str:
    """Put the report together.

    Args:
        figures: what was found.
        charts: the charts' file names, by name.
        figures_file: the name of the JSON beside it.
    """
    sections = [
        wording.opening(figures, figures_file),
        _headlines(figures),
        _to_look_at(figures),
        _classes(figures, charts),
        _zero_shot(figures, charts),
        _near_identical(figures),
        _skew(figures, charts),
        _printed(figures),
        wording.METHODS.format(k=figures.k),
        wording.LIMITS,
        _index(figures),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _headlines(figures: Figures) -> str:
    lines = [*wording.retrieval(figures), *wording.zero_shot(figures), *wording.near_identical(figures)]
    lines += [*wording.skew(figures), *wording.printed(figures)]
    return "## In short\n\n" + "\n".join(f"- {line}" for line in lines)


def _to_look_at(figures: Figures) -> str:
    """Name the classes that an operator should look at before anybody else does."""
    weak = [one for one in figures.classes if one.precision.high < one.best_precision / 2]
    blind = [one for one in figures.classes if one.precision.low <= one.chance]
    cut = [one for one in figures.classes if one.cut]
    lines = [
        *_named("Even at the top of its interval, less than half of what could be right is right", weak),
        *_named("The first page cannot be told from pictures drawn blindly", blind),
        *_named("The model does not read the end of a description", cut),
    ]
    return "## Look at these first\n\n" + ("\n".join(lines) or "- No class stands out as bad. Read on all the same.")


def _named(what: str, classes: Sequence[ClassFigures]) -> list[str]:
    return [f"- {what}: {', '.join(escaped(one.name) for one in classes)}."] if classes else []


def _classes(figures: Figures, charts: Mapping[str, str]) -> str:
    k = figures.k
    head = ["class", "pictures", f"precision@{k}", "of at best", f"recall@{k}", "of at best", "average precision",
            "blindly"]  # fmt: skip
    lines = [
        [
            escaped(one.name), f"{one.relevant:,}", _estimate(one.precision), _share(one.best_precision),
            _estimate(one.recall, 3), _share(one.best_recall, 3), _estimate(one.average_precision),
            _share(one.chance, 3),
        ]
        for one in figures.classes
    ]  # fmt: skip
    mean = ["**mean**", "", _estimate(figures.precision), "", _estimate(figures.recall, 3), ""]
    lines.append([*mean, _estimate(figures.mean_average_precision), ""])
    asked = [
        [escaped(one.name), "; ".join(f"“{escaped(text)}”" for text in one.descriptions)] for one in figures.classes
    ]
    return "\n\n".join(
        [
            "## Class by class",
            image("Precision and recall of each class, with intervals", charts["classes"]),
            wording.READING_CLASSES.format(k=k),
            table(head, lines),
            "What was asked for each class:",
            table(["class", "descriptions"], asked),
        ]
    )


def _zero_shot(figures: Figures, charts: Mapping[str, str]) -> str:
    if figures.zero_shot is None:
        return ""
    shares = row_normalised(np.array(figures.zero_shot.confusion))
    lines = []
    for number, one in enumerate(figures.classes):
        others = [(float(share), other) for other, share in enumerate(shares[number]) if other != number]
        worst = sorted((pair for pair in others if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:3]
        taken_for = ", ".join(f"{escaped(figures.classes[other].name)} {_percent(share)}" for share, other in worst)
        lines.append([escaped(one.name), _percent(float(shares[number, number])), taken_for or "-"])
    return "\n\n".join(
        [
            "## What is taken for what",
            wording.READING_CONFUSION,
            image("Confusion matrix, row-normalised", charts["confusion"]),
            table(["class", "assigned to it", "most often taken for"], lines),
        ]
    )


def _near_identical(figures: Figures) -> str:
    found = figures.near_identical
    if found is None:
        return ""
    parts = ["## Pictures that stand there more than once", wording.READING_NEAR_IDENTICAL.format(
        threshold=found.threshold, copies=found.copies, examined=found.examined)]  # fmt: skip
    if found.pairs:
        pairs = [[code(pair.file_name), code(pair.other), f"{pair.cosine:.3f}"] for pair in found.pairs]
        parts += ["The closest pairs:", table(["picture", "nearest other", "cosine"], pairs)]
    return "\n\n".join(parts)


def _skew(figures: Figures, charts: Mapping[str, str]) -> str:
    found = figures.skew
    if found is None:
        return wording.NO_SKEW_COLUMN
    parts = ["## What prompts draw that name no group", wording.READING_SKEW.format(
        column=code(found.column), depth=found.depth)]  # fmt: skip
    if "skew" in charts:
        parts.append(image("Values drawn by each prompt of the skew probe", charts["skew"]))
    lines = [
        [
            one.kind, escaped(one.prompt), escaped(one.value), f"{one.drawn}", f"{one.expected:.1f}",
            f"{one.background:.1f}", "yes" if one.beyond_background else "no", f"{one.ratio:.1f}",
            _chance(one.adjusted_p),
        ]
        for one in found.over_drawn[:MOST_FINDINGS]
    ]  # fmt: skip
    if lines:
        head = ["kind", "prompt", "value", "drawn", "by its share", "unrelated prompts draw", "beyond that",
                "times its share", "adjusted p"]  # fmt: skip
        parts.append(table(head, lines))
    if len(found.over_drawn) > MOST_FINDINGS:
        parts.append(f"{len(found.over_drawn) - MOST_FINDINGS:,} more in the JSON.")
    if found.left_out:
        were = counted(found.left_out, "value was", "values were")
        parts.append(f"{were} left out as rare, or as beyond the number examined.")
    return "\n\n".join(parts)


def _printed(figures: Figures) -> str:
    words = figures.printed.words
    own = [
        [escaped(one.word), _rank(one.own_rank), _rank(one.control_rank), escaped(one.drawn_to), _rank(one.best_rank)]
        for one in words
        if one.kind == CLASS_NAME
    ]
    head = ["printed word", "rank for its own class", "nonsense words' rank there", "ranks best for", "rank there"]
    return "\n\n".join(
        [
            "## Words printed in pictures",
            wording.READING_PRINTED,
            table(head, own),
            table(["printed word", "kind", "ranks best for", "rank there"], _other_words(words)),
        ]
    )


def _other_words(words: Iterable[PrintedOutcome]) -> list[list[str]]:
    return [
        [
            escaped(one.word),
            "nonsense" if one.kind == CONTROL else one.kind,
            escaped(one.drawn_to),
            _rank(one.best_rank),
        ]
        for one in words
        if one.kind != CLASS_NAME
    ]


def _index(figures: Figures) -> str:
    lines = [[name, code(field_text(value))] for name, value in figures.index.items() if value is not None]
    return "## The index that was tested\n\n" + table(["field", "value"], lines)


def _estimate(estimate: Estimate, digits: int = 2) -> str:
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def _share(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _chance(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.0e}"


def _rank(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
