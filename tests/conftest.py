"""Fixtures that all tests share: the real sample model and a real index of the sample collection."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# Machines that run tests are shared: what takes long there is no fault.
hypothesis.settings.register_profile("untimed", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")

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


@pytest.fixture(autouse=True)
def _log_levels_as_before() -> Iterator[None]:
    """The programs under test choose for their process what is logged; the next test must not inherit that."""
    loggers = [logging.getLogger(name) for name in ("bot", "search_core", "discord", "simcord", "aiohttp")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session")
def dated_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished index of a part of the sample collection, with years; see `dated`. Read-only."""
    from search_core.build import build_index
    from tests.dated import dated_source

    folder = tmp_path_factory.mktemp("dated")
    build_index(dated_source(folder / "pictures"), folder / "index", model=MODEL, device="cpu", progress=False)
    return folder / "index"


_FIGURES = pytest.StashKey[Counter[str]]()


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Counter[str]:
    """Numbers to be shown at the end of the run."""
    return _figures(request.config)


def _figures(config: pytest.Config) -> Counter[str]:
    return config.stash.setdefault(_FIGURES, Counter())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where several processes run the tests: hand what this one counted to the one that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = dict(_figures(session.config))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Where several processes run the tests: add up what they counted."""
    _figures(node.config).update(getattr(node, "workeroutput", {}).get("figures", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what the tests counted."""
    if counted := _figures(config):
        terminalreporter.write_line("word filters: " + ", ".join(f"{name} {n}" for name, n in counted.items()))
