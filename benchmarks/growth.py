"""How cost grows with rows, pictures and users: figures, exponents and plots.

The exponent is the slope of a straight line through the logarithms: 1 means twice as much for twice as many, 0 that the
number does not matter.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.bench import Bench, Figures
from benchmarks.child import MeasurementFailedError, measure
from benchmarks.table import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

USERS = (1, 8, 64)
KINDS = {"flat": "exact", "ivf": "inverted file"}
_ROUNDS = 3
"""Times that each number of users asks, at the least."""

_ASKED = 24
"""Prompts that are timed for each number of users, at the least; a third as many are asked before. The first prompts
of a process take up to twice as long: for each new length of a prompt, oneDNN makes its kernels."""

_QUESTIONS = 50
_INCHES = (6.4, 4.4)


@dataclass(frozen=True, slots=True)
class Chart:
    """One plot: some curves over one axis.

    Attributes:
        name: of its file.
        title, across, up: what it shows, and its axes.
        curves: for each curve its points.
    """

    name: str
    title: str
    across: str
    up: str
    curves: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def add(self, curve: str, x: float, y: float) -> None:
        """Add a point."""
        self.curves.setdefault(curve, []).append((x, y))


def measure_growth(bench: Bench, plots: Path, threads: int | None, say: Callable[[str], None]) -> str:
    """Measure, draw, and return the part of the report about it, as Markdown."""
    charts = _charts()
    try:
        for count in bench.sizes.growth_pictures:
            say(f"growth: embedding {count} pictures")
            one = replace(bench, sizes=replace(bench.sizes, pictures=count))
            measure("benchmarks.lines.embedding", "prepare", one, threads)
            rate = measure("benchmarks.lines.embedding", "ours", one, threads)["value"]
            charts["embedding"].add("embedding", count, count / rate)
        for rows in bench.sizes.growth:
            one = replace(bench, sizes=replace(bench.sizes, rows=rows))
            for kind, name in KINDS.items():
                say(f"growth: {rows} rows, {name}")
                _add(charts, name, rows, measure("benchmarks.growth", f"{kind}_alone", one, threads))
                _add_users(charts, name, rows, measure("benchmarks.growth", f"{kind}_users", one, threads))
    except MeasurementFailedError as error:
        say(str(error))
        return f"## How cost grows\n\nThe measurement failed: {error}\n"
    plots.mkdir(parents=True, exist_ok=True)
    for chart in charts.values():
        draw(chart, plots / f"{chart.name}.svg")
    return growth_report(list(charts.values()), plots.name)


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of a straight line through the logarithms of points, by least squares.

    Raises:
        ValueError: if there are fewer than two.
    """
    if len(points) < 2:
        raise ValueError("An exponent needs two points.")
    across, up = np.log(np.array(points)).T
    return float(np.polyfit(across, up, 1)[0])


def growth_report(charts: Sequence[Chart], folder: str) -> str:
    """Every curve with its points and its exponent, as Markdown."""
    parts = ["## How cost grows"]
    for chart in charts:
        numbers = list(dict.fromkeys(x for points in chart.curves.values() for x, _ in points))
        head = [chart.across, *(f"{x:,.0f}" for x in numbers), "exponent"]
        rows = [[name, *_cells(dict(points), numbers), _exponent(points)] for name, points in chart.curves.items()]
        lines = [head, ["---"] * len(head), *rows]
        parts += [f"### {chart.title}, {chart.up}", "\n".join(f"| {' | '.join(cells)} |" for cells in lines)]
        parts.append(f"![{chart.title}]({folder}/{chart.name}.svg)")
    return "\n\n".join(parts) + "\n"


