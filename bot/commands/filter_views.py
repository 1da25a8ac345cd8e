"""`/filter list|show|test|history`: looking at rules, and trying them before they bite."""

from dataclasses import replace

import discord
from discord import app_commands

from bot.attachments import posted
from bot.commands.filter_group import ACTION_CHOICES, KIND_CHOICES, MAX_PATTERN_TYPED, filter_group
from bot.commands.places import Place
from bot.delivery import InteractionOutlet, deliver
from bot.door import Interaction, for_moderators, standing_of
from bot.gallery import alt_text, title_of
from bot.moderation.drafts import Typed
from bot.moderation.entries import entry_line
from bot.moderation.replies import (
    MAX_CONTENT,
    complete_rule,
    drafts_of,
    guild_of,
    picked_number,
    picked_rule,
    rules_of,
    rules_page,
    tell,
    wait,
)
from bot.moderation.trial import (
    RECENT,
    after,
    inspect_picture,
    inspect_prompt,
    inspect_searches,
    is_about_askers,
    wide_awake,
)
from bot.moderation.wording import (
    bullets,
    preview_hits,
    preview_line,
    recent_lines,
    rule_sheet,
    tried_lines,
    tried_with,
)
from bot.reply import Reply
from bot.texts import filters as texts
from bot.uploads import Upload, upload_name
from search_core import Hit, RuleError, StoredPicture
from search_core.filters import Rule, RuleKind

MAX_SHOWN = 9
PREVIEWED = 5
"""Five of the clearest and five near the line: with what is both, nine or ten."""

MAX_BODY = 3_500
"""Discord takes 4,000 characters in a message with components, the heading among them."""

HISTORY = 20
MAX_PROMPT = 1_000


@filter_group.command(name="list", description=texts.LIST)
@app_commands.describe(kind=texts.ONLY_KIND)
@app_commands.choices(kind=KIND_CHOICES)
@for_moderators
async def list_rules(interaction: Interaction, kind: str = "all") -> None:
    """List the rules."""
    await tell(interaction, *rules_page(await rules_of(interaction), kind, 0))


@filter_group.command(name="show", description=texts.SHOW)
@app_commands.describe(rule=texts.RULE)
@for_moderators
async def show(interaction: Interaction, rule: str) -> None:
    """Tell everything about a rule, and show what would fall under it."""
    await wait(interaction)
    await _show(interaction, await picked_rule(interaction, rule), [])


@filter_group.command(name="history", description=texts.HISTORY)
@app_commands.describe(rule=texts.RULE)
@for_moderators
async def history(interaction: Interaction, rule: str | None = None) -> None:
    """Tell who changed which rule when, and why."""
    number = None if rule is None else picked_number(rule)
    found = await interaction.client.services.database.audit(guild_of(interaction), rule=number, limit=100)
    entries = [entry for entry in found if entry.rule_id is not None][:HISTORY]
    if not entries:
        raise RuleError(texts.NO_HISTORY)
    await tell(interaction, bullets([texts.HISTORY_HEAD, *map(entry_line, entries)], MAX_CONTENT))


@filter_group.command(name="test", description=texts.TEST)
@app_commands.describe(
    prompt=texts.TEST_PROMPT, image=texts.TEST_IMAGE, recent=texts.TEST_RECENT, rule=texts.TEST_RULE,
    kind=texts.TEST_KIND, pattern=texts.TEST_PATTERN, action=texts.ACTION, examples=texts.EXAMPLES,
    channel=texts.TEST_CHANNEL,
)  # fmt: skip
@app_commands.choices(kind=KIND_CHOICES, action=ACTION_CHOICES)
@for_moderators
async def try_rules(  # noqa: PLR0913, PLR0917 - the options that Discord shows
    interaction: Interaction,
    prompt: app_commands.Range[str, 1, MAX_PROMPT] | None = None,
    image: discord.Attachment | None = None,
    recent: bool = False,
    rule: str | None = None,
    kind: str | None = None,
    pattern: app_commands.Range[str, 1, MAX_PATTERN_TYPED] | None = None,
    action: str | None = None,
    examples: str | None = None,
    channel: Place | None = None,
) -> None:
    """Say what would happen and why. Nothing is kept, and nobody else is told."""
    await wait(interaction)
    draft = await _draft(interaction, rule, Typed(kind=kind, pattern=pattern, action=action, examples=examples))
    present = await rules_of(interaction)
    rules = after(present, [] if draft is None else [draft])
    engine = interaction.client.services.engine
    place = standing_of(interaction).visitor.channel_id if channel is None else channel.id
    lines = [] if draft is None else [tried_with(draft, present)]
    if prompt is not None:
        lines += tried_lines(await inspect_prompt(engine, rules, prompt, place))
    if image is not None:
        lines += tried_lines(await inspect_picture(engine, rules, await posted(image).read(), place))
    if recent or (prompt is None and image is None) or is_about_askers(draft):
        searches = await interaction.client.services.database.recent_searches(guild_of(interaction), RECENT)
        lines += recent_lines(await inspect_searches(engine, rules, searches), draft)
    if draft is not None and draft.kind is RuleKind.CONCEPT:
        await _show(interaction, draft, lines)
    else:
        await tell(interaction, bullets(lines, MAX_CONTENT))


@show.autocomplete("rule")
@history.autocomplete("rule")
@try_rules.autocomplete("rule")
async def _complete(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    return await complete_rule(interaction, current)


async def _draft(interaction: Interaction, picked: str | None, typed: Typed) -> Rule | None:
    """The rule to try: one that exists, switched on, or one that does not exist yet."""
    if picked is not None:
        return wide_awake(await picked_rule(interaction, picked))
    if typed.kind is None and typed.pattern is None and typed.examples is None:
        return None
    note = texts.TRIED_NOTE if typed.action == "note" else None
    return await drafts_of(interaction).make(replace(typed, note=note))


async def _show(interaction: Interaction, rule: Rule, lines: list[str]) -> None:
    """Tell of a rule; where it is about pictures, show under spoilers which would fall under it."""
    told = [*lines, rule_sheet(rule)]
    if rule.kind not in (RuleKind.CONCEPT, RuleKind.PICTURE, RuleKind.SOURCE):
        await tell(interaction, bullets(told, MAX_CONTENT))
        return
    engine = interaction.client.services.engine
    generation = engine.generation
    preview = await engine.preview(rule, PREVIEWED)
    hits = preview_hits(preview)[:MAX_SHOWN]
    pictures = await engine.pictures([hit.row for hit in hits], generation)
    uploads = tuple(_covered(number, *each) for number, each in enumerate(zip(hits, pictures, strict=True), start=1))
    heading = texts.RULE_HEAD.format(number=rule.id) if rule.id else texts.DRAFT_HEAD
    body = bullets([*told, preview_line(preview)], MAX_BODY)
    await deliver(InteractionOutlet(interaction), Reply(heading, body, uploads))


def _covered(number: int, hit: Hit, picture: StoredPicture) -> Upload:
    alt = alt_text(number, title_of(hit.metadata, picture.file_name), hit.metadata)
    return Upload(upload_name(number, picture.file_name), picture.data, alt, spoiler=True)
