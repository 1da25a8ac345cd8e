"""Buttons and selects: for the asker, for somebody else, after a restart, and when what they stand for is gone."""

from __future__ import annotations

import re

import pytest
import simcord
from simcord.results import ResponseMessage

from bot import custom_ids, texts
from bot.components import CONTROLS
from bot.database import Database
from search_core import QueryError, SearchEngine
from search_core.filters import RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, StaffedWorld, World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, sample_picture, words
from tests.bot.staff import add_rule, row_named, standing_in

NAME = "animals/ant_01.jpg"


async def ant(world: World, **choices: bool) -> ResponseMessage:
    """An answer whose first result is the ant."""
    return answer(await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy(NAME)), **choices))


async def change_searches(database: Database, statement: str) -> None:
    async with database._engine.begin() as connection:
        await connection.exec_driver_sql(statement)


async def test_the_asker_turns_the_page_of_the_message_itself(world: World) -> None:
    message = await ant(world)
    first_page = alts(message)

    result = await world.ann.click(message, label=texts.NEXT)
    assert result.acknowledged
    assert [alt.split(".")[0] for alt in alts(message)] == [str(number) for number in range(10, 19)]
    assert "Page 2" in words(message)
    assert len(message.attachments) == 9

    await world.ann.click(message, label=texts.PREVIOUS)
    assert alts(message) == first_page
    assert not buttons(message)[texts.PREVIOUS]


async def test_the_pages_of_a_search_have_no_picture_twice(world: World) -> None:
    message = await ant(world)
    seen = list(options(message).values())

    for _ in range(3):
        await world.ann.click(message, label=texts.NEXT)
        seen += options(message).values()

    assert len(seen) == len(set(seen)) == 4 * 18


async def test_somebody_else_gets_a_private_copy_and_the_message_stays(world: World) -> None:
    message = await ant(world)
    before = alts(message)

    copy = answer(await world.ben.click(message, label=texts.NEXT))

    assert alts(message) == before
    assert copy.ephemeral
    assert alts(copy)[0].startswith("10. ")


async def test_the_private_copy_turns_in_place(world: World) -> None:
    copy = answer(await world.ben.click(await ant(world), label=texts.NEXT))

    result = await world.ben.click(copy, label=texts.PREVIOUS)

    assert result.acknowledged
    assert alts(copy)[0].startswith("1. ")


async def test_similar_pictures_of_a_result_come_in_private_without_the_result_itself(world: World) -> None:
    message = await ant(world)
    value = options(message)[texts.PICK_SIMILAR.format(number=1)]

    found = answer(await world.ben.select(message, [value]))

    assert found.ephemeral
    assert len(alts(found)) == 9
    assert sample_picture(NAME) not in [await file.read() for file in found.attachments]
    assert "Pictures similar to Ant" in words(found)


async def test_the_pages_of_similar_pictures_leave_the_result_itself_out_too(world: World) -> None:
    message = await ant(world)
    found = answer(await world.ann.select(message, [options(message)[texts.PICK_SIMILAR.format(number=1)]]))
    first = set(options(found).values())

    await world.ann.click(found, label=texts.NEXT)

    assert not first & set(options(found).values())
    assert sample_picture(NAME) not in [await file.read() for file in found.attachments]
    assert "Pictures similar to Ant" in words(found)


async def test_details_of_a_result_tell_all_that_is_known(world: World) -> None:
    message = await ant(world)

    details = answer(await world.ben.select(message, [options(message)[texts.PICK_DETAILS.format(number=1)]]))

    assert details.ephemeral
    assert await details.attachments[0].read() == sample_picture(NAME)
    for told in ("**title** Ant", "**creator** Andy Fitzsimon", "**licence** Public domain", "**label** animals"):
        assert told in words(details)


async def test_buttons_and_selects_work_after_a_restart(world: World, new_client: NewClient) -> None:
    message = await ant(world)
    value = options(message)[texts.PICK_DETAILS.format(number=1)]

    await world.env.restart_bot(new_client())
    turned = await world.ann.click(message, label=texts.NEXT)
    picked = await world.ann.select(message, [options(message)[texts.PICK_DETAILS.format(number=12)]])

    assert value
    assert turned.acknowledged
    assert alts(message)[0].startswith("10. ")
    assert len(answer(picked).attachments) == 1


@pytest.mark.parametrize("press", ["click", "select"])
async def test_an_answer_whose_search_is_gone_says_so(world: World, database: Database, press: str) -> None:
    message = await ant(world)
    await change_searches(database, "DELETE FROM searches")

    told = answer(await _press(world, message, press))

    assert texts.SEARCH_UNKNOWN in words(told)
    assert told.ephemeral


@pytest.mark.parametrize("press", ["click", "select"])
async def test_an_answer_from_before_a_rebuild_says_so(world: World, database: Database, press: str) -> None:
    message = await ant(world)
    before = alts(message)
    await change_searches(database, "UPDATE searches SET generation = 'another'")

    result = await _press(world, message, press)

    told = result.followups[-1] if result.followups else answer(result)
    assert texts.GENERATION_CHANGED in words(told)
    assert alts(message) == before


