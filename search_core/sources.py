"""Where pictures come from: a source is listed first, and no picture is read until the build asks for it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from search_core.collection import RESERVED
from search_core.errors import SourceError

PICTURE_SUFFIXES = frozenset(
    ".png .jpg .jpeg .jpe .jfif .webp .gif .tif .tiff .bmp .svg .jp2 .avif .heic".split()  # noqa: SIM905
)
"""What a person would call a picture. Those we cannot decode become entries of the report, not silence."""

METADATA_FILE = "metadata.csv"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One picture of a source, not yet read.

    Attributes:
        path: the file.
        metadata: `file_name` (within the source, `/` between folders), `label` (its folder), then the columns
            of `metadata.csv`; a missing value is an empty string.
    """

    path: Path
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A listed source.

    Attributes:
        name: where it is.
        rows: its pictures in the order of their file names.
        notes: sentences on what was passed over, for the person who builds.
    """

    name: str
    rows: tuple[SourceRow, ...]
    notes: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """Names of the metadata columns, the same for every row."""
        return list(self.rows[0].metadata)

    def listing(self) -> str:
        """SHA-256 over names, sizes, times and metadata: changes whenever a build must start again."""
        digest = hashlib.sha256()
        for row in self.rows:
            status = row.path.stat()
            digest.update(repr((row.metadata, status.st_size, status.st_mtime_ns)).encode())
        return digest.hexdigest()


def open_source(source: str | Path) -> Source:
    """List a folder of pictures, nested or not, with an optional `metadata.csv` at its top.

    Not `load_dataset("imagefolder")`: it takes words in file names for split names and silently drops the rest
    of the folder (`datasets` 5.2).

    Raises:
        SourceError: if the folder or its pictures are missing, or `metadata.csv` is malformed.
    """
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise SourceError(f"There is no folder {folder}. Give the folder that holds the pictures.")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path, folder))
    pictures = {path.relative_to(folder).as_posix(): path for path in files if path.suffix.lower() in PICTURE_SUFFIXES}
    if not pictures:
        raise SourceError(f"Folder {folder} holds no pictures ({', '.join(sorted(PICTURE_SUFFIXES))}).")
    columns, table = _read_metadata(folder / METADATA_FILE)
    rows = tuple(
        SourceRow(path, {"file_name": name, "label": _label(name)} | _values(columns, table.get(name)))
        for name, path in sorted(pictures.items())
    )
    return Source(str(folder.resolve()), rows, tuple(_notes(pictures, table)))


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _label(file_name: str) -> str:
    return file_name.rpartition("/")[0]


def _values(columns: Sequence[str], values: dict[str, str] | None) -> dict[str, str]:
    return {column: (values or {}).get(column) or "" for column in columns}


def _read_metadata(path: Path) -> tuple[list[str], dict[str, dict[str, str]]]:
    if not path.is_file():
        return [], {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="", strict=True)
            lines = list(reader)
            columns = [name for name in reader.fieldnames or () if name not in ("file_name", "label")]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} is not CSV in UTF-8: {error}. Save it again as such.") from error
    _check_metadata(path, lines, columns)
    return columns, {line["file_name"]: line for line in lines}


def _check_metadata(path: Path, lines: list[dict[str, str]], columns: list[str]) -> None:
    if not all(line.get("file_name") for line in lines):
        raise SourceError(f"{path} needs a column file_name with a value in every line.")
    if taken := set(columns) & set(RESERVED):
        raise SourceError(f"{path} has a column named {min(taken)}, which is reserved. Rename it.")
    seen: set[str] = set()
    for line in lines:
        if line["file_name"] in seen:
            raise SourceError(f"{path} names {line['file_name']} twice. Keep one of the lines.")
        seen.add(line["file_name"])


def _notes(pictures: dict[str, Path], table: dict[str, dict[str, str]]) -> Iterator[str]:
    if missing := sorted(set(table) - set(pictures)):
        yield f"{METADATA_FILE} names {len(missing)} files that are not there, the first is {missing[0]}."
    if table and (bare := sorted(set(pictures) - set(table))):
        yield f"{METADATA_FILE} says nothing of {len(bare)} pictures, the first is {bare[0]}."
