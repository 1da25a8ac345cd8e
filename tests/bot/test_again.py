"""Drawn by lot once more: by the button under a draw, and from one's own history; and what narrowed a past search."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.results import ResponseMessage

from bot import texts
from bot.database import Database
from bot.texts import keeping as keeping_texts
from search_core import SearchEngine
from search_core.filters import Action, RuleKind
from tests.bot.conftest import GUILD_ID, World
from tests.bot.reading import alts, answer, buttons, options, words
from tests.bot.staff import add_rule


async def draw(world: World, **choices: str | bool) -> ResponseMessage:
    return answer(await world.ann.slash(world.channel, "random", **choices))


def rows(message: ResponseMessage) -> set[int]:
    """The rows of the pictures that can be picked."""
    return {int(value.partition(":")[2]) for value in options(message).values()}


async def categories(engine: SearchEngine, message: ResponseMessage) -> set[str]:
    return {picture.metadata["label"] for picture in await engine.pictures(sorted(rows(message)))}


async def hide_all_but_food(database: Database, engine: SearchEngine, **parts: Any) -> None:
    pictures = await engine.pictures(range(engine.manifest.rows))
    for label in sorted({picture.metadata["label"] for picture in pictures} - {"food"}):
        await add_rule(database, GUILD_ID, RuleKind.SOURCE, f"label={label}", Action.HIDE, **parts)


async def test_the_asker_draws_again_in_the_place_of_the_first_draw(world: World) -> None:
    message = await draw(world)
    before = rows(message)

    result = await world.ann.click(message, label=texts.AGAIN)

    assert result.acknowledged
    assert not result.followups
    assert rows(message) != before
    assert len(alts(message)) == len(message.attachments) == 9
    assert buttons(message)[texts.AGAIN]
    assert world.channel.last_message is not None
    assert world.channel.last_message.id == message.id


async def test_the_second_draw_can_be_drawn_again_and_deleted_too(world: World) -> None:
    message = await draw(world)

    await world.ann.click(message, label=texts.AGAIN)
    second = rows(message)
    await world.ann.click(message, label=texts.AGAIN)
    third = rows(message)
    await world.ann.click(message, label=texts.DELETE)

    assert third != second
    assert message.id not in [each.id for each in world.channel.history()]


async def test_somebody_else_draws_for_themselves_and_the_message_stays(world: World) -> None:
    message = await draw(world, where="label=food")
    before = options(message)

    own = answer(await world.ben.click(message, label=texts.AGAIN))
    first = rows(own)
    await world.ben.click(own, label=texts.AGAIN)

    assert own.ephemeral
    assert texts.DELETE not in buttons(own)
    assert "`label=food`" in words(own)
    assert rows(own) != first
    assert options(message) == before


async def test_a_private_draw_stays_private(world: World) -> None:
    message = await draw(world, private=True)
    before = rows(message)

    await world.ann.click(message, label=texts.AGAIN)

    assert message.ephemeral
    assert rows(message) != before
    assert texts.DELETE not in buttons(message)
    assert not [each for each in world.channel.history() if each.author.bot]


@pytest.mark.parametrize("private", [False, True])
async def test_the_conditions_of_the_first_draw_hold_for_the_next(
    world: World, engine: SearchEngine, private: bool
) -> None:
    message = await draw(world, where="label=food; title!=Apple", private=private)

    for _ in range(2):
        await world.ann.click(message, label=texts.AGAIN)
        assert "`label=food; title!=Apple`" in words(message)
        assert await categories(engine, message) == {"food"}


async def test_a_rule_that_hides_pictures_holds_from_the_next_draw_on(
    world: World, engine: SearchEngine, database: Database
) -> None:
    message = await draw(world)
    await hide_all_but_food(database, engine)

    await world.ann.click(message, label=texts.AGAIN)

    assert await categories(engine, message) == {"food"}


async def test_a_draw_of_which_nothing_may_be_shown_any_more_stays_and_that_is_told(
    world: World, database: Database
) -> None:
    message = await draw(world, where="label=food")
    before = options(message)
    await add_rule(database, GUILD_ID, RuleKind.SOURCE, "label=food", Action.HIDE)

    result = await world.ann.click(message, label=texts.AGAIN)

    assert texts.RANDOM_NONE in words(result.followups[-1])
    assert result.followups[-1].ephemeral
    assert options(message) == before


async def test_conditions_that_are_refused_by_now_draw_nothing_and_are_not_repeated(
    world: World, database: Database
) -> None:
    message = await draw(world, where="title~cat")
    before = options(message)
    await add_rule(database, GUILD_ID, RuleKind.WORD, "cat")

    result = await world.ann.click(message, label=texts.AGAIN)

    assert "do not allow" in words(result.followups[-1])
    assert "cat" not in words(result.followups[-1]).lower()
    assert options(message) == before


async def test_a_public_draw_keeps_the_rules_for_everybody_whatever_role_spares_the_asker(
    world: World, engine: SearchEngine, database: Database
) -> None:
    role = world.guild.create_role("Curators")
    cura = world.guild.add_member(world.env.create_user("cura"), roles=[role])
    await world.env.settle()
    message = answer(await cura.slash(world.channel, "random", private=False))
    await hide_all_but_food(database, engine, bypass_roles=frozenset({role.id}))

    await cura.click(message, label=texts.AGAIN)
    copy = answer(await world.ben.click(message, label=texts.AGAIN))
    own = answer(await cura.slash(world.channel, "random", private=True))

    assert await categories(engine, message) == {"food"}
    assert await categories(engine, copy) == {"food"}
    assert await categories(engine, own) != {"food"}


# --------------------------------------------------------------------------------------------------------- history


async def history(world: World) -> ResponseMessage:
    return answer(await world.ann.slash(world.channel, "history show"))


async def test_a_draw_is_in_the_history_with_its_conditions_and_is_drawn_again(
    world: World, engine: SearchEngine
) -> None:
    await world.ann.slash(world.channel, "history on")
    drawn = await draw(world, where="label=food")
    shown = await history(world)

    again = answer(await world.ann.select(shown, list(options(shown).values())))

    assert keeping_texts.HISTORY_BY_LOT in words(shown)
    assert "label=food" in words(shown)
    assert again.ephemeral
    assert "`label=food`" in words(again)
    assert await categories(engine, again) == {"food"}
    assert rows(again) != rows(drawn)


async def test_a_search_is_in_the_history_with_what_narrowed_it_and_is_asked_again_with_that(world: World) -> None:
    await world.ann.slash(world.channel, "history on")
    narrowing = {"prompt": "an animal", "without": "a bird", "where": "label=animals"}
    first = answer(await world.ann.slash(world.channel, "search", **narrowing))
    unnarrowed = answer(await world.ben.slash(world.channel, "search", prompt="an animal"))
    shown = await history(world)

    again = answer(await world.ann.select(shown, list(options(shown).values())))

    for part in narrowing.values():
        assert part in words(shown)
        assert part in words(again)
    assert alts(again) == alts(first) != alts(unnarrowed)


async def test_a_word_refused_since_then_keeps_a_past_narrowing_from_being_asked_again(
    world: World, database: Database
) -> None:
    await world.ann.slash(world.channel, "history on")
    await world.ann.slash(world.channel, "search", prompt="an animal", without="a bird")
    shown = await history(world)
    await add_rule(database, GUILD_ID, RuleKind.WORD, "bird")

    told = answer(await world.ann.select(shown, list(options(shown).values())))

    assert "do not allow" in words(told)
    assert "bird" not in words(told)
