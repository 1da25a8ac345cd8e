"""Refusals: what the rules turned away, for the moderators and for the limits after a restart."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from bot.database.tables import refusals

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Refusal:
    """One query that was refused.

    Attributes:
        user_id, guild_id, channel_id: who asked, and where.
        prompt: what was asked, cleaned; None for pictures. Kept out of repr, and so out of logs.
        rule_ids: the rules that matched.
        views: what each matched on: `clean`, `skeleton`, `collapsed` or `meaning`.
        at: seconds since 1970.
    """

    guild_id: int
    channel_id: int
    user_id: int
    prompt: str | None = field(repr=False)
    rule_ids: tuple[int, ...]
    views: tuple[str, ...]
    at: int = field(default_factory=lambda: int(time.time()))


async def insert_refusal(connection: AsyncConnection, refusal: Refusal) -> None:
    """Store one refusal."""
    values = {name: getattr(refusal, name) for name in Refusal.__dataclass_fields__}
    values |= {"rule_ids": list(refusal.rule_ids), "views": list(refusal.views)}
    await connection.execute(insert(refusals).values(**values))


async def read_refusals(
    connection: AsyncConnection, guild_id: int, made_since: int, user: int | None = None, limit: int = 100
) -> list[Refusal]:
    """Read a server's refusals, newest first."""
    found = (refusals.c.guild_id == guild_id, refusals.c.at >= made_since)
    wanted = select(refusals).where(*found).order_by(refusals.c.id.desc()).limit(limit)
    if user is not None:
        wanted = wanted.where(refusals.c.user_id == user)
    return [_refusal_of(row) for row in await connection.execute(wanted)]


async def delete_older(connection: AsyncConnection, made_before: int) -> None:
    """Delete the refusals made before that second."""
    await connection.execute(delete(refusals).where(refusals.c.at < made_before))


def _refusal_of(row: Row[Any]) -> Refusal:
    lists = (tuple(row.rule_ids), tuple(row.views))
    return Refusal(row.guild_id, row.channel_id, row.user_id, row.prompt, *lists, row.at)
