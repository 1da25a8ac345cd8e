"""An entry of the audit log in a line: when, who, what, and why; for Discord and for the terminal alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.moderation.settings_wording import settings_difference
from bot.moderation.wording import DISCORD, MAX_PATTERN_SHOWN, MAX_REASON_SHOWN, Style, named, rule_line
from bot.texts import filters as texts
from search_core import RuleError
from search_core.filters import Rule

if TYPE_CHECKING:
    from bot.database import AuditEntry


def entry_line(entry: AuditEntry, style: Style = DISCORD) -> str:
    """Say an audit entry in a line: when, who, what, to which rule, why."""
    who = _who(entry, style)
    # No full stop after the number: at the start of a line Discord would make a list of it, and count on from there.
    parts = [f"{entry.id} · {style.moment(entry.at)}", who, _deed(entry, style)]
    parts += [texts.UNDID.format(entry=entry.undoes)] if entry.undoes else []
    parts += [style.prose(entry.reason, MAX_REASON_SHOWN)] if entry.reason and not _is_the_rules_own(entry) else []
    return " · ".join([*parts[:3], *filter(None, [_rule_of(entry, style), _difference(entry, style)]), *parts[3:]])


def undone_line(entry: AuditEntry, style: Style = DISCORD) -> str:
    """Say whose change was taken back, and when it was made."""
    who = _who(entry, style)
    who = texts.TERMINAL_OPERATOR if who == texts.VIA_TERMINAL else who
    return texts.UNDONE_OF.format(who=who, when=style.moment(entry.at))


def _who(entry: AuditEntry, style: Style) -> str:
    who = style.person(entry.actor.user_id) if entry.actor.user_id else ""
    if not who and entry.actor.via == "discord":
        who = texts.NOBODY
    return " ".join(filter(None, [who, texts.VIA_TERMINAL if entry.actor.via == "terminal" else ""]))


def _deed(entry: AuditEntry, style: Style) -> str:
    if entry.action == "report.resolve" and entry.after is not None:
        decision = texts.DECIDED.get(str(entry.after.get("state")), "")
        title = entry.after.get("title")
        named = "" if title is None else f": {style.quoted(str(title), MAX_PATTERN_SHOWN)}"
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
    """Say which parts of a rule or of the settings an edit changed, and what they were."""
    if entry.action == "settings.change":
        return settings_difference(entry.before, entry.after, style)
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
        return texts.WERE[name].format(value=_limitnamed(name, value, style))
    return texts.WAS.format(name=name, value=style.quoted(str(value), MAX_PATTERN_SHOWN))


def _limitnamed(name: str, value: Any, style: Style) -> str:
    if name == "expires":
        return style.moment(value)
    return named(style.channel if name == "channels" else style.role, value)
