"""A change that would refuse much of what people search for asks first: its buttons, their life, and their one use."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
from simcord.results import ResponseMessage

from bot.database import Database
from bot.moderation.pending import Pending
from bot.moderation.plans import Plan
from bot.texts import filters as texts
from search_core import RuleError, SearchEngine
from search_core.filters import Rule
from tests.bot.conftest import GUILD_ID, NewClient, StaffedWorld
from tests.bot.reading import answer, buttons, words
from tests.bot.rules import ACTOR, add_concept, add_rule, remember_searches, rules_in

PROMPTS = [*["a steam engine"] * 18, "a crime scene", "a crime"]
"""Two of twenty: ten in a hundred."""


async def ask(staff: StaffedWorld, command: str = "add", **options: Any) -> ResponseMessage:
    defaults = {"kind": "word", "pattern": "crime", "reason": "why"} if command == "add" else {}
    told = answer(await staff.mod.slash(staff.channel, f"filter {command}", **(defaults | options)))
    assert told.ephemeral
    return told


async def test_a_rule_that_would_refuse_much_waits_for_a_yes(staff: StaffedWorld, database: Database) -> None:
    await remember_searches(database, *PROMPTS)

    told = await ask(staff)

    assert "Of the last 20 searches, this would refuse 2 more (10%)" in words(told)
    assert buttons(told) == {texts.CONFIRM: True, texts.CANCEL: True}
    assert await rules_in(database) == []
    await staff.mod.click(told, label=texts.CONFIRM)
    assert [rule.pattern for rule in await rules_in(database)] == ["crime"]
    assert texts.CONFIRMED in words(told)
    assert buttons(told) == {}


@pytest.mark.parametrize("prompts", [["a cat", "an ant", "a lamp", "a ship"], PROMPTS[1:]], ids=["four", "nineteen"])
async def test_where_little_was_asked_two_searches_are_enough_to_wait_for_a_yes(
    staff: StaffedWorld, database: Database, prompts: list[str]
) -> None:
    await remember_searches(database, *prompts)

    told = await ask(staff, pattern="*a*")

    assert f"Of the last {len(prompts)} searches, this would refuse {len(prompts)} more (100%)" in words(told)
    assert buttons(told) == {texts.CONFIRM: True, texts.CANCEL: True}
    assert await rules_in(database) == []


@pytest.mark.parametrize(
    ("prompts", "options"),
    [
        ([*["a ship"] * 18, "a crime"], {}),
        (["a crime"], {}),
        ([*PROMPTS, *["a ship"] * 20], {}),
        (PROMPTS, {"action": "log"}),
        (PROMPTS, {"pattern": "war"}),
        ([], {}),
    ],
    ids=["one of nineteen", "one of one", "five in a hundred", "another action", "another word", "nothing asked yet"],
)
async def test_other_rules_hold_at_once(
    staff: StaffedWorld, database: Database, prompts: list[str], options: dict[str, str]
) -> None:
    await remember_searches(database, *prompts)

    assert buttons(await ask(staff, **options)) == {}
    assert len(await rules_in(database)) == 1


async def test_a_rule_for_another_channel_refuses_nothing_that_was_asked(
    staff: StaffedWorld, database: Database
) -> None:
    await remember_searches(database, *PROMPTS, channel_id=3)

    assert buttons(await ask(staff, channel=staff.channel)) == {}


async def test_what_is_refused_already_does_not_count_again(staff: StaffedWorld, database: Database) -> None:
    await remember_searches(database, *PROMPTS)
    await add_rule(database, "word", "crim*")

    assert buttons(await ask(staff)) == {}


@pytest.mark.parametrize("command", ["edit", "enable"])
async def test_a_change_of_a_rule_asks_too(staff: StaffedWorld, database: Database, command: str) -> None:
    await remember_searches(database, *PROMPTS)
    rule = await add_rule(database, "word", "crime", "log" if command == "edit" else None, enabled=command == "edit")

    told = await ask(staff, command, rule=str(rule.id), **({"action": "refuse"} if command == "edit" else {"on": True}))

    assert await rules_in(database) == [rule]
    await staff.mod.click(told, label=texts.CONFIRM)
    (changed,) = await rules_in(database)
    assert (changed.enabled, changed.action.value, changed.version) == (True, "refuse", 2)


async def test_switching_an_allow_rule_off_asks_where_it_frees_much(staff: StaffedWorld, database: Database) -> None:
    await remember_searches(database, *PROMPTS)
    await add_rule(database, "word", "crime")
    allow = await add_rule(database, "allow", "a crime")

    assert buttons(await ask(staff, "enable", rule=str(allow.id), on=False))


async def test_a_concept_that_would_refuse_much_asks_too(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    await remember_searches(database, *["a skull"] * 5, *["a steam engine"] * 15)

    told = await ask(staff, kind="concept", pattern="death", examples="a skull; a human skull")

    assert "would refuse" in words(told)
    await staff.mod.click(told, label=texts.CONFIRM)
    (rule,) = await rules_in(database)
    assert rule.concept is not None
    assert rule.concept.texts == ("a skull", "a human skull")
    assert rule.concept.weights == engine.manifest.encoder.space


async def test_no_leaves_everything_as_it_was_and_ends_the_matter(staff: StaffedWorld, database: Database) -> None:
    await remember_searches(database, *PROMPTS)
    told = await ask(staff)
    yes = custom_ids(told)[texts.CONFIRM]

    await staff.mod.click(told, label=texts.CANCEL)

    assert texts.CANCELLED in words(told)
    with pytest.raises(RuleError):
        await Pending(database).take(GUILD_ID, staff.mod.id, yes.rpartition(":")[2])
    assert await rules_in(database) == []


async def test_the_buttons_work_after_a_restart(staff: StaffedWorld, database: Database, new_client: NewClient) -> None:
    await remember_searches(database, *PROMPTS)
    told = await ask(staff)

    await staff.env.restart_bot(new_client())
    await staff.mod.click(told, label=texts.CONFIRM)

    assert len(await rules_in(database)) == 1


async def test_a_newer_draft_takes_the_place_of_the_older(staff: StaffedWorld, database: Database) -> None:
    await remember_searches(database, *PROMPTS)
    older, newer = await ask(staff), await ask(staff, pattern="crime*")

    late = await staff.mod.click(older, label=texts.CONFIRM)

    assert texts.DRAFT_GONE in words(late.followups[-1])
    assert await rules_in(database) == []
    await staff.mod.click(newer, label=texts.CONFIRM)
    assert [rule.pattern for rule in await rules_in(database)] == ["crime*"]


async def test_of_two_who_answer_at_once_one_is_heard(database: Database) -> None:
    pending = Pending(database)
    token = await pending.put(GUILD_ID, 7, Plan((Rule.of("word", "crime", reason="why"),)))

    outcomes = await asyncio.gather(*(pending.take(GUILD_ID, 7, token) for _ in range(8)), return_exceptions=True)

    assert sum(isinstance(outcome, Plan) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 7


async def test_a_plan_is_for_the_one_who_made_it(database: Database) -> None:
    token = await Pending(database).put(GUILD_ID, 7, Plan((Rule.of("word", "crime"),)))

    for guild_id, user_id, given in ((GUILD_ID, 8, token), (GUILD_ID + 1, 7, token), (GUILD_ID, 7, "x" * 12)):
        with pytest.raises(RuleError):
            await Pending(database).take(guild_id, user_id, given)
    assert await Pending(database).take(GUILD_ID, 7, token)


async def test_a_plan_comes_back_as_it_was_put(database: Database, engine: SearchEngine) -> None:
    rule = await add_concept(database, engine, "death", "a skull")

    token = await Pending(database).put(GUILD_ID, 7, Plan((rule,), "why"))
    plan = await Pending(database).take(GUILD_ID, 7, token)

    assert plan.reason == "why"
    assert [(each.id, each.version, each.to_dict()) for each in plan.rules] == [(rule.id, 1, rule.to_dict())]


def custom_ids(message: ResponseMessage) -> dict[str, str]:
    return {button["label"]: button["custom_id"] for row in message.components for button in row.get("components", [])}


@pytest.mark.parametrize(
    ("command", "options"),
    [("remove", {}), ("enable", {"on": False}), ("edit", {"expires": "30"}), ("edit", {"pattern": "a war"})],
    ids=["remove", "switch off", "an end", "another pattern"],
)
async def test_taking_back_what_was_allowed_asks_where_much_would_fall(
    staff: StaffedWorld, database: Database, command: str, options: dict[str, Any]
) -> None:
    await remember_searches(database, *PROMPTS)
    await add_rule(database, "word", "crime")
    allow = await add_rule(database, "allow", "a crime")

    told = await ask(staff, command, rule=str(allow.id), **options)

    assert "Of the last 20 searches, this would refuse" in words(told)
    assert "allow `" in words(told)
    assert allow in await rules_in(database)
    await staff.mod.click(told, label=texts.CONFIRM)
    assert allow not in await rules_in(database)
    assert texts.CONFIRMED in words(told)


@pytest.mark.parametrize("options", [{"reason": "another"}, {"expires": "3000"}, {"expires": "never"}])
async def test_what_frees_as_much_as_before_is_not_asked_about(
    staff: StaffedWorld, database: Database, options: dict[str, str]
) -> None:
    await remember_searches(database, *PROMPTS)
    await add_rule(database, "word", "crime")
    allow = await add_rule(database, "allow", "a crime", expires=int(time.time()) + 3_600)

    assert buttons(await ask(staff, "edit", rule=str(allow.id), **options)) == {}


async def test_an_undo_that_would_refuse_much_asks_and_takes_back_that_change_alone(
    staff: StaffedWorld, database: Database
) -> None:
    await remember_searches(database, *PROMPTS)
    rule = await add_rule(database, "word", "crime")
    await database.remove_rule(GUILD_ID, rule.id, ACTOR)

    told = await ask(staff, "undo")

    assert "would refuse 2 more" in words(told)
    assert "removed" in words(told)
    assert await rules_in(database) == []
    await add_rule(database, "word", "war")
    await staff.mod.click(told, label=texts.CONFIRM)
    assert [each.pattern for each in await rules_in(database)] == ["war"]
    await database.undo(GUILD_ID, ACTOR)
    again = await ask(staff, "undo")
    await staff.mod.click(again, label=texts.CONFIRM)
    assert [each.pattern for each in await rules_in(database)] == ["crime"]


async def test_an_undo_that_brings_a_concept_back_asks_too(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    await remember_searches(database, *["a skull"] * 5, *["a steam engine"] * 15)
    rule = await add_concept(database, engine, "death", "a skull", "a human skull")
    await database.edit_rule(GUILD_ID, replace(rule, enabled=False), ACTOR)

    told = await ask(staff, "undo")

    assert "would refuse 5 more" in words(told)
    assert not (await rules_in(database))[0].enabled


async def test_a_new_reason_for_a_concept_is_not_asked_about(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    await remember_searches(database, *["a skull"] * 5, *["a steam engine"] * 15)
    rule = await add_concept(database, engine, "death", "a skull", "a human skull")

    assert buttons(await ask(staff, "edit", rule=str(rule.id), reason="another")) == {}


@pytest.mark.parametrize(
    ("state", "way"),
    [
        ({"enabled": False}, "`/filter enable rule:1 on:True`"),
        ({"expires": 1_000_000_000}, "`/filter edit rule:1 expires:never`"),
    ],
    ids=["off", "ended"],
)
async def test_a_rule_that_holds_no_more_is_named_and_makes_room(
    staff: StaffedWorld, database: Database, state: dict[str, Any], way: str
) -> None:
    old = await add_rule(database, "word", "crime", "log", **state)

    told = await ask(staff, pattern="Crime", reason="a new one")

    assert texts.SLEEPS.partition("{")[0] in words(told)
    assert way in words(told)
    assert await rules_in(database) == [old]
    await staff.mod.click(told, label=texts.CONFIRM)
    (rule,) = await rules_in(database)
    assert (rule.id, rule.enabled, rule.expires, rule.action.value, rule.reason) == (
        old.id, True, None, "refuse", "a new one",
    )  # fmt: skip


async def test_a_pattern_that_a_sleeping_rule_has_says_how_to_wake_that_one(
    staff: StaffedWorld, database: Database
) -> None:
    await add_rule(database, "word", "crime", enabled=False)
    other = await add_rule(database, "word", "war")

    told = await ask(staff, "edit", rule=str(other.id), pattern="crime")

    assert "`/filter enable rule:1 on:True`" in words(told)
    assert buttons(told) == {}
