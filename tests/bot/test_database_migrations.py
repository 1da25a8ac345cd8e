"""Migrations: from nothing, and from what each release before has left, on real databases of both kinds."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Connection, Integer, Table, text
from sqlalchemy.schema import MetaData

from bot.database import Actor, Database, Way
from bot.database.connections import Connections
from bot.database.migrate import HEAD, STEPS, differences, migrate, read_version, upgrade
from search_core import Kind, StoreError
from search_core.filters.rules import Rule
from tests.conftest import ROOT

ROWS = (
    "INSERT INTO notes VALUES ('commands:1', 'told')",
    "INSERT INTO searches VALUES ('abc', 1, 2, 3, 'text', 'a ship', NULL, :vector, 'g1', 9, :yes, :no, 4000000000)",
)
"""What a release before had written."""


async def make_first_release(url: str, *, numbered: bool) -> None:
    """Make a database as the first release did: it wrote the tables, but no number of a step."""
    connections = Connections(url)
    async with connections.writing() as connection:
        await connection.run_sync(upgrade, "0001")
        if not numbered:
            await connection.execute(text("DROP TABLE alembic_version"))
        for row in ROWS:
            values = {"vector": b"\0\0\x80?" * 2, "yes": True, "no": False}
            used = {name: value for name, value in values.items() if f":{name}" in row}
            await connection.execute(text(row), used)
    await connections.close()


async def look(url: str) -> tuple[str | None, list[str]]:
    connections = Connections(url)
    try:
        async with connections.reading() as connection:
            return await connection.run_sync(read_version), await connection.run_sync(differences)
    finally:
        await connections.close()


def test_the_steps_are_in_one_line_and_the_last_one_is_the_newest() -> None:
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory(str(ROOT / "bot" / "database" / "migrations")).walk_revisions()

    assert tuple(step.revision for step in steps)[::-1] == STEPS
    assert STEPS[-1] == HEAD


async def test_an_empty_database_becomes_the_tables_as_they_are_now(database_url: str) -> None:
    async with Database(database_url):
        pass

    assert await look(database_url) == (HEAD, [])


@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "as the first release left it"])
async def test_a_database_of_the_release_before_comes_up_with_its_rows(database_url: str, numbered: bool) -> None:
    await make_first_release(database_url, numbered=numbered)

    async with Database(database_url) as database:
        note, search = await database.read_note("commands:1"), await database.find_search("abc")
        await database.add_rules(2, [Rule.of("word", "cat")], Actor(1, "terminal"))
        assert len(await database.recent_searches(2)) == 1

    assert await look(database_url) == (HEAD, [])
    assert note == "told"
    assert search is not None
    assert (search.prompt, search.kind, search.vector.tolist(), search.private) == ("a ship", Kind.TEXT, [1, 1], True)


async def test_a_history_takes_over_what_is_still_known_of_its_searches(database_url: str) -> None:
    connections = Connections(database_url)
    searched = "INSERT INTO searches (id, user_id, guild_id, channel_id, kind, prompt, row, vector, generation, k, \
private, truncated, created, without, conditions) VALUES (:id, 1, 2, 3, 'text', :prompt, NULL, :vector, 'g1', 4, \
:no, :no, 4000000000, :without, NULL)"
    past = "INSERT INTO history (user_id, guild_id, search_id, kind, prompt, at) VALUES (1, 2, :id, 'text', :prompt, 1)"
    kept = {
        "plain": ("a ship", b"\0\0\x80?" * 2, "a storm"),
        "plotted": ("a cat", bytes(8), None),
        "drawn": (None, bytes(8), None),
    }
    async with connections.writing() as connection:
        await connection.run_sync(upgrade, "0004")
        for name, (prompt, vector, without) in kept.items():
            values = {"id": name, "prompt": prompt, "vector": vector, "without": without, "no": False}
            await connection.execute(text(searched), values)
            await connection.execute(text(past), {"id": name, "prompt": prompt})
        await connection.execute(text(past), {"id": "expired", "prompt": "a dog"})
    await connections.close()

    async with Database(database_url) as database:
        found = {each.search_id: each for each in await database.personal.history(1, 2, 10)}

    assert {name: each.way for name, each in found.items()} == {
        "plain": Way.SEARCH, "plotted": Way.TIMELINE, "drawn": Way.LOT, "expired": None,
    }  # fmt: skip
    assert (found["plain"].without, found["plain"].k, found["expired"].k) == ("a storm", 4, None)


async def test_the_first_step_makes_what_the_first_release_made(database_url: str) -> None:
    """The two tables, written out as that release's code wrote them."""
    from sqlalchemy import BigInteger, Boolean, Index, LargeBinary, String, Text

    first = MetaData()
    ids = [Column(name, BigInteger, nullable=False) for name in ("user_id", "guild_id", "channel_id")]
    Table(
        "searches", first, Column("id", String(24), primary_key=True), *ids,
        Column("kind", String(8), nullable=False), Column("prompt", Text), Column("row", Integer),
        Column("vector", LargeBinary, nullable=False), Column("generation", String(64), nullable=False),
        Column("k", Integer, nullable=False), Column("private", Boolean, nullable=False),
        Column("truncated", Boolean, nullable=False), Column("created", BigInteger, nullable=False),
        Index("searches_by_age", "created"),
    )  # fmt: skip
    Table("notes", first, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False))

    def compare(connection: Connection) -> list[object]:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        return list(compare_metadata(MigrationContext.configure(connection), first))

    connections = Connections(database_url)
    async with connections.writing() as connection:
        await connection.run_sync(upgrade, "0001")
        await connection.execute(text("DROP TABLE alembic_version"))
        assert await connection.run_sync(compare) == []
    await connections.close()


