"""Exact search over half-precision unit vectors, by Faiss, on the CPU or on a GPU.

Half precision loses no recall on unit vectors and takes a third of single precision's time (measured on
400,000 x 512 vectors, two cores: recall 1.000, 12.4 ms against 36.5 ms a query).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from search_core.index import gpu
from search_core.index.mapped import check, read_mapped
from search_core.index.parts import Parts, in_parts


class FlatIndex:
    """An exact index; see `gpu` for what its place on a GPU asks of the caller."""

    kind: ClassVar[str] = "flat-fp16"
    recall: ClassVar[float] = 1.0

    def __init__(self, faiss_index: Any, searcher: Any | None = None, parts: Parts | None = None) -> None:
        self._index = faiss_index
        self._searcher = searcher or faiss_index
        self._parts = parts

    @classmethod
    def build(cls, vectors: Iterable[np.ndarray], width: int) -> Self:
        """Index chunks of unit vectors, each of shape (rows, width), in row order."""
        import faiss  # late: only this package may import it, and only when needed

        index = faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        for chunk in vectors:
            index.add(np.ascontiguousarray(chunk, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path, device: str = "cpu") -> Self:
        """Map a saved index and place it on a device.

        Raises:
            StoreError: if the file cannot be read.
            ManifestMismatch: if it holds an index of another type or metric.
        """
        index = read_mapped(path)
        check(index, "IndexScalarQuantizer", cls.kind, path)
        return cls(index, _on_gpu(index, device)) if gpu.wanted(device) else cls(index, parts=in_parts(index))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self._index.d)

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the k nearest rows of each query; see `VectorIndex.search`."""
        k = min(k, len(self))
        scores, rows = self._searcher_for(len(queries), k).search(np.ascontiguousarray(queries, dtype=np.float32), k)
        order = np.lexsort((rows, -scores), axis=-1)[:, :k]
        return np.take_along_axis(scores, order, -1), np.take_along_axis(rows, order, -1)

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
        """Write it to a file."""
        import faiss

        faiss.write_index(self._index, str(path))

    def _searcher_for(self, queries: int, k: int) -> Any:
        """Several queries have a thread each and need no parts; a deeper search than a GPU does goes to the CPU."""
        if self._parts is not None and queries < len(self._parts):
            return self._parts
        return self._searcher if k <= gpu.MAX_K else self._index


def _on_gpu(index: Any, device: str) -> Any:
    """Copy to a GPU as flat half precision: Faiss has no scalar quantiser without inverted lists there."""
    import faiss

    config = faiss.GpuIndexFlatConfig()
    config.device = gpu.number(device)
    config.useFloat16 = True
    on_gpu = faiss.GpuIndexFlatIP(gpu.resources(), index.d, config)
    block = 65_536  # rows at a time: 128 MB of float32 at width 512
    for start in range(0, index.ntotal, block):
        on_gpu.add(index.reconstruct_n(start, min(block, index.ntotal - start)))
    return on_gpu
