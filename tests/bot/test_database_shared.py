"""Two bots, or a bot and an operator at the terminal, on one database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.database import Actor, ConflictError, Database, DuplicateRule, GuildSettings, Report, ReportState
from search_core.filters.rules import Rule
from tests.conftest import ROOT

GUILD = 7
ANN, BEN = Actor(1, "discord"), Actor(2, "discord")
ROUNDS = 5

Two = tuple[Database, Database]


@pytest_asyncio.fixture(loop_scope="session")
async def two(database_url: str) -> AsyncIterator[Two]:
    async with Database(database_url) as one, Database(database_url) as other:
        yield one, other


async def test_each_sees_the_others_change_at_once(two: Two) -> None:
    one, other = two
    for writer, reader, pattern in ((one, other, "cat"), (other, one, "dog")):
        before = await reader.revision(GUILD)
        await writer.add_rules(GUILD, [Rule.of("word", pattern)], ANN)

        assert await reader.revision(GUILD) == before + 1
        assert pattern in [rule.pattern for rule in (await reader.snapshot(GUILD)).rules]


async def test_of_concurrent_edits_of_one_rule_exactly_one_wins(two: Two) -> None:
    (rule,) = await two[0].add_rules(GUILD, [Rule.of("word", "cat")], ANN)
    for turn in range(ROUNDS):
        edits = [
            each.edit_rule(GUILD, rule.changed(reason=f"{turn} {number}"), ANN) for number, each in enumerate(two * 3)
        ]
        results = await asyncio.gather(*edits, return_exceptions=True)

        (winner,) = [result for result in results if isinstance(result, Rule)]
        assert sum(isinstance(result, ConflictError) for result in results) == 5
        assert (await two[1].snapshot(GUILD)).rules == (winner,)
        rule = winner
    assert len(await two[0].audit(GUILD)) == await two[1].revision(GUILD) == 1 + ROUNDS


async def test_of_concurrent_additions_of_one_rule_exactly_one_wins(two: Two) -> None:
    new = [Rule.of("word", "cat")]
    results = await asyncio.gather(*(each.add_rules(GUILD, new, ANN) for each in two * 4), return_exceptions=True)

    assert sum(isinstance(result, DuplicateRule) for result in results) == 7
    assert len((await two[0].snapshot(GUILD)).rules) == await two[0].revision(GUILD) == 1


async def test_of_concurrent_changes_of_the_settings_exactly_one_wins(two: Two) -> None:
    results = await asyncio.gather(
        *(
            each.change_settings(GUILD, GuildSettings(GUILD, moderators_channel=number + 1), ANN)
            for number, each in enumerate(two * 4)
        ),
        return_exceptions=True,
    )

    (winner,) = [result for result in results if isinstance(result, GuildSettings)]
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    assert (await two[1].snapshot(GUILD)).settings == winner


async def test_of_concurrent_decisions_on_a_report_exactly_one_counts(two: Two) -> None:
    for number in range(ROUNDS):
        report = await two[0].open_report(Report(GUILD, 3, 4, "s", "ab" * 32, "g", number, "t"))
        outcomes = [ReportState.HIDDEN, ReportState.DISMISSED] * 4
        decided = await asyncio.gather(
            *(
                each.resolve_report(GUILD, report.id, outcome, actor)
                for each, outcome, actor in zip(two * 4, outcomes, [ANN, BEN] * 4, strict=True)
            )
        )

        assert decided.count(True) == 1
        found = await two[1].find_report(GUILD, report.id)
        assert found is not None
        assert found.state == outcomes[decided.index(True)]
    assert await two[0].revision(GUILD) == ROUNDS


async def test_a_snapshot_never_mixes_two_moments(two: Two) -> None:
    writer, reader = two

    async def write() -> None:
        for number in range(30):
            await writer.add_rules(GUILD, [Rule.of("word", f"word {number}")], ANN)

    writing = asyncio.create_task(write())
    seen = 0
    while not writing.done():
        snapshot = await reader.snapshot(GUILD)
        assert snapshot.revision == len(snapshot.rules)
        seen += 1
    await writing
    assert seen > 1


@pytest.mark.parametrize("count", [60])
async def test_two_processes_that_write_at_once_both_succeed(database_url: str, count: int) -> None:
    async with Database(database_url) as database:
        command = (sys.executable, "-m", "tests.bot.busy_writer", database_url, str(GUILD), str(count))
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        for number in range(count):
            await database.add_rules(GUILD, [Rule.of("word", f"ours {number}")], ANN)
        assert await process.wait() == 0

        snapshot = await database.snapshot(GUILD)
    assert snapshot.revision == len(snapshot.rules) == 2 * count


async def test_two_bots_that_start_at_once_on_an_empty_database_both_open_it(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    await asyncio.gather(*(database.__aenter__() for database in databases))
    try:
        assert [await database.revision(GUILD) for database in databases] == [0] * 4
    finally:
        for database in databases:
            await database.__aexit__(None, None, None)


async def test_a_change_that_is_cancelled_halfway_leaves_nothing_and_blocks_nobody(two: Two) -> None:
    one, other = two
    for turns in range(40):
        change = asyncio.create_task(one.add_rules(GUILD, [Rule.of("word", f"word {turns}")], ANN))
        for _ in range(turns):
            await asyncio.sleep(0)
        change.cancel()
        await asyncio.wait([change])

        await other.add_rules(GUILD, [Rule.of("word", f"other {turns}")], BEN)
    snapshot = await other.snapshot(GUILD)
    assert snapshot.revision == len(snapshot.rules) == len(await one.audit(GUILD, limit=100))
    assert len(snapshot.rules) >= 40


async def test_a_transaction_that_reads_first_can_still_write_after_others_wanted_to(two: Two) -> None:
    one, other = two
    async with one._connections.writing() as connection:
        await connection.execute(text("SELECT count(*) FROM notes"))
        waiting = asyncio.create_task(other.write_note("theirs", "2"))
        await asyncio.wait([waiting], timeout=0.3)
        await connection.execute(text("INSERT INTO notes VALUES ('ours', '1')"))
    await waiting

    assert (await other.read_note("ours"), await one.read_note("theirs")) == ("1", "2")
