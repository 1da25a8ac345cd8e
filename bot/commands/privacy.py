"""`/privacy show|delete`: what is kept of a person, and its end."""

from discord import app_commands

from bot import texts as common
from bot.door import Interaction, for_own_data
from bot.keeping.privacy import data_file, question, summary
from bot.moderation.replies import tell, wait
from bot.patience import told_meanwhile
from bot.texts import keeping as texts

privacy = app_commands.Group(name="privacy", description=texts.PRIVACY, guild_only=True)


@privacy.command(name="show", description=texts.PRIVACY_SHOW)
@for_own_data
async def show(interaction: Interaction) -> None:
    """Tell what is kept, and hand it out."""
    await wait(interaction)
    personal = interaction.client.services.database.personal
    kept = await told_meanwhile(interaction, personal.all_of(interaction.user.id), common.LOOKING_UP)
    await tell(interaction, summary(kept), file=data_file(kept, interaction.filesize_limit))


@privacy.command(name="delete", description=texts.PRIVACY_DELETE)
@for_own_data
async def delete(interaction: Interaction) -> None:
    """Say what goes and what stays, and ask."""
    await tell(interaction, texts.PRIVACY_ASK, question())
