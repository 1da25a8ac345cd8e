"""Exact search alone, one vector after the other; beside it, what reading the vectors once takes at the least."""

from __future__ import annotations

import numpy as np

from benchmarks import bare
from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.indexes import WIDTH, clustered, index_directory, near
from benchmarks.timing import WARM_UP, median_ms_of

LINE = Line(
    name="exact",
    what="exact search alone",
    unit="ms",
    columns=("ours", "walk_through", "limit"),
    goals=(Goal(1.3, "limit"),),
    on_gpu=("ours",),
)

PAGE = 9
_BYTES = 2
"""Of a number in half precision."""


def prepare(bench: Bench) -> None:
    """Make the index."""
    index_directory(bench, bench.sizes.rows, "flat")


def ours(bench: Bench) -> Figures:
    """The index file of an index directory, mapped."""
    from search_core.generation import open_generation
    from search_core.store import IndexDirectory, read_manifest

    generation = IndexDirectory(index_directory(bench, bench.sizes.rows, "flat")).current()
    _, index = open_generation(generation, read_manifest(generation), bench.device)
    return {"value": median_ms_of(lambda query: index.search(query, PAGE), questions(bench))}


def walk_through(bench: Bench) -> Figures:
    """The index that `add_faiss_index` makes: single precision, in memory."""
    import faiss

    index = faiss.IndexFlatL2(WIDTH)
    for chunk in clustered(bench.sizes.rows):
        index.add(chunk)
    return {"value": median_ms_of(lambda query: index.search(query, PAGE), questions(bench))}


def limit(bench: Bench) -> Figures:
    """Bytes of the vectors over the bandwidth of memory."""
    bandwidth = bare.read_bandwidth(5)
    return {"value": 1000 * bench.sizes.rows * WIDTH * _BYTES / bandwidth, "GB_per_s": bandwidth / 1e9}


def questions(bench: Bench) -> list[np.ndarray]:
    """Vectors beside those of rows, each of shape (1, width)."""
    every = max(1, bench.sizes.rows // 1_000)
    rows = np.concatenate([chunk[::every] for chunk in clustered(bench.sizes.rows)])
    asked = near(rows[: bench.sizes.queries + WARM_UP], 0.7, np.random.default_rng(1))
    return [query[np.newaxis] for query in asked]
