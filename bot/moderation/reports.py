"""Reports: somebody holds a picture up to the moderators. What becomes of it is in `decisions`."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import texts
from bot.access import TooFastError
from bot.database import Report, ReportState
from bot.gallery import title_of
from bot.moderation.decisions import MAX_OPEN
from search_core import QueryError

if TYPE_CHECKING:
    from bot.access import Standing
    from bot.database import Database
    from bot.desk import Desk
    from search_core import SearchEngine

MAX_REPORTS = 5
"""Reports of one person within `WINDOW_SECONDS`: each is a card that a moderator must read."""

WINDOW_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture was seen: the channel or thread, and the message if everybody there sees it."""

    channel_id: int
    message_id: int | None = None


class Reports:
    """Takes reports.

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
        self._times: dict[int, list[int]] = {}

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
            taken = await self._database.open_report(report)
            self._remember(taken)
            return taken

    async def _check_rate(self, report: Report) -> None:
        same = await self._database.recent_reports(
            report.guild_id, state=ReportState.OPEN, sha256=report.sha256, limit=MAX_OPEN
        )
        if any(each.reporter_id == report.reporter_id for each in same):
            raise QueryError(texts.REPORTED_ALREADY)
        now = int(time.time())
        kept = await self._database.report_times(report.reporter_id, now - WINDOW_SECONDS)
        times = max(kept, self._remembered(report.reporter_id, now), key=len)
        if len(times) >= MAX_REPORTS:
            wait = times[-MAX_REPORTS] + WINDOW_SECONDS - now
            raise TooFastError(texts.TOO_MANY_REPORTS.format(minutes=max(1, math.ceil(wait / 60))))

    def _remember(self, report: Report) -> None:
        """Remember when somebody reported, beside the database: who has their data deleted gets no new allowance."""
        self._times = {who: times for who, times in self._times.items() if times[-1] > report.at - WINDOW_SECONDS}
        self._times.setdefault(report.reporter_id, []).append(report.at)

    def _remembered(self, reporter_id: int, now: int) -> tuple[int, ...]:
        return tuple(at for at in self._times.get(reporter_id, ()) if at >= now - WINDOW_SECONDS)
