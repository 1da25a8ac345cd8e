"""Saved results: putting one aside, and leafing through them under the rules of the moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord

from bot import custom_ids
from bot.access import PAGE_SIZE
from bot.database import SavedResult, Way
from bot.database.saved import MAX_SAVED
from bot.gallery import MAX_TITLE_SHOWN, alt_text, compose_details, link_of, whole_title
from bot.keeping.pages import turning
from bot.markdown import code_span, plain, plain_title, shortened
from bot.reply import PictureControls, Reply
from bot.texts import keeping as texts
from bot.uploads import Upload, upload_name
from search_core import QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.access import Standing
    from bot.database import Database, SavedSearch
    from bot.desk import Desk, Seen
    from bot.moderation.book import RuleBook
    from search_core import Names, SearchEngine

MAX_PROMPT_SHOWN = 60
"""Nine lines of title and prompt stay under Discord's limit for a message."""

MAX_OPTION = 90


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved result as its owner may see it now.

    Attributes:
        number: its place, 1 for the newest.
        entry: as it was saved.
        seen: the picture; None if it is hidden or gone.
        hidden: whether a rule hides it.
    """

    number: int
    entry: SavedResult
    seen: Seen | None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ShelfControls:
    """What stands under a page of saved results.

    Attributes:
        page: 0-based.
        last: the last page.
        kept: what is on the page.
    """

    page: int
    last: int
    kept: tuple[Kept, ...]

    def rows(self) -> list[list[discord.ui.Item[discord.ui.View]]]:
        """Make the select that removes, and the buttons that turn the page."""
        select: discord.ui.Select[discord.ui.View] = discord.ui.Select(
            custom_id=custom_ids.shelf_remove_id(self.page),
            placeholder=texts.SAVED_REMOVE_PICK,
            options=[_option(each) for each in self.kept],
        )
        return [[select], *turning(custom_ids.shelf_id, self.page, self.last)]


class Shelf:
    """Keeps results for people.

    Args:
        engine: knows the pictures.
        database: keeps the results.
        desk: says what a person may see.
        book: gives the rules that hold at this moment.
    """

    def __init__(self, engine: SearchEngine, database: Database, desk: Desk, book: RuleBook) -> None:
        self._engine = engine
        self._personal = database.personal
        self._desk = desk
        self._book = book

    async def details(self, standing: Standing, search_id: str, row: int, message_id: int) -> Reply:
        """Tell all that is known of one of the results of a search, with buttons to save and to report it."""
        search = await self._desk.saved(search_id)
        seen = await self._desk.look_at(standing, row, search.generation)
        visitor = standing.visitor
        saved = await self._personal.has_saved(visitor.user_id, visitor.guild_id, seen.picture.sha256)
        controls = PictureControls(
            search_id, row, message_id, standing.moderator, saved, link_of(seen.picture.metadata)
        )
        shown_as = replace(seen.shown_as, spoiler=seen.shown_as.spoiler or bool(search.spoiler))
        return replace(compose_details(seen.picture, shown_as), controls=controls)

    async def save(self, standing: Standing, search_id: str, row: int) -> None:
        """Save one of the results of a search; once is enough.

        Raises:
            QueryError: if the person has saved as many as there can be.
            StaleError, RefusedError: if the picture cannot be told or shown any more.
        """
        search = await self._desk.saved(search_id)
        seen = await self._desk.look_at(standing, row, search.generation)
        rules, names = (await self._book.filters(standing.visitor)).hash, await self._engine.names()
        result = self._result(standing, search, seen, rules, names)
        if search.row is not None:
            result = await self._found_by_likeness(standing, result, search.row)
        if await self._personal.save(result) is None:
            raise QueryError(texts.SAVED_FULL.format(limit=MAX_SAVED))

    async def page(self, standing: Standing, page: int) -> Reply:
        """Show a page (0-based) of what somebody saved here, or the last one there is."""
        entries = await self.entries(standing)
        if not entries:
            return Reply(texts.SAVED_HEADING, texts.SAVED_NONE)
        last = (len(entries) - 1) // PAGE_SIZE
        page = min(page, last)
        first = page * PAGE_SIZE
        kept = await self.look_up(standing, entries[first : first + PAGE_SIZE], first + 1)
        notes = [note for each in kept if each.seen for note in each.seen.shown_as.notes]
        span = texts.SAVED_SPAN.format(first=first + 1, last=first + len(kept)) if kept[1:] else str(first + 1)
        counted = texts.SAVED_COUNT.format(which=span, total=len(entries))
        return Reply(
            heading=texts.SAVED_HEADING,
            body="\n".join([counted, *(f"> {plain(note, MAX_TITLE_SHOWN)}" for note in dict.fromkeys(notes))][:4]),
            pictures=tuple(_upload(each, each.seen) for each in kept if each.seen),
            list="\n".join(map(_line, kept)),
            controls=ShelfControls(page, last, tuple(kept)),
        )

    async def entries(self, standing: Standing) -> list[SavedResult]:
        """Read what somebody saved here, newest first."""
        return await self._personal.saved(standing.visitor.user_id, standing.visitor.guild_id)

    async def remove(self, standing: Standing, number: int) -> None:
        """Remove one of a person's own saved results.

        Raises:
            QueryError: if they have none of that number here.
        """
        if not await self._personal.remove_saved(standing.visitor.user_id, standing.visitor.guild_id, [number]):
            raise QueryError(texts.SAVED_NOT_FOUND)

    async def titles(self, standing: Standing, entries: Sequence[SavedResult]) -> dict[int, str]:
        """Say what saved results are called, by their ids; of hidden ones only which of `entries` they are."""
        generation = self._engine.generation
        rows = await self._engine.find([entry.sha256 for entry in entries])
        hidden = dict(zip(rows, await self._desk.hidden(standing, list(rows.values()), generation), strict=True))
        return {
            entry.id: texts.SAVED_HIDDEN_NUMBER.format(number=number) if hidden.get(entry.sha256) else entry.title
            for number, entry in enumerate(entries, start=1)
        }

    async def look_up(self, standing: Standing, entries: Sequence[SavedResult], first: int) -> list[Kept]:
        """Find saved pictures in the present collection, as far as the rules let their owner see them."""
        generation = self._engine.generation
        entries = await self._discreet(standing, entries)
        rows = await self._engine.find([entry.sha256 for entry in entries])
        looked = await self._desk.look_at_all(standing, list(rows.values()), generation)
        seen = dict(zip(rows, looked, strict=True))
        return [_kept(number, entry, seen) for number, entry in enumerate(entries, start=first)]

    async def _discreet(self, standing: Standing, entries: Sequence[SavedResult]) -> list[SavedResult]:
        """Take out the titles of hidden pictures that others were found by."""
        likes = list(dict.fromkeys(entry.like_sha256 for entry in entries if entry.like_sha256))
        rows = await self._engine.find(likes)
        judged = await self._desk.hidden(standing, list(rows.values()), self._engine.generation)
        hidden = {sha256 for sha256, is_hidden in zip(rows, judged, strict=True) if is_hidden}
        return [replace(entry, like_title=None) if entry.like_sha256 in hidden else entry for entry in entries]

    async def _found_by_likeness(self, standing: Standing, result: SavedResult, row: int) -> SavedResult:
        """Say by which other result it was found, if that may be shown."""
        like = (await self._desk.look_at_all(standing, [row], result.generation))[0]
        if like is None:
            return result
        title = whole_title(like.picture.metadata, like.picture.file_name)
        return replace(result, like_sha256=like.picture.sha256, like_title=title)

    def _result(self, standing: Standing, search: SavedSearch, seen: Seen, rules: str, names: Names) -> SavedResult:
        manifest, picture = self._engine.manifest, seen.picture
        return SavedResult(
            user_id=standing.visitor.user_id,
            guild_id=standing.visitor.guild_id,
            sha256=picture.sha256,
            generation=search.generation,
            row=picture.row,
            title=whole_title(picture.metadata, picture.file_name),
            file_name=picture.file_name,
            kind=search.kind,
            prompt=search.asked,
            collection=names.title,
            revision=manifest.source_fingerprint,
            model=names.model,
            filter_hash=rules,
            way=search.way,
            spoiler=bool(search.spoiler),
        )


def _kept(number: int, entry: SavedResult, seen: dict[str, Seen | None]) -> Kept:
    found = seen.get(entry.sha256)
    if entry.sha256 in seen and found is None:
        return Kept(number, entry, None, hidden=True)
    same = found is not None and found.picture.sha256 == entry.sha256  # the index may have changed in between
    return Kept(number, entry, found if same else None)


def _upload(kept: Kept, seen: Seen) -> Upload:
    alt = alt_text(kept.number, shortened(kept.entry.title, MAX_TITLE_SHOWN), seen.picture.metadata)
    covered = seen.shown_as.spoiler or kept.entry.spoiler
    return Upload(upload_name(kept.number, seen.picture.file_name), seen.picture.data, alt, covered)


def _line(kept: Kept) -> str:
    if kept.hidden:
        return texts.SAVED_HIDDEN_LINE.format(number=kept.number)
    title = plain_title(kept.entry.title, MAX_TITLE_SHOWN)
    if kept.seen is None:
        return texts.SAVED_GONE_LINE.format(number=kept.number, title=title)
    return texts.SAVED_LINE.format(number=kept.number, title=title, at=kept.entry.at) + _found_by(kept.entry)


def _found_by(entry: SavedResult) -> str:
    """Say what led to a result."""
    if entry.way is Way.RESULT:
        title = plain_title(entry.like_title or texts.SAVED_ANOTHER, MAX_PROMPT_SHOWN)
        return texts.SAVED_FROM_RESULT.format(title=title)
    if entry.prompt is None:
        return texts.SAVED_FROM_LOT if entry.way is Way.LOT else ""
    prompt = code_span(entry.prompt, MAX_PROMPT_SHOWN)
    if entry.way is Way.LOT:
        return texts.SAVED_FROM_LOT_AMONG.format(conditions=prompt)
    return (texts.SAVED_FROM_TIMELINE if entry.way is Way.TIMELINE else texts.SAVED_FROM).format(prompt=prompt)


def _option(kept: Kept) -> discord.SelectOption:
    title = texts.SAVED_HIDDEN if kept.hidden else kept.entry.title
    return discord.SelectOption(
        label=texts.SAVED_REMOVE_OPTION.format(number=kept.number),
        value=str(kept.entry.id),
        description=shortened(title, MAX_OPTION),
    )
