"""One mapped index as several, a part for each thread: Faiss scans a flat index for a single query in one thread only.

The parts look at the same mapped bytes, so they cost nothing; which part a row stands in changes neither its score nor
its place in a ranking.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

MIN_BYTES = 4 * 1024**2
"""Of vectors in a part: one core reads as much in a third of a millisecond, and waking another takes a tenth."""


class Parts:
    """The parts of an index, in row order, and the threads that search them.

    Args:
        parts: Faiss indexes.
    """

    def __init__(self, parts: Sequence[Any]) -> None:
        import faiss

        self._parts = parts
        self._first_rows = np.cumsum([0, *(part.ntotal for part in parts[:-1])])
        one_thread_each = partial(faiss.omp_set_num_threads, 1)  # of Faiss's own, within each of these
        self._threads = ThreadPoolExecutor(len(parts), thread_name_prefix="part", initializer=one_thread_each)

    def __len__(self) -> int:
        return len(self._parts)

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Find k or more candidates for the nearest rows, in no order: those of each part.

        Args:
            queries: shape (n, width), float32.
            k: neighbours wanted of each part; one that holds fewer gives all.

        Returns:
            Scores and rows, each of shape (n, up to parts * k).
        """
        found = list(self._threads.map(lambda part: part.search(queries, min(k, part.ntotal)), self._parts))
        rows = [rows + first for (_, rows), first in zip(found, self._first_rows, strict=True)]
        return np.concatenate([scores for scores, _ in found], axis=1), np.concatenate(rows, axis=1)


def in_parts(index: Any) -> Parts | None:
    """Divide a flat scalar-quantiser index whose vectors are mapped (`mapped.read_mapped`) among Faiss's threads.

    Args:
        index: the index; its file stays mapped as long as a part is there.

    Returns:
        The parts, or None where dividing gains nothing.
    """
    import faiss

    rows = int(index.ntotal)
    count = min(faiss.omp_get_max_threads(), rows * index.code_size // MIN_BYTES)
    if count < 2 or index.codes.is_owned:
        return None
    bounds = [rows * number // count for number in range(count + 1)]
    return Parts([_part(index, first, end) for first, end in pairwise(bounds)])


def _part(index: Any, first: int, end: int) -> Any:
    import faiss

    size = (end - first) * index.code_size
    codes = (ctypes.c_uint8 * size).from_address(int(index.codes.data()) + first * index.code_size)
    address = faiss.swig_ptr(np.ctypeslib.as_array(codes))
    part = faiss.IndexScalarQuantizer(index.d, index.sq.qtype, index.metric_type)
    part.codes = faiss.MaybeOwnedVectorUInt8.create_view(address, size, index.codes.owner)  # type: ignore[attr-defined]
    part.ntotal, part.is_trained = end - first, True
    return part
