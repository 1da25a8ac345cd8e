"""What the engine's worker does: hold one generation of an index, and answer batches of queries from it.

Plain, synchronous code that one thread calls; `engine` is the asynchronous door before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np

from search_core import store
from search_core.calibration import Calibration
from search_core.compose import compose
from search_core.duplicates import Duplicates
from search_core.encoder import Encoder, unit
from search_core.errors import QueryError
from search_core.generation import open_generation, read_duplicates
from search_core.query import Hit, Query, SearchResult
from search_core.ranking import Page, Wanted, fill_page
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
    outcome: SearchResult | Exception | None = None
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class Serving:
    """What the worker owns, from one generation."""

    manifest: Manifest
    encoder: Encoder
    collection: Collection
    index: VectorIndex
    calibration: Calibration
    duplicates: Duplicates


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
    calibration = Calibration.of(index, manifest.calibration)
    return Serving(manifest, encoder, collection, index, calibration, read_duplicates(generation))


def answer_batch(batch: list[Request], serving: Serving) -> None:
    """Encode, search and filter a batch at once, and write each request's outcome."""
    batch = [request for request in batch if not _is_stale(request, serving.manifest)]
    if not batch:
        return
    started = time.perf_counter()
    vectors = _encode(batch, serving)
    encoded = milliseconds(started)
    wanted = [_wanted(request, serving) for request in batch]
    depth = max(one.depth for one in wanted)
    scores, rows = serving.index.search(vectors, depth)
    searched = milliseconds(started) - encoded
    for request, vector, one, *found in zip(batch, vectors, wanted, scores, rows, strict=True):
        request.timings |= {"encode": encoded, "search": searched}
        page = fill_page(one, vector, (found[0], found[1]), serving.index, serving.duplicates)
        request.outcome = _result(request, vector, page, serving)


def _is_stale(request: Request, manifest: Manifest) -> bool:
    """Whether a query's row or vector means something else since a reload; it is told then, not answered wrongly."""
    asked, now = request.prepared_for, manifest
    moved = request.query.row is not None and asked.generation != now.generation
    foreign = request.query.vector is not None and asked.encoder.weights != now.encoder.weights
    if moved or foreign:
        request.outcome = QueryError("The collection was rebuilt while you asked. Search again.")
    return moved or foreign


def _encode(batch: list[Request], serving: Serving) -> np.ndarray:
    """One unit vector a request, shape (len(batch), width); equal prompts are encoded once."""
    texts = list(dict.fromkeys(text for request in batch for text in (*request.texts, *request.without)))
    images = [request.image for request in batch if request.image is not None]
    of_text = dict(zip(texts, serving.encoder.encode_texts(texts), strict=True))
    of_image = iter(serving.encoder.encode_images(images))
    return np.stack([_vector(request, of_text, of_image, serving) for request in batch])


def _vector(
    request: Request, of_text: Mapping[str, np.ndarray], of_image: Iterator[np.ndarray], serving: Serving
) -> np.ndarray:
    query = request.query
    if query.vector is not None:
        return np.asarray(query.vector, dtype=np.float32)
    image = next(of_image) if request.image is not None else None
    if query.row is not None:
        image = unit(serving.index.vector(query.row))
    return compose(
        np.array([of_text[text] for text in request.texts]),
        image,
        np.array([of_text[text] for text in request.without]),
        query.image_weight,
    )


def _wanted(request: Request, serving: Serving) -> Wanted:
    query, allowed = request.query, None
    if query.conditions:
        columns = {one.column: serving.collection.column(one.column) for one in query.conditions}
        allowed = matching(query.conditions, columns)
    return Wanted(query.offset, query.k, request.filters, allowed, query.row)


def _result(request: Request, vector: np.ndarray, page: Page, serving: Serving) -> SearchResult:
    rows, mixture = page.rows, request.query.made_from
    closeness = serving.calibration.closeness(np.array([one.score for one in rows]), vector, mixture)
    metadata = serving.collection.metadata([one.row for one in rows])
    hits = tuple(
        Hit(one.row, one.score, words, columns, one.duplicates)
        for one, words, columns in zip(rows, closeness, metadata, strict=True)
    )
    return SearchResult(
        hits=hits,
        kind=request.query.made_of,
        mixture=mixture,
        hidden=page.hidden,
        more=page.more,
        truncated=any(map(serving.encoder.is_truncated, (*request.texts, *request.without))),
        vector=vector,
        generation=serving.manifest.generation,
        filter_hash=request.filters.hash,
        timings_ms=request.timings | {"total": milliseconds(request.started)},
    )


def milliseconds(since: float) -> float:
    """Milliseconds since a reading of `time.perf_counter`."""
    return round(1000 * (time.perf_counter() - since), 3)