async def _press(world: World, message: ResponseMessage, press: str) -> simcord.InteractionResult:
    if press == "click":
        return await world.ann.click(message, label=texts.NEXT)
    return await world.ann.select(message, [options(message)[texts.PICK_DETAILS.format(number=1)]])


async def test_a_rule_made_later_counts_for_the_buttons_of_old_answers(world: World, database: Database) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="skull"))
    label = texts.NEXT if texts.NEXT in buttons(message) else texts.SHOW_NEAREST
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")

    result = await world.ann.click(message, label=label)

    assert "do not allow" in words(result.followups[-1])
    assert "skull" not in words(result.followups[-1])


@pytest.mark.parametrize("what", [texts.PICK_DETAILS, texts.PICK_SIMILAR])
async def test_a_picture_hidden_later_shows_neither_details_nor_likenesses(
    world: World, database: Database, engine: SearchEngine, what: str
) -> None:
    message = await ant(world)
    value = options(message)[what.format(number=1)]
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, (await row_named(engine, NAME))[1])

    shown = answer(await world.ann.select(message, [value]))

    assert texts.PICTURE_HIDDEN in words(shown)
    assert not shown.attachments


async def test_an_error_of_a_button_reaches_user_and_log_with_the_same_id(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    message = await ant(world)

    secret = "the prompt inside"

    async def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError(secret)

    monkeypatch.setattr(world.client.services.desk, "turn", fail)
    result = await world.ann.click(message, label=texts.NEXT)

    told = words(result.followups[-1])
    found = re.search(r"\(error ([0-9a-f]{6})\)", told)
    assert texts.UNEXPECTED in told
    assert found is not None
    assert f"error={found[1]}" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert secret not in caplog.text + told


@pytest.mark.parametrize(
    "custom_id",
    [
        custom_ids.page_id("next", "abcdefghijkl", 3),
        custom_ids.page_id("previous", "ab-_efghijkl", 0),
        custom_ids.page_id("nearest", "abcdefghijkl", 0),
        custom_ids.pick_id("abcdefghijkl", 111),
    ],
)
def test_what_writes_a_custom_id_and_what_reads_it_agree(custom_id: str) -> None:
    readers = [control for control in CONTROLS if control.__discord_ui_compiled_template__.fullmatch(custom_id)]

    assert len(readers) == 1
    assert len(custom_id) <= custom_ids.MAX_LENGTH


@pytest.mark.parametrize(
    "custom_id",
    [
        "vignette:next:short:1",
        "vignette:next:abcdefghijkl:-1",
        "vignette:next:abcdefghijkl:99999",
        "vignette:drop:abcdefghijkl:1",
        "x",
    ],
)
def test_a_crafted_custom_id_reaches_no_control(custom_id: str) -> None:
    assert not [control for control in CONTROLS if control.__discord_ui_compiled_template__.fullmatch(custom_id)]


async def test_a_page_beyond_reach_is_an_error_that_says_how_far_one_gets(world: World) -> None:
    message = await ant(world)
    found = re.search(r"vignette:next:([\w-]+):", str(message.components))
    assert found is not None

    with pytest.raises(QueryError, match="up to number 1000"):
        await world.client.services.desk.turn(standing_in(world), found[1], 999)


async def test_the_asker_deletes_a_public_answer_and_a_moderator_anybodys(staff: StaffedWorld) -> None:
    for actor in (staff.ann, staff.mod):
        message = answer(await staff.ann.slash(staff.channel, "search", prompt="a fish"))

        result = await actor.click(message, label=texts.DELETE)

        assert result.acknowledged
        assert staff.channel.last_message is None or staff.channel.last_message.id != message.id


async def test_nobody_else_deletes_an_answer(world: World, new_client: NewClient) -> None:
    message = await ant(world)
    await world.env.restart_bot(new_client())

    told = answer(await world.ben.click(message, label=texts.DELETE))

    assert texts.DELETE_NOT_YOURS in words(told)
    assert told.ephemeral
    assert world.channel.last_message is not None
    assert world.channel.last_message.id == message.id


async def test_an_answer_too_old_to_know_its_asker_is_deleted_by_moderators_only(
    staff: StaffedWorld, database: Database
) -> None:
    message = await ant(staff)
    await change_searches(database, "DELETE FROM searches")

    told = answer(await staff.ann.click(message, label=texts.DELETE))
    await staff.mod.click(message, label=texts.DELETE)

    assert texts.DELETE_TOO_OLD in words(told)
    assert staff.channel.last_message is None or staff.channel.last_message.id != message.id


async def test_a_private_answer_is_not_offered_for_deletion(world: World) -> None:
    message = await ant(world, private=True)

    assert texts.DELETE not in buttons(message)
    assert texts.POST in buttons(message)
