"""What the engine's worker does: hold one generation of an index, and answer batches of queries from it.

Plain, synchronous code that one thread calls; `engine` is the asynchronous door before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np

from search_core import store
from search_core.calibration import Calibration
from search_core.compose import check_meanings_apart, compose, likeness
from search_core.duplicates import Duplicates
from search_core.encoder import Encoder, unit
from search_core.errors import QueryError, VignetteError
from search_core.filters.binding import Binder, BoundFilters, Ground
from search_core.filters.match import Match, Verdict
from search_core.filters.rule_set import check
from search_core.generation import open_generation, read_duplicates
from search_core.precision import keep_blas_to_one_thread
from search_core.query import Hit, Inspection, Query, SearchResult
from search_core.ranking import Page, Wanted, fill_page
from search_core.ruling import Parts, best_of_each_rule, matches_of_query
from search_core.where import matching

if TYPE_CHECKING:
    from PIL.Image import Image

    from search_core.collection import Collection
    from search_core.filters import FilterSet
    from search_core.index import VectorIndex
    from search_core.store import Manifest


@dataclass(slots=True, eq=False)
class Request:
    """One query on its way: checked and decoded before it waits, answered by the worker."""

    query: Query
    filters: FilterSet
    texts: tuple[str, ...]
    without: tuple[str, ...]
    prepared_for: Manifest
    started: float
    image: Image | None = None
    timings: dict[str, float] = field(default_factory=dict)
    outcome: SearchResult | Inspection | Exception | None = None
    abandoned: bool = False
    matches: tuple[Match, ...] = ()
    """What the prompts' words matched."""
    inspecting: bool = False
    """Whether to tell what the rules do instead of doing it."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What the worker owns, from one generation."""

    manifest: Manifest
    encoder: Encoder
    collection: Collection
    index: VectorIndex
    calibration: Calibration
    duplicates: Duplicates
    binder: Binder


@overload
def load(path: Path, model: str | Path | None, device: str) -> Serving: ...


@overload
def load(path: Path, model: str | Path | None, device: str, unless: Serving) -> Serving | None: ...


def load(path: Path, model: str | Path | None, device: str, unless: Serving | None = None) -> Serving | None:
    """Load the current generation of an index directory and the encoder that it was made with.

    Args:
        path: the index directory.
        model, device: as for `SearchEngine.open`.
        unless: what serves already: its generation is not loaded again, and its encoder is shared where it fits.

    Returns:
        What was loaded, or None if `unless` is the current generation.

    Raises:
        StoreError, ManifestMismatch, EncoderError: as `SearchEngine.__aenter__` says.
    """
    generation = store.IndexDirectory(path).current()
    manifest = store.read_manifest(generation)
    if unless is not None and unless.manifest.generation == manifest.generation:
        return None
    if unless is not None and unless.manifest.encoder == manifest.encoder:
        encoder = unless.encoder
    else:
        made_by = manifest.encoder
        encoder = Encoder.load(model or made_by.model, device, made_by.revision, made_by.text_model)
    store.check_encoder(manifest, encoder.fingerprint)
    collection, index = open_generation(generation, manifest, encoder.device)
    keep_blas_to_one_thread()  # of all that is loaded by now
    calibration = Calibration.of(index, manifest.calibration)
    duplicates = read_duplicates(generation)
    binder = Binder(Ground(collection, duplicates, index.vectors, manifest.encoder.space))
    return Serving(manifest, encoder, collection, index, calibration, duplicates, binder)


def without_index(serving: Serving) -> Binder:
    """What judges rows of a generation whose index is let go: the vectors are read from the collection."""
    collection = serving.collection

    def vectors(rows: np.ndarray) -> np.ndarray:
        return np.array([collection.vector(row) for row in rows.tolist()], np.float32)

    return Binder(Ground(collection, serving.duplicates, vectors, serving.manifest.encoder.space))


