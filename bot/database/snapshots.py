"""Snapshots: all that the moderators of a server have decided, as of one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from bot.database.guild_settings import GuildSettings, read_row, settings_of
from bot.database.rules import read_rules
from bot.database.tables import guilds

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from search_core.filters.rules import Rule


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A server's rules and settings as of one moment.

    Attributes:
        revision: goes up with each change; 0 where nothing was ever changed.
        rules: in the order in which they were made. Kept out of repr, and so out of logs.
    """

    revision: int
    rules: tuple[Rule, ...] = field(repr=False)
    settings: GuildSettings


async def read_snapshot(connection: AsyncConnection, guild_id: int) -> Snapshot:
    """Read a server's snapshot; the connection is in a transaction that sees one moment.

    Raises:
        StoreError: if a rule or the settings cannot be read.
    """
    row = await read_row(connection, guild_id)
    revision = 0 if row is None else row.revision
    return Snapshot(revision, await read_rules(connection, guild_id), settings_of(guild_id, row))


_REVISION = select(guilds.c.revision).where(guilds.c.id == bindparam("guild_id"))
"""Made once: it is asked several times for each answer."""


async def read_revision(connection: AsyncConnection, guild_id: int) -> int:
    """Read a server's revision alone; 0 where nothing was ever changed."""
    found = await connection.execute(_REVISION, {"guild_id": guild_id})
    return int(found.scalar_one_or_none() or 0)
