"""Rows of a source to shards: read, decode, embed, write.

Rows are embedded in shards with fixed bounds. A shard is written whole or not at all, and the same pictures always
share a batch, so that a build that was killed and went on ends with the same vectors, bit for bit, as one left alone.
A picture that cannot be read is recorded with its name and never shifts another row.

Each thread takes a batch all the way from bytes to vectors, with one thread of torch's: no core waits for another,
neither between decoding and computing nor within a matrix product. The files of the next shard are read meanwhile.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from search_core import store
from search_core.collection import KeptRow, Unreadable, write_shard
from search_core.describe import counted
from search_core.duplicates import difference_hash
from search_core.encoder import Encoder
from search_core.errors import PictureError
from search_core.generation import shard_path
from search_core.imaging import OWN_PICTURES, decode, pages
from search_core.known import KnownPictures
from search_core.sources import SourceRow

SHARD_ROWS = 256
"""Rows that a kill can cost at most."""

SHARDS_AHEAD = 1
"""Shards whose files are read while another one is embedded; the files of both are held in memory."""

MAX_WORKERS = 16
"""Threads that decode and embed at most: beyond, Python's lock holds them up; torch divides the other cores."""


@dataclass(frozen=True, slots=True)
class _File:
    metadata: dict[str, str]
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class _Embedded:
    vector: np.ndarray
    hash: int
    pages: int = 1


@dataclass(frozen=True, slots=True)
class _PassedOver:
    """A picture that is left out on purpose: removed before, or in the index already."""


_Read = _File | Unreadable | _PassedOver