def answer_batch(batch: list[Request], serving: Serving) -> None:
    """Encode, search and filter a batch at once, and write each request's outcome."""
    batch = [request for request in batch if not is_stale(request, serving.manifest)]
    if not batch:
        return
    started = time.perf_counter()
    encoded = encode_batch(batch, serving)
    timings = {"encode": milliseconds(started)}
    allowed = [asked for asked in map(partial(_ruled, serving=serving), batch, encoded) if asked is not None]
    if not allowed:
        return
    searching = time.perf_counter()
    depth = max(asked.wanted.depth for asked in allowed)
    scores, rows = serving.index.search(np.stack([asked.parts.vector for asked in allowed]), depth)
    timings["search"] = milliseconds(searching)
    for asked, *found in zip(allowed, scores, rows, strict=True):
        asked.request.timings |= timings
        page = fill_page(asked.wanted, asked.parts.vector, (found[0], found[1]), serving.index, serving.duplicates)
        asked.request.outcome = _outcome(asked, page, serving)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with its vectors, its rules, and what they say of it."""

    request: Request
    parts: Parts
    bound: BoundFilters
    matches: tuple[Match, ...]
    wanted: Wanted


def _ruled(request: Request, parts: Parts, serving: Serving) -> _Asked | None:
    """Hold a query against the rules; None where they end it, and its outcome says how."""
    try:
        check_meanings_apart(parts.likeness)
        bound = serving.binder.bind(request.filters)
        matches = (*request.matches, *matches_of_query(bound, parts, request.query.row))
        if not request.inspecting:
            check(matches)
        return _Asked(request, parts, bound, matches, _wanted(request, bound, serving))
    except VignetteError as error:
        request.outcome = error
        return None


def is_stale(request: Request, manifest: Manifest) -> bool:
    """Whether a query's row or vector means something else since a reload; it is told then, not answered wrongly."""
    asked, now = request.prepared_for, manifest
    moved = request.query.row is not None and asked.generation != now.generation
    foreign = request.query.vector is not None and asked.encoder.weights != now.encoder.weights
    if moved or foreign:
        request.outcome = QueryError("The collection was rebuilt while you asked. Search again.")
    return moved or foreign


def encode_batch(batch: list[Request], serving: Serving) -> list[Parts]:
    """The vectors of each request; equal prompts are encoded once."""
    texts = list(dict.fromkeys(text for request in batch for text in (*request.texts, *request.without)))
    images = [request.image for request in batch if request.image is not None]
    of_text = dict(zip(texts, serving.encoder.encode_texts(texts), strict=True))
    of_image = iter(serving.encoder.encode_images(images))
    return [_parts(request, of_text, of_image, serving) for request in batch]


def _parts(
    request: Request, of_text: Mapping[str, np.ndarray], of_image: Iterator[np.ndarray], serving: Serving
) -> Parts:
    query, none = request.query, np.empty((0, serving.manifest.encoder.width), np.float32)
    if query.vector is not None:
        return Parts(none, None, np.asarray(query.vector, dtype=np.float32), query.made_from.picture)
    image = next(of_image) if request.image is not None else None
    if query.row is not None:
        image = unit(serving.index.vector(query.row))
    texts = np.array([of_text[text] for text in request.texts])
    without = np.array([of_text[text] for text in request.without])
    composed = texts, image, without, query.image_weight
    posted = image if request.image is not None else None
    return Parts(texts, posted, compose(*composed), query.made_from.picture, likeness(*composed))


def _wanted(request: Request, bound: BoundFilters, serving: Serving) -> Wanted:
    query, allowed = request.query, None
    if query.conditions:
        columns = {one.column: serving.collection.column(one.column) for one in query.conditions}
        allowed = matching(query.conditions, columns)
    return Wanted(query.offset, query.k, bound.hidden, allowed, query.row)


def _outcome(asked: _Asked, page: Page, serving: Serving) -> SearchResult | Inspection:
    result = _result(asked, page, serving)
    if not asked.request.inspecting:
        return result
    of_rows = best_of_each_rule(asked.bound.matching([*(hit.row for hit in result.hits), *page.hidden_rows]))
    refused = any(match.refuses for match in asked.matches)
    return Inspection(refused, (*asked.matches, *of_rows), result)


def _result(asked: _Asked, page: Page, serving: Serving) -> SearchResult:
    request, vector = asked.request, asked.parts.vector
    rows, mixture = page.rows, request.query.made_from
    closeness = serving.calibration.closeness(np.array([one.score for one in rows]), vector, mixture)
    metadata = serving.collection.metadata([one.row for one in rows])
    verdicts = asked.bound.verdicts([one.row for one in rows])
    hits = tuple(
        Hit(one.row, one.score, words, columns, one.duplicates, verdict.spoiler, verdict.notes)
        for one, words, columns, verdict in zip(rows, closeness, metadata, verdicts, strict=True)
    )
    of_query = Verdict.of(match.rule for match in asked.matches)
    return SearchResult(
        hits=hits,
        kind=request.query.made_of,
        mixture=mixture,
        hidden=page.hidden,
        more=page.more,
        truncated=_truncated(request, serving.encoder),
        vector=vector,
        generation=serving.manifest.generation,
        filter_hash=request.filters.hash,
        spoiler=of_query.spoiler,
        notes=of_query.notes,
        matches=asked.matches,
        timings_ms=request.timings | {"total": milliseconds(request.started)},
    )


def _truncated(request: Request, encoder: Encoder) -> tuple[str, ...]:
    asked = (*request.query.texts, *request.query.withouts)
    read = (*request.texts, *request.without)
    return tuple(prompt for prompt, text in zip(asked, read, strict=True) if encoder.is_truncated(text))


def milliseconds(since: float) -> float:
    """Milliseconds since a reading of `time.perf_counter`."""
    return round(1000 * (time.perf_counter() - since), 3)
