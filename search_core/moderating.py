"""The engine's part that moderators use: judge rows, make concepts, preview rules."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from search_core import concepts
from search_core.concepts import Examples
from search_core.encoder import unit
from search_core.errors import QueryError, RuleError
from search_core.filters.binding import Binder
from search_core.filters.match import Verdict
from search_core.filters.rule_set import FilterSet
from search_core.filters.rules import Concept, Rule
from search_core.previews import Preview, preview
from search_core.text import clean, plain

if TYPE_CHECKING:
    from PIL.Image import Image

    from search_core.collection import Collection
    from search_core.serving import Serving

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Readable:
    """A generation whose rows can be read and judged: the current one, or the one before."""

    collection: Collection
    binder: Binder


class Moderating(ABC):
    """What `SearchEngine` offers to those who make rules."""

    _worker: ThreadPoolExecutor
    _readers: ThreadPoolExecutor

    def __init__(self) -> None:
        super().__init__()
        self._neutral: dict[str, np.ndarray] = {}
        """Vectors of the ordinary prompts, by the space they lie in."""

    @property
    @abstractmethod
    def _opened(self) -> Serving: ...

    @abstractmethod
    async def _run(self, executor: ThreadPoolExecutor, function: Callable[..., _T], *args: object) -> _T: ...

    @abstractmethod
    async def _decoded(self, image: bytes | Image | None) -> Image | None: ...

    @abstractmethod
    def _readable(self, generation: str | None) -> Readable: ...

    async def judge(self, rows: Sequence[int], filters: FilterSet, generation: str | None = None) -> list[Verdict]:
        """Say what the rules want done with some rows, in the order of `rows`.

        Args:
            rows: rows of the collection.
            filters: the rules.
            generation: the generation that the rows are of, as for `pictures`.

        Raises:
            QueryError: if there is no such row, or the generation is gone.
            StaleConcept: if a concept was made with another model.
            ClosedError: if the engine is not open.
        """
        readable = self._readable(generation)
        check_rows(rows, len(readable.collection))
        return await self._run(self._worker, lambda: readable.binder.bind(filters).verdicts(rows))

    async def find(self, sha256s: Sequence[str]) -> dict[str, int]:
        """Find the row of each file in the current generation, by checksum; those that are not there are left out."""
        found = await self._run(self._readers, self._opened.collection.find, list(sha256s))
        return {sha256: rows[0] for sha256, rows in found.items()}

    async def preview(self, rule: Rule, k: int = 9) -> Preview:
        """Show what of the collection would fall under a rule; see `Preview`.

        Raises:
            StaleConcept: if its concept was made with another model.
        """
        return await self._run(self._worker, lambda: preview(rule, self._opened, k))

    async def make_concept(
        self,
        texts: Sequence[str] = (),
        images: Sequence[bytes] = (),
        rows: Sequence[int] = (),
        sensitivity: float = 0.0,
    ) -> Concept:
        """Make a concept of examples, with thresholds measured on this collection; see `concepts`.

        Args:
            texts: examples in words.
            images: undecoded bytes of posted pictures, of which only the vectors are kept.
            rows: pictures of the current generation.
            sensitivity: more matches more, in spreads of what ordinary prompts and rows score; 0 is as measured.

        Raises:
            RuleError: if there are too few or too many examples.
            PromptError, PictureError, QueryError: if one of them cannot be used.
        """
        cleaned = tuple(dict.fromkeys(plain(clean(text)) for text in texts))
        concepts.check_examples(len(cleaned) + len(images) + len(rows), sensitivity)
        decoded = [await self._decoded(image) for image in images]
        neutral = await self._neutral_vectors()

        def made() -> Concept:
            opened = self._opened
            check_rows(rows, len(opened.collection))
            sha256s = tuple(opened.collection.sha256(row) for row in rows)
            of_rows = opened.index.vectors(np.asarray(rows, np.int64))
            pictures = np.concatenate([of_rows, opened.encoder.encode_images([one for one in decoded if one])])
            examples = Examples(cleaned, opened.encoder.encode_texts(list(cleaned)), sha256s, _units(pictures))
            space = opened.manifest.encoder.space
            return concepts.make(examples, opened.calibration, neutral[space], space, sensitivity)

        return await self._run(self._worker, made)

    async def refresh_concept(self, concept: Concept) -> Concept:
        """Make a concept anew for the model and collection of today, from its texts and the collection's pictures.

        Raises:
            RuleError: if neither is left: posted pictures are not kept.
        """
        rows = list((await self.find(concept.pictures)).values())
        if not concept.texts and not rows:
            raise RuleError(
                "The concept was made from pictures that are not kept or not in the collection any more. Add it anew."
            )
        return await self.make_concept(concept.texts, (), rows, concept.sensitivity)

    async def _neutral_vectors(self) -> dict[str, np.ndarray]:
        """Encode the ordinary prompts once for each model, a few at a time, so that searches go in between."""
        opened = self._opened
        space = opened.manifest.encoder.space
        if space not in self._neutral:
            parts = [
                self._run(self._worker, opened.encoder.encode_texts, list(batch))
                for batch in concepts.batches(concepts.neutral_prompts())
            ]
            self._neutral = {space: np.concatenate(await asyncio.gather(*parts))}
        return self._neutral


def check_rows(rows: Sequence[int], count: int) -> None:
    """Refuse rows that a collection of `count` rows does not have.

    Raises:
        QueryError: naming the row.
    """
    for row in rows:
        if not 0 <= row < count:
            raise QueryError(f"The index has no row {row}; its rows are 0 to {count - 1}.")


def _units(vectors: np.ndarray) -> np.ndarray:
    return unit(vectors) if len(vectors) else vectors
