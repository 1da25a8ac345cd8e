"""How many pictures stand more than once in the collection, as far as the model can see.

Two rows count as near-identical when their cosine is at least what a picture has with a re-saved copy of itself
(smaller and compressed). That threshold is measured on a sample of the collection with the index's own model, since
a cosine means something else for every model and collection. A model that sees little calls more pictures alike
than people do; the report names the closest pairs so that an operator can look.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from tqdm import tqdm

from search_core.errors import PictureError
from search_core.evaluation.intervals import SEED, Estimate, wilson
from search_core.evaluation.ranking import nearest_others
from search_core.imaging import OWN_PICTURES, decode

if TYPE_CHECKING:
    from search_core.collection import Collection
    from search_core.encoder import Encoder
    from search_core.index import VectorIndex

COPIES = 64
"""Pictures copied to measure the threshold: some three seconds with ViT-B/32 on two cores."""

COPY_SCALE, COPY_QUALITY = 0.75, 75
"""A copy is three quarters the size, saved as a JPEG of Pillow's default quality: what passes through the web does."""

PASSED_COPIES = 0.9
"""Share of the copies that the threshold recognises. Asking for all would let the oddest picture set it."""

MAX_EXAMINED = 10_000
"""Rows examined; of a larger collection a sample. The share is then good to one per cent, and comparing them with a
million rows of width 512 takes a minute or two."""

PAIRS = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that look alike to the model."""

    file_name: str
    other: str
    cosine: float


@dataclass(frozen=True, slots=True)
class NearIdentical:
    """The duplicate rate.

    Attributes:
        rate: share of rows that have a near-identical other row.
        examined: rows looked at.
        threshold: the cosine from which two rows count as near-identical.
        copies: re-saved pictures that the threshold was measured with.
        pairs: the closest pairs, the closest first.
    """

    rate: Estimate
    examined: int
    threshold: float
    copies: int
    pairs: list[Pair]


def measure_near_identical(
    collection: Collection, index: VectorIndex, encoder: Encoder, progress: bool = False
) -> NearIdentical | None:
    """Measure the duplicate rate, or return None where there is but one row."""
    if len(index) == 1:
        return None
    cosines = _copies_cosines(collection, index, encoder, progress)
    threshold = float(np.quantile(cosines, 1 - PASSED_COPIES))
    examined = sample_rows(len(index), MAX_EXAMINED)
    queries = np.stack([index.vector(int(row)) for row in examined])
    with tqdm(total=len(index), desc="Looking for duplicates", unit=" rows", disable=not progress) as bar:
        scores, others = nearest_others(collection.vectors, examined, queries, bar.update)
    alike = int(np.count_nonzero(scores >= threshold))
    return NearIdentical(
        rate=wilson(alike, len(examined)),
        examined=len(examined),
        threshold=threshold,
        copies=len(cosines),
        pairs=_closest(collection, examined, others, scores, threshold),
    )


def sample_rows(rows: int, most: int) -> np.ndarray:
    """All rows, or `most` of them drawn at random without replacement; ascending."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(SEED).choice(rows, most, replace=False))


def resaved(image: Image.Image) -> Image.Image:
    """The picture as it comes back from a smaller, compressed copy."""
    size = (max(1, round(image.width * COPY_SCALE)), max(1, round(image.height * COPY_SCALE)))
    file = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=COPY_QUALITY)
    with Image.open(file, formats=("JPEG",)) as copy:
        return copy.convert("RGB")


def _copies_cosines(collection: Collection, index: VectorIndex, encoder: Encoder, progress: bool) -> np.ndarray:
    cosines = []
    rows = sample_rows(len(index), COPIES).tolist()
    for row in tqdm(rows, desc="Comparing pictures with copies", unit=" pictures", disable=not progress):
        [picture] = collection.pictures([row])
        try:
            copy = resaved(decode(picture.data, OWN_PICTURES))
        except PictureError:  # a later Pillow may refuse what an earlier one took
            continue
        cosines.append(float(encoder.encode_images([copy])[0] @ index.vector(row)))
    return np.array(cosines or [1.0])


def _closest(
    collection: Collection, rows: np.ndarray, others: np.ndarray, scores: np.ndarray, threshold: float
) -> list[Pair]:
    order = np.argsort(-scores, kind="stable")
    pairs = {
        (min(row, other), max(row, other)): float(score)
        for row, other, score in zip(rows[order].tolist(), others[order].tolist(), scores[order].tolist(), strict=True)
        if score >= threshold
    }
    closest = list(pairs.items())[:PAIRS]
    names = [row["file_name"] for row in collection.metadata([row for pair, _ in closest for row in pair])]
    return [Pair(names[2 * i], names[2 * i + 1], min(1.0, score)) for i, (_, score) in enumerate(closest)]
