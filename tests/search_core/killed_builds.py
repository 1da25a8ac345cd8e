"""Run as a program: changes an index many times and has each change killed by SIGKILL at another of its writes.

    python -m tests.search_core.killed_builds build  SOURCE MODEL PARENT SHARD_ROWS
    python -m tests.search_core.killed_builds add    SOURCE MODEL PARENT SHARD_ROWS DIRECTORY
    python -m tests.search_core.killed_builds remove WHERE  MODEL PARENT SHARD_ROWS DIRECTORY

Makes PARENT/before-01, PARENT/after-01, ...: killed just before or just after the n-th file was renamed into place,
until a change gets through. `add` and `remove` start from a copy of DIRECTORY each time. The heavy imports are done
once, and each change runs in a fork of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import sentence_transformers  # noqa: F401 - imported once, before forking

from search_core import build, store


def main(action: str, subject: str, model: str, parent: str, shard_rows: str, start: str | None = None) -> None:
    """Change until a change survives, for both moments."""

    def change(directory: Path) -> None:
        options = {"device": "cpu", "progress": False, "shard_rows": int(shard_rows)}
        if action == "build":
            build.build_index(subject, directory, model=model, **options)  # type: ignore[arg-type]
        elif action == "add":
            build.add_to_index(subject, directory, model=model, **options)  # type: ignore[arg-type]
        else:
            build.remove_from_index(subject, directory, progress=False)

    for moment in ("before", "after"):
        number, died = 0, True
        while died:
            number += 1
            directory = Path(parent) / f"{moment}-{number:02d}"
            if start:
                shutil.copytree(start, directory)
            died = _dies(change, directory, number, moment)


def _dies(change: Callable[[Path], None], directory: Path, number: int, moment: str) -> bool:
    child = os.fork()
    if child == 0:
        _kill_at(number, moment)
        change(directory)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.waitstatus_to_exitcode(status) == 0, status
    return False


def _kill_at(number: int, moment: str) -> None:
    """Have this process killed at its n-th write."""
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


if __name__ == "__main__":
    main(*sys.argv[1:])
