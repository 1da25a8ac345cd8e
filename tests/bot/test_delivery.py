"""Delivery when Discord does not play along: the same reply in the older form, or one clear sentence."""

from __future__ import annotations

import logging

import pytest

from bot import texts
from tests.bot.conftest import World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, words

ORIGINAL = "/webhooks/*/messages/@original"
CHANNEL = "/channels/*/messages"
PICTURE = ("a.jpg", posted_copy())


@pytest.mark.parametrize("status", [400, 500])
async def test_components_that_discord_refuses_come_as_embed_and_files(world: World, status: int) -> None:
    world.env.inject_error("PATCH", ORIGINAL, status=status)

    message = answer(await world.ann.slash(world.channel, "similar", image=PICTURE))

    assert len(message.embeds) == 1
    assert len(message.attachments) == 9
    assert texts.SIMILAR_TO_POSTED in words(message)
    assert message.attachments[0].description == "1. Ant, by Andy Fitzsimon, category animals"
    assert buttons(message) == {texts.PREVIOUS: False, texts.NEXT: True, texts.REPORT: True, texts.DELETE: True}
    assert len(options(message)) == 18


async def test_the_buttons_of_the_older_form_work_too(world: World) -> None:
    world.env.inject_error("PATCH", ORIGINAL, status=400)
    message = answer(await world.ann.slash(world.channel, "similar", image=PICTURE))

    result = await world.ann.click(message, label=texts.NEXT)

    assert result.acknowledged
    assert alts(message)[0].startswith("10. ")
    assert message.embeds == []


async def test_a_page_that_discord_refuses_comes_as_a_message_of_its_own(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "similar", image=PICTURE))
    before = alts(message)
    world.env.inject_error("PATCH", ORIGINAL, status=400)

    result = await world.ann.click(message, label=texts.NEXT)

    assert alts(message) == before
    assert "Page 2" in words(result.followups[-1])
    assert result.followups[-1].ephemeral
    assert len(result.followups[-1].attachments) == 9


@pytest.mark.parametrize(
    ("status", "times", "told"),
    [(500, 2, texts.DISCORD_FAILED), (403, 1, texts.NOT_PERMITTED), (404, 1, texts.DISCORD_FAILED)],
)
async def test_a_reply_that_cannot_be_delivered_is_told_in_a_sentence(
    world: World, status: int, times: int, told: str
) -> None:
    world.env.inject_error("PATCH", ORIGINAL, status=status, times=times)

    message = answer(await world.ann.slash(world.channel, "similar", image=PICTURE))

    assert told in words(message)
    assert "(error " in words(message)


async def test_when_nothing_gets_through_the_log_says_so_and_the_next_command_works(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    world.env.inject_error("PATCH", ORIGINAL, status=500, times=2)
    world.env.inject_error("POST", "/webhooks/*", status=500)

    await world.ann.slash(world.channel, "similar", image=PICTURE)
    after = answer(await world.ann.slash(world.channel, "similar", image=PICTURE))

    assert "the user could not be told: " in caplog.text
    assert "status=500" in caplog.text
    assert len(alts(after)) == 9


async def test_an_interaction_that_has_expired_is_logged_and_the_next_works(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062, times=2)

    lost = await world.ann.slash(world.channel, "search", prompt="a fish")
    after = await world.ann.slash(world.channel, "similar", image=PICTURE)

    assert not lost.acknowledged
    assert "code=10062" in caplog.text
    assert len(alts(answer(after))) == 9


async def mention(world: World) -> None:
    assert world.client.user is not None
    await world.ben.send(world.channel, f"<@{world.client.user.id}>", attachments=[PICTURE])


async def test_a_reply_to_a_mention_has_the_older_form_too(world: World) -> None:
    world.env.inject_error("POST", CHANNEL, status=400)

    await mention(world)

    reply = world.channel.last_message
    assert reply is not None
    assert len(reply.embeds) == 1
    assert len(reply.attachments) == 9


async def test_a_channel_where_the_bot_may_not_post_costs_a_log_line_and_no_more(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.env.inject_error("POST", CHANNEL, status=403, times=2)

    await mention(world)
    unanswered = world.channel.last_message
    await mention(world)

    assert unanswered is not None
    assert not unanswered.author.bot
    assert "Forbidden: status=403" in caplog.text
    assert world.channel.last_message is not None
    assert world.channel.last_message.author.bot
