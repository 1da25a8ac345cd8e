"""How the database is reached: URL and driver, the three kinds of transaction, and errors that repeat no values."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.database import one_hop
from bot.database.errors import DatabaseBusy, DatabaseFailed, DatabaseUnreachable
from search_core.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
"""By the first part of the URL, which is all that people have to write."""

_WRITE_ONE = "Write sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME."

_PARAMETERS = {"host", "port", "ssl", "passfile", "target_session_attrs", "prepared_statement_cache_size"}
"""What may stand behind the question mark of a URL: what asyncpg and SQLAlchemy understand there."""

_PRAGMAS = ("busy_timeout = 5000", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON")
"""Readers and the writer do not wait for each other; another process's write is waited for up to five seconds; a power
cut may cost the last moments, but never the order or the wholeness of what was written; what is deleted is overwritten
in the file."""

_WAL_TRIES, _WAL_PAUSE = 100, 0.05
"""SQLite does not wait its usual five seconds where two that start at once both change a new file to WAL: one of them
is turned away at once, and must come again. The change lasts, so this happens to new files only."""

_CONNECT_SECONDS = 10
"""A server that does not answer within this is told to the user, rather than waited for."""

_STATEMENT_SECONDS = 60
"""Restoring the largest table takes batches of well under a second."""

_TURNED_AWAY = ("08", "28", "3D")
"""PostgreSQL's classes of errors where it is not reached, refuses the user, or has no such database."""


class Connections:
    """A pool of connections, and the transactions on them.

    Raises:
        SettingsError: if the URL cannot be used.
    """

    def __init__(self, url: str) -> None:
        self.engine = _make_engine(url)
        self.sqlite = self.engine.dialect.name == "sqlite"
        options = _SQLITE_OPTIONS if self.sqlite else _POSTGRES_OPTIONS
        self._glance, self._read, self._write = (self.engine.execution_options(**each) for each in options)
        # SQLite's own queue of writers is a race for the lock; within this process they take turns.
        self._turn = asyncio.Lock() if self.sqlite else nullcontext()

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None for a server."""
        return Path(self.engine.url.database or "") if self.sqlite else None

    @asynccontextmanager
    async def glancing(self) -> AsyncIterator[AsyncConnection]:
        """Connect for one statement that reads, without the cost of a transaction."""
        with plain_errors():
            async with self._glance.connect() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction in which all statements see the same moment. It waits for no writer."""
        with plain_errors():
            async with self._read.connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes, and commit it at the end unless an error leaves it."""
        with plain_errors():
            async with self._turn, self._write.begin() as connection:
                yield connection

    async def scrub(self) -> None:
        """Take what was deleted out of SQLite's log of writes too; PostgreSQL does so in its own time."""
        if self.sqlite:
            async with self._turn, self.glancing() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


_SQLITE_OPTIONS: tuple[dict[str, Any], ...] = ({"begin": ""}, {"begin": "BEGIN"}, {"begin": "BEGIN IMMEDIATE"})
"""A transaction that reads first and writes later fails at once when another process wrote between; so a writing one
takes the lock when it begins."""

_POSTGRES_OPTIONS: tuple[dict[str, Any], ...] = (
    {"isolation_level": "AUTOCOMMIT"},
    {"isolation_level": "REPEATABLE READ"},
    {"isolation_level": "READ COMMITTED"},
)


def upsert(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that may go on with ON CONFLICT, which both databases spell alike."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn a driver's error into one that names its kind alone: PostgreSQL quotes the values of the row in question.

    Raises:
        DatabaseFailed: in place of it.
    """
    try:
        yield
    except _failures() as error:
        raise _failure(error)(error_kind(error)) from None


def _failure(error: BaseException) -> type[DatabaseFailed]:
    original = getattr(error, "orig", None) or error
    if (getattr(original, "sqlite_errorname", None) or "").startswith("SQLITE_BUSY"):
        return DatabaseBusy
    turned_away = str(getattr(original, "sqlstate", None) or "").startswith(_TURNED_AWAY)
    return DatabaseUnreachable if turned_away or isinstance(original, OSError) else DatabaseFailed


def error_kind(error: BaseException) -> str:
    """Name an error's type, and the database's own code for it."""
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _failures() -> tuple[type[Exception], ...]:
    try:
        from asyncpg import InterfaceError, PostgresError
    except ImportError:
        return SQLAlchemyError, OSError
    return SQLAlchemyError, OSError, PostgresError, InterfaceError  # what fails while connecting comes unwrapped


def _make_engine(text: str) -> AsyncEngine:
    try:
        url = _with_driver(make_url(text))
        # Parameters hold prompts; a database error must not carry them into the log.
        engine = create_async_engine(url, hide_parameters=True, **_engine_options(url))
    except ImportError:
        raise SettingsError("PostgreSQL needs another package: pip install 'vignette[postgres]'.") from None
    except (ArgumentError, SQLAlchemyError, ValueError) as error:
        raise SettingsError(f"DATABASE_URL cannot be used ({type(error).__name__}). {_WRITE_ONE}") from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _with_driver(url: URL) -> URL:
    driver = _DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise SettingsError(f"DATABASE_URL names {url.drivername}, which is not supported. {_WRITE_ONE}")
    if driver == _DRIVERS["sqlite"] and url.database in (None, "", ":memory:"):
        raise SettingsError("DATABASE_URL names no file, and rules must outlive a restart. Write sqlite:///FILE.")
    if mode := url.query.get("sslmode"):  # libpq's word, in the URLs that providers hand out; asyncpg says ssl
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    if unknown := url.query.keys() - _PARAMETERS:
        raise SettingsError(f"DATABASE_URL has parameters that are not known here: {', '.join(sorted(unknown))}.")
    return url.set(drivername=driver)


def _engine_options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"async_creator_fn": one_hop.connect}}
    seconds = {"timeout": _CONNECT_SECONDS, "command_timeout": _STATEMENT_SECONDS}
    return {"pool_pre_ping": True, "connect_args": seconds}  # a server that was restarted costs no query


def _prepare(connection: Any, _record: object) -> None:  # DBAPI connections have no common type
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    for left in reversed(range(_WAL_TRIES)):
        try:
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not left:
                raise
            time.sleep(_WAL_PAUSE)
        else:
            return


def _begin(connection: Connection) -> None:
    if begin := connection.get_execution_options().get("begin", "BEGIN"):
        connection.exec_driver_sql(begin)
