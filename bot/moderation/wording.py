"""A rule, an audit entry, a match: each in a line, for Discord and for the terminal alike.

How the two differ (a channel is a mention here and a number there) is a `Style`, and nothing else.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.markdown import code_span, plain, shown
from bot.texts import filters as texts
from search_core import RuleError
from search_core.describe import counted
from search_core.filters import Rule, RuleKind

if TYPE_CHECKING:
    from bot.database import AuditEntry
    from bot.moderation.trial import Tried
    from search_core import Hit, Inspection, Preview
    from search_core.filters import Match

MAX_PATTERN_SHOWN = 60
MAX_REASON_SHOWN = 100
"""A line of a list stays under 200 characters, so that ten of them fit into a message."""

MAX_CHOICE = 100
"""Discord's limit for the name of a choice."""

LATEST = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970: Python has no date after it."""

MAX_PLACES = 3
SHA_SHOWN = 12
"""Twelve hexadecimal digits tell the pictures of any collection apart."""


@dataclass(frozen=True, slots=True)
class Style:
    """How things are named where the line is read.

    Attributes:
        quoted: shows what a moderator wrote so that it does nothing.
        prose: the same for whole sentences.
        channel, role, person: name one by its id.
        moment: names a time in seconds since 1970.
        listing: how one sees the rules.
        showing: how one sees a rule and what falls under it, by its number.
        switching_on, prolonging: how one switches a rule on, or takes its end away, by its number.
    """

    quoted: Callable[[str, int], str]
    prose: Callable[[str, int], str]
    channel: Callable[[int], str]
    role: Callable[[int], str]
    person: Callable[[int], str]
    moment: Callable[[int], str]
    listing: str
    showing: Callable[[int], str]
    switching_on: Callable[[int], str]
    prolonging: Callable[[int], str]


def _moment(moment: int) -> str:
    return f"<t:{moment}:f>" if moment <= LATEST else texts.FAR_FUTURE


def _date(moment: int) -> str:
    if moment > LATEST:
        return texts.FAR_FUTURE
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=max(moment, 0))).strftime("%Y-%m-%d %H:%M UTC")


DISCORD = Style(
    code_span, plain, "<#{}>".format, "<@&{}>".format, "<@{}>".format, _moment,
    texts.LISTING, texts.SHOWING.format, texts.SWITCHING_ON.format, texts.PROLONGING.format,
)  # fmt: skip
TERMINAL = Style(
    shown, shown, texts.CHANNEL_ID.format, texts.ROLE_ID.format, texts.USER_ID.format, _date,
    texts.TERMINAL_LISTING, texts.TERMINAL_SHOWING.format,
    texts.TERMINAL_SWITCHING_ON.format, texts.TERMINAL_PROLONGING.format,
)  # fmt: skip


def rule_line(rule: Rule, style: Style = DISCORD, *, now: float | None = None) -> str:
    """Say a rule in a line: number, kind, pattern, action, and what limits it."""
    number = f"#{rule.id}" if rule.id else ""
    head = " ".join(filter(None, [number, rule.kind.value, style.quoted(short_pattern(rule), MAX_PATTERN_SHOWN)]))
    return " · ".join([head, rule.action.value, *_limits(rule, style, time.time() if now is None else now)])


def removed_line(number: int, rule: Rule | None, style: Style = DISCORD) -> str:
    """Say what was removed; None stands for a rule that could not be read."""
    return f"#{number}" if rule is None else rule_line(rule, style)


def choice_name(rule: Rule) -> str:
    """Name a rule among the choices of a completion."""
    return shown(rule_line(rule, TERMINAL), MAX_CHOICE)


def rule_sheet(rule: Rule, style: Style = DISCORD) -> str:
    """Tell everything about a rule, a line each."""
    lines = [rule_line(rule, style), f"{texts.KINDS[rule.kind]}; {texts.ACTIONS.get(rule.action, rule.action.value)}"]
    lines += [style.prose(rule.reason or texts.NO_REASON, len(rule.reason) + 20)]
    lines += [texts.HAS_NOTE.format(note=style.prose(rule.note, len(rule.note)))] if rule.note else []
    lines += _concept_lines(rule, style)
    if rule.kind is RuleKind.PICTURE:
        lines.append(f"SHA-256 {rule.pattern}")
    return "\n".join(lines)


def entry_line(entry: AuditEntry, style: Style = DISCORD) -> str:
    """Say an audit entry in a line: when, who, what, to which rule, why."""
    who = style.person(entry.actor.user_id) if entry.actor.user_id else ""
    if not who and entry.actor.via == "discord":
        who = texts.NOBODY
    who = " ".join(filter(None, [who, texts.VIA_TERMINAL if entry.actor.via == "terminal" else ""]))
    # No full stop after the number: at the start of a line Discord would make a list of it, and count on from there.
    parts = [f"{entry.id} · {style.moment(entry.at)}", who, _deed(entry)]
    parts += [texts.UNDID.format(entry=entry.undoes)] if entry.undoes else []
    parts += [style.prose(entry.reason, MAX_REASON_SHOWN)] if entry.reason and not _is_the_rules_own(entry) else []
    return " · ".join([*parts[:3], *filter(None, [_rule_of(entry, style), _difference(entry, style)]), *parts[3:]])


def match_line(match: Match, style: Style = DISCORD) -> str:
    """Say why a rule matched: where, in which view, on what or by how much."""
    view, stage = texts.VIEWS.get(match.view, match.view), texts.STAGES.get(match.stage, match.stage)
    line = texts.TEST_MATCH.format(rule=rule_line(match.rule, style), stage=stage, view=view)
    if match.matched:
        return texts.TEST_MATCHED.format(match=line, matched=style.quoted(match.matched, MAX_PATTERN_SHOWN))
    if match.score is not None and match.threshold is not None:
        return texts.TEST_SCORE.format(match=line, score=match.score, threshold=match.threshold)
    return line


def short_pattern(rule: Rule) -> str:
    """Say what a rule matches, a file's SHA-256 cut short."""
    return rule.pattern[:SHA_SHOWN] if rule.kind is RuleKind.PICTURE else rule.pattern


