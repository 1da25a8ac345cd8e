"""`SearchEngine`: the async door to the model and the index.

One worker thread owns both; nothing else calls them (fast tokenizers and Faiss on a GPU are not thread-safe).
Queries that wait for it are answered together, as one micro-batch. Pictures from strangers are decoded before,
in a process of their own. The event loop waits for none of this.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from collections.abc import Collection as Container
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from search_core.about import About, describe_index
from search_core.browsing import Browsing
from search_core.compose import check_words_apart
from search_core.errors import BusyError, ClosedError, LoadingError, QueryError
from search_core.filters import FilterSet
from search_core.filters.rule_set import check
from search_core.imaging import DecoderProcess
from search_core.lookup import MAX_FOUND, Found, look_up
from search_core.moderating import Moderating, Readable, check_rows
from search_core.naming import Names, names_of
from search_core.query import Inspection, Query, SearchResult, StoredPicture
from search_core.ruling import best_of_each_rule
from search_core.serving import Request, Serving, answer_batch, load, milliseconds, without_index
from search_core.text import clean, plain
from search_core.where import on_columns

if TYPE_CHECKING:
    from PIL.Image import Image

    from search_core.store import Manifest

MAX_QUEUE = 256
"""Queries that may wait: at 64 a batch the last one is answered in the fourth."""

MAX_BATCH = 64
"""Queries answered together: a larger batch makes the first of them wait for no gain in throughput."""

_T = TypeVar("_T")


class SearchEngine(Moderating, Browsing):
    """Search an index directory. Make one with `open` and use it as an async context manager.

    async with SearchEngine.open("my-index") as engine:
        result = await engine.search(Query(text="a steam engine"), FilterSet.empty())

    From then on NumPy multiplies in one thread in the whole process (`precision.keep_blas_to_one_thread`).
    """

    def __init__(self, path: Path, model: str | Path | None, device: str, max_queue: int) -> None:
        super().__init__()
        self._path, self._model, self._device, self._max_queue = path, model, device, max_queue
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="read")
        # Apart from the readers: whoever posts pictures that hang must not keep others from seeing their results.
        self._decoding = ThreadPoolExecutor(max_workers=1, thread_name_prefix="decode")
        self._decoder: DecoderProcess | None = None
        self._loaded: Serving | None = None
        self._earlier: dict[str, Readable] = {}
        self._reloading = asyncio.Lock()
        self._pending: deque[Request] = deque()
        self._in_flight = 0
        self._abandoned = False

    @classmethod
    def open(
        cls,
        path: str | Path,
        model: str | Path | None = None,
        device: str = "auto",
        max_queue: int = MAX_QUEUE,
    ) -> Self:
        """Name what to open; entering the context loads it.

        Args:
            path: an index directory made by `vignette index build`.
            model: where the model lies now, if not where the manifest says; its weights must be the same.
            device: `auto` (a GPU where there is one), `cpu` or `cuda`.
            max_queue: queries that may wait before the next is told that the engine is busy.
        """
        return cls(Path(path).expanduser(), model, device, max_queue)

    async def __aenter__(self) -> Self:
        """Load model and index. Cancelled, it is closed at once; the thread that loads ends when it has.

        Raises:
            StoreError: if the directory is no finished index.
            ManifestMismatch: if encoder, files and manifest do not fit each other.
            EncoderError: if the model cannot be loaded.
        """
        try:
            self._decoder = DecoderProcess()
            self._loaded, _ = await asyncio.gather(
                self._run(self._worker, self._load), self._run(self._decoding, self._decoder.warm_up)
            )
        except BaseException as error:
            self._abandoned = isinstance(error, asyncio.CancelledError)
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Answer what waits, then let go of model, index and child process. May be called twice."""
        await asyncio.sleep(0)  # whoever asked before this moment has reached the worker then
        await asyncio.get_running_loop().run_in_executor(None, self._shut_down)

    @property
    def is_open(self) -> bool:
        """Whether model and index are loaded, so that questions are answered."""
        return self._loaded is not None

    @property
    def waiting(self) -> int:
        """How many searches wait or are being answered."""
        return self._in_flight

    @property
    def manifest(self) -> Manifest:
        """What made the index.

        Raises:
            ClosedError: if the engine is not open.
        """
        return self._opened.manifest

    @property
    def generation(self) -> str:
        """The generation that answers; rows of another generation mean other pictures."""
        return self._opened.manifest.generation

    async def search(self, query: Query, filters: FilterSet) -> SearchResult:
        """Answer one query under one snapshot of the filters.

        Rows that the filters hide are dropped after the search and replaced by the next nearest, until the
        page is full or the index is exhausted.

        Raises:
            PromptError, PictureError, QueryError: if the query cannot be used; the message says why.
            RefusedError: if the filters refuse the prompt, the picture or the row.
            StaleConcept: if a concept rule was made with another model.
            BusyError: if `max_queue` queries wait already.
            ClosedError: if the engine is not open.
        """
        result = await self._asked(query, filters, inspecting=False)
        assert isinstance(result, SearchResult)
        return result

    async def inspect(self, query: Query, filters: FilterSet) -> Inspection:
        """Say what the rules would do to a query, and why, without refusing it.

        Raises:
            The errors of `search`, but for `RefusedError`.
        """
        inspection = await self._asked(query, filters, inspecting=True)
        assert isinstance(inspection, Inspection)
        return inspection

    async def pictures(self, rows: Sequence[int], generation: str | None = None) -> list[StoredPicture]:
        """Read stored pictures, undecoded, in the order of `rows`.

        Args:
            rows: rows of the collection.
            generation: the generation that the rows are of, as a result names it; None means the current one. The
                generation before the current one can still be read from.

        Raises:
            QueryError: if there is no such row, or the generation is gone.
            ClosedError: if the engine is not open.
        """
        collection = self._readable(generation).collection
        check_rows(rows, len(collection))
        return await self._run(self._readers, collection.pictures, rows)

    async def lookup(self, text: str, limit: int = MAX_FOUND, among: Container[str] | None = None) -> list[Found]:
        """Find rows by title or file name, for a list to pick from; see `lookup.look_up`.

        Raises:
            ClosedError: if the engine is not open.
        """
        return await self._run(self._readers, look_up, self._opened.collection, text, min(limit, MAX_FOUND), among)

    async def about(self) -> About:
        """Describe the index that is served: what made it, its names and columns, and the last in-domain test.

        Raises:
            ClosedError: if the engine is not open.
        """
        opened = self._opened
        return await self._run(
            self._readers, describe_index, self._path, opened.manifest, opened.collection, self._model
        )

    async def names(self) -> Names:
        """Say what the collection and the model are called, as is said of them now; see `naming`.

        Raises:
            ClosedError: if the engine is not open.
        """
        return await self._run(self._readers, names_of, self._path, self._opened.manifest, self._model)

    async def reload(self) -> bool:
        """Serve the directory's current generation, if it is another one than before.

        It is loaded beside the one that serves, and taken over by the worker between two batches: no query is
        dropped, and each answer belongs to one generation.

        Returns:
            Whether there was another one.

        Raises:
            StoreError, ManifestMismatch, EncoderError: as entering the context does; the old one goes on serving.
        """
        async with self._reloading:
            # Faiss' GPU resources belong to one thread (faiss#4718), so there the worker itself must load.
            loader = self._worker if self._opened.encoder.device.startswith("cuda") else self._readers
            fresh = await self._run(loader, self._load_if_new)
            if fresh is not None:
                await self._run(self._worker, self._take_over, fresh)
            return fresh is not None

    # ------------------------------------------------------------- on the event loop

    @property
    def _opened(self) -> Serving:
        if self._loaded is None and self._decoder is not None:  # the first thing that opening makes
            raise LoadingError("The search engine still loads model and index. Try again in a moment.")
        if self._loaded is None:
            raise ClosedError("The search engine is not open.")
        return self._loaded

    async def _run(self, executor: ThreadPoolExecutor, function: Callable[..., _T], *args: object) -> _T:
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, function, *args)
        except RuntimeError as error:
            if "shutdown" in str(error):
                raise ClosedError("The search engine is closed.") from None
            raise

    def _readable(self, generation: str | None) -> Readable:
        opened = self._opened
        if generation in (None, opened.manifest.generation):
            return Readable(opened.collection, opened.binder)
        try:
            return self._earlier[str(generation)]
        except KeyError:
            raise QueryError("The collection was rebuilt since that search. Search again.") from None

    async def _asked(self, query: Query, filters: FilterSet, inspecting: bool) -> SearchResult | Inspection:
        if self._in_flight >= self._max_queue:
            raise BusyError(f"{self._max_queue} searches are waiting already. Try again in a few seconds.")
        self._in_flight += 1
        try:
            request = await self._prepare(query, filters, inspecting)
            self._pending.append(request)
            try:
                await asyncio.sleep(0)  # whoever asks at the same moment goes along in one batch
                if request.outcome is None:
                    await self._run(self._worker, self._answer, request)
            except asyncio.CancelledError:
                request.abandoned = True
                raise
        finally:
            self._in_flight -= 1
        if isinstance(request.outcome, (SearchResult, Inspection)):
            return request.outcome
        raise request.outcome or ClosedError("The search engine was closed before it answered.")

    async def _prepare(self, query: Query, filters: FilterSet, inspecting: bool = False) -> Request:
        """Check a query and decode its picture, so that the worker meets nothing that can go wrong by input."""
        if not isinstance(filters, FilterSet):  # fail closed: no rules loaded, no search
            raise QueryError("No search without a filter set; pass FilterSet.empty() to mean no rules.")
        opened, started = self._opened, time.perf_counter()
        texts = tuple(map(clean, query.texts))
        without = tuple(map(clean, query.withouts))
        matches = best_of_each_rule(map(filters.inspect_prompt, (*texts, *without)))
        texts, without = tuple(map(plain, texts)), tuple(map(plain, without))
        check_words_apart(texts, without)
        if not inspecting:
            check(matches)
        if query.row is not None:
            check_rows([query.row], opened.manifest.rows)
            if query.generation not in (None, opened.manifest.generation):
                raise QueryError("The collection was rebuilt since that search. Search again.")
        if query.vector is not None:
            _check_vector(query.vector, opened)
        query = replace(query, where=on_columns(query.conditions, opened.collection.columns))
        request = Request(query, filters, texts, without, opened.manifest, started)
        request.matches, request.inspecting = tuple(matches), inspecting
        request.image = await self._decoded(query.image)
        if request.image is not None:
            request.timings["decode"] = milliseconds(started)
        return request

    async def _decoded(self, image: bytes | Image | None) -> Image | None:
        if isinstance(image, bytes):
            assert self._decoder is not None
            return await self._run(self._decoding, self._decoder.decode, image)
        return image.convert("RGB") if image is not None else None

    # ------------------------------------------------------------- in the worker

    def _load(self) -> Serving:
        return load(self._path.resolve(), self._model, self._device)

    def _load_if_new(self) -> Serving | None:
        opened = self._opened
        return load(self._path.resolve(), self._model, self._device, unless=opened)

    def _take_over(self, fresh: Serving) -> None:
        """Runs in the worker, which alone lets go of the old index."""
        old = self._opened
        self._earlier = {old.manifest.generation: Readable(old.collection, without_index(old))}
        self._loaded = fresh

    def _answer(self, request: Request) -> None:
        """Answer a batch of what waits, the given request among them. Runs once for each request, in order."""
        if request.outcome is not None:
            return  # it went along with an earlier request's batch
        batch: list[Request] = []
        while self._pending and len(batch) < MAX_BATCH:
            waiting = self._pending.popleft()
            if not waiting.abandoned:
                batch.append(waiting)
        for one in batch:
            one.timings["wait"] = milliseconds(one.started) - one.timings.get("decode", 0.0)
        self._answer_all(batch)

    def _answer_all(self, batch: list[Request]) -> None:
        """Answer a batch; if it fails, each request by itself, so that one that cannot be answered fails alone."""
        try:
            answer_batch(batch, self._opened)
        except Exception as error:  # whatever a library raises, who waits is told
            if len(batch) == 1:
                batch[0].outcome = batch[0].outcome or error
                return
            for one in batch:
                if one.outcome is None:
                    self._answer_all([one])

    def _shut_down(self) -> None:
        for threads in (self._worker, self._readers, self._decoding):
            threads.shutdown(wait=not self._abandoned, cancel_futures=self._abandoned)
        if self._decoder is not None:
            self._decoder.close()
        self._decoder, self._loaded = None, None


def _check_vector(vector: np.ndarray, opened: Serving) -> None:
    width = opened.manifest.encoder.width
    if vector.shape != (width,) or not np.isclose(np.linalg.norm(vector), 1.0, atol=1e-2):
        raise QueryError(f"A vector query needs a unit vector of {width} numbers. Search again.")
