"""What the moderators are told in their channel. If it cannot be told there, the log says so and the bot goes on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot import failures, texts
from bot.markdown import code_span

if TYPE_CHECKING:
    from bot.database import Refusal
    from bot.moderation.book import RuleBook

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
        prompt = texts.NOTICE_PICTURE if refusal.prompt is None else f"||{code_span(refusal.prompt, MAX_PROMPT_SHOWN)}||"
        rules = ", ".join(f"#{rule} ({view})" for rule, view in zip(refusal.rule_ids, refusal.views, strict=True))
        words = texts.NOTICE_REFUSED.format(
            user=refusal.user_id, channel=refusal.channel_id, prompt=prompt, rules=rules or texts.NOTICE_NO_RULE
        )
        await self.post(refusal.guild_id, words)

    async def post(self, guild_id: int, words: str) -> None:
        """Write a sentence into the moderators' channel, where there is one."""
        channel = await self.channel(guild_id)
        if channel is None:
            return
        try:
            await channel.send(words, allowed_mentions=discord.AllowedMentions.none())
        except discord.HTTPException as error:
            logger.warning("the moderators of server %d could not be told: %s", guild_id, failures.describe(error))

    async def channel(self, guild_id: int) -> discord.abc.Messageable | None:
        """Find the moderators' channel, or None where there is none that can be written to."""
        wanted = (await self._book.edition(guild_id)).settings.moderators_channel
        if wanted is None:
            return None
        guild = self._client.get_guild(guild_id)
        channel = guild.get_channel_or_thread(wanted) if guild is not None else None
        if not isinstance(channel, discord.abc.Messageable):
            logger.warning("the moderators' channel %d of server %d is gone", wanted, guild_id)
            return None
        return channel
