"""What would happen, and why: to a prompt, to a picture, to the last searches; under the rules as they are or may be.

Nothing here counts as a search: nothing is kept, nobody is told, nobody's allowance shrinks.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.question import cleaned
from search_core import InputError, Kind, Query, RuleError
from search_core.filters import Action, FilterSet, Rule, RuleKind

if TYPE_CHECKING:
    from bot.database import SavedSearch
    from bot.moderation.drafts import GetEngine
    from search_core import Inspection, SearchEngine

RECENT = 100
FEWEST = 20
"""Of fewer searches, one alone would be over the limit: there it takes `SEVERAL`."""

SEVERAL = 2

BROAD = 0.05
"""A rule that refuses more of what people really ask is more often a slip than a wish."""


@dataclass(frozen=True, slots=True)
class Breadth:
    """How many of the last searches a change would refuse that are answered now."""

    refused: int
    asked: int

    @property
    def share(self) -> float:
        """The same, from 0 to 1."""
        return self.refused / self.asked if self.asked else 0.0

    @property
    def is_broad(self) -> bool:
        """Whether somebody should look twice."""
        return self.share > BROAD and (self.asked >= FEWEST or self.refused >= SEVERAL)


@dataclass(frozen=True, slots=True)
class Tried:
    """One search under the rules that were tried.

    Attributes:
        prompt: what was asked; None for a picture.
        inspection: what would happen.
        bans: the rules that keep out who asked; only of an earlier search.
        elsewhere: what would match, but holds in other channels only.
    """

    prompt: str | None
    inspection: Inspection
    bans: tuple[Rule, ...] = ()
    elsewhere: tuple[Rule, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether it would not be answered."""
        return self.inspection.refused or bool(self.bans)

    @property
    def hidden(self) -> int:
        """How many pictures the rules would hide on the way to the last of the first page."""
        return self.inspection.hidden

    @property
    def is_covered(self) -> bool:
        """Whether every picture would be under a spoiler, because of what was asked."""
        return self.inspection.result.spoiler

    @property
    def covered(self) -> int:
        """How many pictures of the first page would be under a spoiler."""
        hits = self.inspection.result.hits
        return len(hits) if self.is_covered else sum(hit.spoiler for hit in hits)

    @property
    def is_noted(self) -> bool:
        """Whether a sentence of context would stand with the answer, or with a picture of the first page."""
        result = self.inspection.result
        return bool(result.notes) or any(hit.notes for hit in result.hits)

    @property
    def is_touched(self) -> bool:
        """Whether it would be answered, but not as it is without rules."""
        return not self.is_refused and (self.hidden > 0 or self.is_covered or self.covered > 0 or self.is_noted)


