"""What `test_run` has measured in a child process."""

from __future__ import annotations

import os

from benchmarks.bench import Bench


def who(_: Bench) -> dict[str, float]:
    return {"process": os.getpid(), "threads": float(os.environ["OMP_NUM_THREADS"])}


def told(bench: Bench) -> dict[str, float]:
    sizes = bench.sizes
    return {"rows": sizes.rows, "growth": sum(sizes.growth), "cuda": float(bench.device == "cuda")}


def fail(_: Bench) -> dict[str, float]:
    raise RuntimeError("The vectors were eaten")
