"""The audit log: who changed what, when, from where and why. Entries are written by `changes` and never altered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy import insert, select

from bot.database.tables import audit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import RowMapping
    from sqlalchemy.ext.asyncio import AsyncConnection

Via: TypeAlias = Literal["discord", "terminal"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change, and from where. An operator at the terminal without Discord has the user id 0."""

    user_id: int
    via: Via


class AuditAction(StrEnum):
    """What was done."""

    ADD_RULE = "rule.add"
    EDIT_RULE = "rule.edit"
    REMOVE_RULE = "rule.remove"
    CHANGE_SETTINGS = "settings.change"
    RESOLVE_REPORT = "report.resolve"
    RESTORE = "database.restore"
    """A backup took the place of all that was there, older entries included."""


RULE_ACTIONS = frozenset({AuditAction.ADD_RULE, AuditAction.EDIT_RULE, AuditAction.REMOVE_RULE})


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was done.

    Attributes:
        id: counts up over all servers.
        revision: the server's revision that it made; entries of one change (an import, an undo of it) share it.
        at: seconds since 1970.
        rule_id: the rule that was written or removed, or None.
        before, after: the rule (`Rule.to_dict`, and its `version`), the settings (`GuildSettings.to_dict`) or the
            report's state; None where there was or is none. Kept out of repr, and so out of logs.
        reason: what the moderator gave as reason.
        undoes: the entry that this one reversed, or None.
    """

    id: int
    guild_id: int
    revision: int
    at: int
    actor: Actor
    action: AuditAction
    rule_id: int | None
    before: Mapping[str, Any] | None = field(repr=False)
    after: Mapping[str, Any] | None = field(repr=False)
    reason: str = field(repr=False)
    undoes: int | None = None


async def insert_entry(connection: AsyncConnection, entry: AuditEntry) -> int:
    """Write one entry and return the id it got. Called by `Change.write` and nobody else."""
    values = {name: getattr(entry, name) for name in AuditEntry.__dataclass_fields__ if name not in ("id", "actor")}
    values |= {"user_id": entry.actor.user_id, "via": entry.actor.via, "action": entry.action.value}
    return int((await connection.execute(insert(audit).values(**values).returning(audit.c.id))).scalar_one())


async def read_entries(
    connection: AsyncConnection,
    guild_id: int,
    *,
    user: int | None = None,
    rule: int | None = None,
    since: int | None = None,
    before_id: int | None = None,
    limit: int = 20,
) -> list[AuditEntry]:
    """Read a server's entries, newest first; each argument that is given narrows them."""
    wanted = select(audit).where(audit.c.guild_id == guild_id).order_by(audit.c.id.desc()).limit(limit)
    if user is not None:
        wanted = wanted.where(audit.c.user_id == user)
    if rule is not None:
        wanted = wanted.where(audit.c.rule_id == rule)
    if since is not None:
        wanted = wanted.where(audit.c.at >= since)
    if before_id is not None:
        wanted = wanted.where(audit.c.id < before_id)
    return [entry_of(row) for row in (await connection.execute(wanted)).mappings()]


def entry_of(row: RowMapping) -> AuditEntry:
    """Make an entry of a row of the table."""
    values = dict(row)
    actor = Actor(values.pop("user_id"), values.pop("via"))
    return AuditEntry(actor=actor, action=AuditAction(values.pop("action")), **values)
