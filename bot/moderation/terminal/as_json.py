"""What the terminal prints with `--json`: plain values of rules, audit entries, reports and trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.database import AuditEntry, Report
    from bot.moderation.trial import Tried
    from search_core.filters import Match, Rule


def rule_json(rule: Rule) -> dict[str, Any]:
    """A rule without its concept's vectors, which nobody reads; `export` has them."""
    concept = None
    if rule.concept is not None:
        examples = len(rule.concept.vectors)
        concept = {"texts": rule.concept.texts, "examples": examples, "sensitivity": rule.concept.sensitivity}
    return {"id": rule.id, "version": rule.version, **rule.to_dict(), "concept": concept}


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """An audit entry, without concepts' vectors."""
    names = ("id", "at", "rule_id", "reason", "undoes")
    sides = {name: _slim(getattr(entry, name)) for name in ("before", "after")}
    who = {"user_id": entry.actor.user_id, "via": entry.actor.via, "action": str(entry.action)}
    return {name: getattr(entry, name) for name in names} | who | sides


def _slim(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None or not values.get("concept"):
        return None if values is None else dict(values)
    return {**values, "concept": {name: values["concept"].get(name) for name in ("texts", "sensitivity")}}


def tried_json(tried: Tried) -> dict[str, Any]:
    """What would happen to a search, and why."""
    return {
        "prompt": tried.prompt, "refused": tried.is_refused, "hidden": tried.hidden, "covered": tried.covered,
        "noted": tried.is_noted, "matches": list(map(_match_json, tried.inspection.matches)),
        "bans": [rule.id for rule in tried.bans], "elsewhere": [rule.id for rule in tried.elsewhere],
    }  # fmt: skip


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "rule": match.rule.id, "kind": match.rule.kind.value, "pattern": match.rule.pattern,
        "action": match.rule.action.value, "stage": match.stage.value, "view": match.view.value,
        "matched": match.matched, "score": match.score, "threshold": match.threshold,
    }  # fmt: skip


def report_json(report: Report) -> dict[str, Any]:
    """A report, as the database has it."""
    return asdict(report)