def bullets(lines: Iterable[str], limit: int) -> str:
    """Join lines while they fit into so many characters, and say how many are left out."""
    lines, room = list(lines), limit - len(texts.MORE_LEFT) - 5
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*kept, texts.MORE_LEFT.format(count=len(lines) - len(kept))])
        kept.append(line)
    return "\n".join(kept)


def import_line(added: int, skipped: int, asleep: Sequence[Rule] = (), style: Style = DISCORD) -> str:
    """Say how many rules were taken over, how many were there already, and which of those do not hold."""
    said = [texts.IMPORTED.format(added=counted(added, "rule"))]
    said += [texts.IMPORT_KNOWN.format(skipped=counted(skipped, "rule"))] if skipped else []
    if asleep:
        named = _named("#{}".format, (rule.id for rule in asleep))
        said.append(texts.IMPORT_ASLEEP.format(rules=named, listing=style.listing))
    return " ".join(said)


def preview_line(preview: Preview) -> str:
    """Say how much of the collection would fall under a rule."""
    said = _reach(preview)
    if not preview.worst:
        return said
    return f"{said} {texts.PREVIEW_SHOWS if preview.borderline else texts.PREVIEW_SHOWS_CLEAR}"


def reach_line(rule: Rule, preview: Preview, style: Style) -> str:
    """Say the same of a rule that has just been written, and how one sees the pictures."""
    said = _reach(preview)
    return texts.PREVIEW_SEE.format(said=said, showing=style.showing(rule.id)) if preview.count else said


def _reach(preview: Preview) -> str:
    if not preview.count:
        return texts.PREVIEW_NOTHING
    words = texts.PREVIEW_COUNT if preview.exact else texts.PREVIEW_ESTIMATE
    return words.format(pictures=counted(preview.count, "picture"), share=preview.share)


def preview_hits(preview: Preview) -> list[Hit]:
    """The pictures of a preview, each once: the clearest, then those near the line."""
    return list({hit.row: hit for hit in (*preview.worst, *preview.borderline)}.values())


def tried_lines(tried: Tried, style: Style = DISCORD) -> list[str]:
    """Say what would happen to one search, and why."""
    found = tried.inspection
    asked = texts.PICTURE_ASKED if tried.prompt is None else style.quoted(tried.prompt, MAX_REASON_SHOWN)
    reasons = [f"- {match_line(match, style)}" for match in found.matches] or [f"- {texts.TEST_NO_MATCH}"]
    return [f"{asked}: {_outcome(found)}", *reasons]


def _outcome(found: Inspection) -> str:
    if found.refused:
        return texts.TEST_REFUSED
    return texts.TEST_HIDDEN.format(pictures=counted(found.hidden, "picture")) if found.hidden else texts.TEST_ANSWERED


