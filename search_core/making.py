"""One generation in the making: put together in `building/`, indexed, and published by one rename.

What stands in `building/` belongs to one plan, which names everything that decides the result. Shards of another plan
are never mixed in; shards of the same plan are kept, so that whatever was killed goes on where it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from search_core import store
from search_core.calibration import calibrate, unrelated_prompts
from search_core.collection import Collection, count_rows, unreadable_of, without_rows
from search_core.duplicates import find_duplicates
from search_core.embedding import SHARD_ROWS, Embedding
from search_core.encoder import EncoderFingerprint
from search_core.errors import PromptError, SourceError
from search_core.generation import hash_reports, shard_path, shards, write_duplicates, write_index, write_removed
from search_core.index import METRIC, VectorIndex
from search_core.index.choose import choose_index
from search_core.sources import Source
from search_core.store import IndexDirectory, Manifest
from search_core.text import clean, plain

LIKELY_PROMPTS = 256
"""Titles that recall is measured with; ten neighbours of each give it to about half a percentage point."""

MAX_TITLE = 300
"""Characters of a title that are read; CLIP reads about as many."""

_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Options:
    """How a generation is made.

    Attributes:
        index: `auto` (by measured recall), `flat` (exact) or `ivf`.
        progress: whether to show bars on standard error.
        shard_rows: rows embedded between two writes.
    """

    index: str = "auto"
    progress: bool = True
    shard_rows: int = SHARD_ROWS


def make_plan(*parts: object) -> str:
    """A plan's name, from everything that decides the result."""
    return hashlib.sha256(repr((store.FORMAT, *parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Content:
    """What a generation is made of, beside its shards.

    Attributes:
        source: where its rows come from.
        fingerprint: the encoder that made its vectors.
        removed: checksums of pictures that must not come back.
        encode: makes unit vectors of prompts, shape (prompts, width), where there is an encoder.
        calibration: scales to keep, where there is none to measure them anew.
    """

    source: str
    fingerprint: EncoderFingerprint
    removed: frozenset[str]
    encode: Callable[[Sequence[str]], np.ndarray] | None = None
    calibration: dict[str, list[list[float]]] | None = None

    def calibrate(self, index: VectorIndex) -> dict[str, list[list[float]]]:
        """Measure the scales that put scores into words, or keep those there are."""
        if self.encode is None:
            assert self.calibration is not None
            return self.calibration
        unrelated = self.encode([plain(clean(prompt)) for prompt in unrelated_prompts()])
        return calibrate(index, unrelated)

    def likely_prompts(self, collection: Collection) -> Callable[[], np.ndarray] | None:
        """Vectors of what people may type, for measuring recall: the collection's own titles, or else its labels."""
        encode = self.encode
        return None if encode is None else lambda: encode(_titles(collection))


@dataclass(frozen=True, slots=True)
class Work:
    """One generation in the making."""

    target: IndexDirectory
    plan: str
    options: Options

    def prepare(self) -> None:
        """Make `building/`, or keep it if it stands under the same plan."""
        building = self.target.building
        if building.is_dir():
            if _read_plan(building) == self.plan:
                return self.say("Going on with the interrupted build.")
            self.say("The source or the model has changed since the interrupted build. Starting again.")
            shutil.rmtree(building)
        shard_path(building, 0).parent.mkdir(parents=True)
        store.write_whole(building / _PLAN, lambda path: path.write_text(json.dumps(self.plan), encoding="utf-8"))
        return None

    def embed(self, embedding: Embedding, source: Source) -> int:
        """Embed what is missing of a source; say how many of its rows were passed over."""
        embedding = replace(embedding, shard_rows=self.options.shard_rows)
        with self.bar("Embedding", len(source.rows)) as bar:
            passed_over = embedding.run(source.rows, bar)
        self.say(*embedding.notes())
        return passed_over

    def link(self, finished: Sequence[Path]) -> None:
        """Take finished shards over as they are; they share their bytes on disk with the generation before."""
        for number, shard in enumerate(finished):
            _link(shard, shard_path(self.target.building, number))

    def link_without(self, finished: Sequence[Path], doomed: np.ndarray) -> None:
        """Take finished shards over, and write those anew that hold rows (ascending) which are to go."""
        start = 0
        for number, shard in enumerate(finished):
            stop, path = start + count_rows(shard), shard_path(self.target.building, number)
            first, last = np.searchsorted(doomed, [start, stop])
            if first < last:
                store.write_whole(path, _writer_without(shard, doomed[first:last] - start))
            else:
                _link(shard, path)
            start = stop

    def publish(self, content: Content) -> Manifest:
        """Index what stands, write everything that belongs to it, and serve it."""
        building = self.target.building
        unreadable = list(dict.fromkeys(entry for shard in shards(building) for entry in unreadable_of(shard)))
        collection = Collection(shards(building))
        if not len(collection):
            first = f" The first, {unreadable[0].file_name}: {unreadable[0].reason}" if unreadable else ""
            raise SourceError(f"None of the pictures in {content.source} can be read.{first}")
        index = write_index(building, self._index(collection, content), unreadable)
        write_duplicates(building, find_duplicates(collection.difference_hashes(), index))
        write_removed(building, content.removed)
        manifest = Manifest(
            format=store.FORMAT,
            generation=f"{self.target.next_generation()}-{uuid.uuid4().hex[:8]}",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            vignette=_version(),
            source=content.source,
            source_fingerprint=collection.fingerprint(),
            plan=self.plan,
            reports=hash_reports(building),
            rows=len(collection),
            unreadable=len(unreadable),
            encoder=content.fingerprint,
            normalisation=store.NORMALISATION,
            vector_dtype=store.VECTOR_DTYPE,
            metric=METRIC,
            index_type=index.kind,
            recall=index.recall,
            calibration=content.calibrate(index),
        )
        store.write_manifest(building, manifest)
        self.target.publish()
        return manifest

    def bar(self, what: str, total: int) -> Any:
        """A progress bar on standard error, if wanted."""
        return tqdm(total=total, desc=what, unit=" pictures", disable=not self.options.progress)

    def say(self, *notes: str) -> None:
        """Tell the person who builds, on standard error; also without bars, for nothing is lost without a word."""
        for note in notes:
            tqdm.write(note, file=sys.stderr)

    def _index(self, collection: Collection, content: Content) -> VectorIndex:
        def watched(what: str, chunks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
            with self.bar(what, len(collection)) as bar:
                for chunk in chunks:
                    yield chunk
                    bar.update(len(chunk))

        width, kind = content.fingerprint.width, self.options.index
        texts = content.likely_prompts(collection)
        return choose_index(collection.vectors, len(collection), width, kind, texts, watched)


def _titles(collection: Collection) -> list[str]:
    """Up to `LIKELY_PROMPTS` different titles, evenly spread over the collection; labels where there are none."""
    named = [name for name in ("title", "label") if name in collection.columns]
    values = (dict.fromkeys(filter(str.strip, collection.column(name).to_pylist())) for name in named)
    different = next(filter(None, map(list, values)), list(unrelated_prompts()))
    spread = np.linspace(0, len(different) - 1, min(LIKELY_PROMPTS, len(different))).astype(int)
    cleaned = []
    for i in spread:
        with contextlib.suppress(PromptError):  # a title without a word in it
            cleaned.append(plain(clean(different[i][:MAX_TITLE])))
    return cleaned or list(unrelated_prompts())


def _read_plan(building: Path) -> str | None:
    try:
        plan: str = json.loads((building / _PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # killed before the plan was written
        return None
    return plan


def _link(shard: Path, path: Path) -> None:
    if path.exists():
        return
    try:
        os.link(shard, path)
    except OSError:  # a file system without hard links
        store.write_whole(path, lambda unfinished: shutil.copyfile(shard, unfinished))


def _writer_without(shard: Path, gone: np.ndarray) -> Callable[[Path], None]:
    return lambda path: without_rows(shard, path, gone)


def _version() -> str:
    try:
        return version("vignette")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
