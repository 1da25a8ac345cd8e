"""`/about` and `/help`: what this is, and how to ask."""

from discord import app_commands

from bot import texts as common
from bot.delivery import InteractionOutlet, deliver
from bot.door import Interaction, for_reading, standing_of, through_door
from bot.keeping.collection import compose_about, compose_help
from bot.moderation.replies import wait
from bot.patience import answer
from bot.reply import Reply
from bot.texts import keeping as texts


@app_commands.command(name="about", description=texts.ABOUT)
@through_door
async def about(interaction: Interaction) -> None:
    """Say what the collection is, and what the model can and cannot do."""
    await wait(interaction)
    await answer(interaction, _about(interaction), common.LOOKING_UP)


@app_commands.command(name="help", description=texts.HELP)
@for_reading
async def help_(interaction: Interaction) -> None:
    """Say how to ask, with examples."""
    await wait(interaction)
    await deliver(InteractionOutlet(interaction), compose_help())


async def _about(interaction: Interaction) -> Reply:
    services = interaction.client.services
    fields = await services.browsing.fields(standing_of(interaction).visitor)
    return compose_about(await services.engine.about(), fields)
