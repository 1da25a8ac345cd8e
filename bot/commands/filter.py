"""`/filter`: the moderators' rules. Everything here is private, and for moderators only each time it is used.

The group is here with what changes rules; what looks at them is in `filter_views`, import and export in
`filter_exchange`.
"""

from dataclasses import replace

import discord
from discord import app_commands

from bot.attachments import posted
from bot.commands.filter_group import ACTION_CHOICES, KIND_CHOICES, MAX_PATTERN_TYPED, filter_group
from bot.commands.places import Place
from bot.door import Interaction, for_moderators
from bot.moderation.drafts import MAX_SENSITIVITY, Typed
from bot.moderation.picks import last_result
from bot.moderation.plans import Plan
from bot.moderation.replies import (
    complete_rule,
    drafts_of,
    guild_of,
    picked_number,
    picked_rule,
    propose,
    wait,
)
from bot.moderation.wording import DISCORD, named
from bot.texts import filters as texts
from search_core import RuleError
from search_core.filters.rules import MAX_NOTE, MAX_REASON

MAX_EXAMPLES_TYPED = 2_000
MAX_RESULT = 1_000
"""So many results one gets to by turning pages."""

_Pattern = app_commands.Range[str, 1, MAX_PATTERN_TYPED]
_Reason = app_commands.Range[str, 1, MAX_REASON]
_Note = app_commands.Range[str, 1, MAX_NOTE]
_Examples = app_commands.Range[str, 1, MAX_EXAMPLES_TYPED]
_Result = app_commands.Range[int, 1, MAX_RESULT]
_Sensitivity = app_commands.Range[float, -MAX_SENSITIVITY, MAX_SENSITIVITY]


@filter_group.command(name="add", description=texts.ADD)
@app_commands.describe(
    kind=texts.KIND, reason=texts.REASON, pattern=texts.PATTERN, action=texts.ACTION, note=texts.NOTE,
    examples=texts.EXAMPLES, image=texts.IMAGE, result=texts.RESULT, sensitivity=texts.SENSITIVITY,
    channel=texts.CHANNEL, bypass_role=texts.BYPASS, expires=texts.EXPIRES,
)  # fmt: skip
@app_commands.choices(kind=KIND_CHOICES, action=ACTION_CHOICES)
@for_moderators
async def add(  # noqa: PLR0913, PLR0917 - the options that Discord shows
    interaction: Interaction,
    kind: str,
    reason: _Reason,
    pattern: _Pattern | None = None,
    action: str | None = None,
    note: _Note | None = None,
    examples: _Examples | None = None,
    image: discord.Attachment | None = None,
    result: _Result | None = None,
    sensitivity: _Sensitivity | None = None,
    channel: Place | None = None,
    bypass_role: discord.Role | None = None,
    expires: str | None = None,
) -> None:
    """Add a rule."""
    await wait(interaction)
    typed = Typed(
        kind=kind,
        pattern=pattern,
        action=action,
        reason=reason,
        note=note,
        channels=None if channel is None else frozenset({channel.id}),
        bypass_roles=None if bypass_role is None else frozenset({bypass_role.id}),
        expires=expires,
        examples=examples,
        image=None if image is None else await posted(image).read(),
        row=None if result is None else await last_result(interaction, result),
        sensitivity=sensitivity,
    )
    await propose(interaction, await drafts_of(interaction).add(guild_of(interaction), typed), texts.ADDED)


@filter_group.command(name="edit", description=texts.EDIT)
@app_commands.describe(
    rule=texts.RULE, pattern=texts.PATTERN, action=texts.ACTION, reason=texts.NEW_REASON, note=texts.NOTE,
    examples=texts.EXAMPLES, image=texts.IMAGE, result=texts.RESULT, sensitivity=texts.SENSITIVITY,
    channel=texts.CHANNEL_TOGGLED, everywhere=texts.EVERYWHERE, bypass_role=texts.BYPASS_TOGGLED,
    expires=texts.EXPIRES_OR_NEVER,
)  # fmt: skip
@app_commands.choices(action=ACTION_CHOICES)
@for_moderators
async def edit(  # noqa: PLR0913, PLR0917 - the options that Discord shows
    interaction: Interaction,
    rule: str,
    pattern: _Pattern | None = None,
    action: str | None = None,
    reason: _Reason | None = None,
    note: _Note | None = None,
    examples: _Examples | None = None,
    image: discord.Attachment | None = None,
    result: _Result | None = None,
    sensitivity: _Sensitivity | None = None,
    channel: Place | None = None,
    everywhere: bool = False,
    bypass_role: discord.Role | None = None,
    expires: str | None = None,
) -> None:
    """Change a rule."""
    await wait(interaction)
    old = await picked_rule(interaction, rule)
    channels = _toggled(frozenset() if everywhere else old.channels, channel)
    if old.channels and not channels and not everywhere:
        raise RuleError(texts.LAST_CHANNEL.format(channel=named(DISCORD.channel, old.channels)))
    typed = Typed(
        pattern=pattern,
        action=action,
        reason=reason,
        note=note,
        channels=channels if everywhere or channel is not None else None,
        bypass_roles=None if bypass_role is None else _toggled(old.bypass_roles, bypass_role),
        expires=expires,
        examples=examples,
        image=None if image is None else await posted(image).read(),
        row=None if result is None else await last_result(interaction, result),
        sensitivity=sensitivity,
    )
    await propose(interaction, await drafts_of(interaction).edit(guild_of(interaction), old.id, typed), texts.EDITED)


@filter_group.command(name="enable", description=texts.ENABLE)
@app_commands.describe(rule=texts.RULE, on=texts.ON, reason=texts.REMOVE_REASON)
@for_moderators
async def enable(interaction: Interaction, rule: str, on: bool, reason: _Reason | None = None) -> None:
    """Switch a rule on or off."""
    await wait(interaction)
    plan = await drafts_of(interaction).edit(guild_of(interaction), picked_number(rule), Typed(enabled=on))
    await propose(interaction, replace(plan, reason=reason or ""), texts.SWITCHED[on])


@filter_group.command(name="remove", description=texts.REMOVE)
@app_commands.describe(rule=texts.RULE, reason=texts.REMOVE_REASON)
@for_moderators
async def remove(interaction: Interaction, rule: str, reason: _Reason | None = None) -> None:
    """Remove a rule."""
    await wait(interaction)
    await propose(interaction, Plan(removes=picked_number(rule), reason=reason or ""), texts.REMOVED)


@filter_group.command(name="undo", description=texts.UNDO)
@for_moderators
async def undo(interaction: Interaction) -> None:
    """Take the last change back."""
    await wait(interaction)
    await propose(interaction, await drafts_of(interaction).undo(guild_of(interaction)), texts.UNDONE)


@edit.autocomplete("rule")
@enable.autocomplete("rule")
@remove.autocomplete("rule")
async def _complete(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    return await complete_rule(interaction, current)


def _toggled(ids: frozenset[int], one: Place | discord.Role | None) -> frozenset[int]:
    """Add an id to some, or take it away if it is among them."""
    return ids if one is None else ids ^ {one.id}
