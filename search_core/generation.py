"""One finished generation of an index directory: its files, opened and checked against its manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from search_core import store
from search_core.collection import Collection, Unreadable
from search_core.duplicates import Duplicates
from search_core.errors import StoreError
from search_core.index import METRIC, VectorIndex, open_index
from search_core.store import Manifest

_ROWS, _INDEX_FILE, _UNREADABLE_FILE, _DUPLICATES_FILE = "rows", "index.faiss", "unreadable.json", "duplicates.json"
_REMOVED_FILE = "removed.json"
_CONSTANTS = {"metric": METRIC, "normalisation": store.NORMALISATION, "vector_dtype": store.VECTOR_DTYPE}


def shard_path(generation: Path, number: int) -> Path:
    """Where a shard of rows stands."""
    return generation / _ROWS / f"shard-{number:05d}.arrow"


def shards(generation: Path) -> list[Path]:
    """All shards that are there, in row order."""
    return sorted((generation / _ROWS).glob("shard-*.arrow"))


def write_index(generation: Path, index: VectorIndex, unreadable: Sequence[Unreadable]) -> VectorIndex:
    """Write the index and the report of passed-over pictures; return the index as it is on disk, mapped."""
    store.write_whole(generation / _INDEX_FILE, index.save)
    report = json.dumps([asdict(entry) for entry in unreadable], indent=2, ensure_ascii=False)
    store.write_whole(generation / _UNREADABLE_FILE, lambda path: path.write_text(report, encoding="utf-8"))
    return open_index(index.kind, generation / _INDEX_FILE)


def read_unreadable(generation: Path) -> list[Unreadable]:
    """Read the report of passed-over pictures."""
    return [Unreadable(**entry) for entry in _read_list(generation / _UNREADABLE_FILE)]


def write_duplicates(generation: Path, duplicates: Duplicates) -> None:
    """Write which rows show nearly the same picture."""
    text = json.dumps(duplicates.groups)
    store.write_whole(generation / _DUPLICATES_FILE, lambda path: path.write_text(text, encoding="utf-8"))


def read_duplicates(generation: Path) -> Duplicates:
    """Read which rows show nearly the same picture."""
    return Duplicates(_read_list(generation / _DUPLICATES_FILE))


def write_removed(generation: Path, checksums: Iterable[str]) -> None:
    """Write the SHA-256 of pictures that were removed and must not come back."""
    text = json.dumps(sorted(checksums))
    store.write_whole(generation / _REMOVED_FILE, lambda path: path.write_text(text, encoding="utf-8"))


def read_removed(generation: Path) -> frozenset[str]:
    """Read the SHA-256 of pictures that were removed."""
    return frozenset(_read_list(generation / _REMOVED_FILE))


def _read_list(path: Path) -> list[Any]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path} is missing or damaged. Restore it, or delete the directory and build again."
        ) from error
    if not isinstance(entries, list):
        raise StoreError(f"{path} holds no list. Restore it, or delete the directory and build again.")
    return entries


def hash_reports(generation: Path) -> str:
    """SHA-256 over the reports of passed-over pictures, near-duplicates and removed pictures.

    Raises:
        StoreError: if one of them is missing or damaged.
    """
    reports = [_read_list(generation / name) for name in (_UNREADABLE_FILE, _DUPLICATES_FILE, _REMOVED_FILE)]
    return hashlib.sha256(json.dumps(reports, sort_keys=True).encode()).hexdigest()


def open_generation(generation: Path, manifest: Manifest, device: str = "cpu") -> tuple[Collection, VectorIndex]:
    """Open a generation's collection and index, and check them against its manifest.

    Raises:
        StoreError: if a file is missing or cannot be read.
        ManifestMismatch: naming the field that a file does not fit.
    """
    try:
        collection = Collection(shards(generation))
    except Exception as error:  # pyarrow and datasets raise several kinds for damaged files
        raise StoreError(f"The rows in {generation} cannot be read. Build the index again.") from error
    index = open_index(manifest.index_type, generation / _INDEX_FILE, device)
    store.check_field("rows", manifest.rows, len(collection))
    store.check_field("rows", manifest.rows, len(index))
    store.check_field("width", manifest.encoder.width, index.width)
    store.check_field("recall", manifest.recall, index.recall)
    for name, value in _CONSTANTS.items():
        store.check_field(name, getattr(manifest, name), value)
    store.check_field("reports", manifest.reports, hash_reports(generation))
    store.check_field("unreadable", manifest.unreadable, len(read_unreadable(generation)))
    store.check_field("source_fingerprint", manifest.source_fingerprint, collection.fingerprint())
    collection.release()
    return collection, index
