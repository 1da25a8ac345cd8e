"""Rows of a source to shards: read, decode ahead of the model, embed, write.

Rows are embedded in shards with fixed bounds. A shard is written whole or not at all, and the same rows always share a
batch, so that a build that was killed and went on ends with the same vectors, bit for bit, as one left alone. A
picture that cannot be read is recorded with its name and never shifts another row.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from search_core import store
from search_core.collection import KeptRow, Unreadable, write_shard
from search_core.describe import counted
from search_core.duplicates import difference_hash
from search_core.encoder import BATCH, Encoder
from search_core.errors import PictureError
from search_core.generation import shard_path
from search_core.imaging import OWN_PICTURES, decode, pages
from search_core.known import KnownPictures
from search_core.sources import SourceRow

SHARD_ROWS = 256
"""Rows that a kill can cost at most, and whose files are held in memory at once."""

LOOK_AHEAD = 2 * BATCH
"""Pictures decoded ahead of the model: one batch is ready while the next is read."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A picture that was read; `image` is None where its vector is known already."""

    metadata: dict[str, str]
    data: bytes
    sha256: str
    image: Image.Image | None


@dataclass(frozen=True, slots=True, eq=False)
class _Embedded:
    vector: np.ndarray
    hash: int


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A picture that is left out on purpose: removed before, or in the index already."""


Outcome = Readable | Unreadable | PassedOver


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
        workers: decoding threads; None means one a core.
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
                missing.append((path, bound))
        with ThreadPoolExecutor(self.workers or os.cpu_count(), thread_name_prefix="decode") as pool:
            pictures = self._read_ahead(pool, (rows[i] for _, bound in missing for i in bound))
            return sum(self._write(path, islice(pictures, len(bound)), bar) for path, bound in missing)

    def _write(self, path: Path, pictures: Iterator[Outcome], bar: Any) -> int:
        kept: list[KeptRow] = []
        vectors = [np.empty((0, self.encoder.fingerprint.width), np.float32)]
        unreadable: list[Unreadable] = []
        new: dict[str, _Embedded] = {}
        passed_over = 0
        while batch := list(islice(pictures, BATCH)):
            readable = [picture for picture in batch if isinstance(picture, Readable)]
            embedded = self._embed(readable, new)
            kept += [KeptRow(one.metadata, one.data, it.hash) for one, it in zip(readable, embedded, strict=True)]
            vectors += [it.vector[np.newaxis].astype(np.float32) for it in embedded]
            unreadable += [picture for picture in batch if isinstance(picture, Unreadable)]
            passed_over += sum(isinstance(picture, PassedOver) for picture in batch)
            bar.update(len(batch))
        content = (self.columns, kept, np.concatenate(vectors), unreadable)
        store.write_whole(path, lambda unfinished: write_shard(unfinished, *content))
        self.known.learn(path)
        return passed_over

    def _embed(self, batch: list[Readable], new: dict[str, _Embedded]) -> list[_Embedded]:
        """Embed what is known neither from earlier shards nor from this one (`new`), each distinct file once."""
        fresh = {
            one.sha256: one.image
            for one in batch
            if one.image is not None and one.sha256 not in new and one.sha256 not in self.known
        }
        vectors = self.encoder.encode_images(list(fresh.values()))
        for (sha256, image), vector in zip(fresh.items(), vectors, strict=True):
            new[sha256] = _Embedded(vector, difference_hash(image))
        return [new.get(one.sha256) or _Embedded(*self.known.vector(one.sha256)) for one in batch]

    def _read_ahead(self, pool: ThreadPoolExecutor, rows: Iterable[SourceRow]) -> Iterator[Outcome]:
        """Read and decode in threads, in order, at most `LOOK_AHEAD` pictures ahead of the consumer."""
        waiting: deque[Future[Outcome]] = deque()
        for row in rows:
            waiting.append(pool.submit(self._read, row))
            if len(waiting) > LOOK_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _read(self, row: SourceRow) -> Outcome:
        try:
            data = row.read()
            sha256 = hashlib.sha256(data).hexdigest()
            if sha256 in self.left_out:
                return PassedOver()
            image = None if sha256 in self.known else decode(data, OWN_PICTURES)
            if image is not None and pages(data) > 1:
                self.first_pages.append(row.metadata["file_name"])
            return Readable(row.metadata, data, sha256, image)
        except (OSError, PictureError) as error:
            return Unreadable(row.metadata["file_name"], _reason(error))


def _reason(error: Exception) -> str:
    """Why a picture cannot be read, without the number and the path that the system puts around it."""
    reason = error.strerror if isinstance(error, OSError) else None
    return f"The file cannot be read: {reason}." if reason else str(error)
