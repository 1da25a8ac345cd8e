"""The kept form of a collection: Arrow shards, memory-mapped.

A shard holds the undecoded bytes, the metadata and the vector of each row side by side, so that a vector can
never belong to another row's picture; and, in its schema, the pictures that were passed over among those rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search_core.query import StoredPicture

if TYPE_CHECKING:
    from datasets import Dataset, Features

RESERVED = ("image", "sha256", "difference_hash", "embedding")
"""Columns of the kept form that a collection's own metadata cannot use."""

_UNREADABLE_KEY = b"vignette.unreadable"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A picture that was passed over, and why."""

    file_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A picture to keep: its metadata (`file_name` among them), the file's bytes, and its difference hash."""

    metadata: dict[str, str]
    data: bytes
    difference_hash: int


def write_shard(
    path: Path,
    columns: Sequence[str],
    rows: Sequence[KeptRow],
    vectors: np.ndarray,
    unreadable: Sequence[Unreadable],
) -> None:
    """Write one shard.

    Args:
        path: the file; `store.write_whole` hands one that is renamed into place afterwards.
        columns: the metadata columns, given apart because a shard may hold no row.
        rows: the pictures that were read, with a value for each column.
        vectors: their unit vectors, shape (len(rows), width); kept as float16.
        unreadable: the pictures that were passed over.
    """
    import pyarrow as pa  # late: the layout of a shard is decided in this module alone

    table = _table(columns, rows, vectors.astype(np.float16), unreadable)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)


def unreadable_of(shard: Path) -> list[Unreadable]:
    """Read which pictures were passed over when a shard was written."""
    import pyarrow as pa

    with pa.memory_map(str(shard)) as file, pa.ipc.open_stream(file) as stream:
        return [Unreadable(**entry) for entry in json.loads(stream.schema.metadata[_UNREADABLE_KEY])]


def without_rows(shard: Path, path: Path, gone: Sequence[int]) -> None:
    """Write a shard again without some of its rows; who was passed over stays on record."""
    import pyarrow as pa

    with pa.memory_map(str(shard)) as file, pa.ipc.open_stream(file) as stream:
        table = stream.read_all()
    kept = np.setdiff1d(np.arange(len(table)), gone)
    table = table.take(kept)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)


def _table(
    columns: Sequence[str], rows: Sequence[KeptRow], vectors: np.ndarray, unreadable: Sequence[Unreadable]
) -> Any:
    import pyarrow as pa

    values: dict[str, Any] = {name: [row.metadata[name] for row in rows] for name in columns}
    values["image"] = [{"bytes": row.data, "path": row.metadata["file_name"]} for row in rows]
    values["sha256"] = [hashlib.sha256(row.data).hexdigest() for row in rows]
    values["difference_hash"] = [f"{row.difference_hash:016x}" for row in rows]
    values["embedding"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    schema = _features(columns, vectors.shape[1]).arrow_schema
    notes = {_UNREADABLE_KEY: json.dumps([asdict(entry) for entry in unreadable])}
    return pa.Table.from_pydict(values, schema=schema.with_metadata(schema.metadata | notes))


def _features(columns: Sequence[str], width: int) -> Features:
    """Types of the kept form: metadata as strings, `image` undecoded, `embedding` of shape (width,), float16."""
    from datasets import Features, Image, List, Value  # late: importing datasets takes a second

    return Features(
        {column: Value("string") for column in columns}
        | {
            "image": Image(decode=False),
            "sha256": Value("string"),
            "difference_hash": Value("string"),
            "embedding": List(Value("float16"), length=width),
        }
    )


class Collection:
    """The kept form of a collection: read-only, memory-mapped, safe from several threads.

    Args:
        shards: Arrow stream files, in row order.
    """

    def __init__(self, shards: Sequence[Path]) -> None:
        from datasets import Dataset, concatenate_datasets

        data: Dataset = concatenate_datasets([Dataset.from_file(str(shard)) for shard in shards])
        self._data = data
        self._metadata = data.select_columns([name for name in data.column_names if name not in RESERVED])

    def __len__(self) -> int:
        return len(self._data)

    @property
    def columns(self) -> list[str]:
        """Names of the metadata columns."""
        return list(self._metadata.column_names)

    def column(self, name: str) -> Any:
        """A metadata column as a pyarrow ChunkedArray of strings; empty where a row's source had no such column."""
        import pyarrow.compute as pc

        return pc.fill_null(self._metadata.data.column(name), "")

    def metadata(self, rows: Sequence[int]) -> list[dict[str, str]]:
        """Read the metadata of some rows, without their pictures."""
        table = self._metadata[list(rows)]
        return [{name: table[name][i] or "" for name in table} for i in range(len(rows))]

    def pictures(self, rows: Sequence[int]) -> list[StoredPicture]:
        """Read the stored files of some rows, undecoded."""
        images: list[dict[str, Any]] = self._data[list(rows)]["image"]
        return [
            StoredPicture(row, image["bytes"], metadata["file_name"], metadata)
            for row, image, metadata in zip(rows, images, self.metadata(rows), strict=True)
        ]

    def vectors(self) -> Iterator[np.ndarray]:
        """Yield the vectors chunk by chunk, each of shape (rows, width), float16, in row order."""
        for chunk in self._data.data.column("embedding").chunks:
            yield np.asarray(chunk.flatten()).reshape(len(chunk), -1)

    def vector(self, row: int) -> np.ndarray:
        """The vector of one row, shape (width,), float16."""
        return np.asarray(self._data.data.column("embedding").slice(row, 1).combine_chunks().flatten())

    def sha256s(self) -> list[str]:
        """The checksums of all rows."""
        values: list[str] = self._data.data.column("sha256").to_pylist()
        return values

    def difference_hash(self, row: int) -> int:
        """The difference hash of one row; see `duplicates`."""
        return int(self._data.data.column("difference_hash")[row].as_py(), 16)

    def sha256(self, row: int) -> str:
        """The checksum that a row's file had when it was embedded."""
        value: str = self._data.data.column("sha256")[row].as_py()
        return value

    def difference_hashes(self) -> list[int]:
        """The difference hash of each row; see `duplicates`."""
        return [int(value, 16) for value in self._data.data.column("difference_hash").to_pylist()]

    def fingerprint(self) -> str:
        """SHA-256 over each row's metadata and picture, so that no row can be changed, moved or lost unseen.

        Column by column, over the lengths of the values and over their bytes; how the rows are cut into shards makes
        no difference. Works on the mapped files, a shard at a time.
        """
        import pyarrow.compute as pc

        digest = hashlib.sha256()
        for name in sorted({*self.columns, "sha256"}):
            lengths, values = hashlib.sha256(), hashlib.sha256()
            for chunk in self._data.data.column(name).chunks:
                texts = pc.fill_null(chunk, "")
                lengths.update(np.asarray(pc.binary_length(texts), dtype="<i4").tobytes())
                values.update(_bytes_of(texts))
            digest.update(name.encode() + lengths.digest() + values.digest())
        return digest.hexdigest()


def _bytes_of(texts: Any) -> memoryview:
    """The values of an Arrow array of strings, one after the other, without a copy."""
    _, offsets, data = texts.buffers()
    if len(texts) == 0 or data is None:
        return memoryview(b"")
    bounds = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[bounds[0] : bounds[-1]]
