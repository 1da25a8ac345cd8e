"""What led to a result: told where it is kept, in the history, in the export, and done again as it was."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from simcord.results import ResponseMessage

from bot import texts
from bot.database import Database
from bot.texts import keeping
from search_core import SearchEngine
from search_core.filters import Action, RuleKind
from tests.bot.conftest import GUILD_ID, World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, words
from tests.bot.staff import add_rule, row_named

ANT = "animals/ant_01.jpg"
TWO = {"prompt": "an animal", "compare": "a car"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(dated_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(dated_index, device="cpu") as opened:
        yield opened


async def ask(world: World, command: str, **choices: Any) -> ResponseMessage:
    return answer(await world.ann.slash(world.channel, command, **choices))


async def pick(world: World, message: ResponseMessage, kind: str, number: int = 1) -> ResponseMessage:
    return answer(await world.ann.select(message, [options(message)[kind.format(number=number)]]))


async def details(world: World, message: ResponseMessage, number: int = 1) -> ResponseMessage:
    return await pick(world, message, texts.PICK_DETAILS, number)


async def save(world: World, message: ResponseMessage, number: int = 1) -> ResponseMessage:
    shown = await details(world, message, number)
    assert (await world.ann.click(shown, label=texts.SAVE_THIS)).acknowledged
    return shown


async def exported(world: World) -> tuple[list[dict[str, str]], str]:
    """The table of an export, and its README."""
    file = (await ask(world, "saved export")).attachments[0]
    archive = zipfile.ZipFile(io.BytesIO(await file.read()))
    table = io.StringIO(archive.read("saved.csv").decode("utf-8-sig"))
    return list(csv.DictReader(table)), archive.read("README.txt").decode()


async def again(world: World) -> tuple[str, ResponseMessage]:
    """The history's newest line, and what comes of asking that again."""
    shown = await ask(world, "history show")
    newest = next(iter(options(shown).values()))
    line = next(line for line in words(shown).splitlines() if line.startswith("**1\\."))
    return line, answer(await world.ann.select(shown, [newest]))


async def forget_searches(database: Database) -> None:
    """Let all searches behind buttons expire."""
    async with database._engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM searches")


def all_covered(message: ResponseMessage) -> bool:
    return bool(message.attachments) and all(each.filename.startswith("SPOILER_") for each in message.attachments)


# ---------------------------------------------------------------------------------------------------- timelines


async def test_a_result_of_a_timeline_of_two_prompts_is_kept_with_both(world: World) -> None:
    message = await ask(world, "timeline", **TWO)
    numbers = [int("".join(filter(str.isdigit, label))) for label in options(message)]
    await save(world, message, max(numbers))

    listed = words(await ask(world, "saved list"))
    [line], readme = await exported(world)

    both = "an animal, compared with a car"
    assert keeping.SAVED_FROM_TIMELINE.format(prompt=f"`{both}`") in listed
    assert (line["prompt"], line["asked_with"]) == (both, "timeline")
    assert keeping.README_TIMELINE.format(prompt=both) in readme


async def test_both_prompts_of_a_timeline_are_told_to_the_one_they_are_about(world: World, database: Database) -> None:
    await world.ann.slash(world.channel, "history on")
    await ask(world, "timeline", **TWO)

    kept = await database.personal.all_of(world.ann.id)

    for table in ("searches", "history"):
        assert (kept[table][0]["prompt"], kept[table][0]["compared"]) == ("an animal", "a car")


async def test_a_timeline_in_the_history_is_one_and_is_drawn_again_also_when_its_search_expired(
    world: World, database: Database
) -> None:
    await world.ann.slash(world.channel, "history on")
    first = await ask(world, "timeline", **TWO, field="colourfulness")
    await forget_searches(database)

    line, drawn = await again(world)

    assert keeping.HISTORY_TIMELINE.format(prompts="`an animal` and `a car`") in line
    assert drawn.ephemeral
    assert alts(drawn) == alts(first)
    assert "along colourfulness" in words(drawn)


