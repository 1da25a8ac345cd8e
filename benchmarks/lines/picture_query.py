"""One posted picture, bytes in to rows out, one after the other, in an index of 400,000 rows."""

from __future__ import annotations

import asyncio

from benchmarks import bare
from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.indexes import index_directory
from benchmarks.pictures import pictures
from benchmarks.timing import WARM_UP, awaited_ms, median_ms_of

LINE = Line(
    name="picture_query",
    what="one picture query, bytes in to rows out",
    unit="ms",
    columns=("ours", "inverted_file", "limit"),
    goals=(Goal(1.3, "limit"),),
)


def prepare(bench: Bench) -> None:
    """Make the indexes."""
    for kind in ("auto", "ivf"):
        index_directory(bench, bench.sizes.rows, kind)


def ours(bench: Bench) -> Figures:
    """The engine, with the index that a build chooses by itself; the picture is decoded in a process of its own."""
    return asyncio.run(_asked(bench, "auto"))


def inverted_file(bench: Bench) -> Figures:
    """The engine, with an inverted file of measured recall."""
    return asyncio.run(_asked(bench, "ivf"))


def limit(bench: Bench) -> Figures:
    """Decoding and the bare forward pass, one after the other."""
    import torch

    model = bare.BareModel(bench)

    def work(data: bytes) -> None:
        model.pictures(torch.from_numpy(bare.pixels_of(data))[None])

    return {"value": median_ms_of(work, _pictures(bench))}


async def _asked(bench: Bench, kind: str) -> Figures:
    from search_core import FilterSet, Query, SearchEngine

    async with SearchEngine.open(index_directory(bench, bench.sizes.rows, kind), device=bench.device) as engine:

        async def ask(data: bytes) -> None:
            await engine.search(Query(image=data), FilterSet.empty())

        return {"value": await awaited_ms(ask, _pictures(bench))}


def _pictures(bench: Bench) -> list[bytes]:
    return list(pictures(list(range(bench.sizes.queries + WARM_UP))))
