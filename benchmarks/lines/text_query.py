"""One prompt, text in to rows out, one after the other, in an index of 400,000 rows."""

from __future__ import annotations

import asyncio

from benchmarks import bare, walkthrough
from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.indexes import index_directory
from benchmarks.model import make_model
from benchmarks.prompts import prompts
from benchmarks.timing import WARM_UP, awaited_ms, median_ms_of

LINE = Line(
    name="text_query",
    what="one text query, text in to rows out",
    unit="ms",
    columns=("ours", "exact_index", "inverted_file", "walk_through", "limit"),
    goals=(Goal(1.25, "limit"),),
    on_gpu=("ours", "exact_index", "limit"),
)


def prepare(bench: Bench) -> None:
    """Make the indexes."""
    for kind in ("auto", "flat", "ivf"):
        index_directory(bench, bench.sizes.rows, kind)


def ours(bench: Bench) -> Figures:
    """The engine, with the index that a build chooses by itself."""
    return asyncio.run(_asked(bench, "auto"))


def exact_index(bench: Bench) -> Figures:
    """The engine, with the exact index."""
    return asyncio.run(_asked(bench, "flat"))


def inverted_file(bench: Bench) -> Figures:
    """The engine, with an inverted file of measured recall."""
    return asyncio.run(_asked(bench, "ivf"))


def walk_through(bench: Bench) -> Figures:
    """`model.encode` and `get_nearest_examples`, which decodes the rows."""
    import numpy as np
    from datasets import Dataset, Image, concatenate_datasets

    from search_core.collection import Collection
    from search_core.generation import shards
    from search_core.store import IndexDirectory

    model = walkthrough.load_model(make_model(bench.workspace / "model"), bench.device)
    kept = shards(IndexDirectory(index_directory(bench, bench.sizes.rows, "flat")).current())
    pictures = concatenate_datasets([Dataset.from_file(str(shard)) for shard in kept]).select_columns(
        ["title", "image"]
    )
    vectors = np.concatenate(list(Collection(kept).vectors())).astype(np.float32)
    pictures = walkthrough.add_index(pictures.cast_column("image", Image()), vectors)
    asked = prompts(bench.sizes.queries + WARM_UP)
    return {"value": median_ms_of(lambda prompt: walkthrough.search(pictures, model, prompt), asked)}


def limit(bench: Bench) -> Figures:
    """The bare forward pass of the same prompts."""
    model, tokens = bare.BareModel(bench), bare.tokenizer(bench)
    inputs = [tokens([prompt]) for prompt in prompts(bench.sizes.queries + WARM_UP)]
    return {"value": median_ms_of(model.texts, inputs)}


async def _asked(bench: Bench, kind: str) -> Figures:
    from search_core import FilterSet, Query, SearchEngine

    async with SearchEngine.open(index_directory(bench, bench.sizes.rows, kind), device=bench.device) as engine:

        async def ask(prompt: str) -> None:
            await engine.search(Query(text=prompt), FilterSet.empty())

        return {"value": await awaited_ms(ask, prompts(bench.sizes.queries + WARM_UP))}
