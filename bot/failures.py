"""What went wrong, told twice: one clear sentence to the user, one line to the log, joined by a short id unless the
sentence says all that there is to say.

Neither holds a prompt: messages of foreign exceptions are not logged, only their types and where they arose.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import app_commands

from bot import texts
from bot.access import ClosingError, DeniedError, TooFastError
from bot.database import DatabaseBusy
from bot.desk import RulesUnfitError
from search_core import BusyError, ClosedError, InputError, LoadingError, RefusedError, StoreError, VignetteError

if TYPE_CHECKING:
    from bot.client import VignetteClient

logger = logging.getLogger(__name__)

_ID_BYTES = 3
"""Six digits: enough to find one line in a day's log, short enough to read out."""

_FIT_FOR_USERS = (InputError, RefusedError, DeniedError, TooFastError, ClosingError)
"""Errors whose messages are written for the person who asked."""


class UndeletedError(VignetteError):
    """Discord did not delete an answer."""


_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (BusyError, texts.BUSY),
    (LoadingError, texts.LOADING),
    (ClosedError, texts.CLOSED),
    (DatabaseBusy, texts.DATABASE_BUSY),
    (StoreError, texts.RULES_UNREADABLE),
    (RulesUnfitError, texts.RULES_UNFIT),
    (UndeletedError, texts.DELETE_FAILED),
    (app_commands.CommandNotFound, texts.COMMAND_CHANGED),
    (app_commands.CommandSignatureMismatch, texts.COMMAND_CHANGED),
    (discord.Forbidden, texts.NOT_PERMITTED),
    (discord.HTTPException, texts.DISCORD_FAILED),
)
"""What to say of the others; the first that fits is taken."""


_UNDELIVERED = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What telling a user may fail with: Discord refuses it, or cannot be reached."""


def sentence_for(error: BaseException) -> str:
    """Say in one sentence, fit for a user, what went wrong and what to do."""
    if isinstance(error, _FIT_FOR_USERS):
        return str(error)
    return next((words for kind, words in _SENTENCES if isinstance(error, kind)), texts.UNEXPECTED)


def record(error: BaseException, where: str) -> str:
    """Log an error and return the sentence for the user; both carry the same id, where somebody should look into it."""
    cause = _root(error)
    error_id = secrets.token_hex(_ID_BYTES)
    expected = isinstance(cause, (VignetteError, discord.HTTPException))
    level = logging.INFO if isinstance(cause, _FIT_FOR_USERS) else logging.WARNING if expected else logging.ERROR
    logger.log(level, "error=%s %s %s", error_id, where, describe(cause))
    sentence = sentence_for(cause)
    return sentence if isinstance(cause, _FIT_FOR_USERS) else texts.WITH_ID.format(sentence=sentence, id=error_id)


def describe(error: BaseException) -> str:
    """Describe an error for the log, without what a user wrote."""
    name = type(error).__name__
    if isinstance(error, _FIT_FOR_USERS):
        return name
    if isinstance(error, VignetteError):
        return f"{name}: {error}"
    if isinstance(error, discord.HTTPException):
        return f"{name}: status={error.status} code={error.code}"
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{name}\n{frames}".rstrip()


async def report(interaction: discord.Interaction[VignetteClient], error: BaseException) -> None:
    """Tell the user of an interaction that it failed, and the log why."""
    sentence = record(error, f"guild={interaction.guild_id} user={interaction.user.id}")
    try:
        if interaction.response.is_done():
            alone = await _take_back(interaction)
            await interaction.followup.send(sentence if alone else texts.DISCORD_FAILED, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except _UNDELIVERED as failure:
        logger.warning("the user could not be told: %s", describe(failure))


async def _take_back(interaction: discord.Interaction[VignetteClient]) -> bool:
    """Delete an answer that was promised in public: what failed, and the command with its options, is nobody else's.

    Discord would complete it with the first followup otherwise, which everybody could read. So it is completed with
    nothing to read, and deleted.

    Returns:
        Whether what is said next is for the one who asked alone; False if Discord did not let it be taken back.
    """
    if interaction.response.type is not discord.InteractionResponseType.deferred_channel_message:
        return True
    try:
        promised = await interaction.original_response()
        if promised.flags.ephemeral:
            return True
        if promised.flags.loading:
            await interaction.edit_original_response(content=texts.TAKEN_BACK)
        await interaction.delete_original_response()
    except discord.NotFound:
        return True  # somebody was faster
    except discord.HTTPException as error:
        logger.warning("an answer could not be taken back: %s", describe(error))
        return False
    return True


async def report_to_message(message: discord.Message, error: BaseException) -> None:
    """Tell the author of a message that answering it failed, and the log why."""
    sentence = record(error, place_of(message, error))
    try:
        await message.reply(sentence, mention_author=False)
    except _UNDELIVERED as failure:
        if isinstance(error, discord.Forbidden) and isinstance(failure, discord.Forbidden):
            return  # the line above says already what the bot may not do here
        logger.warning("the user could not be told: %s %s", place_of(message, failure), describe(failure))


def place_of(message: discord.Message, error: BaseException) -> str:
    """Say for the log where a message stands, and what the bot may not do there if that is why answering it failed."""
    guild_id = message.guild.id if message.guild else None
    place = f"guild={guild_id} channel={message.channel.id} user={message.author.id}"
    return f"{place} missing={_missing(message)!r}" if isinstance(error, discord.Forbidden) else place


def _missing(message: discord.Message) -> str:
    """Name the permissions that the bot lacks for answering a message, as far as it knows."""
    if message.guild is None or message.guild.me is None or isinstance(message.channel, discord.PartialMessageable):
        return "unknown"
    may = message.channel.permissions_for(message.guild.me)
    writing = "send_messages_in_threads" if isinstance(message.channel, discord.Thread) else "send_messages"
    # What is lacking takes others along: without the channel nothing may be done, without writing nothing attached.
    steps = (("view_channel",), (writing, "read_message_history"), ("embed_links", "attach_files"))
    needed = next((step for step in steps if not all(getattr(may, name) for name in step)), ())
    lacking = [name.replace("_", " ").title() for name in needed if not getattr(may, name)]
    return ", ".join(lacking) or "none that I know of"


def _root(error: BaseException) -> BaseException:
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error
