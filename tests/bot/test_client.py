"""The client: who is served, what is registered, and how the bot goes home. Elsewhere there is no answer at all."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import discord
import pytest
import simcord
from simcord import InteractionResult

from bot import Settings, create_bot, texts
from bot.client import VignetteClient
from bot.database import Database
from bot.reply import Controls, Reply
from bot.texts import moderation as moderators
from bot.views import layout
from search_core import SearchEngine, SettingsError
from tests.bot.conftest import GUILD_ID, SETTLE_SECONDS, NewClient, World
from tests.bot.reading import alts, answer, posted_copy, words

OTHER_ID = GUILD_ID + 1
LEAVE = "/users/@me/guilds/*"
PICTURE = ("a.jpg", posted_copy())


def put_commands(env: simcord.Env) -> int:
    """How often the bot has told Discord its commands."""
    return len([request for request in env.http_requests if request.method == "PUT" and "/commands" in request.path])


def left(env: simcord.Env) -> list[str]:
    return [request.path for request in env.http_requests if request.method == "DELETE" and "/guilds/" in request.path]


def unanswered(result: InteractionResult) -> bool:
    return not result.acknowledged and result.response is None and not result.followups


async def test_a_server_that_is_not_listed_is_left(world: World) -> None:
    world.env.create_guild("Elsewhere", id=OTHER_ID)
    await world.env.settle()

    assert world.client.get_guild(OTHER_ID) is None
    assert world.client.get_guild(GUILD_ID) is not None
    assert left(world.env) == [f"/users/@me/guilds/{OTHER_ID}"]


async def test_a_server_joined_while_the_bot_was_away_is_left_when_it_comes_back(
    world: World, new_client: NewClient
) -> None:
    world.env.inject_error("DELETE", LEAVE)
    world.env.create_guild("Elsewhere", id=OTHER_ID)
    await world.env.settle()
    assert world.client.get_guild(OTHER_ID) is not None

    await world.env.restart_bot(new_client())

    assert world.client.get_guild(OTHER_ID) is None


@pytest.mark.simcord(strict_sync=False)
async def test_no_command_menu_or_mention_is_answered_in_another_server(world: World) -> None:
    world.env.inject_error("DELETE", LEAVE, times=None)
    other = world.env.create_guild("Elsewhere", id=OTHER_ID)
    channel = other.create_text_channel("general")
    stranger = other.add_member(world.env.create_user("stranger"))
    await world.env.settle()
    assert world.client.user is not None

    search = await stranger.slash(channel, "search", prompt="a fish")
    bad = await stranger.slash(channel, "search", prompt="***")
    similar = await stranger.slash(channel, "similar", image=PICTURE)
    posted = await stranger.send(channel, f"<@{world.client.user.id}>", attachments=[PICTURE])
    menu = await stranger.context_menu(channel, texts.SIMILAR_MENU, posted)

    assert [unanswered(result) for result in (search, bad, similar, menu)] == [True] * 4
    assert channel.last_message is not None
    assert channel.last_message.id == posted.id


async def test_an_old_button_is_not_answered_in_a_server_that_is_no_longer_listed(
    settings: Settings, engine: SearchEngine, database: Database
) -> None:
    both = replace(settings, guild_ids=frozenset({GUILD_ID, OTHER_ID}))
    async with simcord.run(create_bot(both, engine, database), settle_timeout=SETTLE_SECONDS) as env:
        other = env.create_guild("Formerly served", id=OTHER_ID)
        channel, ann = other.create_text_channel("pictures"), other.add_member(env.create_user("ann"))
        message = answer(await ann.slash(channel, "similar", image=PICTURE))
        before = alts(message)
        env.inject_error("DELETE", LEAVE, times=None)

        await env.restart_bot(create_bot(settings, engine, database))
        click = await ann.click(message, label=texts.NEXT)
        value = next(iter(_options(message.components)))
        pick = await ann.select(message, [value])

    assert unanswered(click)
    assert unanswered(pick)
    assert alts(message) == before


def _options(components: list[dict[str, object]]) -> list[str]:
    from tests.bot.reading import walk

    return [option["value"] for each in walk(components) if each["type"] == 3 for option in each["options"]]


async def test_a_command_of_an_older_version_is_told_where_the_bot_serves_and_nowhere_else(
    new_client: NewClient,
) -> None:
    client = new_client()
    async with simcord.run(client, check_errors=False, settle_timeout=SETTLE_SECONDS) as env:
        env.inject_error("DELETE", LEAVE, times=None)
        served, other = env.create_guild(id=GUILD_ID), env.create_guild(id=OTHER_ID)
        assert client.application_id is not None
        old = {"name": "old", "description": "of an older version", "type": 1}
        await client.http.bulk_upsert_global_commands(client.application_id, [old])  # type: ignore[list-item]
        ann, stranger = served.add_member(env.create_user("ann")), other.add_member(env.create_user("stranger"))

        here = await ann.slash(served.create_text_channel("pictures"), "old")
        there = await stranger.slash(other.create_text_channel("general"), "old")

    assert texts.COMMAND_CHANGED in words(answer(here))
    assert unanswered(there)


@pytest.mark.simcord(strict_sync=False)
async def test_a_direct_message_gets_one_sentence_and_further_ones_nothing(world: World) -> None:
    for _ in range(3):
        await world.ann.user.send_dm("hello?")

    replies = [message for message in world.ann.user.dm_channel.history() if message.author.bot]
    assert len(replies) == 1
    assert texts.NO_DIRECT_MESSAGES in replies[0].content


@pytest.mark.simcord(strict_sync=False)
async def test_commands_and_old_buttons_in_direct_messages_get_that_sentence_and_show_nothing(world: World) -> None:
    ann, ben = world.ann.user, world.ben.user
    sent = await (await world.client.fetch_user(ben.id)).send(
        view=layout(Reply("old", controls=Controls("abcdefghijkl", next=True)))
    )

    command = await ann.slash("search", prompt="a fish")
    button = await ben.click(sent, label=texts.NEXT)
    again = await ben.click(sent, label=texts.NEXT)

    for result in (command, button):
        assert texts.NO_DIRECT_MESSAGES in words(answer(result))
        assert alts(answer(result)) == []
    assert unanswered(again)


def test_without_a_list_of_servers_no_bot_is_made(settings: Settings, engine: SearchEngine) -> None:
    with pytest.raises(SettingsError, match="VIGNETTE_GUILD_IDS"):
        create_bot(replace(settings, guild_ids=frozenset()), engine)


async def test_the_commands_are_registered_with_the_served_server_only(world: World) -> None:
    registered = await world.client.tree.fetch_commands(guild=discord.Object(GUILD_ID))

    searching = {"search", "similar", "timeline", "random", texts.SIMILAR_MENU}
    for_all = searching | {"saved", "history", "layout", "privacy", "about", "help"}
    for_moderators = {"filter", "hide", "unhide", moderators.HIDE_MENU, "reports", "audit", "settings"}
    assert {command.name for command in registered} == for_all | for_moderators
    for command in registered:
        hidden = command.default_member_permissions == discord.Permissions(manage_guild=True)
        assert (command.name in for_moderators) == hidden
    assert await world.client.tree.fetch_commands() == []


async def test_unchanged_commands_are_not_registered_again_after_a_restart(world: World, new_client: NewClient) -> None:
    assert put_commands(world.env) == 1

    await world.env.restart_bot(new_client())

    assert put_commands(world.env) == 1


async def test_changed_commands_are_registered_again_after_a_restart(
    world: World, new_client: NewClient, database: Database
) -> None:
    await database.write_note(f"commands:{GUILD_ID}", "what another version told")

    await world.env.restart_bot(new_client())

    assert put_commands(world.env) == 2


async def test_a_served_server_that_invites_the_bot_again_gets_the_commands_again(world: World) -> None:
    guild = world.client.get_guild(GUILD_ID)
    assert guild is not None

    await world.client.on_guild_join(guild)

    assert put_commands(world.env) == 2


async def test_commands_that_discord_does_not_take_are_tried_again_at_the_next_start(
    new_client: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    env = simcord.Env(new_client())
    env.inject_error("PUT", "/applications/*/commands", status=403)
    await env.start()
    assert f"server {GUILD_ID} did not take the commands" in caplog.text

    await env.restart_bot(new_client())
    await env.shutdown()

    assert put_commands(env) == 2


def test_no_privileged_intent_is_asked_for(new_client: NewClient) -> None:
    intents = new_client().intents

    assert (intents.message_content, intents.members, intents.presences) == (False, False, False)


async def test_after_the_call_to_leave_new_work_is_refused_and_the_old_is_finished(world: World) -> None:
    world.client.services.work.close()

    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert "restarting" in words(message)
    assert await world.client.services.work.drained(0.01)


async def test_leaving_waits_for_the_answers_under_way(new_client: NewClient) -> None:
    client = new_client()
    order: list[str] = []

    async def answer_slowly() -> None:
        with client.services.work.request():
            await asyncio.sleep(0.05)
            order.append("answered")

    under_way = asyncio.create_task(answer_slowly())
    await asyncio.sleep(0)
    await client.leave_in_order()
    order.append("closed")
    await under_way

    assert order == ["answered", "closed"]
    assert client.is_closed()


async def test_leaving_does_not_wait_forever(new_client: NewClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.client.DRAIN_SECONDS", 0.01)
    client = new_client()

    with client.services.work.request():
        await client.leave_in_order()

    assert client.is_closed()


async def test_the_token_is_in_no_log_line(settings: Settings, world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    await world.ann.slash(world.channel, "search", prompt="a fish")
    logging.getLogger("bot").info("%r %r", settings, vars(world.client))

    assert settings.token not in caplog.text


def test_the_client_is_unstarted_until_somebody_starts_it(new_client: NewClient) -> None:
    client = new_client()

    assert isinstance(client, VignetteClient)
    assert client.user is None
