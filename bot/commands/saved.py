"""`/saved list|remove|export`: what one has put aside."""

import io
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence

import discord
from discord import app_commands

from bot import texts as common
from bot.access import Standing, visitor_in
from bot.door import Interaction, standing_of, through_door
from bot.gallery import MAX_TITLE_SHOWN
from bot.keeping.export import Exported, Exporter
from bot.keeping.shelf import Shelf
from bot.markdown import plain_title, shortened
from bot.moderation.replies import MAX_CHOICES, tell, wait
from bot.patience import answer, told_meanwhile
from bot.texts import keeping as texts
from search_core import QueryError, VignetteError

CSV, ZIP = "csv", "zip"
MAX_CHOICE = 90
MAX_SAME = 60
"""Characters of a title that its number stands behind."""

MAX_NAMED = 5
PICKED = "saved:"
"""Before the number of a choice, so that somebody who types a number is not taken for one who picked."""

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
    await tell(interaction, texts.SAVED_REMOVED.format(title=plain_title(title, MAX_TITLE_SHOWN)))


async def _removed(shelf: Shelf, standing: Standing, picture: str) -> str:
    """Remove a saved result by its number, and say what it is called."""
    titles = await shelf.titles(standing, await shelf.entries(standing))
    number = meant(picture, titles)
    await shelf.remove(standing, number)
    return titles[number]


@remove.autocomplete("picture")
async def _entries(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """Offer one's own saved results by their titles, as far as the rules let one see them."""
    services = interaction.client.services
    try:
        standing = await services.access.standing(visitor_in(interaction))
        titles = await services.shelf.titles(standing, await services.shelf.entries(standing))
    except VignetteError:
        return []
    names = told_apart(titles)
    fitting = _fitting(current, titles)[:MAX_CHOICES]
    return [app_commands.Choice(name=names[number], value=f"{PICKED}{number}") for number in fitting]


def meant(written: str, titles: Mapping[int, str]) -> int:
    """Say which of one's saved results is meant by a choice, by a whole title or by a part of one.

    Raises:
        QueryError: if none is, or if several might be.
    """
    picked = {f"{PICKED}{number}": number for number in titles}
    if written in picked:
        return picked[written]
    fitting = _fitting(written, titles)
    same = [number for number in fitting if _plainly(written) in _ways_to_write(titles[number])]
    fitting = same or fitting
    if not fitting:
        raise QueryError(texts.SAVED_NOT_FOUND)
    if len(fitting) > 1:
        raise QueryError(_several([titles[number] for number in fitting]))
    return fitting[0]


def told_apart(titles: Mapping[int, str]) -> dict[int, str]:
    """Name saved results for a list of choices; of those that would read alike each with its number in the list."""
    short = {number: shortened(title, MAX_CHOICE) for number, title in titles.items()}
    alike = Counter(short.values())
    return {
        number: shortened(texts.SAVED_SAME.format(title=shortened(title, MAX_SAME), number=place), MAX_CHOICE)
        if alike[title] > 1
        else title
        for place, (number, title) in enumerate(short.items(), start=1)
    }


def _fitting(written: str, titles: Mapping[int, str]) -> list[int]:
    wanted = _plainly(written)
    return [number for number, title in titles.items() if any(wanted in each for each in _ways_to_write(title))]


def _ways_to_write(title: str) -> tuple[str, ...]:
    """A title in full, and as the list shows it."""
    return _plainly(title), _plainly(shortened(title, MAX_TITLE_SHOWN))


def _plainly(text: str) -> str:
    return " ".join(text.casefold().split())


def _several(titles: Sequence[str]) -> str:
    named = [plain_title(title, MAX_TITLE_SHOWN) for title in titles[:MAX_NAMED]]
    more = [texts.SAVED_AND_MORE.format(count=len(titles) - MAX_NAMED)] if titles[MAX_NAMED:] else []
    return texts.SAVED_SEVERAL.format(count=len(titles), titles="; ".join([*named, *more]))


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
