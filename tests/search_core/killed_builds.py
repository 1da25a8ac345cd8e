"""Run as a program: builds an index many times and has each build killed by SIGKILL at another of its writes.

    python -m tests.search_core.killed_builds SOURCE MODEL PARENT SHARD_ROWS

Makes PARENT/before-1, PARENT/after-1, ...: killed just before or just after the n-th file was renamed into
place, until a build gets through. The heavy imports are done once and each build runs in a fork of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import sentence_transformers  # noqa: F401 - imported once, before forking

from search_core import build, store


def main(source: str, model: str, parent: str, shard_rows: str) -> None:
    """Build until a build survives; print how many died."""
    for moment in ("before", "after"):
        number, died = 0, True
        while died:
            number += 1
            directory = Path(parent) / f"{moment}-{number:02d}"
            died = _dies(lambda: _build(source, directory, model, int(shard_rows), number, moment))  # noqa: B023
        print(moment, number - 1)


def _build(source: str, directory: Path, model: str, shard_rows: int, number: int, moment: str) -> None:
    write_whole, calls = store.write_whole, 0

    def deadly(path: Path, write: Callable[[Path], object]) -> None:
        nonlocal calls
        calls += 1
        if calls == number and moment == "before":
            write(path.with_name(path.name + ".unfinished"))
            os.kill(os.getpid(), signal.SIGKILL)
        write_whole(path, write)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)

    store.write_whole = deadly
    build.build_index(source, directory, model=model, device="cpu", progress=False, shard_rows=shard_rows)


def _dies(action: Callable[[], None]) -> bool:
    child = os.fork()
    if child == 0:
        action()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.waitstatus_to_exitcode(status) == 0, status
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
