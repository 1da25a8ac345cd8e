"""Index directories of any number of rows, without embedding so many pictures.

The rows' vectors lie in loose clusters, as those of pictures do. For each of the first `PLANTED` prompts nine rows
lie close to its vector and have a picture of the usual size, so that such a query finds a page that a reader would
get; all other rows have one of eight by eight pixels. Everything else (index, near-duplicates, calibration, manifest)
is what a build makes of such rows, by the code that builds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.bench import Bench
from benchmarks.model import make_model
from benchmarks.pictures import pictures
from benchmarks.prompts import prompts

WIDTH = 512
PLANTED = 128
PAGE = 9
ROWS_PER_CLUSTER = 100
SHARD_ROWS = 8_192

_SPREAD = 0.7
"""Length of a row's noise beside its cluster's centre of length one."""

_NEAR = 0.3
"""The same for the rows near a prompt: their cosine with it is about 0.96."""

_SEED = 0


def clustered(rows: int, width: int = WIDTH, seed: int = _SEED) -> Iterator[np.ndarray]:
    """Unit vectors in clusters, in chunks of up to `SHARD_ROWS`, float32."""
    random = np.random.default_rng(seed)
    centres = _unit(random.standard_normal((max(1, rows // ROWS_PER_CLUSTER), width), np.float32))
    for start in range(0, rows, SHARD_ROWS):
        size = min(SHARD_ROWS, rows - start)
        yield near(centres[random.integers(0, len(centres), size)], _SPREAD, random)


def near(vectors: np.ndarray, length: float, random: np.random.Generator) -> np.ndarray:
    """Unit vectors beside others, by noise of a length."""
    noise = random.standard_normal(vectors.shape, np.float32) * (length / np.sqrt(vectors.shape[1]))
    return _unit(vectors + noise)


def index_directory(bench: Bench, rows: int, kind: str = "auto") -> Path:
    """Make an index directory with the benchmark's model, once, and return its path."""
    path = bench.workspace / f"index-{rows}-{kind}"
    if not (path / "CURRENT").is_file():
        _build(bench, path, rows, kind)
    return path


def _build(bench: Bench, path: Path, rows: int, kind: str) -> None:
    from search_core.encoder import Encoder
    from search_core.making import Content, Options, Work, make_plan
    from search_core.store import IndexDirectory

    encoder = Encoder.load(make_model(bench.workspace / "model"), bench.device)
    target = IndexDirectory(path)
    work = Work(target, make_plan("benchmark", rows, kind), Options(kind, progress=False))
    work.prepare()
    planted = near(np.repeat(encoder.encode_texts(prompts(PLANTED)), PAGE, axis=0), _NEAR, np.random.default_rng(_SEED))
    _write_rows(target.building, rows, planted[: rows // 2])
    work.publish(Content(f"{rows} synthetic rows", encoder.fingerprint, frozenset(), encoder.encode_texts))


def _write_rows(building: Path, rows: int, planted: np.ndarray) -> None:
    """Write shards: the planted rows spread among the others, each in its place."""
    from search_core.collection import KeptRow, write_shard
    from search_core.generation import shard_path

    random = np.random.default_rng(_SEED + 1)
    places = dict(zip(random.choice(rows, len(planted), replace=False).tolist(), count()))
    hashes = random.integers(0, 2**63, rows).tolist()
    tiny, first_row = _tiny(), 0
    for shard, vectors in enumerate(clustered(rows)):
        kept = []
        for row in range(first_row, first_row + len(vectors)):
            number = places.get(row)
            data = tiny + b"%d" % row if number is None else next(pictures([number]))
            if number is not None:
                vectors[row - first_row] = planted[number]
            metadata = {"file_name": f"{row}.jpg", "title": f"Picture number {row}", "year": str(1800 + row % 100)}
            kept.append(KeptRow(metadata, data, hashes[row]))
        write_shard(shard_path(building, shard), ("file_name", "title", "year"), kept, vectors, ())
        first_row += len(vectors)


def _tiny() -> bytes:
    """The smallest picture that can be shown; bytes that are added behind its end make another file of it."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", (8, 8), 128).save(buffer, "JPEG", optimize=True)
    return buffer.getvalue()


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths: np.ndarray = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)
