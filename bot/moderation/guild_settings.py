"""A server's settings as moderators change them, in Discord and at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.database import ChannelSettings
from bot.texts import moderation as texts
from search_core import QueryError

if TYPE_CHECKING:
    from bot.database import Actor, Database, GuildSettings


async def change(database: Database, guild_id: int, actor: Actor, reason: str, **parts: object) -> GuildSettings:
    """Write some parts of a server's settings anew.

    Raises:
        QueryError: if they are set like that already.
        ConflictError: if somebody else wrote them at the same moment.
    """
    old = (await database.snapshot(guild_id)).settings
    new = replace(old, **parts)  # type: ignore[arg-type]  # callers name fields of GuildSettings
    if new == old:
        raise QueryError(texts.SET_ALREADY)
    return await database.change_settings(guild_id, new, actor, reason)


async def change_channel(
    database: Database, guild_id: int, actor: Actor, reason: str, channel_id: int, set_anew: Mapping[str, object]
) -> GuildSettings:
    """Write some settings of a channel anew; a channel where nothing is set any more is left out. Raises as above."""
    old = (await database.snapshot(guild_id)).settings
    place = replace(old.channels.get(channel_id, ChannelSettings()), **set_anew)  # type: ignore[arg-type]
    others = {key: each for key, each in old.channels.items() if key != channel_id}
    channels = others if place == ChannelSettings() else others | {channel_id: place}
    return await change(database, guild_id, actor, reason, channels=MappingProxyType(channels))


def toggled(roles: frozenset[int], role: int, *, on: bool) -> frozenset[int]:
    """Add a role to some, or take it away."""
    return roles | {role} if on else roles - {role}
