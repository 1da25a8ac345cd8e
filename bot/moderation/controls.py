"""The moderators' buttons that survive a restart. Who clicks is asked anew at each click, whoever may see them."""

from __future__ import annotations

from typing import Any

import discord

from bot import custom_ids
from bot.components import Control
from bot.door import Interaction
from bot.moderation.pending import Pending
from bot.moderation.replies import buttons, finish, guild_of, rules_of, rules_page, tell, wait
from bot.texts import filters as texts


class RulesButton(Control[discord.ui.Button[Any]], template=custom_ids.RULES_TEMPLATE):
    """Another page of the list of rules, in place of the one that is shown."""

    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Show the page; in a message that others can read, show it to the one who clicked alone."""
        words, view = rules_page(await rules_of(interaction), self.fields["kind"], int(self.fields["page"]))
        if _is_private(interaction):
            await interaction.response.edit_message(content=words, view=view)
        else:
            await tell(interaction, words, view)


class PlanButton(Control[discord.ui.Button[Any]], template=custom_ids.PLAN_TEMPLATE):
    """Yes or no to a plan that would refuse much; it works once, and for the one who made the plan."""

    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Carry the plan out, or forget it."""
        if _is_private(interaction):
            await interaction.response.defer()
        else:
            await wait(interaction)
        pending = Pending(interaction.client.services.database)
        plan = await pending.take(guild_of(interaction), interaction.user.id, self.fields["token"])
        if self.fields["answer"] == "yes":
            await finish(interaction, plan, texts.CONFIRMED)
        else:
            await tell(interaction, texts.CANCELLED, buttons())


MODERATION_CONTROLS = (RulesButton, PlanButton)


def _is_private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral
