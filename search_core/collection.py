"""The kept form of a collection: Arrow shards, memory-mapped.

A shard holds the undecoded bytes, the metadata and the vector of each row side by side, so that a vector can
never belong to another row's picture; and, in its schema, the pictures that were passed over among those rows.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import mmap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search_core.query import StoredPicture

if TYPE_CHECKING:
    from datasets import Features

RESERVED = ("image", "sha256", "difference_hash", "embedding")
"""Columns of the kept form that a collection's own metadata cannot use."""

CHECKSUM = np.dtype("S32")
"""The 32 bytes of a SHA-256 in an array. Half of what their digits take, and a fifth of what Python's strings do."""

BATCH_BYTES = 256 * 1024**2
"""Bytes of pictures in one record batch of a shard: Arrow counts those of a batch in 31 bits."""

_UNREADABLE_KEY = b"vignette.unreadable"

_HASHED_TOGETHER = 2 * 1024**2
"""Bytes of a column that are brought together for the fingerprint, from as many shards as it takes."""


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
    schema = _schema(columns, vectors.shape[1], unreadable)
    parts = _cut(rows)
    _write(path, schema, (_batch(schema, rows[part], vectors[part].astype(np.float16)) for part in parts))


def unreadable_of(shard: Path) -> list[Unreadable]:
    """Read which pictures were passed over when a shard was written."""
    import pyarrow as pa

    with pa.memory_map(str(shard)) as file, pa.ipc.open_stream(file) as stream:
        return [Unreadable(**entry) for entry in json.loads(stream.schema.metadata[_UNREADABLE_KEY])]


def without_rows(shard: Path, path: Path, gone: np.ndarray) -> None:
    """Write a shard again without some of its rows; who was passed over stays on record."""
    table = _mapped(shard)
    batches = table.to_batches()
    kept = np.isin(np.arange(len(table)), gone, invert=True)
    parts = np.split(kept, np.cumsum([len(batch) for batch in batches])[:-1])
    _write(path, table.schema, (batch.filter(part) for batch, part in zip(batches, parts, strict=True)))


def count_rows(shard: Path) -> int:
    """How many rows a shard holds."""
    return len(_mapped(shard))


def _mapped(shard: Path) -> Any:
    """A shard as a pyarrow Table, memory-mapped."""
    return _table(_map(shard))


def _map(shard: Path) -> Any:
    """A whole file as a pyarrow Buffer, memory-mapped for as long as anything of it is in use."""
    import pyarrow as pa

    with pa.memory_map(str(shard)) as file:
        return file.read_buffer()


def _table(file: Any) -> Any:
    import pyarrow as pa

    with pa.ipc.open_stream(file) as stream:
        return stream.read_all()


def _write(path: Path, schema: Any, batches: Iterable[Any]) -> None:
    import pyarrow as pa  # late: the layout of a shard is decided in this module alone

    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as stream:
        for batch in filter(len, batches):
            stream.write_batch(batch)


def _cut(rows: Sequence[KeptRow]) -> Iterator[slice]:
    """Cut rows into parts of at most `BATCH_BYTES`, or of one row."""
    start, held = 0, 0
    for number, row in enumerate(rows):
        if number > start and held + len(row.data) > BATCH_BYTES:
            yield slice(start, number)
            start, held = number, 0
        held += len(row.data)
    yield slice(start, len(rows))


def _batch(schema: Any, rows: Sequence[KeptRow], vectors: np.ndarray) -> Any:
    import pyarrow as pa

    values: dict[str, Any] = {
        name: [row.metadata[name] for row in rows] for name in schema.names if name not in RESERVED
    }
    values["image"] = [{"bytes": row.data, "path": row.metadata["file_name"]} for row in rows]
    values["sha256"] = [hashlib.sha256(row.data).hexdigest() for row in rows]
    values["difference_hash"] = [f"{row.difference_hash:016x}" for row in rows]
    values["embedding"] = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    return pa.RecordBatch.from_pydict(values, schema=schema)


