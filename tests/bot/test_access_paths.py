"""Access from the outside: each way to the bot, by each reason for which it is closed, as a member of the server."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot import custom_ids, texts
from bot.access import DeniedError, NotServedError, Visitor
from bot.database import Database
from bot.texts import keeping
from search_core.filters import RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, options, posted_copy, words
from tests.bot.staff import add_rule, press_forged, set_channel, set_up, staff_of

Close = Callable[[World, Database], Awaitable[object]]


@dataclass
class Ways:
    """What a member has in hand before the door closes: an answer with its buttons, and an open form."""

    world: World
    actor: MemberActor
    channel: ChannelHandle
    message: object = None
    form: simcord.InteractionResult | None = None

    async def prepare(self) -> None:
        asked = await self.actor.slash(self.channel, "similar", image=("a.jpg", posted_copy()))
        self.message = answer(asked)
        offered = answer(await self.actor.click(self.message, label=texts.REPORT))  # type: ignore[arg-type]
        self.form = await self.actor.select(offered, [next(iter(options(offered).values()))])
        assert self.form.modal is not None

    async def command(self) -> simcord.InteractionResult:
        return await self.actor.slash(self.channel, "search", prompt="a fish")

    async def menu(self) -> simcord.InteractionResult:
        posted = await self.actor.send(self.channel, attachments=[("a.jpg", posted_copy())])
        return await self.actor.context_menu(self.channel, texts.SIMILAR_MENU, posted)

    async def button(self) -> simcord.InteractionResult:
        return await self.actor.click(self.message, label=texts.NEXT)  # type: ignore[arg-type]

    async def report_button(self) -> simcord.InteractionResult:
        return await self.actor.click(self.message, label=texts.REPORT)  # type: ignore[arg-type]

    async def select(self) -> simcord.InteractionResult:
        value = options(self.message)[texts.PICK_DETAILS.format(number=1)]  # type: ignore[arg-type]
        return await self.actor.select(self.message, [value])  # type: ignore[arg-type]

    async def modal(self) -> simcord.InteractionResult:
        assert self.form is not None
        return await self.actor.submit_modal(self.form, {"reason": "it is wrong"})


async def ban(world: World, database: Database) -> None:
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(world.ann.id))


async def ban_for_a_day(world: World, database: Database) -> None:
    tomorrow = int(time.time()) + 86_400
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(world.ann.id), expires=tomorrow)


async def ban_here(world: World, database: Database) -> None:
    here = frozenset({world.channel.id})
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(world.ann.id), channels=here)


async def want_a_role(world: World, database: Database) -> None:
    role = world.guild.create_role("Readers")
    await set_up(database, GUILD_ID, allowed_roles=frozenset({role.id}))


async def close_the_channel(world: World, database: Database) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, allowed=False)


async def close_the_server(world: World, database: Database) -> None:
    await set_channel(database, GUILD_ID, 0, allowed=False)


async def lose_the_rules(world: World, database: Database) -> None:
    async with database._engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE guilds RENAME TO elsewhere")


CLOSED: dict[str, tuple[Close, str]] = {
    "banned": (ban, texts.BANNED),
    "banned for a day": (ban_for_a_day, texts.BANNED),
    "banned in this channel": (ban_here, texts.BANNED),
    "without an allowed role": (want_a_role, texts.ROLE_MISSING),
    "in a closed channel": (close_the_channel, texts.NOT_IN_THIS_CHANNEL),
    "in a closed server": (close_the_server, texts.NOT_IN_THIS_CHANNEL),
    "without rules": (lose_the_rules, texts.RULES_UNREADABLE),
}
WAYS = ("command", "menu", "button", "report_button", "select", "modal")


@pytest.mark.parametrize("reason", CLOSED)
async def test_each_way_to_the_bot_is_closed_and_says_why_in_private(
    world: World, database: Database, reason: str
) -> None:
    ways = Ways(world, world.ann, world.channel)
    await ways.prepare()
    close, sentence = CLOSED[reason]
    await close(world, database)

    for way in WAYS:
        told = answer(await getattr(ways, way)())
        assert sentence in words(told), way
        assert told.ephemeral, way
        assert alts(told) == [], way


@pytest.mark.parametrize("reason", CLOSED)
async def test_who_is_kept_out_gets_one_reply_to_mentions_and_no_pictures(
    world: World, database: Database, reason: str
) -> None:
    close, _ = CLOSED[reason]
    await close(world, database)
    assert world.client.user is not None

    for _ in range(3):
        await world.ann.send(world.channel, f"<@{world.client.user.id}>", attachments=[("a.jpg", posted_copy())])

    replies = [message for message in world.channel.history() if message.author.bot]
    assert all(texts.NOT_ANSWERED_HERE in message.content and not message.attachments for message in replies)
    assert len(replies) == 1


@pytest.mark.parametrize("reason", CLOSED)
async def test_nothing_is_completed_for_whom_the_door_is_closed(world: World, database: Database, reason: str) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderator_roles=frozenset({staff.keepers.id}))
    await allow_for_all(world, "hide", staff.kim, world.ann)
    assert await staff.kim.autocomplete(world.channel, "hide", "picture", "ant", reason="x")
    close, _ = CLOSED[reason]
    await close(world, database)

    assert not await choices(world.ann, world.channel)


async def choices(actor: MemberActor, channel: ChannelHandle) -> list[object]:
    """What is offered to somebody who types; an unanswered completion offers nothing."""
    try:
        return list(await actor.autocomplete(channel, "hide", "picture", "ant", reason="x"))
    except Exception as error:
        assert "autocomplete" in str(error).lower()  # noqa: PT017 - simcord tells it as an error
        return []


async def allow_for_all(world: World, name: str, *actors: MemberActor) -> None:
    """Let members see a moderators' command, as an administrator can in the server's settings."""
    registered = await world.client.tree.fetch_commands(guild=discord.Object(GUILD_ID))
    command = next(each for each in registered if each.name == name)
    world.guild.set_command_permissions(command, dict.fromkeys(actors, True))


OWN_DATA = [reason for reason in CLOSED if reason != "without rules"]
"""Where rules cannot be read, nothing can: the data are in the same database."""


@pytest.mark.parametrize("reason", OWN_DATA)
async def test_nobody_is_kept_from_their_own_data_by_command_or_button(
    world: World, database: Database, reason: str
) -> None:
    await world.ann.slash(world.channel, "search", prompt="periwinkle")
    await CLOSED[reason][0](world, database)

    shown = answer(await world.ann.slash(world.channel, "privacy show"))
    asked = answer(await world.ann.slash(world.channel, "privacy delete"))
    deleted = answer(await world.ann.click(asked, label=keeping.PRIVACY_YES))

    assert shown.ephemeral
    assert "**Searches: 1**" in words(shown)
    assert b"periwinkle" in await shown.attachments[0].read()
    assert words(deleted).startswith("Done.")
    assert await database.recent_searches(GUILD_ID) == []


@pytest.mark.parametrize("reason", OWN_DATA)
async def test_what_is_open_for_ones_own_data_opens_nothing_else(world: World, database: Database, reason: str) -> None:
    ways = Ways(world, world.ann, world.channel)
    await ways.prepare()
    close, sentence = CLOSED[reason]
    await close(world, database)
    await world.ann.slash(world.channel, "privacy show")

    for command in ("saved list", "history show", "history on", "help", "about", "random", "search"):
        options = {"prompt": "a fish"} if command == "search" else {}
        assert sentence in words(answer(await world.ann.slash(world.channel, command, **options))), command
    assert sentence in words(answer(await ways.button()))


async def test_a_ban_outlasts_the_deletion_of_ones_own_data(world: World, database: Database) -> None:
    await ban(world, database)
    asked = answer(await world.ann.slash(world.channel, "privacy delete"))

    deleted = answer(await world.ann.click(asked, label=keeping.PRIVACY_YES))

    assert keeping.PRIVACY_EXCEPT in words(deleted)
    assert texts.BANNED in words(answer(await world.ann.slash(world.channel, "search", prompt="a fish")))


async def test_asking_for_ones_own_data_is_counted_against_oneself_alone(
    world: World, new_client: NewClient, database: Database
) -> None:
    await ban(world, database)
    access = world.client.services.access
    access._limiter._per_window, access._server_limiter._per_window = 3, 1

    told = [words(answer(await world.ann.slash(world.channel, "privacy show"))) for _ in range(4)]

    assert ["Ask again in" in each for each in told] == [False, False, False, True]
    assert len(alts(answer(await world.ben.slash(world.channel, "search", prompt="a fish")))) == 9


async def test_from_elsewhere_not_even_ones_own_data_are_told(world: World) -> None:
    other = world.env.create_guild("Elsewhere")
    channel = other.create_text_channel("pictures")
    eve = other.add_member(world.env.create_user("eve"))

    asked = answer(await world.ann.slash(world.channel, "privacy delete"))
    pressed = await press_forged(world.ann, asked, custom_ids.forget_id("no"))

    assert keeping.PRIVACY_KEPT in words(answer(pressed))
    with pytest.raises(NotServedError):
        await world.client.services.access.admit(Visitor(eve.id, other.id, channel.id), own_data=True)
    with pytest.raises(DeniedError, match=texts.NO_DIRECT_MESSAGES):
        await world.client.services.access.admit(Visitor(eve.id, 0, 0), own_data=True)


async def test_a_ban_that_has_ended_keeps_nobody_out(world: World, database: Database) -> None:
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(world.ann.id), expires=int(time.time()) - 1)

    assert len(alts(answer(await world.ann.slash(world.channel, "search", prompt="a fish")))) == 9


async def test_a_ban_keeps_out_the_banned_alone(world: World, database: Database) -> None:
    await ban(world, database)

    assert len(alts(answer(await world.ben.slash(world.channel, "search", prompt="a fish")))) == 9


async def test_who_manages_the_server_cannot_be_locked_out_of_it(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(staff.mod.id))
    await want_a_role(world, database)
    await close_the_server(world, database)

    assert "answers" in words(answer(await staff.mod.slash(world.channel, "settings show")))


async def test_a_moderator_by_role_can_be_banned(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderator_roles=frozenset({staff.keepers.id}))
    await allow_for_all(world, "settings", staff.kim)
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(staff.kim.id))

    assert texts.BANNED in words(answer(await staff.kim.slash(world.channel, "settings show")))


async def test_an_allowed_role_lets_its_members_in(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, allowed_roles=frozenset({staff.keepers.id}))

    assert len(alts(answer(await staff.kim.slash(world.channel, "search", prompt="a fish")))) == 9


@pytest.mark.parametrize("allowed", [True, False])
async def test_in_a_thread_the_settings_of_its_channel_hold(world: World, database: Database, allowed: bool) -> None:
    parent = world.client.get_channel(world.channel.id)
    assert isinstance(parent, discord.TextChannel)
    await parent.create_thread(name="prints", type=discord.ChannelType.public_thread)
    await set_channel(database, GUILD_ID, world.channel.id, allowed=allowed, max_count=2)

    told = answer(await world.ann.slash(world.channel.threads[0], "search", prompt="a fish"))

    assert len(alts(told)) == (2 if allowed else 0)
    assert allowed or texts.NOT_IN_THIS_CHANNEL in words(told)


@pytest.mark.parametrize("here", [True, False])
async def test_in_a_thread_the_rules_for_its_channel_hold(world: World, database: Database, here: bool) -> None:
    parent = world.client.get_channel(world.channel.id)
    assert isinstance(parent, discord.TextChannel)
    thread = await parent.create_thread(name="prints", type=discord.ChannelType.public_thread)
    place = parent.id if here else thread.id + 1
    await add_rule(database, GUILD_ID, RuleKind.WORD, "fish", channels=frozenset({place}))

    told = answer(await world.ann.slash(world.channel.threads[0], "search", prompt="a fish"))

    assert len(alts(told)) == (0 if here else 9)


@pytest.mark.parametrize(
    ("set_there", "count", "private", "spoiler"),
    [
        ({"max_count": 4}, 4, False, False),
        ({"private": True}, 9, True, False),
        ({"spoilers": True}, 9, False, True),
    ],
)
async def test_the_settings_of_a_channel_shape_its_answers(
    world: World, database: Database, set_there: dict[str, object], count: int, private: bool, spoiler: bool
) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, **set_there)

    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert len(alts(message)) == count
    assert message.ephemeral == private
    assert all(file.filename.startswith("SPOILER_") == spoiler for file in message.attachments)


async def test_a_request_under_way_before_a_restart_counts_after_it(
    world: World, database: Database, new_client: NewClient
) -> None:
    for _ in range(3):
        await world.ann.slash(world.channel, "search", prompt="a fish")
    client = new_client()
    client.services.access._limiter._per_window = 3
    await world.env.restart_bot(client)

    told = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert "Ask again in" in words(told)


async def test_without_the_database_nothing_is_searched(
    world: World, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await database._engine.dispose()
    (tmp_path / "bot.db").rename(tmp_path / "gone.db")

    told = answer(await world.ann.slash(world.channel, "search", prompt="periwinkle"))

    assert texts.RULES_UNREADABLE in words(told)
    assert alts(told) == []
    assert "periwinkle" not in caplog.text + words(told)
