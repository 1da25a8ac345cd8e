"""What people prefer, in all servers alike. Add a name here, and `personal.PersonalData` reads and writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from bot.database.connections import upsert
from bot.database.tables import preferences

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

HISTORY, ON = "history", "on"
LAYOUT, SHEET = "layout", "sheet"


_PREFERENCE = select(preferences.c.value).where(
    preferences.c.user_id == bindparam("user_id"), preferences.c.name == bindparam("name")
)
"""Made once: it is asked for each answer."""


async def read_preference(connection: AsyncConnection, user_id: int, name: str) -> str | None:
    """Read one preference of a person, or None if they have said nothing."""
    found = await connection.execute(_PREFERENCE, {"user_id": user_id, "name": name})
    value: str | None = found.scalar_one_or_none()
    return value


async def write_preference(connection: AsyncConnection, user_id: int, name: str, value: str | None) -> None:
    """Write one preference of a person; None forgets it."""
    if value is None:
        mine = (preferences.c.user_id == user_id, preferences.c.name == name)
        await connection.execute(delete(preferences).where(*mine))
        return
    new = upsert(connection, preferences).values(user_id=user_id, name=name, value=value)
    await connection.execute(new.on_conflict_do_update(index_elements=["user_id", "name"], set_={"value": value}))