async def test_tables_that_differ_are_named(database_url: str) -> None:
    async with Database(database_url) as database, database._engine.begin() as connection:
        await connection.execute(text("DROP INDEX searches_of_user"))
        await connection.execute(text("ALTER TABLE notes ADD COLUMN more INTEGER"))
        await connection.execute(text("CREATE TABLE somebody_elses (id INTEGER)"))

    _, different = await look(database_url)

    assert sorted(different) == ["add_index searches_of_user", "remove_column notes more"]


async def test_a_database_of_a_newer_release_is_refused_and_left_as_it_is(database_url: str) -> None:
    async with Database(database_url) as database, database._engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match=r"newer release .*9999"):
        async with Database(database_url):
            pass

    connections = Connections(database_url)
    async with connections.reading() as connection:
        assert (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one() == "9999"
    await connections.close()


async def test_a_step_that_fails_leaves_the_database_as_it_was(database_url: str) -> None:
    await make_first_release(database_url, numbered=False)
    connections = Connections(database_url)
    async with connections.writing() as connection:
        await connection.execute(text("CREATE TABLE refusals (id INTEGER)"))  # in the way of the last table

    with pytest.raises(StoreError):
        await migrate(connections)

    async with connections.reading() as connection:
        tables = await connection.run_sync(_tables)
        assert (await connection.execute(text("SELECT count(*) FROM searches"))).scalar_one() == 1
    await connections.close()
    assert tables == {"searches", "notes", "refusals"}


def _tables(connection: Connection) -> set[str]:
    from sqlalchemy import inspect

    return {name for name in inspect(connection).get_table_names() if not name.startswith("sqlite_")}


def test_a_wheel_has_the_migrations_in_it() -> None:
    """A folder without `__init__.py` is no package, and stays out of the wheel."""
    folder = ROOT / "bot" / "database" / "migrations"

    assert all((path / "__init__.py").is_file() for path in (folder, folder / "versions"))
    assert len(list((folder / "versions").glob("r*.py"))) == len(STEPS)


async def test_a_search_of_the_release_before_turns_its_page_as_it_did(database_url: str) -> None:
    await make_first_release(database_url, numbered=True)

    async with Database(database_url) as database:
        search = await database.find_search("abc")

    assert search is not None
    assert (search.without, search.where, search.mixture, search.spoiler) == (None, (), None, None)
    assert search.words == ("a ship",)
