"""A collection of a million rows, made in seconds: what a build leaves before the last step, without the model's work.

Shards are written by the code that a build uses, with as many rows each; only the vectors and difference hashes are
drawn by chance. Pictures are real PNG files of a few hundred bytes that differ in a comment, so that no two have the
same checksum.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from search_core.collection import KeptRow, write_shard
from search_core.embedding import SHARD_ROWS
from search_core.encoder import unit
from search_core.generation import shard_path
from tests.conftest import MODEL
from tests.search_core.pictures import chunk, encoded, gradient

WIDTH = 64
COLUMNS = ("file_name", "label", "title", "year", "mark")
RARE = 5_000
"""One row in so many has the mark `rare`."""

NEAR = 100
"""One row in so many is nearly the same as the one before it."""

CROWD = 50
"""One row in so many has the difference hash of a blank page, and nothing else in common with the others."""

_END = 12
"""Bytes of a PNG's last chunk."""


def narrow_model(folder: Path) -> Path:
    """The sample model with its projections cut to `WIDTH` numbers: a real encoder of shorter vectors."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(MODEL, folder)
    weights = load_file(folder / "model.safetensors")
    for name in ("text_projection.weight", "visual_projection.weight"):
        weights[name] = weights[name][:WIDTH].contiguous()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(settings | {"projection_dim": WIDTH}), encoding="utf-8")
    return folder


def write_rows(building: Path, rows: int) -> None:
    """Write the shards of a collection of so many rows, in 10,000 loose clusters, into a build in progress."""
    random = np.random.default_rng(0)
    centres = unit(random.standard_normal((10_000, WIDTH), np.float32))
    pictures = [encoded(gradient(24 + n, 16)) for n in range(8)]
    for number, start in enumerate(range(0, rows, SHARD_ROWS)):
        numbers = np.arange(start, min(start + SHARD_ROWS, rows))
        hashes = random.integers(0, 2**64, len(numbers), np.uint64)
        hashes[numbers % CROWD == 0] = 0
        noise = random.standard_normal((len(numbers), WIDTH), np.float32) * 0.7 / np.sqrt(WIDTH)
        vectors = unit(centres[random.integers(0, len(centres), len(numbers))] + noise)
        near = np.flatnonzero(numbers[1:] % NEAR == NEAR - 1) + 1
        hashes[near], vectors[near] = hashes[near - 1] ^ np.uint64(0b101), vectors[near - 1]
        kept = [
            KeptRow(metadata(row), numbered(pictures[row % len(pictures)], row), value)
            for row, value in zip(numbers.tolist(), hashes.tolist(), strict=True)
        ]
        write_shard(shard_path(building, number), COLUMNS, kept, vectors, [])


def metadata(row: int) -> dict[str, str]:
    """What the collection says of a row: a file name as the British Library's, and columns as they are made of it."""
    year, title = str(1500 + row % 400), f"The picture {row} of a book on ships and castles"
    name = f"{year}/{row:09d}_0_000579_1_[{title}]_{year}.jpg"
    return dict(zip(COLUMNS, (name, year, title, year, "rare" if row % RARE == RARE // 2 else "common"), strict=True))


def numbered(png: bytes, number: int) -> bytes:
    """The same picture with a number in a comment."""
    return png[:-_END] + chunk(b"tEXt", b"number\0%d" % number) + png[-_END:]
