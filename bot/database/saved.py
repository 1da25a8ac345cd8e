"""Saved results: what a person put aside, and under what circumstances it was found."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from bot.database.connections import upsert
from bot.database.searches import Way
from bot.database.tables import saved
from search_core import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

MAX_SAVED = 500
"""Results that a person may keep in a server: as many as an export carries as legible pictures."""


@dataclass(frozen=True, slots=True)
class SavedResult:
    """One result that somebody keeps.

    Attributes:
        user_id, guild_id: whose it is, and where.
        sha256: of the picture's file, by which it is found again after a rebuild.
        generation, row: where it stood in the index when it was saved.
        title, file_name: what it was called then. Kept out of repr, and so out of logs, as is the prompt.
        kind: what the search was made of.
        prompt: what was asked, or None for a picture.
        collection, revision: the collection's name, and the fingerprint of its content.
        model: what the collection was searched with.
        filter_hash: the rules under which it was shown and saved.
        at: seconds since 1970.
        id: its number; 0 before it is stored.
        way: what led to it.
        like_sha256, like_title: the result that it is similar to, if that led to it.
        spoiler: whether it was found with a picture under a spoiler.
    """

    user_id: int
    guild_id: int
    sha256: str
    generation: str
    row: int
    title: str = field(repr=False)
    file_name: str = field(repr=False)
    kind: Kind
    prompt: str | None = field(repr=False)
    collection: str
    revision: str
    model: str
    filter_hash: str
    at: int = field(default_factory=lambda: int(time.time()))
    id: int = 0
    way: Way = Way.SEARCH
    like_sha256: str | None = None
    like_title: str | None = field(default=None, repr=False)
    spoiler: bool = False


async def insert_saved(connection: AsyncConnection, result: SavedResult) -> SavedResult | None:
    """Store a result, and return it, or what is there of the same picture already; None if there are too many."""
    owner = _of(result.user_id, result.guild_id)
    values = {name: getattr(result, name) for name in SavedResult.__dataclass_fields__ if name != "id"}
    new = upsert(connection, saved).values(**values | {"kind": result.kind.value, "way": result.way.value})
    await connection.execute(new.on_conflict_do_nothing())
    stored = (await connection.execute(select(saved).where(*owner, saved.c.sha256 == result.sha256))).one()
    count = (await connection.execute(select(func.count()).select_from(saved).where(*owner))).scalar_one()
    if count <= MAX_SAVED:
        return _result_of(stored)
    await connection.execute(delete(saved).where(saved.c.id == stored.id))
    return None


async def read_saved(connection: AsyncConnection, user_id: int, guild_id: int) -> list[SavedResult]:
    """Read what a person saved in a server, newest first."""
    wanted = select(saved).where(*_of(user_id, guild_id)).order_by(saved.c.id.desc())
    return [_result_of(row) for row in await connection.execute(wanted)]


async def has_saved(connection: AsyncConnection, user_id: int, guild_id: int, sha256: str) -> bool:
    """Whether a person has saved a picture in a server."""
    wanted = select(saved.c.id).where(*_of(user_id, guild_id), saved.c.sha256 == sha256)
    return (await connection.execute(wanted)).first() is not None


async def delete_saved(connection: AsyncConnection, user_id: int, guild_id: int, ids: Sequence[int]) -> int:
    """Delete some of what a person saved in a server, and say how many they were; those of others stay."""
    gone = await connection.execute(delete(saved).where(*_of(user_id, guild_id), saved.c.id.in_(ids)))
    return gone.rowcount


def _of(user_id: int, guild_id: int) -> tuple[ColumnElement[bool], ...]:
    return (saved.c.user_id == user_id, saved.c.guild_id == guild_id)


def _result_of(row: Row[Any]) -> SavedResult:
    values = dict(row._mapping)
    kind, way, spoiler = (values.pop(name) for name in ("kind", "way", "spoiler"))
    return SavedResult(kind=Kind(kind), way=Way(way or Way.SEARCH), spoiler=bool(spoiler), **values)
