"""What is said of a rule that was written, in Discord and at the terminal: how far it reaches, and possible slips."""

from __future__ import annotations

import logging
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from bot.moderation.wording import reach_line
from bot.texts import filters as texts
from search_core import FilterSet, VignetteError
from search_core.filters import Rule, RuleKind
from search_core.filters.words import WordPattern
from search_core.where import Condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.moderation.drafts import GetEngine
    from bot.moderation.wording import Style

logger = logging.getLogger(__name__)

MAX_CAUTIONS = 20
MAX_FIELDS_NAMED = 12
"""A collection seldom has more; of a table with a hundred columns, the nearest names are the ones that help."""

MAX_NAME_SHOWN = 40


async def cautions(rules: Sequence[Rule], engine: GetEngine, style: Style) -> list[str]:
    """Say what of some rules looks like a slip, a sentence each. The engine is asked for only if one is about a source.

    Args:
        rules: as they were written.
        engine: knows which fields the collection has; where it cannot be had, a sentence says so.
        style: how a field is named.
    """
    words = (rule.pattern for rule in rules if rule.kind is RuleKind.WORD)
    found = [warning for word in words for warning in WordPattern.parse(word).warnings()]
    return [*found, *await _about_fields(rules, engine, style)][:MAX_CAUTIONS]


async def reach(rules: Sequence[Rule], engine: GetEngine, style: Style) -> list[str]:
    """Say how much of the collection falls under a concept; nothing where that is not known, or of several rules."""
    if len(rules) != 1 or rules[0].kind is not RuleKind.CONCEPT or not rules[0].enabled:
        return []
    try:
        preview = await (await engine()).preview(rules[0])
    except VignetteError as error:  # the rule is written all the same: a terminal may have no collection at hand
        logger.info("how far a concept reaches is not known: %s", type(error).__name__)
        return []
    return [reach_line(rules[0], preview, style)]


async def _about_fields(rules: Sequence[Rule], engine: GetEngine, style: Style) -> list[str]:
    wanted = {Condition.parse(rule.pattern).column: None for rule in rules if rule.kind is RuleKind.SOURCE}
    if not wanted:
        return []
    try:
        known = [field.name for field in await (await engine()).fields(FilterSet.empty())]
    except VignetteError as error:  # the rule is written all the same: a terminal may have no collection at hand
        return [texts.FIELDS_UNKNOWN.format(why=error)]
    return [_unknown(column, known, style) for column in wanted if column not in known]


def _unknown(column: str, known: Iterable[str], style: Style) -> str:
    """Say that there is no such field, and which there are, the nearest names first."""
    names = sorted(known, key=lambda name: (-_likeness(column, name), name))
    named = ", ".join(style.quoted(name, MAX_NAME_SHOWN) for name in names[:MAX_FIELDS_NAMED])
    more = f", +{len(names) - MAX_FIELDS_NAMED}" if len(names) > MAX_FIELDS_NAMED else ""
    words = texts.FIELD_UNKNOWN if names else texts.NO_FIELDS
    return words.format(column=style.quoted(column, MAX_NAME_SHOWN), fields=named + more)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
