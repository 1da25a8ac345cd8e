"""The reference desk: a question goes in, a reply ready to be delivered comes out. It knows nothing of Discord's wire.

Every question, page and pick is asked under the rules of its own moment: the filters are read anew each time, so
an edit counts for the buttons of old answers too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import texts
from bot.database import SavedSearch
from bot.gallery import MAX_TITLE_SHOWN, PAGE_SIZE, Reply, compose, compose_details, compose_nothing_close, title_of
from bot.markdown import plain
from search_core import FilterSet, InputError, Query, RefusedError, SearchResult, StoredPicture
from search_core.text import clean

if TYPE_CHECKING:
    from bot.database import Database
    from search_core import SearchEngine

logger = logging.getLogger(__name__)


class StaleError(InputError):
    """A button belongs to a search that is no longer known, or to rows that have changed."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where."""

    user_id: int
    guild_id: int
    channel_id: int


class Desk:
    """Answers questions about the collection.

    Args:
        engine: the search engine, started before the first question.
        database: where searches are kept for their buttons.
        filters: gives the rules that hold at this moment.
    """

    def __init__(
        self, engine: SearchEngine, database: Database, filters: Callable[[], FilterSet] = FilterSet.empty
    ) -> None:
        self._engine = engine
        self._database = database
        self._filters = filters

    def check_prompt(self, prompt: str) -> None:
        """Refuse a prompt before any work is done for it.

        Raises:
            PromptError: if there is nothing legible in it, or too much.
            RefusedError: if the rules do not allow it.
        """
        self._filters().check_prompt(clean(prompt))

    async def ask_text(self, asker: Asker, prompt: str, *, k: int = PAGE_SIZE, private: bool = False) -> Reply:
        """Search in words."""
        result = await self._engine.search(Query(text=prompt, k=k), self._filters())
        search = _new_search(asker, result, k=k, private=private, prompt=prompt)
        return await self._first_page(search, result)

    async def ask_picture(
        self,
        asker: Asker,
        data: bytes,
        *,
        private: bool = False,
        heading: str = texts.SIMILAR_TO_POSTED,
    ) -> Reply:
        """Search by a posted picture. Its bytes are not kept."""
        result = await self._engine.search(Query(image=data, k=PAGE_SIZE), self._filters())
        search = _new_search(asker, result, k=PAGE_SIZE, private=private)
        return await self._first_page(search, result, heading)

    async def ask_row(self, asker: Asker, search_id: str, row: int) -> Reply:
        """Search for pictures similar to one of the results of an earlier search."""
        earlier = await self._current(search_id)
        picture = await self._picture(row, earlier.generation)
        query = Query(row=row, generation=earlier.generation, k=earlier.k)
        result = await self._engine.search(query, self._filters())
        search = _new_search(asker, result, k=earlier.k, private=True, row=row)
        return await self._first_page(search, result, _similar_heading(picture))

    async def turn(self, asker: Asker, search_id: str, page: int) -> Reply:
        """Show a page (0-based) of an earlier search, close or not."""
        search = await self._current(search_id)
        if search.prompt is not None:
            self.check_prompt(search.prompt)
        result = await self._engine.search(_page_query(search, page), self._filters())
        _log(asker, result, page)
        heading = None if search.row is None else _similar_heading(await self._picture(search.row, search.generation))
        return compose(search, result, await self._pictures(result), page, heading=heading)

    async def details(self, search_id: str, row: int) -> Reply:
        """Tell all that is known of one of the results of an earlier search."""
        search = await self._current(search_id)
        return compose_details(await self._picture(row, search.generation))

    async def owner_of(self, search_id: str) -> int:
        """Say who asked an earlier search."""
        return (await self._known(search_id)).user_id

    async def _first_page(self, search: SavedSearch, result: SearchResult, heading: str | None = None) -> Reply:
        await self._database.save_search(search)
        _log(Asker(search.user_id, search.guild_id, search.channel_id), result, 0)
        if result.nothing_close:
            return compose_nothing_close(search, result, heading)
        return compose(search, result, await self._pictures(result), heading=heading)

    async def _pictures(self, result: SearchResult) -> list[StoredPicture]:
        return await self._engine.pictures([hit.row for hit in result.hits], result.generation)

    async def _picture(self, row: int, generation: str) -> StoredPicture:
        [verdict] = await self._engine.judge([row], self._filters(), generation)
        if verdict.hidden:
            raise RefusedError(texts.PICTURE_HIDDEN)
        return (await self._engine.pictures([row], generation))[0]

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


def _new_search(
    asker: Asker,
    result: SearchResult,
    *,
    k: int,
    private: bool,
    prompt: str | None = None,
    row: int | None = None,
) -> SavedSearch:
    return SavedSearch(
        user_id=asker.user_id,
        guild_id=asker.guild_id,
        channel_id=asker.channel_id,
        kind=result.kind,
        prompt=prompt,
        row=row,
        vector=result.vector,
        generation=result.generation,
        k=k,
        private=private,
        truncated=bool(result.truncated),
    )


def _page_query(search: SavedSearch, page: int) -> Query:
    offset = page * search.k
    if search.row is not None:  # the row itself stays out of its own answer only when asked by row
        return Query(row=search.row, generation=search.generation, k=search.k, offset=offset)
    return Query(vector=search.vector, kind=search.kind, k=search.k, offset=offset)


def _similar_heading(picture: StoredPicture) -> str:
    title = title_of(picture.metadata, picture.file_name)
    return texts.SIMILAR_TO_RESULT.format(title=plain(title, MAX_TITLE_SHOWN))


def _log(asker: Asker, result: SearchResult, page: int) -> None:
    """Write the one line of a request: who, what kind, how long; never the prompt."""
    timings = " ".join(f"{stage}_ms={value:.0f}" for stage, value in result.timings_ms.items())
    logger.info(
        "search kind=%s page=%d hits=%d hidden=%d filters=%s guild=%d user=%d %s",
        result.kind.value, page, len(result.hits), result.hidden, result.filter_hash,
        asker.guild_id, asker.user_id, timings,
    )  # fmt: skip
