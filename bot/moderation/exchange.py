"""Rules out and in: an export with everything, a plain list of words, a text file, the starter set.

Reading makes `Found`: rules that can be added, and what cannot be used, each with its place. A concept comes with its
vectors where another Vignette exported it, or with nothing but its examples; what does not fit the model that serves
now is made anew when it is added.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bot.moderation.drafts import holds, split_examples
from bot.moderation.wording import LATEST
from bot.texts import filters as texts
from search_core import InputError, RuleError
from search_core.filters import Concept, Rule, RuleKind

if TYPE_CHECKING:
    from bot.moderation.drafts import GetEngine

FORMAT = "vignette-filters"
VERSION = 1

MAX_BYTES = 8 * 1024 * 1024
"""Thousands of rules with vectors; Discord takes files of 10 MB."""

MAX_RULES = 5_000
MAX_PROBLEMS = 200
"""A picture renamed to .txt has a problem in every line; nobody reads the thousandth."""

_ALLOW = ("+", "allow:")
_COMMENT = "#"


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule as it was found, not checked against the model yet.

    Attributes:
        values: as `Rule.to_dict` writes them; for a concept, `texts` may stand in place of `concept`.
        place: where it stood: a line's number, or a rule's name in the file.
    """

    values: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class Found:
    """What an import holds.

    Attributes:
        rules: what can be added.
        problems: what cannot, a sentence each, with its place.
        remarks: what else a moderator should know.
    """

    rules: tuple[Rule, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of an import.

    Attributes:
        reason: for rules that bring none.
        enabled: whether the rules hold; None leaves that to each of them.
    """

    reason: str = ""
    enabled: bool | None = None


@dataclass(slots=True)
class _Collected:
    rules: list[Rule] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def export_all(rules: Iterable[Rule]) -> str:
    """Write all rules with everything that belongs to them as JSON."""
    written = [rule.to_dict() for rule in rules]
    return json.dumps({"format": FORMAT, "version": VERSION, "rules": written}, indent=1, ensure_ascii=False) + "\n"


def export_words(rules: Iterable[Rule]) -> str:
    """Write the word and allow rules as a text file that `read_lines` reads."""
    marks = {RuleKind.WORD: "", RuleKind.ALLOW: "+"}
    return "".join(f"{marks[rule.kind]}{rule.pattern}\n" for rule in rules if rule.kind in marks)


def read_file(data: bytes) -> list[Entry]:
    """Read an export or a text file, whichever it is.

    Raises:
        RuleError: if it is neither, or too big.
    """
    if len(data) > MAX_BYTES:
        raise RuleError(texts.FILE_TOO_BIG.format(limit=MAX_BYTES / 1024 / 1024))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RuleError(texts.FILE_NOT_TEXT) from None
    entries = list(_exported(text) if _is_json(text) else _lines(text))
    if not entries:
        raise RuleError(texts.IMPORT_NOTHING)
    if len(entries) > MAX_RULES:
        raise RuleError(texts.TOO_MANY_RULES.format(limit=MAX_RULES))
    return entries


def starter_set() -> list[Entry]:
    """Take the rules that ship with Vignette. They are off until somebody switches them on."""
    from search_core.filters.starter import starter_rules

    return [Entry({"enabled": False, **values}, str(values["pattern"])) for values in starter_rules()]


async def prepare(entries: Sequence[Entry], wishes: Wishes, engine: GetEngine) -> Found:
    """Make rules of entries, concepts for the model that serves now. What cannot be used is listed with its place.

    Raises:
        RuleError: if none of them says why it is there, and no reason is given for them.
    """
    if not any(_reason(entry, wishes).strip() for entry in entries):
        raise RuleError(texts.IMPORT_REASON_MISSING)
    collected = _Collected()
    for entry in entries:
        try:
            collected.rules.append(await _rule(entry, wishes, engine))
        except InputError as error:
            collected.problems.append(texts.IMPORT_PROBLEM.format(place=entry.place, message=error))
            if len(collected.problems) >= MAX_PROBLEMS:
                break
    return Found(tuple(collected.rules), tuple(collected.problems))


def without_known(rules: Iterable[Rule], known: Iterable[Rule]) -> tuple[Rule, ...]:
    """Leave out what is there already, and what comes twice."""
    keys = {rule.key for rule in known}
    fresh: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        if rule.key not in keys:
            fresh.setdefault(rule.key, rule)
    return tuple(fresh.values())


def sleeping(rules: Iterable[Rule], known: Iterable[Rule]) -> list[Rule]:
    """Name the rules that are there already and do not hold, though what was to be taken over would."""
    keys = {rule.key for rule in rules if holds(rule)}
    return [rule for rule in known if rule.key in keys and not holds(rule)]


def _is_json(text: str) -> bool:
    """Whether a file is meant as JSON, an export or not: no line of it is a word that somebody listed."""
    if text.lstrip().startswith(("{", "[")):
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _exported(text: str) -> Iterator[Entry]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise RuleError(texts.FILE_NOT_JSON.format(problem=texts.NOT_JSON)) from None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise RuleError(texts.FILE_NOT_JSON.format(problem=texts.NO_FORMAT.format(format=FORMAT)))
    if values.get("version") != VERSION:
        raise RuleError(texts.FILE_NOT_JSON.format(problem=texts.OTHER_VERSION))
    if not isinstance(values.get("rules"), list):
        raise RuleError(texts.FILE_NOT_JSON.format(problem=texts.NO_LIST))
    for number, each in enumerate(values["rules"], start=1):
        yield Entry(each if isinstance(each, dict) else {}, texts.RULE_PLACE.format(number=number))


def _lines(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if not written or written.startswith(_COMMENT):
            continue
        kind = RuleKind.WORD
        for mark in _ALLOW:
            if written.lower().startswith(mark):
                kind, written = RuleKind.ALLOW, written[len(mark) :].strip()
                break
        yield Entry({"kind": kind.value, "pattern": written}, texts.LINE_PLACE.format(number=number))


async def _rule(entry: Entry, wishes: Wishes, engine: GetEngine) -> Rule:
    values = dict(entry.values)
    values["reason"] = _reason(entry, wishes)
    if not values["reason"].strip():
        raise RuleError(texts.REASON_MISSING)
    if wishes.enabled is not None:
        values["enabled"] = wishes.enabled
    _check_expiry(values.get("expires"))
    if values.get("kind") != RuleKind.CONCEPT:
        return Rule.from_dict(values)
    if isinstance(values.get("concept"), dict):
        rule = Rule.from_dict(values)
        assert rule.concept is not None
        return replace(rule, concept=await _fitting(rule.concept, engine))
    examples = split_examples(";".join(map(str, values.get("texts") or (values.get("pattern", ""),))))
    made = await (await engine()).make_concept(texts=examples, sensitivity=float(values.get("sensitivity") or 0.0))
    return Rule.from_dict({**values, "concept": made.to_dict()})


def _reason(entry: Entry, wishes: Wishes) -> str:
    return str(entry.values.get("reason") or wishes.reason)


def _check_expiry(expires: object) -> None:
    """Refuse an end that is no second of the years 1970 to 9999."""
    if expires is None:
        return
    if isinstance(expires, bool) or not isinstance(expires, int) or not 0 <= expires <= LATEST:
        raise RuleError(texts.EXPIRY_OUT_OF_RANGE)


async def _fitting(concept: Concept, engine: GetEngine) -> Concept:
    """Make a concept anew if it was made for another model, or on another collection."""
    opened = await engine()
    return concept if concept.weights == opened.manifest.encoder.space else await opened.refresh_concept(concept)
