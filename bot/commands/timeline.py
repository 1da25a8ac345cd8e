"""`/timeline`: how strongly the collection answers a prompt over the years."""

from discord import app_commands

from bot import texts
from bot.browsing import MAX_CHOICE
from bot.commands.search import MAX_PROMPT
from bot.door import Interaction, standing_of, through_door
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
    browsing, standing = interaction.client.services.browsing, standing_of(interaction)
    prompts = [prompt] if compare is None else [prompt, compare]
    await browsing.check_prompts(standing, prompts)
    secret = bool(standing.channel.private) if private is None else private
    await interaction.response.defer(ephemeral=secret, thinking=True)
    await answer(interaction, browsing.timeline(standing, prompts, field, private=secret), texts.DRAWING)


@timeline.autocomplete("field")
async def _fields(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    names = await interaction.client.services.browsing.complete_numbers(current)
    return [app_commands.Choice(name=name, value=name) for name in names]
