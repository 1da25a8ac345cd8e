"""Run as a program: makes one change many times, and has each killed by SIGKILL at another of its statements.

    python -m tests.bot.killed_changes URL ACTION

For each attempt a server of its own is set up; then the change is made in a fork, which is killed just before or just
after its n-th statement or commit, until one gets through. Prints a line of JSON for each attempt: how it ended, and
what the database held before and after.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event

from bot.database import Actor, Database, GuildSettings, Report, ReportState
from search_core.filters.rules import Rule

ANN = Actor(5, "discord")
SHA = "ab" * 32


async def add(database: Database, guild: int) -> None:
    await database.add_rules(guild, [Rule.of("word", "new"), Rule.of("word", "newer")], ANN)


async def edit(database: Database, guild: int) -> None:
    await database.edit_rule(guild, (await database.snapshot(guild)).rules[0].changed(pattern="edited"), ANN)


async def remove(database: Database, guild: int) -> None:
    await database.remove_rule(guild, (await database.snapshot(guild)).rules[0].id, ANN)


async def undo(database: Database, guild: int) -> None:
    await database.undo(guild, ANN)


async def settings(database: Database, guild: int) -> None:
    await database.change_settings(guild, GuildSettings(guild, moderators_channel=77, version=1), ANN)


async def resolve(database: Database, guild: int) -> None:
    (report,) = await database.recent_reports(guild)
    await database.resolve_report(guild, report.id, ReportState.HIDDEN, ANN, [Rule.of("picture", SHA)])


ACTIONS: dict[str, Callable[[Database, int], Awaitable[None]]] = {
    each.__name__: each for each in (add, edit, remove, undo, settings, resolve)
}


def main(url: str, action: str) -> None:
    """Change until a change survives, for both moments."""
    guild = 0
    for moment in ("before", "after"):
        number, died = 0, True
        while died:
            number, guild = number + 1, guild + 1
            before = _in_fork(lambda guild=guild: _set_up(url, guild))
            died = _dies(lambda guild=guild, number=number, moment=moment: _change(url, action, guild, number, moment))
            after = _in_fork(lambda guild=guild: _read(url, guild))
            print(json.dumps({"moment": moment, "died": died, "before": before, "after": after}), flush=True)


async def _set_up(url: str, guild: int) -> dict[str, Any]:
    async with Database(url) as database:
        (rule, _) = await database.add_rules(guild, [Rule.of("word", "cat"), Rule.of("word", "dog")], ANN)
        await database.change_settings(guild, GuildSettings(guild, moderators_channel=1), ANN)
        await database.edit_rule(guild, rule.changed(enabled=False), ANN)
        await database.open_report(Report(guild, 11, 12, "search", SHA, "g1", 3, "A cat", "cats"))
    return await _read(url, guild)


async def _change(url: str, action: str, guild: int, number: int, moment: str) -> None:
    async with Database(url) as database:
        _kill_at(database, number, moment)
        await ACTIONS[action](database, guild)


async def _read(url: str, guild: int) -> dict[str, Any]:
    """Read all that a change may touch."""
    async with Database(url) as database:
        snapshot = await database.snapshot(guild)
        entries = await database.audit(guild)
        reports = await database.recent_reports(guild)
    return {
        "revision": snapshot.revision,
        "entries": [[entry.revision, entry.action, entry.undoes is not None] for entry in entries],
        "rules": [[rule.pattern, rule.enabled, rule.version] for rule in snapshot.rules],
        "settings": snapshot.settings.moderators_channel,
        "reports": [report.state for report in reports],
    }


def _kill_at(database: Database, number: int, moment: str) -> None:
    """Have this process killed at its n-th statement or commit."""
    engine, calls = database._engine.sync_engine, 0

    def begins(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == number and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)

    def ends(*_: object) -> None:
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)

    do_commit = engine.dialect.do_commit

    def commit(connection: Any) -> None:
        begins()
        do_commit(connection)
        ends()

    event.listen(engine, "before_cursor_execute", begins)
    event.listen(engine, "after_cursor_execute", ends)
    engine.dialect.do_commit = commit  # type: ignore[method-assign]  # there is no event behind the commit


def _dies(work: Callable[[], Awaitable[object]]) -> bool:
    child = os.fork()
    if child == 0:
        asyncio.run(work())  # type: ignore[arg-type]
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.waitstatus_to_exitcode(status) == 0, status
    return False


def _in_fork(work: Callable[[], Awaitable[Any]]) -> Any:
    """Do something in a fork, so that this process never has a thread or a connection, and return its result."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(sink, json.dumps(asyncio.run(work())).encode())  # type: ignore[arg-type]
        os._exit(0)
    os.close(sink)
    with os.fdopen(source) as told:
        result = json.load(told)
    os.waitpid(child, 0)
    return result


if __name__ == "__main__":
    main(*sys.argv[1:])
