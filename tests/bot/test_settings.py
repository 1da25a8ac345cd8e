"""Settings: read from the environment and `.env`, complete or refused with everything that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.settings import DEFAULT_DATABASE, VARIABLES, Settings, load_database_url, load_settings, read_settings
from search_core import SettingsError
from tests.bot.conftest import TOKEN
from tests.conftest import ROOT

COMPLETE = {"DISCORD_TOKEN": TOKEN, "VIGNETTE_GUILD_IDS": "1200000000000000001", "VIGNETTE_INDEX": "my-index"}

A, B = 1200000000000000001, 1200000000000000002

EXAMPLE = ROOT / ".env.example"


def test_three_settings_are_enough_and_the_others_have_defaults() -> None:
    expected = Settings(
        TOKEN, frozenset({1200000000000000001}), Path("my-index"), DEFAULT_DATABASE, "auto", None, 20, 256
    )

    assert expected == read_settings(COMPLETE)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("VIGNETTE_GUILD_IDS", f"{A}, {B}", "guild_ids", {A, B}),
        ("VIGNETTE_GUILD_IDS", f" {A} {A} ", "guild_ids", {A}),
        ("VIGNETTE_DEVICE", "cuda", "device", "cuda"),
        ("VIGNETTE_MODEL", "models/clip", "model", "models/clip"),
        ("VIGNETTE_MODEL", "  ", "model", None),
        ("VIGNETTE_SEARCHES_PER_MINUTE", "600", "searches_per_minute", 600),
        ("VIGNETTE_SERVER_SEARCHES_PER_MINUTE", "6000", "server_searches_per_minute", 6_000),
        ("VIGNETTE_MAX_QUEUE", "1", "max_queue", 1),
        ("VIGNETTE_WATCH", "1", "watch", True),
        ("VIGNETTE_WATCH", "0", "watch", False),
        ("DATABASE_URL", "postgresql+asyncpg://host/db", "database_url", "postgresql+asyncpg://host/db"),
    ],
)  # fmt: skip
def test_each_variable_becomes_its_setting(name: str, value: str, field: str, expected: object) -> None:
    assert expected == getattr(read_settings({**COMPLETE, name: value}), field)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DISCORD_TOKEN", "", "DISCORD_TOKEN is not set"),
        ("DISCORD_TOKEN", "hunter2", "DISCORD_TOKEN does not look like a bot token"),
        ("VIGNETTE_GUILD_IDS", "", "VIGNETTE_GUILD_IDS is not set"),
        ("VIGNETTE_GUILD_IDS", ",", "not nothing"),
        ("VIGNETTE_GUILD_IDS", "1200000000000000001, my server", "not my, server"),
        ("VIGNETTE_GUILD_IDS", "12", "not 12"),
        ("VIGNETTE_GUILD_IDS", "١٢٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١", "server ids of 15 to 19 digits"),
        ("VIGNETTE_GUILD_IDS", "99999999999999999999", "not 99999999999999999999"),
        ("VIGNETTE_INDEX", "", "VIGNETTE_INDEX is not set"),
        ("VIGNETTE_WATCH", "yes", "VIGNETTE_WATCH must be 1 or 0, not yes"),
        ("VIGNETTE_DEVICE", "tpu", "one of auto, cpu, cuda, not tpu"),
        ("VIGNETTE_SEARCHES_PER_MINUTE", "0", "a whole number from 1 to 600, not 0"),
        ("VIGNETTE_SERVER_SEARCHES_PER_MINUTE", "6001", "a whole number from 1 to 6000, not 6001"),
        ("VIGNETTE_SEARCHES_PER_MINUTE", "-3", "a whole number from 1 to 600, not -3"),
        ("VIGNETTE_MAX_QUEUE", "many", "a whole number from 1 to 10000, not many"),
        ("DATABASE_URL", "vignette.db", "DATABASE_URL must be a database URL"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(told)):
        read_settings({**COMPLETE, name: value})


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({"VIGNETTE_DEVICE": "tpu"})

    for name in ("DISCORD_TOKEN", "VIGNETTE_GUILD_IDS", "VIGNETTE_INDEX", "VIGNETTE_DEVICE"):
        assert name in str(raised.value)


def test_token_and_database_password_show_in_no_repr() -> None:
    settings = read_settings({**COMPLETE, "DATABASE_URL": "postgresql+asyncpg://bot:secret@host/db"})

    assert TOKEN not in repr(settings)
    assert "secret" not in repr(settings)


def test_a_malformed_token_is_not_repeated_in_the_error() -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({**COMPLETE, "DISCORD_TOKEN": "almost.a.token"})

    assert "almost" not in str(raised.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("VIGNETTE_INDEX=from-file\nVIGNETTE_DEVICE=cpu\n")

    settings = load_settings({**COMPLETE, "VIGNETTE_INDEX": "from-outside"}, file)

    assert Path("from-outside") == settings.index
    assert settings.device == "cpu"


def test_an_empty_variable_outside_leaves_the_file_its_say(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("VIGNETTE_INDEX=from-file\n")

    assert load_settings({**COMPLETE, "VIGNETTE_INDEX": ""}, file).index == Path("from-file")


def test_a_file_that_is_no_text_is_named_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"DISCORD_TOKEN=\xff\xfe\n")

    with pytest.raises(SettingsError, match="UTF-8") as raised:
        load_settings(COMPLETE, file)

    assert str(file) in str(raised.value)


def test_the_example_file_names_exactly_the_settings_that_exist() -> None:
    assert {variable.name for variable in VARIABLES} == set(dotenv_values(EXAMPLE))


def test_the_example_file_with_the_required_values_filled_in_gives_the_defaults() -> None:
    example = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}

    assert read_settings(COMPLETE) == read_settings({**example, **COMPLETE})


def test_every_field_of_the_settings_has_a_variable() -> None:
    assert set(Settings.__dataclass_fields__) == {variable.field for variable in VARIABLES}


@pytest.mark.parametrize(
    ("environment", "file", "expected"),
    [
        ({}, "", DEFAULT_DATABASE),
        ({}, "DATABASE_URL=sqlite:///file.db", "sqlite:///file.db"),
        ({"DATABASE_URL": "sqlite:///outside.db"}, "DATABASE_URL=sqlite:///file.db", "sqlite:///outside.db"),
        ({"DATABASE_URL": "", "DISCORD_TOKEN": "wrong"}, "DATABASE_URL=sqlite:///file.db", "sqlite:///file.db"),
    ],
)
def test_the_databases_url_is_read_without_the_other_settings(
    environment: dict[str, str], file: str, expected: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(file)

    assert load_database_url(environment, tmp_path / ".env") == expected


def test_a_database_url_that_is_none_is_an_error_that_does_not_repeat_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL") as raised:
        load_database_url({"DATABASE_URL": "hush"}, tmp_path / ".env")

    assert "hush" not in str(raised.value)