def draw(chart: Chart, path: Path) -> None:
    """Draw a chart with logarithmic axes, the exponents in its legend."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, layout="constrained")
    axes: Axes = figure.subplots()
    for name, points in chart.curves.items():
        across, up = zip(*points, strict=True)
        axes.plot(across, up, marker="o", label=f"{name} (exponent {_exponent(points)})")
    axes.set(xscale="log", yscale="log", xlabel=chart.across, ylabel=chart.up, title=chart.title)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})


def _charts() -> dict[str, Chart]:
    charts = (
        Chart("embedding", "Embedding pictures", "pictures", "s"),
        Chart("search", "Search alone, one query", "rows", "ms"),
        Chart("users", "Text in to rows out", "rows", "ms"),
        Chart("build", "Building an index of vectors that are there", "rows", "s"),
        Chart("memory", "Memory of building and asking an index", "rows", "MB"),
    )
    return {chart.name: chart for chart in charts}


def _add(charts: Mapping[str, Chart], name: str, rows: int, figures: Figures) -> None:
    for chart in ("search", "build", "memory"):
        charts[chart].add(name, rows, figures[chart])


def _add_users(charts: Mapping[str, Chart], name: str, rows: int, figures: Figures) -> None:
    for users in USERS:
        charts["users"].add(f"{name}, {users} at once", rows, figures[f"users_{users}"])


def _cells(points: Mapping[float, float], numbers: Sequence[float]) -> list[str]:
    return [number(points[x]) if x in points else "-" for x in numbers]


def _exponent(points: Sequence[tuple[float, float]]) -> str:
    return f"{exponent(points):.2f}" if len(points) > 1 else "-"


# ------------------------------------------------------------- in a child


def flat_alone(bench: Bench) -> Figures:
    """The exact index, built and asked."""
    return _alone(bench, "flat")


def ivf_alone(bench: Bench) -> Figures:
    """The inverted file, built and asked."""
    return _alone(bench, "ivf")


def flat_users(bench: Bench) -> Figures:
    """The engine with the exact index."""
    return asyncio.run(_asked_by_users(bench, "flat"))


def ivf_users(bench: Bench) -> Figures:
    """The engine with the inverted file."""
    return asyncio.run(_asked_by_users(bench, "ivf"))


def _alone(bench: Bench, kind: str) -> Figures:
    """Seconds to choose, build and save an index, milliseconds of a query, and the process's memory at its height."""
    import resource

    from benchmarks.indexes import WIDTH, clustered
    from benchmarks.lines.exact import PAGE, questions
    from benchmarks.timing import median_ms_of
    from search_core.index import choose_index, open_index

    rows = bench.sizes.rows
    asked = questions(bench)[:_QUESTIONS]
    with tempfile.TemporaryDirectory(dir=bench.workspace) as folder:
        stored = np.lib.format.open_memmap(Path(folder) / "vectors.npy", "w+", np.float16, (rows, WIDTH))
        first_row = 0
        for chunk in clustered(rows):
            stored[first_row : first_row + len(chunk)] = chunk
            first_row += len(chunk)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        made = choose_index(lambda: np.array_split(stored, max(1, rows // 8_192)), rows, WIDTH, kind)
        made.save(Path(folder) / "index.faiss")
        built = time.perf_counter() - started
        index = open_index(made.kind, Path(folder) / "index.faiss", bench.device)
        took = median_ms_of(lambda query: index.search(query, PAGE), asked)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"build": built, "search": took, "memory": max(1, peak - before) / 1024}


async def _asked_by_users(bench: Bench, kind: str) -> Figures:
    """Median milliseconds until an answer, for some users who ask at the same moment."""
    from benchmarks.indexes import index_directory
    from benchmarks.prompts import prompts
    from search_core import FilterSet, Query, SearchEngine

    answer: dict[str, float] = {}
    async with SearchEngine.open(index_directory(bench, bench.sizes.rows, kind), device=bench.device) as engine:

        async def ask(prompt: str) -> float:
            started = time.perf_counter()
            await engine.search(Query(text=prompt), FilterSet.empty())
            return 1000 * (time.perf_counter() - started)

        first = 0
        for users in USERS:
            waited: list[float] = []
            warm_up, rounds = max(1, _ASKED // users // 3), max(_ROUNDS, _ASKED // users)
            for turn in range(warm_up + rounds):
                times = await asyncio.gather(*map(ask, prompts(users, first)))
                first += users
                waited += times if turn >= warm_up else []
            answer[f"users_{users}"] = median(waited)
    return answer
