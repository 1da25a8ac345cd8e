"""Small notes to ourselves, by name: what was last told to Discord, for example.

The name of a note about a person ends in `:` and the person's number, by which it is found when they want their data
deleted (`traces`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.database.connections import upsert
from bot.database.tables import notes

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def read_note(connection: AsyncConnection, name: str) -> str | None:
    """Read a note, or None if there is none of that name."""
    found = await connection.execute(select(notes.c.value).where(notes.c.name == name))
    value: str | None = found.scalar_one_or_none()
    return value


async def write_note(connection: AsyncConnection, name: str, value: str) -> None:
    """Write a note in place of the one of that name."""
    new = upsert(connection, notes).values(name=name, value=value)
    await connection.execute(new.on_conflict_do_update(index_elements=[notes.c.name], set_={"value": value}))


async def take_note(connection: AsyncConnection, name: str, value: str) -> bool:
    """Delete a note if it still says this, and say whether it did: of two who take it, one is told so."""
    same = (notes.c.name == name, notes.c.value == value)
    return (await connection.execute(delete(notes).where(*same))).rowcount == 1
