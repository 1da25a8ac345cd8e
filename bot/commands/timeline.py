"""`/timeline`: how strongly the collection answers a prompt over the years."""

from discord import app_commands

from bot import texts
from bot.access import visitor_in
from bot.browsing import MAX_CHOICE
from bot.commands.search import MAX_PROMPT
from bot.discretion import audience_of
from bot.door import Interaction, through_door
from bot.patience import answer

Prompt = app_commands.Range[str, 1, MAX_PROMPT]


@app_commands.command(name="timeline", description=texts.TIMELINE)
@app_commands.describe(
    prompt=texts.TIMELINE_PROMPT, compare=texts.TIMELINE_COMPARE, field=texts.TIMELINE_FIELD, private=texts.PRIVATE
)
@through_door
async def timeline(
    interaction: Interaction,
    prompt: Prompt,
    compare: Prompt | None = None,
    field: app_commands.Range[str, 1, MAX_CHOICE] | None = None,
    private: bool | None = None,
) -> None:
    """Plot one prompt or two. One that cannot be used is told in private, before anything is public."""
    browsing = interaction.client.services.browsing
    prompts = [prompt] if compare is None else [prompt, compare]
    audience = await audience_of(interaction, private, prompts)
    await browsing.check_prompts(audience.standing, prompts)
    await interaction.response.defer(ephemeral=audience.private, thinking=True)
    plotted = browsing.timeline(audience.standing, prompts, field, private=audience.private)
    await answer(interaction, audience.told(plotted), texts.DRAWING)


@timeline.autocomplete("field")
async def _fields(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    names = await interaction.client.services.browsing.complete_numbers(visitor_in(interaction), current)
    return [app_commands.Choice(name=name, value=name) for name in names]
