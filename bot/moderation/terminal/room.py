"""`Room`: what a command at the terminal works with; and how it asks, reads, writes and prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.database import Actor, Database
from bot.moderation.drafts import Drafts
from bot.moderation.wording import TERMINAL
from bot.settings import load_database_url, load_variable
from bot.texts import filters as texts
from search_core import InputError, SettingsError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from search_core import SearchEngine
    from search_core.filters import Rule

OPERATOR = Actor(0, "terminal")
"""Whoever is at the terminal acts without a user id; the audit log says so."""


@dataclass(slots=True)
class Room:
    """What the commands work with. The engine is opened when something first needs it."""

    database: Database
    guild_id: int
    index: Path | None
    stack: AsyncExitStack
    opened: SearchEngine | None = None

    async def engine(self) -> SearchEngine:
        """Open the engine, once.

        Raises:
            SettingsError: if nothing says where the index is.
        """
        if self.opened is None:
            index = self.index or load_variable(os.environ, "VIGNETTE_INDEX")
            if index is None:
                raise SettingsError(texts.NEEDS_INDEX)
            self.opened = await self.stack.enter_async_context(_engine(index))
        return self.opened

    @property
    def drafts(self) -> Drafts:
        """What turns wishes into rules."""
        return Drafts(self.database, self.engine, TERMINAL)

    async def rules(self) -> tuple[Rule, ...]:
        """Read the server's rules."""
        return (await self.database.snapshot(self.guild_id)).rules


@asynccontextmanager
async def room(options: argparse.Namespace) -> AsyncIterator[Room]:
    """Open the database for the server that is meant, and close everything again."""
    guild_id = _guild(options.guild)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(load_database_url(os.environ)))
        yield Room(database, guild_id, getattr(options, "index", None), stack)


def _engine(index: Path) -> SearchEngine:
    from search_core import SearchEngine

    model, device = (load_variable(os.environ, name) for name in ("VIGNETTE_MODEL", "VIGNETTE_DEVICE"))
    return SearchEngine.open(index, model, device or "auto")


def _guild(named: int | None) -> int:
    """The server that is meant: the one that is named, or else the only one that is served."""
    served = load_variable(os.environ, "VIGNETTE_GUILD_IDS") or frozenset()
    if named is None and len(served) != 1:
        raise SettingsError(texts.NAME_THE_GUILD)
    guild_id = int(next(iter(served))) if named is None else named
    if served and guild_id not in served:
        raise SettingsError(texts.GUILD_NOT_SERVED.format(guild=guild_id))
    return guild_id


def ask(question: str) -> None:
    """Ask whether to go on.

    Raises:
        InputError: if not, or if there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise InputError(f"{question} {texts.SAY_YES}")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise InputError(texts.CANCELLED)


def read_bytes(file: Path) -> bytes:
    """Read a file that an option names.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


def write_bytes(file: Path, data: bytes) -> None:
    """Write a file that an option names.

    Raises:
        InputError: if it cannot be written.
    """
    try:
        file.write_bytes(data)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.") from None


def print_lines(*lines: str) -> None:
    """Print some lines."""
    for line in lines:
        print(line)


def print_json(value: Iterable[Any] | Mapping[str, Any]) -> None:
    """Print one JSON value."""
    print(json.dumps(value, indent=2, ensure_ascii=False))
