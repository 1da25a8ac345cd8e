"""Backups: whatever the database is, its backup is one SQLite file with the same tables, and restores into either.

Both leave a running bot alone: a backup sees one moment, and a restore is one transaction, which the bot notices by the
servers' revisions.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, text

from bot.database.audit import Actor, AuditAction
from bot.database.changes import begin_change
from bot.database.check import MIGRATIONS, count_rows, examine, require_file
from bot.database.connections import Connections, upsert
from bot.database.migrate import HEAD, migrate, read_version, upgrade
from bot.database.tables import audit, guilds, metadata, notes, rules
from search_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

_BATCH_ROWS = 200
"""A search holds a vector of a few kilobytes: a batch takes about a megabyte."""


async def back_up(connections: Connections, file: Path, *, force: bool = False) -> None:
    """Write a backup, readable by its owner alone, since it holds prompts. It is checked before it gets its name.

    Raises:
        StoreError: if the file is there already and `force` is not given, or the database cannot be read.
    """
    require_file(connections)
    with _unfinished(file, force=force) as unfinished:
        if connections.file is None:
            await _copy_server(connections, unfinished)
        else:
            async with connections.reading() as connection:
                await connection.run_sync(read_version)
            await asyncio.to_thread(_copy_file, connections.file, unfinished)
        await _require_whole(unfinished, file)
        await asyncio.to_thread(_make_single, unfinished)


async def restore(connections: Connections, file: Path, *, force: bool = False) -> None:
    """Put a backup in place of all that is in the database, in one transaction. It is checked before.

    Raises:
        StoreError: if the file is no whole backup, or the database is not empty and `force` is not given.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.db"
        await asyncio.to_thread(_copy_file, file, copy)
        backup = Connections(f"sqlite:///{copy}")
        try:
            await migrate(backup)
            await _require_whole(copy, file)
            await migrate(connections)
            await _replace(connections, backup, force=force)
        finally:
            await backup.close()


async def _replace(connections: Connections, backup: Connections, *, force: bool) -> None:
    async with connections.writing() as target, backup.reading() as source:
        if not connections.sqlite:
            await target.execute(text(f"LOCK TABLE {', '.join(metadata.tables)} IN EXCLUSIVE MODE"))
        if not force and await _holds_anything(target):
            raise StoreError("The database is not empty. Back it up first; then replace all of it with --force.")
        revisions = await _revisions(target)
        for table in reversed(metadata.sorted_tables):
            await target.execute(delete(table))
        await _copy_rows(source, target)
        await _count_on(target)
        await _tell_guilds(target, revisions)


async def _holds_anything(connection: AsyncConnection) -> bool:
    """Whether there is more than notes, which the first start writes."""
    return any([await count_rows(connection, table) for table in metadata.sorted_tables if table is not notes])


async def _copy_rows(source: AsyncConnection, target: AsyncConnection) -> None:
    for table in metadata.sorted_tables:
        async for rows in _batches(source, table):
            await target.execute(insert(table), rows)


async def _batches(connection: AsyncConnection, table: Table) -> AsyncIterator[list[dict[str, object]]]:
    # By key: an entry of the audit log comes after the one it undoes.
    result = await connection.stream(select(table).order_by(*table.primary_key))
    async for rows in result.mappings().partitions(_BATCH_ROWS):
        yield [dict(row) for row in rows]


async def _count_on(connection: AsyncConnection) -> None:
    """Have new rows numbered after the restored ones. A removed rule's number is not given to another one."""
    for table in metadata.sorted_tables:
        if not table.dialect_options["sqlite"]["autoincrement"]:
            continue
        numbers = [table.c.id, *([audit.c.rule_id] if table is rules else [])]
        last = max([(await connection.execute(select(func.max(number)))).scalar_one() or 0 for number in numbers])
        if last:
            await _set_counter(connection, table.name, last)


async def _set_counter(connection: AsyncConnection, table: str, last: int) -> None:
    values = {"name": table, "last": last}
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), values)
        return
    known = await connection.execute(
        text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :name RETURNING seq"), values
    )
    if known.first() is None:
        await connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


async def _tell_guilds(connection: AsyncConnection, before: dict[int, int]) -> None:
    """Give each server a revision that it never had, so that running bots read it anew, and an audit entry."""
    restored = await _revisions(connection)
    for guild_id in sorted(before.keys() | restored.keys()):
        highest = max(before.get(guild_id, 0), restored.get(guild_id, 0))
        known = upsert(connection, guilds).values(id=guild_id, revision=highest, settings=None, settings_version=0)
        await connection.execute(known.on_conflict_do_update(index_elements=[guilds.c.id], set_={"revision": highest}))
        await (await begin_change(connection, guild_id, Actor(0, "terminal"))).record(AuditAction.RESTORE)


async def _revisions(connection: AsyncConnection) -> dict[int, int]:
    return {row.id: row.revision for row in await connection.execute(select(guilds.c.id, guilds.c.revision))}


async def _copy_server(connections: Connections, file: Path) -> None:
    """Copy all tables into a new SQLite file."""
    copy = Connections(f"sqlite:///{file}")
    try:
        async with connections.reading() as source, copy.writing() as target:
            if await source.run_sync(read_version) != HEAD:
                raise StoreError("The database is from an earlier release. Start the bot once, which brings it up.")
            await target.run_sync(upgrade)
            await _copy_rows(source, target)
            await _count_on(target)
    finally:
        await copy.close()


def _copy_file(source: Path, target: Path) -> None:
    """Copy an SQLite file as of one moment, also while others write to it."""
    if not source.is_file():
        raise StoreError(f"There is no file {source}.")
    try:
        read = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
        write = sqlite3.connect(target)
        try:
            read.backup(write)
        finally:
            write.close()
            read.close()
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be read as a database ({type(error).__name__}).") from None


def _make_single(file: Path) -> None:
    """Have a database lie in its one file, with no log beside it."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()


async def _require_whole(copy: Path, file: Path) -> None:
    """Refuse a backup in which anything is wrong; one of an earlier release may be at its own step."""
    connections = Connections(f"sqlite:///{copy}")
    try:
        findings = await examine(connections)
    finally:
        await connections.close()
    wrong = [
        f"{finding.name}: {finding.words}" for finding in findings if not finding.ok and finding.name != MIGRATIONS
    ]
    if wrong:
        raise StoreError("\n  - ".join([f"{file} would be no whole backup; nothing was changed:", *wrong]))


@contextmanager
def _unfinished(file: Path, *, force: bool) -> Iterator[Path]:
    """Give a file beside another that takes its place once it is written, and vanishes if it is not."""
    if file.exists() and not force:
        raise StoreError(f"{file} is there already. Choose another name, or write over it with --force.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield unfinished
        unfinished.replace(file)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            unfinished.with_name(unfinished.name + rest).unlink(missing_ok=True)
