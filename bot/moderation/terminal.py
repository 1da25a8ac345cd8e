"""What `vignette filters` does. An operator at the terminal acts without a user id; the audit log says so."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.database import Actor, AuditEntry, Database
from bot.moderation.cautions import cautions, reach
from bot.moderation.drafts import Drafts, Typed
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
from bot.moderation.trial import (
    RECENT,
    Tried,
    after,
    inspect_picture,
    inspect_prompt,
    inspect_searches,
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
)
from bot.settings import load_database_url, load_variable
from bot.texts import filters as texts
from search_core import InputError, SettingsError
from search_core.describe import counted

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from search_core import SearchEngine
    from search_core.filters import Match, Rule

OPERATOR = Actor(0, "terminal")
HISTORY_READ = 1_000


@dataclass(slots=True)
class Room:
    """What the commands work with. The engine is opened when something first needs it."""

    database: Database
    guild_id: int
    index: Path | None
    stack: AsyncExitStack
    opened: SearchEngine | None = None

    async def engine(self) -> SearchEngine:
        """Open the engine, once.

        Raises:
            SettingsError: if nothing says where the index is.
        """
        if self.opened is None:
            index = self.index or load_variable(os.environ, "VIGNETTE_INDEX")
            if index is None:
                raise SettingsError(texts.NEEDS_INDEX)
            self.opened = await self.stack.enter_async_context(_engine(index))
        return self.opened

    @property
    def drafts(self) -> Drafts:
        """What turns wishes into rules."""
        return Drafts(self.database, self.engine, TERMINAL)

    async def rules(self) -> tuple[Rule, ...]:
        """Read the server's rules."""
        return (await self.database.snapshot(self.guild_id)).rules


@asynccontextmanager
async def room(options: argparse.Namespace) -> AsyncIterator[Room]:
    """Open the database for the server that is meant, and close everything again."""
    guild_id = options.guild or _only_guild()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(load_database_url(os.environ)))
        yield Room(database, guild_id, getattr(options, "index", None), stack)


def _engine(index: Path) -> SearchEngine:
    from search_core import SearchEngine

    model, device = (load_variable(os.environ, name) for name in ("VIGNETTE_MODEL", "VIGNETTE_DEVICE"))
    return SearchEngine.open(index, model, device or "auto")


def _only_guild() -> int:
    guilds = load_variable(os.environ, "VIGNETTE_GUILD_IDS") or frozenset()
    if len(guilds) != 1:
        raise SettingsError(texts.NAME_THE_GUILD)
    (guild_id,) = guilds
    return int(guild_id)


async def _list(room: Room, options: argparse.Namespace) -> None:
    rules = [rule for rule in await room.rules() if options.kind in (None, rule.kind.value)]
    if options.json:
        _print_json([_as_json(rule) for rule in rules])
    else:
        _print(*(rule_line(rule, TERMINAL) for rule in rules) if rules else [texts.NO_RULES_TERMINAL])


async def _show(room: Room, options: argparse.Namespace) -> None:
    rule = await room.drafts.find(room.guild_id, options.rule)
    _print(rule_sheet(rule, TERMINAL))
    if options.preview:
        await _preview(room, rule)


async def _preview(room: Room, rule: Rule) -> None:
    preview = await (await room.engine()).preview(replace(rule, enabled=True))
    _print(preview_line(preview))
    for hit in preview_hits(preview):
        _print(f"  row {hit.row}  {hit.score:+.3f}  {hit.metadata.get('title') or hit.metadata.get('file_name', '')}")


async def _test(room: Room, options: argparse.Namespace) -> None:
    draft, engine = await _draft(room, options), await room.engine()
    rules = after(await room.rules(), [] if draft is None else [draft])
    tried = [await inspect_prompt(engine, rules, prompt, options.channel_id) for prompt in options.prompt]
    if options.try_image is not None:
        tried.append(await inspect_picture(engine, rules, _read(options.try_image), options.channel_id))
    recent: tuple[Tried, ...] | None = None
    if options.recent or not tried:
        searches = await room.database.recent_searches(room.guild_id, RECENT)
        recent = await inspect_searches(engine, rules, searches)
    if options.json:
        _print_json({"tried": list(map(_tried_json, tried)), "recent": list(map(_tried_json, recent or ()))})
        return
    if draft is not None:
        _print(texts.TEST_DRAFT.format(rule=rule_line(draft, TERMINAL)))
    _print(*(line for one in tried for line in tried_lines(one, TERMINAL)))
    if recent is not None:
        _print(*recent_lines(recent, TERMINAL))


