"""`RuleBook`: the rules and settings that hold at this moment.

The database is the truth. Each question asks it for the server's revision, one number, and reads the rules anew only
when that has changed; so an edit counts from the next query on, whoever made it: this bot, another one on the same
database, or a person at a terminal. If the database does not answer, there are no rules, and so no search.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.question import cleaned
from search_core import FilterSet, RuleError
from search_core.filters import LOOKING_AT_ROWS, Action, Rule, RuleKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.access import Visitor
    from bot.database import Database, GuildSettings
    from search_core import SearchEngine

logger = logging.getLogger(__name__)

LOADING = ""
"""No model's digest: nothing is searched while it loads, and the rules are read anew when it is there."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The rules and settings of one server as they were written at one moment.

    Attributes:
        revision: counts the edits of this server's rules and settings.
        weights: digest of the model that the concepts' vectors are for.
        rules: all rules, those that are switched off too.
        filters: the same as the snapshot that queries are answered under.
        settings: the server's settings.
    """

    revision: int
    weights: str
    rules: tuple[Rule, ...]
    filters: FilterSet
    settings: GuildSettings

    def bans(self, visitor: Visitor) -> bool:
        """Whether a rule bans this person here and now."""
        asked = str(visitor.user_id)
        return any(
            rule.kind is RuleKind.PERSON
            and rule.pattern == asked
            and rule.holds(visitor.channel_id, visitor.role_ids, time.time())
            for rule in self.rules
        )


class RuleBook:
    """Gives the edition that holds now.

    Args:
        database: where rules and settings are kept.
        engine: whose model the concepts must fit.
    """

    def __init__(self, database: Database, engine: SearchEngine) -> None:
        self._database = database
        self._engine = engine
        self._editions: dict[int, Edition] = {}

    async def edition(self, guild_id: int) -> Edition:
        """Return the edition that holds in a server now."""
        known = self._editions.get(guild_id)
        weights = self._engine.manifest.encoder.space if self._engine.is_open else LOADING
        if known is not None and known.weights == weights and known.revision == await self._database.revision(guild_id):
            return known
        snapshot = await self._database.snapshot(guild_id)
        rules = tuple([await self._fitted(rule, weights) for rule in snapshot.rules])
        read = Edition(snapshot.revision, weights, rules, FilterSet.of(rules), snapshot.settings)
        newest = self._editions.get(guild_id)
        if newest is None or newest.weights != weights or newest.revision <= read.revision:
            self._editions[guild_id] = read
        return read

    async def filters(self, visitor: Visitor) -> FilterSet:
        """Return the rules that hold for somebody in a channel now."""
        edition = await self.edition(visitor.guild_id)
        return edition.filters.for_place(visitor.channel_id, visitor.role_ids, time.time())

    async def spares(self, visitor: Visitor, words: Sequence[str]) -> bool:
        """Whether roles may change what somebody is answered here and now.

        Word rules are held against the words that are asked. What the others would change is known only once the
        search is done, which is too late for a promise of privacy: any that is spared counts.

        Args:
            visitor: who asks, and where.
            words: what they ask in words.
        """
        rules, now = (await self.edition(visitor.guild_id)).filters, time.time()
        theirs, others = (rules.for_place(visitor.channel_id, roles, now) for roles in (visitor.role_ids, ()))
        if theirs.hash == others.hash:
            return False
        spared = set(others.active).difference(theirs.active)
        if any(rule.kind in LOOKING_AT_ROWS and rule.action is not Action.LOG for rule in spared):
            return True
        return any(_said_of(text, theirs) != _said_of(text, others) for text in words)

    async def _fitted(self, rule: Rule, weights: str) -> Rule:
        """A concept rule made for another model, made anew for this one where its examples are still known."""
        if rule.concept is None or rule.concept.weights == weights or not rule.enabled or weights == LOADING:
            return rule
        try:
            return replace(rule, concept=await self._engine.refresh_concept(rule.concept))
        except RuleError as error:  # the engine refuses to search with it, so nothing slips through
            logger.warning("rule %d does not fit the model any more: %s", rule.id, error)
            return rule


def _said_of(text: str, filters: FilterSet) -> set[Rule]:
    """The rules that change an answer because of a text."""
    matches = filters.inspect_prompt(cleaned(text))
    return {match.rule for match in matches if match.rule.action is not Action.LOG}
