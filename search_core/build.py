"""Source to index directory: build, add, remove. Each makes a new generation, and goes on where it was killed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search_core import store
from search_core.collection import Collection
from search_core.describe import counted
from search_core.embedding import SHARD_ROWS, Embedding
from search_core.encoder import DEFAULT_MODEL, Encoder
from search_core.errors import QueryError, StoreError
from search_core.generation import read_removed, shards
from search_core.known import Checksums, KnownPictures, as_checksums
from search_core.making import Content, Options, Work, make_plan
from search_core.soundness import check_sound, damaged_rows
from search_core.sources import Source, open_source
from search_core.store import IndexDirectory, Manifest
from search_core.unchanged import find_unchanged, is_untouched, make_request, note_request
from search_core.verify import is_sound
from search_core.where import Condition, conditions, matching, on_columns

if TYPE_CHECKING:
    import pyarrow as pa

UNCHANGED = "Nothing has changed since the last build."
FINISHED = "The interrupted change was finished but for its last step. It is served now."
DAMAGED = "The index so far is damaged or of another version; none of its vectors will be used again."


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
        progress: whether to show bars on standard error; notes are shown in any case.
        shard_rows: rows embedded between two writes.

    Returns:
        The manifest of the finished generation.

    Raises:
        SourceError: if the source is missing, malformed or holds no readable picture.
        EncoderError: if the model cannot be loaded.
        StoreError: if another build is at work there, or the directory cannot be written.
    """
    listed = source if isinstance(source, Source) else open_source(source, progress=progress)
    target = IndexDirectory(Path(directory).expanduser().resolve())
    options = Options(index, progress, shard_rows)
    listing = listed.listing()
    request = make_request(listing, model, revision, text_model, shard_rows, index)
    if unchanged := find_unchanged(target, request):
        Work(target, unchanged.plan, options).say(UNCHANGED)
        return unchanged
    encoder = Encoder.load(model, device, revision, text_model)
    with target.locked():
        plan = make_plan("build", listing, asdict(encoder.fingerprint), shard_rows, index)
        work = Work(target, plan, options)
        if finished := _finished(work):
            work.say(UNCHANGED)
            note_request(target, request, finished)
            return finished
        work.say(*listed.notes)
        removed = _removed(target)
        base, known = _base(work, encoder)
        work.prepare()
        passed_over = work.embed(Embedding(target.building, listed.columns, encoder, known, removed), listed)
        _tell_build(work, listed.name, base, passed_over)
        manifest = work.publish(Content(listed.name, encoder.fingerprint, removed, encoder.encode_texts))
        note_request(target, request, manifest)
        return manifest


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
        plan = make_plan("add", manifest.generation, listed.listing(), shard_rows, index)
        work = Work(target, plan, Options(index, progress, shard_rows))
        if finished := _finished(work):
            work.say(FINISHED)
            return finished
        check_sound(base, manifest)
        made_by = manifest.encoder
        encoder = Encoder.load(model or made_by.model, device, made_by.revision, made_by.text_model)
        store.check_encoder(manifest, encoder.fingerprint)
        work.say(*listed.notes)
        work.prepare()
        work.link(shards(base))
        removed = read_removed(base)
        left_out = Checksums(np.append(_checksums(base), as_checksums(removed)))
        known = KnownPictures.of(shards(base))
        embedding = Embedding(target.building, listed.columns, encoder, known, left_out, len(shards(base)))
        passed_over = work.embed(embedding, listed)
        together = Collection(shards(target.building))
        _tell_addition(work, together, manifest.rows, passed_over)
        if len(together) == manifest.rows:
            shutil.rmtree(target.building)
            return manifest
        name = f"{manifest.source} + {listed.name}"
        return work.publish(Content(name, encoder.fingerprint, removed, encoder.encode_texts))