def recent_lines(tried: Sequence[Tried], style: Style = DISCORD) -> list[str]:
    """Say what would happen to earlier searches: the sum, then each that something would happen to."""
    if not tried:
        return [texts.TEST_RECENT_NONE]
    refused = [one for one in tried if one.inspection.refused]
    touched = [one for one in tried if one.is_touched]
    head = texts.TEST_RECENT_HEAD.format(asked=len(tried), refused=len(refused), touched=len(touched))
    return [head, *_grouped(refused, style), *_grouped(touched, style)]


def _grouped(tried: Sequence[Tried], style: Style) -> Iterator[str]:
    """Say what would happen to searches, those that say the same together, the most frequent first."""
    for (first, *rest), times in Counter(tuple(tried_lines(one, style)) for one in tried).most_common():
        yield from (first if times == 1 else texts.TEST_TIMES.format(line=first, times=times), *rest)


def _limits(rule: Rule, style: Style, now: float) -> list[str]:
    limits = [] if rule.enabled else [texts.OFF]
    if rule.channels:
        limits.append(texts.ONLY_IN.format(places=_named(style.channel, rule.channels)))
    if rule.bypass_roles:
        limits.append(texts.NOT_FOR.format(roles=_named(style.role, rule.bypass_roles)))
    if rule.expires is not None:
        words = texts.ENDED if rule.expires <= now else texts.ENDS
        limits.append(words.format(when=style.moment(rule.expires)))
    return limits


def _named(name: Callable[[int], str], ids: Iterable[int]) -> str:
    ids = sorted(ids)
    rest = [f"+{len(ids) - MAX_PLACES}"] if len(ids) > MAX_PLACES else []
    return ", ".join([*map(name, ids[:MAX_PLACES]), *rest])


def _concept_lines(rule: Rule, style: Style) -> list[str]:
    if rule.concept is None:
        return []
    pictures = len(rule.concept.vectors) - len(rule.concept.texts)
    lines = [texts.HAS_EXAMPLE.format(example=style.quoted(text, 200)) for text in rule.concept.texts]
    lines += [texts.HAS_PICTURES.format(pictures=counted(pictures, "picture"))] if pictures else []
    return [*lines, texts.HAS_SENSITIVITY.format(sensitivity=rule.concept.sensitivity)]


def _deed(entry: AuditEntry) -> str:
    if entry.action == "report.resolve" and entry.after is not None:
        decision = texts.DECIDED.get(str(entry.after.get("state")), "")
        title = entry.after.get("title")
        named = "" if title is None else f": {code_span(str(title), MAX_PATTERN_SHOWN)}"
        return texts.DECIDED_REPORT.format(report=entry.after.get("report"), decision=decision) + named
    return texts.CHANGED.get(str(entry.action), str(entry.action))


def _is_the_rules_own(entry: AuditEntry) -> bool:
    """Whether an edit's reason is only the one that the rule had before: nobody gave one for the edit."""
    return bool(entry.before and entry.after) and entry.reason == (entry.before or {}).get("reason")


def _rule_of(entry: AuditEntry, style: Style) -> str:
    values = entry.after or entry.before
    if entry.rule_id is None or values is None:
        return ""
    try:
        return rule_line(Rule.from_dict(values, entry.rule_id), style)
    except RuleError:  # written by another release
        return f"#{entry.rule_id}"


def _difference(entry: AuditEntry, style: Style) -> str:
    """Say which parts of a rule an edit changed, and what they were."""
    if entry.rule_id is None or entry.before is None or entry.after is None:
        return ""
    names = [name for name in entry.after if name != "version" and entry.before.get(name) != entry.after[name]]
    return ", ".join(_was(name, entry.before, style) for name in names)


def _was(name: str, before: Mapping[str, Any], style: Style) -> str:
    value = before.get(name)
    if name in {"concept", "reason"}:
        return texts.ANOTHER.format(name=name)
    if name == "enabled":
        return texts.WAS_ENABLED[bool(value)]
    if not value and name in texts.WAS_NOTHING:
        return texts.WAS_NOTHING[name]
    if name in texts.WERE:
        return texts.WERE[name].format(value=_limit_named(name, value, style))
    return texts.WAS.format(name=name, value=style.quoted(str(value), MAX_PATTERN_SHOWN))


def _limit_named(name: str, value: Any, style: Style) -> str:
    if name == "expires":
        return style.moment(value)
    return _named(style.channel if name == "channels" else style.role, value)
