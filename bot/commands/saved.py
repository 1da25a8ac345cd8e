"""`/saved list|remove|export`: what one has put aside."""

import io
from collections.abc import AsyncIterator

import discord
from discord import app_commands

from bot import texts as common
from bot.access import Standing, visitor_in
from bot.door import Interaction, standing_of, through_door
from bot.gallery import MAX_TITLE_SHOWN
from bot.keeping.export import Exported, Exporter
from bot.keeping.shelf import Shelf
from bot.markdown import plain, shown
from bot.moderation.replies import MAX_CHOICES, tell, wait
from bot.patience import answer, told_meanwhile
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
    await answer(interaction, interaction.client.services.shelf.page(standing_of(interaction), 0), common.LOOKING_UP)


@saved.command(name="remove", description=texts.SAVED_REMOVE)
@app_commands.describe(picture=texts.SAVED_WHICH)
@through_door
async def remove(interaction: Interaction, picture: app_commands.Range[str, 1, 100]) -> None:
    """Remove one of one's own saved results."""
    await wait(interaction)
    removing = _removed(interaction.client.services.shelf, standing_of(interaction), picture)
    title = await told_meanwhile(interaction, removing, common.ONE_MOMENT)
    await tell(interaction, texts.SAVED_REMOVED.format(title=plain(title, MAX_TITLE_SHOWN)))


async def _removed(shelf: Shelf, standing: Standing, picture: str) -> str:
    """Remove a saved result by its number, and say what it is called."""
    titles = await shelf.titles(standing, await shelf.entries(standing))
    known = {str(number): title for number, title in titles.items()}
    if picture not in known:
        raise QueryError(texts.SAVED_NOT_FOUND)
    await shelf.remove(standing, int(picture))
    return known[picture]


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
        table = await told_meanwhile(interaction, exporter.table(standing), common.PACKING)
        await _hand_out(interaction, table, first=True)
        return
    archives = exporter.archives(standing)
    await _hand_out(interaction, await told_meanwhile(interaction, _next_of(archives), common.PACKING), first=True)
    async for exported in archives:
        await _hand_out(interaction, exported, first=False)


async def _next_of(archives: AsyncIterator[Exported]) -> Exported:
    return await anext(archives)


async def _hand_out(interaction: Interaction, exported: Exported, *, first: bool) -> None:
    file = discord.File(io.BytesIO(exported.data), exported.name)
    if first:
        await tell(interaction, exported.words, file=file)
    else:
        await interaction.followup.send(exported.words, file=file, ephemeral=True)