async def test_a_private_timeline_is_posted_and_its_examples_can_be_picked(world: World) -> None:
    mine = await ask(world, "timeline", **TWO, private=True)
    assert buttons(mine)[texts.POST]

    posted = answer(await world.ann.click(mine, label=texts.POST))

    assert not posted.ephemeral
    assert alts(posted) == alts(mine)
    assert texts.DELETE in buttons(posted)
    assert texts.POST not in buttons(posted)
    assert alts(await details(world, posted))


async def test_a_timeline_is_posted_under_the_rules_of_that_moment(world: World, database: Database) -> None:
    mine = await ask(world, "timeline", **TWO, private=True)
    await add_rule(database, GUILD_ID, RuleKind.WORD, "car")

    result = await world.ann.click(mine, label=texts.POST)

    assert "do not allow" in words(result.followups[-1])
    assert result.followups[-1].ephemeral


# ---------------------------------------------------------------------------------------------------- by lot


async def test_what_was_drawn_by_lot_is_kept_as_that(world: World) -> None:
    await save(world, await ask(world, "random", where="label=food"))

    listed = words(await ask(world, "saved list"))
    [line], readme = await exported(world)

    assert keeping.SAVED_FROM_LOT_AMONG.format(conditions="`where label=food`") in listed
    assert (line["prompt"], line["asked_with"]) == ("where label=food", "lot")
    assert keeping.README_LOT_AMONG.format(conditions="where label=food") in readme
    assert keeping.README_DRAWN in readme
    assert "ranked by a model" not in readme
    assert "Drawn by lot with Vignette" in readme


async def test_a_private_draw_is_posted_with_the_same_pictures_but_those_hidden_from_everybody(
    world: World, database: Database, engine: SearchEngine
) -> None:
    mine = await ask(world, "random", private=True)
    rows = [int(value.partition(":")[2]) for value in list(options(mine).values())[::2]]
    first = (await engine.pictures(rows))[0]
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, first.sha256, Action.HIDE)

    posted = answer(await world.ann.click(mine, label=texts.POST))

    assert not posted.ephemeral
    assert [alt.split(". ", 1)[1] for alt in alts(posted)] == [alt.split(". ", 1)[1] for alt in alts(mine)[1:]]
    assert buttons(posted).keys() >= {texts.AGAIN, texts.DELETE}


async def test_a_draw_in_the_history_is_drawn_again_when_its_search_expired(world: World, database: Database) -> None:
    await world.ann.slash(world.channel, "history on")
    await ask(world, "random", where="label=food")
    await forget_searches(database)

    line, drawn = await again(world)

    assert keeping.HISTORY_BY_LOT in line
    assert "label=food" in line
    assert all("category food" in alt for alt in alts(drawn))


# ---------------------------------------------------------------------------------------------------- similar ones


async def test_what_is_similar_to_a_result_is_kept_with_that_results_title(world: World) -> None:
    found = await ask(world, "similar", image=("ant.jpg", posted_copy(ANT)))
    await save(world, await pick(world, found, texts.PICK_SIMILAR))

    listed = words(await ask(world, "saved list"))
    [line], readme = await exported(world)

    assert keeping.SAVED_FROM_RESULT.format(title="Ant") in listed
    assert (line["asked_with"], line["similar_to"]) == ("result", "Ant")
    assert keeping.README_RESULT.format(title="Ant") in readme


async def test_a_hidden_picture_is_not_named_by_what_is_similar_to_it(
    world: World, database: Database, engine: SearchEngine
) -> None:
    found = await ask(world, "similar", image=("ant.jpg", posted_copy(ANT)))
    await save(world, await pick(world, found, texts.PICK_SIMILAR))
    _, sha256 = await row_named(engine, ANT)
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, sha256, Action.HIDE)

    listed = words(await ask(world, "saved list"))
    [line], readme = await exported(world)

    assert keeping.SAVED_FROM_RESULT.format(title=keeping.SAVED_ANOTHER) in listed
    assert line["similar_to"] == ""
    assert keeping.README_RESULT.format(title=keeping.SAVED_ANOTHER) in readme


