"""`/audit`: who changed what, when and why; a page at a time."""

from __future__ import annotations

import time

import pytest

from bot.database import Actor, Database
from bot.moderation.audit_log import PAGE
from bot.moderation.moments import moment_of
from bot.texts import moderation as moderators
from search_core import QueryError
from search_core.filters import Rule, RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import answer, buttons, words
from tests.bot.staff import set_up, staff_of
from tests.bot.test_moderators_only import grant


async def fill(database: Database, who: int, count: int) -> None:
    rules = [Rule.of(RuleKind.WORD, f"word{chr(97 + number)}", reason=f"reason {number}") for number in range(count)]
    await database.add_rules(GUILD_ID, rules, Actor(who, "discord"))


def numbers(text: str) -> list[int]:
    return [int(line.split(" · ")[0].strip("- ")) for line in text.splitlines() if line.startswith("- ")]


async def test_entries_come_newest_first_a_page_at_a_time_also_after_a_restart(
    world: World, database: Database, new_client: NewClient
) -> None:
    staff = await staff_of(world)
    await fill(database, staff.mod.id, 2 * PAGE + 1)
    page = answer(await staff.mod.slash(world.channel, "audit"))
    assert page.ephemeral
    seen = numbers(words(page))
    await world.env.restart_bot(new_client())

    while moderators.AUDIT_OLDER in buttons(page):
        await staff.mod.click(page, label=moderators.AUDIT_OLDER)
        seen += numbers(words(page))

    assert seen == list(range(2 * PAGE + 1, 0, -1))


async def test_a_line_says_when_who_what_and_why(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await fill(database, staff.mod.id, 1)

    text = words(answer(await staff.mod.slash(world.channel, "audit")))

    for part in ("<t:", f"<@{staff.mod.id}>", "worda", "reason 0"):
        assert part in text


async def test_a_change_of_settings_says_what_was_set_and_what_was_before(world: World) -> None:
    staff = await staff_of(world)
    here, why = world.channel, {"reason": "we agreed"}
    await staff.mod.slash(here, "settings channel", channel=here, allowed="no", max_count=3, **why)
    await staff.mod.slash(here, "settings channel", private="yes", **why)
    await staff.mod.slash(here, "settings roles", role=staff.keepers, allowed=True, **why)
    await staff.mod.slash(here, "settings moderators", role=staff.keepers, moderates=True, channel=staff.room, **why)
    await staff.mod.slash(here, "filter undo")

    lines = words(answer(await staff.mod.slash(here, "audit"))).splitlines()[1:]

    keepers, room = f"<@&{staff.keepers.id}>", f"<#{staff.room.id}>"
    moderates = f"roles that moderate: none ({keepers} before); moderators' channel: none ({room} before)"
    for line, said in zip(
        lines,
        (
            moderates,
            f"roles that moderate: {keepers} (none before); moderators' channel: {room} (none before)",
            f"roles that may use it: {keepers} (none before)",
            "Whole server: private by default (nothing set before)",
            f"<#{here.id}>: no answers, at most 3 on a page (nothing set before)",
        ),
        strict=True,
    ):
        assert said in line


async def test_lines_that_fill_a_message_early_leave_none_out(world: World, database: Database) -> None:
    staff = await staff_of(world)
    places = {"channels": frozenset(range(10**18, 10**18 + 9)), "bypass_roles": frozenset(range(10**18, 10**18 + 9))}
    rules = [
        Rule.of(RuleKind.WORD, "x" * 60 + chr(97 + number), reason="_" * 100, **places) for number in range(PAGE + 3)
    ]
    await database.add_rules(GUILD_ID, rules, Actor(staff.mod.id, "discord"))
    page = answer(await staff.mod.slash(world.channel, "audit"))
    seen = numbers(words(page))
    assert len(seen) < PAGE

    while moderators.AUDIT_OLDER in buttons(page):
        await staff.mod.click(page, label=moderators.AUDIT_OLDER)
        seen += numbers(words(page))

    assert seen == list(range(PAGE + 3, 0, -1))


async def test_entries_are_narrowed_by_person_rule_and_time(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await fill(database, staff.mod.id, 2)
    await set_up(database, GUILD_ID, allowed_roles=frozenset())

    async def shown(**options: object) -> list[int]:
        return numbers(words(answer(await staff.mod.slash(world.channel, "audit", **options))))

    assert await shown(user=staff.mod) == [2, 1]
    assert await shown(rule=1) == [1]
    assert await shown(since="1") == [3, 2, 1]
    assert await shown(since="2100-01-01") == []


async def test_a_time_that_is_none_is_told(world: World) -> None:
    staff = await staff_of(world)

    assert moderators.NOT_A_TIME in words(answer(await staff.mod.slash(world.channel, "audit", since="yesterday")))


@pytest.mark.parametrize(
    ("written", "moment"), [("0", 1_000_000), ("1", 913_600), ("36500", 1), ("1970-01-02", 86_400), (" 2 ", 827_200)]
)
def test_days_and_dates_are_read(written: str, moment: int) -> None:
    assert moment == moment_of(written, now=1_000_000)


@pytest.mark.parametrize("written", ["", "-1", "1e3", "2026-13-01", "36501", "²"])
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(QueryError, match="days"):
        moment_of(written, now=time.time())


async def test_completion_offers_rules_by_number_and_pattern(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await fill(database, staff.mod.id, 2)

    offered = await staff.mod.autocomplete(world.channel, "audit", "rule", "wordb")

    assert [choice["value"] for choice in offered] == [2]
    assert len(await staff.mod.autocomplete(world.channel, "audit", "rule", "")) == 2


async def test_completion_offers_nothing_to_who_is_no_moderator(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await fill(database, staff.mod.id, 2)
    await grant(world, world.ben)

    assert await world.ben.autocomplete(world.channel, "audit", "rule", "") == []