async def _draft(room: Room, options: argparse.Namespace) -> Rule | None:
    if options.rule is not None:
        return replace(await room.drafts.find(room.guild_id, options.rule), enabled=True)
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
        _print_json([_entry_json(entry) for entry in entries])
    else:
        _print(*(entry_line(entry, TERMINAL) for entry in entries) if entries else [texts.NO_HISTORY])


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
    await _propose(room, options, plan, texts.SWITCHED[on])


async def _remove(room: Room, options: argparse.Namespace) -> None:
    await _propose(room, options, Plan(removes=options.rule, reason=options.reason), texts.REMOVED)


async def _undo(room: Room, options: argparse.Namespace) -> None:
    await _propose(room, options, await room.drafts.undo(room.guild_id), texts.UNDONE)


async def _import(room: Room, options: argparse.Namespace) -> None:
    if (options.file is None) is not options.starter:
        raise InputError(texts.FILE_OR_STARTER)
    entries = starter_set() if options.starter else read_file(_read(options.file))
    found = await prepare(entries, Wishes(options.reason, options.on), room.engine)
    if found.problems and not options.skip_errors:
        raise InputError("\n".join([texts.IMPORT_STOPPED.format(count=len(found.problems)), *found.problems]))
    known = await room.rules()
    fresh = without_known(found.rules, known)
    if found.problems:
        _print(texts.IMPORT_LEFT_OUT.format(count=len(found.problems)), *found.problems)
    said = import_line(len(fresh), len(found.rules) - len(fresh), sleeping(found.rules, known), TERMINAL)
    if fresh:
        await _propose(room, options, Plan(fresh), said)
    else:
        _print(said)


async def _export(room: Room, options: argparse.Namespace) -> None:
    rules = await room.rules()
    written = export_words(rules) if options.words else export_all(rules)
    if options.file is None:
        sys.stdout.write(written)
        return
    try:
        options.file.write_text(written, "utf-8")
    except OSError as error:
        raise InputError(f"{options.file} cannot be written: {error.strerror}.") from None
    _print(texts.EXPORTED.format(count=counted(len(rules), "rule")))


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
        _ask(question)
    outcome = await room.drafts.carry_out(room.guild_id, plan, OPERATOR)
    reached = await reach(outcome.rules, room.engine, TERMINAL)
    _print(done, *outcome.lines, *reached, *await cautions(outcome.rules, room.engine, TERMINAL))


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise InputError(f"{question} {texts.SAY_YES}")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise InputError(texts.CANCELLED)


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
        image=None if options.image is None else _read(options.image),
        row=options.row,
        sensitivity=options.sensitivity,
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


def _as_json(rule: Rule) -> dict[str, Any]:
    """A rule without its concept's vectors, which nobody reads; `export` has them."""
    concept = None
    if rule.concept is not None:
        examples = len(rule.concept.vectors)
        concept = {"texts": rule.concept.texts, "examples": examples, "sensitivity": rule.concept.sensitivity}
    return {"id": rule.id, "version": rule.version, **rule.to_dict(), "concept": concept}


def _entry_json(entry: AuditEntry) -> dict[str, Any]:
    names = ("id", "at", "rule_id", "reason", "undoes")
    sides = {name: _slim(getattr(entry, name)) for name in ("before", "after")}
    who = {"user_id": entry.actor.user_id, "via": entry.actor.via, "action": str(entry.action)}
    return {name: getattr(entry, name) for name in names} | who | sides


def _slim(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None or not values.get("concept"):
        return None if values is None else dict(values)
    return {**values, "concept": {name: values["concept"].get(name) for name in ("texts", "sensitivity")}}


def _tried_json(tried: Tried) -> dict[str, Any]:
    found = tried.inspection
    matches = list(map(_match_json, found.matches))
    return {"prompt": tried.prompt, "refused": found.refused, "hidden": found.hidden, "matches": matches}


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "rule": match.rule.id, "kind": match.rule.kind.value, "pattern": match.rule.pattern,
        "action": match.rule.action.value, "stage": match.stage.value, "view": match.view.value,
        "matched": match.matched, "score": match.score, "threshold": match.threshold,
    }  # fmt: skip


def _print(*lines: str) -> None:
    for line in lines:
        print(line)


def _print_json(value: Iterable[Any] | Mapping[str, Any]) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
