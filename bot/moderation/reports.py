"""Reports: somebody holds a picture up to the moderators, and one of them decides, once.

The database is the truth: a report stays open until a decision is written there, together with the rules that carry
it out. What Discord shows of it (`cards`) comes afterwards and may fail without loss.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import texts
from bot.access import TooFastError
from bot.database import Actor, ConflictError, Report, ReportState
from bot.gallery import title_of
from bot.texts import moderation as moderators
from search_core import QueryError
from search_core.filters import Action, Rule, RuleKind
from search_core.filters.rules import MAX_REASON

if TYPE_CHECKING:
    from bot.access import Standing
    from bot.database import Database
    from bot.desk import Desk
    from search_core import SearchEngine

MAX_REPORTS = 5
"""Reports of one person within `WINDOW_SECONDS`: each is a card that a moderator must read."""

WINDOW_SECONDS = 600

MAX_OPEN = 500
"""Open reports that are looked through; with more, the newest of these come first."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture was seen: the channel or thread, and the message if everybody there sees it."""

    channel_id: int
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a report.

    Attributes:
        report: as it is now.
        first: whether it was this decision that counted; else somebody had decided before.
    """

    report: Report
    first: bool


class Reports:
    """Takes reports and decides on them.

    Args:
        engine: knows the pictures.
        database: keeps the reports.
        desk: says what the reporter may see.
    """

    def __init__(self, engine: SearchEngine, database: Database, desk: Desk) -> None:
        self._engine = engine
        self._database = database
        self._desk = desk
        self._taking = asyncio.Lock()

    async def take(self, standing: Standing, search_id: str, row: int, place: Place, reason: str) -> Report:
        """Take a report on one of the results of a search.

        Raises:
            TooFastError: if the person reported too often, by the database's memory.
            QueryError: if the person has reported that picture already, and nobody has decided.
            StaleError, RefusedError: if the picture cannot be told or shown any more.
        """
        search = await self._desk.saved(search_id)
        seen = await self._desk.look_at(standing, row, search.generation)
        report = Report(
            guild_id=standing.visitor.guild_id,
            reporter_id=standing.visitor.user_id,
            channel_id=place.channel_id,
            message_id=place.message_id,
            search_id=search.id,
            asker_id=search.user_id,
            sha256=seen.picture.sha256,
            generation=search.generation,
            row=row,
            title=title_of(seen.picture.metadata, seen.picture.file_name),
            prompt=search.asked,
            reason=reason,
        )
        async with self._taking:  # two forms sent at once are still two reports
            await self._check_rate(report)
            return await self._database.open_report(report)

    async def open_after(self, guild_id: int, report_id: int) -> Report | None:
        """Find the oldest open report after one; after 0, the oldest of all."""
        still_open = await self._database.recent_reports(guild_id, state=ReportState.OPEN, limit=MAX_OPEN)
        return min((each for each in still_open if each.id > report_id), key=lambda each: each.id, default=None)

    async def decide(self, standing: Standing, report_id: int, outcome: ReportState) -> Decision:
        """Decide on a report, once.

        Raises:
            QueryError: if there is no such report, or the decision cannot be carried out; it stays open.
        """
        report = await self._find(standing, report_id)
        if report.state is not ReportState.OPEN:
            return Decision(report, first=False)
        rules = await self._rules(report, outcome)
        actor = Actor(standing.visitor.user_id, "discord")
        first = await self._database.resolve_report(report.guild_id, report.id, outcome, actor, rules)
        decided = await self._find(standing, report_id)
        if decided.state is ReportState.OPEN:
            raise ConflictError(moderators.CHANGED_MEANWHILE)
        return Decision(decided, first)

    async def _find(self, standing: Standing, report_id: int) -> Report:
        report = await self._database.find_report(standing.visitor.guild_id, report_id)
        if report is None:
            raise QueryError(moderators.REPORT_UNKNOWN)
        return report

    async def _check_rate(self, report: Report) -> None:
        same = await self._database.recent_reports(
            report.guild_id, state=ReportState.OPEN, sha256=report.sha256, limit=MAX_OPEN
        )
        if any(each.reporter_id == report.reporter_id for each in same):
            raise QueryError(texts.REPORTED_ALREADY)
        now = int(time.time())
        times = await self._database.report_times(report.reporter_id, now - WINDOW_SECONDS)
        if len(times) >= MAX_REPORTS:
            wait = times[-MAX_REPORTS] + WINDOW_SECONDS - now
            raise TooFastError(texts.TOO_MANY_REPORTS.format(minutes=max(1, math.ceil(wait / 60))))

    async def _rules(self, report: Report, outcome: ReportState) -> list[Rule]:
        """The rules that carry a decision out."""
        reason = moderators.REPORT_REASON.format(id=report.id, reason=report.reason)[:MAX_REASON]
        if outcome is ReportState.BANNED:
            if not report.asker_id:
                raise QueryError(moderators.REPORT_ASKER_GONE)
            return [Rule.of(RuleKind.PERSON, str(report.asker_id), reason=reason)]
        hide = Rule.of(RuleKind.PICTURE, report.sha256, Action.HIDE, reason=reason)
        if outcome is ReportState.HIDDEN:
            return [hide]
        return [hide, await self._similar(report, reason)] if outcome is ReportState.BLOCKED else []

    async def _similar(self, report: Report, reason: str) -> Rule:
        row = (await self._engine.find([report.sha256])).get(report.sha256)
        if row is None:
            raise QueryError(moderators.REPORT_GONE)
        concept = await self._engine.make_concept(rows=(row,))
        name = moderators.SIMILAR_TO.format(title=report.title, sha256=report.sha256[:12])
        return Rule.of(RuleKind.CONCEPT, name, Action.HIDE, reason=reason, concept=concept)
