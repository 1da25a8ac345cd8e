"""The reference desk: a question goes in, a reply ready to be delivered comes out. It knows nothing of Discord's wire.

Every question, page and pick is asked under the rules of its own moment: the filters are read anew each time, so
an edit counts for the buttons of old answers too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import texts
from bot.access import PAGE_SIZE
from bot.gallery import MAX_TITLE_SHOWN, compose, compose_nothing_close, title_of
from bot.layouts import laid_out
from bot.markdown import plain
from bot.question import Question, cleaned, page_query
from bot.reply import Controls, Reply, ShownAs
from search_core import InputError, Kind, PromptError, Query, RefusedError, SearchResult, StoredPicture, VignetteError
from search_core.errors import StaleConcept
from search_core.filters import Action, FilterSet, Match
from search_core.text import clean

if TYPE_CHECKING:
    from bot.access import Standing, Visitor
    from bot.database import Database, SavedSearch
    from bot.moderation.book import RuleBook
    from bot.moderation.refusals import Refusals
    from search_core import SearchEngine, Verdict

logger = logging.getLogger(__name__)


class StaleError(InputError):
    """A button belongs to a search that is no longer known, or to rows that have changed."""


class RulesUnfitError(VignetteError):
    """A rule cannot be held against anything any more, so nothing is shown. The message names the rules by number."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One stored picture as somebody may see it."""

    picture: StoredPicture
    shown_as: ShownAs


