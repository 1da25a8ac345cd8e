"""Hiding single pictures, and showing them again: a picture rule each, which covers the picture's copies too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.database import DuplicateRule
from bot.gallery import title_of
from bot.texts import moderation as texts
from search_core import QueryError
from search_core.filters import Action, Rule, RuleKind

if TYPE_CHECKING:
    from bot.database import Actor, Database
    from bot.moderation.book import RuleBook
    from search_core import SearchEngine
    from search_core.lookup import Found

MAX_CHOICES = 25
"""Discord's limit for the choices of a completion."""


class Hiding:
    """Hides pictures and shows them again.

    Args:
        engine: knows the pictures.
        database: keeps the rules.
        book: the rules that hold now.
    """

    def __init__(self, engine: SearchEngine, database: Database, book: RuleBook) -> None:
        self._engine = engine
        self._database = database
        self._book = book

    async def pictures(self, text: str) -> list[Found]:
        """Find pictures to pick from, by a part of their title or file name."""
        return await self._engine.lookup(text, MAX_CHOICES)

    async def hidden(self, guild_id: int, text: str) -> dict[int, str]:
        """Name the hidden pictures to pick from: titles by the numbers of the rules."""
        by_checksum = await self._hiding_rules(guild_id)
        found = await self._engine.lookup(text, MAX_CHOICES, among=list(by_checksum))
        named = {by_checksum[each.sha256].id: name_of(each) for each in found}
        if len(named) < MAX_CHOICES:
            known = await self._engine.find(list(by_checksum))
            gone = (rule for checksum, rule in by_checksum.items() if checksum not in known)
            named |= {rule.id: _name_of_gone(rule) for rule in gone if text.lower() in _name_of_gone(rule)}
        return dict(list(named.items())[:MAX_CHOICES])

    async def picked(self, written: str) -> Found:
        """Find the picture that somebody picked from the list, or called by a name that only one has.

        Raises:
            QueryError: if there is none, or several; the message says what to do.
        """
        found = await self._engine.lookup("", 1, among=[written.strip()])
        found = found or await self._engine.lookup(written, 2)
        if len(found) != 1:
            raise QueryError(texts.SEVERAL_PICTURES if found else texts.NO_SUCH_PICTURE)
        return found[0]

    async def hide(self, guild_id: int, actor: Actor, sha256: str, reason: str) -> Rule:
        """Hide a picture everywhere in a server, whatever a rule for it said before.

        Raises:
            QueryError: if it is hidden already.
        """
        rule = Rule.of(RuleKind.PICTURE, sha256, Action.HIDE, reason=reason)
        try:
            return (await self._database.add_rules(guild_id, [rule], actor))[0]
        except DuplicateRule as duplicate:
            old = duplicate.existing
        if (old.changed(reason=reason, id=0, version=0)) == rule:
            raise QueryError(texts.HIDDEN_ALREADY.format(rule=old.id))
        return await self._database.edit_rule(guild_id, rule.changed(id=old.id, version=old.version), actor, reason)

    async def unhide(self, guild_id: int, actor: Actor, rule_id: int, reason: str) -> tuple[Rule, str]:
        """Show a picture again; return the rule that is gone, and the picture's name.

        Raises:
            QueryError: if no picture is hidden by a rule of that number.
        """
        rule = next((each for each in (await self._hiding_rules(guild_id)).values() if each.id == rule_id), None)
        if rule is None:
            raise QueryError(texts.NOT_HIDDEN)
        found = await self._engine.lookup("", 1, among=[rule.pattern])
        name = name_of(found[0]) if found else texts.NAMELESS
        await self._database.remove_rule(guild_id, rule.id, actor, reason)
        return rule, name

    async def _hiding_rules(self, guild_id: int) -> dict[str, Rule]:
        rules = (await self._book.edition(guild_id)).rules
        return {rule.pattern: rule for rule in rules if rule.kind is RuleKind.PICTURE and rule.action is Action.HIDE}


def name_of(found: Found) -> str:
    """Name a picture by its title and, since titles repeat, by its file."""
    title = title_of({"title": found.title}, found.file_name)
    return f"{title} ({found.file_name})"


def _name_of_gone(rule: Rule) -> str:
    return f"{texts.NAMELESS} ({rule.pattern[:12]})"
