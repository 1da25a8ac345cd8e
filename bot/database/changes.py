"""The one way to change what moderators decide: the change, its audit entry and the server's next revision together.

A change begins by writing the server's row. That holds the row until the transaction ends, so that the changes of a
server come one after the other, also from two processes; and it gives the revision by which others notice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.database.audit import RULE_ACTIONS, Actor, AuditAction, AuditEntry, insert_entry
from bot.database.connections import upsert
from bot.database.errors import ConflictError
from bot.database.tables import guilds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate

    Statement = ReturningInsert[Any] | ReturningUpdate[Any] | ReturningDelete[Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One change under way, inside its transaction. Make one with `begin_change`.

    Attributes:
        at: when it is made, in seconds since 1970.
        revision: the server's revision once it is committed.
    """

    connection: AsyncConnection
    guild_id: int
    actor: Actor
    at: int
    revision: int

    async def write(
        self,
        statement: Statement,
        action: AuditAction,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        undoes: int | None = None,
    ) -> AuditEntry:
        """Execute one statement, which returns the id of the one row it writes, and write its audit entry.

        Raises:
            ConflictError: if the statement finds no row to write.
        """
        row_id = (await self.connection.execute(statement)).scalar_one_or_none()
        if row_id is None:
            raise ConflictError("Somebody else changed that first. Look at it again, then decide.")
        rule_id = row_id if action in RULE_ACTIONS else None
        return await self.record(action, rule_id, before=before, after=after, reason=reason, undoes=undoes)

    async def record(
        self,
        action: AuditAction,
        rule_id: int | None = None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        undoes: int | None = None,
    ) -> AuditEntry:
        """Write an audit entry alone, for what is written by other means in the same transaction."""
        entry = AuditEntry(
            0, self.guild_id, self.revision, self.at, self.actor, action, rule_id, before, after, reason, undoes
        )
        return replace(entry, id=await insert_entry(self.connection, entry))


async def begin_change(connection: AsyncConnection, guild_id: int, actor: Actor) -> Change:
    """Begin a change: wait for the server's other changes, and take its next revision."""
    new = upsert(connection, guilds).values(id=guild_id, revision=1, settings=None, settings_version=0)
    taken = new.on_conflict_do_update(index_elements=[guilds.c.id], set_={"revision": guilds.c.revision + 1})
    revision = (await connection.execute(taken.returning(guilds.c.revision))).scalar_one()
    return Change(connection, guild_id, actor, int(time.time()), revision)
