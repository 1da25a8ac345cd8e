"""`/reports`: the reports that wait for a decision, also where no moderators' channel is set."""

from discord import app_commands

from bot.door import Interaction, for_moderators
from bot.moderation.report_controls import show_open_report
from bot.texts import moderation as texts


@app_commands.command(name="reports", description=texts.REPORTS)
@app_commands.default_permissions(manage_guild=True)
@for_moderators
async def reports(interaction: Interaction) -> None:
    """Show the oldest open report."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await show_open_report(interaction, 0)
