"""Reports: pictures that somebody held up to the moderators, and what became of each, once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from bot.database.audit import AuditAction
from bot.database.tables import reports

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.database.changes import Change


class ReportState(StrEnum):
    """What became of a report."""

    OPEN = "open"
    HIDDEN = "hidden"
    """The picture and its near-duplicates are hidden."""
    BLOCKED = "blocked"
    """Pictures that are similar in meaning are hidden too."""
    DISMISSED = "dismissed"
    BANNED = "banned"
    """Whoever made the reported search may not use the bot any more."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Attributes:
        reporter_id, channel_id: who reported, and where.
        search_id: the search whose answer shows the picture.
        sha256: of the picture's file, 64 hexadecimal digits: a row's number may mean another picture tomorrow.
        generation, row: where the picture stood in the index.
        title: what the picture is called. Kept out of repr, and so out of logs, as is the prompt.
        prompt: what was asked, or None; forgotten with the searches.
        asker_id: who made that search.
        message_id: the answer in the channel, or None where only the asker sees it.
        reason: what the reporter wrote. Kept out of repr, too.
        at: seconds since 1970.
        card_channel, card_message: the card in the moderators' channel, once it is sent.
        resolved_by, resolved_at: who decided, and when. 0 is the operator at the terminal; None beside a time is
            somebody who had their data deleted.
        id: its number; 0 before it is stored.
    """

    guild_id: int
    reporter_id: int
    channel_id: int
    search_id: str
    sha256: str
    generation: str
    row: int
    title: str = field(repr=False)
    prompt: str | None = field(default=None, repr=False)
    asker_id: int = 0
    message_id: int | None = None
    reason: str = field(default="", repr=False)
    at: int = field(default_factory=lambda: int(time.time()))
    card_channel: int | None = None
    card_message: int | None = None
    state: ReportState = ReportState.OPEN
    resolved_by: int | None = None
    resolved_at: int | None = None
    id: int = 0


async def insert_report(connection: AsyncConnection, report: Report) -> Report:
    """Store a report, and return it with its number."""
    values = {name: getattr(report, name) for name in Report.__dataclass_fields__ if name != "id"}
    values["state"] = report.state.value
    stored = await connection.execute(insert(reports).values(**values).returning(reports.c.id))
    return replace(report, id=stored.scalar_one())


async def set_card(connection: AsyncConnection, guild_id: int, report_id: int, channel: int, message: int) -> None:
    """Remember where a report's card is."""
    found = (reports.c.guild_id == guild_id, reports.c.id == report_id)
    await connection.execute(update(reports).where(*found).values(card_channel=channel, card_message=message))


async def find_report(connection: AsyncConnection, guild_id: int, report_id: int) -> Report | None:
    """Find a server's report by its number."""
    found = select(reports).where(reports.c.guild_id == guild_id, reports.c.id == report_id)
    row = (await connection.execute(found)).one_or_none()
    return None if row is None else _report_of(row)


async def read_reports(
    connection: AsyncConnection,
    guild_id: int,
    *,
    state: ReportState | None = None,
    sha256: str | None = None,
    limit: int = 20,
) -> list[Report]:
    """Read a server's reports, newest first; each argument that is given narrows them."""
    wanted = select(reports).where(reports.c.guild_id == guild_id).order_by(reports.c.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(reports.c.state == state.value)
    if sha256 is not None:
        wanted = wanted.where(reports.c.sha256 == sha256)
    return [_report_of(row) for row in await connection.execute(wanted)]


async def read_times(connection: AsyncConnection, reporter_id: int, since: int) -> tuple[int, ...]:
    """Read when a person reported since a second, oldest first."""
    made = (reports.c.reporter_id == reporter_id, reports.c.at >= since)
    return tuple((await connection.execute(select(reports.c.at).where(*made).order_by(reports.c.at))).scalars())


async def resolve_report(change: Change, report_id: int, outcome: ReportState) -> None:
    """Decide on an open report.

    Raises:
        ConflictError: if it is not open, or not this server's.
    """
    still_open = (reports.c.guild_id == change.guild_id, reports.c.state == ReportState.OPEN.value)
    decided = {"state": outcome.value, "resolved_by": change.actor.user_id, "resolved_at": change.at}
    statement = update(reports).where(reports.c.id == report_id, *still_open).values(**decided).returning(reports.c.id)
    before, after = ({"report": report_id, "state": state.value} for state in (ReportState.OPEN, outcome))
    picture = select(reports.c.title, reports.c.sha256).where(reports.c.guild_id == change.guild_id)
    found = (await change.connection.execute(picture.where(reports.c.id == report_id))).one_or_none()
    after |= {} if found is None else dict(found._mapping)
    await change.write(statement, AuditAction.RESOLVE_REPORT, before=before, after=after)


async def forget_prompts(connection: AsyncConnection, made_before: int) -> None:
    """Forget the prompts of the reports made before that second."""
    old = (reports.c.at < made_before, reports.c.prompt.is_not(None))
    await connection.execute(update(reports).where(*old).values(prompt=None))


def _report_of(row: Row[Any]) -> Report:
    values = dict(row._mapping)
    return Report(state=ReportState(values.pop("state")), **values)