def remove_from_index(
    where: str | Condition | Sequence[str | Condition],
    directory: str | Path,
    *,
    index: str = "auto",
    progress: bool = True,
) -> Manifest:
    """Remove the rows that fulfil conditions on their metadata, and their files with them.

    Copies of a picture under other names go with it. The pictures are gone from the new generation and stay out of
    later builds and additions; the generation before is kept until the next one, as always. No model is needed.

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
        manifest = store.read_manifest(base)
        check_sound(base, manifest)
        collection = Collection(shards(base))
        wanted = on_columns(wanted, collection.columns)
        if not wanted:
            raise QueryError("Say which rows to remove, such as file_name=animals/cat.png.")
        named = np.flatnonzero(matching(wanted, {one.column: collection.column(one.column) for one in wanted}))
        doomed = _with_copies(named, collection)
        if not len(doomed):
            raise QueryError(f"No row fulfils {' and '.join(map(str, wanted))}. Nothing was removed.")
        if len(doomed) == len(collection):
            raise StoreError("That would remove every picture. Delete the directory instead.")
        work = Work(target, make_plan("remove", manifest.generation, doomed.tolist(), index), Options(index, progress))
        if finished := _finished(work):
            work.say(FINISHED)
            return finished
        if len(doomed) > len(named):
            copies = counted(len(doomed) - len(named), "copy", "copies")
            work.say(f"{copies} of these pictures, under other names, will go with them.")
        work.prepare()
        work.link_without(shards(base), doomed)
        removed = read_removed(base) | {collection.sha256(row) for row in doomed.tolist()}
        return work.publish(Content(manifest.source, manifest.encoder, removed, calibration=manifest.calibration))


def _tell_build(work: Work, source: str, base: Path | None, passed_over: int) -> None:
    """Say which pictures of the source, and which of the generation before, are not in the new one."""
    if passed_over:
        were = counted(passed_over, "picture was", "pictures were")
        work.say(f"{were} removed from this index before and will stay out.")
    if base and (left := len(np.setdiff1d(_checksums(base), _checksums(work.target.building)))):
        pictures = counted(left, "picture")
        work.say(f"{pictures} of the index, but not of {source}, will be left out; add them if need be.")


def _tell_addition(work: Work, together: Collection, before: int, passed_over: int) -> None:
    """Say which of the added pictures share a name with an earlier one, and how many were not added."""
    if clashes := _clashes(together.column("file_name"), before):
        have = counted(clashes, "picture has", "pictures have")
        work.say(f"{have} the name of another one in the index; tell them apart by other fields.")
    if passed_over:
        pictures = counted(passed_over, "picture")
        work.say(f"{pictures} in the index already, or removed from it before, will not be added.")


def _with_copies(rows: np.ndarray, collection: Collection) -> np.ndarray:
    """Rows and all others that hold the very same file, ascending."""
    checksums = collection.checksums()
    return np.flatnonzero(np.isin(checksums, checksums[rows]))


def _checksums(generation: Path) -> np.ndarray:
    return Collection(shards(generation)).checksums()


def _clashes(names: pa.ChunkedArray, before: int) -> int:
    """How many of the names that were added to the first ones are taken by one of those."""
    import pyarrow.compute as pc

    old, added = names[:before], names[before:]
    taken = old.filter(pc.is_in(old, value_set=added.unique())).unique()
    return int(pc.sum(pc.is_in(added, value_set=taken)).as_py() or 0)


def _removed(target: IndexDirectory) -> frozenset[str]:
    """What was removed from the index so far; an error, and no empty list, where that cannot be told."""
    generations = sorted(path for path in target.path.glob("generation-*") if path.is_dir())
    if not generations:
        return frozenset()
    try:
        return read_removed(target.current())
    except StoreError:
        return read_removed(generations[-1])


def _base(work: Work, encoder: Encoder) -> tuple[Path | None, KnownPictures]:
    """The generation served so far, if there is a sound one, and what of it need not be embedded again."""
    if not any(work.target.path.glob("generation-*")):
        return None, KnownPictures()
    try:
        generation = work.target.current()
        manifest = store.read_manifest(generation)
        damaged = damaged_rows(generation, manifest)
    except StoreError:
        work.say(DAMAGED)
        return None, KnownPictures()
    if manifest.encoder != encoder.fingerprint:
        return generation, KnownPictures()
    if len(damaged):
        rows = counted(len(damaged), "vector", "vectors")
        work.say(f"{rows} of the index so far {'is' if len(damaged) == 1 else 'are'} damaged and will be made again.")
    return generation, KnownPictures.of(shards(generation), damaged)


def _finished(work: Work) -> Manifest | None:
    """The newest generation's manifest, if this very change was completed already and nothing is damaged since."""
    for generation in work.target.generations()[-1:]:
        try:
            manifest = store.read_manifest(generation)
        except StoreError:
            return None
        if manifest.plan == work.plan and _is_whole(work, generation, manifest):
            work.target.switch_to(generation)  # the change may have been killed between its last two steps
            return manifest
    return None


def _is_whole(work: Work, generation: Path, manifest: Manifest) -> bool:
    """Whether a generation is as it was when finished; it is read only where its files do not show that."""
    untouched = is_untouched(work.target, generation, manifest)
    return untouched or is_sound(generation, manifest, work.options.progress)
