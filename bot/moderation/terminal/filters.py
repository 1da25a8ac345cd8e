"""What `vignette filters` does."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.moderation.cautions import cautions, reach
from bot.moderation.drafts import Typed
from bot.moderation.entries import entry_line
from bot.moderation.exchange import (
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
from bot.moderation.terminal.as_json import entry_json, rule_json, tried_json
from bot.moderation.terminal.room import OPERATOR, Room, ask, print_json, print_lines, read_bytes, write_bytes
from bot.moderation.trial import (
    RECENT,
    Tried,
    after,
    inspect_picture,
    inspect_prompt,
    inspect_searches,
    is_about_askers,
    wide_awake,
)
from bot.moderation.wording import (
    TERMINAL,
    import_line,
    preview_hits,
    preview_line,
    recent_lines,
    rule_line,
    rule_sheet,
    tried_lines,
    tried_with,
)
from bot.texts import filters as texts
from bot.texts import moderation as moderators
from search_core import InputError
from search_core.describe import counted
from search_core.filters import RuleKind

if TYPE_CHECKING:
    import argparse

    from search_core.filters import Rule

HISTORY_READ = 1_000
STARTER = "starter"
"""What `/filter import` calls the starter set, and people try here too."""


async def _list(room: Room, options: argparse.Namespace) -> None:
    rules = [rule for rule in await room.rules() if options.kind in (None, rule.kind.value)]
    if options.json:
        print_json([rule_json(rule) for rule in rules])
    else:
        print_lines(*(rule_line(rule, TERMINAL) for rule in rules) if rules else [texts.NO_RULES_TERMINAL])


async def _show(room: Room, options: argparse.Namespace) -> None:
    rule = await room.drafts.find(room.guild_id, options.rule)
    print_lines(rule_sheet(rule, TERMINAL))
    if options.preview:
        await _preview(room, rule)


async def _preview(room: Room, rule: Rule) -> None:
    preview = await (await room.engine()).preview(replace(rule, enabled=True))
    print_lines(preview_line(preview))
    for hit in preview_hits(preview):
        print_lines(
            f"  row {hit.row}  {hit.score:+.3f}  {hit.metadata.get('title') or hit.metadata.get('file_name', '')}"
        )


async def _test(room: Room, options: argparse.Namespace) -> None:
    draft, engine, present = await _draft(room, options), await room.engine(), await room.rules()
    rules = after(present, [] if draft is None else [draft])
    tried = [await inspect_prompt(engine, rules, prompt, options.channel_id) for prompt in options.prompt]
    if options.try_image is not None:
        tried.append(await inspect_picture(engine, rules, read_bytes(options.try_image), options.channel_id))
    recent: tuple[Tried, ...] | None = None
    if options.recent or not tried or is_about_askers(draft):
        searches = await room.database.recent_searches(room.guild_id, RECENT)
        recent = await inspect_searches(engine, rules, searches)
    if options.json:
        print_json({"tried": list(map(tried_json, tried)), "recent": list(map(tried_json, recent or ()))})
        return
    if draft is not None:
        print_lines(tried_with(draft, present, TERMINAL))
    print_lines(*(line for one in tried for line in tried_lines(one, TERMINAL)))
    if recent is not None:
        print_lines(*recent_lines(recent, draft, TERMINAL))


async def _draft(room: Room, options: argparse.Namespace) -> Rule | None:
    if options.rule is not None:
        return wide_awake(await room.drafts.find(room.guild_id, options.rule))
    if options.kind is None and options.pattern is None:
        return None
    note = texts.TRIED_NOTE if options.action == "note" else None
    return await room.drafts.make(
        replace(_typed_examples(options), kind=options.kind, pattern=options.pattern, note=note)
    )


async def _history(room: Room, options: argparse.Namespace) -> None:
    found = await room.database.audit(room.guild_id, rule=options.rule, limit=HISTORY_READ)
    entries = [entry for entry in found if entry.rule_id is not None][: options.n]
    if options.json:
        print_json([entry_json(entry) for entry in entries])
    else:
        print_lines(*(entry_line(entry, TERMINAL) for entry in entries) if entries else [texts.NO_HISTORY])


async def _add(room: Room, options: argparse.Namespace) -> None:
    typed = replace(_typed(options), kind=options.kind, enabled=not options.off)
    await _propose(room, options, await room.drafts.add(room.guild_id, typed), texts.ADDED)


async def _edit(room: Room, options: argparse.Namespace) -> None:
    typed = _typed(options)
    if options.everywhere:
        typed = replace(typed, channels=frozenset())
    if options.no_bypass:
        typed = replace(typed, bypass_roles=frozenset())
    await _propose(room, options, await room.drafts.edit(room.guild_id, options.rule, typed), texts.EDITED)


async def _switch(room: Room, options: argparse.Namespace) -> None:
    on = options.work == "enable"
    plan = await room.drafts.edit(room.guild_id, options.rule, Typed(enabled=on))
    await _propose(room, options, replace(plan, reason=options.reason), texts.SWITCHED[on])


async def _remove(room: Room, options: argparse.Namespace) -> None:
    await _propose(room, options, Plan(removes=options.rule, reason=options.reason), texts.REMOVED)


async def _undo(room: Room, options: argparse.Namespace) -> None:
    await _propose(room, options, await room.drafts.undo(room.guild_id), texts.UNDONE)


async def _import(room: Room, options: argparse.Namespace) -> None:
    if (options.file is None) is not options.starter:
        raise InputError(texts.FILE_OR_STARTER)
    if options.file == Path(STARTER) and not options.file.exists():
        raise InputError(texts.STARTER_IS_NO_FILE.format(file=STARTER))
    entries = starter_set() if options.starter else read_file(read_bytes(options.file))
    found = await prepare(entries, Wishes(options.reason, options.on), room.engine)
    if found.problems and not options.skip_errors:
        raise InputError("\n".join([texts.IMPORT_STOPPED.format(count=len(found.problems)), *found.problems]))
    known = await room.rules()
    fresh = without_known(found.rules, known)
    if found.problems:
        print_lines(texts.IMPORT_LEFT_OUT.format(count=len(found.problems)), *found.problems)
    said = import_line(len(fresh), len(found.rules) - len(fresh), sleeping(found.rules, known), TERMINAL)
    if fresh:
        await _propose(room, options, Plan(fresh), said)
    else:
        print_lines(said)


async def _export(room: Room, options: argparse.Namespace) -> None:
    rules = await room.rules()
    written = export_words(rules) if options.words else export_all(rules)
    if options.file is None:
        sys.stdout.write(written)
        return
    write_bytes(options.file, written.encode())
    print_lines(texts.EXPORTED.format(count=counted(len(rules), "rule")))


WORKS: Mapping[str, Callable[[Room, argparse.Namespace], Awaitable[None]]] = {
    "list": _list, "show": _show, "test": _test, "history": _history,
    "add": _add, "edit": _edit, "enable": _switch, "disable": _switch, "remove": _remove, "undo": _undo,
    "import": _import, "export": _export,
}  # fmt: skip
"""By the subcommand's name."""


