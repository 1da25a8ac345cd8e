"""What the moderators are told in their channel. If it cannot be told there, the log says so and the bot goes on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias

import discord

from bot import failures, texts
from bot.markdown import covered
from bot.texts import moderation as moderators
from bot.texts.filters import VIEWS
from search_core import VignetteError

if TYPE_CHECKING:
    from bot.database import Refusal
    from bot.moderation.book import RuleBook

ModeratorsChannel: TypeAlias = discord.TextChannel

logger = logging.getLogger(__name__)

MAX_PROMPT_SHOWN = 500


class Notices:
    """Writes into the moderators' channel of a server.

    Args:
        client: who writes.
        book: says which channel it is.
    """

    def __init__(self, client: discord.Client, book: RuleBook) -> None:
        self._client = client
        self._book = book

    async def refused(self, refusal: Refusal) -> None:
        """Tell of a refused question, the prompt under a spoiler."""
        prompt = texts.NOTICE_PICTURE if refusal.prompt is None else covered(refusal.prompt, MAX_PROMPT_SHOWN)
        rules = ", ".join(
            f"#{rule} ({VIEWS.get(view, view)})" for rule, view in zip(refusal.rule_ids, refusal.views, strict=True)
        )
        words = texts.NOTICE_REFUSED.format(
            user=refusal.user_id, channel=refusal.channel_id, prompt=prompt, rules=rules or texts.NOTICE_NO_RULE
        )
        await self.post(refusal.guild_id, words)

    async def post(self, guild_id: int, words: str) -> None:
        """Write a sentence into the moderators' channel, where there is one."""
        try:
            channel = await self.channel(guild_id)
            if channel is not None:
                await channel.send(words, allowed_mentions=discord.AllowedMentions.none())
        except (discord.DiscordException, VignetteError, OSError) as error:
            logger.warning("the moderators of server %d could not be told: %s", guild_id, failures.describe(error))

    async def channel(self, guild_id: int) -> ModeratorsChannel | None:
        """Find the moderators' channel, or None where there is none that can be written to and is theirs alone."""
        wanted = (await self._book.edition(guild_id)).settings.moderators_channel
        guild = self._client.get_guild(guild_id)
        if wanted is None or guild is None:
            return None
        channel = guild.get_channel(wanted)
        if not isinstance(channel, discord.TextChannel):
            logger.warning("the moderators' channel %d of server %d is gone", wanted, guild_id)
            return None
        if (wrong := unfit(channel)) is not None:
            logger.warning("the moderators' channel %d of server %d is not used: %s", wanted, guild_id, wrong)
            return None
        return channel


def unfit(channel: ModeratorsChannel) -> str | None:
    """Say why a channel cannot be the moderators' own, or None if it can.

    What was refused and reported is written there, so the whole server must not read it.
    """
    if channel.permissions_for(channel.guild.default_role).view_channel:
        return moderators.CHANNEL_IS_PUBLIC
    mine = channel.permissions_for(channel.guild.me)
    missing = [words for name, words in moderators.PERMISSIONS.items() if not getattr(mine, name)]
    return moderators.CHANNEL_LACKS.format(permissions=", ".join(missing)) if missing else None
