"""Bans of people who moderate: the moderator is told what such a ban does, and asked, before it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot import texts as common
from bot.database import Database, ReportState
from bot.moderation.banning import MAX_LOOKED_UP
from bot.moderation.exchange import export_all
from bot.texts import filters
from bot.texts import moderation as texts
from search_core.filters import Rule, RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, buttons, posted_copy, words
from tests.bot.staff import Staff, add_rule, set_up, staff_of
from tests.bot.test_access_paths import allow_for_all
from tests.bot.test_reports import ANT, BAN, Scene, report_first


@dataclass(frozen=True)
class Bans:
    """Mod, who manages the server, bans people; Kim moderates by a role."""

    world: World
    staff: Staff
    database: Database

    async def add(self, person: object, **options: Any) -> ResponseMessage:
        typed = {"kind": "person", "pattern": str(person), "reason": "why"} | options
        return answer(await self.staff.mod.slash(self.world.channel, "filter add", **typed))

    async def rules(self) -> list[Rule]:
        return list((await self.database.snapshot(GUILD_ID)).rules)


@pytest.fixture
async def bans(world: World, database: Database) -> Bans:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderator_roles=frozenset({staff.keepers.id}), moderators_channel=staff.room.id)
    return Bans(world, staff, database)


def warned(words_of: str) -> set[str]:
    """Which of the warnings were given."""
    found = {"manages": "manages this server", "moderates": "moderates here by a role", "unknown": "could not be asked"}
    return {name for name, part in found.items() if part in words_of}


async def test_a_ban_of_who_manages_the_server_says_that_it_keeps_nobody_out_and_asks(bans: Bans) -> None:
    told = await bans.add(f"<@{bans.staff.mod.id}>")

    assert texts.BAN_MANAGES.format(person=bans.staff.mod.id) in words(told)
    assert filters.DO_YOU_WANT_THAT in words(told)
    assert await bans.rules() == []

    await bans.staff.mod.click(told, label=filters.CONFIRM)
    searched = answer(await bans.staff.mod.slash(bans.world.channel, "search", prompt="a fish"))
    assert [rule.kind for rule in await bans.rules()] == [RuleKind.PERSON]
    assert len(alts(searched)) == 9  # what the warning said


async def test_a_ban_of_a_moderator_by_role_says_that_it_ends_their_moderating_and_asks(bans: Bans) -> None:
    told = await bans.add(bans.staff.kim.id)

    assert texts.BAN_MODERATES.format(person=bans.staff.kim.id) in words(told)
    await bans.staff.mod.click(told, label=filters.CONFIRM)
    await allow_for_all(bans.world, "settings", bans.staff.kim)
    shown = answer(await bans.staff.kim.slash(bans.world.channel, "settings show"))
    assert common.BANNED in words(shown)  # what the warning said


async def test_who_says_no_bans_nobody(bans: Bans) -> None:
    told = await bans.add(bans.staff.kim.id)

    await bans.staff.mod.click(told, label=filters.CANCEL)

    assert filters.CANCELLED in words(told)
    assert await bans.rules() == []


@pytest.mark.parametrize("who", ["a member", "who has left"])
async def test_a_ban_of_anybody_else_holds_at_once(bans: Bans, who: str) -> None:
    told = await bans.add(bans.world.ann.id if who == "a member" else 10**18)

    assert filters.ADDED in words(told)
    assert warned(words(told)) == set()
    assert len(await bans.rules()) == 1


async def test_where_discord_cannot_be_asked_the_moderator_is(bans: Bans, caplog: pytest.LogCaptureFixture) -> None:
    stranger = 10**18
    bans.world.env.inject_error("GET", f"/guilds/{GUILD_ID}/members/{stranger}", status=403, code=50001)

    told = await bans.add(stranger)

    assert warned(words(told)) == {"unknown"}
    assert str(stranger) not in caplog.text
    assert await bans.rules() == []


async def test_each_way_to_a_ban_that_holds_asks_and_no_other_edit_does(bans: Bans, database: Database) -> None:
    mod, kim, channel = bans.staff.mod, bans.staff.kim, bans.world.channel
    rule = await add_rule(database, GUILD_ID, RuleKind.PERSON, str(kim.id), enabled=False)
    number = str(rule.id)

    async def told(command: str, **options: Any) -> set[str]:
        return warned(words(answer(await mod.slash(channel, f"filter {command}", **options))))

    assert await told("edit", rule=number, reason="another") == set()
    assert await told("enable", rule=number, on=True) == {"moderates"}
    assert await told("edit", rule=number, pattern=str(bans.world.ann.id)) == set()
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(kim.id))
    assert await told("edit", rule="2", reason="another") == set()
    assert await told("remove", rule="2") == set()
    assert await told("undo") == {"moderates"}


async def test_of_an_import_of_many_bans_discord_is_asked_about_some(bans: Bans) -> None:
    people = [bans.world.guild.add_member(bans.world.env.create_user(f"p{number}")) for number in range(MAX_LOOKED_UP)]
    await bans.world.env.settle()
    rules = [Rule.of(RuleKind.PERSON, str(each.id), reason="x") for each in [*people, bans.staff.kim, bans.staff.mod]]
    file = ("filters.json", export_all(tuple(rules)).encode())
    told = answer(await bans.staff.mod.slash(bans.world.channel, "filter import", source="file", file=file))

    assert texts.BAN_NOT_LOOKED_UP.format(count=2) in words(told)
    assert await bans.rules() == []


# ------------------------------------------------------------- by a report's card


async def reported(bans: Bans, asker: MemberActor) -> tuple[Scene, Any]:
    """The card of a report on an answer to somebody."""
    scene = Scene(bans.world, bans.staff, bans.database)
    asked = answer(await asker.slash(bans.world.channel, "similar", image=("a.jpg", posted_copy(ANT))))
    await report_first(bans.world.ben, asked)
    return scene, scene.cards()[-1]


async def test_the_cards_ban_of_who_moderates_asks_in_private_also_after_a_restart(
    bans: Bans, new_client: NewClient
) -> None:
    scene, card = await reported(bans, bans.staff.kim)

    asked = (await bans.staff.mod.click(card, label=BAN)).followups[-1]
    assert asked.ephemeral
    assert warned(words(asked)) == {"moderates"}
    assert list(buttons(asked)) == [texts.BAN_ANYWAY, filters.CANCEL]
    assert await scene.state() is ReportState.OPEN
    assert BAN in buttons(scene.cards()[-1])

    await bans.world.env.restart_bot(new_client())
    await bans.staff.mod.click(asked, label=texts.BAN_ANYWAY)
    assert await scene.state() is ReportState.BANNED
    assert [rule.pattern for rule in await bans.rules()] == [str(bans.staff.kim.id)]
    assert buttons(scene.cards()[-1]) == {}
    assert "was banned" in words(scene.cards()[-1])


async def test_the_cards_ban_may_be_left(bans: Bans) -> None:
    scene, card = await reported(bans, bans.staff.mod)

    asked = (await bans.staff.mod.click(card, label=BAN)).followups[-1]
    await bans.staff.mod.click(asked, label=filters.CANCEL)

    assert warned(words(asked)) == set()
    assert filters.CANCELLED in words(asked)
    assert buttons(asked) == {}
    assert await scene.state() is ReportState.OPEN
    assert await bans.rules() == []


async def test_a_ban_that_is_confirmed_too_late_tells_who_decided(bans: Bans) -> None:
    scene, card = await reported(bans, bans.staff.kim)
    asked = (await bans.staff.mod.click(card, label=BAN)).followups[-1]
    await bans.staff.mod.click(card, label=texts.CARD_BUTTONS["dismiss"])

    told = await bans.staff.mod.click(asked, label=texts.BAN_ANYWAY)

    assert "was decided on already" in words(told.followups[-1])
    assert await scene.state() is ReportState.DISMISSED
    assert await bans.rules() == []
