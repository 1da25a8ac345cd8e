"""What goes into the engine and what comes out: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from search_core.errors import QueryError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

MAX_K = 100
"""Hits a query may ask for: eleven pages of nine, more than anyone leafs through."""

MAX_OFFSET = 1_000
"""Hits a query may skip. Faiss on a GPU returns at most 2,048 neighbours (facts checked on faiss 1.15)."""


class Kind(StrEnum):
    """What a query is made of; scores mean different things for each kind."""

    TEXT = "text"
    IMAGE = "image"


class Closeness(StrEnum):
    """A score in words, measured against the collection's own background (see `calibration`)."""

    VERY_CLOSE = "very close"
    CLOSE = "close"
    LOOSE = "loosely related"
    FAR = "not close"


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the engine: exactly one of `text`, `image`, `row` and `vector`.

    Attributes:
        text: a prompt in words; it is cleaned (`text.clean`) before anything looks at it.
        image: a picture, either the undecoded bytes of a stranger's file or a decoded PIL image.
        row: a row that is in the index already ("more like this"); it is left out of the answer.
        vector: a unit vector of an earlier result, to turn the page without encoding again; `kind` says
            what it was made from.
        kind: only with `vector`.
        k: hits wanted, 1 to `MAX_K`.
        offset: hits to skip first, 0 to `MAX_OFFSET`.

    Raises:
        QueryError: if the parts do not fit together.
    """

    text: str | None = None
    image: bytes | Image | None = None
    row: int | None = None
    vector: np.ndarray | None = None
    kind: Kind | None = None
    k: int = 9
    offset: int = 0

    def __post_init__(self) -> None:
        given = [part for part in (self.text, self.image, self.row, self.vector) if part is not None]
        if len(given) != 1:
            raise QueryError("Ask with exactly one of text, image, row or vector.")
        if (self.vector is None) != (self.kind is None):
            raise QueryError("A vector query needs its kind, and only a vector query has one.")
        if not 1 <= self.k <= MAX_K:
            raise QueryError(f"Ask for 1 to {MAX_K} results, not {self.k}.")
        if not 0 <= self.offset <= MAX_OFFSET:
            raise QueryError(f"Results can be leafed through up to number {MAX_OFFSET}.")


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of the answer.

    Attributes:
        row: the row in the collection, 0-based.
        score: cosine similarity to the query, in [-1, 1].
        closeness: the score in words.
        metadata: the collection's columns for this row, without the picture.
    """

    row: int
    score: float
    closeness: Closeness
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to one query, and under which rules it was made.

    Attributes:
        hits: best first; equal scores by row.
        kind: what the query was made of.
        hidden: rows ahead of the last hit that the filters hid.
        more: whether a further page exists.
        truncated: whether the model cut the prompt at its token limit.
        vector: the query's unit vector, shape (width,), float32; ask with it to turn the page.
        generation: the index generation that answered; `Hit.row` is a row of this generation only.
        filter_hash: identifies the filters the answer was made under.
        timings_ms: milliseconds by stage (`wait`, `decode`, `encode`, `search`, `total`).
    """

    hits: tuple[Hit, ...]
    kind: Kind
    hidden: int
    more: bool
    truncated: bool
    vector: np.ndarray
    generation: str
    filter_hash: str
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def nothing_close(self) -> bool:
        """Whether even the best hit is no closer than the collection is to anything."""
        return not self.hits or self.hits[0].closeness is Closeness.FAR


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture of the collection as it is stored, undecoded.

    Attributes:
        row: the row in the collection.
        data: the file's bytes.
        file_name: its path within the source, with `/` between folders.
        metadata: the collection's columns for this row, without the picture.
    """

    row: int
    data: bytes
    file_name: str
    metadata: Mapping[str, str]