async def _propose(room: Room, options: argparse.Namespace, plan: Plan, done: str) -> None:
    """Carry a plan out; ask first if it would refuse much of what people search for, or takes a rule's place.

    Raises:
        InputError: if it would, and there is nobody to ask.
    """
    question = "" if options.yes else await room.drafts.question(room.guild_id, plan)
    if question:
        ask(question)
    outcome = await room.drafts.carry_out(room.guild_id, plan, OPERATOR)
    reached = await reach(outcome.rules, room.engine, TERMINAL)
    bans = any(rule.kind is RuleKind.PERSON and rule.enabled for rule in outcome.rules)
    unchecked = [moderators.BAN_UNCHECKED] if bans else []
    print_lines(done, *outcome.lines, *reached, *await cautions(outcome.rules, room.engine, TERMINAL), *unchecked)


def _typed(options: argparse.Namespace) -> Typed:
    return replace(
        _typed_examples(options),
        pattern=options.pattern,
        reason=options.reason,
        note=options.note,
        channels=None if options.channel is None else frozenset(options.channel),
        bypass_roles=None if options.bypass_role is None else frozenset(options.bypass_role),
        expires=options.expires,
    )


def _typed_examples(options: argparse.Namespace) -> Typed:
    return Typed(
        action=options.action,
        examples=None if options.example is None else ";".join(options.example),
        image=None if options.image is None else read_bytes(options.image),
        row=options.row,
        sensitivity=options.sensitivity,
    )
