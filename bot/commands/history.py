"""`/history on|off|show|clear`: one's own searches, for those who want them kept."""

from discord import app_commands

from bot import texts as common
from bot.door import Interaction, standing_of, through_door
from bot.keeping.past import history_page
from bot.keeping.privacy import DAYS
from bot.moderation.replies import tell, wait
from bot.patience import answer, told_meanwhile
from bot.texts import keeping as texts
from search_core.describe import counted

history = app_commands.Group(name="history", description=texts.HISTORY, guild_only=True)


@history.command(name="on", description=texts.HISTORY_ON)
@through_door
async def on(interaction: Interaction) -> None:
    """Begin a history."""
    await wait(interaction)
    personal = interaction.client.services.database.personal
    await told_meanwhile(interaction, personal.keep_history(interaction.user.id, on=True), common.ONE_MOMENT)
    await tell(interaction, texts.HISTORY_IS_ON)


@history.command(name="off", description=texts.HISTORY_OFF)
@through_door
async def off(interaction: Interaction) -> None:
    """End the history, and delete it in all servers."""
    await wait(interaction)
    personal = interaction.client.services.database.personal
    gone = await told_meanwhile(interaction, personal.keep_history(interaction.user.id, on=False), common.ONE_MOMENT)
    await tell(interaction, texts.HISTORY_IS_OFF.format(searches=counted(gone, "search", "searches"), days=DAYS))


@history.command(name="show", description=texts.HISTORY_SHOW)
@through_door
async def show(interaction: Interaction) -> None:
    """Show the newest page."""
    await wait(interaction)
    page = history_page(interaction.client.services.database, standing_of(interaction), 0)
    await answer(interaction, page, common.LOOKING_UP, loaded=False)


@history.command(name="clear", description=texts.HISTORY_CLEAR)
@through_door
async def clear(interaction: Interaction) -> None:
    """Delete what is there, and leave the choice as it is."""
    await wait(interaction)
    personal, visitor = interaction.client.services.database.personal, standing_of(interaction).visitor
    cleared = personal.clear_history(visitor.user_id, visitor.guild_id)
    gone = await told_meanwhile(interaction, cleared, common.ONE_MOMENT)
    keeps = await personal.keeps_history(visitor.user_id)
    await tell(
        interaction,
        (texts.HISTORY_CLEARED if keeps else texts.HISTORY_CLEARED_OFF).format(
            searches=counted(gone, "search", "searches")
        ),
    )
