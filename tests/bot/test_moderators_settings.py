"""`/settings`: what moderators set counts from the next request on."""

from __future__ import annotations

import discord
import pytest

from bot import texts
from bot.database import Database
from bot.texts import moderation as moderators
from tests.bot.conftest import GUILD_ID, World
from tests.bot.reading import alts, answer, words
from tests.bot.staff import set_up, staff_of


async def test_what_is_set_is_shown_in_private(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderators_channel=staff.room.id, allowed_roles=frozenset({staff.keepers.id}))

    told = answer(await staff.mod.slash(world.channel, "settings show"))

    assert told.ephemeral
    for part in (f"<#{staff.room.id}>", f"<@&{staff.keepers.id}>", "answers", "public by default"):
        assert part in words(told)


async def test_a_channel_can_be_closed_and_opened_again(world: World) -> None:
    staff = await staff_of(world)
    settings = {"channel": world.channel, "reason": "a quiet place"}

    await staff.mod.slash(world.channel, "settings channel", allowed="no", **settings)
    closed = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))
    await staff.mod.slash(world.channel, "settings channel", allowed="as the server", **settings)
    opened = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert texts.NOT_IN_THIS_CHANNEL in words(closed)
    assert len(alts(opened)) == 9


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("settings channel", {}, moderators.NOTHING_SET),
        ("settings moderators", {}, moderators.NOTHING_SET),
        ("settings moderators", {"moderates": True}, moderators.ROLE_AND_WHETHER),
    ],
)
async def test_a_command_that_sets_nothing_says_what_is_missing(
    world: World, database: Database, name: str, options: dict[str, object], told: str
) -> None:
    staff = await staff_of(world)

    shown = answer(await staff.mod.slash(world.channel, name, reason="x", **options))

    assert told in words(shown)
    assert await database.revision(GUILD_ID) == 0


async def test_what_is_set_for_the_server_holds_where_a_channel_says_nothing_else(world: World) -> None:
    staff = await staff_of(world)
    await staff.mod.slash(world.channel, "settings channel", max_count=3, private="yes", reason="a small screen")
    await staff.mod.slash(world.channel, "settings channel", channel=world.channel, private="no", reason="open here")

    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert len(alts(message)) == 3
    assert not message.ephemeral


async def test_roles_are_let_in_one_by_one_and_taken_off_again(world: World) -> None:
    staff = await staff_of(world)
    role = {"role": staff.keepers, "reason": "readers only"}
    await staff.mod.slash(world.channel, "settings roles", allowed=True, **role)
    kept_out = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))
    let_in = answer(await staff.kim.slash(world.channel, "search", prompt="a fish"))
    await staff.mod.slash(world.channel, "settings roles", allowed=False, **role)

    assert texts.ROLE_MISSING in words(kept_out)
    assert len(alts(let_in)) == 9
    assert len(alts(answer(await world.ann.slash(world.channel, "search", prompt="a fish")))) == 9


async def test_a_role_that_moderates_may_use_the_moderators_commands(world: World) -> None:
    staff = await staff_of(world)
    command = next(
        each
        for each in await world.client.tree.fetch_commands(guild=discord.Object(GUILD_ID))
        if each.name == "settings"
    )
    world.guild.set_command_permissions(command, {staff.keepers: True})
    assert texts.FOR_MODERATORS in words(answer(await staff.kim.slash(world.channel, "settings show")))

    await staff.mod.slash(world.channel, "settings moderators", role=staff.keepers, moderates=True, reason="they help")

    assert f"<@&{staff.keepers.id}>" in words(answer(await staff.kim.slash(world.channel, "settings show")))


async def test_the_moderators_channel_must_be_theirs_alone(world: World, database: Database) -> None:
    staff = await staff_of(world)
    closed, open_ = discord.PermissionOverwrite(view_channel=False), discord.PermissionOverwrite(view_channel=True)
    overwrites = {world.guild.default_role: closed, staff.mod: open_}
    unreachable = world.guild.create_text_channel("secret", overwrites=overwrites)  # type: ignore[arg-type]
    await world.env.settle()

    for channel, why in ((world.channel, moderators.CHANNEL_IS_PUBLIC), (unreachable, "view channel")):
        told = answer(await staff.mod.slash(world.channel, "settings moderators", channel=channel, reason="x"))
        assert why in words(told)
        assert await database.revision(GUILD_ID) == 0

    told = answer(await staff.mod.slash(world.channel, "settings moderators", channel=staff.room, reason="x"))
    assert f"<#{staff.room.id}>" in words(told)
    await staff.mod.slash(world.channel, "settings moderators", no_channel=True, reason="x")
    assert (await database.snapshot(GUILD_ID)).settings.moderators_channel is None


async def test_a_change_of_settings_is_audited_with_its_reason_and_can_be_undone(
    world: World, database: Database
) -> None:
    staff = await staff_of(world)
    await staff.mod.slash(world.channel, "settings channel", max_count=3, reason="a small screen")

    (entry,) = await database.audit(GUILD_ID)
    await staff.mod.slash(world.channel, "filter undo")

    assert (entry.actor.user_id, entry.reason) == (staff.mod.id, "a small screen")
    assert len(alts(answer(await world.ann.slash(world.channel, "search", prompt="a fish")))) == 9
