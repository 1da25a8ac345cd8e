"""Source to index directory: build, add, remove. Each makes a new generation, and goes on where it was killed.

A generation is put together in `building/` and published by one rename. What stands there belongs to one plan, which
names everything that decides the result; shards of another plan are never mixed in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from search_core import store
from search_core.calibration import calibrate, unrelated_prompts
from search_core.collection import Collection, unreadable_of, without_rows
from search_core.duplicates import find_duplicates
from search_core.embedding import SHARD_ROWS, Embedding
from search_core.encoder import DEFAULT_MODEL, Encoder, EncoderFingerprint
from search_core.errors import PromptError, QueryError, SourceError, StoreError
from search_core.generation import (
    read_removed,
    shard_path,
    shards,
    write_duplicates,
    write_index,
    write_removed,
)
from search_core.index import METRIC, VectorIndex
from search_core.index.choose import choose_index
from search_core.known import KnownPictures
from search_core.sources import Source, open_source
from search_core.store import IndexDirectory, Manifest
from search_core.text import clean
from search_core.where import Condition, check_columns, conditions, matching

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
        progress: whether to show bars and notes on standard error.
        shard_rows: rows embedded between two writes.
    """

    index: str = "auto"
    progress: bool = True
    shard_rows: int = SHARD_ROWS


def build_index(
    source: str | Path | Source,
    directory: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    device: str = "auto",
    revision: str | None = None,
    text_model: str | Path | None = None,
    index: str = "auto",
    progress: bool = True,
    shard_rows: int = SHARD_ROWS,
) -> Manifest:
    """Build an index directory, go on with an interrupted build, or return at once if nothing has changed.

    Pictures that the generation served so far holds are not embedded again, whatever their names are now. Pictures
    that were removed from it stay out.

    Args:
        source: what `open_source` takes, or what it returned.
        directory: the index directory; made if missing. The generation served so far is served until the end.
        model, device, revision, text_model: as for `Encoder.load`.
        index: `auto`, `flat` or `ivf`; see `index.choose`.
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
    encoder = Encoder.load(model, device, revision, text_model)
    target = IndexDirectory(Path(directory).expanduser().resolve())
    options = Options(index, progress, shard_rows)
    with target.locked():
        plan = _plan("build", listed.listing(), asdict(encoder.fingerprint), shard_rows, index)
        if finished := _finished(target, plan):
            return finished
        work = _Work(target, plan, options)
        work.say(*listed.notes)
        work.prepare()
        base = _base(target)
        known, removed = KnownPictures(), read_removed(base) if base else frozenset()
        if base and store.read_manifest(base).encoder == encoder.fingerprint:
            for shard in shards(base):
                known.learn(shard)
        passed_over = work.embed(Embedding(target.building, listed.columns, encoder, known, removed), listed)
        if passed_over:
            work.say(f"{passed_over} pictures were removed from this index before and stay out.")
        return work.publish(_Content(listed.name, encoder.fingerprint, removed, encoder.encode_texts))


def add_to_index(
    source: str | Path | Source,
    directory: str | Path,
    *,
    model: str | Path | None = None,
    device: str = "auto",
    index: str = "auto",
    progress: bool = True,
    shard_rows: int = SHARD_ROWS,
) -> Manifest:
    """Add the pictures of a source to an index, without touching the rows that are there.

    A picture that the index holds already, under whatever name, is not added again; one that was removed stays out.

    Args:
        source, index, progress, shard_rows: as for `build_index`.
        directory: a finished index directory.
        model, device: as for `SearchEngine.open`.

    Returns:
        The manifest of the new generation, or of the old one if there was nothing to add.

    Raises:
        SourceError, EncoderError, StoreError: as `build_index` does.
        ManifestMismatch: if the model is not the one that the index was built with.
    """
    listed = source if isinstance(source, Source) else open_source(source, progress=progress)
    target = IndexDirectory(Path(directory).expanduser().resolve())
    with target.locked():
        base = target.current()
        manifest = store.read_manifest(base)
        made_by = manifest.encoder
        encoder = Encoder.load(model or made_by.model, device, made_by.revision, made_by.text_model)
        store.check_encoder(manifest, encoder.fingerprint)
        plan = _plan("add", manifest.generation, listed.listing(), shard_rows, index)
        work = _Work(target, plan, Options(index, progress, shard_rows))
        work.say(*listed.notes)
        work.prepare()
        work.link(shards(base))
        known, removed = KnownPictures(), read_removed(base)
        for shard in shards(base):
            known.learn(shard)
        held = frozenset(sha256 for shard in shards(base) for sha256 in Collection([shard]).sha256s())
        embedding = Embedding(target.building, listed.columns, encoder, known, removed | held, len(shards(base)))
        passed_over = work.embed(embedding, listed)
        if passed_over:
            work.say(f"{passed_over} pictures are in the index already, or were removed from it, and are not added.")
        if len(Collection(shards(target.building))) == manifest.rows:
            shutil.rmtree(target.building)
            return manifest
        name = f"{manifest.source} + {listed.name}"
        return work.publish(_Content(name, encoder.fingerprint, removed, encoder.encode_texts))


def remove_from_index(
    where: str | Condition | Sequence[str | Condition],
    directory: str | Path,
    *,
    index: str = "auto",
    progress: bool = True,
) -> Manifest:
    """Remove the rows that fulfil conditions on their metadata, and their files with them.

    The pictures are gone from the new generation and stay out of later builds and additions; the generation before
    is kept until the next one, as always. No model is needed.

    Args:
        where: conditions, all of which must hold, such as `file_name=animals/cat.png`; see `where`.
        directory: a finished index directory.
        index, progress: as for `build_index`.

    Returns:
        The manifest of the new generation.

    Raises:
        QueryError: if a condition cannot be read, names no column, or no row fulfils them.
        StoreError: if nothing would be left, or as `build_index` does.
    """
    wanted = conditions(where)
    target = IndexDirectory(Path(directory).expanduser().resolve())
    with target.locked():
        base = target.current()
        manifest, collection = store.read_manifest(base), Collection(shards(base))
        check_columns(wanted, collection.columns)
        if not wanted:
            raise QueryError("Say which rows to remove, such as file_name=animals/cat.png.")
        doomed = np.flatnonzero(matching(wanted, {one.column: collection.column(one.column) for one in wanted}))
        if not len(doomed):
            raise QueryError(f"No row fulfils {' and '.join(map(str, wanted))}. Nothing was removed.")
        if len(doomed) == len(collection):
            raise StoreError("That would remove every picture. Delete the directory instead.")
        work = _Work(target, _plan("remove", manifest.generation, doomed.tolist(), index), Options(index, progress))
        work.prepare()
        work.link_without(shards(base), set(doomed.tolist()))
        removed = read_removed(base) | {collection.sha256(row) for row in doomed.tolist()}
        return work.publish(_Content(manifest.source, manifest.encoder, removed, calibration=manifest.calibration))


@dataclass(frozen=True, slots=True)
class _Content:
    """What a generation is made of, beside its shards.

    Attributes:
        source: where its rows come from.
        fingerprint: the encoder that made its vectors.
        removed: checksums of pictures that must not come back.
        encode: makes unit vectors of prompts, shape (prompts, width), where there is an encoder.
        calibration: thresholds to keep, where there is none to measure them anew.
    """

    source: str
    fingerprint: EncoderFingerprint
    removed: frozenset[str]
    encode: Callable[[Sequence[str]], np.ndarray] | None = None
    calibration: dict[str, list[float]] | None = None

    def calibrate(self, index: VectorIndex) -> dict[str, list[float]]:
        if self.encode is None:
            assert self.calibration is not None
            return self.calibration
        unrelated = self.encode([clean(prompt) for prompt in unrelated_prompts()])
        return {kind: list(thresholds) for kind, thresholds in calibrate(index, unrelated).items()}

    def likely_prompts(self, collection: Collection) -> Callable[[], np.ndarray] | None:
        """Vectors of what people may type, for measuring recall: the collection's own titles, or else its labels."""
        encode = self.encode
        return None if encode is None else lambda: encode(_titles(collection))


