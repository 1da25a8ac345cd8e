"""Mention the bot in a message with a picture, and it replies with similar ones.

A message that mentions the bot comes with its content, so this needs no privileged intent. A reply that merely
pings the bot is somebody talking about an answer, not to the bot: the mention must be written out.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot import failures, texts
from bot.access import DeniedError, NotServedError, Standing, TooFastError, Visitor, visitor_of
from bot.attachments import PostedPicture, pictures_of
from bot.delivery import MessageOutlet, deliver
from bot.desk import RulesUnfitError
from bot.patience import typing_until
from bot.posted import ask_first
from search_core import PictureError, RefusedError, StoreError, VignetteError

if TYPE_CHECKING:
    from bot.client import VignetteClient

logger = logging.getLogger(__name__)


async def answer_mention(client: VignetteClient, message: discord.Message) -> None:
    """Answer a message that is meant for the bot; whatever goes wrong is told below it.

    All that is written in a direct message is meant for the bot.
    """
    services = client.services
    try:
        standing = await services.access.admit(visitor_by(message))
        with services.work.request():
            await _answered_or_told(client, message, standing)
    except NotServedError:
        return
    except (DeniedError, TooFastError, StoreError) as error:
        # Everybody reads the reply to a message: somebody who may not ask must not fill the channel with it.
        if message.guild is None or services.access.tells(message.author.id):
            await failures.report_to_message(message, _in_public(message, error))
    except Exception as error:  # whatever it is, the author is told and the bot goes on
        await failures.report_to_message(message, error)


async def _answered_or_told(client: VignetteClient, message: discord.Message, standing: Standing) -> None:
    """Answer; telling that it failed is part of it, so that leaving waits for that too."""
    try:
        await _answer(client, message, standing)
    except (NotServedError, DeniedError, TooFastError, StoreError):
        raise
    except (RefusedError, RulesUnfitError) as error:
        await failures.report_to_message(message, _in_public(message, error))
    except Exception as error:  # whatever it is, the author is told and the bot goes on
        await failures.report_to_message(message, error)


def _in_public(message: discord.Message, error: VignetteError) -> VignetteError:
    """What everybody may read of a failure: the same sentence whichever rule is behind it, a ban among them."""
    if message.guild is None or isinstance(error, TooFastError):
        return error
    logger.info("a mention is not answered: %s", failures.describe(error))
    return DeniedError(texts.NOT_ANSWERED_HERE)


async def _answer(client: VignetteClient, message: discord.Message, standing: Standing) -> None:
    pictures = pictures_of(message) or pictures_of_answered(message)
    if not pictures:
        answers = message.type is discord.MessageType.reply
        raise PictureError(texts.REPLIED_TO_UNSEEN if answers else texts.MENTION_WITHOUT_PICTURE)
    reply = await typing_until(client, message, ask_first(client.services.desk, standing, pictures))
    await deliver(MessageOutlet(message), reply)


def pictures_of_answered(message: discord.Message) -> list[PostedPicture]:
    """Find the pictures of the message that another one answers, as far as Discord shows it to the bot.

    Without the message-content intent it shows what the bot wrote and what mentions it, and nothing else.
    """
    answered = message.reference.resolved if message.reference is not None else None
    return pictures_of(answered) if isinstance(answered, discord.Message) else []


def visitor_by(message: discord.Message) -> Visitor:
    """Say who wrote a message, and where."""
    guild, author = message.guild, message.author
    permissions = author.guild_permissions if isinstance(author, discord.Member) else discord.Permissions.none()
    return visitor_of(author, guild.id if guild else None, message.channel, permissions)


def is_for(client: VignetteClient, message: discord.Message) -> bool:
    """Whether a message is meant for the bot."""
    me = client.user
    if me is None or message.author.bot:
        return False
    if message.guild is None:
        return True
    return any(mention in message.content for mention in (f"<@{me.id}>", f"<@!{me.id}>"))
