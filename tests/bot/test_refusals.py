"""Refusals: told to the one who asked and to the moderators, to nobody else, and not too often."""

from __future__ import annotations

import logging

import discord
import pytest

from bot import texts
from bot.database import Database
from bot.moderation.refusals import QUIET_SECONDS
from search_core import SearchEngine
from search_core.filters import Action, RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, posted_copy, words
from tests.bot.staff import add_rule, row_named, set_up, staff_of


async def add_concept(database: Database, engine: SearchEngine, *examples: str, action: Action = Action.REFUSE) -> None:
    concept = await engine.make_concept(texts=examples)
    note = "Drawn long ago." if action is Action.NOTE else ""
    await add_rule(database, GUILD_ID, RuleKind.CONCEPT, "a concept", action, concept=concept, note=note)


async def test_a_prompt_refused_by_meaning_is_told_in_private_and_leaves_no_trace_in_public(
    world: World, database: Database, engine: SearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await add_concept(database, engine, "a skull", "skull and bones")

    result = await world.ann.slash(world.channel, "search", prompt="a skull")

    told = answer(result)
    assert "do not allow" in words(told)
    assert told.ephemeral
    assert world.channel.history(viewer=world.ben) == []
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("bot", "search_core"))]
    assert "skull" not in " ".join(ours) + words(told)
    (refusal,) = await database.recent_refusals(GUILD_ID)
    assert refusal.views == ("meaning",)


async def test_a_refused_picture_in_a_mention_is_told_without_naming_a_rule(
    world: World, database: Database, engine: SearchEngine
) -> None:
    row, _ = await row_named(engine, "animals/ant_01.jpg")
    concept = await engine.make_concept(rows=(row,))
    await add_rule(database, GUILD_ID, RuleKind.CONCEPT, "small crawlers", concept=concept)
    assert world.client.user is not None

    await world.ann.send(world.channel, f"<@{world.client.user.id}>", attachments=[("a.jpg", posted_copy())])

    reply = world.channel.history()[-1]
    assert reply.content.startswith(texts.NOT_ANSWERED_HERE)
    assert "crawlers" not in reply.content
    assert reply.attachments == []


async def test_moderators_are_told_once_a_minute_for_each_person_also_over_a_restart(
    world: World, database: Database, new_client: NewClient
) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderators_channel=staff.room.id)
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")

    for _ in range(3):
        await world.ann.slash(world.channel, "search", prompt="a skull || here")
    await world.env.restart_bot(new_client())
    await world.ann.slash(world.channel, "search", prompt="a skull")
    await world.ben.slash(world.channel, "search", prompt="a skull")
    await world.env.settle()

    notices = [message.content for message in staff.room.history()]
    assert [str(who.id) in notice for who, notice in zip((world.ann, world.ben), notices, strict=True)] == [True, True]
    assert notices[0].count("||") == 2
    assert len(await database.recent_refusals(GUILD_ID)) == 5


async def test_after_the_minute_the_moderators_are_told_again(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderators_channel=staff.room.id)
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
    await world.ann.slash(world.channel, "search", prompt="a skull")
    note = f"refusal-notice:{GUILD_ID}:{world.ann.id}"
    last = await database.read_note(note)
    assert last is not None
    await database.write_note(note, str(int(last) - QUIET_SECONDS))

    await world.ann.slash(world.channel, "search", prompt="a skull")
    await world.env.settle()

    assert len(staff.room.history()) == 2


async def test_a_moderators_channel_that_everybody_can_read_by_now_gets_no_notice(
    world: World, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    await set_up(database, GUILD_ID, moderators_channel=world.channel.id)
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")

    await world.ann.slash(world.channel, "search", prompt="a skull")
    await world.env.settle()

    assert world.channel.history(viewer=world.ben) == []
    assert "is not used" in caplog.text


async def test_a_notice_that_cannot_be_sent_does_not_change_what_the_asker_is_told(
    world: World, database: Database
) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderators_channel=staff.room.id)
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
    world.env.inject_error("POST", f"/channels/{staff.room.id}/messages", status=403)

    told = answer(await world.ann.slash(world.channel, "search", prompt="a skull"))

    assert "do not allow" in words(told)


@pytest.mark.parametrize("kind", [RuleKind.WORD, RuleKind.PICTURE])
async def test_a_spoiler_rule_covers_what_it_is_about(
    world: World, database: Database, engine: SearchEngine, kind: RuleKind
) -> None:
    _, sha256 = await row_named(engine, "animals/ant_01.jpg")
    await add_rule(database, GUILD_ID, kind, "fish" if kind is RuleKind.WORD else sha256, Action.SPOILER)

    if kind is RuleKind.WORD:
        message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))
    else:
        message = answer(await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy())))
    covered = [file.filename.startswith("SPOILER_") for file in message.attachments]

    assert covered == ([True] * 9 if kind is RuleKind.WORD else [True] + [False] * 8)


@pytest.mark.parametrize("kind", [RuleKind.WORD, RuleKind.PICTURE])
async def test_a_note_stands_above_the_pictures_also_on_further_pages(
    world: World, database: Database, engine: SearchEngine, kind: RuleKind
) -> None:
    _, sha256 = await row_named(engine, "animals/ant_01.jpg")
    pattern = "fish" if kind is RuleKind.WORD else sha256
    await add_rule(database, GUILD_ID, kind, pattern, Action.NOTE, note="Drawn *long* ago")

    if kind is RuleKind.WORD:
        message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))
        await world.ann.click(message, label=texts.NEXT)
    else:
        message = answer(await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy())))

    assert "> Drawn \\*long\\* ago" in words(message)


async def test_a_concept_made_with_another_model_stops_the_search_with_a_sentence(
    world: World, database: Database, engine: SearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    from dataclasses import replace

    concept = replace(await engine.make_concept(rows=(0,)), weights="another", pictures=())
    await add_rule(database, GUILD_ID, RuleKind.CONCEPT, "secret name", concept=concept)

    told = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert texts.RULES_UNFIT in words(told)
    assert alts(told) == []
    assert "secret name" not in words(told) + caplog.text
    assert isinstance(world.client.get_channel(world.channel.id), discord.TextChannel)
