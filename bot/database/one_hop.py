"""SQLite's connection as SQLAlchemy's driver uses it, with one hand-over to the connection's thread for a statement.

aiosqlite hands over to that thread and back for each part of a statement: make a cursor, execute, fetch, close, and at
the end roll back. Each takes about as long as a small statement itself, and there were 39 of them in one reply. Here a
statement goes there and back once, with its rows; only of a long result the rest is fetched later, or streamed. And
where no transaction is open, none is rolled back.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import aiosqlite

OWNERS_ALONE = 0o600
"""The file's mode: it holds prompts. What is there already keeps the mode that somebody gave it."""

ROWS_AT_ONCE = 1_000
"""Rows that come back with their statement: more than any question of the bot has, and few for a backup."""

_CHUNK = 64
"""What aiosqlite's own cursors, which are not used, would read at once."""


def connect(*arguments: Any, **options: Any) -> OneHopConnection:
    """Make what `await` opens; for `create_async_engine(connect_args={"async_creator_fn": connect})`.

    Args:
        arguments, options: of `sqlite3.connect`.
    """
    connection = OneHopConnection(partial(_open, *arguments, **options), _CHUNK)
    connection._thread.daemon = True  # as SQLAlchemy has it: a connection that nobody closed keeps no one waiting
    return connection


def _open(database: str, *arguments: Any, **options: Any) -> sqlite3.Connection:
    """Open a file; a new one is made for its owner alone, and SQLite makes what lies beside it alike."""
    with suppress(OSError):  # it is there, or cannot be made: then SQLite says so
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNERS_ALONE))
    opened: sqlite3.Connection = sqlite3.connect(database, *arguments, **options)
    return opened


class OneHopConnection(aiosqlite.Connection):
    """A connection with a thread of its own."""

    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        """Make a cursor; nothing is handed over before it executes."""
        return OneHopCursor(self)

    async def rollback(self) -> None:
        """Roll back the transaction, if one is open."""
        if self.in_transaction:
            await super().rollback()

    async def hand_over(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Call `work(connection, *arguments)` with SQLite's own connection, in the thread that owns it."""
        return await self._execute(work, self._conn, *arguments)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a statement did, and its first rows; the cursor is None if those are all."""

    rows: list[Any]
    description: Any
    rowcount: int
    lastrowid: int | None
    cursor: sqlite3.Cursor | None


class OneHopCursor:
    """One statement at a time."""

    arraysize = 1

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self._open: sqlite3.Cursor | None = None
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute a statement and fetch its rows, the first `ROWS_AT_ONCE` of them."""
        return await self._done(_execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Execute a statement once for each of some parameters."""
        return await self._done(_execute_many, sql, parameters)

    async def fetchone(self) -> Any:
        """Hand out one row, or None where none is left."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Hand out so many rows, or fewer where no more are left."""
        size = self.arraysize if size is None else size
        if self._open is not None and len(self._rows) < size:
            self._rows += await self._connection.hand_over(_fetch_many, self._open, size - len(self._rows))
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    async def fetchall(self) -> list[Any]:
        """Hand out all rows that are left."""
        if self._open is not None:
            self._rows += await self._connection.hand_over(_fetch_all, self._open)
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Let go of the statement, if it has rows that nobody fetched."""
        cursor, self._open = self._open, None
        if cursor is not None:
            await self._connection.hand_over(_close, cursor)

    async def _done(self, work: Callable[..., _Outcome], sql: str, parameters: Iterable[Any]) -> Self:
        await self.close()
        outcome: _Outcome = await self._connection.hand_over(work, sql, parameters)
        self._rows, self._open = outcome.rows, outcome.cursor
        self.description, self.rowcount, self.lastrowid = outcome.description, outcome.rowcount, outcome.lastrowid
        return self


# In the connection's thread.


def _execute(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]) -> _Outcome:
    return _outcome(connection.execute(sql, parameters))


def _execute_many(connection: sqlite3.Connection, sql: str, parameters: Iterable[Sequence[Any]]) -> _Outcome:
    return _outcome(connection.executemany(sql, parameters))


def _outcome(cursor: sqlite3.Cursor) -> _Outcome:
    rows = cursor.fetchmany(ROWS_AT_ONCE) if cursor.description else []
    left = len(rows) == ROWS_AT_ONCE
    outcome = _Outcome(rows, cursor.description, cursor.rowcount, cursor.lastrowid, cursor if left else None)
    if not left:
        cursor.close()
    return outcome


def _fetch_many(_: sqlite3.Connection, cursor: sqlite3.Cursor, size: int) -> list[Any]:
    return cursor.fetchmany(size)


def _fetch_all(_: sqlite3.Connection, cursor: sqlite3.Cursor) -> list[Any]:
    return cursor.fetchall()


def _close(_: sqlite3.Connection, cursor: sqlite3.Cursor) -> None:
    cursor.close()
