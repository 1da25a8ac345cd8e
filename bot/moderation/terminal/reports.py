"""What `vignette reports` does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from bot.database import Report, ReportState
from bot.moderation.decisions import MAX_OPEN, OUTCOMES, Decisions
from bot.moderation.terminal.as_json import report_json
from bot.moderation.terminal.room import OPERATOR, Room, print_json, print_lines, write_bytes
from bot.moderation.wording import MAX_PATTERN_SHOWN, MAX_REASON_SHOWN, TERMINAL
from bot.texts import moderation as texts
from search_core import QueryError

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


async def _list(room: Room, options: argparse.Namespace) -> None:
    reports = await _decisions(room).waiting(room.guild_id)
    if options.all:
        reports = (await room.database.recent_reports(room.guild_id, limit=MAX_OPEN))[::-1]
    if options.json:
        print_json([report_json(report) for report in reports])
    else:
        print_lines(*map(_line, reports) if reports else [texts.NO_REPORTS])


async def _show(room: Room, options: argparse.Namespace) -> None:
    report = await _decisions(room).find(room.guild_id, options.report)
    if options.picture is not None:
        await _write_picture(room, report, options.picture)
    if options.json:
        print_json(report_json(report))
    else:
        print_lines(*_sheet(report))


async def _write_picture(room: Room, report: Report, file: Path) -> None:
    engine = await room.engine()
    row = (await engine.find([report.sha256])).get(report.sha256)
    if row is None:
        raise QueryError(texts.CARD_NO_PICTURE)
    write_bytes(file, (await engine.pictures([row]))[0].data)


async def _decide(room: Room, options: argparse.Namespace) -> None:
    outcome = OUTCOMES[options.work]
    decision = await _decisions(room).decide(room.guild_id, options.report, outcome, OPERATOR)
    if not decision.first:
        raise QueryError(texts.DECIDED_ALREADY.format(outcome=_outcome(decision.report)))
    remarks = [texts.BAN_UNCHECKED] if outcome is ReportState.BANNED else []
    untold = [texts.REPORTER_UNTOLD] if decision.report.reporter_id else []
    print_lines(_outcome(decision.report), *remarks, *untold)


WORKS: Mapping[str, Callable[[Room, argparse.Namespace], Awaitable[None]]] = {
    "list": _list, "show": _show, **dict.fromkeys(OUTCOMES, _decide),
}  # fmt: skip
"""By the subcommand's name."""


def _decisions(room: Room) -> Decisions:
    return Decisions(room.database, room.engine)


def _line(report: Report) -> str:
    return texts.REPORT_LINE.format(
        id=report.id,
        at=TERMINAL.moment(report.at),
        title=TERMINAL.quoted(report.title, MAX_PATTERN_SHOWN),
        state=texts.REPORT_STATES[report.state.value],
        reason=TERMINAL.prose(report.reason, MAX_REASON_SHOWN),
    )


def _sheet(report: Report) -> list[str]:
    """Everything about a report, a line each."""
    asked = texts.NOTHING_ASKED if report.prompt is None else TERMINAL.quoted(report.prompt, len(report.prompt))
    place = TERMINAL.channel(report.channel_id)
    where = texts.IN_PRIVATE.format(place=place) if report.message_id is None else place
    said = {
        texts.SHEET_BY: f"{_person(report.reporter_id)}, {TERMINAL.moment(report.at)}",
        texts.SHEET_ASKED: f"{_person(report.asker_id)}, {where}",
        texts.SHEET_PROMPT: asked,
        texts.SHEET_REASON: TERMINAL.prose(report.reason, len(report.reason)),
        texts.SHEET_FILE: report.sha256,
        texts.SHEET_STATE: _outcome(report) if report.resolved_at else texts.REPORT_STATES[report.state.value],
    }
    heading = texts.CARD_HEADING.format(id=report.id, title=TERMINAL.quoted(report.title, MAX_REASON_SHOWN))
    return [heading, *(TERMINAL.headed(name, words) for name, words in said.items())]


def _outcome(report: Report) -> str:
    who = texts.AT_THE_TERMINAL if report.resolved_by == OPERATOR.user_id else _person(report.resolved_by)
    return texts.TERMINAL_OUTCOME[report.state.value].format(
        who=who, at=TERMINAL.moment(report.resolved_at or 0), asker=_person(report.asker_id)
    )


def _person(user_id: int | None) -> str:
    return TERMINAL.person(user_id) if user_id else texts.CARD_NOBODY
