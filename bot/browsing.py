"""Looking around: timelines, pictures by lot, and completion of the collection's own fields and values.

As at the desk, everything is asked under the rules of its own moment.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bot import texts
from bot.access import PAGE_SIZE
from bot.database import SavedSearch, Way
from bot.database.searches import spoken
from bot.desk import check_words, fitting_rules, with_ends
from bot.gallery import MAX_NOTES, MAX_TITLE_SHOWN, alt_text, title_of
from bot.layouts import laid_out
from bot.markdown import code_span, plain
from bot.plots import Numbered, draw_timeline
from bot.question import cleaned, in_years, read_years, split_conditions
from bot.reply import Controls, Pick, Reply
from bot.timeline_reply import compose_timeline
from bot.uploads import Upload, upload_name
from search_core import FieldKind, Kind, PromptError, Query, QueryError, RefusedError, year_field
from search_core.describe import counted
from search_core.lots import Drawn
from search_core.text import clean
from search_core.where import SEPARATOR, conditions, last_of, number_text, quoted, split

if TYPE_CHECKING:
    from bot.access import Standing, Visitor
    from bot.database import Database
    from bot.moderation.book import RuleBook
    from bot.moderation.refusals import Refusals
    from search_core import Draw, Field, FilterSet, SearchEngine, StoredPicture, Timeline

logger = logging.getLogger(__name__)

MAX_CHOICES = 25
"""Discord's limit for the choices of a completion."""

MAX_CHOICE = 100
"""Discord's limit for a choice's value: a condition that would be cut is not offered."""

MAX_WHERE_SHOWN = 100


