"""What the tests of push and pull share: two indexes, an empty hub, and its client.

The official client talks to a local stand-in for the Hub (`hub_server`). Storage by hf-xet is switched off: its
protocol is not part of the stand-in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from search_core.build import build_index
from search_core.hub.pull import pull_index
from search_core.hub.push import Pushed, push_index
from search_core.store import IndexDirectory, Manifest
from tests.conftest import COLLECTION, MODEL, ROOT
from tests.search_core.hub_server import Hub, serving

NAME = "library/engravings"
WRITE, READ = "hf_may_write", "hf_may_read"
SHARD_ROWS = 6


def _collect(folder: Path, pictures: int) -> Path:
    (folder / "food").mkdir(parents=True)
    for path in sorted((COLLECTION / "food").iterdir())[:pictures]:
        shutil.copy2(path, folder / "food")
    (folder / "food" / "broken.png").write_bytes(b"nonsense")
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of 20 pictures in four shards, one more picture passed over."""
    folder = tmp_path_factory.mktemp("built")
    source = _collect(folder / "pictures", 20)
    build_index(source, folder / "index", model=MODEL, device="cpu", progress=False, shard_rows=SHARD_ROWS)
    return folder / "index"


@pytest.fixture(scope="session")
def smaller(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the first 8 of these pictures, in two shards."""
    folder = tmp_path_factory.mktemp("smaller")
    source = _collect(folder / "pictures", 8)
    build_index(source, folder / "index", model=MODEL, device="cpu", progress=False, shard_rows=SHARD_ROWS)
    return folder / "index"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """An empty hub, and the client in this process free to talk to it: it read its settings when it was imported."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-login"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with serving(Hub({WRITE: "write", READ: "read"})) as running:
        yield running


@pytest.fixture
def push(hub: Hub) -> Callable[..., Pushed]:
    def run(directory: Path, repository: str = NAME, **options: Any) -> Pushed:
        return push_index(directory, repository, **{"token": WRITE, "endpoint": hub.url, "progress": False} | options)

    return run


@pytest.fixture
def pull(hub: Hub) -> Callable[..., Manifest]:
    def run(directory: Path, repository: str = NAME, **options: Any) -> Manifest:
        return pull_index(repository, directory, **{"token": READ, "endpoint": hub.url, "progress": False} | options)

    return run


def files_of(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def generation_of(directory: Path) -> dict[str, bytes]:
    """The files of the generation that is served."""
    return files_of(IndexDirectory(directory).current())


_PROGRAM = """
import argparse, sys
from search_core.cli import add_commands
from search_core.errors import VignetteError
parser = argparse.ArgumentParser()
add_commands(parser.add_subparsers())
options = parser.parse_args()
try:
    sys.exit(options.handler(options))
except VignetteError as error:
    sys.exit(f"vignette: {error}")
"""


def vignette(hub: Hub, tmp_path: Path, *arguments: object, token: str = WRITE) -> subprocess.Popen[str]:
    """The command in a process and an environment of its own, as a user has it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")} | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_TOKEN": token,
    }
    command = [sys.executable, "-c", _PROGRAM, *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
