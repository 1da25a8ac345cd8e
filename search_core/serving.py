"""What the engine's worker does: hold one generation of an index, and answer batches of queries from it.

Plain, synchronous code that one thread calls; `engine` is the asynchronous door before it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search_core import store
from search_core.calibration import Calibration
from search_core.encoder import Encoder, unit
from search_core.generation import open_generation
from search_core.query import Hit, Kind, Query, SearchResult

if TYPE_CHECKING:
    from PIL.Image import Image

    from search_core.collection import Collection
    from search_core.filters import FilterSet
    from search_core.index import VectorIndex
    from search_core.store import Manifest

REFILL_FACTOR = 4
"""How much deeper to look each time the filters leave a page short."""


@dataclass(slots=True, eq=False)
class Request:
    """One query on its way: checked and decoded before it waits, answered by the worker."""

    query: Query
    filters: FilterSet
    text: str | None
    image: Image | None
    started: float
    timings: dict[str, float] = field(default_factory=dict)
    outcome: SearchResult | Exception | None = None
    abandoned: bool = False

    @property
    def kind(self) -> Kind:
        """What the query is made of, which decides how its scores are put into words."""
        return Kind.TEXT if self.text is not None else self.query.kind or Kind.IMAGE

    @property
    def depth(self) -> int:
        """Rows to look at when nothing is hidden: the page, one more to know of a next page, and the row asked for."""
        return self.query.offset + self.query.k + 1 + (self.query.row is not None)


@dataclass(frozen=True, slots=True)
class Serving:
    """What the worker owns, from one generation."""

    manifest: Manifest
    encoder: Encoder
    collection: Collection
    index: VectorIndex
    calibration: dict[Kind, Calibration]


def load(path: Path, model: str | Path | None, device: str) -> Serving:
    """Load the current generation of an index directory and the encoder that it was made with.

    Raises:
        StoreError, ManifestMismatch, EncoderError: as `SearchEngine.__aenter__` says.
    """
    generation = store.IndexDirectory(path).current()
    manifest = store.read_manifest(generation)
    encoder = Encoder.load(model or manifest.encoder.model, device, manifest.encoder.revision)
    store.check_encoder(manifest, encoder.fingerprint)
    collection, index = open_generation(generation, manifest, encoder.device)
    calibration = {Kind(name): Calibration.of(thresholds) for name, thresholds in manifest.calibration.items()}
    return Serving(manifest, encoder, collection, index, calibration)


def answer_batch(batch: list[Request], serving: Serving) -> None:
    """Encode, search and filter a batch at once, and write each request's outcome."""
    if not batch:
        return
    started = time.perf_counter()
    vectors = _encode(batch, serving)
    encoded = milliseconds(started)
    depth = max(request.depth for request in batch)
    scores, rows = serving.index.search(vectors, depth)
    searched = milliseconds(started) - encoded
    for request, vector, one_scores, one_rows in zip(batch, vectors, scores, rows, strict=True):
        request.timings |= {"encode": encoded, "search": searched}
        request.outcome = _result(request, vector, (one_scores, one_rows), serving)


def _encode(batch: list[Request], serving: Serving) -> np.ndarray:
    """One unit vector a request, shape (len(batch), width); equal prompts are encoded once."""
    texts = list(dict.fromkeys(request.text for request in batch if request.text is not None))
    images = [request.image for request in batch if request.image is not None]
    of_text = dict(zip(texts, serving.encoder.encode_texts(texts), strict=True))
    of_image = iter(serving.encoder.encode_images(images))
    return np.stack([_vector(request, of_text, of_image, serving) for request in batch])


def _vector(
    request: Request, of_text: dict[str, np.ndarray], of_image: Iterator[np.ndarray], serving: Serving
) -> np.ndarray:
    if request.text is not None:
        return of_text[request.text]
    if request.image is not None:
        return next(of_image)
    if request.query.row is not None:
        return unit(serving.index.vector(request.query.row))
    assert request.query.vector is not None
    return np.asarray(request.query.vector, dtype=np.float32)


def _result(
    request: Request, vector: np.ndarray, found: tuple[np.ndarray, np.ndarray], serving: Serving
) -> SearchResult:
    ranked, hidden = _visible(request, vector, found, serving.index)
    page = ranked[request.query.offset :][: request.query.k]
    calibration = serving.calibration[request.kind]
    metadata = serving.collection.metadata([row for row, _ in page])
    hits = tuple(
        Hit(row, score, calibration.closeness(score), columns)
        for (row, score), columns in zip(page, metadata, strict=True)
    )
    return SearchResult(
        hits=hits,
        kind=request.kind,
        hidden=hidden,
        more=len(ranked) > request.query.offset + request.query.k,
        truncated=request.text is not None and serving.encoder.is_truncated(request.text),
        vector=vector,
        generation=serving.manifest.generation,
        filter_hash=request.filters.hash,
        timings_ms=request.timings | {"total": milliseconds(request.started)},
    )


def _visible(
    request: Request, vector: np.ndarray, found: tuple[np.ndarray, np.ndarray], index: VectorIndex
) -> tuple[list[tuple[int, float]], int]:
    """The rows that may be shown, up to one more than the page needs, and how many were hidden before them.

    Looks deeper until there are enough or the index is exhausted.
    """
    wanted = request.query.offset + request.query.k + 1
    scores, rows = found
    while True:
        shown, hidden = _split(request, scores, rows, wanted)
        if len(shown) >= wanted or len(rows) >= len(index):
            return shown, hidden
        found_scores, found_rows = index.search(vector[np.newaxis], REFILL_FACTOR * len(rows))
        scores, rows = found_scores[0], found_rows[0]


def _split(request: Request, scores: np.ndarray, rows: np.ndarray, wanted: int) -> tuple[list[tuple[int, float]], int]:
    shown: list[tuple[int, float]] = []
    hidden = 0
    for score, row in zip(scores.tolist(), rows.tolist(), strict=True):
        if len(shown) == wanted:
            break
        if row == request.query.row:
            continue
        if request.filters.hides(row):
            hidden += 1
        else:
            shown.append((row, min(1.0, max(-1.0, score))))  # half precision overshoots by up to 0.001
    return shown, hidden


def milliseconds(since: float) -> float:
    """Milliseconds since a reading of `time.perf_counter`."""
    return round(1000 * (time.perf_counter() - since), 3)
