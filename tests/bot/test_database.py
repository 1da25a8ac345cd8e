"""The database: what the buttons need after a restart, on a real SQLite file and a real PostgreSQL."""

from __future__ import annotations

import os
import stat
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from bot import texts
from bot.database import Database, DatabaseBusy, Refusal, Report, ReportState, SavedSearch
from bot.database import database as door
from bot.database.searches import KEPT_SECONDS
from bot.failures import sentence_for
from search_core import Kind, SettingsError, StoreError


def saved(**changes: object) -> SavedSearch:
    vector = np.linspace(-1, 1, 12, dtype=np.float32)
    values = {
        "user_id": 2**62, "guild_id": 2, "channel_id": 3, "kind": Kind.TEXT, "prompt": "a `ship` 🚢", "row": None,
        "vector": vector, "generation": "g1", "k": 9, "private": True, "truncated": True,
    }  # fmt: skip
    return SavedSearch(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def database(any_database: Database) -> Database:
    return any_database


async def test_a_search_comes_back_as_it_was_after_a_restart(database_url: str) -> None:
    search = saved()
    async with Database(database_url) as database:
        await database.save_search(search)

    async with Database(database_url) as database:
        found = await database.find_search(search.id)

    assert found is not None
    for field in SavedSearch.__dataclass_fields__:
        assert np.array_equal(getattr(search, field), getattr(found, field)), field
    assert found.vector.dtype == np.float32


async def test_a_picture_search_keeps_neither_prompt_nor_picture(database: Database) -> None:
    search = saved(kind=Kind.IMAGE, prompt=None)
    await database.save_search(search)

    found = await database.find_search(search.id)

    assert found is not None
    assert (found.kind, found.prompt) == (Kind.IMAGE, None)


async def test_an_unknown_id_finds_nothing(database: Database) -> None:
    assert await database.find_search("nobody-has-it") is None


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has expired is looked for with each search that is saved, and not only once in a while."""
    monkeypatch.setattr(door, "FORGET_EVERY_SECONDS", -1.0)


@pytest.mark.usefixtures("_soon")
async def test_an_expired_search_is_not_found_and_is_deleted_when_the_next_is_saved(database: Database) -> None:
    old = saved(created=int(time.time()) - KEPT_SECONDS - 5)
    await database.save_search(old)
    assert await database.find_search(old.id) is None

    await database.save_search(saved())

    async with database._engine.connect() as connection:
        kept = (await connection.exec_driver_sql("SELECT count(*) FROM searches")).scalar_one()
    assert kept == 1


async def test_a_search_that_is_nearly_expired_is_still_found(database: Database) -> None:
    search = saved(created=int(time.time()) - KEPT_SECONDS + 60)
    await database.save_search(search)

    assert await database.find_search(search.id) is not None


async def test_a_note_is_replaced_by_the_next_of_its_name(database: Database) -> None:
    assert await database.read_note("commands") is None

    await database.write_note("commands", "one")
    await database.write_note("commands", "two")

    assert await database.read_note("commands") == "two"


async def test_nobody_waits_for_a_writer_to_read(database: Database) -> None:
    await database.write_note("commands", "one")
    async with database._connections.writing() as connection:
        await connection.execute(text("UPDATE notes SET value = 'two'"))
        seen = await database.read_note("commands")

    assert (seen, await database.read_note("commands")) == ("one", "two")


@pytest.mark.parametrize(
    ("pragma", "expected"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1), ("busy_timeout", 5000)]
)
async def test_an_sqlite_file_is_set_up(sqlite: Callable[[], str], pragma: str, expected: object) -> None:
    async with Database(sqlite()) as database, database._engine.connect() as connection:
        assert (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one() == expected


async def test_a_new_file_and_what_lies_beside_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    usual = os.umask(0o022)
    try:
        async with Database(f"sqlite:///{tmp_path / 'bot.db'}") as database:
            await database.write_note("commands", "one")
            assert modes_in(tmp_path) == {"bot.db": 0o600, "bot.db-wal": 0o600, "bot.db-shm": 0o600}
    finally:
        os.umask(usual)


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.touch()
    file.chmod(0o640)

    async with Database(f"sqlite:///{file}"):
        pass

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


async def test_who_waits_in_vain_for_another_writer_is_told_so_and_not_that_the_file_is_damaged(
    sqlite: Callable[[], str],
) -> None:
    url = sqlite()
    async with Database(url) as one, Database(url) as other:
        async with other._connections.reading() as connection:
            await connection.execute(text("PRAGMA busy_timeout = 1"))
        async with one._connections.writing():
            with pytest.raises(DatabaseBusy, match="locked by another process") as raised:
                await other.write_note("commands", "two")

    assert sentence_for(raised.value) == texts.DATABASE_BUSY


async def test_a_server_that_is_not_there_is_an_error_without_the_password() -> None:
    password = str(int(time.time() * 1000))
    database = Database(f"postgres://ann:{password}@127.0.0.1:9/bot?sslmode=disable")

    with pytest.raises(StoreError, match=r"postgresql\+asyncpg://ann:\*\*\*@127.0.0.1:9/bot") as raised:
        async with database:
            pass

    assert password not in "".join(traceback.format_exception(raised.value))


async def test_a_user_that_the_server_does_not_know_is_an_error_that_names_the_setting(
    postgres: Callable[[], str],
) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL"):
        async with Database(postgres().replace("postgres:@", "nobody:hush@")):
            pass


async def test_text_that_a_database_cannot_hold_does_not_fail(database: Database) -> None:
    search = saved(prompt="a\0ship\ud800")
    await database.save_search(search)

    found = await database.find_search(search.id)

    assert found is not None
    assert found.prompt == "a\ufffdship\ufffd"


async def test_recent_searches_are_those_of_the_server_newest_first(database: Database) -> None:
    now = int(time.time())
    for number in (1, 3, 2):
        await database.save_search(saved(generation=f"g{number}", created=now - 10 + number))
    await database.save_search(saved(guild_id=3))

    found = await database.recent_searches(2, limit=2)

    assert [search.generation for search in found] == ["g3", "g2"]


async def test_requests_of_a_person_are_counted_over_searches_refusals_and_reports(database: Database) -> None:
    await database.save_search(saved(user_id=5, created=int(time.time()) - 30))
    await database.save_refusal(Refusal(1, 2, 5, "x", (1,), ("clean",), at=int(time.time()) - 20))
    await database.open_report(Report(1, 5, 2, "s", "f" * 64, "g", 1, "t", at=int(time.time()) - 10))
    await database.save_search(saved(user_id=6))
    await database.save_search(saved(user_id=5, created=int(time.time()) - 300))

    times = await database.recent_requests(5, int(time.time()) - 60)

    assert len(times) == 3
    assert list(times) == sorted(times)


@pytest.mark.usefixtures("_soon")
async def test_a_refusal_comes_back_and_is_forgotten_with_the_searches(database: Database) -> None:
    kept = Refusal(1, 2, 3, "seen", (4, 5), ("clean", "meaning"))
    old = replace(kept, prompt="old", at=int(time.time()) - KEPT_SECONDS - 5)
    for refusal in (old, kept, replace(kept, guild_id=9), replace(kept, user_id=8)):
        await database.save_refusal(refusal)

    assert await database.recent_refusals(1, user=3) == [kept]
    assert len(await database.recent_refusals(1)) == 2
    await database.save_search(saved())
    async with database._engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM refusals"))).scalar_one() == 3


@pytest.mark.usefixtures("_soon")
async def test_a_report_keeps_its_card_and_forgets_its_prompt_with_the_searches(database: Database) -> None:
    old = Report(1, 2, 3, "s", "f" * 64, "g", 7, "A cat", "cats", at=int(time.time()) - KEPT_SECONDS - 5)
    stored = await database.open_report(old)
    await database.set_report_card(1, stored.id, 10, 11)
    await database.set_report_card(2, stored.id, 20, 21)

    await database.save_search(saved())

    assert await database.find_report(1, stored.id) == replace(stored, prompt=None, card_channel=10, card_message=11)
    assert await database.find_report(2, stored.id) is None
    assert [report.id for report in await database.recent_reports(1, state=ReportState.OPEN)] == [stored.id]
    assert await database.recent_reports(1, sha256="0" * 64) == []


def test_what_people_wrote_does_not_show_in_reprs() -> None:
    shown = repr(Refusal(1, 2, 3, "hush", (), ())) + repr(Report(1, 2, 3, "s", "f", "g", 1, "hush", "hush"))

    assert "hush" not in shown


def test_ids_cannot_be_guessed_and_fit_into_a_custom_id() -> None:
    ids = {saved().id for _ in range(200)}

    assert len(ids) == 200
    assert {12} == {len(search_id) for search_id in ids}


def test_a_prompt_does_not_show_in_the_repr_of_a_search() -> None:
    assert "ship" not in repr(saved())


async def test_a_folder_that_is_not_there_is_an_error_that_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL"):
        async with Database(f"sqlite+aiosqlite:///{tmp_path / 'missing' / 'bot.db'}"):
            pass


@pytest.mark.parametrize(
    "url",
    [
        "nonsense://",
        "sqlite://",
        "sqlite:///:memory:",
        "no-such-dialect+x://host/db",
        "mysql://host/db",
        "://",
        "postgresql://host:port/db",
        "postgresql://host/db?channel_binding=require",
    ],
)
def test_a_url_that_cannot_be_used_is_an_error_that_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        Database(url)


async def test_a_database_error_carries_no_parameters(database: Database) -> None:
    search = saved(prompt="secret words")
    await database.save_search(search)

    with pytest.raises(StoreError, match="IntegrityError") as raised:
        await database.save_search(search)

    assert "secret words" not in "".join(traceback.format_exception(raised.value))
    assert search.id not in "".join(traceback.format_exception(raised.value))
