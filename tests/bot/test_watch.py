"""Channels that are watched: pictures posted there are answered, if the moderators and Discord's intent allow it."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot import Settings, create_bot, texts
from bot.database import Database
from bot.texts import moderation as moderators
from search_core import SearchEngine
from search_core.filters import RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import answer, buttons, posted_copy, sample_picture, words
from tests.bot.staff import add_rule, row_named, set_channel, set_up, staff_of

NAME = "animals/ant_01.jpg"


@pytest.fixture
def new_client(settings: Settings, engine: SearchEngine, database: Database) -> NewClient:
    """Make a client that asks for the message-content intent."""
    return lambda: create_bot(replace(settings, watch=True), engine, database)


async def post(world: World, data: bytes | None = None, name: str = "copy.jpg") -> discord.Message:
    """Let Ben post a picture, and return the last message of the channel."""
    await world.ben.send(world.channel, "look", attachments=[(name, posted_copy(NAME) if data is None else data)])
    last = world.channel.last_message
    assert last is not None
    return last


def is_answer(world: World, message: discord.Message) -> bool:
    assert world.client.user is not None
    return message.author.id == world.client.user.id


async def test_a_picture_posted_in_a_watched_channel_is_answered_below_it(world: World, database: Database) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, watch=True)

    reply = await post(world)

    assert is_answer(world, reply)
    assert await reply.attachments[0].read() == sample_picture(NAME)
    assert texts.DELETE in buttons(reply)


async def test_moderators_switch_it_on_and_off_again(world: World) -> None:
    staff = await staff_of(world)
    options = {"channel": world.channel, "reason": "a gallery"}

    told = answer(await staff.mod.slash(world.channel, "settings channel", watch="yes", **options))
    on = await post(world)
    await staff.mod.slash(world.channel, "settings channel", watch="no", **options)
    off = await post(world)

    assert moderators.WATCHED[True] in words(told)
    assert moderators.WATCH_NEEDS not in words(told)
    assert is_answer(world, on)
    assert not is_answer(world, off)


async def test_elsewhere_nothing_is_answered(world: World) -> None:
    assert not is_answer(world, await post(world))


@pytest.mark.parametrize("data", [b"not a picture at all", b""])
async def test_a_picture_that_cannot_be_read_is_passed_over_in_silence(
    world: World, database: Database, data: bytes
) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, watch=True)

    assert not is_answer(world, await post(world, data, "x.png"))
    assert is_answer(world, await post(world)), "the next one is answered"


async def test_a_hidden_picture_is_never_among_the_answers(
    world: World, database: Database, engine: SearchEngine
) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, watch=True)
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, (await row_named(engine, NAME))[1])

    reply = await post(world)

    assert sample_picture(NAME) not in [await file.read() for file in reply.attachments if is_answer(world, reply)]


async def test_who_may_not_use_the_bot_is_not_answered(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await set_channel(database, GUILD_ID, world.channel.id, watch=True)
    await set_up(database, GUILD_ID, allowed_roles=frozenset({staff.keepers.id}))

    assert not is_answer(world, await post(world))


async def test_a_bots_pictures_are_left_alone(world: World, database: Database) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, watch=True)
    other = world.guild.add_member(world.env.create_user("other", bot=True))

    await other.send(world.channel, "look", attachments=[("copy.jpg", posted_copy(NAME))])

    assert world.channel.last_message is not None
    assert world.channel.last_message.author.id == other.id


async def test_a_mention_in_a_watched_channel_is_answered_once(world: World, database: Database) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, watch=True)
    assert world.client.user is not None

    await world.ben.send(world.channel, world.client.user.mention, attachments=[("copy.jpg", posted_copy(NAME))])

    assert len(await database.recent_searches(GUILD_ID)) == 1


async def test_a_mention_that_answers_somebodys_picture_is_answered_with_pictures_like_it(world: World) -> None:
    posted = await world.ann.send(world.channel, "look", attachments=[("copy.jpg", posted_copy(NAME))])
    assert world.client.user is not None

    await world.ben.send(world.channel, f"{world.client.user.mention} more?", reply_to=posted)

    reply = world.channel.last_message
    assert reply is not None
    assert await reply.attachments[0].read() == sample_picture(NAME)


class TestWithoutTheIntent:
    """The bot as it starts where nobody has set VIGNETTE_WATCH."""

    @pytest.fixture
    def new_client(self, settings: Settings, engine: SearchEngine, database: Database) -> NewClient:
        return lambda: create_bot(settings, engine, database)

    async def test_nothing_is_answered_and_moderators_are_told_how_to_get_it(self, world: World) -> None:
        staff = await staff_of(world)
        said = {"channel": world.channel, "reason": "a gallery", "watch": "yes"}

        told = answer(await staff.mod.slash(world.channel, "settings channel", **said))
        shown = answer(await staff.mod.slash(world.channel, "settings show"))

        assert moderators.WATCH_NEEDS in words(told)
        assert moderators.WATCH_NEEDS in words(shown)
        assert not is_answer(world, await post(world))
        assert not world.client.intents.message_content
