"""`/search`: pictures by words."""

from discord import app_commands

from bot import texts
from bot.access import PAGE_SIZE
from bot.delivery import InteractionOutlet, deliver
from bot.door import Interaction, standing_of, through_door

MAX_PROMPT = 1_000
"""CLIP reads some 300 characters; more is cut, and the user is told. Discord would let 6,000 pass."""


@app_commands.command(name="search", description=texts.SEARCH)
@app_commands.describe(prompt=texts.SEARCH_PROMPT, count=texts.SEARCH_COUNT, private=texts.PRIVATE)
@through_door
async def search(
    interaction: Interaction,
    prompt: app_commands.Range[str, 1, MAX_PROMPT],
    count: app_commands.Range[int, 1, PAGE_SIZE] = PAGE_SIZE,
    private: bool | None = None,
) -> None:
    """Search the collection in words. A prompt that cannot be used is told in private, before anything is public."""
    desk, standing = interaction.client.services.desk, standing_of(interaction)
    await desk.check_prompt(standing, prompt)
    secret = bool(standing.channel.private) if private is None else private
    await interaction.response.defer(ephemeral=secret, thinking=True)
    reply = await desk.ask_text(standing, prompt, k=standing.page_size(count), private=secret)
    await deliver(InteractionOutlet(interaction), reply)
