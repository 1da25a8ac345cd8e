"""The buttons and selects of what people keep. Each acts on what belongs to whoever presses it, and on nothing else."""

from __future__ import annotations

import re
from typing import Any

import discord

from bot import custom_ids
from bot import texts as common
from bot.access import PAGE_SIZE
from bot.components import Control, is_private
from bot.door import Interaction, standing_of
from bot.keeping.past import ask_again, history_page
from bot.moderation.replies import buttons, tell, wait
from bot.patience import answer
from bot.reply import Reply
from bot.texts import keeping as texts
from search_core import QueryError


class SaveButton(Control[discord.ui.Button[Any]], template=custom_ids.SAVE_TEMPLATE):
    """Under a picture's details: saves it, and says so on the button."""

    async def act(self, interaction: Interaction) -> None:
        """Save it, and show the details again."""
        await in_private(interaction)
        shelf, standing = interaction.client.services.shelf, standing_of(interaction)
        search, row, message = self.fields["search"], int(self.fields["row"]), int(self.fields["message"])

        async def save() -> Reply:
            await shelf.save(standing, search, row)
            return await shelf.details(standing, search, row, message)

        await answer(interaction, save(), common.ONE_MOMENT)


class ShelfButton(Control[discord.ui.Button[Any]], template=custom_ids.SHELF_TEMPLATE):
    """Another page of what the one who presses it has saved."""

    async def act(self, interaction: Interaction) -> None:
        """Show the page."""
        await in_private(interaction)
        shelf = interaction.client.services.shelf
        await answer(interaction, shelf.page(standing_of(interaction), int(self.fields["page"])), common.LOOKING_UP)


class ShelfRemove(Control[discord.ui.Select[Any]], template=custom_ids.SHELF_REMOVE_TEMPLATE):
    """Removes one of the saved results of the one who picks it."""

    async def act(self, interaction: Interaction) -> None:
        """Remove it, and show what is left of the page."""
        number = picked_number(self.item)
        await in_private(interaction)
        shelf, standing = interaction.client.services.shelf, standing_of(interaction)

        async def remove() -> Reply:
            await shelf.remove(standing, number)
            return await shelf.page(standing, int(self.fields["page"]))

        await answer(interaction, remove(), common.ONE_MOMENT)


class HistoryButton(Control[discord.ui.Button[Any]], template=custom_ids.HISTORY_TEMPLATE):
    """Another page of the history of the one who presses it."""

    async def act(self, interaction: Interaction) -> None:
        """Show the page."""
        await in_private(interaction)
        database = interaction.client.services.database
        page = history_page(database, standing_of(interaction), int(self.fields["page"]))
        await answer(interaction, page, common.LOOKING_UP, loaded=False)


class HistoryPick(Control[discord.ui.Select[Any]], template=custom_ids.HISTORY_PICK_TEMPLATE):
    """Asks one of the searches of the one who picks it again, beside the list."""

    async def act(self, interaction: Interaction) -> None:
        """Answer in private."""
        number = picked_number(self.item)
        await wait(interaction)
        services = interaction.client.services
        await answer(interaction, ask_again(services, standing_of(interaction), number))


class ForgetButton(Control[discord.ui.Button[Any]], template=custom_ids.FORGET_TEMPLATE):
    """Deletes the data of the one who presses it, or leaves them."""

    about_own_data = True

    async def act(self, interaction: Interaction) -> None:
        """Do as they say."""
        await in_private(interaction)
        if self.fields["answer"] != "yes":
            await tell(interaction, texts.PRIVACY_KEPT, buttons())
            return
        personal = interaction.client.services.database.personal
        await personal.erase(interaction.user.id)
        banned = bool(await personal.all_of(interaction.user.id))
        words = texts.PRIVACY_DELETED.format(except_for=texts.PRIVACY_EXCEPT if banned else "")
        await tell(interaction, words, buttons())


class ExampleButton(Control[discord.ui.Button[Any]], template=custom_ids.EXAMPLE_TEMPLATE):
    """Runs one of the help's examples for the one who presses it alone."""

    async def act(self, interaction: Interaction) -> None:
        """Search for it."""
        number = int(self.fields["number"])
        if number >= len(texts.HELP_EXAMPLES):
            raise QueryError(texts.HELP_UNKNOWN)
        await wait(interaction)
        desk, standing = interaction.client.services.desk, standing_of(interaction)
        prompt, k = texts.HELP_EXAMPLES[number], standing.page_size(PAGE_SIZE)
        await answer(interaction, desk.ask_text(standing, prompt, k=k, private=True))


KEEPING_CONTROLS = (
    SaveButton,
    ShelfButton,
    ShelfRemove,
    HistoryButton,
    HistoryPick,
    ForgetButton,
    ExampleButton,
)


async def in_private(interaction: Interaction) -> None:
    """Promise an answer in the place of a message that only one person sees; else one of its own, in private."""
    if is_private(interaction):
        await interaction.response.defer()
    else:
        await wait(interaction)


def picked_number(item: discord.ui.Select[Any]) -> int:
    """Read the number that was picked.

    Raises:
        QueryError: if it is none.
    """
    value = "".join(item.values)
    if not re.fullmatch(r"[0-9]{1,12}", value):
        raise QueryError(common.NOT_MY_CHOICE)
    return int(value)
