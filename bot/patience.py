"""When an answer takes long, the one who asked sees what is happening.

Discord shows "is thinking" for a deferred answer, for up to 15 minutes and whatever happens. After two seconds it is
replaced by words, and those by the answer. A click that changes the message it was made on shows nothing: words in
its place would take away the pictures that are being looked at.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import discord

from bot import failures, texts
from bot.delivery import InteractionOutlet, deliver
from search_core.describe import counted

if TYPE_CHECKING:
    from bot.client import VignetteClient
    from bot.door import Interaction
    from bot.reply import Reply
    from bot.services import Services

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""Nearly all answers come sooner, and nobody wonders yet."""

AGAIN_SECONDS = 8.0
"""How soon the words are looked at again. Discord shows typing for ten seconds."""

_T = TypeVar("_T")


async def answer(interaction: Interaction, making: Coroutine[Any, Any, Reply], doing: str = texts.SEARCHING) -> None:
    """Answer a deferred interaction as soon as its reply is made and model and index are loaded.

    Args:
        interaction: a deferred one.
        making: makes the reply; not started before model and index are there.
        doing: what that is called while it takes long.
    """
    services = interaction.client.services
    shown: list[str] = []

    async def tell() -> None:
        words = _happening(services, doing)
        if interaction.response.type is _DEFERRED and words not in shown[-1:]:
            shown.append(words)
            await interaction.edit_original_response(content=words)

    reply = await patiently(_when_ready(services, making), tell)
    await deliver(InteractionOutlet(interaction, worded=bool(shown)), reply)


async def typing_until(client: VignetteClient, message: discord.Message, making: Coroutine[Any, Any, Reply]) -> Reply:
    """Wait for the reply to a message; the bot is seen typing if that takes long."""

    async def tell() -> None:
        await message.channel.typing()

    return await patiently(_when_ready(client.services, making), tell)


async def patiently(work: Coroutine[Any, Any, _T], tell: Callable[[], Awaitable[None]]) -> _T:
    """Wait for work, and tell what is happening once it takes long, and then now and again.

    What `tell` sends has arrived before this returns, so that it cannot take the place of what is sent next. That it
    could not be sent is no reason to give the work up.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        while not task.done():
            try:
                await tell()
            except discord.HTTPException as error:
                logger.info("what is happening could not be told: %s", failures.describe(error))
            await asyncio.wait({task}, timeout=AGAIN_SECONDS)
        return await task
    finally:
        task.cancel()


_DEFERRED = discord.InteractionResponseType.deferred_channel_message


async def _when_ready(services: Services, making: Coroutine[Any, Any, _T]) -> _T:
    try:
        await services.ready()
    except BaseException:
        making.close()
        raise
    return await making


def _happening(services: Services, doing: str) -> str:
    """Say what the one who asked is waiting for. Never what they asked: everybody may read it."""
    engine = services.engine
    if not engine.is_open:
        return texts.STILL_LOADING
    if engine.waiting > 1:
        return texts.QUEUED.format(doing=doing, others=counted(engine.waiting - 1, "other"))
    return doing
