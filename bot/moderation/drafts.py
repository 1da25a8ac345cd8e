"""From what a moderator typed to a checked rule, and from that to an edit of the database.

A draft becomes a `Plan`, which is carried out at once, or after a confirmation where it would refuse much of what
people ask (`trial.breadth`). Discord and the terminal share all of this.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from bot.database import DuplicateRule
from bot.moderation.entries import entry_line, undone_line
from bot.moderation.plans import Outcome, Plan
from bot.moderation.trial import RECENT, Breadth, after, breadth
from bot.moderation.wording import Style, removed_line, rule_line
from bot.texts import filters as texts
from search_core import RuleError, SettingsError, StoreError
from search_core.filters import Action, Concept, Rule, RuleKind

if TYPE_CHECKING:
    from bot.database import Actor, Database
    from search_core import SearchEngine

logger = logging.getLogger(__name__)

GetEngine: TypeAlias = "Callable[[], Awaitable[SearchEngine]]"
"""The terminal opens the engine only for what needs it."""

NEVER = "never"
MAX_DAYS = 3650
"""Ten years: longer than any rule should go without a second look."""

MAX_SENSITIVITY = 3.0
"""Beyond three standard deviations everything or nothing matches."""

MAX_EXAMPLES = 20
_SEPARATOR = ";"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a moderator typed; None is what was left out.

    Attributes:
        kind, pattern, action, reason, note: as in `Rule`.
        channels, bypass_roles: as in `Rule`.
        expires: a number of days, a date, or `never`.
        examples: a concept's examples in words, separated by `;`.
        image: a posted picture's bytes.
        row: a row of the collection.
        sensitivity: as in `Concept`.
        enabled: as in `Rule`.
    """

    kind: str | None = None
    pattern: str | None = None
    action: str | None = None
    reason: str | None = None
    note: str | None = None
    channels: frozenset[int] | None = None
    bypass_roles: frozenset[int] | None = None
    expires: str | None = None
    examples: str | None = None
    image: bytes | None = None
    row: int | None = None
    sensitivity: float | None = None
    enabled: bool | None = None

    @property
    def has_picture(self) -> bool:
        """Whether a picture goes with it."""
        return self.image is not None or self.row is not None

    @property
    def is_about_examples(self) -> bool:
        """Whether it says anything that only a concept has."""
        return self.examples is not None or self.sensitivity is not None


