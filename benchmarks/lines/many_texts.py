"""Sixty-four different prompts at once, in an index of 400,000 rows; again and again, with new prompts each time."""

from __future__ import annotations

import asyncio
import time
from statistics import median

from benchmarks import bare
from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.indexes import index_directory
from benchmarks.prompts import prompts
from benchmarks.timing import WARM_UP, median_ms_of

AT_ONCE = 64

LINE = Line(
    name="many_texts",
    what="64 text queries at once",
    unit="queries/s",
    columns=("ours", "inverted_file", "limit"),
    goals=(Goal(0.85, "limit", at_least=True), Goal(3, "limit", figure="slowest_ms", of="batch_ms")),
)


def prepare(bench: Bench) -> None:
    """Make the indexes."""
    for kind in ("auto", "ivf"):
        index_directory(bench, bench.sizes.rows, kind)


def ours(bench: Bench) -> Figures:
    """The engine, with the index that a build chooses by itself."""
    return asyncio.run(_asked(bench, "auto"))


def inverted_file(bench: Bench) -> Figures:
    """The engine, with an inverted file of measured recall."""
    return asyncio.run(_asked(bench, "ivf"))


def limit(bench: Bench) -> Figures:
    """The bare forward pass of the same batches."""
    model, tokens = bare.BareModel(bench), bare.tokenizer(bench)
    took = median_ms_of(model.texts, [tokens(batch) for batch in _batches(bench)])
    return {"value": 1000 * AT_ONCE / took, "batch_ms": took}


async def _asked(bench: Bench, kind: str) -> Figures:
    from search_core import FilterSet, Query, SearchEngine

    async with SearchEngine.open(index_directory(bench, bench.sizes.rows, kind), device=bench.device) as engine:

        async def ask(prompt: str) -> float:
            started = time.perf_counter()
            await engine.search(Query(text=prompt), FilterSet.empty())
            return 1000 * (time.perf_counter() - started)

        slowest = [max(await asyncio.gather(*map(ask, batch))) for batch in _batches(bench)][WARM_UP:]
    # All were asked at the same moment, so the slowest answer tells how long the whole batch took.
    return {"value": 1000 * AT_ONCE / median(slowest), "slowest_ms": max(slowest)}


def _batches(bench: Bench) -> list[list[str]]:
    count = WARM_UP + max(3, bench.sizes.queries // 10)
    return [prompts(AT_ONCE, number * AT_ONCE) for number in range(count)]
