"""What the moderators' commands share: who acts, which rule is meant, and answers that only the one who asked sees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot import custom_ids
from bot.access import visitor_in
from bot.database import Actor
from bot.limits import check_view
from bot.markdown import cut
from bot.moderation.banning import warn
from bot.moderation.cautions import cautions, reach
from bot.moderation.drafts import Drafts
from bot.moderation.pending import Pending
from bot.moderation.wording import DISCORD, bullets, choice_name, rule_line
from bot.texts import filters as texts
from search_core import RuleError, VignetteError
from search_core.filters import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.door import Interaction
    from bot.moderation.drafts import GetEngine
    from bot.moderation.plans import Plan
    from search_core import SearchEngine

MAX_CONTENT = 2_000
"""Discord's limit for the words of a message."""

MAX_CHOICES = 25
"""Discord's limit for a completion."""

MAX_PAGES = 10_000
RULES_ON_PAGE = 8
"""Lines of up to 200 characters: a page stays below Discord's limit."""


async def tell(
    interaction: Interaction,
    words: str,
    view: discord.ui.View | None = None,
    file: discord.File | None = None,
) -> None:
    """Answer for the one who asked alone, deferred or not."""
    options: dict[str, Any] = {} if view is None else {"view": view}
    if view is not None:
        check_view(view)
    if not interaction.response.is_done():
        options |= {} if file is None else {"file": file}
        await interaction.response.send_message(cut(words, MAX_CONTENT), ephemeral=True, **options)
        return
    options |= {} if file is None else {"attachments": [file]}
    await interaction.edit_original_response(content=cut(words, MAX_CONTENT), **options)


async def wait(interaction: Interaction) -> None:
    """Promise an answer for the one who asked alone."""
    await interaction.response.defer(ephemeral=True, thinking=True)


def actor_of(interaction: Interaction) -> Actor:
    """Say who acts."""
    return Actor(interaction.user.id, "discord")


def guild_of(interaction: Interaction) -> int:
    """Say in which server. Call it behind the door, which lets nobody in from elsewhere."""
    assert interaction.guild_id is not None
    return interaction.guild_id


def drafts_of(interaction: Interaction) -> Drafts:
    """Make what turns wishes into rules."""
    return Drafts(interaction.client.services.database, engine_of(interaction), DISCORD)


def engine_of(interaction: Interaction) -> GetEngine:
    """Give the engine that is open anyway, in the way that the terminal opens one."""

    async def engine() -> SearchEngine:
        return interaction.client.services.engine

    return engine


async def rules_of(interaction: Interaction) -> tuple[Rule, ...]:
    """Read the server's rules as they hold now, those that are off too, by their numbers."""
    edition = await interaction.client.services.book.edition(guild_of(interaction))
    return tuple(sorted(edition.rules, key=_by_id))


async def picked_rule(interaction: Interaction, picked: str) -> Rule:
    """Find the rule that an option names.

    Raises:
        RuleError: if there is none.
    """
    number = picked_number(picked)
    for rule in await rules_of(interaction):
        if rule.id == number:
            return rule
    raise RuleError(texts.NO_SUCH_RULE.format(number=number, list=DISCORD.listing))