def after(rules: Iterable[Rule], changed: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules as they would be: those with a number are replaced, others come on top."""
    numbers = {rule.id for rule in changed if rule.id}
    return (*(rule for rule in rules if rule.id not in numbers), *changed)


def wide_awake(rule: Rule) -> Rule:
    """Return a rule as it would hold: switched on, and without an end that is past."""
    has_ended = rule.expires is not None and rule.expires <= time.time()
    return replace(rule, enabled=True, expires=None if has_ended else rule.expires)


def is_about_askers(rule: Rule | None) -> bool:
    """Whether a rule looks at who asks alone: then only earlier searches can be held against it."""
    return rule is not None and rule.kind is RuleKind.PERSON


async def inspect_prompt(engine: SearchEngine, rules: Iterable[Rule], prompt: str, channel: int | None) -> Tried:
    """Say what would happen to a prompt in a channel, for somebody without roles."""
    return await _inspect(engine, tuple(rules), Query(text=prompt), prompt, channel)


async def inspect_picture(engine: SearchEngine, rules: Iterable[Rule], image: bytes, channel: int | None) -> Tried:
    """Say what would happen to a posted picture in a channel, for somebody without roles."""
    return await _inspect(engine, tuple(rules), Query(image=image), None, channel)


async def _inspect(
    engine: SearchEngine, rules: Sequence[Rule], query: Query, prompt: str | None, channel: int | None
) -> Tried:
    filters = FilterSet.of(rules)
    found = await engine.inspect(query, _held(filters, channel))
    if channel is None or not any(rule.channels and channel not in rule.channels for rule in filters.active):
        return Tried(prompt, found)
    anywhere = await engine.inspect(query, _held(filters, None))
    matching = dict.fromkeys(match.rule for match in anywhere.matches)
    passed = tuple(rule for rule in matching if rule.channels and channel not in rule.channels)
    return Tried(prompt, found, elsewhere=passed)


async def inspect_searches(
    engine: SearchEngine, rules: Iterable[Rule], searches: Sequence[SavedSearch]
) -> tuple[Tried, ...]:
    """Say what would happen to earlier searches where they were asked, but for those that cannot be asked again."""
    rules = tuple(rules)
    filters, banning = FilterSet.of(rules), [rule for rule in rules if rule.kind is RuleKind.PERSON]
    found = await asyncio.gather(*(_inspect_again(engine, filters, search, banning) for search in searches))
    return tuple(one for one in found if one is not None)


async def breadth(
    get_engine: GetEngine, now: Sequence[Rule], then: Sequence[Rule], searches: Sequence[SavedSearch]
) -> Breadth:
    """Count the searches that are answered under the rules as they are now, and refused under others.

    Words are matched without the engine; it is asked for only if a concept that refuses is among what changes.
    """
    present, wanted = _words(now), _words(_lasting(now, then))
    newly = {search.id for search in searches if _refuses(wanted, search) and not _refuses(present, search)}
    changed = [rule for rule in _refusing_concepts(then) if _bite(rule) not in set(map(_bite, now))]
    if changed and searches:
        numbers = {rule.id for rule in changed}
        replaced = [rule for rule in _refusing_concepts(now) if rule.id in numbers]
        engine = await get_engine()
        newly |= await _refused(engine, changed, searches) - await _refused(engine, replaced, searches)
    return Breadth(len(newly), len(searches))


def _lasting(now: Iterable[Rule], then: Iterable[Rule]) -> Iterator[Rule]:
    """The rules then, without those that free words and get an earlier end: in the end they free nothing."""
    ends = {rule.id: _end(rule) for rule in now}
    for rule in then:
        if rule.kind is not RuleKind.ALLOW or _end(rule) >= ends.get(rule.id, _end(rule)):
            yield rule


def _end(rule: Rule) -> float:
    return math.inf if rule.expires is None else rule.expires


def _refusing_concepts(rules: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.kind is RuleKind.CONCEPT and rule.action is Action.REFUSE and rule.enabled]


def _bite(rule: Rule) -> Rule:
    """A rule without what makes no difference to whom it refuses."""
    return replace(rule, id=0, version=0, reason="")


async def _refused(engine: SearchEngine, concepts: Sequence[Rule], searches: Sequence[SavedSearch]) -> set[str]:
    """Which searches concepts refuse, by their ids."""
    fitting = [rule for rule in [await _fitted(engine, rule) for rule in concepts] if rule is not None]
    if not fitting:
        return set()
    filters = FilterSet.of(fitting)
    tried = await asyncio.gather(*(_inspect_again(engine, filters, search) for search in searches))
    pairs = zip(searches, tried, strict=True)
    return {search.id for search, one in pairs if one is not None and one.inspection.refused}


async def _fitted(engine: SearchEngine, rule: Rule) -> Rule | None:
    """A concept rule for the model that serves now; None where its examples are not known to it."""
    if rule.concept is None or rule.concept.weights == engine.manifest.encoder.space:
        return rule
    try:
        return replace(rule, concept=await engine.refresh_concept(rule.concept))
    except RuleError:
        return None


async def _inspect_again(
    engine: SearchEngine, filters: FilterSet, search: SavedSearch, banning: Sequence[Rule] = ()
) -> Tried | None:
    """Say what would happen to an earlier search, or nothing if it cannot be asked any more."""
    query = _query(search, engine)
    if query is None:
        return None
    try:
        found = await engine.inspect(query, _held(filters, search.channel_id))
    except InputError:
        return None
    return Tried(search.prompt, found, tuple(rule for rule in banning if _keeps_out(rule, search)))


def _keeps_out(rule: Rule, search: SavedSearch) -> bool:
    """Whether a rule about a person would have kept out who asked, where they asked."""
    return rule.pattern == str(search.user_id) and rule.holds(search.channel_id, frozenset(), time.time())


def _words(rules: Iterable[Rule]) -> FilterSet:
    return FilterSet.of(rule for rule in rules if rule.kind in (RuleKind.WORD, RuleKind.ALLOW))


def _refuses(words: FilterSet, search: SavedSearch) -> bool:
    held = _held(words, search.channel_id)
    return any(match.refuses for text in search.words for match in held.inspect_prompt(cleaned(text)))


def _held(filters: FilterSet, channel: int | None) -> FilterSet:
    """The rules that hold in a channel now, for somebody without roles."""
    return filters.for_place(channel, frozenset(), time.time())


def _query(search: SavedSearch, engine: SearchEngine) -> Query | None:
    """What was asked; None where the collection was rebuilt since, and nothing but numbers of the old one are left."""
    if search.prompt is not None and search.kind is Kind.TEXT:
        return Query(text=search.prompt, without=search.without or ())
    if search.generation != engine.generation:
        return None
    return Query(vector=search.vector, kind=search.kind, mixture=search.mixture)
