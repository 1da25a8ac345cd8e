"""A rule, a match: each in a line, for Discord and for the terminal alike.

How the two differ (a channel is a mention here and a number there) is a `Style`, and nothing else.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.markdown import code_span, plain, shown
from bot.texts import filters as texts
from search_core.describe import counted
from search_core.filters import Rule, RuleKind

if TYPE_CHECKING:
    from bot.moderation.trial import Tried
    from search_core import Hit, Preview
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
        headed: puts a word or two before what is said of it.
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
    headed: Callable[[str, str], str]
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
    code_span, plain, "<#{}>".format, "<@&{}>".format, "<@{}>".format, _moment, texts.HEADED.format,
    texts.LISTING, texts.SHOWING.format, texts.SWITCHING_ON.format, texts.PROLONGING.format,
)  # fmt: skip
TERMINAL = Style(
    shown, shown, texts.CHANNEL_ID.format, texts.ROLE_ID.format, texts.USER_ID.format, _date,
    texts.TERMINAL_HEADED.format,
    texts.TERMINAL_LISTING, texts.TERMINAL_SHOWING.format,
    texts.TERMINAL_SWITCHING_ON.format, texts.TERMINAL_PROLONGING.format,
)  # fmt: skip


def rule_line(rule: Rule, style: Style = DISCORD, *, now: float | None = None) -> str:
    """Say a rule in a line: number, kind, pattern, action, and what limits it."""
    number = f"#{rule.id}" if rule.id else ""
    head = " ".join(filter(None, [number, rule.kind.value, _subject(rule, style)]))
    does = [] if rule.kind is RuleKind.ALLOW else [rule.action.value]
    return " · ".join([head, *does, *_limits(rule, style, time.time() if now is None else now)])


def _subject(rule: Rule, style: Style) -> str:
    """What a rule matches; a person by name where names are known."""
    if rule.kind is RuleKind.PERSON:
        return style.person(int(rule.pattern))
    return style.quoted(short_pattern(rule), MAX_PATTERN_SHOWN)


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
        numbers = named("#{}".format, (rule.id for rule in asleep))
        said.append(texts.IMPORT_ASLEEP.format(rules=numbers, listing=style.listing))
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
    passed = [f"- {texts.TEST_ELSEWHERE.format(rule=rule_line(rule, style))}" for rule in tried.elsewhere]
    return [f"{asked}: {_outcome(tried)}", *reasons, *passed]


def _outcome(tried: Tried) -> str:
    if tried.is_refused:
        return texts.TEST_REFUSED
    changes = list(_changes(tried))
    return texts.TEST_CHANGED.format(changes=_listed(changes)) if changes else texts.TEST_ANSWERED


def _changes(tried: Tried) -> Iterator[str]:
    """Say what rules would do to an answer, a phrase each."""
    if tried.hidden:
        yield texts.TEST_HIDDEN.format(pictures=counted(tried.hidden, "picture"))
    if tried.is_covered:
        yield texts.TEST_ALL_COVERED
    elif tried.covered:
        yield texts.TEST_COVERED.format(pictures=counted(tried.covered, "picture"))
    if tried.is_noted:
        yield texts.TEST_NOTED


def _listed(phrases: Sequence[str]) -> str:
    *others, last = phrases
    return texts.AND.join(filter(None, [", ".join(others), last]))


def recent_lines(tried: Sequence[Tried], draft: Rule | None = None, style: Style = DISCORD) -> list[str]:
    """Say what would happen to earlier searches: the sum, then each that something would happen to.

    Args:
        tried: the searches.
        draft: the rule that they are tried with; of one for some channels it is said where they are tried.
        style: how things are named.
    """
    if not tried:
        return [texts.TEST_RECENT_NONE]
    refused = [one for one in tried if one.inspection.refused]
    touched = [one for one in tried if one.is_touched]
    head = texts.TEST_RECENT_HEAD.format(
        asked=counted(len(tried), "search", "searches"),
        refused=sum(one.is_refused for one in tried),
        hidden=sum(one.hidden > 0 for one in touched),
        covered=sum(one.is_covered or one.covered > 0 for one in touched),
        noted=sum(one.is_noted for one in touched),
    )
    places = [texts.TEST_RECENT_PLACES] if draft is not None and draft.channels else []
    return [head, *places, *_kept_out(tried, style), *_grouped(refused, style), *_grouped(touched, style)]


def _kept_out(tried: Sequence[Tried], style: Style) -> Iterator[str]:
    """Say how many searches each ban would have kept from being made, and not which: who asked what is told nobody."""
    for rule, times in Counter(rule for one in tried for rule in one.bans).most_common():
        searches = counted(times, "search", "searches")
        yield f"- {texts.TEST_BANNED.format(rule=rule_line(rule, style), searches=searches)}"


def tried_with(rule: Rule, present: Iterable[Rule], style: Style = DISCORD) -> str:
    """Say which rule is tried, and whether it is in force as it is."""
    words = texts.TEST_IN_FORCE if rule in present else texts.TEST_DRAFT
    return words.format(rule=rule_line(rule, style))


def _grouped(tried: Sequence[Tried], style: Style) -> Iterator[str]:
    """Say what would happen to searches, those that say the same together, the most frequent first."""
    for (first, *rest), times in Counter(tuple(tried_lines(one, style)) for one in tried).most_common():
        yield from (first if times == 1 else texts.TEST_TIMES.format(line=first, times=times), *rest)


def _limits(rule: Rule, style: Style, now: float) -> list[str]:
    limits = [] if rule.enabled else [texts.OFF]
    if rule.channels:
        limits.append(texts.ONLY_IN.format(places=named(style.channel, rule.channels)))
    if rule.bypass_roles:
        limits.append(texts.NOT_FOR.format(roles=named(style.role, rule.bypass_roles)))
    if rule.expires is not None:
        words = texts.ENDED if rule.expires <= now else texts.ENDS
        limits.append(words.format(when=style.moment(rule.expires)))
    return limits


def named(name: Callable[[int], str], ids: Iterable[int]) -> str:
    """Name some channels or roles, and say how many more there are."""
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
