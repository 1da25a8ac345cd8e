"""The database: what the buttons need after a restart, on a real SQLite file."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from bot.database import Database, SavedSearch
from bot.database.searches import KEPT_SECONDS
from search_core import Kind, SettingsError, StoreError


def saved(**changes: object) -> SavedSearch:
    vector = np.linspace(-1, 1, 12, dtype=np.float32)
    values = {
        "user_id": 2**62, "guild_id": 2, "channel_id": 3, "kind": Kind.TEXT, "prompt": "a `ship` 🚢", "row": None,
        "vector": vector, "generation": "g1", "k": 9, "private": True, "truncated": True,
    }  # fmt: skip
    return SavedSearch(**(values | changes))  # type: ignore[arg-type]


async def test_a_search_comes_back_as_it_was_after_a_restart(tmp_path: Path) -> None:
    search, url = saved(), f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    async with Database(url) as database:
        await database.save_search(search)

    async with Database(url) as database:
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


async def test_the_file_lets_others_read_while_it_is_written(database: Database) -> None:
    async with database._engine.connect() as connection:
        mode = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()

    assert mode == "wal"


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


@pytest.mark.parametrize("url", ["nonsense://", "sqlite:///sync.db", "no-such-dialect+x://host/db", "://"])
def test_a_url_that_cannot_be_used_is_an_error_that_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        Database(url)


async def test_a_database_error_carries_no_parameters(database: Database) -> None:
    search = saved(prompt="secret words")
    await database.save_search(search)

    with pytest.raises(Exception, match="UNIQUE") as raised:
        await database.save_search(search)

    assert "secret words" not in str(raised.value)
