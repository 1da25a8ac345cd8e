"""Approximate search alone, one vector after the other, and how many of the true nine nearest it finds."""

from __future__ import annotations

import numpy as np

from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.indexes import index_directory
from benchmarks.lines.exact import PAGE, questions
from benchmarks.timing import median_ms_of

LINE = Line(
    name="approximate",
    what="approximate search alone",
    unit="ms",
    columns=("ours",),
    goals=(Goal(1, unit="ms"), Goal(0.99, figure="recall_at_9", at_least=True)),
    on_gpu=("ours",),
)


def prepare(bench: Bench) -> None:
    """Make the indexes."""
    for kind in ("flat", "ivf"):
        index_directory(bench, bench.sizes.rows, kind)


def ours(bench: Bench) -> Figures:
    """The inverted file that a build chooses by measured recall, and its recall against exact search."""
    from search_core.generation import open_generation
    from search_core.index import VectorIndex
    from search_core.store import IndexDirectory, read_manifest

    def opened(kind: str) -> VectorIndex:
        generation = IndexDirectory(index_directory(bench, bench.sizes.rows, kind)).current()
        return open_generation(generation, read_manifest(generation), bench.device)[1]

    exact, approximate, asked = opened("flat"), opened("ivf"), questions(bench)
    took = median_ms_of(lambda query: approximate.search(query, PAGE), asked)
    pairs = [(exact.search(query, PAGE)[1][0], approximate.search(query, PAGE)[1][0]) for query in asked]
    return {"value": took, "recall_at_9": float(np.mean([np.isin(true, found).mean() for true, found in pairs]))}