class Browsing:
    """Shows the collection to those who look around. Each is somebody who was let in (`access.Standing`).

    Args:
        engine: the search engine, started before the first question.
        database: where the searches are kept that picks from an answer belong to.
        book: gives the rules that hold at this moment.
        refusals: is told of each prompt that the rules refuse.
    """

    def __init__(self, engine: SearchEngine, database: Database, book: RuleBook, refusals: Refusals) -> None:
        self._engine = engine
        self._database = database
        self._book = book
        self._refusals = refusals

    async def check_prompts(self, standing: Standing, prompts: Sequence[str]) -> None:
        """Refuse prompts before any work is done for them.

        Raises:
            PromptError: if there is nothing legible in one, or too much.
            RefusedError: if the rules do not allow one.
        """
        clean(prompts[0])
        if not all(map(cleaned, prompts)):
            raise PromptError(texts.COMPARE_EMPTY)
        await self._check(standing, prompts, await self._book.filters(standing.visitor))

    async def _check(
        self, standing: Standing, words: Sequence[str], filters: FilterSet, asked: str | None = None
    ) -> None:
        for text in words:
            try:
                check_words(filters, text)
            except RefusedError as refused:
                await self._refusals.note(standing.visitor, refused, asked or text)
                raise

    async def check_where(self, standing: Standing, where: str) -> None:
        """Hold the values of conditions against the word rules as if they were a prompt: the answer repeats them.

        Raises:
            QueryError: if a condition cannot be read.
            RefusedError: if the rules do not allow a value, or the values one after the other.
        """
        await self._check(standing, words_of(where), await self._book.filters(standing.visitor), where)

    async def timeline(
        self, standing: Standing, prompts: Sequence[str], column: str | None = None, *, private: bool = False
    ) -> Reply:
        """Plot how strongly the collection answers one prompt or two over the years, or any column of numbers.

        Raises:
            QueryError: if there is no such column of numbers; the message names those that there are.
            RefusedError: if the rules do not allow a prompt.
        """
        found = await self._found(standing.visitor, prompts, column)
        search = self._kept(standing, Kind.TEXT, found.generation, len(found.series[0].vector), private=private)
        search = replace(search, prompt=prompts[0], compared=prompts[1] if prompts[1:] else None, axis=column)
        await self._database.save_search(search)
        return await self._plotted(standing, search, found, private=private)

    async def _plotted(self, standing: Standing, search: SavedSearch, found: Timeline, *, private: bool) -> Reply:
        prompts = search.prompts
        pictures = [await self._pictures([each.row for each in one.examples], found) for one in found.series]
        examples = _numbered(found, pictures)
        plot = await asyncio.to_thread(draw_timeline, found, prompts, examples)
        _log("timeline", standing.visitor, found)
        covered = found.spoiler or bool(standing.channel.spoilers)
        reply = compose_timeline(found, prompts, plot, examples, search.id, covered=covered, private=private)
        return with_ends(reply, post=private and search.user_id == standing.visitor.user_id, delete=not private)

    async def random(self, standing: Standing, where: str = "", k: int = PAGE_SIZE, *, private: bool = False) -> Reply:
        """Show pictures drawn by lot.

        Raises:
            QueryError: if a condition cannot be read, or names a field that there is not.
        """
        wanted = split_conditions(where)
        drawn = await self._drawn(standing, wanted, k, await self._book.filters(standing.visitor))
        search = self._kept(standing, Kind.IMAGE, drawn.generation, drawn.width, private=private)
        rows = tuple(each.row for each in drawn.rows)
        search = replace(search, k=k, conditions=f"{SEPARATOR} ".join(wanted) or None, drawn=rows)
        reply = await self._draw_shown(standing, search, drawn, private=private)
        await self._database.save_search(search)
        return reply

    async def post(self, standing: Standing, search: SavedSearch) -> Reply:
        """Show an earlier timeline or draw to everybody, under the rules for everybody: plotted anew, or the same
        pictures as far as everybody may see them.

        Args:
            standing: what holds for everybody there.
            search: one whose rows still mean the same pictures.

        Raises:
            QueryError: if nothing of it may be shown.
            RefusedError: if the rules do not allow it any more.
        """
        if search.way is Way.TIMELINE:
            found = await self._found(standing.visitor, search.prompts, search.axis)
            return await self._plotted(standing, search, found, private=False)
        filters = await self._book.filters(standing.visitor)
        drawn = await self._drawn(standing, search.where, 1, filters)  # for what it is drawn from
        drawn = replace(drawn, rows=await self._drawn_before(search, filters))
        return await self._draw_shown(standing, search, drawn, private=False)

    async def _drawn(self, standing: Standing, wanted: Sequence[str], k: int, filters: FilterSet) -> Draw:
        await self._check(standing, spoken(None, None, wanted), filters)
        with fitting_rules():
            drawn = await self._engine.random(k, filters, wanted)
        _log("random", standing.visitor, drawn)
        return drawn

    async def _drawn_before(self, search: SavedSearch, filters: FilterSet) -> tuple[Drawn, ...]:
        """The pictures of an earlier draw that these rules let pass."""
        rows = search.drawn or ()
        with fitting_rules():
            verdicts = await self._engine.judge(rows, filters, search.generation)
        visible = {row: verdict for row, verdict in zip(rows, verdicts, strict=True) if not verdict.hidden}
        pictures = await self._engine.pictures(list(visible), search.generation)
        return tuple(
            Drawn(each.row, each.metadata, visible[each.row].spoiler, visible[each.row].notes) for each in pictures
        )

    async def _draw_shown(self, standing: Standing, search: SavedSearch, drawn: Draw, *, private: bool) -> Reply:
        pictures = await self._engine.pictures([each.row for each in drawn.rows], search.generation)
        covered, where = bool(standing.channel.spoilers), search.conditions or ""
        reply = compose_draw(drawn, pictures, where, search.id, covered=covered, private=private)
        return await laid_out(self._database.personal, standing.visitor.user_id, reply)

    async def where(self, visitor: Visitor, where: str | None, years: str | None = None) -> tuple[str, ...]:
        """Read the conditions that somebody wrote, and make one of the years.

        Raises:
            QueryError: if one cannot be read, or no field holds years.
        """
        written = split_conditions(where)
        return written if years is None else (*written, in_years(read_years(years), await self.fields(visitor)))

    async def fields(self, visitor: Visitor) -> tuple[Field, ...]:
        """The fields as far as somebody may see what is in them."""
        filters = await self._book.filters(visitor)
        with fitting_rules():
            return await self._engine.fields(filters)

    async def complete_years(self, visitor: Visitor, typed: str) -> list[str]:
        """Offer spans of years to somebody who types one: all that they may see, then centuries, then decades.

        A year is offered as the beginning of an open span.
        """
        field = year_field(await self.fields(visitor))
        if field is None or field.low is None or field.high is None:
            return []
        low, high = int(field.low), int(field.high)
        spans = [(low, high)]
        for step in (100, 10):
            spans += [(start, start + step - 1) for start in range(low // step * step, high + 1, step)]
        offered = dict.fromkeys(str(first) if first == last else f"{first}-{last}" for first, last in spans)
        year = typed.strip().removesuffix("-")
        since = [f"{year}-"] if year.isdecimal() and low <= int(year) <= high else []
        return [*since, *(each for each in offered if each.startswith(typed.strip()))][:MAX_CHOICES]

    async def complete_numbers(self, visitor: Visitor, typed: str) -> list[str]:
        """Offer columns of numbers to somebody who names one; the years first."""
        numeric = [field for field in await self.fields(visitor) if field.kind is FieldKind.NUMBER]
        fitting = [field for field in numeric if typed.strip().lower() in field.name.lower()]
        names = [field.name for field in sorted(fitting, key=lambda field: not field.years)]
        return [name for name in names if len(name) <= MAX_CHOICE][:MAX_CHOICES]

    async def complete_where(self, visitor: Visitor, typed: str) -> list[str]:
        """Offer conditions to somebody who types one: first the fields, then the values of a field.

        Several conditions stand with a semicolon between them; the last one is completed. Values with a semicolon of
        their own are offered in quotes.
        """
        before, last = last_of(typed)
        column, sign, value = last.partition("=")
        head = f"{before.strip()}{SEPARATOR} " if before.strip() else ""
        fields = {field.name: field for field in await self.fields(visitor)}
        column = next((name for name in fields if name.casefold() == column.strip().casefold()), column.strip())
        if not sign:
            offered = [_beginning(field) for name, field in fields.items() if last.strip().lower() in name.lower()]
        elif column in fields:
            filters = await self._book.filters(visitor)
            with fitting_rules():
                values = await self._engine.complete(column, value.strip().removeprefix('"'), filters, MAX_CHOICES)
            offered = [one for one in (f"{column}={quoted(each)}" for each in values) if len(split(one)) == 1]
        else:
            offered = []
        return [each for each in (head + one for one in offered) if len(each) <= MAX_CHOICE][:MAX_CHOICES]

    async def _found(self, visitor: Visitor, prompts: Sequence[str], column: str | None) -> Timeline:
        filters = await self._book.filters(visitor)
        compare = prompts[1] if len(prompts) > 1 else None
        try:
            with fitting_rules():
                return await self._engine.timeline(Query(text=prompts[0]), filters, column, compare)
        except RefusedError as refused:
            await self._refusals.note(visitor, refused, " / ".join(prompts))
            raise

    async def _pictures(self, rows: Sequence[int], found: Timeline | Draw) -> list[StoredPicture]:
        return await self._engine.pictures(rows, found.generation)

    def _kept(self, standing: Standing, kind: Kind, generation: str, width: int, *, private: bool) -> SavedSearch:
        """The search that picks from the answer belong to. It has no ranking, and so no vector to turn pages with."""
        visitor = standing.visitor
        return SavedSearch(
            user_id=visitor.user_id,
            guild_id=visitor.guild_id,
            channel_id=visitor.channel_id,
            kind=kind,
            prompt=None,
            row=None,
            vector=np.zeros(width, np.float32),
            generation=generation,
            k=standing.page_size(),
            private=private,
        )


def words_of(where: str) -> list[str]:
    """The values of conditions, for the rules to look at: one by one, and one after the other.

    Raises:
        QueryError: if a condition cannot be read.
    """
    values = [condition.value for condition in conditions(split_conditions(where))]
    return [*values, " ".join(values)]


def compose_draw(
    drawn: Draw,
    pictures: Sequence[StoredPicture],
    where: str,
    search_id: str,
    *,
    covered: bool,
    private: bool = False,
) -> Reply:
    """Make the reply for pictures drawn by lot.

    Raises:
        QueryError: if there are none.
    """
    if not drawn.rows:
        raise QueryError(texts.RANDOM_NONE if where.strip() else texts.RANDOM_ALL_HIDDEN)
    titles = [title_of(each.metadata, picture.file_name) for each, picture in zip(drawn.rows, pictures, strict=True)]
    numbered = list(enumerate(zip(drawn.rows, titles, pictures, strict=True), start=1))
    notes = list(dict.fromkeys(note for each in drawn.rows for note in each.notes))[:MAX_NOTES]
    lines = [_drawn_from(drawn, where), *(texts.NOTE.format(note=plain(n, 300)) for n in notes)]
    heading = texts.RANDOM_HEADING
    if where.strip():
        heading = texts.RANDOM_HEADING_WHERE.format(where=code_span(where, MAX_WHERE_SHOWN))
    return Reply(
        heading=heading,
        body="\n".join(lines),
        pictures=tuple(
            Upload(
                upload_name(number, picture.file_name),
                picture.data,
                alt_text(number, title, each.metadata),
                covered or each.spoiler,
            )
            for number, (each, title, picture) in numbered
        ),
        list="\n".join(_line(number, title, each) for number, (each, title, _) in numbered),
        controls=Controls(
            search_id,
            picks=tuple(Pick(number, each.row, title) for number, (each, title, _) in numbered),
            post=private,
            delete=not private,
            again=True,
        ),
    )


def _drawn_from(drawn: Draw, where: str) -> str:
    among = texts.RANDOM_AMONG.format(pictures=counted(drawn.among, "picture"))
    # By conditions, somebody could find out which pictures are hidden and why: no number then.
    return f"{among} {texts.HIDDEN.format(count=drawn.hidden)}" if drawn.hidden and not where.strip() else among


def _line(number: int, title: str, drawn: Drawn) -> str:
    creator, category = (plain(drawn.metadata.get(key, ""), 40) for key in ("creator", "label"))
    return " · ".join(filter(None, [f"**{number}\\.** {plain(title, MAX_TITLE_SHOWN)}", creator, category]))


def _numbered(found: Timeline, pictures: Sequence[Sequence[StoredPicture]]) -> list[list[Numbered]]:
    """The examples of each series, counted through, with their files."""
    numbers = iter(range(1, 1 + sum(len(series.examples) for series in found.series)))
    return [
        [Numbered(next(numbers), each, picture.data) for each, picture in zip(series.examples, some, strict=True)]
        for series, some in zip(found.series, pictures, strict=True)
    ]


def _beginning(field: Field) -> str:
    """A condition on a field to go on from; for numbers the whole range, to be narrowed."""
    if field.kind is FieldKind.NUMBER and field.low is not None and field.high is not None:
        low, high = number_text(field.low), number_text(field.high)
        return f"{field.name}={low}" if low == high else f"{field.name}={low}..{high}"
    return f"{field.name}="


def _log(what: str, visitor: Visitor, found: Timeline | Draw) -> None:
    """Write the one line of a request; never a prompt."""
    logger.info("%s filters=%s guild=%d user=%d", what, found.filter_hash, visitor.guild_id, visitor.user_id)
