"""`vignette doctor`: what is wrong is said in words, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import discord
import pytest

from bot.doctor import PACKAGES, run_doctor
from tests.bot.conftest import GUILD_ID, TOKEN


@pytest.fixture
def environment(sample_index: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": TOKEN,
        "VIGNETTE_GUILD_IDS": str(GUILD_ID),
        "VIGNETTE_INDEX": str(sample_index),
        "VIGNETTE_DEVICE": "cpu",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
    }


def examine(environment: dict[str, str], tmp_path: Path) -> int:
    return run_doctor(environment, env_file=tmp_path / "no.env")


def test_where_all_is_well_it_says_so(
    environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = examine(environment, tmp_path)
    told = capsys.readouterr().out

    assert code == 0, told
    assert "WRONG" not in told
    assert "All is well" in told
    assert "pictures from" in told
    assert all(package in told for package in PACKAGES)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"DISCORD_TOKEN": ""}, "DISCORD_TOKEN is not set"),
        ({"DISCORD_TOKEN": "abc", "VIGNETTE_GUILD_IDS": "x"}, "VIGNETTE_GUILD_IDS needs server ids"),
        ({"VIGNETTE_INDEX": "/nowhere/at/all"}, "WRONG index and model: "),
        ({"VIGNETTE_MODEL": "/nowhere/at/all"}, "WRONG index and model: "),
        ({"DATABASE_URL": "sqlite+aiosqlite:////nowhere/at/all/bot.db"}, "WRONG database: "),
        ({"DATABASE_URL": "nonsense://x"}, "WRONG database: "),
    ],
)
def test_what_is_wrong_is_named_and_the_exit_code_is_one(
    change: dict[str, str],
    told: str,
    environment: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = examine({**environment, **change}, tmp_path)
    output = capsys.readouterr().out

    assert code == 1
    assert told in output
    assert "All is well" not in output


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (discord.LoginFailure("401"), "the token is refused"),
        (OSError("no route"), "cannot be reached (OSError)"),
        (TimeoutError(), "cannot be reached (TimeoutError)"),
    ],
)
def test_with_online_discord_is_asked_too(
    error: Exception,
    told: str,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(discord.http.HTTPClient, "static_login", refuse)

    assert run_doctor(environment, online=True, env_file=tmp_path / "no.env") == 1
    assert f"WRONG Discord: {told}" in capsys.readouterr().out


def test_the_token_is_never_shown(
    environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examine({**environment, "VIGNETTE_INDEX": "/nowhere"}, tmp_path)
    examine({**environment, "DISCORD_TOKEN": "almost.a.token"}, tmp_path)
    captured = capsys.readouterr()

    assert TOKEN not in captured.out + captured.err
    assert "almost" not in captured.out + captured.err
