"""Buttons and selects that survive a restart: found by their custom id, not by a view kept in memory.

How to add one: a template and a function beside it in `custom_ids`, a subclass of `Control` here with its `act`,
and its name in `CONTROLS`.
"""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import discord

from bot import custom_ids, texts
from bot.access import DeniedError
from bot.attachments import shown_in
from bot.database import Way
from bot.desk import StaleError
from bot.door import Interaction, enter, standing_of
from bot.failures import UndeletedError
from bot.patience import answer
from bot.posted import ask_like
from search_core import QueryError

if TYPE_CHECKING:
    from bot.access import Standing
    from bot.reply import Reply
    from bot.services import Services

logger = logging.getLogger(__name__)

_UNKNOWN_MESSAGE = 10008
"""Discord's code for a message that is not there any more."""

ItemT = TypeVar("ItemT", bound=discord.ui.Item[Any])


class Control(discord.ui.DynamicItem[ItemT], template=r"(?!)"):
    """Base of all lasting components: the way through the door, and the fields of the custom id."""

    def __init__(self, item: ItemT, fields: dict[str, str]) -> None:
        super().__init__(item)
        self.fields = fields

    @classmethod
    async def from_custom_id(  # discord.py's signature cannot name our client
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the component of a click from what its custom id says."""
        return cls(item, match.groupdict())  # type: ignore[arg-type]  # the item that Discord says was clicked

    moderators_only: ClassVar[bool] = False
    """Whether each click is for moderators only, whoever may see the component."""

    about_own_data: ClassVar[bool] = False
    """Whether each click is about what is kept of the one who clicks, and nothing else."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Go through the door and act."""
        work = partial(self.act, interaction)
        await enter(interaction, work, moderator=self.moderators_only, own_data=self.about_own_data)

    async def act(self, interaction: Interaction) -> None:
        """Do what the component is for."""
        raise NotImplementedError


class PageButton(Control[discord.ui.Button[Any]], template=custom_ids.PAGE_TEMPLATE):
    """Previous, next, or the nearest anyway.

    It changes the message of the one who asked. Somebody else gets a private copy and leaves the message alone. A
    message that everybody sees goes on under the rules for everybody, whatever roles spare the one who asked.
    """

    async def act(self, interaction: Interaction) -> None:
        """Show the page."""
        search_id, page = self.fields["search"], int(self.fields["page"])
        desk, standing, private = interaction.client.services.desk, standing_of(interaction), is_private(interaction)
        if private:
            await interaction.response.defer()
        elif await desk.owner_of(search_id) == interaction.user.id:
            standing = standing.openly
            await interaction.response.defer()
        else:
            private = True
            await interaction.response.defer(ephemeral=True, thinking=True)
        doing = texts.SEARCHING if self.fields["way"] == custom_ids.NEAREST else texts.TURNING
        await answer(interaction, desk.turn(standing, search_id, page, private=private), doing)


class PickSelect(Control[discord.ui.Select[Any]], template=custom_ids.PICK_TEMPLATE):
    """Pictures similar to one of the results, or its details; always for the one who picked alone."""

    async def act(self, interaction: Interaction) -> None:
        """Answer the pick."""
        picked = re.fullmatch(custom_ids.PICK_VALUE, "".join(self.item.values))
        if picked is None:
            raise QueryError(texts.NOT_MY_CHOICE)
        await interaction.response.defer(ephemeral=True, thinking=True)
        desk, search_id, row = interaction.client.services.desk, self.fields["search"], int(picked["row"])
        if picked["what"] == custom_ids.DETAILS:
            shown_in = 0 if is_private(interaction) or interaction.message is None else interaction.message.id
            shelf = interaction.client.services.shelf
            making = shelf.details(standing_of(interaction), search_id, row, shown_in)
        else:
            making = desk.ask_row(standing_of(interaction), search_id, row)
        await answer(interaction, making)


class PostButton(Control[discord.ui.Button[Any]], template=custom_ids.POST_TEMPLATE):
    """Under a private answer: posts it for everybody, under the rules for everybody at that moment."""

    async def act(self, interaction: Interaction) -> None:
        """Post it, for the one who asked alone and where they may write themselves."""
        services, page = interaction.client.services, int(self.fields["page"])
        search = await services.desk.search(self.fields["search"])
        if search.user_id != interaction.user.id:
            raise DeniedError(texts.POST_NOT_YOURS)
        if not _may_write(interaction):
            raise DeniedError(texts.POST_NOT_PERMITTED)
        await interaction.response.defer(thinking=True)
        standing = standing_of(interaction).openly
        if search.way in {Way.TIMELINE, Way.LOT}:
            await answer(interaction, self._post(services, standing, search.id))
        else:
            await answer(interaction, services.desk.turn(standing, search.id, page, private=False))

    async def _post(self, services: Services, standing: Standing, search_id: str) -> Reply:
        return await services.browsing.post(standing, await services.desk.saved(search_id))


class DeleteButton(Control[discord.ui.Button[Any]], template=custom_ids.DELETE_TEMPLATE):
    """Under a public answer: deletes it."""

    async def act(self, interaction: Interaction) -> None:
        """Delete it, for the one who asked and for moderators."""
        standing = standing_of(interaction)
        if not standing.moderator and await self._owner(interaction) != interaction.user.id:
            raise DeniedError(texts.DELETE_NOT_YOURS)
        await interaction.response.defer()
        await _deleted(interaction)
        logger.info("answer deleted guild=%d user=%d", standing.visitor.guild_id, standing.visitor.user_id)

    async def _owner(self, interaction: Interaction) -> int:
        try:
            return await interaction.client.services.desk.owner_of(self.fields["search"])
        except StaleError:
            raise DeniedError(texts.DELETE_TOO_OLD) from None


class AgainButton(Control[discord.ui.Button[Any]], template=custom_ids.AGAIN_TEMPLATE):
    """Under pictures drawn by lot: draws others in their place; for somebody else, beside them and in private."""

    async def act(self, interaction: Interaction) -> None:
        """Draw again, under the conditions of the first draw and the rules of now."""
        services, standing = interaction.client.services, standing_of(interaction)
        search, private = await services.desk.search(self.fields["search"]), is_private(interaction)
        if private or search.user_id == interaction.user.id:
            await interaction.response.defer()
        else:
            private = True
            await interaction.response.defer(ephemeral=True, thinking=True)
        standing = standing if private else standing.openly
        drawn = services.browsing.random(standing, search.conditions or "", search.k, private=private)
        await answer(interaction, drawn, texts.DRAWING_LOTS)


class WhichSelect(Control[discord.ui.Select[Any]], template=custom_ids.WHICH_TEMPLATE):
    """Which of a message's pictures is meant: the question itself shows them, and so nothing has to be kept."""

    async def act(self, interaction: Interaction) -> None:
        """Answer for the one who picked alone."""
        shown_here = [] if interaction.message is None else shown_in(interaction.message)
        picked = "".join(self.item.values)
        if not (picked.isascii() and picked.isdigit() and 1 <= int(picked) <= len(shown_here)):
            raise QueryError(texts.WHICH_GONE)
        await interaction.response.defer(ephemeral=True, thinking=True)
        picture = shown_here[int(picked) - 1]
        desk = interaction.client.services.desk
        await answer(interaction, ask_like(desk, standing_of(interaction), picture, private=True), texts.FETCHING)


CONTROLS = (PageButton, PickSelect, PostButton, DeleteButton, AgainButton, WhichSelect)


async def _deleted(interaction: Interaction) -> None:
    """Delete the message that a button stands on; if it is gone already, that is done."""
    try:
        await interaction.delete_original_response()
    except discord.HTTPException as error:
        if error.code != _UNKNOWN_MESSAGE:
            raise UndeletedError(f"status={error.status} code={error.code}") from error


def _may_write(interaction: Interaction) -> bool:
    may = interaction.permissions
    return may.send_messages_in_threads if isinstance(interaction.channel, discord.Thread) else may.send_messages


def is_private(interaction: Interaction) -> bool:
    """Whether a component stands on a message that only one person sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral
