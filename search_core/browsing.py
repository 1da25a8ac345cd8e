"""The engine's part for those who look around: a prompt's timeline, rows by lot, fields and their values."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from search_core import lots
from search_core import timeline as timelines
from search_core.errors import BusyError, InputError, QueryError, RefusedError
from search_core.fields import Catalogue, Field
from search_core.filters import FilterSet
from search_core.lots import Draw, Lots
from search_core.query import MAX_K, Query
from search_core.sight import Sight, Sights
from search_core.text import clean
from search_core.timeline import Timeline
from search_core.where import Condition, conditions, matching, on_columns

if TYPE_CHECKING:
    from search_core.collection import Collection
    from search_core.serving import Request, Serving
    from search_core.store import Manifest

MAX_PASSES = 8
"""Timelines that may wait for each other: at a million rows each takes some seconds of the worker, in small pieces."""

MAX_OFFERED = 100
"""Values offered at once; Discord shows 25."""

_T = TypeVar("_T")
Where = str | Condition | Iterable[str | Condition]


class Browsing(ABC):
    """What `SearchEngine` offers to those who look around."""

    _worker: ThreadPoolExecutor
    _readers: ThreadPoolExecutor

    def __init__(self) -> None:
        super().__init__()
        self._catalogue: tuple[str, Catalogue] | None = None
        self._sights = Sights()
        self._passing = asyncio.Lock()
        self._passes = 0

    @property
    @abstractmethod
    def _opened(self) -> Serving: ...

    @abstractmethod
    async def _run(self, executor: ThreadPoolExecutor, function: Callable[..., _T], *args: object) -> _T: ...

    @property
    @abstractmethod
    def manifest(self) -> Manifest:
        """What made the index."""

    @property
    @abstractmethod
    def generation(self) -> str:
        """The generation that answers."""

    @abstractmethod
    async def _prepare(self, query: Query, filters: FilterSet, inspecting: bool) -> Request: ...

    async def timeline(
        self, query: Query, filters: FilterSet, column: str | None = None, compare: str | None = None
    ) -> Timeline:
        """Show how strongly the collection answers a query along a column of numbers; see `timeline`.

        Args:
            query: what is looked for; of its parts `k` and `offset` do not count.
            filters: the rules.
            column: the column; None takes the one that holds years, or the only one that holds numbers.
            compare: a second prompt, as a second course on the same axis.

        Raises:
            PromptError, PictureError, QueryError: if query or column cannot be used; the message says why.
            RefusedError: if the filters refuse one of the prompts.
            BusyError: if `MAX_PASSES` timelines wait already.
            ClosedError: if the engine is not open.
        """
        if self._passes >= MAX_PASSES:
            raise BusyError(f"{MAX_PASSES} timelines are waiting already. Try again in a minute.")
        self._passes += 1
        try:
            queries = [query] if compare is None else [query, Query(text=compare, where=query.conditions)]
            requests = [await self._prepare(one, filters, inspecting=False) for one in queries]
            async with self._passing:
                return await self._passed(requests, column)
        finally:
            self._passes -= 1

    async def random(self, k: int, filters: FilterSet, where: Where = (), seed: int | None = None) -> Draw:
        """Draw rows by lot, each allowed and visible one as likely as any other; near-duplicates only once.

        Args:
            k: rows wanted, 1 to `MAX_K`.
            filters: the rules.
            where: conditions on metadata, as in `Query`.
            seed: for the same draw again.

        Raises:
            QueryError: if k or a condition cannot be used.
            ClosedError: if the engine is not open.
        """
        _check_filters(filters)
        if not 1 <= k <= MAX_K:
            raise QueryError(f"Ask for 1 to {MAX_K} pictures, not {k}.")
        manifest, collection, wanted = self.manifest, self._opened.collection, conditions(where)
        duplicates, generation = self._opened.duplicates, manifest.generation
        wanted = on_columns(wanted, collection.columns)
        visible = (await self._sight(filters, manifest)).visible
        lot = await self._run(self._readers, _shuffled, collection, wanted, seed, visible)
        rows = await self._run(self._readers, lots.first_of, lot.order, k, duplicates)
        drawn = await self._in_worker(generation, lambda serving: lots.described(rows, filters, serving))
        return Draw(drawn, len(lot.order), lot.hidden, manifest.encoder.width, generation, filters.hash)

    async def fields(self, filters: FilterSet) -> tuple[Field, ...]:
        """Say what the collection's columns hold, counted and measured over the rows that the filters let see.

        Raises:
            QueryError: if there are no filters.
            StaleConcept: if a concept was made with another model.
        """
        _check_filters(filters)
        columns, sight = self._columns(), await self._sight(filters, self.manifest)
        if sight.fields is None:
            sight.fields = await self._run(self._readers, columns.fields, sight.visible)
        return sight.fields

    async def complete(self, column: str, typed: str, filters: FilterSet, limit: int = 25) -> list[str]:
        """Offer values of a column to somebody who is typing: those that begin so, then those that hold it.

        Each most frequent first. Left out are values that only hidden rows have, and values that as a prompt would be
        refused.

        Raises:
            QueryError: if there is no such column.
            StaleConcept: if a concept was made with another model.
        """
        _check_filters(filters)
        columns, limit = self._columns(), min(limit, MAX_OFFERED)
        sight = await self._sight(filters, self.manifest)
        offered = await self._run(self._readers, columns.offer, column, typed, 2 * limit, sight.visible)
        return [each for each in offered if _speakable(each, filters)][:limit]

    async def _passed(self, requests: Sequence[Request], column: str | None) -> Timeline:
        # Not the whole of what serves: the worker alone lets go of an index.
        manifest, catalogue = self.manifest, self._columns()
        generation = manifest.generation
        collection, duplicates = self._opened.collection, self._opened.duplicates
        asked = await self._in_worker(generation, lambda serving: timelines.ask(requests, serving))
        wanted = requests[0].query.conditions
        visible = (await self._sight(requests[0].filters, manifest)).visible
        work = await self._run(self._readers, _planned, catalogue, collection, column, wanted, len(requests), visible)
        for part in work.parts():
            await self._in_worker(generation, lambda serving, part=part: timelines.score(work, part, asked, serving))
        found = await self._run(self._readers, timelines.tally, work, asked, duplicates)
        return await self._in_worker(generation, lambda serving: timelines.finish(work, asked, found, serving))

    async def _sight(self, filters: FilterSet, manifest: Manifest) -> Sight:
        """What the filters let see of the generation that somebody began with."""
        generation, rows = manifest.generation, manifest.rows

        async def judge(part: np.ndarray) -> np.ndarray:
            return await self._in_worker(generation, lambda serving: serving.binder.bind(filters).hidden(part))

        return await self._sights.of(generation, rows, filters, judge)

    async def _in_worker(self, generation: str, function: Callable[..., _T], *args: object) -> _T:
        """Run something in the worker with the generation that it began with; searches that wait go first."""

        def run() -> _T:
            serving = self._opened
            if serving.manifest.generation != generation:
                raise QueryError("The collection was rebuilt while you asked. Ask again.")
            return function(serving, *args)

        return await self._run(self._worker, run)

    def _columns(self) -> Catalogue:
        opened = self._opened
        generation = opened.manifest.generation
        if self._catalogue is None or self._catalogue[0] != generation:
            self._catalogue = generation, Catalogue(opened.collection)
        return self._catalogue[1]


def _planned(
    catalogue: Catalogue,
    collection: Collection,
    column: str | None,
    wanted: Sequence[Condition],
    prompts: int,
    visible: np.ndarray | None,
) -> timelines.Pass:
    field = catalogue.timed(column)
    work = timelines.plan(field, catalogue.numbers(field.name), _allowed(collection, wanted), prompts, visible)
    if work is None:
        raise QueryError(_nothing_there(field.name, wanted, visible))
    return work


def _nothing_there(name: str, wanted: Sequence[Condition], visible: np.ndarray | None) -> str:
    """Why there is nothing to draw. Of conditions only where there are any; then not whether rules hide something."""
    if wanted:
        return f"No picture that fulfils the conditions has a number in the field {name!r}."
    if visible is not None and not visible.any():
        return "No picture may be shown under the rules, so there is nothing to draw."
    return f"No picture that may be shown has a number in the field {name!r}."


def _allowed(collection: Collection, wanted: Sequence[Condition]) -> np.ndarray | None:
    if not wanted:
        return None
    return matching(wanted, {one.column: collection.column(one.column) for one in wanted})


def _shuffled(
    collection: Collection, wanted: Sequence[Condition], seed: int | None, visible: np.ndarray | None
) -> Lots:
    return lots.shuffled(len(collection), _allowed(collection, wanted), visible, seed)


def _speakable(value: str, filters: FilterSet) -> bool:
    """Whether a value may be said: it is no prompt that the rules refuse."""
    try:
        filters.check_prompt(clean(value))
    except RefusedError:
        return False
    except InputError:
        return True  # nothing legible in it for a rule to match
    return True


def _check_filters(filters: object) -> None:
    """Fail closed: no rules loaded, no answer."""
    if not isinstance(filters, FilterSet):
        raise QueryError("No answer without a filter set; pass FilterSet.empty() to mean no rules.")
