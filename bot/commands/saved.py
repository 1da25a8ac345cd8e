"""`/saved list|remove|export`: what one has put aside."""

import io

import discord
from discord import app_commands

from bot.access import visitor_in
from bot.delivery import InteractionOutlet, deliver
from bot.door import Interaction, standing_of, through_door
from bot.gallery import MAX_TITLE_SHOWN
from bot.keeping.export import Exported, Exporter
from bot.markdown import plain, shown
from bot.moderation.replies import MAX_CHOICES, tell, wait
from bot.texts import keeping as texts
from search_core import QueryError, VignetteError

CSV, ZIP = "csv", "zip"
MAX_CHOICE = 90
_FORMATS = [app_commands.Choice(name=words, value=value) for value, words in texts.SAVED_FORMATS.items()]

saved = app_commands.Group(name="saved", description=texts.SAVED, guild_only=True)


@saved.command(name="list", description=texts.SAVED_LIST)
@through_door
async def list_saved(interaction: Interaction) -> None:
    """Show the newest page of what one saved."""
    await wait(interaction)
    reply = await interaction.client.services.shelf.page(standing_of(interaction), 0)
    await deliver(InteractionOutlet(interaction), reply)


@saved.command(name="remove", description=texts.SAVED_REMOVE)
@app_commands.describe(picture=texts.SAVED_WHICH)
@through_door
async def remove(interaction: Interaction, picture: app_commands.Range[str, 1, 100]) -> None:
    """Remove one of one's own saved results."""
    await wait(interaction)
    shelf, standing = interaction.client.services.shelf, standing_of(interaction)
    titles = await shelf.titles(standing, await shelf.entries(standing))
    known = {str(number): title for number, title in titles.items()}
    if picture not in known:
        raise QueryError(texts.SAVED_NOT_FOUND)
    await shelf.remove(standing, int(picture))
    await tell(interaction, texts.SAVED_REMOVED.format(title=plain(known[picture], MAX_TITLE_SHOWN)))


@remove.autocomplete("picture")
async def _entries(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Offer one's own saved results by their titles, as far as the rules let one see them."""
    services = interaction.client.services
    try:
        standing = await services.access.standing(visitor_in(interaction))
        titles = await services.shelf.titles(standing, await services.shelf.entries(standing))
    except VignetteError:
        return []
    wanted = current.casefold().strip()
    fitting = [(number, title) for number, title in titles.items() if wanted in title.casefold()][:MAX_CHOICES]
    return [app_commands.Choice(name=shown(title, MAX_CHOICE), value=str(number)) for number, title in fitting]


@saved.command(name="export", description=texts.SAVED_EXPORT)
@app_commands.describe(format=texts.SAVED_FORMAT)
@app_commands.choices(format=_FORMATS)
@through_door
async def export(interaction: Interaction, format: str = ZIP) -> None:  # noqa: A002 - the option's name
    """Hand out what one saved, in as many files as it takes."""
    await wait(interaction)
    services, standing = interaction.client.services, standing_of(interaction)
    names, version = await services.engine.names(), services.engine.manifest.vignette
    exporter = Exporter(services.shelf, names, version, interaction.filesize_limit)
    if format == CSV:
        await _hand_out(interaction, await exporter.table(standing), first=True)
        return
    first = True
    async for exported in exporter.archives(standing):
        await _hand_out(interaction, exported, first=first)
        first = False


async def _hand_out(interaction: Interaction, exported: Exported, *, first: bool) -> None:
    file = discord.File(io.BytesIO(exported.data), exported.name)
    if first:
        await tell(interaction, exported.words, file=file)
    else:
        await interaction.followup.send(exported.words, file=file, ephemeral=True)
