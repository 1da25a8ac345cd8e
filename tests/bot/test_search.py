"""`/search`, acted by a member of the server."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Coroutine
from dataclasses import replace

import pytest
import simcord

from bot import create_bot, texts
from bot.database import Database
from bot.demo.story import STRANGE_PROMPTS
from bot.reply import Reply
from bot.settings import Settings
from search_core import FilterSet, Query, SearchEngine
from search_core.filters import RuleKind
from tests.bot.conftest import GUILD_ID, SETTLE_SECONDS, World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, words
from tests.bot.staff import add_rule, standing_in
from tests.conftest import COLLECTION


async def test_nine_numbered_pictures_come_with_alt_text_and_controls(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert len(message.attachments) == len(alts(message)) == 9
    assert [alt.split(". ")[0] for alt in alts(message)] == [str(number) for number in range(1, 10)]
    assert all("category " in alt for alt in alts(message))
    assert buttons(message) == {texts.PREVIOUS: False, texts.NEXT: True, texts.REPORT: True, texts.DELETE: True}
    assert len(options(message)) == 18
    assert "`a fish`" in words(message)


async def test_the_pictures_are_the_engines_hits_byte_for_byte_and_in_order(world: World, engine: SearchEngine) -> None:
    found = await engine.search(Query(text="a fish"), FilterSet.empty())

    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    expected = [(COLLECTION / hit.metadata["file_name"]).read_bytes() for hit in found.hits]
    assert [await file.read() for file in message.attachments] == expected


async def test_what_fits_the_words_is_among_the_nine(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a guitar"))

    assert any("guitar" in alt.lower() for alt in alts(message))


@pytest.mark.parametrize("private", [True, False])
async def test_a_private_answer_is_for_the_asker_alone(world: World, private: bool) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish", private=private))

    assert private == message.ephemeral


async def test_the_count_says_how_many_pictures_a_page_has(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish", count=4))
    assert len(alts(message)) == 4

    await world.ann.click(message, label=texts.NEXT)

    assert [alt.split(".")[0] for alt in alts(message)] == ["5", "6", "7", "8"]


async def test_a_prompt_cannot_ping_break_out_or_link(world: World) -> None:
    prompt = "ship` **@everyone** <@&1> ```x``` [a](https://evil.example) \u202e"
    message = answer(await world.ann.slash(world.channel, "search", prompt=prompt))

    heading = words(message).splitlines()[0]
    assert heading.count("`") == 2
    assert heading.endswith("`")
    assert message.message.mentions == []
    assert not message.message.mention_everyone


async def test_a_prompt_that_the_model_cuts_is_told(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a small red fish " * 50))

    assert texts.TRUNCATED in words(message)
    assert "…`" in words(message)


@pytest.mark.parametrize(
    "prompt",
    ["https://stranger.example/cat.png", "data:image/png;base64,AAAA", str(COLLECTION / "animals/ant_01.jpg")],
)
async def test_a_prompt_that_looks_like_an_address_stays_text(
    world: World, prompt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *address: asked.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_: asked.append(address))

    message = answer(await world.ann.slash(world.channel, "search", prompt=prompt))

    assert "Results for" in words(message) or texts.NOTHING_CLOSE_TEXT in words(message)
    assert asked == []


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("***", "holds no words"), ("\u200b\u3164", "holds no words"), ("🚢", "holds no words")],
)
async def test_an_illegible_prompt_is_told_in_private(world: World, prompt: str, told: str) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt=prompt))

    assert told in words(message)
    assert "(error " not in words(message)
    assert message.ephemeral


async def test_a_refused_prompt_is_told_in_private_and_never_repeated(
    world: World, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
    caplog.set_level(logging.DEBUG, "bot")

    message = answer(await world.ann.slash(world.channel, "search", prompt="a skull"))

    assert "do not allow" in words(message)
    assert message.ephemeral
    assert "skull" not in words(message) + caplog.text


async def test_the_log_has_a_line_for_the_search_and_no_prompt(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")

    await world.ann.slash(world.channel, "search", prompt="periwinkle umbrella")

    assert "search kind=text page=0 hits=9" in caplog.text
    assert "periwinkle" not in caplog.text


async def far_prompt(engine: SearchEngine) -> str:
    """A prompt that nothing in the collection comes close to, whichever model ships."""
    for prompt in STRANGE_PROMPTS:
        if (await engine.search(Query(text=prompt), FilterSet.empty())).nothing_close:
            return prompt
    raise AssertionError("Every prompt came close to something.")


async def test_nothing_close_is_said_and_the_nearest_come_when_asked_for(world: World, engine: SearchEngine) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt=await far_prompt(engine)))
    assert texts.NOTHING_CLOSE_TEXT in words(message)
    assert alts(message) == []

    result = await world.ann.click(message, label=texts.SHOW_NEAREST)

    assert result.acknowledged
    assert len(alts(message)) == 9
    assert "not close" in words(message)


async def test_a_full_queue_is_told_as_such(settings: Settings, database: Database) -> None:
    full = SearchEngine.open(settings.index, device="cpu", max_queue=0)
    async with full, simcord.run(create_bot(settings, full, database), settle_timeout=SETTLE_SECONDS) as env:
        guild = env.create_guild(id=next(iter(settings.guild_ids)))
        channel, ann = guild.create_text_channel("pictures"), guild.add_member(env.create_user("ann"))
        message = answer(await ann.slash(channel, "search", prompt="a fish"))

    assert texts.BUSY in words(message)


async def test_who_asks_too_often_is_told_when_to_come_again(
    settings: Settings, engine: SearchEngine, database: Database
) -> None:
    slow = Settings(settings.token, settings.guild_ids, settings.index, searches_per_minute=1)
    async with simcord.run(create_bot(slow, engine, database), settle_timeout=SETTLE_SECONDS) as env:
        guild = env.create_guild(id=next(iter(settings.guild_ids)))
        channel, ann = guild.create_text_channel("pictures"), guild.add_member(env.create_user("ann"))
        first = answer(await ann.slash(channel, "search", prompt="a fish"))
        message = answer(await ann.slash(channel, "search", prompt="a fish"))
        click = await ann.click(first, label=texts.NEXT)

    assert "Ask again in " in words(message)
    assert message.ephemeral
    assert "Ask again in " in words(answer(click))


async def test_a_server_that_asks_too_often_is_told_when_to_come_again_also_after_a_restart(
    settings: Settings, engine: SearchEngine, database: Database
) -> None:
    slow = replace(settings, server_searches_per_minute=2)
    async with simcord.run(create_bot(slow, engine, database), settle_timeout=SETTLE_SECONDS) as env:
        guild = env.create_guild(id=next(iter(settings.guild_ids)))
        channel = guild.create_text_channel("pictures")
        ann, ben, cy = (guild.add_member(env.create_user(name)) for name in ("ann", "ben", "cy"))
        first = answer(await ann.slash(channel, "search", prompt="a fish"))
        await ben.slash(channel, "search", prompt="a fish")
        message = answer(await cy.slash(channel, "search", prompt="a fish"))
        click = answer(await ann.click(first, label=texts.NEXT))
        await env.restart_bot(create_bot(slow, engine, database))
        later = answer(await cy.slash(channel, "search", prompt="a fish"))

    for told in (message, click, later):
        assert told.ephemeral
        assert re.search(r"whole server .* Ask again in \d+ s\.", words(told))


async def test_sixty_four_questions_at_once_get_the_same_answers_as_one_after_the_other(world: World) -> None:
    desk, asker = world.client.services.desk, standing_in(world)
    prompts = [f"{colour} {thing}" for colour in ("red", "blue", "old") for thing in THINGS]
    pictures = [posted_copy(name) for name in _some_pictures(16)]

    def questions() -> list[Coroutine[None, None, Reply]]:
        return [desk.ask_text(asker, p) for p in prompts] + [desk.ask_picture(asker, p) for p in pictures]

    alone = [await question for question in questions()]
    together = await asyncio.gather(*questions())

    assert len(together) == 64
    assert [(one.heading, one.list, one.pictures) for one in together] == [
        (one.heading, one.list, one.pictures) for one in alone
    ]


THINGS = (
    "fish", "guitar", "ship", "house", "apple", "tree", "car", "bird", "hammer", "chair", "cup", "shoe", "flower",
    "clock", "key", "book",
)  # fmt: skip


def _some_pictures(count: int) -> list[str]:
    paths = sorted(path.relative_to(COLLECTION).as_posix() for path in COLLECTION.glob("*/*"))
    return paths[:: len(paths) // count][:count]
