"""Pictures that are posted in a channel that is watched are answered with similar ones, without being asked about.

A channel is watched only if its moderators say so, and only if the bot has the message-content intent: without it
Discord does not show what a message holds. Nobody asked, and so nothing is said where there is nothing to show.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot import failures
from bot.access import DeniedError, NotServedError, TooFastError
from bot.attachments import pictures_of
from bot.commands.mention import visitor_by
from bot.delivery import MessageOutlet, deliver
from bot.posted import ask_first

if TYPE_CHECKING:
    import discord

    from bot.client import VignetteClient

logger = logging.getLogger(__name__)


async def answer_posted(client: VignetteClient, message: discord.Message) -> None:
    """Answer a message's picture if its channel is watched; what goes wrong is told to the log alone."""
    if message.guild is None or message.author.bot or message.webhook_id is not None or not pictures_of(message):
        return
    try:
        await _answer(client, message)
    except (NotServedError, DeniedError, TooFastError):
        return
    except Exception as error:  # whatever it is, the bot goes on
        failures.record(error, f"watching {failures.place_of(message, error)}")


async def _answer(client: VignetteClient, message: discord.Message) -> None:
    services, visitor = client.services, visitor_by(message)
    if not (await services.access.standing(visitor)).channel.watch:
        return
    standing = await services.access.admit(visitor)
    with services.work.request():
        await services.ready()
        reply = await ask_first(services.desk, standing, pictures_of(message))
        if reply.pictures:
            await deliver(MessageOutlet(message), reply)
