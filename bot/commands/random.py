"""`/random`: pictures drawn by lot, for a way into the collection."""

from discord import app_commands

from bot import texts
from bot.access import visitor_in
from bot.browsing import MAX_CHOICE, words_of
from bot.discretion import audience_of
from bot.door import Interaction, through_door
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
    browsing = interaction.client.services.browsing
    audience = await audience_of(interaction, private, words_of(where or ""))
    await browsing.check_where(audience.standing, where or "")
    await interaction.response.defer(ephemeral=audience.private, thinking=True)
    k = audience.standing.page_size()
    drawn = browsing.random(audience.standing, where or "", k, private=audience.private)
    await answer(interaction, audience.told(drawn), texts.DRAWING_LOTS)


@random.autocomplete("where")
async def _conditions(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    offered = await interaction.client.services.browsing.complete_where(visitor_in(interaction), current)
    return [app_commands.Choice(name=one[:MAX_CHOICE], value=one) for one in offered]
