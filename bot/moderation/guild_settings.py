"""A server's settings as moderators read and change them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import discord

from bot.database import Actor, ChannelSettings, GuildSettings
from bot.database.guild_settings import SERVER
from bot.moderation.notices import unfit
from bot.texts import moderation as texts

if TYPE_CHECKING:
    from bot.access import Standing
    from bot.database import Database

MAX_CHANNELS_SHOWN = 25
MAX_ROLES_SHOWN = 15
"""Some thirty characters each: both lists stay within one message."""


async def change(database: Database, standing: Standing, reason: str, **parts: object) -> GuildSettings:
    """Write some parts of a server's settings anew.

    Raises:
        ConflictError: if somebody else wrote them at the same moment.
    """
    guild_id, actor = standing.visitor.guild_id, Actor(standing.visitor.user_id, "discord")
    old = (await database.snapshot(guild_id)).settings
    new = replace(old, **parts)  # type: ignore[arg-type]  # callers name fields of GuildSettings
    return await database.change_settings(guild_id, new, actor, reason)


async def change_channel(
    database: Database, standing: Standing, reason: str, channel_id: int, set_anew: Mapping[str, object]
) -> GuildSettings:
    """Write some settings of a channel anew; a channel where nothing is set any more is left out."""
    old = (await database.snapshot(standing.visitor.guild_id)).settings
    place = replace(old.channels.get(channel_id, ChannelSettings()), **set_anew)  # type: ignore[arg-type]
    others = {key: each for key, each in old.channels.items() if key != channel_id}
    channels = others if place == ChannelSettings() else others | {channel_id: place}
    actor = Actor(standing.visitor.user_id, "discord")
    new = replace(old, channels=MappingProxyType(channels))
    return await database.change_settings(standing.visitor.guild_id, new, actor, reason)


def toggled(roles: frozenset[int], role: int, *, on: bool) -> frozenset[int]:
    """Add a role to some, or take it away."""
    return roles | {role} if on else roles - {role}


def describe(settings: GuildSettings, guild: discord.Guild | None, *, watching: bool = False) -> str:
    """Say what is set, a line each.

    Args:
        settings: the server's.
        guild: the server, where Discord has told of it.
        watching: whether the bot sees what messages hold, as it must to watch a channel.
    """
    moderators = f", {_roles(settings.moderator_roles)}" if settings.moderator_roles else ""
    shown = dict(sorted(settings.channels.items())[:MAX_CHANNELS_SHOWN])
    shown.setdefault(SERVER, ChannelSettings())
    lines = [
        texts.SHOW_MODERATORS.format(roles=moderators),
        texts.SHOW_CHANNEL.format(channel=_channel(settings.moderators_channel, guild)),
        texts.SHOW_ROLES.format(roles=_roles(settings.allowed_roles) or texts.EVERYBODY),
        *(_place(settings, channel_id) for channel_id in sorted(shown)),
    ]
    left = len(settings.channels) - MAX_CHANNELS_SHOWN
    in_vain = not watching and any(place.watch for place in settings.channels.values())
    more = [texts.MORE_LEFT.format(count=left)] if left > 0 else []
    return "\n".join([*lines, *more, *([texts.WATCH_NEEDS] if in_vain else [])])


def _roles(roles: Collection[int]) -> str:
    named = [f"<@&{role}>" for role in sorted(roles)[:MAX_ROLES_SHOWN]]
    left = len(roles) - MAX_ROLES_SHOWN
    return ", ".join([*named, *([f"+{left}"] if left > 0 else [])])


def _channel(channel_id: int | None, guild: discord.Guild | None) -> str:
    if channel_id is None:
        return texts.NO_CHANNEL
    channel = guild.get_channel(channel_id) if guild is not None else None
    wrong = unfit(channel) if isinstance(channel, discord.TextChannel) else texts.CHANNEL_GONE
    return texts.SHOW_UNFIT.format(channel=f"<#{channel_id}>", why=wrong) if wrong else f"<#{channel_id}>"


def _place(settings: GuildSettings, channel_id: int) -> str:
    """What is set for a channel; for the whole server what holds."""
    place = settings.of(SERVER) if channel_id == SERVER else settings.channels[channel_id]
    words = [
        *([texts.ALLOWED[place.allowed]] if place.allowed is not None else []),
        *([texts.PRIVATELY[place.private]] if place.private is not None else []),
        *([texts.COVERED[place.spoilers]] if place.spoilers is not None else []),
        *([texts.WATCHED[place.watch]] if place.watch is not None else []),
        *([texts.AT_MOST.format(count=place.max_count)] if place.max_count is not None else []),
    ]
    name = texts.WHOLE_SERVER if channel_id == SERVER else f"<#{channel_id}>"
    return texts.SHOW_PLACE.format(place=name, settings=", ".join(words))
