"""The door that every interaction comes through: access, rate, count of work in flight, and a word when it fails.

`CommandTree.interaction_check` does not cover components or modals, and discord.py only logs what a component's
callback raises. So commands, menus, buttons and selects all go through `enter`.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias, cast

import discord

from bot import failures
from bot.access import NotServedError, Standing, visitor_in
from search_core import VignetteError

if TYPE_CHECKING:
    from bot.client import VignetteClient

    Interaction: TypeAlias = discord.Interaction[VignetteClient]
else:
    Interaction: TypeAlias = discord.Interaction

P = ParamSpec("P")
Callback: TypeAlias = Callable[Concatenate[Interaction, P], Coroutine[Any, Any, None]]

logger = logging.getLogger(__name__)

_STANDING = "standing"


async def enter(
    interaction: Interaction,
    work: Callable[[], Awaitable[None]],
    *,
    moderator: bool = False,
    own_data: bool = False,
    shared: bool = True,
) -> None:
    """Do the work for an interaction if it may be done, and see to it that the user hears of any failure.

    From a server that is not served, nothing is answered and nothing acknowledged.

    Args:
        interaction: what came in.
        work: what to do behind the door.
        moderator: whether this is for moderators only.
        own_data: whether this is about what is kept of the one who asks, and nothing else.
        shared: whether this takes of what all the people of the server may ask together.
    """
    services = interaction.client.services
    try:
        visitor = visitor_in(interaction)
        standing = await services.access.admit(visitor, moderator=moderator, own_data=own_data, shared=shared)
        interaction.extras[_STANDING] = standing
        with services.work.request():
            await _done_or_told(interaction, work)
    except NotServedError:
        logger.info("not served: guild=%s", interaction.guild_id)
    except Exception as error:  # whatever it is, the user is told and the bot goes on
        await failures.report(interaction, error)


async def _done_or_told(interaction: Interaction, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work; telling that it failed is part of it, so that leaving waits for that too."""
    try:
        await work()
    except NotServedError:
        raise
    except Exception as error:  # as above
        await failures.report(interaction, error)


def through_door(callback: Callback[P]) -> Callback[P]:
    """Let a command's callback be reached through the door only."""
    return _entering(callback)


def for_reading(callback: Callback[P]) -> Callback[P]:
    """The same for a command that only shows words: it takes nothing of what the server's people may ask together."""
    return _entering(callback, shared=False)


def for_moderators(callback: Callback[P]) -> Callback[P]:
    """Let a command's callback be reached through the door only, and by moderators only."""
    return _entering(callback, moderator=True)


def for_own_data(callback: Callback[P]) -> Callback[P]:
    """Let a command's callback be reached through the door only, for what people may ask of their own data."""
    return _entering(callback, own_data=True)


async def may_complete(interaction: Interaction) -> bool:
    """Whether to offer what only moderators may see to somebody who is typing. Others are offered nothing."""
    try:
        await interaction.client.services.access.standing(visitor_in(interaction), moderator=True)
    except VignetteError:
        return False
    return True


def standing_of(interaction: Interaction) -> Standing:
    """Say what holds for the one who asks. Call it behind the door."""
    standing: Standing = interaction.extras[_STANDING]
    return standing


def _entering(
    callback: Callback[P], *, moderator: bool = False, own_data: bool = False, shared: bool = True
) -> Callback[P]:
    @wraps(callback)
    async def entered(interaction: Interaction, /, *args: P.args, **kwargs: P.kwargs) -> None:
        work = partial(callback, interaction, *args, **kwargs)
        await enter(interaction, work, moderator=moderator, own_data=own_data, shared=shared)

    return cast("Callback[P]", entered)
