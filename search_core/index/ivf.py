"""An inverted file over half-precision unit vectors, by Faiss: it looks only into the lists nearest to a query.

Every vector stands in the list of its nearest centroid. A search probes a fixed number of lists and is exact within
them, so it misses exactly those neighbours that stand in other lists; how many that are is measured when the index is
chosen (`choose`), and kept in the last bytes of its file together with the number of lists to probe.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from search_core.errors import StoreError
from search_core.index import gpu
from search_core.index.mapped import check, read_mapped

NEAR = gpu.MAX_K
"""Places at the head of a ranking that the probed lists fill, as many as a GPU returns; leafing ends before. What is
further down, which filters can ask for, comes from an exact search."""

_NOTE_BYTES = 128
"""The note behind Faiss's own bytes, which do not tell their end, is padded to this length."""


class IvfIndex:
    """An approximate index of known recall; see `gpu` for what its place on a GPU asks of the caller.

    Deeper than `NEAR`, or than what the probed lists hold, a ranking goes on with all other rows in exact order. The
    few that the probed lists missed come behind that seam, with scores that may be above the ones before it: so
    every shorter ranking stays the head of every longer one, and no row is ever lost or shown twice.
    """

    kind: ClassVar[str] = "ivf-fp16"

    def __init__(self, faiss_index: Any, nprobe: int, recall: float, searcher: Any | None = None) -> None:
        self._index, self._nprobe, self._recall = faiss_index, nprobe, recall
        self._searcher = searcher or faiss_index

    @classmethod
    def build(cls, trained: Any, assigned: Iterable[tuple[np.ndarray, np.ndarray]], nprobe: int, recall: float) -> Self:
        """Fill a trained index.

        Args:
            trained: what `train` returned.
            assigned: vectors, shape (rows, width), float32, in row order, and the list of each, shape (rows,).
            nprobe: lists to probe.
            recall: share of the true neighbours found so, as measured.
        """
        import faiss

        for vectors, lists in assigned:
            contiguous, numbers = np.ascontiguousarray(vectors), np.ascontiguousarray(lists, dtype=np.int64)
            trained.add_core(len(contiguous), faiss.swig_ptr(contiguous), None, faiss.swig_ptr(numbers))
        trained.make_direct_map()  # rows are looked up by number, too
        return cls(trained, nprobe, recall)

    @classmethod
    def load(cls, path: Path, device: str = "cpu") -> Self:
        """Map a saved index and place it on a device.

        Raises:
            StoreError: if the file cannot be read.
            ManifestMismatch: if it holds an index of another type or metric.
        """
        index = read_mapped(path)
        check(index, "IndexIVFScalarQuantizer", cls.kind, path)
        nprobe, recall = _read_note(path)
        on_gpu = gpu.wanted(device) and nprobe <= gpu.MAX_K  # the limit holds for lists as well
        return cls(index, nprobe, recall, _on_gpu(index, device) if on_gpu else None)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self._index.d)

    @property
    def recall(self) -> float:
        """Share of the true nearest neighbours that a search finds, as measured when it was built."""
        return self._recall

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the k nearest rows of each query; see `VectorIndex.search`."""
        queries, k = np.ascontiguousarray(queries, dtype=np.float32), min(k, len(self))
        scores, rows = self._probe(self._searcher, queries, min(k, NEAR), self._nprobe)
        found = (rows >= 0).sum(axis=1)
        if (found == k).all():
            return scores, rows
        whole = [self._deeper(*one, k) for one in zip(queries, scores, rows, found, strict=True)]
        return np.stack([one[0] for one in whole]), np.stack([one[1] for one in whole])

    def vector(self, row: int) -> np.ndarray:
        """The stored vector of a row, shape (width,), float32."""
        vector: np.ndarray = self._index.reconstruct(row)
        return vector

    def vectors(self, rows: np.ndarray) -> np.ndarray:
        """The stored vectors of some rows, shape (len(rows), width), float32."""
        if len(rows) == 0:
            return np.empty((0, self.width), np.float32)
        vectors: np.ndarray = self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))
        return vectors

    def save(self, path: Path) -> None:
        """Write it to a file, with the note at its end."""
        import faiss

        faiss.write_index(self._index, str(path))
        note = json.dumps({"nprobe": self._nprobe, "recall": self._recall})
        with path.open("ab") as file:
            file.write(note.encode().rjust(_NOTE_BYTES))

    def _deeper(
        self, query: np.ndarray, scores: np.ndarray, rows: np.ndarray, found: int, k: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """The rows that the probed lists gave, and behind them the best of all others, k in all."""
        scores, rows = scores[:found], rows[:found]
        if found == k:
            return scores, rows
        [all_scores], [all_rows] = self._probe(self._index, query[np.newaxis], k, self._index.nlist)
        others = ~np.isin(all_rows, rows)
        return np.append(scores, all_scores[others])[:k], np.append(rows, all_rows[others])[:k]

    def _probe(self, searcher: Any, queries: np.ndarray, k: int, nprobe: int) -> tuple[np.ndarray, np.ndarray]:
        """Search some lists; row -1 fills up where they hold fewer than k. The shared index stays untouched."""
        import faiss

        parameters = faiss.SearchParametersIVF()
        parameters.nprobe = nprobe
        scores, rows = searcher.search(queries, k, params=parameters)
        order = np.lexsort((rows, -scores), axis=-1)
        return np.take_along_axis(scores, order, -1), np.take_along_axis(rows, order, -1)


def train(sample: np.ndarray, lists: int) -> Any:
    """Place the centroids of an empty index.

    Args:
        sample: unit vectors, shape (rows, width), float32, at least as many as lists.
        lists: how many centroids.
    """
    import faiss

    width = sample.shape[1]
    centroids = faiss.IndexFlatIP(width)
    index = faiss.IndexIVFScalarQuantizer(
        centroids, width, lists, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    index.by_residual = False  # a stored vector is then the same, bit for bit, as the one beside the picture
    index.cp.min_points_per_centroid = 1  # `choose` sees to the size of the sample; Faiss would print a warning
    index.train(np.ascontiguousarray(sample, dtype=np.float32))
    return index


def _read_note(path: Path) -> tuple[int, float]:
    try:
        with path.open("rb") as file:
            file.seek(-_NOTE_BYTES, 2)
            note = json.loads(file.read())
        return int(note["nprobe"]), float(note["recall"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} has lost its end. Build the index again.") from error


def _on_gpu(index: Any, device: str) -> Any:
    import faiss

    return faiss.index_cpu_to_gpu(gpu.resources(), gpu.number(device), index)