class Drafts:
    """Makes plans of what was typed, and carries them out.

    Args:
        database: where the rules are.
        engine: gives the engine that makes concepts and knows the collection.
        style: how a rule is named in an error.
    """

    def __init__(self, database: Database, engine: GetEngine, style: Style) -> None:
        self._database = database
        self._engine = engine
        self._style = style

    async def add(self, guild_id: int, typed: Typed) -> Plan:
        """Plan a new rule; one that says the same but does not hold any more makes room for it, if somebody says yes.

        Raises:
            RuleError: naming what cannot be used and what to write instead, or the rule that says the same already.
        """
        rule = await self.make(typed)
        if not rule.reason.strip():
            raise RuleError(texts.REASON_MISSING)
        twin = await self._twin_of(guild_id, rule)
        if twin is None:
            return Plan((rule,))
        if holds(twin) or not holds(rule):
            raise self._says_the_same(twin)
        return Plan((replace(rule, id=twin.id, version=twin.version),), asks=self._replacing(twin))

    async def make(self, typed: Typed) -> Rule:
        """Make a rule of what was typed, without asking why or whether there is one already. Raises what `add` does."""
        kind = _kind(typed)
        _check_parts(kind, typed)
        parts = {
            "reason": typed.reason or "",
            "note": typed.note or "",
            "channels": typed.channels or frozenset(),
            "bypass_roles": typed.bypass_roles or frozenset(),
            "expires": read_expiry(typed.expires),
            "enabled": typed.enabled is not False,
        }
        pattern = await self._pattern(kind, typed)
        concept = await self._concept(pattern, typed) if kind is RuleKind.CONCEPT else None
        return Rule.of(kind, pattern, typed.action or (Action.NOTE if typed.note else None), concept=concept, **parts)

    async def edit(self, guild_id: int, rule_id: int, typed: Typed) -> Plan:
        """Plan a change of a rule. Channels and roles replace those that were there. Raises what `add` does."""
        old = await self.find(guild_id, rule_id)
        _check_parts(old.kind, typed)
        changes = _changes(old, typed)
        if typed.pattern is not None or (old.kind is RuleKind.PICTURE and typed.has_picture):
            changes["pattern"] = await self._pattern(old.kind, typed)
        if old.concept is not None and (typed.is_about_examples or typed.has_picture):
            changes["concept"] = await self._reworked(old.concept, typed)
        rule = old.changed(**changes)
        if rule == old:
            raise RuleError(texts.UNCHANGED)
        twin = await self._twin_of(guild_id, rule)
        if twin is not None:
            raise self._says_the_same(twin)
        return Plan((rule,), typed.reason or "")

    async def undo(self, guild_id: int) -> Plan:
        """Plan to take the last change back.

        Raises:
            UndoError: if there is none.
        """
        return Plan(undoes=(await self._database.next_undo(guild_id))[0].id)

    async def find(self, guild_id: int, rule_id: int) -> Rule:
        """Find a rule by its number.

        Raises:
            RuleError: if there is none.
        """
        for rule in (await self._database.snapshot(guild_id)).rules:
            if rule.id == rule_id:
                return rule
        raise RuleError(texts.NO_SUCH_RULE.format(number=rule_id, list=self._style.listing))

    async def question(self, guild_id: int, plan: Plan) -> str:
        """Say what somebody must say yes to before a plan is carried out; empty where nothing need be asked."""
        parts = [plan.asks, await self._broad(guild_id, plan)]
        return "\n".join([*filter(None, parts), texts.DO_YOU_WANT_THAT]) if any(parts) else ""

    async def newly_banned(self, guild_id: int, plan: Plan) -> list[int]:
        """Say who would be banned once a plan is carried out, and is not now."""
        try:
            now = (await self._database.snapshot(guild_id)).rules
            then = await self._then(guild_id, plan, now)
        except StoreError:  # rules that cannot be read ban nobody: they let nobody in
            return []
        return sorted(_banned(then) - _banned(now))

    async def subjects(self, guild_id: int, plan: Plan) -> list[str]:
        """Say what a plan is about, a line for each rule or entry."""
        if plan.undoes:
            return [entry_line(entry, self._style) for entry in await self._database.next_undo(guild_id)]
        rules = [await self.find(guild_id, plan.removes)] if plan.removes else plan.rules
        return [rule_line(rule, self._style) for rule in rules]

    async def carry_out(self, guild_id: int, plan: Plan, actor: Actor) -> Outcome:
        """Write a plan into the database, all of it or nothing.

        Raises:
            RuleError, ConflictError: if somebody else was quicker.
        """
        if plan.undoes:
            (undone, *_) = await self._database.next_undo(guild_id)
            entries = await self._database.undo(guild_id, actor, plan.undoes)
            whose = [] if undone.actor == actor else [undone_line(undone, self._style)]
            return Outcome((), (*whose, *(entry_line(entry, self._style) for entry in entries)))
        if plan.removes:
            removed = await self._database.remove_rule(guild_id, plan.removes, actor, plan.reason)
            return Outcome((), (removed_line(plan.removes, removed, self._style),))
        try:
            written = await self._write(guild_id, plan, actor)
        except DuplicateRule as error:
            raise self._says_the_same(error.existing) from None
        numbers = ",".join(str(rule.id) for rule in written)
        logger.info("rules written ids=%s guild=%d user=%d via=%s", numbers, guild_id, actor.user_id, actor.via)
        return Outcome(written, tuple(rule_line(rule, self._style) for rule in written))

    async def _broad(self, guild_id: int, plan: Plan) -> str:
        """Say how much of what people search for a plan would refuse, if that is much or cannot be told."""
        try:
            found = await self._breadth(guild_id, plan)
        except SettingsError as error:  # a terminal may have no collection at hand
            return texts.UNMEASURED.format(why=error)
        broad = texts.BROAD.format(asked=found.asked, refused=found.refused, share=found.share)
        return broad if found.is_broad else ""

    async def _breadth(self, guild_id: int, plan: Plan) -> Breadth:
        """Count the last searches that a plan would refuse and that are answered now."""
        try:
            now = (await self._database.snapshot(guild_id)).rules
            then = await self._then(guild_id, plan, now)
        except StoreError:  # rules that cannot be read refuse everything, and the one that goes may be why
            return Breadth(0, 0)
        searches = await self._database.recent_searches(guild_id, RECENT)
        return await breadth(self._engine, now, then, searches)

    async def _then(self, guild_id: int, plan: Plan, now: tuple[Rule, ...]) -> tuple[Rule, ...]:
        """The rules as they would be once a plan is carried out."""
        if plan.undoes:
            return await self._database.rules_after_undo(guild_id, plan.undoes)
        return after((rule for rule in now if rule.id != plan.removes), plan.rules)

    async def _twin_of(self, guild_id: int, rule: Rule) -> Rule | None:
        rules = (await self._database.snapshot(guild_id)).rules
        return next((other for other in rules if other.key == rule.key and other.id != rule.id), None)

    async def _write(self, guild_id: int, plan: Plan, actor: Actor) -> tuple[Rule, ...]:
        if all(rule.id == 0 for rule in plan.rules):
            return await self._database.add_rules(guild_id, plan.rules, actor)
        (rule,) = plan.rules
        return (await self._database.edit_rule(guild_id, rule, actor, plan.reason),)

    def _says_the_same(self, existing: Rule) -> RuleError:
        words = texts.SAYS_THE_SAME.format(rule=rule_line(existing, self._style))
        return RuleError(words if holds(existing) else f"{words}\n{self._revival(existing)}")

    def _replacing(self, existing: Rule) -> str:
        words = texts.SLEEPS.format(rule=rule_line(existing, self._style))
        return f"{words}\n{self._revival(existing)}\n{texts.REPLACE_IT}"

    def _revival(self, rule: Rule) -> str:
        """Say how a rule that does not hold is made to hold again."""
        ways = [] if rule.enabled else [self._style.switching_on(rule.id)]
        ways += [self._style.prolonging(rule.id)] if _has_ended(rule) else []
        return texts.REVIVE.format(ways=texts.AND.join(ways))

    async def _pattern(self, kind: RuleKind, typed: Typed) -> str:
        if kind is RuleKind.PICTURE and typed.has_picture:
            return await self._sha256(typed)
        if not (typed.pattern or "").strip():
            raise RuleError(texts.PATTERN_MISSING)
        return str(typed.pattern)

    async def _sha256(self, typed: Typed) -> str:
        engine = await self._engine()
        if typed.row is not None:
            return (await engine.pictures([typed.row]))[0].sha256
        assert typed.image is not None
        sha256 = hashed(typed.image)
        if sha256 not in await engine.find([sha256]):
            raise RuleError(texts.NOT_IN_COLLECTION)
        return sha256

    async def _concept(self, name: str, typed: Typed) -> Concept:
        examples = split_examples(typed.examples or ("" if typed.has_picture else name))
        return await (await self._engine()).make_concept(
            texts=examples,
            images=() if typed.image is None else (typed.image,),
            rows=() if typed.row is None else (typed.row,),
            sensitivity=typed.sensitivity or 0.0,
        )

    async def _reworked(self, old: Concept, typed: Typed) -> Concept:
        """Make a concept anew: new words in place of the old ones, a new picture beside the old ones."""
        if len(old.vectors) > len(old.texts) + len(old.pictures):
            raise RuleError(texts.POSTED_EXAMPLE)
        engine = await self._engine()
        rows = list((await engine.find(old.pictures)).values())
        return await engine.make_concept(
            texts=old.texts if typed.examples is None else split_examples(typed.examples),
            images=() if typed.image is None else (typed.image,),
            rows=rows if typed.row is None else [*rows, typed.row],
            sensitivity=old.sensitivity if typed.sensitivity is None else typed.sensitivity,
        )


