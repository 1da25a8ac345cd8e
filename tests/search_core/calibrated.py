"""The sample collection's vectors, prompts that calibration never saw, and what their best rows are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from search_core.calibration import Calibration, calibrate, unrelated_prompts
from search_core.collection import Collection
from search_core.compose import compose
from search_core.encoder import Encoder
from search_core.generation import open_generation, shards
from search_core.index import FlatIndex
from search_core.query import Closeness, Mixture
from search_core.store import IndexDirectory, read_manifest
from search_core.text import clean

WORDS = (Closeness.FAR, Closeness.LOOSE, Closeness.CLOSE, Closeness.VERY_CLOSE)

NONSENSE = (
    "an overdue value added tax refund", "the derivative of a constant", "grumble zorp fnord",
    "pursuant to article nine", "the marginal propensity to consume", "without prejudice to earlier claims",
    "recursive descent parsing", "a null pointer dereference", "the present perfect continuous tense",
    "reasonable grounds for appeal", "depreciation of intangible assets", "wubba lubbity drelb",
    "the commutative property", "a binding arbitration clause", "logarithm to the base two",
    "minutes of the previous meeting", "the burden of proof", "unaudited interim results", "hhgt rrw qqpl vvz",
    "seven eighths of nothing", "the theory of second best", "an ambiguous antecedent", "memory allocation failure",
    "double taxation treaty", "the ontological argument", "slithy flobbing quonk", "pro rata entitlement",
    "a necessary but not sufficient condition", "variance of the estimator", "subordinate clause", "next of never",
    "base rate neglect",
)  # fmt: skip
"""None of them is among `unrelated_prompts`."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Unit vectors, each of shape (n, width): pictures and titles by row; prompts for calibration; others."""

    pictures: np.ndarray
    titles: np.ndarray
    unrelated: np.ndarray
    nonsense: np.ndarray
    labels: np.ndarray

    def as_in_clip(self, share: float = 0.7) -> Sample:
        """The same, with one direction that all texts share and one that all pictures share.

        CLIP's two towers fill two narrow cones apart from each other (Liang et al. 2022, "Mind the gap"); two texts
        that have nothing to do with each other have a cosine of about `share` there.
        """
        texts = {name: _with(getattr(self, name), share, 0) for name in ("titles", "unrelated", "nonsense")}
        return replace(self, pictures=_with(self.pictures, share, 1), **texts)

    def subset(self, rows: np.ndarray) -> Small:
        """A collection of some rows, calibrated anew."""
        index = FlatIndex.build([self.pictures[rows]], self.pictures.shape[1])
        return Small(rows, index, Calibration.of(index, calibrate(index, self.unrelated)))

    def subsets(self, size: int, number: int = 6) -> list[Small]:
        """Collections of random rows."""
        rows = np.arange(len(self.pictures))
        return [
            self.subset(np.random.default_rng(100 * size + i).choice(rows, size, replace=False)) for i in range(number)
        ]


@dataclass(frozen=True, slots=True)
class Small:
    """A collection made of some of the sample's rows."""

    rows: np.ndarray
    index: FlatIndex
    calibration: Calibration

    def steps(self, queries: np.ndarray, mixture: Mixture, made_from: Sequence[int] | None = None) -> np.ndarray:
        """What the best row of each query is called, as its number in `WORDS`.

        Args:
            queries: unit vectors, shape (n, width).
            mixture: what they are made of.
            made_from: the row of this collection that each was made from, which is left out.
        """
        scores, rows = self.index.search(queries, 2)
        itself = np.zeros(len(queries), bool) if made_from is None else rows[:, 0] == np.asarray(made_from)
        best = np.where(itself, scores[:, -1], scores[:, 0])
        return np.array(
            [
                WORDS.index(self.calibration.closeness(score[np.newaxis], query, mixture)[0])
                for score, query in zip(best, queries, strict=True)
            ]
        )


def read_sample(directory: Path, encoder: Encoder) -> Sample:
    """Read a finished index of the sample collection and encode what it is asked with."""
    generation = IndexDirectory(directory).current()
    collection, index = open_generation(generation, read_manifest(generation), "cpu")
    return Sample(
        index.vectors(np.arange(len(index))),
        _encode(encoder, collection.column("title").to_pylist()),
        _encode(encoder, unrelated_prompts()),
        _encode(encoder, NONSENSE),
        np.array(collection.column("label").to_pylist()),
    )


def stored_pictures(directory: Path, rows: Iterable[int]) -> list[bytes]:
    """The stored bytes of some rows."""
    return [one.data for one in Collection(shards(IndexDirectory(directory).current())).pictures(list(rows))]


def composed(
    texts: np.ndarray | None, images: np.ndarray | None, without: np.ndarray | None, weight: float
) -> np.ndarray:
    """Compose queries row by row, each of at most one prompt, one picture and one prompt to stay away from."""
    given = [part for part in (texts, images, without) if part is not None]
    nothing = np.empty((0, given[0].shape[1]), np.float32)
    return np.stack(
        [
            compose(
                nothing if texts is None else texts[[i]],
                None if images is None else images[i],
                nothing if without is None else without[[i]],
                weight,
            )
            for i in range(len(given[0]))
        ]
    )


def _encode(encoder: Encoder, prompts: Sequence[str]) -> np.ndarray:
    different = list(dict.fromkeys(map(clean, prompts)))
    vectors = dict(zip(different, encoder.encode_texts(different), strict=True))
    return np.stack([vectors[clean(prompt)] for prompt in prompts])


def _with(vectors: np.ndarray, share: float, axis: int) -> np.ndarray:
    more = np.zeros((len(vectors), 2), np.float32)
    more[:, axis] = np.sqrt(share)
    return np.hstack([np.sqrt(1 - share).astype(np.float32) * vectors, more])
