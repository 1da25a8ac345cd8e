"""`/hide`, `/unhide` and the menu: by title, by result, from the next query on, and back again."""

from __future__ import annotations

import pytest
from simcord.results import ResponseMessage

from bot import custom_ids, texts
from bot.database import Database
from bot.texts import moderation as moderators
from search_core import SearchEngine
from search_core.filters import Action, RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import answer, options, posted_copy, sample_picture, words
from tests.bot.staff import add_rule, row_named, staff_of

ANT = "animals/ant_01.jpg"
REASON = "not fit for this server"


async def ant(world: World) -> ResponseMessage:
    return answer(await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy(ANT))))


async def shows_the_ant(world: World) -> bool:
    return sample_picture(ANT) in [await file.read() for file in (await ant(world)).attachments]


async def test_a_picture_is_picked_by_title_hidden_and_shown_again(world: World) -> None:
    staff = await staff_of(world)
    assert await shows_the_ant(world)
    offered = await staff.mod.autocomplete(world.channel, "hide", "picture", "ant", reason=REASON)
    assert offered[0]["name"] == f"Ant ({ANT})"

    hidden = answer(await staff.mod.slash(world.channel, "hide", picture=offered[0]["value"], reason=REASON))
    assert hidden.ephemeral
    assert "Hidden from the next search on" in words(hidden)
    assert not await shows_the_ant(world)

    offered = await staff.mod.autocomplete(world.channel, "unhide", "picture", "ANT", reason=REASON)
    assert [choice["name"] for choice in offered] == [f"Ant ({ANT})"]
    shown = answer(await staff.mod.slash(world.channel, "unhide", picture=offered[0]["value"], reason=REASON))
    assert "Shown again" in words(shown)
    assert await shows_the_ant(world)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (ANT, "Hidden from the next search on"),
        ("animals/ANT_01", "Hidden from the next search on"),
        ("ant_01", moderators.SEVERAL_PICTURES),
        ("elephant", moderators.SEVERAL_PICTURES),
        ("no such thing", moderators.NO_SUCH_PICTURE),
        ("0" * 64, moderators.NO_SUCH_PICTURE),
    ],
)
async def test_what_is_typed_without_picking_must_name_one_picture(world: World, typed: str, told: str) -> None:
    staff = await staff_of(world)

    assert told in words(answer(await staff.mod.slash(world.channel, "hide", picture=typed, reason=REASON)))


@pytest.mark.parametrize("typed", ["Ant", "999", "-1", "²"])
async def test_only_what_is_hidden_can_be_shown_again(world: World, typed: str) -> None:
    staff = await staff_of(world)

    told = answer(await staff.mod.slash(world.channel, "unhide", picture=typed, reason=REASON))

    assert moderators.NOT_HIDDEN in words(told)


async def test_hiding_twice_names_the_rule(world: World) -> None:
    staff = await staff_of(world)
    await staff.mod.slash(world.channel, "hide", picture=ANT, reason=REASON)

    told = answer(await staff.mod.slash(world.channel, "hide", picture=ANT, reason=REASON))

    assert moderators.HIDDEN_ALREADY.format(rule=1) in words(told)


async def test_hiding_strengthens_a_rule_that_says_less(world: World, database: Database, engine: SearchEngine) -> None:
    staff = await staff_of(world)
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, (await row_named(engine, ANT))[1], Action.SPOILER)

    await staff.mod.slash(world.channel, "hide", picture=ANT, reason=REASON)

    (rule,) = (await database.snapshot(GUILD_ID)).rules
    assert (rule.action, rule.reason, rule.version) == (Action.HIDE, REASON, 2)


async def test_a_hidden_picture_that_left_the_collection_can_be_shown_again(world: World, database: Database) -> None:
    staff = await staff_of(world)
    rule = await add_rule(database, GUILD_ID, RuleKind.PICTURE, "ab" * 32)

    offered = await staff.mod.autocomplete(world.channel, "unhide", "picture", "", reason=REASON)
    assert moderators.NAMELESS in offered[0]["name"]
    await staff.mod.slash(world.channel, "unhide", picture=str(rule.id), reason=REASON)

    assert (await database.snapshot(GUILD_ID)).rules == ()


async def test_the_menu_hides_a_result_of_an_answer_by_a_form_that_survives_a_restart(
    world: World, new_client: NewClient, database: Database
) -> None:
    staff = await staff_of(world)
    message = await ant(world)
    offered = answer(await staff.mod.context_menu(world.channel, moderators.HIDE_MENU, message.message))
    assert offered.ephemeral
    form = await staff.mod.select(offered, [next(iter(options(offered).values()))])
    await world.env.restart_bot(new_client())

    done = answer(await staff.mod.submit_modal(form, {"reason": REASON}))

    assert "Hidden from the next search on" in words(done)
    assert [rule.reason for rule in (await database.snapshot(GUILD_ID)).rules] == [REASON]
    assert not await shows_the_ant(world)


async def test_the_menu_works_on_the_bots_own_answers_only(world: World) -> None:
    staff = await staff_of(world)
    posted = await world.ann.send(world.channel, "look")

    told = answer(await staff.mod.context_menu(world.channel, moderators.HIDE_MENU, posted))

    assert texts.NOTHING_TO_PICK in words(told)


async def test_the_details_hide_their_picture(world: World) -> None:
    staff = await staff_of(world)
    message = await ant(world)
    details = answer(await staff.mod.select(message, [options(message)[texts.PICK_DETAILS.format(number=1)]]))

    form = await staff.mod.click(details, label=texts.HIDE_THIS)
    await staff.mod.submit_modal(form, {"reason": REASON})

    assert not await shows_the_ant(world)


@pytest.mark.parametrize(
    "custom_id",
    ["vignette:hide-pick:short", custom_ids.hide_pick_id("abcdefghijkl") + ":1", "vignette:hide-one:abcdefghijkl:-1"],
)
def test_a_crafted_custom_id_reaches_no_control(custom_id: str) -> None:
    from bot.moderation.report_controls import REPORT_CONTROLS

    assert not [each for each in REPORT_CONTROLS if each.__discord_ui_compiled_template__.fullmatch(custom_id)]
