"""The history of those who want one. Nothing is written of anybody else, and nothing stays when it is switched off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Insert, bindparam, delete, insert, select

from bot.database.preferences import HISTORY, ON
from bot.database.tables import history, preferences

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.database.searches import SavedSearch

MAX_HISTORY = 1_000
"""Searches of a person in a server; the oldest make room."""

_FIELDS = ("user_id", "guild_id", "search_id", "kind", "prompt", "row", "at")


@dataclass(frozen=True, slots=True)
class PastSearch:
    """One search in somebody's history.

    Attributes:
        id: its number.
        search_id: the search behind its buttons, which may have expired.
        kind: what it was made of: `text`, `image` or `mixed`.
        prompt: what was asked, or None for a picture. Kept out of repr, and so out of logs.
        row: the row that was asked with, or None.
        at: seconds since 1970.
    """

    id: int
    search_id: str
    kind: str
    prompt: str | None = field(repr=False)
    row: int | None
    at: int


def _insert_if_wanted() -> Insert:
    """One statement, made once, because it is executed for each answer."""
    wants = select(preferences.c.name).where(
        preferences.c.user_id == bindparam("user_id"), preferences.c.name == HISTORY, preferences.c.value == ON
    )
    row = select(*(bindparam(name, type_=history.c[name].type) for name in _FIELDS)).where(wants.exists())
    return insert(history).from_select(list(_FIELDS), row)


_INSERT = _insert_if_wanted()


async def remember(connection: AsyncConnection, search: SavedSearch) -> None:
    """Write a search into its asker's history, if they want one."""
    asker = search.user_id
    values = (asker, search.guild_id, search.id, search.kind.value, search.prompt, search.row, search.created)
    written = await connection.execute(_INSERT, dict(zip(_FIELDS, values, strict=True)))
    if written.rowcount:
        await _make_room(connection, asker, search.guild_id)


async def read_history(
    connection: AsyncConnection, user_id: int, guild_id: int, limit: int, offset: int = 0
) -> list[PastSearch]:
    """Read a person's history in a server, newest first."""
    columns = (history.c[name] for name in PastSearch.__dataclass_fields__)
    wanted = select(*columns).where(*_of(user_id, guild_id)).order_by(history.c.id.desc()).limit(limit).offset(offset)
    return [PastSearch(**row._mapping) for row in await connection.execute(wanted)]


async def find_past(connection: AsyncConnection, user_id: int, guild_id: int, number: int) -> PastSearch | None:
    """Find one of a person's own searches by its number."""
    columns = (history.c[name] for name in PastSearch.__dataclass_fields__)
    wanted = select(*columns).where(*_of(user_id, guild_id), history.c.id == number)
    row = (await connection.execute(wanted)).one_or_none()
    return None if row is None else PastSearch(**row._mapping)


async def delete_history(connection: AsyncConnection, user_id: int, guild_id: int | None = None) -> int:
    """Delete a person's history, in one server or in all, and say how many searches it held."""
    found = [history.c.user_id == user_id, *([] if guild_id is None else [history.c.guild_id == guild_id])]
    return (await connection.execute(delete(history).where(*found))).rowcount


async def _make_room(connection: AsyncConnection, user_id: int, guild_id: int) -> None:
    kept = select(history.c.id).where(*_of(user_id, guild_id)).order_by(history.c.id.desc()).limit(MAX_HISTORY)
    await connection.execute(delete(history).where(*_of(user_id, guild_id), history.c.id.not_in(kept)))


def _of(user_id: int, guild_id: int) -> tuple[ColumnElement[bool], ...]:
    return (history.c.user_id == user_id, history.c.guild_id == guild_id)
