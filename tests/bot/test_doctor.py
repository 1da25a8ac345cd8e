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


@pytest.mark.parametrize(
    ("value", "told"),
    [("0", "ok    watching: off: "), ("1", "ok    watching: on, where /settings channel watch says so")],
)
def test_watching_is_told_with_what_it_needs(
    value: str, told: str, environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examine({**environment, "VIGNETTE_WATCH": value}, tmp_path)
    output = capsys.readouterr().out

    assert told in output
    assert "Message Content Intent" in output


@pytest.mark.parametrize(("flags", "given"), [(0, False), (1 << 18, True), (1 << 19, True), (1 << 12, False)])
def test_with_online_the_doctor_sees_whether_the_intent_is_given(
    flags: int,
    given: bool,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def logged_in(*_: object) -> dict[str, object]:
        return {"id": "1", "username": "vignette", "discriminator": "0", "avatar": None}

    async def application(*_: object) -> dict[str, object]:
        return {"id": "1", "name": "Vignette", "description": "", "icon": None, "flags": flags, "verify_key": ""} | {
            "bot_public": False, "bot_require_code_grant": False, "rpc_origins": [], "summary": "", "team": None,
            "owner": {"id": "2", "username": "ann", "discriminator": "0", "avatar": None},
        }  # fmt: skip

    async def no_servers(*_: object, **__: object) -> list[object]:
        return []

    monkeypatch.setattr(discord.http.HTTPClient, "static_login", logged_in)
    monkeypatch.setattr(discord.http.HTTPClient, "application_info", application)
    monkeypatch.setattr(discord.http.HTTPClient, "get_guilds", no_servers)

    run_doctor({**environment, "VIGNETTE_WATCH": "1"}, online=True, env_file=tmp_path / "no.env")

    assert ("does not give this application" in capsys.readouterr().out) == (not given)


def test_the_token_is_never_shown(
    environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examine({**environment, "VIGNETTE_INDEX": "/nowhere"}, tmp_path)
    examine({**environment, "DISCORD_TOKEN": "almost.a.token"}, tmp_path)
    captured = capsys.readouterr()

    assert TOKEN not in captured.out + captured.err
    assert "almost" not in captured.out + captured.err
