"""Source to index directory: decode, embed, index; resumes where it was killed.

Rows are embedded in shards with fixed bounds. A shard is written whole or not at all, and the same rows always
share a batch, so that a build that was killed and went on ends with the same vectors, bit for bit, as one left
alone. A picture that cannot be read is reported with its name and never shifts another row.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from search_core import store
from search_core.calibration import calibrate, unrelated_prompts
from search_core.collection import Collection, KeptRow, Unreadable, unreadable_of, write_shard
from search_core.duplicates import difference_hash, find_duplicates
from search_core.encoder import BATCH, DEFAULT_MODEL, Encoder
from search_core.errors import PictureError, SourceError, StoreError
from search_core.generation import shard_path, shards, write_duplicates, write_index
from search_core.imaging import OWN_PICTURES, decode
from search_core.index import METRIC, FlatIndex, VectorIndex
from search_core.sources import Source, SourceRow, open_source
from search_core.store import IndexDirectory, Manifest
from search_core.text import clean

if TYPE_CHECKING:
    from PIL.Image import Image

SHARD_ROWS = 256
"""Rows that a kill can cost at most, and whose files are held in memory at once."""

LOOK_AHEAD = 2 * BATCH
"""Pictures decoded ahead of the model: one batch is ready while the next is read."""

_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class _Readable:
    """A picture that was read and decoded."""

    kept: KeptRow
    image: Image


def build_index(
    source: str | Path | Source,
    directory: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    revision: str | None = None,
    progress: bool = True,
    shard_rows: int = SHARD_ROWS,
) -> Manifest:
    """Build an index directory, go on with an interrupted build, or return at once if nothing has changed.

    Args:
        source: what `open_source` takes, or what it returned.
        directory: the index directory; made if missing. The generation served so far is served until the end.
        model, device, revision: as for `Encoder.load`.
        progress: whether to show bars and notes on standard error.
        shard_rows: rows embedded between two writes.

    Returns:
        The manifest of the finished generation.

    Raises:
        SourceError: if the source is missing, malformed or holds no readable picture.
        EncoderError: if the model cannot be loaded.
        StoreError: if another build is at work there, or the directory cannot be written.
    """
    listed = source if isinstance(source, Source) else open_source(source, progress=progress)
    encoder = Encoder.load(model, device, revision)
    target = IndexDirectory(Path(directory).expanduser().resolve())
    with target.locked():
        builder = _Builder(listed, encoder, target, progress, shard_rows)
        return builder.finished() or builder.build()


@dataclass(frozen=True)
class _Builder:
    source: Source
    encoder: Encoder
    target: IndexDirectory
    progress: bool
    shard_rows: int

    @cached_property
    def plan(self) -> str:
        """Identifies everything that decides the result; shards of another plan are not mixed in."""
        parts = (self.source.listing(), asdict(self.encoder.fingerprint), self.shard_rows, store.FORMAT)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def finished(self) -> Manifest | None:
        """The newest generation's manifest, if this very build was completed already."""
        for generation in self.target.generations()[-1:]:
            try:
                manifest = store.read_manifest(generation)
            except StoreError:
                return None
            if manifest.plan == self.plan:
                self.target.switch_to(generation)  # the build may have been killed between its last two steps
                return manifest
        return None

    def build(self) -> Manifest:
        self._say(*self.source.notes)
        self._prepare()
        self._embed_missing_shards()
        manifest = self._complete()
        self.target.publish()
        return manifest

    def _prepare(self) -> None:
        building, plan = self.target.building, self.plan
        if building.is_dir():
            if _read_plan(building) == plan:
                return self._say("Going on with the interrupted build.")
            self._say("The source or the model has changed since the interrupted build. Starting again.")
            shutil.rmtree(building)
        shard_path(building, 0).parent.mkdir(parents=True)
        store.write_whole(building / _PLAN, lambda path: path.write_text(json.dumps(plan), encoding="utf-8"))
        return None

    def _embed_missing_shards(self) -> None:
        rows, size = self.source.rows, self.shard_rows
        bounds = {number: slice(start, start + size) for number, start in enumerate(range(0, len(rows), size))}
        missing = [number for number in bounds if not shard_path(self.target.building, number).is_file()]
        counts = {number: len(range(len(rows))[bounds[number]]) for number in missing}
        with (
            ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="decode") as pool,
            self._bar("Embedding", len(rows), len(rows) - sum(counts.values())) as bar,
        ):
            pictures = _read_ahead(pool, (row for number in missing for row in rows[bounds[number]]))
            for number in missing:
                self._embed_shard(number, islice(pictures, counts[number]), bar)

    def _embed_shard(self, number: int, pictures: Iterator[_Readable | Unreadable], bar: Any) -> None:
        kept: list[KeptRow] = []
        unreadable: list[Unreadable] = []
        vectors = [np.empty((0, self.encoder.fingerprint.width), np.float32)]
        while batch := list(islice(pictures, BATCH)):
            readable = [picture for picture in batch if isinstance(picture, _Readable)]
            unreadable += [picture for picture in batch if isinstance(picture, Unreadable)]
            kept += [picture.kept for picture in readable]
            vectors.append(self.encoder.encode_images([picture.image for picture in readable]))
            bar.update(len(batch))
        content = (self.source.columns, kept, np.concatenate(vectors), unreadable)
        store.write_whole(shard_path(self.target.building, number), lambda path: write_shard(path, *content))

    def _complete(self) -> Manifest:
        building = self.target.building
        unreadable = [entry for shard in shards(building) for entry in unreadable_of(shard)]
        collection = Collection(shards(building))
        if not len(collection):
            raise SourceError(
                f"None of the {len(unreadable)} pictures in {self.source.name} can be read. "
                f"The first, {unreadable[0].file_name}: {unreadable[0].reason}"
            )
        with self._bar("Indexing", len(collection)) as bar:
            index = FlatIndex.build(_with_progress(collection.vectors(), bar), self.encoder.fingerprint.width)
        write_index(building, index, unreadable)
        write_duplicates(building, find_duplicates(collection.difference_hashes(), index))
        manifest = self._manifest(collection, index, len(unreadable))
        store.write_manifest(building, manifest)
        return manifest

    def _manifest(self, collection: Collection, index: VectorIndex, unreadable: int) -> Manifest:
        return Manifest(
            format=store.FORMAT,
            generation=f"{self.target.next_generation()}-{uuid.uuid4().hex[:8]}",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            vignette=_version(),
            source=self.source.name,
            source_fingerprint=collection.fingerprint(),
            plan=self.plan,
            rows=len(collection),
            unreadable=unreadable,
            encoder=self.encoder.fingerprint,
            normalisation=store.NORMALISATION,
            vector_dtype=store.VECTOR_DTYPE,
            metric=METRIC,
            index_type=index.kind,
            recall=index.recall,
            calibration=self._calibrate(index),
        )

    def _calibrate(self, index: VectorIndex) -> dict[str, list[float]]:
        unrelated = self.encoder.encode_texts([clean(prompt) for prompt in unrelated_prompts()])
        return {kind: list(thresholds) for kind, thresholds in calibrate(index, unrelated).items()}

    def _bar(self, what: str, total: int, done: int = 0) -> Any:
        return tqdm(total=total, initial=done, desc=what, unit=" pictures", disable=not self.progress)

    def _say(self, *notes: str) -> None:
        if self.progress:
            for note in notes:
                tqdm.write(note)


def _read_plan(building: Path) -> str | None:
    try:
        plan: str = json.loads((building / _PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # killed before the plan was written
        return None
    return plan


def _read_ahead(pool: ThreadPoolExecutor, rows: Iterable[SourceRow]) -> Iterator[_Readable | Unreadable]:
    """Read and decode in threads, in order, at most `LOOK_AHEAD` pictures ahead of the consumer."""
    waiting: deque[Future[_Readable | Unreadable]] = deque()
    for row in rows:
        waiting.append(pool.submit(_read, row))
        if len(waiting) > LOOK_AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _read(row: SourceRow) -> _Readable | Unreadable:
    try:
        data = row.read()
        image = decode(data, OWN_PICTURES)
        return _Readable(KeptRow(row.metadata, data, difference_hash(image)), image)
    except (OSError, PictureError) as error:
        return Unreadable(row.metadata["file_name"], str(error))


def _with_progress(chunks: Iterable[np.ndarray], bar: Any) -> Iterator[np.ndarray]:
    for chunk in chunks:
        yield chunk
        bar.update(len(chunk))


def _version() -> str:
    try:
        return version("vignette")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
