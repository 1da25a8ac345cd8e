"""From nothing to the first answer: a new process that opens an index and answers a prompt.

Beside it, a new process that imports sentence-transformers and loads the weights, which any program with this model
has to do; the file cache is warm for both.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.child import ROOT
from benchmarks.indexes import index_directory
from benchmarks.model import make_model
from benchmarks.timing import seconds

LINE = Line(
    name="cold_start",
    what="first answer after a cold start",
    unit="s",
    columns=("ours", "limit", "transformers_alone"),
    goals=(Goal(1.2, "limit"),),
)

_OURS = """
import asyncio, sys
from search_core import FilterSet, Query, SearchEngine

async def main():
    async with SearchEngine.open(sys.argv[1], device=sys.argv[2]) as engine:
        await engine.search(Query(text="a steam engine"), FilterSet.empty())

if __name__ == "__main__":
    asyncio.run(main())
"""

_LIMIT = """
import sys
from sentence_transformers import SentenceTransformer
SentenceTransformer(sys.argv[1], device=sys.argv[2], processor_kwargs={"backend": "pil"})
"""

_ALONE = """
import sys
from transformers import AutoProcessor, CLIPModel
CLIPModel.from_pretrained(sys.argv[1]).to(sys.argv[2])
AutoProcessor.from_pretrained(sys.argv[1], backend="pil")
"""


def prepare(bench: Bench) -> None:
    """Make the index, and have everything in the file cache."""
    index_directory(bench, bench.sizes.rows)
    limit(bench)


def ours(bench: Bench) -> Figures:
    """A program that opens the index, asks, and ends."""
    return _run(_OURS, str(index_directory(bench, bench.sizes.rows)), bench.device)


def limit(bench: Bench) -> Figures:
    """Imports and weights by sentence-transformers."""
    return _run(_LIMIT, str(make_model(bench.workspace / "model")), bench.device)


def transformers_alone(bench: Bench) -> Figures:
    """Imports and weights by transformers."""
    return _run(_ALONE, str(make_model(bench.workspace / "model")), bench.device)


def _run(program: str, *arguments: str) -> Figures:
    command = [sys.executable, "-c", program, *arguments]
    return {"value": seconds(lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True))}