@dataclass(frozen=True, slots=True)
class _Work:
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
        embedding = replace(embedding, shard_rows=self.options.shard_rows)
        with self.bar("Embedding", len(source.rows)) as bar:
            return embedding.run(source.rows, bar)

    def link(self, finished: Sequence[Path]) -> None:
        """Take finished shards over as they are; they share their bytes on disk with the generation before."""
        for number, shard in enumerate(finished):
            _link(shard, shard_path(self.target.building, number))

    def link_without(self, finished: Sequence[Path], doomed: set[int]) -> None:
        """Take finished shards over, and write those anew that hold rows which are to go."""
        start = 0
        for number, shard in enumerate(finished):
            count, path = len(Collection([shard])), shard_path(self.target.building, number)
            gone = [row - start for row in range(start, start + count) if row in doomed]
            if gone:
                store.write_whole(path, _writer_without(shard, gone))
            else:
                _link(shard, path)
            start += count

    def publish(self, content: _Content) -> Manifest:
        """Index what stands, write everything that belongs to it, and serve it."""
        building = self.target.building
        unreadable = [entry for shard in shards(building) for entry in unreadable_of(shard)]
        collection = Collection(shards(building))
        if not len(collection):
            first = f" The first, {unreadable[0].file_name}: {unreadable[0].reason}" if unreadable else ""
            raise SourceError(f"None of the pictures in {content.source} can be read.{first}")
        index = self._index(collection, content)
        write_index(building, index, unreadable)
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
        return tqdm(total=total, desc=what, unit=" pictures", disable=not self.options.progress)

    def say(self, *notes: str) -> None:
        if self.options.progress:
            for note in notes:
                tqdm.write(note)

    def _index(self, collection: Collection, content: _Content) -> VectorIndex:
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
            cleaned.append(clean(different[i][:MAX_TITLE]))
    return cleaned or list(unrelated_prompts())


def _base(target: IndexDirectory) -> Path | None:
    """The generation served so far, if there is a sound one."""
    try:
        generation = target.current()
        store.read_manifest(generation)
    except StoreError:
        return None
    return generation


def _finished(target: IndexDirectory, plan: str) -> Manifest | None:
    """The newest generation's manifest, if this very build was completed already."""
    for generation in target.generations()[-1:]:
        try:
            manifest = store.read_manifest(generation)
        except StoreError:
            return None
        if manifest.plan == plan:
            target.switch_to(generation)  # the build may have been killed between its last two steps
            return manifest
    return None


def _plan(*parts: object) -> str:
    return hashlib.sha256(repr((store.FORMAT, *parts)).encode()).hexdigest()


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


def _writer_without(shard: Path, gone: list[int]) -> Callable[[Path], None]:
    return lambda path: without_rows(shard, path, gone)


def _version() -> str:
    try:
        return version("vignette")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
