"""What to say before somebody is banned who moderates: Discord knows who does, and so this can be asked there alone."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot import failures
from bot.texts import moderation as texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.database import GuildSettings

logger = logging.getLogger(__name__)

MAX_LOOKED_UP = 10
"""People of one edit whom Discord is asked about; only an import bans more, and each is a call."""

SECONDS = 5.0
"""A call takes a tenth of one; a moderator waits for the answer."""

_FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)


async def warn(guild: discord.Guild | None, settings: GuildSettings, people: Sequence[int]) -> str:
    """Say which of some people moderate, and what a ban would do to them; a line each, empty if none does.

    Args:
        guild: the server.
        settings: which roles moderate there.
        people: who would be banned.
    """
    found = await asyncio.gather(*(_warn(guild, settings, person) for person in people[:MAX_LOOKED_UP]))
    left = len(people) - MAX_LOOKED_UP
    more = [texts.BAN_NOT_LOOKED_UP.format(count=left)] if left > 0 else []
    return "\n".join([*filter(None, found), *more])


async def _warn(guild: discord.Guild | None, settings: GuildSettings, person: int) -> str:
    try:
        async with asyncio.timeout(SECONDS):
            member = None if guild is None else guild.get_member(person) or await guild.fetch_member(person)
    except discord.NotFound:  # has left, and moderates nothing
        return ""
    except _FAILURES as error:
        logger.warning("whether somebody moderates could not be asked: %s", failures.describe(error))
        return texts.BAN_UNKNOWN.format(person=person)
    if member is None:
        return texts.BAN_UNKNOWN.format(person=person)
    if member.guild_permissions.manage_guild or member.guild_permissions.administrator:
        return texts.BAN_MANAGES.format(person=person)
    moderates = settings.moderator_roles.intersection(role.id for role in member.roles)
    return texts.BAN_MODERATES.format(person=person) if moderates else ""
