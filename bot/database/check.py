"""`vignette db check`: whether the database is whole. It changes nothing.

How to add a check: a function that takes a connection and returns what it found, or raises a `StoreError` that says
what is wrong; and a line in `_CHECKS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.database.guild_settings import settings_of
from bot.database.migrate import HEAD, differences, read_version
from bot.database.rules import rule_of
from bot.database.tables import guilds, metadata, rules
from search_core.describe import counted
from search_core.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Column, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.database.connections import Connections


MIGRATIONS = "migrations"
"""The check without which those after it make no sense."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    words: str
    ok: bool


async def examine(connections: Connections) -> list[Finding]:
    """Look at everything. What lies on tables that are not there yet is not looked at.

    Raises:
        StoreError: if there is no database, or it cannot be reached.
    """
    require_file(connections)
    async with connections.reading() as connection:
        await connection.run_sync(read_version)
    findings = []
    for name, check in _CHECKS.items():
        findings.append(await _find(connections, name, check))
        if name == MIGRATIONS and not findings[-1].ok:
            break
    return findings


def require_file(connections: Connections) -> None:
    """Refuse an SQLite file that is not there: to open it would make it.

    Raises:
        StoreError: if it is missing.
    """
    file = connections.file
    if file is not None and not file.is_file():
        raise StoreError(f"There is no database at {file}. The bot makes it when it starts; is DATABASE_URL right?")


async def _find(connections: Connections, name: str, check: Check) -> Finding:
    try:
        async with connections.reading() as connection:
            return Finding(name, await check(connection), ok=True)
    except StoreError as error:
        return Finding(name, str(error), ok=False)


async def _migrations(connection: AsyncConnection) -> str:
    found = await connection.run_sync(read_version)
    if found != HEAD:
        raise StoreError(f"at step {found or 'none'}, the newest is {HEAD}. Starting the bot runs what is missing.")
    return f"at step {HEAD}, the newest"


async def _tables(connection: AsyncConnection) -> str:
    if different := await connection.run_sync(differences):
        raise StoreError(f"not as the steps make them: {'; '.join(different)}. Restore a backup.")
    return f"all {len(metadata.tables)} as they should be"


async def _integrity(connection: AsyncConnection) -> str:
    if connection.dialect.name != "sqlite":
        return "PostgreSQL looks after its own files"
    found = (await connection.exec_driver_sql("PRAGMA integrity_check(10)")).scalars().all()
    if list(found) != ["ok"]:
        raise StoreError(f"the file is damaged: {'; '.join(map(str, found))}. Restore a backup.")
    return "the file is whole"


async def _references(connection: AsyncConnection) -> str:
    columns = [column for table in metadata.sorted_tables for column in table.columns if column.foreign_keys]
    lost = {column: await _count_lost(connection, column) for column in columns}
    if any(lost.values()):
        told = ", ".join(f"{count} of {column.table.name}.{column.name}" for column, count in lost.items() if count)
        raise StoreError(f"rows refer to rows that are not there: {told}. Restore a backup.")
    return f"{len(columns)} kinds, none leads nowhere"


async def _count_lost(connection: AsyncConnection, column: Column[int]) -> int:
    (key,) = column.foreign_keys
    there = key.column.table.alias()
    exists = select(there.c[key.column.name]).where(there.c[key.column.name] == column).exists()
    lost = select(func.count()).select_from(column.table).where(column.is_not(None), ~exists)
    return int((await connection.execute(lost)).scalar_one())


async def _rules(connection: AsyncConnection) -> str:
    rows = (await connection.execute(select(rules).order_by(rules.c.id))).all()
    for row in rows:
        rule_of(row)
    return f"{len(rows)}, all readable"


async def _settings(connection: AsyncConnection) -> str:
    rows = (await connection.execute(select(guilds))).all()
    for row in rows:
        settings_of(row.id, row)
    return f"of {counted(len(rows), 'server')}, all readable"


async def _counts(connection: AsyncConnection) -> str:
    return ", ".join([f"{table.name} {await count_rows(connection, table)}" for table in metadata.sorted_tables])


async def count_rows(connection: AsyncConnection, table: Table) -> int:
    """Count the rows of a table."""
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


Check = Callable[["AsyncConnection"], Awaitable[str]]

_CHECKS: dict[str, Check] = {
    "integrity": _integrity,
    MIGRATIONS: _migrations,
    "tables": _tables,
    "references": _references,
    "rules": _rules,
    "settings": _settings,
    "rows": _counts,
}
