"""When an answer takes long, the one who asked sees what is happening.

Discord shows "is thinking" for a deferred answer, for up to 15 minutes and whatever happens. After two seconds it is
replaced by words, and those by the answer. A click that changes the message it was made on shows nothing by itself,
and words in its place would take away the pictures that are being looked at. So there the words are a message beside
it, for the one who clicked alone, which goes when the answer is there.
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


async def answer(
    interaction: Interaction, making: Coroutine[Any, Any, Reply], doing: str = texts.SEARCHING, *, loaded: bool = True
) -> None:
    """Answer a deferred interaction as soon as its reply is made.

    Args:
        interaction: a deferred one.
        making: makes the reply.
        doing: what that is called while it takes long.
        loaded: whether that needs model and index; then it is not started before they are there.
    """
    words = _Words(interaction, doing)
    try:
        reply = await patiently(_when_ready(interaction.client.services, making) if loaded else making, words.tell)
        await deliver(InteractionOutlet(interaction, worded=words.in_place), reply)
    finally:
        await words.clear()


async def told_meanwhile(interaction: Interaction, work: Coroutine[Any, Any, _T], doing: str) -> _T:
    """Do work for a deferred interaction whose answer is words, and say what is happening while it takes long."""
    words = _Words(interaction, doing)
    try:
        return await patiently(work, words.tell)
    finally:
        await words.clear()


class _Words:
    """What somebody reads while they wait: in the place of the answer, or beside the message that will change."""

    def __init__(self, interaction: Interaction, doing: str) -> None:
        self._interaction = interaction
        self._doing = doing
        self._said = ""
        self._beside: discord.WebhookMessage | None = None

    @property
    def in_place(self) -> bool:
        """Whether words stand where the answer comes."""
        return bool(self._said) and self._has_place

    @property
    def _has_place(self) -> bool:
        return self._interaction.response.type is discord.InteractionResponseType.deferred_channel_message

    async def tell(self) -> None:
        """Say what is happening, if that is not what stands there already."""
        words = _happening(self._interaction.client.services, self._doing)
        if words == self._said:
            return
        self._said = words
        if self._has_place:
            await self._interaction.edit_original_response(content=words)
        elif self._beside is None:
            self._beside = await self._interaction.followup.send(words, ephemeral=True, wait=True)
        else:
            await self._beside.edit(content=words)

    async def clear(self) -> None:
        """Take away what stands beside the answer."""
        if self._beside is None:
            return
        try:
            await self._beside.delete()
        except discord.HTTPException as error:
            logger.info("what was happening could not be taken away: %s", failures.describe(error))


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
