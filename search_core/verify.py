"""Check a finished index directory against itself: counts, checksums, vectors, and a sample embedded anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from search_core import store
from search_core.collection import CHECKSUM, Collection
from search_core.describe import counted
from search_core.duplicates import Duplicates
from search_core.encoder import BATCH, Encoder
from search_core.errors import PictureError, StoreError
from search_core.generation import open_generation, read_duplicates
from search_core.imaging import OWN_PICTURES, decode
from search_core.index import VectorIndex
from search_core.soundness import compare_vectors
from search_core.store import IndexDirectory, Manifest
from search_core.unchanged import forget_request

SAMPLE = 64
"""Rows embedded anew: one batch. A model or image processor that has changed shows in the first of them."""

MIN_COSINE = 0.995
"""Half precision and another processor's arithmetic cost less than 0.001; another model costs far more."""

MAX_NAMED = 5
"""Rows that a problem names; the number of all is given with them."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and what was wrong with it.

    Attributes:
        rows: rows whose file and vector were checked.
        embedded: rows that were embedded anew.
        problems: one sentence each; none means that the directory is sound.
    """

    rows: int
    embedded: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    manifest: Manifest
    collection: Collection
    index: VectorIndex
    duplicates: Duplicates


def verify_index(
    directory: str | Path,
    *,
    model: str | Path | None = None,
    device: str = "auto",
    sample: int = SAMPLE,
    progress: bool = True,
) -> Verification:
    """Check the current generation of an index directory.

    Where something is wrong, the next build looks at the generation itself before it calls it unchanged.

    Args:
        directory: the index directory.
        model: where the model lies now, if not where the manifest says.
        device: as for `Encoder.load`.
        sample: rows to embed anew, evenly spread; 0 checks without the model.
        progress: whether to show bars on standard error.

    Raises:
        StoreError: if the directory is no finished index.
        EncoderError: if the model cannot be loaded.
    """
    generation = IndexDirectory(Path(directory).expanduser().resolve()).current()
    found = _verify(generation, model, device, sample, progress)
    if found.problems:
        forget_request(generation.parent)
    return found


def is_sound(generation: Path, manifest: Manifest, progress: bool = True) -> bool:
    """Whether a generation passes all checks that need no model; reads it whole, with its pictures."""
    try:
        return not any(_check_all(_open(generation, manifest), progress))
    except StoreError:
        return False


def _verify(generation: Path, model: str | Path | None, device: str, sample: int, progress: bool) -> Verification:
    try:
        manifest = store.read_manifest(generation)
        opened = _open(generation, manifest)
    except StoreError as error:
        return Verification(0, 0, (str(error),))
    problems = list(_check_all(opened, progress))
    rows = np.unique(np.linspace(0, manifest.rows - 1, min(sample, manifest.rows)).astype(int)).tolist()
    if rows:
        made_by = manifest.encoder
        encoder = Encoder.load(model or made_by.model, device, made_by.revision, made_by.text_model)
        problems += _check_encoder(opened, encoder, rows)
    return Verification(manifest.rows, len(rows), tuple(problems))


def _open(generation: Path, manifest: Manifest) -> _Opened:
    return _Opened(manifest, *open_generation(generation, manifest), read_duplicates(generation))


def _check_all(opened: _Opened, progress: bool) -> Iterator[str]:
    for check in (_check_files, _check_vectors, _check_duplicates):
        yield from check(opened, progress)


def _check_files(opened: _Opened, progress: bool) -> Iterator[str]:
    """Does each stored file have the bytes that were embedded?"""
    checksums, rows = opened.collection.checksums(), len(opened.collection)
    files = tqdm(opened.collection.files(), desc="Files", total=rows, unit=" pictures", disable=not progress)
    found = np.fromiter((hashlib.sha256(file).digest() for file in files), CHECKSUM, rows)
    changed = np.flatnonzero(found != checksums).tolist()
    yield from _named("with another checksum than when embedded", changed)


def _check_vectors(opened: _Opened, progress: bool) -> Iterator[str]:
    """Is each vector of the index the one that is stored beside the picture, and of unit length?"""
    different: list[int] = []
    long: list[int] = []
    with tqdm(total=len(opened.collection), desc="Vectors", unit=" rows", disable=not progress) as bar:
        for rows, apart, not_unit in compare_vectors(opened.collection, opened.index):
            different += apart.tolist()
            long += not_unit.tolist()
            bar.update(len(rows))
    yield from _named("with another vector in the index than beside the picture", different)
    yield from _named("with a vector that is not of unit length", long)


def _check_duplicates(opened: _Opened, _progress: bool) -> Iterator[str]:
    """Do the groups of near-duplicates name rows that exist, each once?"""
    rows = opened.duplicates.rows
    missing = rows[(rows < 0) | (rows >= opened.manifest.rows)].tolist()
    yield from _named("among the near-duplicates, but not in the index", missing)
    if len(np.unique(rows)) < len(rows):
        yield "Some rows stand in two groups of near-duplicates."


def _check_encoder(opened: _Opened, encoder: Encoder, rows: list[int]) -> Iterator[str]:
    """Does the model still give the vectors that are stored?"""
    try:
        store.check_encoder(opened.manifest, encoder.fingerprint)
    except StoreError as error:
        yield str(error)
        return
    far: list[int] = []
    broken: list[int] = []
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        images = {}
        for row, picture in zip(some, opened.collection.pictures(some), strict=True):
            try:
                images[row] = decode(picture.data, OWN_PICTURES)
            except PictureError:
                broken.append(row)
        cosines = (encoder.encode_images(list(images.values())) * opened.index.vectors(np.array(list(images)))).sum(
            axis=1
        )
        far += [row for row, cosine in zip(images, cosines.tolist(), strict=True) if cosine < MIN_COSINE]
    yield from _named("with a file that cannot be decoded any more", broken)
    yield from _named("embedded otherwise now than when the index was built", far)


def _named(what: str, rows: list[int]) -> Iterator[str]:
    if rows:
        first = ", ".join(map(str, rows[:MAX_NAMED])) + (", ..." if len(rows) > MAX_NAMED else "")
        yield f"{counted(len(rows), 'row')} {what}: {first}."