class Desk:
    """Answers questions about the collection. Each is asked by somebody who was let in (`access.Standing`).

    Args:
        engine: the search engine, started before the first question.
        database: where searches are kept for their buttons.
        book: gives the rules that hold at this moment.
        refusals: is told of each question that the rules refuse.
    """

    def __init__(self, engine: SearchEngine, database: Database, book: RuleBook, refusals: Refusals) -> None:
        self._engine = engine
        self._database = database
        self._book = book
        self._refusals = refusals

    async def check(self, standing: Standing, question: Question) -> None:
        """Refuse the words of a question before any work is done for it.

        Raises:
            PromptError: if there is nothing legible in a prompt, or too much.
            RefusedError: if the rules do not allow one, or what a condition names.
        """
        if question.prompt:
            clean(question.prompt)
        if question.without and not cleaned(question.without):
            raise PromptError(texts.WITHOUT_EMPTY)
        await self._checked(standing.visitor, question.words, await self._book.filters(standing.visitor))

    async def ask(self, standing: Standing, question: Question) -> Reply:
        """Search for what somebody asks.

        Raises:
            PromptError, PictureError, QueryError: if the question cannot be used; the message says why.
            RefusedError: if the rules do not allow it.
        """
        filters = await self._book.filters(standing.visitor)
        matches = await self._checked(standing.visitor, question.words, filters)
        result = await self._search(standing.visitor, question.query, filters, " / ".join(question.words) or None)
        return await self._first_page(standing, question.kept(standing.visitor, result), result, matches=matches)

    async def ask_text(self, standing: Standing, prompt: str, *, k: int = PAGE_SIZE, private: bool = False) -> Reply:
        """Search in words."""
        return await self.ask(standing, Question(prompt, k=k, private=private))

    async def ask_picture(
        self,
        standing: Standing,
        data: bytes,
        *,
        k: int = PAGE_SIZE,
        private: bool = False,
    ) -> Reply:
        """Search by a posted picture. Its bytes are not kept."""
        return await self.ask(standing, Question(image=data, k=k, private=private))

    async def ask_row(self, standing: Standing, search_id: str, row: int) -> Reply:
        """Search for pictures similar to one of the results of an earlier search; covered, if that was."""
        earlier = await self._current(search_id)
        seen = await self.look_at(standing, row, earlier.generation)
        query = Query(row=row, generation=earlier.generation, k=earlier.k)
        result = await self._search(standing.visitor, query, await self._book.filters(standing.visitor))
        question = Question(k=earlier.k, private=True, spoiler=bool(earlier.spoiler))
        search = replace(question.kept(standing.visitor, result), row=row)
        return await self._first_page(standing, search, result, _similar_heading(seen.picture))

    async def turn(self, standing: Standing, search_id: str, page: int, *, private: bool = True) -> Reply:
        """Show a page (0-based) of an earlier search, close or not.

        Args:
            standing: who looks, and where.
            search_id: the search.
            page: 0-based.
            private: whether only they see it.
        """
        search = await self._current(search_id)
        filters = await self._book.filters(standing.visitor)
        matches = await self._checked(standing.visitor, search.words, filters)
        if search.prompt is not None and (search.kind is Kind.MIXED or search.without is not None):
            # The vector that is kept is mixed: what the prompt means by itself, the rules must see as well.
            await self._search(standing.visitor, Query(text=search.prompt, k=1), filters, search.asked)
            filters = await self._book.filters(standing.visitor)  # time has passed
        result = await self._search(standing.visitor, page_query(search, page), filters, search.asked)
        _log(standing.visitor, result, page)
        heading = None
        if search.row is not None:
            heading = _similar_heading((await self.look_at(standing, search.row, search.generation)).picture)
        shown_as = _shown_as(standing, search, matches)
        reply = compose(search, result, await self._pictures(result), page, heading=heading, shown_as=shown_as)
        return await self._finished(standing, search, reply, private=private)

    async def saved(self, search_id: str) -> SavedSearch:
        """Find an earlier search whose rows still mean the same pictures.

        Raises:
            StaleError: if it is gone, or the collection was rebuilt since.
        """
        return await self._current(search_id)

    async def search(self, search_id: str) -> SavedSearch:
        """Find an earlier search, whatever became of the collection since.

        Raises:
            StaleError: if it is gone.
        """
        return await self._known(search_id)

    async def owner_of(self, search_id: str) -> int:
        """Say who asked an earlier search."""
        return (await self._known(search_id)).user_id

    async def look_at(self, standing: Standing, row: int, generation: str) -> Seen:
        """Fetch one stored picture, if the rules let this person see it here.

        Raises:
            RefusedError: if a rule hides it.
            QueryError: if the generation is gone.
        """
        seen = (await self.look_at_all(standing, [row], generation))[0]
        if seen is None:
            raise RefusedError(texts.PICTURE_HIDDEN)
        return seen

    async def look_at_all(self, standing: Standing, rows: Sequence[int], generation: str) -> list[Seen | None]:
        """Fetch stored pictures, in the order of `rows`; None stands for one that a rule hides from this person here.

        Raises:
            QueryError: if the generation is gone.
        """
        verdicts = await self._judged(standing.visitor, rows, generation)
        visible = [row for row, verdict in zip(rows, verdicts, strict=True) if not verdict.hidden]
        pictures = iter(await self._engine.pictures(visible, generation))
        spoilers = bool(standing.channel.spoilers)
        return [
            None if verdict.hidden else Seen(next(pictures), ShownAs(verdict.spoiler or spoilers, verdict.notes))
            for verdict in verdicts
        ]

    async def hidden(self, standing: Standing, rows: Sequence[int], generation: str) -> list[bool]:
        """Say which stored pictures a rule hides from this person here, in the order of `rows`.

        Raises:
            QueryError: if the generation is gone.
        """
        return [verdict.hidden for verdict in await self._judged(standing.visitor, rows, generation)]

    async def _judged(self, visitor: Visitor, rows: Sequence[int], generation: str) -> list[Verdict]:
        filters = await self._book.filters(visitor)
        with fitting_rules():
            return await self._engine.judge(rows, filters, generation)

    async def _search(
        self, visitor: Visitor, query: Query, filters: FilterSet, prompt: str | None = None
    ) -> SearchResult:
        try:
            with fitting_rules():
                return await self._engine.search(query, filters)
        except RefusedError as refused:
            await self._refusals.note(visitor, refused, prompt)
            raise

    async def _checked(self, visitor: Visitor, words: Sequence[str], filters: FilterSet) -> tuple[Match, ...]:
        try:
            return tuple(match for text in words for match in check_words(filters, text))
        except RefusedError as refused:
            await self._refusals.note(visitor, refused, " / ".join(words))
            raise

    async def _first_page(
        self,
        standing: Standing,
        search: SavedSearch,
        result: SearchResult,
        heading: str | None = None,
        matches: tuple[Match, ...] = (),
    ) -> Reply:
        _log(standing.visitor, result, 0)
        if result.nothing_close:
            await self._database.save_search(search)
            return with_ends(compose_nothing_close(search, result, heading), delete=not search.private)
        pictures = await self._keep_and_fetch(search, result)
        shown_as = _shown_as(standing, search, matches)
        reply = compose(search, result, pictures, heading=heading, shown_as=shown_as)
        return await self._finished(standing, search, reply, private=search.private)

    async def _keep_and_fetch(self, search: SavedSearch, result: SearchResult) -> list[StoredPicture]:
        """Keep a search and fetch its pictures, both at once: neither waits for the other's disk.

        A search that cannot be kept is not answered: its buttons would not work, and no one could report it.
        """
        fetching = asyncio.create_task(self._pictures(result))
        try:
            await self._database.save_search(search)
            return await fetching
        finally:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)

    async def _finished(self, standing: Standing, search: SavedSearch, reply: Reply, *, private: bool) -> Reply:
        """The reply laid out as the one who looks wants it, with what can become of it."""
        own = search.user_id == standing.visitor.user_id
        reply = with_ends(reply, post=private and own, delete=not private)
        return await laid_out(self._database.personal, standing.visitor.user_id, reply)

    async def _pictures(self, result: SearchResult) -> list[StoredPicture]:
        return await self._engine.pictures([hit.row for hit in result.hits], result.generation)

    async def _known(self, search_id: str) -> SavedSearch:
        search = await self._database.find_search(search_id)
        if search is None:
            raise StaleError(texts.SEARCH_UNKNOWN)
        return search

    async def _current(self, search_id: str) -> SavedSearch:
        search = await self._known(search_id)
        if search.generation != self._engine.generation:
            raise StaleError(texts.GENERATION_CHANGED)
        return search


