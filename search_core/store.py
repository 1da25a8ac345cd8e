"""The index directory on disk: generations, their manifest, and the atomic switch between them.

    DIR/CURRENT                     the name of the generation that is served
    DIR/asked.json                  what the newest one was asked for (`unchanged`), if it was built here
    DIR/generation-000001/          complete and never changed again
        manifest.json               what made it (`Manifest`)
        rows/shard-00000.arrow ...  pictures, metadata and vectors (`collection.Collection`)
        index.faiss                 the vector index
        unreadable.json             pictures that were passed over, with the reason
    DIR/building/                   an unfinished build; `build` goes on where it stopped

Files appear whole or not at all: they are written beside their place, flushed to disk, and renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from search_core.encoder import EncoderFingerprint
from search_core.errors import ManifestMismatch, StoreError

FORMAT = 2
"""Version of the directory's layout; raised when an older engine could misread a newer directory."""

NORMALISATION = "unit length"
VECTOR_DTYPE = "float16"
KEPT_GENERATIONS = 2
"""The served generation and the one before it, so that an engine that still reads it can finish."""

_MANIFEST, _CURRENT, _PREFIX = "manifest.json", "CURRENT", "generation-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made an index: enough to refuse an engine, a file or an edit that does not fit.

    Attributes:
        format: version of the directory's layout.
        generation: unique name of this build; rows are numbered anew in each.
        created: time of completion, ISO 8601, UTC.
        vignette: version of the program that built it.
        source: where the collection came from.
        source_fingerprint: `Collection.fingerprint` of the rows.
        plan: identifies source listing and encoder, so that an unchanged build is not done again.
        reports: SHA-256 over the reports of passed-over pictures, near-duplicates and removed pictures.
        rows: pictures in the index.
        unreadable: pictures of the source that were passed over.
        encoder: the encoder's fingerprint.
        normalisation, vector_dtype, metric: how vectors are kept and compared.
        index_type: the `VectorIndex.kind`.
        recall: measured share of true nearest neighbours that the index finds.
        calibration: what puts scores into words, as `calibration.Scales` says.
    """

    format: int
    generation: str
    created: str
    vignette: str
    source: str
    source_fingerprint: str
    plan: str
    reports: str
    rows: int
    unreadable: int
    encoder: EncoderFingerprint
    normalisation: str
    vector_dtype: str
    metric: str
    index_type: str
    recall: float
    calibration: dict[str, list[list[float]]]

    def as_dict(self) -> dict[str, Any]:
        """All fields as one flat dictionary, the encoder's among them."""
        flat = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "encoder"}
        return flat | asdict(self.encoder)


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Write `manifest.json`, with a digest beside each field by which an edit shows."""
    values = manifest.as_dict()
    text = json.dumps(values | {"digests": {name: _digest(value) for name, value in values.items()}}, indent=2)
    write_whole(directory / _MANIFEST, lambda path: path.write_text(text + "\n", encoding="utf-8"))


def read_manifest(directory: Path) -> Manifest:
    """Read and check a generation's `manifest.json`.

    Raises:
        StoreError: if there is none or it is no JSON object.
        ManifestMismatch: if a field is missing, unknown or changed, or the format is another.
    """
    path = directory / _MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        digests = values.pop("digests")
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise StoreError(f"{path} is missing or damaged. Build the index again.") from error
    if values.get("format") != FORMAT:
        raise ManifestMismatch("format", f"{path}: format {values.get('format')!r} is not {FORMAT}. Build it again.")
    encoder_fields = [field.name for field in fields(EncoderFingerprint)]
    expected = [field.name for field in fields(Manifest) if field.name != "encoder"] + encoder_fields
    for name in sorted({*expected, *values}):
        if name not in values or name not in expected or digests.get(name) != _digest(values[name]):
            raise ManifestMismatch(
                name, f"{path}: field {name!r} was changed after the build. Restore the file, or build again."
            )
    if set(digests) != set(expected):
        raise ManifestMismatch(
            "digests", f"{path}: field 'digests' was changed after the build. Build the index again."
        )
    encoder = EncoderFingerprint(**{name: values.pop(name) for name in encoder_fields})
    return Manifest(encoder=encoder, **values)


def check_encoder(manifest: Manifest, encoder: EncoderFingerprint) -> None:
    """Refuse an encoder whose vectors cannot be compared with the index's.

    The model's name may differ, since a folder can be moved; its weights may not.

    Raises:
        ManifestMismatch: naming the first field that differs.
    """
    for field in fields(EncoderFingerprint):
        built, loaded = getattr(manifest.encoder, field.name), getattr(encoder, field.name)
        if field.name not in ("model", "text_model") and built != loaded:
            raise ManifestMismatch(
                field.name,
                f"The index was built with {field.name} {built!r}, but the model has {loaded!r}. "
                f"Open it with the model {manifest.encoder.model}, or build it again.",
            )


def check_field(field: str, built: object, found: object) -> None:
    """Refuse files that do not fit their manifest.

    Raises:
        ManifestMismatch: if the two values differ.
    """
    if built != found:
        raise ManifestMismatch(field, f"The manifest says {field} {built!r}, the files say {found!r}. Build again.")


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class IndexDirectory:
    """An index directory. Nothing is created before something is written."""

    path: Path

    @property
    def building(self) -> Path:
        """Where an unfinished build stands."""
        return self.path / "building"

    def current(self) -> Path:
        """Find the generation that is served.

        Raises:
            StoreError: if the directory is no finished index.
        """
        pointer = self.path / _CURRENT
        if not pointer.is_file():
            state = "holds an unfinished build" if self.building.is_dir() else "is no index directory"
            raise StoreError(f"{self.path} {state}. Run: vignette index build SOURCE {self.path}")
        generation = self.path / pointer.read_text(encoding="utf-8", errors="replace").strip()
        is_one = generation.parent == self.path and generation.name.startswith(_PREFIX) and generation.is_dir()
        if not is_one:
            raise StoreError(f"{pointer} points to a generation that is not there. Build the index again.")
        return generation

    def generations(self) -> list[Path]:
        """Complete generations, oldest first."""
        return sorted(path.parent for path in self.path.glob(f"{_PREFIX}*/{_MANIFEST}"))

    def next_generation(self) -> str:
        """The name that the next generation gets."""
        numbers = [int(path.name.removeprefix(_PREFIX)) for path in self.path.glob(f"{_PREFIX}[0-9]*")]
        return f"{_PREFIX}{max(numbers, default=0) + 1:06d}"

    def publish(self) -> Path:
        """Turn `building` into the next generation and serve it. A reader sees the old one or the new one."""
        generation = self.path / self.next_generation()
        self.building.rename(generation)
        self.switch_to(generation)
        return generation

    def switch_to(self, generation: Path) -> None:
        """Serve a complete generation, and drop those that nobody reads any more.

        The one that was served till now stays, also where a newer one, finished but never served, stands between.
        """
        served = self._served()
        write_whole(self.path / _CURRENT, lambda path: path.write_text(generation.name + "\n", encoding="utf-8"))
        for old in self.generations()[:-KEPT_GENERATIONS]:
            if old not in (served, generation):
                shutil.rmtree(old)

    def _served(self) -> Path | None:
        try:
            return self.current()
        except StoreError:
            return None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory for one build.

        Raises:
            StoreError: if another process builds there, or the directory cannot be written.
        """
        from filelock import FileLock, Timeout  # only a build needs it

        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path / ".lock", timeout=0):
                yield
        except Timeout:
            raise StoreError(f"Another build is at work in {self.path}. Wait for it to end.") from None
        except OSError as error:
            if self.path.is_dir() and os.access(self.path, os.W_OK):
                raise  # it happened inside the build, which knows better
            raise StoreError(f"{self.path} cannot be written: {error.strerror}. Name another place.") from error


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` fill a file beside its place, flush it to disk, and rename it into place."""
    unfinished = path.with_name(path.name + ".unfinished")
    write(unfinished)
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
