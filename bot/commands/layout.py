"""`/layout`: how one wants pictures laid out."""

from discord import app_commands

from bot import texts
from bot.database.preferences import SHEET
from bot.door import Interaction, through_door
from bot.moderation.replies import tell

_STYLES = [app_commands.Choice(name=words, value=value) for value, words in texts.LAYOUTS.items()]


@app_commands.command(name="layout", description=texts.LAYOUT)
@app_commands.describe(style=texts.LAYOUT_STYLE)
@app_commands.choices(style=_STYLES)
@through_door
async def layout(interaction: Interaction, style: str) -> None:
    """Remember it, for the one who asks alone."""
    await interaction.client.services.database.personal.lay_out(interaction.user.id, on_sheet=style == SHEET)
    await tell(interaction, texts.LAYOUT_SET[style])