@contextlib.contextmanager
def fitting_rules() -> Iterator[None]:
    """Say in words fit for everybody that a concept was made with another model; nothing is shown then."""
    try:
        yield
    except StaleConcept as error:
        numbers = ", ".join(map(str, error.rules))
        raise RulesUnfitError(f"Concepts of another model, so nobody knows what they match: rules {numbers}.") from None


def with_ends(reply: Reply, *, post: bool = False, delete: bool = False) -> Reply:
    """Offer what can become of an answer: a private one can be posted, a public one deleted."""
    if not isinstance(reply.controls, Controls):
        return reply
    return replace(reply, controls=replace(reply.controls, post=post, delete=delete))


def check_words(filters: FilterSet, text: str) -> tuple[Match, ...]:
    """Hold the rules against something that was asked in words; what nobody can read, they cannot match.

    Raises:
        RefusedError: if they do not allow it.
    """
    return filters.check_prompt(cleaned(text))


def _similar_heading(picture: StoredPicture) -> str:
    title = title_of(picture.metadata, picture.file_name)
    return texts.SIMILAR_TO_RESULT.format(title=plain(title, MAX_TITLE_SHOWN))


def _shown_as(standing: Standing, search: SavedSearch, matches: tuple[Match, ...]) -> ShownAs:
    """How pictures are shown here, beside what the engine says: by the channel, the question and its matches."""
    covered = any(match.rule.action is Action.SPOILER for match in matches)
    notes = tuple(match.rule.note for match in matches if match.rule.action is Action.NOTE)
    return ShownAs(covered or bool(search.spoiler) or bool(standing.channel.spoilers), notes)


def _log(visitor: Visitor, result: SearchResult, page: int) -> None:
    """Write the one line of a request: who, what kind, how long, which rules matched; never the prompt."""
    timings = " ".join(f"{stage}_ms={value:.0f}" for stage, value in result.timings_ms.items())
    logger.info(
        "search kind=%s page=%d hits=%d hidden=%d filters=%s rules=%s guild=%d user=%d %s",
        result.kind.value, page, len(result.hits), result.hidden, result.filter_hash,
        ",".join(f"{match.rule.id}/{match.view}" for match in result.matches) or "-",
        visitor.guild_id, visitor.user_id, timings,
    )  # fmt: skip
