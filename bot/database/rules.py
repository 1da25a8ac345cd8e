"""The filter rules of the servers, as rows. Each is kept as `Rule.to_dict` writes it, with a hash of that."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from bot.database.audit import AuditAction
from bot.database.errors import ConflictError, DuplicateRule
from bot.database.tables import rules
from search_core.errors import RuleError, StoreError
from search_core.filters.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.database.changes import Change


async def read_rules(connection: AsyncConnection, guild_id: int) -> tuple[Rule, ...]:
    """Read all rules of a server, in the order in which they were made.

    Raises:
        StoreError: if one of them cannot be read: rules that are not known cannot be kept.
    """
    found = await connection.execute(select(rules).where(rules.c.guild_id == guild_id).order_by(rules.c.id))
    return tuple(map(rule_of, found))


async def add_rules(change: Change, new: Iterable[Rule]) -> tuple[Rule, ...]:
    """Add rules, and return them with their numbers.

    Raises:
        DuplicateRule: if the server has one with the same key, or two of the new ones share it.
    """
    known = {rule.key: rule for rule in await read_rules(change.connection, change.guild_id)}
    added = []
    for rule in new:
        if rule.key in known:
            raise DuplicateRule(known[rule.key])
        known[rule.key] = await _insert(change, rule)
        added.append(known[rule.key])
    return tuple(added)


async def edit_rule(change: Change, rule: Rule, reason: str = "") -> Rule:
    """Write a rule in place of the one with its number and version, and return it with its new version.

    Raises:
        ConflictError: if it has been written or removed since.
        DuplicateRule: if it says now what another one says.
    """
    known = {each.id: each for each in await read_rules(change.connection, change.guild_id)}
    old = known.get(rule.id)
    if old is None or old.version != rule.version:
        raise ConflictError(f"Somebody else changed rule {rule.id} first. Look at it again, then decide.")
    for other in known.values():
        if other.key == rule.key and other.id != rule.id:
            raise DuplicateRule(other)
    return await _update(change, old, rule, reason)


async def remove_rule(change: Change, rule_id: int, reason: str = "") -> Rule | None:
    """Remove a rule, and return what it was; None if nobody can read it, which is why it had to go.

    Raises:
        ConflictError: if there is none of that number.
    """
    of_guild = (rules.c.id == rule_id, rules.c.guild_id == change.guild_id)
    row = (await change.connection.execute(select(rules).where(*of_guild))).one_or_none()
    if row is None:
        raise ConflictError(f"There is no rule {rule_id}, or not any more.")
    before = {**row.rule, "version": row.version} if isinstance(row.rule, dict) else None
    statement = delete(rules).where(*of_guild).returning(rules.c.id)
    await change.write(statement, AuditAction.REMOVE_RULE, before=before, reason=reason)
    with suppress(StoreError):
        return rule_of(row)
    return None


async def enforce_rules(change: Change, wanted: Iterable[Rule]) -> None:
    """Have rules hold, whatever was there: one with the same key is written over, a missing one is added."""
    known = {rule.key: rule for rule in await read_rules(change.connection, change.guild_id)}
    for rule in wanted:
        old = known.get(rule.key)
        known[rule.key] = await (_insert(change, rule) if old is None else _update(change, old, rule))


async def _insert(change: Change, rule: Rule) -> Rule:
    first = replace(rule, id=0, version=1)
    statement = insert(rules).values(guild_id=change.guild_id, version=1, **columns_of(first.to_dict()))
    action, after = AuditAction.ADD_RULE, stored_form(first)
    entry = await change.write(statement.returning(rules.c.id), action, after=after, reason=rule.reason)
    assert entry.rule_id is not None
    return replace(first, id=entry.rule_id)


async def _update(change: Change, old: Rule, rule: Rule, reason: str = "") -> Rule:
    new = replace(rule, id=old.id, version=old.version + 1)
    statement = update(rules).where(rules.c.id == old.id, rules.c.version == old.version)
    written = statement.values(version=new.version, **columns_of(new.to_dict())).returning(rules.c.id)
    before, after = stored_form(old), stored_form(new)
    await change.write(written, AuditAction.EDIT_RULE, before=before, after=after, reason=reason or rule.reason)
    return new


def rule_of(row: Row[Any]) -> Rule:
    """Read the rule in a row.

    Raises:
        StoreError: if it is none, or not what was written.
    """
    try:
        rule = Rule.from_dict(row.rule, row.id, row.version)
    except RuleError:
        rule = None
    if rule is None or rule.key != (row.kind, row.pattern) or hash_of(row.rule) != row.hash:
        raise StoreError(
            f"Rule {row.id} of server {row.guild_id} cannot be read, and without it nothing is searched there. "
            "Remove it, or restore a backup; to see more, run: vignette db check"
        )
    return rule


def stored_form(rule: Rule) -> dict[str, Any]:
    """Write a rule as the audit log keeps it."""
    return {**rule.to_dict(), "version": rule.version}


def columns_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Make the columns of a rule from `Rule.to_dict`, with or without version."""
    rule = {name: value for name, value in values.items() if name != "version"}
    return {"kind": rule["kind"], "pattern": rule["pattern"], "rule": rule, "hash": hash_of(rule)}


def hash_of(rule: Mapping[str, Any]) -> str:
    """Hash what `Rule.to_dict` wrote: 64 hexadecimal digits."""
    canonical = json.dumps(rule, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
