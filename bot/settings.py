"""Settings: environment and `.env` to one typed, validated object. The token never shows in a repr or an error.

To add a setting: one `Variable` in `VARIABLES`, one field of `Settings`, one commented line in `.env.example`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from search_core.errors import SettingsError

DEFAULT_DATABASE = "sqlite:///vignette.db"
SWITCH = {"1": True, "0": False}
DEVICES = ("auto", "cpu", "cuda")

INTENT_MISSING = (
    "VIGNETTE_WATCH is 1, and Discord does not give this application the message-content intent. In the developer "
    "portal, your application, page Bot, switch Message Content Intent on; or set VIGNETTE_WATCH to 0."
)

MAX_PER_MINUTE = 600
"""Ten a second from one person is no longer a person."""

MAX_SERVER_PER_MINUTE = 6_000
"""A hundred a second is more than one machine answers."""

MAX_QUEUE = 10_000
"""A query with a picture may hold 25 MB; a longer queue only hides that the machine is too slow."""

_TOKEN_SHAPE = re.compile(r"[\w-]{18,}\.[\w-]{6,}\.[\w-]{20,}")
"""Bot tokens are three base64url parts: application id, time, signature."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the bot needs to know before it starts.

    Attributes:
        token: the bot token; kept out of repr, logs and errors.
        guild_ids: the servers that are served; never empty.
        index: the index directory that `vignette index build` made.
        database_url: SQLAlchemy URL of the database; kept out of repr, since it may hold a password.
        device: where the model runs: `auto`, `cpu` or `cuda`.
        model: another path or name for the index's own model; None takes the one in its manifest.
        searches_per_minute: what one person may ask within a minute.
        server_searches_per_minute: what all the people of one server may ask together within a minute.
        max_queue: queries that may wait; further ones are told that the bot is busy.
        watch: whether to ask Discord for the message-content intent, which watching channels needs.
    """

    token: str = field(repr=False)
    guild_ids: frozenset[int]
    index: Path
    database_url: str = field(default=DEFAULT_DATABASE, repr=False)
    device: str = "auto"
    model: str | None = None
    searches_per_minute: int = 20
    max_queue: int = 256
    watch: bool = False
    server_searches_per_minute: int = 120


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: where its value goes, how it is read, and what to say when it is missing."""

    name: str
    field: str
    read: Callable[[str], object]
    missing: str | None = None


def _read_token(text: str) -> str:
    if not _TOKEN_SHAPE.fullmatch(text):
        raise ValueError(
            "does not look like a bot token (three parts joined by dots). Copy it from the developer portal: "
            "your application, page Bot, Reset Token"
        )
    return text


def _read_guild_ids(text: str) -> frozenset[int]:
    parts = [part for part in re.split(r"[\s,]+", text) if part]
    wrong = [
        part for part in parts if not (part.isascii() and part.isdigit() and len(part) >= 15 and int(part) < 2**63)
    ]
    if wrong or not parts:
        raise ValueError(
            f"needs server ids of 15 to 19 digits, separated by commas; not {', '.join(wrong) or 'nothing'}. "
            "Switch on Developer Mode in Discord, right-click the server, Copy Server ID"
        )
    return frozenset(map(int, parts))


def _read_device(text: str) -> str:
    if text not in DEVICES:
        raise ValueError(f"must be one of {', '.join(DEVICES)}, not {text}")
    return text


def _read_database_url(text: str) -> str:
    if "://" not in text:
        raise ValueError(f"must be a database URL such as {DEFAULT_DATABASE}")
    return text


def _read_switch(text: str) -> bool:
    if text not in SWITCH:
        raise ValueError(f"must be 1 or 0, not {text}")
    return SWITCH[text]


def _whole_number(highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= highest):
            raise ValueError(f"must be a whole number from 1 to {highest}, not {text}")
        return int(text)

    return read


VARIABLES = (
    Variable(
        "DISCORD_TOKEN",
        "token",
        _read_token,
        "is not set. Copy the bot token from the developer portal: your application, page Bot, Reset Token",
    ),
    Variable(
        "VIGNETTE_GUILD_IDS",
        "guild_ids",
        _read_guild_ids,
        "is not set. Name the ids of the servers to serve, separated by commas; the bot leaves all others",
    ),
    Variable(
        "VIGNETTE_INDEX",
        "index",
        Path,
        "is not set. Name the directory that `vignette index build SOURCE DIR` made",
    ),
    Variable("DATABASE_URL", "database_url", _read_database_url),
    Variable("VIGNETTE_DEVICE", "device", _read_device),
    Variable("VIGNETTE_MODEL", "model", str),
    Variable("VIGNETTE_SEARCHES_PER_MINUTE", "searches_per_minute", _whole_number(MAX_PER_MINUTE)),
    Variable("VIGNETTE_SERVER_SEARCHES_PER_MINUTE", "server_searches_per_minute", _whole_number(MAX_SERVER_PER_MINUTE)),
    Variable("VIGNETTE_MAX_QUEUE", "max_queue", _whole_number(MAX_QUEUE)),
    Variable("VIGNETTE_WATCH", "watch", _read_switch),
)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from a mapping of variables; empty values count as not set.

    Raises:
        SettingsError: naming every variable that is missing or wrong, and what to do about each.
    """
    values: dict[str, object] = {}
    problems: list[str] = []
    for variable in VARIABLES:
        text = environment.get(variable.name, "").strip()
        if not text:
            problems += [f"{variable.name} {variable.missing}."] if variable.missing else []
            continue
        try:
            values[variable.field] = variable.read(text)
        except ValueError as problem:
            problems.append(f"{variable.name} {problem}.")
    if problems:
        raise SettingsError("\n".join(["The settings are not complete:", *(f"  - {line}" for line in problems)]))
    return Settings(**values)  # type: ignore[arg-type]  # the table and the dataclass name the same fields


def load_database_url(environment: Mapping[str, str], env_file: Path = Path(".env")) -> str:
    """Read the database's URL alone, for commands that need neither token nor index; the environment wins.

    Raises:
        SettingsError: if it is no URL.
    """
    text = merged_environment(environment, env_file).get("DATABASE_URL", "").strip()
    try:
        return _read_database_url(text) if text else DEFAULT_DATABASE
    except ValueError as problem:
        raise SettingsError(f"DATABASE_URL {problem}.") from None


def merged_environment(environment: Mapping[str, str], env_file: Path) -> dict[str, str]:
    """Lay the environment over the `.env` file, if there is one: what is set outside, and not empty, wins.

    Raises:
        SettingsError: if the file cannot be read as text.
    """
    try:
        from_file = {name: value for name, value in dotenv_values(env_file).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read: {error}. Save it again as plain text in UTF-8.") from None
    return {**from_file, **{name: value for name, value in environment.items() if value}}


def load_settings(environment: Mapping[str, str], env_file: Path = Path(".env")) -> Settings:
    """Read the settings from the environment and the `.env` file; the environment wins.

    Raises:
        SettingsError: see `read_settings`.
    """
    return read_settings(merged_environment(environment, env_file))


def load_variable(environment: Mapping[str, str], name: str, env_file: Path = Path(".env")) -> Any:
    """Read one variable of `VARIABLES`, for commands that need no more; the environment wins. None if it is not set.

    Raises:
        SettingsError: if its value is wrong.
    """
    text = merged_environment(environment, env_file).get(name, "").strip()
    (variable,) = (each for each in VARIABLES if each.name == name)
    try:
        return variable.read(text) if text else None
    except ValueError as problem:
        raise SettingsError(f"{name} {problem}.") from None
