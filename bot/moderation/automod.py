"""The server's own AutoMod rules, taken over as word and allow rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import discord

from bot.moderation.exchange import Entry
from bot.texts import filters as texts
from search_core import RuleError
from search_core.describe import counted
from search_core.filters import RuleKind
from search_core.filters.rules import MAX_REASON

if TYPE_CHECKING:
    from collections.abc import Sequence


async def fetch_automod(guild: discord.Guild) -> tuple[list[Entry], tuple[str, ...]]:
    """Read the server's AutoMod rules: their words, and what of them cannot be taken over.

    Raises:
        RuleError: if the bot may not read them, or there are none.
    """
    try:
        rules = await guild.fetch_automod_rules()
    except discord.Forbidden:
        raise RuleError(texts.AUTOMOD_NOT_ALLOWED) from None
    entries = [entry for rule in rules for entry in _entries(rule)]
    remarks = tuple(remark for rule in rules for remark in _remarks(rule))
    if not entries:
        raise RuleError(" ".join([texts.AUTOMOD_NOTHING, *remarks]))
    return entries, remarks


def _entries(rule: discord.AutoModRule) -> Iterator[Entry]:
    kinds: Sequence[tuple[RuleKind, Sequence[str]]] = (
        (RuleKind.WORD, rule.trigger.keyword_filter),
        (RuleKind.ALLOW, rule.trigger.allow_list),
    )
    common = {
        "reason": texts.AUTOMOD_REASON.format(name=rule.name)[:MAX_REASON],
        "enabled": rule.enabled,
        "bypass_roles": sorted(rule.exempt_role_ids),
    }
    for kind, words in kinds:
        for word in words:
            yield Entry({"kind": kind.value, "pattern": word, **common}, texts.AUTOMOD_PLACE.format(name=rule.name))


def _remarks(rule: discord.AutoModRule) -> Iterator[str]:
    """Say what of a rule is left out."""
    if rule.trigger.regex_patterns:
        expressions = counted(len(rule.trigger.regex_patterns), *texts.REGULAR_EXPRESSIONS)
        yield texts.AUTOMOD_REGEX.format(name=rule.name, expressions=expressions)
    if rule.trigger.type is discord.AutoModRuleTriggerType.keyword_preset:
        yield texts.AUTOMOD_PRESET.format(name=rule.name)
    if rule.exempt_channel_ids and rule.trigger.keyword_filter:
        yield texts.AUTOMOD_CHANNELS.format(name=rule.name)
