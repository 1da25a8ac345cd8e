"""Index directories of any number of rows, without embedding so many pictures.

The rows' vectors lie in loose clusters, as those of pictures do. For each of the first `PLANTED` prompts nine rows
lie close to its vector and have a picture of the usual size, so that such a query finds a page that a reader would
get; all other rows have one of eight by eight pixels. Everything else (index, near-duplicates, calibration, manifest)
is what a build makes of such rows, by the code that builds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.bench import Bench
from benchmarks.model import make_model
from benchmarks.pictures import pictures
from benchmarks.prompts import prompts

if TYPE_CHECKING:
    from search_core.encoder import Encoder

WIDTH = 512
PLANTED = 128
PAGE = 9
ROWS_PER_CLUSTER = 100
CHUNK = 8_192
COLUMNS = ("file_name", "title", "year")

_SPREAD = 0.7
"""Length of a row's noise beside its cluster's centre of length one."""

_NEAR = 0.3
"""The same for the rows near a prompt: their cosine with it is about 0.96."""

_SEED = 0


def clustered(rows: int, width: int = WIDTH, seed: int = _SEED) -> Iterator[np.ndarray]:
    """Unit vectors in clusters, in chunks of up to `CHUNK`, float32."""
    random = np.random.default_rng(seed)
    centres = _unit(random.standard_normal((max(1, rows // ROWS_PER_CLUSTER), width), np.float32))
    for start in range(0, rows, CHUNK):
        size = min(CHUNK, rows - start)
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
    if made := _rows_made(bench, rows):
        work.link(made)
    else:
        _write_rows(target.building, rows, encoder)
    work.publish(Content(f"{rows} synthetic rows", encoder.fingerprint, frozenset(), encoder.encode_texts))


def _rows_made(bench: Bench, rows: int) -> list[Path]:
    """The shards of an index of as many rows, of whatever kind; they share their bytes on disk."""
    from search_core.generation import shards
    from search_core.store import IndexDirectory

    for other in sorted(bench.workspace.glob(f"index-{rows}-*/CURRENT")):
        return shards(IndexDirectory(other.parent).current())
    return []


def _write_rows(building: Path, rows: int, encoder: Encoder) -> None:
    """Write shards as a build does: the planted rows spread among the others."""
    from search_core.collection import KeptRow, write_shard
    from search_core.embedding import SHARD_ROWS
    from search_core.generation import shard_path

    random = np.random.default_rng(_SEED)
    vectors = np.concatenate([*clustered(rows)]).astype(np.float16)
    planted = random.choice(rows, min(rows // 2, PLANTED * PAGE), replace=False)
    vectors[planted] = _near_prompts(encoder, random)[: len(planted)]
    numbers, tiny = dict(zip(planted.tolist(), range(len(planted)), strict=True)), _tiny()

    def kept(row: int) -> KeptRow:
        data = next(pictures([numbers[row]])) if row in numbers else tiny + b"%d" % row
        metadata = {"file_name": f"{row}.jpg", "title": f"Picture number {row}", "year": str(1800 + row % 100)}
        return KeptRow(metadata, data, int(random.integers(0, 2**63)))

    for shard, start in enumerate(range(0, rows, SHARD_ROWS)):
        numbered = range(start, min(start + SHARD_ROWS, rows))
        write_shard(shard_path(building, shard), COLUMNS, [*map(kept, numbered)], vectors[start : numbered.stop], ())


def _near_prompts(encoder: Encoder, random: np.random.Generator) -> np.ndarray:
    """Vectors near those of the first `PLANTED` prompts, `PAGE` of each."""
    return near(np.repeat(encoder.encode_texts(prompts(PLANTED)), PAGE, axis=0), _NEAR, random)


def _tiny() -> bytes:
    """The smallest picture that can be shown; bytes that are added behind its end make another file of it."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", (8, 8), 128).save(buffer, "JPEG", optimize=True)
    return buffer.getvalue()


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths: np.ndarray = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)
