"""Memory of a process that serves a million rows, beyond model and interpreter: its own pages and those of files."""

from __future__ import annotations

import asyncio

from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.child import measure
from benchmarks.indexes import WIDTH, clustered, index_directory
from benchmarks.machine import resident
from benchmarks.model import make_model
from benchmarks.pictures import pictures
from benchmarks.prompts import prompts

LINE = Line(
    name="memory",
    what="memory of serving a million rows",
    unit="GB",
    columns=("ours", "walk_through", "limit"),
    goals=(Goal(1.3, unit="GB"),),
    on_gpu=(),
)

GIGABYTE = 1e9


def prepare(bench: Bench) -> None:
    """Make the indexes: one of a million rows, and one of few that tells what model and interpreter take."""
    for rows in (bench.sizes.million, 1_000):
        index_directory(bench, rows)


def ours(bench: Bench) -> Figures:
    """The engine after a hundred queries, less the engine after the same on a thousand rows."""
    many, few = (
        measure("benchmarks.lines.memory", "serving_many", bench),
        measure("benchmarks.lines.memory", "serving_few", bench),
    )
    return {
        "value": many["Rss"] - few["Rss"],
        "own_GB": many["Anonymous"] - few["Anonymous"],
        "model_and_interpreter_GB": few["Rss"],
    }


def walk_through(bench: Bench) -> Figures:
    """The index that `add_faiss_index` makes."""
    import faiss

    index, before = faiss.IndexFlatL2(WIDTH), resident()["Rss"]
    for chunk in clustered(bench.sizes.million):
        index.add(chunk)
    return {"value": (resident()["Rss"] - before) / GIGABYTE}


def limit(bench: Bench) -> Figures:
    """The vectors in half precision, and nothing else; by arithmetic."""
    return {"value": 2 * WIDTH * bench.sizes.million / GIGABYTE}


def serving_many(bench: Bench) -> Figures:
    """Memory of a process that serves the large index."""
    return asyncio.run(_served(bench, bench.sizes.million))


def serving_few(bench: Bench) -> Figures:
    """Memory of a process that serves the small one."""
    return asyncio.run(_served(bench, 1_000))


async def _served(bench: Bench, rows: int) -> Figures:
    from search_core import FilterSet, Query, SearchEngine

    make_model(bench.workspace / "model")
    async with SearchEngine.open(index_directory(bench, rows), device=bench.device) as engine:
        for prompt in prompts(bench.sizes.queries):
            result = await engine.search(Query(text=prompt), FilterSet.empty())
            await engine.pictures([hit.row for hit in result.hits])
        for data in pictures(list(range(5))):
            await engine.search(Query(image=data), FilterSet.empty())
        await engine.search(Query(text="a ship", where="year=1850", k=100), FilterSet.empty())
        return {name: size / GIGABYTE for name, size in resident().items() if name in ("Rss", "Anonymous")}
