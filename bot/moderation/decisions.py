"""Decisions on reports: a moderator, in Discord or at the terminal, decides on each, once.

The database is the truth: a report stays open until a decision is written there, together with the rules that carry
it out. What Discord shows of it (`cards`) comes afterwards and may fail without loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.database import Actor, ConflictError, Report, ReportState
from bot.texts import moderation as texts
from search_core import QueryError
from search_core.filters import Action, Rule, RuleKind
from search_core.filters.rules import MAX_REASON

if TYPE_CHECKING:
    from bot.database import Database
    from bot.moderation.drafts import GetEngine

MAX_OPEN = 500
"""Open reports that are looked through; with more, the newest of these come first."""

OUTCOMES = {
    "hide": ReportState.HIDDEN,
    "block": ReportState.BLOCKED,
    "dismiss": ReportState.DISMISSED,
    "ban": ReportState.BANNED,
}
"""What can be decided, by what a card's buttons and the terminal call it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a report.

    Attributes:
        report: as it is now.
        first: whether it was this decision that counted; else somebody had decided before.
    """

    report: Report
    first: bool


class Decisions:
    """Finds open reports and decides on them.

    Args:
        database: keeps the reports.
        engine: gives the engine that knows the pictures; asked only for what needs it.
    """

    def __init__(self, database: Database, engine: GetEngine) -> None:
        self._database = database
        self._engine = engine

    async def waiting(self, guild_id: int) -> list[Report]:
        """Read the open reports, oldest first."""
        newest_first = await self._database.recent_reports(guild_id, state=ReportState.OPEN, limit=MAX_OPEN)
        return newest_first[::-1]

    async def open_after(self, guild_id: int, report_id: int) -> Report | None:
        """Find the oldest open report after one; after 0, the oldest of all."""
        return next((each for each in await self.waiting(guild_id) if each.id > report_id), None)

    async def find(self, guild_id: int, report_id: int) -> Report:
        """Find a report, decided or not.

        Raises:
            QueryError: if there is none of that number.
        """
        report = await self._database.find_report(guild_id, report_id)
        if report is None:
            raise QueryError(texts.REPORT_UNKNOWN)
        return report

    async def decide(self, guild_id: int, report_id: int, outcome: ReportState, actor: Actor) -> Decision:
        """Decide on a report, once.

        Raises:
            QueryError: if there is no such report, or the decision cannot be carried out; it stays open.
            ConflictError: if rules were changed at the same moment; it stays open.
        """
        report = await self.find(guild_id, report_id)
        if report.state is not ReportState.OPEN:
            return Decision(report, first=False)
        rules = await self._rules(report, outcome)
        first = await self._database.resolve_report(guild_id, report.id, outcome, actor, rules)
        decided = await self.find(guild_id, report_id)
        if decided.state is ReportState.OPEN:
            raise ConflictError(texts.CHANGED_MEANWHILE)
        return Decision(decided, first)

    async def _rules(self, report: Report, outcome: ReportState) -> list[Rule]:
        """The rules that carry a decision out."""
        reason = texts.REPORT_REASON.format(id=report.id, reason=report.reason)[:MAX_REASON]
        if outcome is ReportState.BANNED:
            if not report.asker_id:
                raise QueryError(texts.REPORT_ASKER_GONE)
            return [Rule.of(RuleKind.PERSON, str(report.asker_id), reason=reason)]
        hide = Rule.of(RuleKind.PICTURE, report.sha256, Action.HIDE, reason=reason)
        if outcome is ReportState.HIDDEN:
            return [hide]
        return [hide, await self._similar(report, reason)] if outcome is ReportState.BLOCKED else []

    async def _similar(self, report: Report, reason: str) -> Rule:
        engine = await self._engine()
        row = (await engine.find([report.sha256])).get(report.sha256)
        if row is None:
            raise QueryError(texts.REPORT_GONE)
        concept = await engine.make_concept(rows=(row,))
        name = texts.SIMILAR_TO.format(title=report.title, sha256=report.sha256[:12])
        return Rule.of(RuleKind.CONCEPT, name, Action.HIDE, reason=reason, concept=concept)
