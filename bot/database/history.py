"""The history of those who want one. Nothing is written of anybody else, and nothing stays when it is switched off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Insert, bindparam, delete, insert, select

from bot.database.preferences import HISTORY, ON
from bot.database.searches import Way
from bot.database.tables import history, preferences
from search_core.where import split

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.database.searches import SavedSearch

MAX_HISTORY = 1_000
"""Searches of a person in a server; the oldest make room."""

_FIELDS = (
    "user_id", "guild_id", "search_id", "kind", "prompt", "row", "at", "way", "k", "without", "conditions", "compared",
    "axis",
)  # fmt: skip


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
        way: what it was: `search`, `timeline`, `lot` or `result`; None of one from before that was written down.
        k: pictures on a page; None as for `way`.
        without, conditions: what narrowed it.
        compared: the second prompt of a timeline.
        axis: the field that a timeline is plotted along; None stands for the years.
    """

    id: int
    search_id: str
    kind: str
    prompt: str | None = field(repr=False)
    row: int | None
    at: int
    way: Way | None = None
    k: int | None = None
    without: str | None = field(default=None, repr=False)
    conditions: str | None = field(default=None, repr=False)
    compared: str | None = field(default=None, repr=False)
    axis: str | None = None

    @property
    def where(self) -> tuple[str, ...]:
        """The conditions, one by one."""
        return split(self.conditions or "")

    @property
    def prompts(self) -> tuple[str, ...]:
        """The prompt, and of a timeline the second one too."""
        return tuple(filter(None, (self.prompt, self.compared)))


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
    values = (
        asker, search.guild_id, search.id, search.kind.value, search.prompt, search.row, search.created,
        search.way.value, search.k, search.without, search.conditions, search.compared, search.axis,
    )  # fmt: skip
    written = await connection.execute(_INSERT, dict(zip(_FIELDS, values, strict=True)))
    if written.rowcount:
        await _make_room(connection, asker, search.guild_id)


async def read_history(
    connection: AsyncConnection, user_id: int, guild_id: int, limit: int, offset: int = 0
) -> list[PastSearch]:
    """Read a person's history in a server, newest first."""
    columns = (history.c[name] for name in PastSearch.__dataclass_fields__)
    wanted = select(*columns).where(*_of(user_id, guild_id)).order_by(history.c.id.desc()).limit(limit).offset(offset)
    return [_past_of(row) for row in await connection.execute(wanted)]


async def find_past(connection: AsyncConnection, user_id: int, guild_id: int, number: int) -> PastSearch | None:
    """Find one of a person's own searches by its number."""
    columns = (history.c[name] for name in PastSearch.__dataclass_fields__)
    wanted = select(*columns).where(*_of(user_id, guild_id), history.c.id == number)
    row = (await connection.execute(wanted)).one_or_none()
    return None if row is None else _past_of(row)


async def delete_history(connection: AsyncConnection, user_id: int, guild_id: int | None = None) -> int:
    """Delete a person's history, in one server or in all, and say how many searches it held."""
    found = [history.c.user_id == user_id, *([] if guild_id is None else [history.c.guild_id == guild_id])]
    return (await connection.execute(delete(history).where(*found))).rowcount


async def _make_room(connection: AsyncConnection, user_id: int, guild_id: int) -> None:
    kept = select(history.c.id).where(*_of(user_id, guild_id)).order_by(history.c.id.desc()).limit(MAX_HISTORY)
    await connection.execute(delete(history).where(*_of(user_id, guild_id), history.c.id.not_in(kept)))


def _past_of(row: Row[Any]) -> PastSearch:
    values = dict(row._mapping)
    way = values.pop("way")
    return PastSearch(way=None if way is None else Way(way), **values)


def _of(user_id: int, guild_id: int) -> tuple[ColumnElement[bool], ...]:
    return (history.c.user_id == user_id, history.c.guild_id == guild_id)
