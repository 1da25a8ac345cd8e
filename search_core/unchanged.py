"""Whether a build has anything to do, told without loading the model, where that can be told safely.

    DIR/asked.json    what the newest generation was asked for, which one that is, and its files

A plan names the weights, for which the model must be loaded: seconds, to find that nothing has changed. So what was
asked for is noted too, with the model's files by size and times, as a source's pictures are. Where a model can change
in another place, as on a branch on the Hub, no request is noted, and the model is loaded.

The generation's own files are noted by size and times as well, so that one which was damaged since is not taken for a
finished one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from search_core import store
from search_core.errors import StoreError
from search_core.making import make_plan
from search_core.store import IndexDirectory, Manifest

_FILE = "asked.json"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_READERS = ("vignette", "sentence-transformers", "transformers", "tokenizers")
"""Packages that decide how a model's files are read: another version may make another fingerprint of them."""

_ELSEWHERE = "adapter_config.json"
"""A folder with this file takes its weights from another place."""


def model_stamp(model: str | Path, revision: str | None) -> str | None:
    """A string that changes when a model does; None if that cannot be told without loading it.

    Args:
        model: a folder, or a name on the Hub.
        revision: only a whole commit id stands for files that never change.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        files = _files(folder.resolve())
        return None if files is None else repr((str(folder.resolve()), revision, files))
    return repr((str(model), revision)) if revision and _COMMIT.fullmatch(revision) else None


def make_request(
    listing: str, model: str | Path, revision: str | None, text_model: str | Path | None, *options: object
) -> str | None:
    """Name everything that a build is asked for; None if that cannot be told without loading a model.

    Args:
        listing: of the source, as `Source.listing` gives it.
        model, revision, text_model: as for `Encoder.load`.
        options: whatever else decides the result.
    """
    stamps = [model_stamp(model, revision)] + ([model_stamp(text_model, None)] if text_model is not None else [])
    if None in stamps:
        return None
    return make_plan("asked", listing, stamps, list(map(_version, _READERS)), options)


def find_unchanged(directory: IndexDirectory, request: str | None) -> Manifest | None:
    """The newest generation's manifest, if it was made for this very request and is untouched; served from now on.

    Raises:
        StoreError: if another build is at work there.
    """
    if request is None or not (directory.path / _FILE).is_file():
        return None
    with directory.locked():
        for generation in directory.generations()[-1:]:
            try:
                manifest = store.read_manifest(generation)
            except StoreError:
                return None
            if _noted(directory)[:1] == [request] and is_untouched(directory, generation, manifest):
                directory.switch_to(generation)
                return manifest
    return None


def note_request(directory: IndexDirectory, request: str | None, manifest: Manifest) -> None:
    """Note what the generation that is served was asked for, and its files as they stand."""
    text = json.dumps([request, manifest.generation, _files(directory.current())])
    store.write_whole(directory.path / _FILE, lambda path: path.write_text(text, encoding="utf-8"))


def forget_request(directory: Path) -> None:
    """Have the next build look at the newest generation itself."""
    with contextlib.suppress(OSError):  # a directory that may only be read
        (directory / _FILE).unlink(missing_ok=True)


def is_untouched(directory: IndexDirectory, generation: Path, manifest: Manifest) -> bool:
    """Whether a generation's files have the sizes and times that were noted when it was finished or last checked."""
    files = _files(generation)
    return files is not None and _noted(directory)[1:] == [manifest.generation, [list(file) for file in files]]


def _noted(directory: IndexDirectory) -> list[object]:
    try:
        noted = json.loads((directory.path / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return noted if isinstance(noted, list) else []


def _files(folder: Path) -> list[tuple[str, int, int, int]] | None:
    """Each file with its size and times; None if there are links to folders, which are not followed."""
    found = []
    for path, folders, names in os.walk(folder):
        if _ELSEWHERE in names or any(Path(path, name).is_symlink() for name in folders):
            return None
        for file in (Path(path, name) for name in names if Path(path, name).is_file()):
            status = file.stat()
            # A copy may set the time of its content back; that of its last change of any kind, nothing can.
            found.append((str(file.relative_to(folder)), status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    return sorted(found)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:  # our own, run from a checkout that was never installed
        return None
