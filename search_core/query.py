"""What goes into the engine and what comes out: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from search_core.errors import QueryError
from search_core.typed import TYPES, check_types
from search_core.where import Condition, conditions

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from search_core.filters.match import Match

MAX_K = 100
"""Hits a query may ask for: eleven pages of nine, more than anyone leafs through."""

MAX_OFFSET = 1_000
"""Hits a query may skip. Faiss on a GPU returns at most 2,048 neighbours (facts checked on faiss 1.15)."""


MAX_PROMPTS = 8
"""Prompts a query may combine, and as many to stay away from; more blur into the mean of everything."""

IMAGE_WEIGHT = 0.5
"""Share of the picture where a query has both words and a picture."""


class Kind(StrEnum):
    """What a query is made of; scores mean different things for each kind."""

    TEXT = "text"
    IMAGE = "image"
    MIXED = "mixed"


class Closeness(StrEnum):
    """A score in words, measured against the collection's own background (see `calibration`)."""

    VERY_CLOSE = "very close"
    CLOSE = "close"
    LOOSE = "loosely related"
    FAR = "not close"


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a query vector was composed of, as far as it decides how scores are put into words.

    Attributes:
        picture: the picture's share, from 0 (words alone) to 1 (a picture alone).
        without: whether something to stay away from was taken off.
    """

    picture: float = 0.0
    without: bool = False


_TYPES = TYPES | {
    "kind": (lambda value: isinstance(value, Kind), "one of `Kind`"),
    "mixture": (lambda value: isinstance(value, Mixture), "a `Mixture`"),
}

_USUAL = {Kind.TEXT: Mixture(0.0), Kind.IMAGE: Mixture(1.0), Kind.MIXED: Mixture(IMAGE_WEIGHT)}


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the engine: words, a picture (posted, or a row of the index), both; or an earlier vector.

    Attributes:
        text: a prompt in words, or several that are averaged; each is cleaned (`text.clean`) before anything
            looks at it.
        image: a picture, either the undecoded bytes of a stranger's file or a decoded PIL image.
        row: a row that is in the index already ("more like this"); it is left out of the answer.
        generation: the generation that the row is of, as a result names it; None means the current one.
        vector: a unit vector of an earlier result, to turn the page without encoding again; `kind` says
            what it was made from.
        kind: only with `vector`.
        mixture: only with `vector`, the earlier result's: a `without` or another weight than `IMAGE_WEIGHT` cannot
            be told from the kind.
        without: a prompt, or several, to stay away from; see `compose` for the formula.
        image_weight: share of the picture where there are words too, 0 to 1.
        where: conditions on metadata, such as `year=1850..1870`; see `where`.
        k: hits wanted, 1 to `MAX_K`.
        offset: hits to skip first, 0 to `MAX_OFFSET`.

    Raises:
        QueryError: if a part is of a wrong type, or the parts do not fit together.
    """

    text: str | Sequence[str] | None = None
    image: bytes | Image | None = None
    row: int | None = None
    generation: str | None = None
    vector: np.ndarray | None = None
    kind: Kind | None = None
    mixture: Mixture | None = None
    without: str | Sequence[str] = ()
    image_weight: float = IMAGE_WEIGHT
    where: str | Condition | Sequence[str | Condition] = ()
    k: int = 9
    offset: int = 0

    def __post_init__(self) -> None:
        check_types(self, _TYPES)
        pictures = [part is not None for part in (self.image, self.row, self.vector)].count(True)
        if pictures > 1 or (self.vector is not None and self.text is not None):
            raise QueryError("Ask with one picture, one row or one vector; words may go with a picture or a row.")
        if pictures == 0 and self.text is None:
            raise QueryError("Ask with words, a picture, a row or a vector.")
        if (self.vector is None) != (self.kind is None):
            raise QueryError("A vector query needs its kind, and only a vector query has one.")
        if self.vector is None and self.mixture is not None:
            raise QueryError("Only a vector query has a mixture; any other says what it is made of.")
        if self.vector is not None and self.without:
            raise QueryError("A vector query has its `without` in the vector already.")
        if self.text is not None and not self.texts:
            raise QueryError("Ask with at least one prompt.")
        if max(len(self.texts), len(self.withouts)) > MAX_PROMPTS:
            raise QueryError(f"Combine at most {MAX_PROMPTS} prompts.")
        if not 0.0 <= self.image_weight <= 1.0:
            raise QueryError(f"The picture's weight lies between 0 and 1, not at {self.image_weight}.")
        if not 1 <= self.k <= MAX_K:
            raise QueryError(f"Ask for 1 to {MAX_K} results, not {self.k}.")
        if not 0 <= self.offset <= MAX_OFFSET:
            raise QueryError(f"Results can be leafed through up to number {MAX_OFFSET}.")
        object.__setattr__(self, "where", conditions(self.where))

    @property
    def texts(self) -> tuple[str, ...]:
        """The prompts, none, one or several."""
        return _several(self.text)

    @property
    def withouts(self) -> tuple[str, ...]:
        """The prompts to stay away from."""
        return _several(self.without)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions on metadata."""
        return conditions(self.where)

    @property
    def made_of(self) -> Kind:
        """What kind it is."""
        if self.kind is not None:
            return self.kind
        if self.text is None:
            return Kind.IMAGE
        return Kind.TEXT if self.image is None and self.row is None else Kind.MIXED

    @property
    def made_from(self) -> Mixture:
        """What its vector is composed of, which decides how its scores are put into words."""
        if self.mixture is not None:
            return self.mixture
        share = self.image_weight if self.made_of is Kind.MIXED else _USUAL[self.made_of].picture
        return Mixture(share, bool(self.withouts))


def _several(text: str | Sequence[str] | None) -> tuple[str, ...]:
    if text is None:
        return ()
    return (text,) if isinstance(text, str) else tuple(text)


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of the answer.

    Attributes:
        row: the row in the collection, 0-based.
        score: cosine similarity to the query, in [-1, 1].
        closeness: the score in words.
        metadata: the collection's columns for this row, without the picture.
        duplicates: rows folded into this one, because they show nearly the same picture.
        spoiler: whether the rules want it under a spoiler.
        notes: sentences of context that the rules want shown with it.
    """

    row: int
    score: float
    closeness: Closeness
    metadata: Mapping[str, str]
    duplicates: tuple[int, ...] = ()
    spoiler: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to one query, and under which rules it was made.

    Attributes:
        hits: best first; equal scores by row.
        kind: what the query was made of.
        hidden: rows that the filters hid on the way to the last hit.
        more: whether a further page exists.
        truncated: the prompts, as they were asked and `without` among them, that the model cut at its token limit.
        vector: the query's unit vector, shape (width,), float32; ask with it to turn the page.
        generation: the index generation that answered; `Hit.row` is a row of this generation only.
        filter_hash: identifies the filters the answer was made under.
        timings_ms: milliseconds by stage (`wait`, `decode`, `encode`, `search`, `total`).
        mixture: what the vector was composed of; hand it back with the vector to turn the page.
        spoiler: whether the rules want every picture under a spoiler, because of what was asked.
        notes: sentences of context that the rules want shown, because of what was asked.
        matches: what matched the query without refusing it, for moderators and the log.
    """

    hits: tuple[Hit, ...]
    kind: Kind
    hidden: int
    more: bool
    truncated: tuple[str, ...]
    vector: np.ndarray
    generation: str
    filter_hash: str
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    mixture: Mixture = Mixture()
    spoiler: bool = False
    notes: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()

    @property
    def nothing_close(self) -> bool:
        """Whether even the best hit is no closer than the collection is to anything."""
        return not self.hits or self.hits[0].closeness is Closeness.FAR


@dataclass(frozen=True, slots=True)
class Inspection:
    """What would happen to a query, and why.

    Attributes:
        refused: whether it would not be answered.
        matches: every rule that has to do with it: with the prompt or picture, and, at stage `RESULT`, with the rows
            that are shown or hidden, each rule once, with the row that matches it best.
        result: what would be shown if the query is not refused, or if it were not.
    """

    refused: bool
    matches: tuple[Match, ...]
    result: SearchResult

    @property
    def hidden(self) -> int:
        """Rows that the rules hide on the way to the last hit."""
        return self.result.hidden


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture of the collection as it is stored, undecoded.

    Attributes:
        row: the row in the collection.
        data: the file's bytes.
        file_name: its path within the source, with `/` between folders.
        metadata: the collection's columns for this row, without the picture.
        sha256: the checksum that its file had when it was embedded: what picture rules name it by.
    """

    row: int
    data: bytes
    file_name: str
    metadata: Mapping[str, str]
    sha256: str = ""
