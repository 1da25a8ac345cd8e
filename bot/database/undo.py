"""Undo: the newest change to rules or settings that nobody has undone yet is reversed, and that is audited too.

An undo is never undone itself, so a second one goes further back. Changes thus come off in the reverse of the order in
which they were made, and each finds things as it left them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from bot.database.audit import AuditAction, AuditEntry, entry_of
from bot.database.errors import ConflictError, UndoError
from bot.database.guild_settings import GuildSettings, read_row, write_settings
from bot.database.rules import columns_of, hash_of
from bot.database.tables import audit, rules
from search_core.errors import RuleError
from search_core.filters.rules import Rule

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.database.changes import Change


async def undo_last(change: Change, wanted: int = 0) -> tuple[AuditEntry, ...]:
    """Reverse the last change that can be undone, and return the entries that were written.

    Args:
        change: the undo under way.
        wanted: the newest entry of the change that is meant; 0 means whichever is the last.

    Raises:
        UndoError: if there is none, it is not the one that is meant, or it no longer fits what is there.
    """
    entries = await last_entries(change.connection, change.guild_id)
    if wanted and entries[0].id != wanted:
        raise UndoError("Somebody changed something else in the meantime. Look at the log, then undo again.")
    return tuple([await _reverse(change, entry) for entry in entries])


async def last_entries(connection: AsyncConnection, guild_id: int) -> list[AuditEntry]:
    """Read the entries of the change that would be undone now, newest first.

    Raises:
        UndoError: if there is none.
    """
    entries = await _last_entries(connection, guild_id)
    if not entries:
        raise UndoError("There is nothing to undo: no change of rules or settings is left that was not undone.")
    return entries


async def _last_entries(connection: AsyncConnection, guild_id: int) -> list[AuditEntry]:
    undone = select(audit.c.undoes).where(audit.c.guild_id == guild_id, audit.c.undoes.is_not(None))
    left = (audit.c.guild_id == guild_id, audit.c.action.in_(_REVERSALS), audit.c.undoes.is_(None))
    last = select(func.max(audit.c.revision)).where(*left, audit.c.id.not_in(undone)).scalar_subquery()
    found = await connection.execute(select(audit).where(*left, audit.c.revision == last).order_by(audit.c.id.desc()))
    return [entry_of(row) for row in found.mappings()]


async def _reverse(change: Change, entry: AuditEntry) -> AuditEntry:
    try:
        return await _REVERSALS[entry.action](change, entry)
    except ConflictError:
        raise UndoError(
            f"That cannot be undone: entry {entry.id} of the log no longer fits what is there. Change it by hand."
        ) from None


async def _unmake(change: Change, entry: AuditEntry) -> AuditEntry:
    row = await _rule_as_left(change, entry)
    statement = delete(rules).where(rules.c.id == row.id).returning(rules.c.id)
    before = {**row.rule, "version": row.version}
    return await change.write(statement, AuditAction.REMOVE_RULE, before=before, undoes=entry.id)


async def _remake(change: Change, entry: AuditEntry) -> AuditEntry:
    columns = _old_columns(entry)
    same = (rules.c.guild_id == change.guild_id, rules.c.kind == columns["kind"])
    same_key = select(rules.c.id).where(*same, rules.c.pattern == columns["pattern"])
    if (await change.connection.execute(same_key)).first() is not None:
        raise ConflictError
    after = {**columns["rule"], "version": (entry.before or {})["version"] + 1}
    values = {"id": entry.rule_id, "guild_id": change.guild_id, "version": after["version"], **columns}
    statement = insert(rules).values(**values).returning(rules.c.id)
    return await change.write(statement, AuditAction.ADD_RULE, after=after, undoes=entry.id)


async def _rewrite(change: Change, entry: AuditEntry) -> AuditEntry:
    row = await _rule_as_left(change, entry)
    columns, version = _old_columns(entry), row.version + 1
    statement = update(rules).where(rules.c.id == row.id).values(version=version, **columns).returning(rules.c.id)
    before, after = {**row.rule, "version": row.version}, {**columns["rule"], "version": version}
    return await change.write(statement, AuditAction.EDIT_RULE, before=before, after=after, undoes=entry.id)


def _old_columns(entry: AuditEntry) -> dict[str, Any]:
    """Make the columns of the rule that was there before an entry, if it is one that can be read."""
    try:
        rule = Rule.from_dict(entry.before or {})
    except RuleError:
        raise ConflictError from None  # back in its place it would stop all searches
    return columns_of(rule.to_dict())


async def _rule_as_left(change: Change, entry: AuditEntry) -> Row[Any]:
    """Read the rule that an entry wrote, if it still is as the entry left it."""
    assert entry.after is not None
    hashed = hash_of(columns_of(entry.after)["rule"])
    as_left = (rules.c.guild_id == change.guild_id, rules.c.id == entry.rule_id, rules.c.hash == hashed)
    row = (await change.connection.execute(select(rules).where(*as_left))).one_or_none()
    if row is None:
        raise ConflictError
    return row


async def _restore_settings(change: Change, entry: AuditEntry) -> AuditEntry:
    assert entry.before is not None
    row = await read_row(change.connection, change.guild_id)
    if row is None or row.settings != entry.after:
        raise ConflictError
    old = GuildSettings.from_dict(entry.before, change.guild_id, row.settings_version)
    return await write_settings(change, old, undoes=entry.id)


_REVERSALS: Mapping[AuditAction, Callable[[Change, AuditEntry], Awaitable[AuditEntry]]] = {
    AuditAction.ADD_RULE: _unmake,
    AuditAction.EDIT_RULE: _rewrite,
    AuditAction.REMOVE_RULE: _remake,
    AuditAction.CHANGE_SETTINGS: _restore_settings,
}
"""What can be undone, and how."""
