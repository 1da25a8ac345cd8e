"""From named files, in a folder or in an archive, to rows: pictures, labels, metadata, and what is passed over."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Protocol

from search_core.describe import counted
from search_core.errors import PictureError, SourceError
from search_core.sources.metadata import Metadata, read_metadata
from search_core.sources.source import Options, Rows, Source, SourceRow
from search_core.sources.values import FILE_NAME, LABEL, printable, unique

PICTURE_SUFFIXES = frozenset(
    ".png .jpg .jpeg .jpe .jfif .webp .gif .tif .tiff .bmp .jp2 .j2k .jpx .ppm .pgm .pbm .svg .avif .heic".split()  # noqa: SIM905
)
"""What a person would call a picture. Those we cannot decode become entries of the report, not silence."""

_CONTAINERS = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".parquet", ".arrow")


class Files(Protocol):
    """The files of a folder or archive."""

    @property
    def name(self) -> str:
        """Where they are."""

    @property
    def names(self) -> Sequence[str]:
        """Names of all regular files, `/` between folders, sorted."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences on entries that are no regular files."""

    def stamp(self, name: str) -> str:
        """A string that changes when the file does."""

    def read(self, name: str) -> bytes:
        """The file's bytes. Raises OSError or PictureError."""


def is_picture(name: str) -> bool:
    """Whether a file's name says that it is a picture. Hidden files and folders are passed over."""
    return _has_suffix(name) and not is_hidden(name) and not is_leftover(name)


def _has_suffix(name: str) -> bool:
    return posixpath.splitext(name)[1].lower() in PICTURE_SUFFIXES


def is_hidden(name: str) -> bool:
    """Whether a file or one of its folders is hidden."""
    return any(part.startswith(".") for part in name.split("/"))


def is_leftover(name: str) -> bool:
    """Whether a file is what macOS puts beside others (AppleDouble), which shows nothing whatever its name."""
    return "__MACOSX" in name.split("/") or posixpath.basename(name).startswith("._")


def from_files(files: Files, options: Options) -> Source:
    """Make a source of files.

    Raises:
        SourceError: if there is no picture, or a metadata file is malformed.
    """
    for option, value in (("--split", options.split), ("--image-column", options.image_column)):
        if value is not None:
            raise SourceError(f"{files.name} holds picture files, for which {option} means nothing. Leave it out.")
    pictures = [name for name in files.names if is_picture(name)]
    if not pictures:
        passed_over = "".join(f" {note}" for note in (*files.notes, *_hidden(files)))
        raise SourceError(f"{files.name} holds no pictures ({', '.join(sorted(PICTURE_SUFFIXES))}).{passed_over}")
    try:
        metadata = read_metadata([name for name in files.names if not is_hidden(name)], files.read, files.name)
    except (OSError, PictureError) as error:
        raise SourceError(f"A metadata file in {files.name} cannot be read: {error}") from error
    rows = _FileRows(files, pictures, metadata, options)
    strangers = tuple(_strangers(files, pictures, metadata, options))
    return Source(files.name, rows.columns, rows, tuple(_notes(files, pictures, metadata, options)), strangers)


class _FileRows(Rows):
    def __init__(self, files: Files, pictures: list[str], metadata: Metadata, options: Options) -> None:
        self._files, self._pictures, self._metadata, self._pattern = files, pictures, metadata, options.pattern
        self._names = unique(map(printable, pictures))
        fields = options.pattern.columns if options.pattern else ()
        self.columns = tuple(dict.fromkeys((FILE_NAME, LABEL, *metadata.columns, *fields)))

    def __len__(self) -> int:
        return len(self._pictures)

    def _make(self, start: int, stop: int) -> Iterator[SourceRow]:
        for picture, name in zip(self._pictures[start:stop], self._names[start:stop], strict=True):
            yield SourceRow(self._values(picture, name), self._files.stamp(picture), partial(self._files.read, picture))

    def _values(self, picture: str, name: str) -> dict[str, str]:
        """Metadata files come first, then the folder as label, then what the name says."""
        said = self._metadata.values.get(printable(picture), {})
        folder = {LABEL: posixpath.dirname(name)} if "/" in name else {}
        fields = (self._pattern.values(printable(picture)) if self._pattern else None) or {}
        return dict.fromkeys(self.columns, "") | fields | folder | said | {FILE_NAME: name}


def _notes(files: Files, pictures: list[str], metadata: Metadata, options: Options) -> Iterator[str]:
    yield from files.notes
    yield from _hidden(files)
    if containers := [name for name in files.names if _is_container(name, metadata)]:
        several = counted(len(containers), "archive or table", "archives or tables")
        yield f"{several} will not be looked into, the first is {containers[0]}. Build from such files apart."
    if others := [name for name in files.names if _is_other(name, metadata)]:
        files_are = counted(len(others), "file is no picture by its name", "files are no pictures by their names")
        yield f"{files_are} and will be passed over, the first is {others[0]}."
    said_by = ", ".join(metadata.files)
    named = set(map(printable, pictures))
    if missing := sorted(set(metadata.values) - named):
        files_are = counted(len(missing), "file that is", "files that are")
        yield f"{said_by} names {files_are} not there, the first is {missing[0]}."
    if metadata.files and (bare := sorted(named - set(metadata.values))):
        yield f"{said_by} says nothing of {counted(len(bare), 'picture')}, the first is {bare[0]}."
    if options.pattern:
        yield from options.pattern.notes(map(printable, pictures))


def _strangers(files: Files, pictures: list[str], metadata: Metadata, options: Options) -> Iterator[str]:
    """Yield each name that a note only counts, with why."""
    for name in map(printable, pictures):
        if options.pattern and options.pattern.values(name) is None:
            yield f"does not fit the pattern {options.pattern.text}: {name}"
    for name in files.names:
        if _is_other(name, metadata):
            yield f"no picture by its name: {printable(name)}"
        elif is_hidden(name) and _has_suffix(name) and not is_leftover(name):
            yield f"hidden: {printable(name)}"


def _hidden(files: Files) -> Iterator[str]:
    """Yield a sentence on pictures that are hidden by a leading dot, if there are any."""
    hidden = [name for name in files.names if is_hidden(name) and _has_suffix(name) and not is_leftover(name)]
    if hidden:
        pictures = counted(len(hidden), "hidden picture")
        yield f"{pictures} will be passed over, the first is {hidden[0]}. Rename what begins with a dot to take them."


def _is_other(name: str, metadata: Metadata) -> bool:
    known = (
        is_hidden(name)
        or is_leftover(name)
        or is_picture(name)
        or name in metadata.files
        or _is_container(name, metadata)
    )
    return not known


def _is_container(name: str, metadata: Metadata) -> bool:
    return name.lower().endswith(_CONTAINERS) and name not in metadata.files and not is_hidden(name)