@dataclass(frozen=True)
class Embedding:
    """One run over the rows of a source.

    Attributes:
        directory: where the shards are written (`generation.shard_path`).
        columns: the metadata columns.
        encoder: makes the vectors.
        known: pictures whose vectors are there already; shards that are written are learned too.
        left_out: checksums of pictures that do not enter.
        first_shard: number of the first shard to write.
        shard_rows: rows of the source that make a shard.
        workers: threads; None means one a core.
        first_pages: filled with the names of files of which only the first page was read.
    """

    directory: Path
    columns: Sequence[str]
    encoder: Encoder
    known: KnownPictures
    left_out: Container[str]
    first_shard: int = 0
    shard_rows: int = SHARD_ROWS
    workers: int | None = None
    first_pages: list[str] = field(default_factory=list)

    def notes(self) -> Iterator[str]:
        """Yield a sentence on files of several pages, if `run` has met any."""
        if self.first_pages:
            files = counted(len(self.first_pages), "file has", "files have")
            yield f"{files} several pages, of which the first is taken; the first such file is {min(self.first_pages)}."

    def run(self, rows: Sequence[SourceRow], bar: Any) -> int:
        """Write the shards that are missing, in order; learn those that stand.

        Args:
            rows: all rows of the source, in their fixed order.
            bar: a tqdm bar that counts them.

        Returns:
            How many rows were passed over, as far as this run saw them.
        """
        bounds = [
            range(start, min(start + self.shard_rows, len(rows))) for start in range(0, len(rows), self.shard_rows)
        ]
        missing = []
        for number, bound in enumerate(bounds, start=self.first_shard):
            path = shard_path(self.directory, number)
            if path.is_file():
                self.known.learn(path)
                bar.update(len(bound))
            else:
                missing.append((path, [rows[i] for i in bound]))
        with _threads(self.workers or os.cpu_count() or 1) as pool:
            return sum(self._write(pool, path, files, bar) for path, files in self._read_ahead(pool, missing))

    def _read_ahead(
        self, pool: ThreadPoolExecutor, shards: Sequence[tuple[Path, Sequence[SourceRow]]]
    ) -> Iterator[tuple[Path, list[_Read]]]:
        """The files of each shard, those of the next `SHARDS_AHEAD` being read meanwhile."""
        waiting: deque[tuple[Path, list[Future[_Read]]]] = deque()
        for path, rows in shards:
            waiting.append((path, [pool.submit(self._read, row) for row in rows]))
            if len(waiting) > SHARDS_AHEAD:
                yield _finished(*waiting.popleft())
        while waiting:
            yield _finished(*waiting.popleft())

    def _read(self, row: SourceRow) -> _Read:
        try:
            data = row.read()
        except (OSError, PictureError) as error:
            return Unreadable(row.metadata["file_name"], _reason(error))
        sha256 = hashlib.sha256(data).hexdigest()
        return _PassedOver() if sha256 in self.left_out else _File(row.metadata, data, sha256)

    def _write(self, pool: ThreadPoolExecutor, path: Path, read: Sequence[_Read], bar: Any) -> int:
        files = [one for one in read if isinstance(one, _File)]
        fresh = {one.sha256: one.data for one in files if one.sha256 not in self.known}
        bar.update(len(read) - len(fresh))
        embedded = self._embed(pool, fresh, bar)
        kept, vectors, unreadable = [], [np.empty((0, self.encoder.fingerprint.width), np.float32)], []
        for one in (self._outcome(one, embedded) for one in read):
            if isinstance(one, Unreadable):
                unreadable.append(one)
            elif one is not None:
                kept.append(one[0])
                vectors.append(one[1][np.newaxis].astype(np.float32))
        content = (self.columns, kept, np.concatenate(vectors), unreadable)
        store.write_whole(path, lambda unfinished: write_shard(unfinished, *content))
        self.known.learn(path)
        return sum(isinstance(one, _PassedOver) for one in read)

    def _outcome(
        self, one: _Read, embedded: Mapping[str, _Embedded | str]
    ) -> tuple[KeptRow, np.ndarray] | Unreadable | None:
        """What a shard keeps of one of its source's rows."""
        if not isinstance(one, _File):
            return one if isinstance(one, Unreadable) else None
        made = embedded.get(one.sha256) or _Embedded(*self.known.vector(one.sha256))
        if isinstance(made, str):
            return Unreadable(one.metadata["file_name"], made)
        if made.pages > 1:
            self.first_pages.append(one.metadata["file_name"])
        return KeptRow(one.metadata, one.data, made.hash), made.vector

    def _embed(self, pool: ThreadPoolExecutor, files: Mapping[str, bytes], bar: Any) -> dict[str, _Embedded | str]:
        """Embed distinct files by their checksums; a reason in words for each that is no picture."""
        waiting = iter(files)
        batches = iter(lambda: list(islice(waiting, self.encoder.batch)), [])
        made: dict[str, _Embedded | str] = {}
        futures = [(batch, pool.submit(self._embed_batch, [files[name] for name in batch])) for batch in batches]
        for batch, future in futures:
            made |= zip(batch, future.result(), strict=True)
            bar.update(len(batch))
        return made

    def _embed_batch(self, files: Sequence[bytes]) -> list[_Embedded | str]:
        images = [_decoded(data) for data in files]
        vectors = iter(self.encoder.encode_images([image for image in images if not isinstance(image, str)]))
        return [
            one if isinstance(one, str) else _Embedded(next(vectors), difference_hash(one), pages(data))
            for one, data in zip(images, files, strict=True)
        ]


def _decoded(data: bytes) -> Image.Image | str:
    try:
        return decode(data, OWN_PICTURES)
    except PictureError as error:
        return str(error)


def _finished(path: Path, reading: list[Future[_Read]]) -> tuple[Path, list[_Read]]:
    return path, [future.result() for future in reading]


@contextmanager
def _threads(cores: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that share the cores out: torch computes on one core in each, or on a few where there are many."""
    import torch

    workers, before = min(cores, MAX_WORKERS), torch.get_num_threads()
    each = partial(torch.set_num_threads, max(1, cores // workers))
    try:
        with ThreadPoolExecutor(workers, thread_name_prefix="embed", initializer=each) as pool:
            yield pool
    finally:
        torch.set_num_threads(before)  # what was set last is what threads to come start with


def _reason(error: Exception) -> str:
    """Why a picture cannot be read, without the number and the path that the system puts around it."""
    reason = error.strerror if isinstance(error, OSError) else None
    return f"The file cannot be read: {reason}." if reason else str(error)
