"""SQLite's statements go to their thread and back once, and are otherwise as SQLAlchemy expects them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from bot.database import Database
from bot.database.connections import Connections
from bot.database.errors import DatabaseFailed
from bot.database.one_hop import ROWS_AT_ONCE, OneHopConnection
from bot.database.searches import SavedSearch
from search_core import Kind
from tests.bot.conftest import GUILD_ID

MANY = ROWS_AT_ONCE * 2 + 1
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many) SELECT i FROM n"


@pytest.fixture
async def connections(tmp_path: Path) -> AsyncIterator[Connections]:
    there = Connections(f"sqlite:///{tmp_path / 'numbers.db'}")
    async with there.writing() as connection:
        await connection.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
    yield there
    await there.close()


@pytest.fixture
def hand_overs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was handed over to SQLite's threads so far."""
    handed: list[str] = []
    execute = OneHopConnection._execute

    async def counted(self: OneHopConnection, work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        handed.append(getattr(work, "__name__", str(work)))
        return await execute(self, work, *arguments, **options)

    monkeypatch.setattr(OneHopConnection, "_execute", counted)
    return handed


async def test_what_each_reply_asks_of_the_database_takes_one_hand_over(
    database: Database, hand_overs: list[str]
) -> None:
    await database.revision(GUILD_ID)
    assert len(hand_overs) == 1
    await database.personal.layout(1)
    assert len(hand_overs) == 2


async def test_keeping_a_search_takes_four_hand_overs(database: Database, hand_overs: list[str]) -> None:
    search = SavedSearch(
        1, GUILD_ID, 2, Kind.TEXT, "a fish", None, np.eye(1, 4, dtype=np.float32)[0], "1-a", 9, private=False
    )
    await database.save_search(search)

    assert len(hand_overs) == 4, "begin, the search, its asker's history, commit"
    assert await database.find_search(search.id) is not None


@pytest.mark.parametrize("many", [0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, MANY])
async def test_all_rows_come_however_many_there_are(connections: Connections, many: int) -> None:
    statement = text(NUMBERS if many else f"{NUMBERS} WHERE i > 1")
    async with connections.reading() as connection:
        found = (await connection.execute(statement, {"many": max(1, many)})).scalars().all()

    assert found == list(range(1, many + 1))


async def test_streamed_rows_come_in_their_order_and_a_stream_may_be_left(connections: Connections) -> None:
    async with connections.reading() as connection:
        stream = await connection.stream(text(NUMBERS), {"many": MANY})
        parts = [part async for part in stream.scalars().partitions(300)]
        left = await connection.stream(text(NUMBERS), {"many": MANY})
        first = await left.fetchone()
        await left.close()

    assert [number for part in parts for number in part] == list(range(1, MANY + 1))
    assert [len(part) for part in parts[:-1]] == [300] * (len(parts) - 1)
    assert first is not None
    assert first[0] == 1
    async with connections.writing() as connection:  # nothing holds it up
        await connection.execute(text("INSERT INTO kept (word) VALUES ('free')"))


async def test_many_rows_are_written_with_one_statement_and_counted(connections: Connections) -> None:
    async with connections.writing() as connection:
        words = [{"word": str(number)} for number in range(5)]
        await connection.execute(text("INSERT INTO kept (word) VALUES (:word)"), words)
        changed = await connection.execute(text("UPDATE kept SET word = word || '!' WHERE id > 2"))
        last = await connection.execute(text("INSERT INTO kept (word) VALUES ('last')"))

    assert changed.rowcount == 3
    assert last.lastrowid == 6


async def test_an_error_leaves_no_transaction_behind(connections: Connections, hand_overs: list[str]) -> None:
    async def write_twice() -> None:
        async with connections.writing() as connection:
            for _ in range(2):
                await connection.execute(text("INSERT INTO kept (word) VALUES ('twice')"))

    with pytest.raises(DatabaseFailed, match="IntegrityError SQLITE_CONSTRAINT_UNIQUE"):
        await write_twice()
    assert hand_overs[-1] == "rollback"

    async with connections.reading() as connection:
        kept = (await connection.execute(text("SELECT count(*) FROM kept"))).scalar_one()
    assert kept == 0