def picked_number(picked: str) -> int:
    """Read a rule's number: `12` or `#12`.

    Raises:
        RuleError: if it is none.
    """
    digits = picked.strip().removeprefix("#").split(" ")[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise RuleError(texts.NO_SUCH_RULE.format(number=texts.OF_THAT_NUMBER, list=DISCORD.listing))
    return int(digits)


async def complete_rule(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Offer the rules that what was typed occurs in; nothing to somebody who is no moderator, whatever they typed."""
    try:
        await interaction.client.services.access.standing(visitor_in(interaction), moderator=True)
        rules = await rules_of(interaction)
    except VignetteError:
        return []
    names = ((choice_name(rule), str(rule.id)) for rule in rules)
    wanted = current.casefold().strip()
    fitting = [app_commands.Choice(name=name, value=number) for name, number in names if wanted in name.casefold()]
    return fitting[:MAX_CHOICES]


async def propose(interaction: Interaction, plan: Plan, done: str, remarks: Sequence[str] = ()) -> None:
    """Carry a plan out, or ask first: if it would refuse much of what people search for, takes a rule's place, or bans
    somebody who moderates.

    Args:
        interaction: a deferred one.
        plan: what to do.
        done: what to say when it is done.
        remarks: what else to say.
    """
    drafts, guild_id = drafts_of(interaction), guild_of(interaction)
    warning = await ban_warning(interaction, await drafts.newly_banned(guild_id, plan))
    plan = replace(plan, asks="\n".join(filter(None, [plan.asks, warning])))
    question = await drafts.question(guild_id, plan)
    if question:
        lines = _cut(await drafts.subjects(guild_id, plan))
        token = await Pending(interaction.client.services.database).put(guild_id, interaction.user.id, plan)
        await tell(interaction, bullets([question, *lines, *remarks], MAX_CONTENT), _decision(token))
        return
    await finish(interaction, plan, done, remarks)


async def ban_warning(interaction: Interaction, people: Sequence[int]) -> str:
    """Say which of those who would be banned moderate, and what a ban would do to them; empty if none does."""
    if not people:
        return ""
    settings = (await interaction.client.services.book.edition(guild_of(interaction))).settings
    return await warn(interaction.guild, settings, people)


async def finish(interaction: Interaction, plan: Plan, done: str, remarks: Sequence[str] = ()) -> None:
    """Carry a plan out and say so."""
    outcome = await drafts_of(interaction).carry_out(guild_of(interaction), plan, actor_of(interaction))
    engine = engine_of(interaction)
    reached = await reach(outcome.rules, engine, DISCORD)
    said = [done, *_cut(outcome.lines), *reached, *await cautions(outcome.rules, engine, DISCORD), *remarks]
    await tell(interaction, bullets(said, MAX_CONTENT), buttons())


def rules_page(rules: Sequence[Rule], kind: str, page: int) -> tuple[str, discord.ui.View]:
    """Write one page (0-based) of the rules of a kind, or of `all`, with its buttons."""
    chosen = [rule for rule in rules if kind in ("all", rule.kind.value)]
    if not chosen:
        return texts.NO_RULES, buttons()
    last = (len(chosen) - 1) // RULES_ON_PAGE
    page = min(page, last)
    first = page * RULES_ON_PAGE
    here = chosen[first : first + RULES_ON_PAGE]
    head = texts.RULES_HEAD.format(first=first + 1, last=first + len(here), total=len(chosen))
    return bullets([head, *map(rule_line, here)], MAX_CONTENT), _turning(kind, page, last)


def buttons(*items: discord.ui.Button[discord.ui.View]) -> discord.ui.View:
    """Put buttons below a message; they work by their custom ids, so discord.py need not remember them."""
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def _turning(kind: str, page: int, last: int) -> discord.ui.View:
    if last == 0:
        return buttons()
    ways = (("previous", texts.PREVIOUS, max(page - 1, 0), page > 0), ("next", texts.NEXT, page + 1, page < last))
    return buttons(
        *(
            discord.ui.Button(label=label, custom_id=custom_ids.rules_id(way, kind, to), disabled=not possible)
            for way, label, to, possible in ways
        )
    )


def _decision(token: str) -> discord.ui.View:
    styles = (("yes", texts.CONFIRM, discord.ButtonStyle.danger), ("no", texts.CANCEL, discord.ButtonStyle.secondary))
    return buttons(
        *(
            discord.ui.Button(label=label, style=style, custom_id=custom_ids.plan_id(answer, token))
            for answer, label, style in styles
        )
    )


def _cut(lines: Sequence[str]) -> list[str]:
    if len(lines) <= RULES_ON_PAGE:
        return list(lines)
    return [*lines[:RULES_ON_PAGE], texts.MORE_LEFT.format(count=len(lines) - RULES_ON_PAGE)]


def _by_id(rule: Rule) -> int:
    return rule.id
