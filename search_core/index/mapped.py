"""Index files of Faiss, memory-mapped and checked before anything is searched.

A mapped file costs no memory of the process's own: its pages belong to the system's file cache, which shares them
among processes and drops them when memory is short. Of the flags of Faiss 1.15.1, `IO_FLAG_MMAP_IFC` maps the vectors
of flat and of inverted-file indexes. The older `IO_FLAG_MMAP` copies a flat index whole all the same, and made a query
of an inverted file take 1.9 times as long (200,000 x 128, all lists probed, one thread).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from search_core.errors import ManifestMismatch, StoreError

METRIC = "inner product"


def read_mapped(path: Path) -> Any:
    """Map an index file. It must not change while it is open.

    Raises:
        StoreError: if it is missing, cut short or no index file.
    """
    import faiss  # late: only this package may import it, and only when needed

    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise StoreError(f"{path} cannot be read. Build the index again.") from error


def check(index: Any, class_name: str, kind: str, path: Path) -> None:
    """Refuse an index of another class, precision or metric than its kind says.

    Args:
        index: what `read_mapped` returned.
        class_name: the class in Faiss.
        kind: the `VectorIndex.kind`, for the message.
        path: the file, for the message.

    Raises:
        ManifestMismatch: naming `index_type` or `metric`.
    """
    import faiss

    if not isinstance(index, getattr(faiss, class_name)) or index.sq.qtype != faiss.ScalarQuantizer.QT_fp16:
        raise ManifestMismatch("index_type", f"{path} is no {kind} index. Build the index again.")
    if index.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise ManifestMismatch("metric", f"{path} does not use the {METRIC}. Build the index again.")
