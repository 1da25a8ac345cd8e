"""`Database`: one door to the tables, one transaction a call, and never a wait on the event loop."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.database import notes, searches
from bot.database.searches import KEPT_SECONDS, SavedSearch
from bot.database.tables import metadata
from search_core import SettingsError, StoreError

if TYPE_CHECKING:
    from types import TracebackType

_SQLITE_PRAGMAS = ("journal_mode = WAL", "foreign_keys = ON", "busy_timeout = 5000")
"""Readers and the writer do not wait for each other; a second writer waits five seconds before it fails."""


class Database:
    """The bot's memory. `async with` opens it, makes missing tables, forgets what has expired, and closes it.

    Args:
        url: an SQLAlchemy URL with an async driver.

    Raises:
        SettingsError: if the URL cannot be used.
        StoreError: on entering, if the database cannot be opened or written.
    """

    def __init__(self, url: str) -> None:
        self._engine = _make_engine(url)

    async def __aenter__(self) -> Self:
        try:
            async with self._engine.begin() as connection:
                await connection.run_sync(metadata.create_all)
                await searches.delete_older(connection, _expiry())
        except (SQLAlchemyError, OSError) as error:
            await self._engine.dispose()
            where = self._engine.url.render_as_string(hide_password=True)
            raise StoreError(
                f"The database {where} cannot be opened for writing ({type(error).__name__}). "
                "Check DATABASE_URL, and that the folder exists and may be written."
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._engine.dispose()

    async def save_search(self, search: SavedSearch) -> None:
        """Keep a search for `KEPT_SECONDS`, and forget those that are older."""
        async with self._engine.begin() as connection:
            await searches.delete_older(connection, _expiry())
            await searches.insert_search(connection, search)

    async def find_search(self, search_id: str) -> SavedSearch | None:
        """Find a search by its id, or None if it is unknown or expired."""
        async with self._engine.connect() as connection:
            found = await searches.find_search(connection, search_id)
        return found if found is not None and found.created >= _expiry() else None

    async def read_note(self, name: str) -> str | None:
        """Read a note, or None if there is none of that name."""
        async with self._engine.connect() as connection:
            return await notes.read_note(connection, name)

    async def write_note(self, name: str, value: str) -> None:
        """Write a note in place of the one of that name."""
        async with self._engine.begin() as connection:
            await notes.write_note(connection, name, value)


def _expiry() -> int:
    return int(time.time()) - KEPT_SECONDS


def _make_engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
        # Parameters hold prompts; a database error must not carry them into the log.
        engine = create_async_engine(parsed, hide_parameters=True)
    except (ArgumentError, ImportError, SQLAlchemyError) as error:
        raise SettingsError(
            f"DATABASE_URL cannot be used ({type(error).__name__}). Write sqlite+aiosqlite:///FILE."
        ) from error
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:  # DBAPI connections have no common type
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
