"""Run as a program: changes an index many times and has each change killed by SIGKILL at another of its writes.

    python -m tests.search_core.killed_builds build  SOURCE MODEL PARENT SHARD_ROWS
    python -m tests.search_core.killed_builds add    SOURCE MODEL PARENT SHARD_ROWS DIRECTORY
    python -m tests.search_core.killed_builds remove WHERE  MODEL PARENT SHARD_ROWS DIRECTORY
    python -m tests.search_core.killed_builds at-random SOURCE MODEL PARENT SHARD_ROWS

The first three make PARENT/before-01, PARENT/after-01, ...: killed just before or just after the n-th file was renamed
into place, until a change gets through. `add` and `remove` start from a copy of DIRECTORY each time. The last makes
PARENT/random-01 to -10: a build each, killed with all of its process group at a random moment of its work, which begins
when the model is loaded. The heavy imports are done once, and each change runs in a fork of its own.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import sentence_transformers  # noqa: F401 - imported once, before forking

from search_core import build, store

RANDOM_KILLS = 10
"""The moments are drawn as shares of the time that an undisturbed build works."""


def main(action: str, subject: str, model: str, parent: str, shard_rows: str, start: str | None = None) -> None:
    """Change until a change survives, for both moments."""

    def change(directory: Path) -> None:
        options = {"device": "cpu", "progress": False, "shard_rows": int(shard_rows)}
        if action in ("build", "at-random"):
            build.build_index(subject, directory, model=model, **options)  # type: ignore[arg-type]
        elif action == "add":
            build.add_to_index(subject, directory, model=model, **options)  # type: ignore[arg-type]
        else:
            build.remove_from_index(subject, directory, progress=False)

    if action == "at-random":
        return _kill_at_random(change, Path(parent))
    for moment in ("before", "after"):
        number, died = 0, True
        while died:
            number += 1
            directory = Path(parent) / f"{moment}-{number:02d}"
            if start:
                shutil.copytree(start, directory)
            died = _dies(change, directory, number, moment)
    return None


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


def _kill_at_random(change: Callable[[Path], None], parent: Path) -> None:
    """Time a build, then kill others after drawn shares of that time; one that was quicker is tried again, earlier."""
    drawn = random.Random(0)
    whole, _ = _work(change, parent / "timed", None)
    for number in range(1, RANDOM_KILLS + 1):
        directory, share = parent / f"random-{number:02d}", drawn.random()
        while not _work(change, directory, share * whole)[1]:
            shutil.rmtree(directory)
            share *= drawn.random()


def _work(change: Callable[[Path], None], directory: Path, seconds: float | None) -> tuple[float, bool]:
    """Change in a process group of its own, killed after so many seconds of work; how long it took, and if it died."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        change(directory)
        os._exit(0)
    while not (directory / "building").is_dir():
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "the build ended before it began"
        time.sleep(0.001)
    started = time.monotonic()
    if seconds is not None:
        time.sleep(seconds)
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return time.monotonic() - started, os.WIFSIGNALED(status)


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
