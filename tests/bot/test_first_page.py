"""The first page of an answer: its search is kept while its pictures are fetched; neither goes without the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.database import Database
from bot.database.errors import DatabaseFailed
from search_core import SearchEngine, StoredPicture
from tests.bot.conftest import SETTLE_SECONDS, World
from tests.bot.staff import standing_in

NOT_KEPT = "CREATE TRIGGER full BEFORE INSERT ON searches BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"


@pytest.fixture
def fetched(engine: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once pictures are asked for."""
    asked, pictures = asyncio.Event(), engine.pictures

    async def noticed(rows: Sequence[int], generation: str | None = None) -> list[StoredPicture]:
        asked.set()
        return await pictures(rows, generation)

    monkeypatch.setattr(engine, "pictures", noticed)
    return asked


async def test_pictures_are_fetched_while_the_search_is_being_kept(
    world: World, database: Database, fetched: asyncio.Event
) -> None:
    async with Database(str(database._engine.url)) as other:
        async with other._connections.writing():  # nobody else writes meanwhile
            asking = asyncio.create_task(world.client.services.desk.ask_text(standing_in(world), "a fish"))
            await asyncio.wait_for(fetched.wait(), SETTLE_SECONDS)
            assert not asking.done()
            assert await database.recent_searches(world.guild.id) == []
        reply = await asking

    assert len(reply.pictures) == 9
    assert len(await database.recent_searches(world.guild.id)) == 1


async def test_a_search_that_cannot_be_kept_is_not_answered_and_nothing_is_left_running(
    world: World, database: Database, engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database._engine.begin() as connection:
        await connection.exec_driver_sql(NOT_KEPT)
    stopped = asyncio.Event()

    async def never(rows: Sequence[int], generation: str | None = None) -> list[StoredPicture]:
        try:
            return await asyncio.Future()
        finally:
            stopped.set()

    monkeypatch.setattr(engine, "pictures", never)

    with pytest.raises(DatabaseFailed, match=r"vignette db check;.* vignette db restore"):
        await world.client.services.desk.ask_text(standing_in(world), "a fish")

    assert stopped.is_set()


async def test_pictures_that_cannot_be_fetched_are_an_error_of_their_own(
    world: World, database: Database, engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable(rows: Sequence[int], generation: str | None = None) -> list[StoredPicture]:
        raise OSError("the disk is gone")

    monkeypatch.setattr(engine, "pictures", unreadable)

    with pytest.raises(OSError, match="the disk is gone"):
        await world.client.services.desk.ask_text(standing_in(world), "a fish")
