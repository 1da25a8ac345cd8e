"""When a person made use of the bot: a restart gives no new allowance to somebody who has spent theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, union_all

from bot.database.tables import refusals, reports, searches

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_SOURCES = (
    (searches.c.user_id, searches.c.created),
    (refusals.c.user_id, refusals.c.at),
    (reports.c.reporter_id, reports.c.at),
)


async def read_times(connection: AsyncConnection, user_id: int, since: int) -> tuple[int, ...]:
    """Read when a person searched, was refused or reported since a second, oldest first."""
    each = (select(time.label("at")).where(user == user_id, time >= since) for user, time in _SOURCES)
    times = union_all(*each).subquery()
    return tuple((await connection.execute(select(times.c.at).order_by(times.c.at))).scalars())
