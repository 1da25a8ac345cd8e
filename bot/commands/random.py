"""`/random`: pictures drawn by lot, for a way into the collection."""

from discord import app_commands

from bot import texts
from bot.access import visitor_in
from bot.browsing import MAX_CHOICE
from bot.door import Interaction, standing_of, through_door
from bot.patience import answer

MAX_WHERE = 300


@app_commands.command(name="random", description=texts.RANDOM)
@app_commands.describe(where=texts.RANDOM_WHERE, private=texts.PRIVATE)
@through_door
async def random(
    interaction: Interaction,
    where: app_commands.Range[str, 1, MAX_WHERE] | None = None,
    private: bool | None = None,
) -> None:
    """Draw a page of pictures. A condition that cannot be used is told in private, before anything is public."""
    browsing, standing = interaction.client.services.browsing, standing_of(interaction)
    await browsing.check_where(standing, where or "")
    secret = bool(standing.channel.private) if private is None else private
    await interaction.response.defer(ephemeral=secret, thinking=True)
    await answer(interaction, browsing.random(standing, where or "", standing.page_size(), private=secret))


@random.autocomplete("where")
async def _conditions(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    offered = await interaction.client.services.browsing.complete_where(visitor_in(interaction), current)
    return [app_commands.Choice(name=one[:MAX_CHOICE], value=one) for one in offered]
