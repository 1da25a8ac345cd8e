"""`vignette ...` as an operator uses it: on a real database, without token and Discord."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.conftest import GUILD_ID
from tests.conftest import ROOT

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def processes(folder: Path, url: str, *group: str) -> Run:
    """Give what runs a command in a process of its own; `index` is the collection, `before` stands before it."""

    def run(
        *arguments: str, index: Path | None = None, guilds: str = str(GUILD_ID), before: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        ours = variables(url, guilds, index) | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *before, *group, *arguments],
            cwd=folder, env=os.environ | ours, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip

    return run


def quick(url: str) -> Run:
    """Give what runs a command in this process, which need not import everything anew; on an event loop of its own."""

    def run(*arguments: str, index: Path | None = None) -> subprocess.CompletedProcess[str]:
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.delenv("VIGNETTE_INDEX", raising=False)
            for name, value in variables(url, str(GUILD_ID), index).items():
                patch.setenv(name, value)
            with ThreadPoolExecutor(1) as other:
                code = other.submit(_exit_code, arguments).result()
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    return run


def variables(url: str, guilds: str, index: Path | None) -> dict[str, str]:
    """The environment that names database, servers and collection."""
    named = {"DATABASE_URL": url, "VIGNETTE_GUILD_IDS": guilds}
    return named if index is None else named | {"VIGNETTE_INDEX": str(index), "VIGNETTE_DEVICE": "cpu"}


def _exit_code(arguments: tuple[str, ...]) -> int:
    try:
        return main(arguments)
    except SystemExit as left:  # what argparse does with what it cannot read
        return int(str(left.code))
