"""`/settings`: what moderators set counts from the next request on."""

from __future__ import annotations

from bot import texts
from bot.database import Database
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