def split_examples(written: str) -> tuple[str, ...]:
    """Split a concept's examples at `;`.

    Raises:
        RuleError: if there are too many.
    """
    examples = tuple(filter(None, map(str.strip, written.split(_SEPARATOR))))
    if len(examples) > MAX_EXAMPLES:
        raise RuleError(texts.TOO_MANY_EXAMPLES.format(limit=MAX_EXAMPLES))
    return examples


def read_expiry(written: str | None, now: float | None = None) -> int | None:
    """Read when a rule ends, in seconds since 1970: after days from now, or with the end of a day in UTC.

    Raises:
        RuleError: if it is neither, or past.
    """
    if written is None or written.strip().lower() in ("", NEVER):
        return None
    now, text = time.time() if now is None else now, written.strip()
    try:
        if text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_DAYS:
            return int(now) + int(text) * 24 * 60 * 60
        ends = int((datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)).timestamp())
    except (ValueError, OverflowError):
        ends = 0
    if ends <= now:
        raise RuleError(texts.EXPIRY_WRONG.format(written=text[:40]))
    return ends


def hashed(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes in 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def holds(rule: Rule) -> bool:
    """Whether a rule holds anywhere, for anybody, now."""
    return rule.enabled and not _has_ended(rule)


def _banned(rules: Iterable[Rule]) -> set[int]:
    return {int(rule.pattern) for rule in rules if rule.kind is RuleKind.PERSON and holds(rule)}


def _has_ended(rule: Rule) -> bool:
    return rule.expires is not None and rule.expires <= time.time()


def _kind(typed: Typed) -> RuleKind:
    try:
        return RuleKind(typed.kind or "")
    except ValueError:
        raise RuleError(texts.KIND_WRONG.format(kinds=", ".join(RuleKind))) from None


def _check_parts(kind: RuleKind, typed: Typed) -> None:
    if typed.is_about_examples and kind is not RuleKind.CONCEPT:
        raise RuleError(texts.EXAMPLES_ONLY_FOR_CONCEPTS)
    if typed.has_picture and kind not in (RuleKind.CONCEPT, RuleKind.PICTURE):
        raise RuleError(texts.PICTURE_ONLY_FOR)
    if abs(typed.sensitivity or 0.0) > MAX_SENSITIVITY:
        raise RuleError(texts.SENSITIVITY_WRONG.format(limit=MAX_SENSITIVITY))


def _changes(old: Rule, typed: Typed) -> dict[str, Any]:
    named = {
        "reason": typed.reason,
        "note": typed.note,
        "channels": typed.channels,
        "bypass_roles": typed.bypass_roles,
        "enabled": typed.enabled,
    }
    changes: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if typed.expires is not None:
        changes["expires"] = read_expiry(typed.expires)
    action = typed.action or (Action.NOTE if typed.note else None)
    if action is not None:
        changes["action"] = Action(action)
        if old.note and action != Action.NOTE:
            changes["note"] = ""
    return changes
