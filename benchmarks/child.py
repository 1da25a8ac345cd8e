"""One column of one line, measured in a process of its own: nothing that another one left behind weighs on it."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench, Figures, Sizes

ROOT = Path(__file__).resolve().parents[1]
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class MeasurementFailedError(Exception):
    """A measurement's process ended with an error; the message is its last words."""


def measure(module: str, function: str, bench: Bench, threads: int | None = None) -> Figures:
    """Run `function(bench)` of a module in a new process, and return its figures.

    Args:
        module: its name, such as `benchmarks.lines.exact`.
        function: the function's name.
        bench: what it is given.
        threads: threads of the numeric libraries; None means one a core, as they decide themselves.

    Raises:
        MeasurementFailedError: if the process ends with an error.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "figures.json"
        task = {"module": module, "function": function, "bench": _to_json(bench), "answer": str(answer)}
        command = [sys.executable, "-m", "benchmarks.child", json.dumps(task)]
        done = subprocess.run(
            command, cwd=ROOT, env=_environment(threads), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines()[-8:]
            raise MeasurementFailedError(f"{module}.{function} failed:\n" + "\n".join(lines))
        figures: Figures = json.loads(answer.read_text(encoding="utf-8"))
        return figures


def main(task: str) -> None:
    """What the process does."""
    wanted = json.loads(task)
    values: dict[str, Any] = {name: _from_json(value) for name, value in wanted["bench"].pop("sizes").items()}
    sizes = Sizes(**values)
    bench = Bench(Path(wanted["bench"]["workspace"]), sizes, wanted["bench"]["device"])
    function = getattr(importlib.import_module(wanted["module"]), wanted["function"])
    figures = function(bench) or {}
    Path(wanted["answer"]).write_text(json.dumps(figures), encoding="utf-8")


def _environment(threads: int | None) -> dict[str, str]:
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    return os.environ | offline | ({} if threads is None else dict.fromkeys(_THREADS, str(threads)))


def _to_json(bench: Bench) -> dict[str, object]:
    return dataclasses.asdict(bench) | {"workspace": str(bench.workspace)}


def _from_json(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


if __name__ == "__main__":
    main(sys.argv[1])
