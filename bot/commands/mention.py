"""Mention the bot in a message with a picture, and it replies with similar ones.

A message that mentions the bot comes with its content, so this needs no privileged intent. A reply that merely
pings the bot is somebody talking about an answer, not to the bot: the mention must be written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot import failures, texts
from bot.access import NotServedError
from bot.attachments import pictures_of
from bot.commands.similar import ask_first
from bot.delivery import MessageOutlet, deliver
from bot.desk import Asker
from search_core import PictureError

if TYPE_CHECKING:
    from bot.client import VignetteClient


async def answer_mention(client: VignetteClient, message: discord.Message) -> None:
    """Answer a message if it is meant for the bot; whatever goes wrong is told below it."""
    if not _is_for(client, message) or message.guild is None:
        return
    services = client.services
    try:
        services.access.admit(message.guild.id, message.author.id)
        with services.work.request():
            await _answer(client, message, message.guild)
    except NotServedError:
        return
    except Exception as error:  # whatever it is, the author is told and the bot goes on
        await failures.report_to_message(message, error)


async def _answer(client: VignetteClient, message: discord.Message, guild: discord.Guild) -> None:
    pictures = pictures_of(message)
    if not pictures:
        raise PictureError(texts.MENTION_WITHOUT_PICTURE)
    asker = Asker(message.author.id, guild.id, message.channel.id)
    await deliver(MessageOutlet(message), await ask_first(client.services.desk, asker, pictures, private=False))


def _is_for(client: VignetteClient, message: discord.Message) -> bool:
    me = client.user
    if me is None or message.author.bot:
        return False
    return any(mention in message.content for mention in (f"<@{me.id}>", f"<@!{me.id}>"))