async def test_all_that_goes_on_from_a_picture_under_a_spoiler_is_covered(world: World) -> None:
    found = await ask(world, "similar", image=("SPOILER_ant.jpg", posted_copy(ANT)))

    similar = await pick(world, found, texts.PICK_SIMILAR)
    posted = answer(await world.ann.click(similar, label=texts.POST))
    further = await pick(world, posted, texts.PICK_SIMILAR, 2)
    shown = await save(world, further)
    listed = await ask(world, "saved list")

    for message in (found, await details(world, found), similar, posted, further, shown, listed):
        assert all_covered(message), words(message)


@pytest.mark.parametrize("way", ["post", "next"])
async def test_the_heading_of_a_picture_in_a_message_stays_that(world: World, way: str) -> None:
    bens = await world.ben.send(world.channel, "look", attachments=[("copy.jpg", posted_copy(ANT))])
    message = answer(await world.ann.context_menu(world.channel, texts.SIMILAR_MENU, bens))

    result = await world.ann.click(message, label=texts.POST if way == "post" else texts.NEXT)

    shown = answer(result) if way == "post" else message
    assert texts.SIMILAR_TO_MESSAGE in words(shown)
    assert texts.SIMILAR_TO_POSTED not in words(shown)


# ---------------------------------------------------------------------------------------------------- searches


async def test_a_search_is_asked_again_with_count_and_narrowing_also_when_it_expired(
    world: World, database: Database
) -> None:
    await world.ann.slash(world.channel, "history on")
    narrowing = {"without": "a bird", "where": "label=animals"}
    first = await ask(world, "search", prompt="an animal", count=3, **narrowing)
    await forget_searches(database)

    line, asked = await again(world)

    for part in narrowing.values():
        assert part in line
        assert part in words(asked)
    assert alts(asked) == alts(first)
    assert len(alts(asked)) == 3


async def test_a_search_of_which_nothing_more_is_known_is_asked_again_and_says_so(
    world: World, database: Database
) -> None:
    await world.ann.slash(world.channel, "history on")
    await ask(world, "search", prompt="an animal")
    async with database._engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE history SET way = NULL, k = NULL")

    _, asked = await again(world)

    assert keeping.HISTORY_BARE in words(asked)
    assert len(alts(asked)) == 9


async def test_a_part_without_words_is_named(world: World) -> None:
    for command, choices, told in (
        ("search", {"prompt": "a ship", "without": " \u200b"}, texts.WITHOUT_EMPTY),
        ("timeline", {"prompt": "a ship", "compare": "\u200b "}, texts.COMPARE_EMPTY),
    ):
        message = await ask(world, command, **choices)
        assert told in words(message)
        assert message.ephemeral


@pytest.mark.parametrize("cut", [("prompt",), ("without",), ("prompt", "without")])
async def test_it_is_said_which_of_prompt_and_without_was_too_long(world: World, cut: tuple[str, ...]) -> None:
    asked = {"prompt": "an animal", "without": "a red car"}
    asked |= {name: f"{asked[name]} on a road with trees and a house " * 15 for name in cut}

    message = await ask(world, "search", **asked)
    if texts.SHOW_NEAREST in buttons(message):
        await world.ann.click(message, label=texts.SHOW_NEAREST)

    assert (texts.TRUNCATED in words(message)) == ("prompt" in cut)
    assert (texts.TRUNCATED_WITHOUT in words(message)) == ("without" in cut)


async def test_the_alt_text_of_a_single_picture_has_no_number(world: World) -> None:
    message = await ask(world, "similar", image=("ant.jpg", posted_copy(ANT)))

    [alt] = alts(await details(world, message))

    assert alt.startswith("Ant,")
