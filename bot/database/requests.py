"""When a person made use of the bot: a restart gives no new allowance to somebody who has spent theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Select, select, union_all

from bot.database.tables import refusals, reports, searches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

_SOURCES = (
    (searches.c.user_id, searches.c.guild_id, searches.c.created),
    (refusals.c.user_id, refusals.c.guild_id, refusals.c.at),
    (reports.c.reporter_id, reports.c.guild_id, reports.c.at),
)


async def read_times(connection: AsyncConnection, user_id: int, since: int) -> tuple[int, ...]:
    """Read when a person searched, was refused or reported since a second, oldest first."""
    return await _ordered(
        connection, [select(at.label("at")).where(user == user_id, at >= since) for user, _, at in _SOURCES]
    )


async def read_times_in(connection: AsyncConnection, guild_id: int, since: int) -> tuple[int, ...]:
    """Read when anybody in a server searched, was refused or reported since a second, oldest first."""
    return await _ordered(
        connection, [select(at.label("at")).where(guild == guild_id, at >= since) for _, guild, at in _SOURCES]
    )


async def _ordered(connection: AsyncConnection, each: Sequence[Select[tuple[int]]]) -> tuple[int, ...]:
    times = union_all(*each).subquery()
    return tuple((await connection.execute(select(times.c.at).order_by(times.c.at))).scalars())
