"""A server with moderators: who they are, where they talk, and how rules and settings get there without them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.enums import InteractionType
from simcord.results import ResponseMessage

from bot.access import Standing, Visitor
from bot.database import Actor, ChannelSettings, Database, GuildSettings
from search_core import SearchEngine
from search_core.filters import Action, Rule, RuleKind
from tests.bot.conftest import World
from tests.bot.reading import raw, walk

OPERATOR = Actor(0, "terminal")


@dataclass(frozen=True)
class Staff:
    """Mod manages the server; Kim has a role that can be made a moderators' role; the room is theirs alone."""

    mod: MemberActor
    kim: MemberActor
    keepers: Any
    room: ChannelHandle


async def staff_of(world: World) -> Staff:
    """Add moderators to the simulated server, and a channel that only they and the bot read."""
    managers = world.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    keepers = world.guild.create_role("Keepers")
    mod = world.guild.add_member(world.env.create_user("mod"), roles=[managers])
    kim = world.guild.add_member(world.env.create_user("kim"), roles=[keepers])
    closed, open_ = discord.PermissionOverwrite(view_channel=False), discord.PermissionOverwrite(view_channel=True)
    assert world.client.user is not None
    overwrites = {world.guild.default_role: closed, managers: open_, keepers: open_, world.client.user: open_}
    room = world.guild.create_text_channel("moderators", overwrites=overwrites)  # type: ignore[arg-type]
    await world.env.settle()
    return Staff(mod, kim, keepers, room)


async def set_up(database: Database, guild_id: int, **parts: object) -> GuildSettings:
    """Write a server's settings from the terminal."""
    old = (await database.snapshot(guild_id)).settings
    new = GuildSettings(**{name: getattr(old, name) for name in GuildSettings.__dataclass_fields__} | parts)  # type: ignore[arg-type]
    return await database.change_settings(guild_id, new, OPERATOR)


async def set_channel(database: Database, guild_id: int, channel_id: int, **parts: object) -> GuildSettings:
    """Write one channel's settings from the terminal; 0 stands for the whole server."""
    channels = dict((await database.snapshot(guild_id)).settings.channels)
    channels[channel_id] = ChannelSettings(**parts)  # type: ignore[arg-type]
    return await set_up(database, guild_id, channels=MappingProxyType(channels))


async def add_rule(
    database: Database, guild_id: int, kind: RuleKind, pattern: str, action: Action | None = None, **parts: Any
) -> Rule:
    """Add a rule from the terminal."""
    rule = Rule.of(kind, pattern, action, reason="a test", **parts)
    return (await database.add_rules(guild_id, [rule], OPERATOR))[0]


async def row_named(engine: SearchEngine, file_name: str) -> tuple[int, str]:
    """The row and the SHA-256 of a picture of the sample."""
    found = await engine.lookup(file_name, 1)
    return found[0].row, found[0].sha256


def custom_ids_of(message: ResponseMessage | discord.Message) -> dict[str, str]:
    """The custom ids of a message's buttons, by their labels."""
    found = [component for component in walk(raw(message)) if component["type"] == 2 and "custom_id" in component]
    return {button["label"]: button["custom_id"] for button in found}


async def press_crafted(
    world: World, actor: MemberActor, channel: ChannelHandle, custom_id: str, value: str | None = None
) -> simcord.InteractionResult:
    """Press a button, or pick a value, of any custom id, on a message of the bot that has it."""
    item: discord.ui.Item[discord.ui.LayoutView] = discord.ui.Button(label="crafted", custom_id=custom_id)
    if value is not None:
        options = [discord.SelectOption(label="crafted", value=value)]
        item = discord.ui.Select(custom_id=custom_id, options=options)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.ActionRow(item))
    view.stop()
    place = world.client.get_channel(channel.id)
    assert isinstance(place, discord.TextChannel)
    sent = await place.send(view=view)
    return await (actor.click(sent, label="crafted") if value is None else actor.select(sent, [value]))


async def press_forged(
    actor: MemberActor, message: ResponseMessage | discord.Message, custom_id: str, values: list[str] | None = None
) -> simcord.InteractionResult:
    """Send what no client of Discord would: a press of a component that is not there."""
    from simcord import actors

    stored = actors._visible_message(actor, message)
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": 2 if values is None else 3}
    data |= {} if values is None else {"values": values}
    return await actors._component_interaction(actor, stored, data)


async def submit_forged(
    actor: MemberActor, channel: ChannelHandle, custom_id: str, **typed: str
) -> simcord.InteractionResult:
    """Send the answer to a form that was never shown."""
    from simcord import actors

    fields = [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}} for name, value in typed.items()
    ]
    data = {"custom_id": custom_id, "components": fields}
    return await actors._dispatch_actor_interaction(actor, InteractionType.MODAL_SUBMIT, channel, data)


def standing_in(world: World, **changes: Any) -> Standing:
    """What holds for Ann in the server's channel, where nobody has set anything."""
    visitor = Visitor(world.ann.id, world.guild.id, world.channel.id, **changes)
    return Standing(visitor, moderator=False, channel=GuildSettings(world.guild.id).of(world.channel.id))
