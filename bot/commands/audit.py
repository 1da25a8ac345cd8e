"""`/audit`: who changed what, when and why."""

import discord
from discord import app_commands

from bot.door import Interaction, for_moderators
from bot.moderation.audit_log import Narrowing, audit_page
from bot.moderation.moments import moment_of
from bot.moderation.replies import complete_rule
from bot.texts import moderation as texts


@app_commands.command(name="audit", description=texts.AUDIT)
@app_commands.describe(user=texts.AUDIT_USER, rule=texts.AUDIT_RULE, since=texts.AUDIT_SINCE)
@app_commands.default_permissions(manage_guild=True)
@for_moderators
async def audit(
    interaction: Interaction,
    user: discord.User | None = None,
    rule: app_commands.Range[int, 1] | None = None,
    since: str | None = None,
) -> None:
    """Show the newest entries of the audit log."""
    wanted = Narrowing(user.id if user else 0, rule or 0, moment_of(since) if since else 0)
    await interaction.response.defer(ephemeral=True, thinking=True)
    view = await audit_page(interaction.client.services.database, interaction.guild_id or 0, wanted)
    await interaction.edit_original_response(view=view)


@audit.autocomplete("rule")
async def _complete(interaction: Interaction, current: int | str) -> list[app_commands.Choice[int]]:
    found = await complete_rule(interaction, str(current))  # Discord sends of a number what was typed so far, as text
    return [app_commands.Choice(name=choice.name, value=int(choice.value)) for choice in found]
