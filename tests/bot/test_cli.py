"""The command line: helpful at once, one line for an error, and no traceback."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import pytest

from bot import cli
from bot.demo import Demo
from search_core import StoreError
from tests.conftest import ROOT


def vignette(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a person does, in a process of its own."""
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_help_names_every_command_and_teaches_by_example() -> None:
    told = vignette("--help")

    assert told.returncode == 0
    for words in ("demo", "index build", "search", "doctor", "bot", '"a sailing ship"'):
        assert words in told.stdout


def test_help_waits_neither_for_torch_nor_for_discord() -> None:
    slow = "{'torch', 'discord', 'faiss', 'datasets'}"
    code = f"import sys; from bot.cli import make_parser; make_parser(); print(*{slow} & set(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == []


def test_help_answers_at_once() -> None:
    started = time.perf_counter()
    vignette("--help")

    assert time.perf_counter() - started < 5


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert "commands:" in capsys.readouterr().out


def parser_for(handler: cli.Handler) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.set_defaults(handler=handler, verbose=False)
    return parser


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (StoreError("The index is gone. Build it again."), 1, "vignette: The index is gone. Build it again.\n"),
        (KeyboardInterrupt(), 130, "vignette: stopped.\n"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    error: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def handler(_options: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(cli, "make_parser", lambda: parser_for(handler))

    assert cli.main([]) == code
    assert capsys.readouterr().err == told


def test_the_bot_without_settings_says_what_to_set() -> None:
    told = vignette("bot")

    assert told.returncode == 1
    for name in ("DISCORD_TOKEN", "VIGNETTE_GUILD_IDS", "VIGNETTE_INDEX"):
        assert name in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("stdin", "stdout", "arguments", "serves"),
    [
        (True, True, [], True),
        (True, True, ["--no-serve"], False),
        (False, True, [], False),
        (True, False, [], False),
    ],
)
def test_the_demo_serves_its_page_only_in_a_terminal(
    stdin: bool, stdout: bool, arguments: list[str], serves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Demo] = []
    monkeypatch.setattr("bot.demo.run_demo", lambda demo: played.append(demo) or 0)
    monkeypatch.setattr("sys.stdin.isatty", lambda: stdin)
    monkeypatch.setattr("sys.stdout.isatty", lambda: stdout)

    assert cli.main(["demo", *arguments]) == 0
    assert [demo.serve for demo in played] == [serves]


def test_an_unknown_command_is_refused() -> None:
    assert vignette("dance").returncode == 2