def _schema(columns: Sequence[str], width: int, unreadable: Sequence[Unreadable]) -> Any:
    schema = _features(columns, width).arrow_schema
    notes = {_UNREADABLE_KEY: json.dumps([asdict(entry) for entry in unreadable])}
    return schema.with_metadata(schema.metadata | notes)


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

    Opening a shard costs 0.1 ms: a `datasets.Dataset` of each, which the files are as well, costs 4 ms.

    Args:
        shards: Arrow stream files, in row order; at least one.
    """

    def __init__(self, shards: Sequence[Path]) -> None:
        import pyarrow as pa

        self._files = [_map(shard) for shard in shards]
        self._table = pa.concat_tables(map(_table, self._files), promote_options="default")
        # A column of a table is made anew, of all its chunks, each time that it is asked for.
        self._cells = dict(zip(self._table.column_names, self._table.columns, strict=True))
        self._columns = [name for name in self._cells if name not in RESERVED]

    def __len__(self) -> int:
        return len(self._table)

    @property
    def columns(self) -> list[str]:
        """Names of the metadata columns."""
        return list(self._columns)

    def column(self, name: str) -> Any:
        """A metadata column as a pyarrow ChunkedArray of strings; empty where a row's source had no such column."""
        import pyarrow.compute as pc

        return pc.fill_null(self._cells[name], "")

    def metadata(self, rows: Sequence[int]) -> list[dict[str, str]]:
        """Read the metadata of some rows, without their pictures."""
        columns = {name: self._cells[name] for name in self._columns}
        return [{name: column[row].as_py() or "" for name, column in columns.items()} for row in rows]

    def pictures(self, rows: Sequence[int]) -> list[StoredPicture]:
        """Read the stored files of some rows, undecoded."""
        images = self._cells["image"]
        return [
            StoredPicture(row, images[row]["bytes"].as_py(), metadata["file_name"], metadata, self.sha256(row))
            for row, metadata in zip(rows, self.metadata(rows), strict=True)
        ]

    def files(self) -> Iterator[memoryview]:
        """The stored file of each row, undecoded and not copied, in row order."""
        for chunk in self._cells["image"].chunks:
            texts = chunk.field("bytes")
            bounds, data = _bounds_of(texts), memoryview(texts.buffers()[2] or b"")
            yield from (data[start:stop] for start, stop in pairwise(bounds.tolist()))

    def vectors(self) -> Iterator[np.ndarray]:
        """Yield the vectors chunk by chunk, each of shape (rows, width), float16, in row order."""
        for chunk in self._cells["embedding"].chunks:
            yield np.asarray(chunk.flatten()).reshape(len(chunk), -1)

    def vector(self, row: int) -> np.ndarray:
        """The vector of one row, shape (width,), float16."""
        return np.asarray(self._cells["embedding"][row].values)

    def sha256(self, row: int) -> str:
        """The checksum that a row's file had when it was embedded."""
        value: str = self._cells["sha256"][row].as_py()
        return value

    def find(self, sha256s: Sequence[str]) -> dict[str, list[int]]:
        """The rows of files with some checksums, ascending; a checksum that no row has is left out."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not sha256s:
            return {}
        column = self._cells["sha256"]
        found: dict[str, list[int]] = {}
        for row in np.flatnonzero(np.asarray(pc.is_in(column, value_set=pa.array(sha256s, pa.string())))).tolist():
            found.setdefault(column[row].as_py(), []).append(row)
        return found

    def checksums(self) -> np.ndarray:
        """The SHA-256 of each row's file, shape (rows,), dtype `CHECKSUM`."""
        return np.frombuffer(b"".join(self._digits("sha256")), CHECKSUM)

    def difference_hash(self, row: int) -> int:
        """The difference hash of one row; see `duplicates`."""
        return int(self._cells["difference_hash"][row].as_py(), 16)

    def difference_hashes(self) -> np.ndarray:
        """The difference hash of each row, shape (rows,), uint64; see `duplicates`."""
        return np.frombuffer(b"".join(self._digits("difference_hash")), ">u8").astype(np.uint64)

    def fingerprint(self) -> str:
        """SHA-256 over each row's metadata and picture, so that no row can be changed, moved or lost unseen.

        Column by column, over the lengths of the values and over their bytes; how the rows are cut into shards makes
        no difference. Works on the mapped files, many shards at a time: with one at a time, 1,563 of them took twice
        as long.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        digest = hashlib.sha256()
        for name in sorted({*self._columns, "sha256"}):
            lengths, values = hashlib.sha256(), hashlib.sha256()
            for chunks in _grouped(self._cells[name].chunks):
                texts = pc.fill_null(pa.chunked_array(chunks).combine_chunks(), "")
                lengths.update(np.diff(_bounds_of(texts)).tobytes())
                values.update(_bytes_of(texts))
            digest.update(name.encode() + lengths.digest() + values.digest())
        return digest.hexdigest()

    def release(self) -> None:
        """Let go of the pages that were read so far, for the fingerprint say; what is asked for is read again.

        They are the system's cache in any case, but count to a process for as long as it maps them: with those around
        them that Linux maps along, 0.5 GB for a million rows.
        """
        if hasattr(mmap, "MADV_DONTNEED"):
            madvise = ctypes.CDLL(None).madvise
            for file in self._files:
                madvise(ctypes.c_void_p(file.address), ctypes.c_size_t(file.size), mmap.MADV_DONTNEED)

    def _digits(self, name: str) -> Iterator[bytes]:
        """The bytes that a column of hexadecimal digits means, a shard at a time."""
        for chunk in self._cells[name].chunks:
            yield bytes.fromhex(str(_bytes_of(chunk), "ascii"))


def _grouped(chunks: Sequence[Any]) -> Iterator[list[Any]]:
    """The chunks of a column in groups of some `_HASHED_TOGETHER` bytes, in order."""
    group: list[Any] = []
    size = 0
    for chunk in chunks:
        if group and size + chunk.nbytes > _HASHED_TOGETHER:
            yield group
            group, size = [], 0
        group.append(chunk)
        size += chunk.nbytes
    if group:
        yield group


def _bytes_of(texts: Any) -> memoryview:
    """The values of an Arrow array of strings, one after the other, without a copy."""
    bounds = _bounds_of(texts)
    return memoryview(texts.buffers()[2] or b"")[bounds[0] : bounds[-1]]


def _bounds_of(texts: Any) -> np.ndarray:
    """Where the values of an Arrow array of strings begin and end in its bytes, shape (len(texts) + 1,), int32."""
    if len(texts) == 0:
        return np.zeros(1, dtype="<i4")
    return np.frombuffer(texts.buffers()[1], dtype="<i4")[texts.offset : texts.offset + len(texts) + 1]
