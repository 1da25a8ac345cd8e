"""Fixtures that all tests share: the real sample model and a real index of the sample collection."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Before anything imports the Hub's client: tests use what ships with the project, and nothing else.
os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = Path(__file__).resolve().parents[1]
COLLECTION = ROOT / "sample" / "collection"
MODEL = ROOT / "sample" / "model"


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished index of the whole sample collection. Read-only: a test that changes it copies it first."""
    from search_core.build import build_index

    directory = tmp_path_factory.mktemp("sample") / "index"
    build_index(COLLECTION, directory, model=MODEL, device="cpu", progress=False)
    return directory


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of the person who runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith(("DISCORD_", "VIGNETTE_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def dated_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished index of a part of the sample collection, with years; see `dated`. Read-only."""
    from search_core.build import build_index
    from tests.dated import dated_source

    folder = tmp_path_factory.mktemp("dated")
    build_index(dated_source(folder / "pictures"), folder / "index", model=MODEL, device="cpu", progress=False)
    return folder / "index"
