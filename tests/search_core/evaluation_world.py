"""A collection of six pictures in a plane, whose every score can be worked out by hand.

Row i lies at ANGLES[i] degrees and the prompt `at 30 degrees` at 30, so that a score is the cosine of the angle
between. The index is a real one; only encoder and collection are made by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from search_core.index import FlatIndex
from search_core.query import StoredPicture
from tests.search_core.pictures import encoded, gradient

ANGLES = (0, 20, 40, 50, 70, 90)
LABELS = ("a", "a", "b", "a", "b", "b")
PRINT = 30
"""Where every printed word lies, and every copy of a picture."""


def at(angles: Sequence[float]) -> np.ndarray:
    """Unit vectors at some angles in degrees, shape (len(angles), 2), float32."""
    radians = np.radians(angles)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def index(angles: Sequence[float] = ANGLES) -> FlatIndex:
    return FlatIndex.build([at(angles)], 2)


class PlaneEncoder:
    """Reads the angle out of a prompt; a prompt without one lies at 45 degrees."""

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        return at([float(found.group()) if (found := re.search(r"\d+", text)) else 45.0 for text in texts])

    def encode_images(self, images: Sequence[Image.Image]) -> np.ndarray:
        return at([PRINT] * len(images))

    def is_truncated(self, text: str) -> bool:
        return len(text) > 100


class PlaneCollection:
    """Rows with a file name and a label, at some angles."""

    columns = ("file_name", "label")

    def __init__(self, angles: Sequence[float] = ANGLES) -> None:
        self.angles = angles

    def __len__(self) -> int:
        return len(self.angles)

    def metadata(self, rows: Sequence[int]) -> list[dict[str, str]]:
        return [{"file_name": f"{LABELS[row]}/{row}.png", "label": LABELS[row]} for row in rows]

    def pictures(self, rows: Sequence[int]) -> list[StoredPicture]:
        return [StoredPicture(row, encoded(gradient()), f"{row}.png", {}) for row in rows]

    def vectors(self) -> Iterator[np.ndarray]:
        """In chunks of four and two, so that a chunk's border falls among the rows."""
        whole = at(self.angles).astype(np.float16)
        yield whole[:4]
        yield whole[4:]
