"""What each table keeps of a person: how it is shown to them, and how it goes when they ask for that.

How to add a table: a line in `TRACES`. A test holds the table against it, so that none is forgotten.

Where moderators must be able to see later what was done, the record stays and the person is taken out of it: their
number becomes `NOBODY`, and their prompt goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import ColumnElement, Delete, Update, and_, delete, false, func, or_, select, update

from bot.database import tables
from search_core.filters import RuleKind

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

NOBODY = 0
"""The number of a person who had their data deleted. Discord gives it to nobody."""

Statement: TypeAlias = Delete | Update


@dataclass(frozen=True, slots=True)
class Trace:
    """What one table keeps of a person.

    Attributes:
        theirs: finds the rows that a person may see.
        shown: the columns of these that are shown; the others are about others, or mean nothing to people.
        erase: writes the statements after which nothing of a person is left; none where all of it stays.
    """

    theirs: Callable[[int], ColumnElement[bool]]
    shown: Sequence[str]
    erase: Callable[[int], Sequence[Statement]]


def _deleted(table: Table, *unshown: str) -> Trace:
    """A table whose rows belong to a person, and go with them."""

    def theirs(user_id: int) -> ColumnElement[bool]:
        return table.c.user_id == user_id

    shown = [column.name for column in table.columns if column.name not in unshown]
    return Trace(theirs, shown, lambda user_id: [delete(table).where(theirs(user_id))])


def _notes_of(user_id: int) -> ColumnElement[bool]:
    """The notes about a person: their names end in the person's number (`notes`)."""
    return tables.notes.c.name.like(f"%:{user_id}")


def _forget_in_reports(user_id: int) -> list[Statement]:
    columns = tables.reports.c
    out: tuple[tuple[ColumnElement[Any], dict[str, Any]], ...] = (
        (columns.asker_id, {"asker_id": NOBODY, "prompt": None, "search_id": ""}),
        (columns.reporter_id, {"reporter_id": NOBODY}),
        (columns.resolved_by, {"resolved_by": None}),  # 0 is the operator at the terminal
    )
    return [update(tables.reports).where(column == user_id).values(**values) for column, values in out]


def _bans_of(user_id: int) -> ColumnElement[bool]:
    return and_(tables.rules.c.kind == RuleKind.PERSON.value, tables.rules.c.pattern == str(user_id))


TRACES: Mapping[str, Trace] = {
    "searches": _deleted(tables.searches, "vector"),
    "saved": _deleted(tables.saved),
    "history": _deleted(tables.history),
    "preferences": _deleted(tables.preferences),
    "notes": Trace(_notes_of, ("name", "value"), lambda user: [delete(tables.notes).where(_notes_of(user))]),
    "refusals": Trace(
        lambda user: tables.refusals.c.user_id == user,
        ("guild_id", "channel_id", "at", "prompt"),
        lambda user: [
            update(tables.refusals).where(tables.refusals.c.user_id == user).values(user_id=NOBODY, prompt=None)
        ],
    ),
    "reports": Trace(  # who reported an answer to somebody is not told to them
        lambda user: or_(tables.reports.c.reporter_id == user, tables.reports.c.resolved_by == user),
        ("id", "guild_id", "channel_id", "title", "reason", "at", "state", "resolved_at"),
        _forget_in_reports,
    ),
    "audit": Trace(
        lambda user: tables.audit.c.user_id == user,
        ("id", "guild_id", "at", "via", "action", "rule_id", "reason"),
        lambda user: [update(tables.audit).where(tables.audit.c.user_id == user).values(user_id=NOBODY)],
    ),
    # A ban is a person's number and nothing else: to delete it would be to lift it. The moderators can.
    "rules": Trace(_bans_of, ("id", "guild_id", "kind"), lambda _user: []),
    "guilds": Trace(lambda _user: false(), (), lambda _user: []),  # revisions and settings: roles and channels alone
}
"""By the table's name, all of `tables.metadata`."""


async def read_traces(connection: AsyncConnection, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Read what is kept of a person, by table; those with nothing are left out."""
    found = {name: await _read(connection, name, trace, user_id) for name, trace in TRACES.items()}
    return {name: rows for name, rows in found.items() if rows}


async def count_traces(connection: AsyncConnection, user_id: int) -> dict[str, int]:
    """Count the rows of each table that `erase_traces` would delete or change; tables without any are left out."""
    found = {name: await _count(connection, name, trace.erase(user_id)) for name, trace in TRACES.items()}
    return {name: count for name, count in found.items() if count}


async def erase_traces(connection: AsyncConnection, user_id: int) -> dict[str, int]:
    """Delete a person's data from every table, and say what went, as `count_traces` does."""
    going = await count_traces(connection, user_id)
    for trace in TRACES.values():
        for statement in trace.erase(user_id):
            await connection.execute(statement)
    return going


def goes_whole(table: str) -> bool:
    """Whether a person's rows of a table are deleted; else they stay, without the person."""
    return all(isinstance(statement, Delete) for statement in TRACES[table].erase(NOBODY))


async def _count(connection: AsyncConnection, name: str, statements: Sequence[Statement]) -> int:
    found = [each.whereclause for each in statements if each.whereclause is not None]
    counted = select(func.count()).select_from(tables.metadata.tables[name]).where(or_(false(), *found))
    return int((await connection.execute(counted)).scalar_one())


async def _read(connection: AsyncConnection, name: str, trace: Trace, user_id: int) -> list[dict[str, Any]]:
    if not trace.shown:
        return []
    table = tables.metadata.tables[name]
    wanted = select(*(table.c[column] for column in trace.shown)).where(trace.theirs(user_id))
    rows = await connection.execute(wanted.order_by(*table.primary_key))
    return [dict(row._mapping) for row in rows]
