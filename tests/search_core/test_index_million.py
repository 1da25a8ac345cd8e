"""More than a million rows get an inverted file: built, mapped, and searched within the memory that the README states.

The exact index, and everything else that an index directory holds, is tested in `test_million`.

The process that searches is a child of its own, so that what building took cannot hide what searching takes. The
system tells its anonymous memory (its own) from pages of files (the system's cache, shared and given up at need).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from search_core.encoder import unit
from search_core.index import IvfIndex, choose, choose_index, open_index
from search_core.index.choose import MAX_LISTS, RECALL
from tests.conftest import ROOT

ROWS, WIDTH = 1_001_000, 64
CHUNK = 20_000

OWN_BYTES_PER_ROW = 8
"""What a process that searches holds of its own for each row: where the row stands."""

OWN_BYTES = 32 * 1024**2
"""Beside that: the centroids, and what one search and a thousand vectors need."""

FILE_BYTES_PER_ROW = 2 * WIDTH + 8 + 8
"""The vector, the row's number and where it stands."""

FILE_BYTES = MAX_LISTS * (4 * WIDTH + 32) + 4_096

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="tells memory apart on Linux only")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """Vectors in 10,000 loose clusters, on disk, as they lie beside the pictures of a collection."""
    path = tmp_path_factory.mktemp("million") / "vectors.npy"
    vectors = np.lib.format.open_memmap(path, "w+", np.float16, (ROWS, WIDTH))
    random = np.random.default_rng(0)
    centres = unit(random.standard_normal((10_000, WIDTH), np.float32))
    for start in range(0, ROWS, CHUNK):
        part = vectors[start : start + CHUNK]
        noise = random.standard_normal(part.shape, np.float32) * 0.7 / np.sqrt(WIDTH)
        part[:] = unit(centres[random.integers(0, len(centres), len(part))] + noise)
    return vectors


def _chunks(vectors: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, ROWS, CHUNK):
        yield vectors[start : start + CHUNK]


def test_more_than_a_million_rows_are_searched_within_the_stated_memory(
    stored: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One number of lists saves half a minute; that the cheapest of several is taken is tested on fewer rows.
    monkeypatch.setattr(choose, "LISTS_PER_ROOT", (1,))
    path = tmp_path / "index.faiss"
    built = choose_index(lambda: _chunks(stored), ROWS, WIDTH)
    built.save(path)
    asked = np.arange(0, ROWS, ROWS // 50)
    np.save(tmp_path / "queries.npy", stored[asked].astype(np.float32))
    del built

    answer = _in_a_child(IvfIndex.kind, path, tmp_path / "queries.npy")

    assert answer["rows"] == ROWS
    assert answer["recall"] >= RECALL
    assert np.mean(np.array(answer["nearest"]) == asked) > 0.98  # each finds itself
    assert answer["deep"] == 5_000
    file_bytes = path.stat().st_size
    assert file_bytes <= FILE_BYTES_PER_ROW * ROWS + FILE_BYTES
    assert answer["own"] <= OWN_BYTES_PER_ROW * ROWS + OWN_BYTES
    assert answer["mapped"] <= file_bytes + OWN_BYTES


def _in_a_child(kind: str, path: Path, queries: Path) -> dict[str, float]:
    code = f"import sys; from {__name__} import search_and_measure; search_and_measure(*sys.argv[1:])"
    command = [sys.executable, "-c", code, kind, str(path), str(queries)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def search_and_measure(kind: str, path: str, queries: str) -> None:
    """What the child does: map, search as an engine does and as deep as a filter can ask, and tell what it took."""
    import faiss

    asked = np.load(queries)
    faiss.IndexFlatIP(WIDTH).search(asked, 1)  # what the library takes for itself is not the index's
    before = _memory()
    index = open_index(kind, Path(path))
    nearest = [int(index.search(query[np.newaxis], 10)[1][0, 0]) for query in asked]
    deep = index.search(asked[:1], 5_000)[1]
    index.vectors(np.arange(0, len(index), len(index) // 1_000))
    after = _memory()
    measured = {"own": after["Anonymous"] - before["Anonymous"], "rows": len(index), "recall": index.recall}
    measured["mapped"] = after["Rss"] - before["Rss"] - measured["own"]
    print(json.dumps(measured | {"nearest": nearest, "deep": deep.shape[1]}))


def _memory() -> dict[str, int]:
    """Bytes of this process in memory: `Rss` all of them, `Anonymous` those that no file backs."""
    lines = [line.split() for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]]
    return {line[0].rstrip(":"): int(line[1]) * 1024 for line in lines}
