"""`vignette db`: what was backed up from either kind of database comes back in either, whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from bot.cli import main
from bot.database import (
    Actor,
    AuditAction,
    ChannelSettings,
    Database,
    GuildSettings,
    Refusal,
    Report,
    SavedSearch,
)
from bot.database.connections import Connections
from bot.database.migrate import HEAD
from bot.database.tables import metadata
from search_core import Kind
from search_core.filters.rules import Concept, Rule

GUILD, OTHER = 2**62, 8
ANN = Actor(1, "discord")
NewDatabase = Callable[[], str]


@pytest.fixture
def vignette(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run `vignette db ...` on a database, in an empty folder, and return exit code and all that it said."""
    monkeypatch.chdir(tmp_path)

    def run(url: str, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("DATABASE_URL", url)
        code = main(["db", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


Vignette = Callable[..., tuple[int, str]]


def search(number: int) -> SavedSearch:
    vector = np.linspace(-1, 1, 512, dtype=np.float32)
    return SavedSearch(1, GUILD, 3, Kind.TEXT, f"ship {number} 🚢", None, vector, "g", 9, private=True)


async def fill(url: str) -> None:
    vectors, thresholds = np.eye(3, 8, dtype=np.float32), np.full((3, 3), 0.1, np.float32)
    concept = Concept(("a", "b", "c"), (), vectors, thresholds, "w")
    async with Database(url) as database:
        rules = [Rule.of("word", "cat"), Rule.of("concept", "ships", concept=concept), Rule.of("word", "gone")]
        added = await database.add_rules(GUILD, rules, ANN)
        await database.remove_rule(GUILD, added[2].id, ANN)
        settings = GuildSettings(GUILD, frozenset({5}), channels={3: ChannelSettings(watch=True)})
        await database.change_settings(GUILD, settings, ANN)
        await database.edit_rule(GUILD, added[0].changed(enabled=False), ANN)
        await database.undo(GUILD, ANN)
        report = await database.open_report(Report(GUILD, 1, 2, "s", "f" * 64, "g", 3, "A cat", None))
        await database.set_report_card(GUILD, report.id, 4, 5)
        await database.save_refusal(Refusal(GUILD, 2, 3, None, (1, 2), ("clean",)))
        await database.write_note("commands", "told")
        for number in range(450):  # more than two batches
            await database.save_search(search(number))


async def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Read every row of every table, less what a restore adds to it."""
    connections = Connections(url)
    found = {}
    async with connections.reading() as connection:
        for table in metadata.sorted_tables:
            rows = await connection.execute(table.select().order_by(*table.primary_key))
            found[table.name] = [tuple(row) for row in rows]
    await connections.close()
    found["audit"] = [row for row in found["audit"] if AuditAction.RESTORE not in row]
    found["guilds"] = [(row[0], *row[2:]) for row in found["guilds"]]
    return found


KINDS = ["sqlite", "postgres"]


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_a_backup_of_either_kind_restores_into_either(
    vignette: Vignette, request: pytest.FixtureRequest, source: str, target: str
) -> None:
    old, new = request.getfixturevalue(source)(), request.getfixturevalue(target)()
    asyncio.run(fill(old))

    assert vignette(old, "backup", "copy.db")[0] == 0
    assert vignette(new, "restore", "copy.db")[0] == 0

    assert asyncio.run(contents(new)) == asyncio.run(contents(old))
    code, told = vignette(new, "check")
    assert code == 0, told
    assert "rules 2" in told
    assert "searches 450" in told
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600
    assert [path.name for path in Path().glob("copy.db*")] == ["copy.db"]


async def _use_after_restore(url: str) -> None:
    async with Database(url) as database:
        (new,) = await database.add_rules(GUILD, [Rule.of("word", "dog")], ANN)
        assert new.id == 4, "the number of the removed rule 3 is not given again"
        await database.undo(GUILD, ANN)
        await database.undo(GUILD, ANN)
        assert (await database.snapshot(GUILD)).settings.channels == {}
        assert (await database.open_report(Report(GUILD, 1, 2, "s", "f" * 64, "g", 3, "t"))).id == 2


def test_a_restored_database_goes_on_counting_and_can_undo(vignette: Vignette, new_database: NewDatabase) -> None:
    old, new = new_database(), new_database()
    asyncio.run(fill(old))
    vignette(old, "backup", "copy.db")

    assert vignette(new, "restore", "copy.db")[0] == 0

    asyncio.run(_use_after_restore(new))


async def _revisions(url: str) -> dict[int, int]:
    async with Database(url) as database:
        return {guild: await database.revision(guild) for guild in (GUILD, OTHER)}


async def _add(url: str, guild: int, pattern: str) -> None:
    async with Database(url) as database:
        await database.add_rules(guild, [Rule.of("word", pattern)], ANN)


async def _last_action(url: str, guild: int) -> AuditAction:
    async with Database(url) as database:
        return (await database.audit(guild))[0].action


def test_a_restore_gives_every_server_a_revision_that_it_never_had(
    vignette: Vignette, new_database: NewDatabase
) -> None:
    url = new_database()
    asyncio.run(_add(url, GUILD, "cat"))
    vignette(url, "backup", "copy.db")
    for pattern in ("dog", "cow"):
        asyncio.run(_add(url, GUILD, pattern))
    asyncio.run(_add(url, OTHER, "dog"))
    assert asyncio.run(_revisions(url)) == {GUILD: 3, OTHER: 1}

    assert vignette(url, "restore", "copy.db", "--force")[0] == 0

    assert asyncio.run(_revisions(url)) == {GUILD: 4, OTHER: 2}
    assert {asyncio.run(_last_action(url, guild)) for guild in (GUILD, OTHER)} == {AuditAction.RESTORE}


def test_nothing_is_written_over_without_force(vignette: Vignette, new_database: NewDatabase) -> None:
    url = new_database()
    asyncio.run(_add(url, GUILD, "cat"))
    Path("copy.db").write_text("precious")

    code, told = vignette(url, "backup", "copy.db")
    assert (code, "--force" in told, Path("copy.db").read_text()) == (1, True, "precious")
    assert vignette(url, "backup", "copy.db", "--force")[0] == 0

    before = asyncio.run(contents(url))
    code, told = vignette(url, "restore", "copy.db")
    assert (code, "--force" in told) == (1, True)
    assert asyncio.run(contents(url)) == before


def _not_a_database(file: Path) -> None:
    file.write_bytes(b"not a database" * 100)


def _somebody_elses(file: Path) -> None:
    _execute(file, "DROP TABLE rules")


def _broken_rule(file: Path) -> None:
    _execute(file, "UPDATE rules SET hash = 'hush'")


def _lost_reference(file: Path) -> None:
    _execute(file, "UPDATE audit SET guild_id = 99")


def _from_the_future(file: Path) -> None:
    _execute(file, "UPDATE alembic_version SET version_num = '9999'")


def _cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8192])


def _missing(file: Path) -> None:
    file.unlink()


def _execute(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (_not_a_database, "cannot be read as a database"),
        (_somebody_elses, "add_table rules"),
        (_broken_rule, "rules: Rule 1"),
        (_lost_reference, "audit.guild_id"),
        (_from_the_future, "newer release"),
        (_cut_off, "copy.db"),
        (_missing, "There is no file copy.db"),
    ],
)
def test_a_damaged_backup_replaces_nothing(
    vignette: Vignette, new_database: NewDatabase, damage: Callable[[Path], None], expected: str
) -> None:
    url = new_database()
    asyncio.run(_add(url, GUILD, "cat"))
    vignette(url, "backup", "copy.db")
    damage(Path("copy.db"))
    before = asyncio.run(contents(url))

    code, told = vignette(url, "restore", "copy.db", "--force")

    assert code == 1
    assert expected in told
    assert "Traceback" not in told
    assert asyncio.run(contents(url)) == before


def test_a_backup_is_whole_while_a_bot_writes(vignette: Vignette, database_url: str) -> None:
    asyncio.run(_add(database_url, GUILD, "first"))
    asyncio.run(_write_and_back_up(database_url))

    rows = asyncio.run(contents("sqlite:///copy.db"))
    assert len(rows["rules"]) == len(rows["audit"]) >= 1


async def _write_and_back_up(url: str) -> None:
    from bot.database.backup import back_up

    async with Database(url) as database:
        connections = Connections(url)
        backing_up = asyncio.create_task(back_up(connections, Path("copy.db")))
        number = 0
        while not backing_up.done():
            number += 1
            await database.add_rules(GUILD, [Rule.of("word", f"word {number}")], ANN)
        await backing_up
        await connections.close()
    assert number > 1


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("UPDATE rules SET pattern = 'hush'", "WRONG rules: Rule 1"),
        ("UPDATE guilds SET settings = '{}'", "WRONG settings: The settings of server"),
        ("DROP INDEX audit_undone", "WRONG tables: not as the steps make them: add_index audit_undone"),
        ("UPDATE alembic_version SET version_num = '0001'", f"WRONG migrations: at step 0001, the newest is {HEAD}"),
    ],
)
def test_check_names_what_is_wrong(vignette: Vignette, database_url: str, damage: str, expected: str) -> None:
    asyncio.run(_add(database_url, GUILD, "cat"))
    asyncio.run(_damage(database_url, damage))

    code, told = vignette(database_url, "check")

    assert (code, expected in told) == (1, True), told
    assert "hush" not in told


async def _damage(url: str, statement: str) -> None:
    connections = Connections(url)
    async with connections.writing() as connection:
        await connection.execute(text(statement))
    await connections.close()


def test_check_makes_no_database_where_there_is_none(vignette: Vignette) -> None:
    code, told = vignette("sqlite:///none.db", "check")

    assert code == 1
    assert "There is no database at none.db" in told
    assert not Path("none.db").exists()


def test_the_database_is_found_without_a_token_in_env_or_by_default(
    vignette: Vignette, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_add("sqlite:///vignette.db", GUILD, "cat"))
    asyncio.run(_add("sqlite:///other.db", GUILD, "cat"))

    assert "vignette.db" in vignette("", "check")[1]
    Path(".env").write_text("DATABASE_URL=sqlite:///other.db\n")
    assert "other.db" in vignette("", "check")[1]
    assert "DATABASE_URL must be a database URL" in vignette("other.db", "check")[1]


def test_the_password_is_never_shown(vignette: Vignette) -> None:
    password = str(time.time_ns())

    for command in (["check"], ["backup", "x.db"], ["restore", "x.db"], ["forget", f"{10**17}"]):
        code, told = vignette(f"postgresql://ann:{password}@127.0.0.1:9/bot", *command)
        assert code == 1
        assert password not in told
        assert "Traceback" not in told


def test_a_check_of_a_server_that_is_not_there_does_not_advise_to_check_it(vignette: Vignette) -> None:
    _, told = vignette("postgresql://ann@127.0.0.1:9/bot", "check")

    assert "cannot be reached" in told
    assert "vignette db check" not in told


@pytest.mark.parametrize(
    "arguments",
    [[], ["--help"], ["backup", "--help"], ["restore", "--help"], ["check", "--help"], ["forget", "--help"]],
)
def test_help_teaches(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with contextlib.suppress(SystemExit):
        main(["db", *arguments])

    assert len(capsys.readouterr().out.split()) > 40
