"""`/filter import|export`: rules from elsewhere, and all of them as a file."""

import asyncio
import io

import discord
from discord import app_commands

from bot.commands.filter_group import filter_group
from bot.door import Interaction, for_moderators
from bot.moderation.automod import fetch_automod
from bot.moderation.exchange import (
    MAX_BYTES,
    Entry,
    Wishes,
    export_all,
    export_words,
    prepare,
    read_file,
    sleeping,
    starter_set,
    without_known,
)
from bot.moderation.plans import Plan
from bot.moderation.replies import MAX_CONTENT, engine_of, propose, rules_of, tell, wait
from bot.moderation.wording import bullets, import_line
from bot.texts import filters as texts
from search_core import RuleError
from search_core.describe import counted
from search_core.filters import RuleKind
from search_core.filters.rules import MAX_REASON

FROM_FILE, FROM_AUTOMOD, FROM_STARTER = "file", "automod", "starter"
JSON, WORDS = "json", "words"
DOWNLOAD_SECONDS = 20.0

_SOURCES = [app_commands.Choice(name=words, value=value) for value, words in texts.SOURCES.items()]
_FORMATS = [app_commands.Choice(name=words, value=value) for value, words in texts.FORMATS.items()]


@filter_group.command(name="import", description=texts.IMPORT)
@app_commands.describe(
    source=texts.SOURCE, file=texts.FILE, reason=texts.IMPORT_REASON, skip_errors=texts.SKIP_ERRORS,
    on=texts.IMPORT_ON,
)  # fmt: skip
@app_commands.choices(source=_SOURCES)
@for_moderators
async def import_rules(
    interaction: Interaction,
    source: str,
    file: discord.Attachment | None = None,
    reason: app_commands.Range[str, 1, MAX_REASON] | None = None,
    skip_errors: bool = False,
    on: bool | None = None,
) -> None:
    """Take rules over: all of them or none, unless errors are to be skipped."""
    await wait(interaction)
    entries, remarks = await _entries(interaction, source, file)
    found = await prepare(entries, Wishes(reason or "", on), engine_of(interaction))
    if found.problems and not skip_errors:
        raise _stopped(found.problems)
    known = await rules_of(interaction)
    fresh = without_known(found.rules, known)
    said = import_line(len(fresh), len(found.rules) - len(fresh), sleeping(found.rules, known))
    more = [*remarks, *([texts.IMPORT_LEFT_OUT.format(count=len(found.problems))] if found.problems else [])]
    more += found.problems
    if not fresh:
        await tell(interaction, bullets([said, *more], MAX_CONTENT))
        return
    await propose(interaction, Plan(fresh), said, more)


@filter_group.command(name="export", description=texts.EXPORT)
@app_commands.describe(format=texts.FORMAT)
@app_commands.choices(format=_FORMATS)
@for_moderators
async def export(interaction: Interaction, format: str = JSON) -> None:  # noqa: A002 - the option's name
    """Hand all rules out as a file, for the one who asked alone."""
    await wait(interaction)
    rules = await rules_of(interaction)
    written = export_words(rules) if format == WORDS else export_all(rules)
    name = "filters.txt" if format == WORDS else "filters.json"
    words = sum(rule.kind in (RuleKind.WORD, RuleKind.ALLOW) for rule in rules)
    said = texts.EXPORTED.format(count=counted(len(rules), "rule"))
    if format == WORDS:
        said = texts.EXPORTED_WORDS.format(count=words, total=len(rules))
    file = discord.File(io.BytesIO(written.encode()), name)
    await tell(interaction, said, file=file)


async def _entries(
    interaction: Interaction, source: str, file: discord.Attachment | None
) -> tuple[list[Entry], tuple[str, ...]]:
    if source == FROM_AUTOMOD:
        assert interaction.guild is not None
        return await fetch_automod(interaction.guild)
    if source == FROM_STARTER:
        return starter_set(), ()
    if file is None:
        raise RuleError(texts.FILE_MISSING)
    return read_file(await _read(file)), ()


async def _read(file: discord.Attachment) -> bytes:
    if file.size > MAX_BYTES:
        raise RuleError(texts.FILE_TOO_BIG.format(limit=MAX_BYTES / 1024 / 1024))
    try:
        async with asyncio.timeout(DOWNLOAD_SECONDS):
            return await file.read()
    except (TimeoutError, discord.DiscordException):
        raise RuleError(texts.FILE_GONE) from None


def _stopped(problems: tuple[str, ...]) -> RuleError:
    return RuleError(bullets([texts.IMPORT_STOPPED.format(count=len(problems)), *problems], MAX_CONTENT - 100))
