"""Metadata files beside pictures: metadata.csv, metadata.jsonl, metadata.parquet, in any folder of a source.

Each names its pictures in a column `file_name`, relative to its own folder, as `datasets`' image folders do.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from search_core.errors import SourceError
from search_core.sources.values import FILE_NAME, as_text, check_columns, printable

METADATA_FILES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
"""In whatever letter case."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the metadata files of a source say.

    Attributes:
        columns: all their columns but `file_name`.
        values: for each file name within the source, its columns; absent values are left out.
        files: names of the metadata files.
    """

    columns: tuple[str, ...]
    values: dict[str, dict[str, str]]
    files: tuple[str, ...]


def read_metadata(files: Iterable[str], read: Callable[[str], bytes], where: str) -> Metadata:
    """Read all metadata files of a source. Where two name a picture, the one in the nearer folder counts.

    Args:
        files: names of all files of the source.
        read: the bytes of a file.
        where: the source, for messages.

    Raises:
        SourceError: if one is malformed, or two stand in one folder.
    """
    found = sorted((name for name in files if posixpath.basename(name).lower() in METADATA_FILES), key=_depth)
    _check_one_a_folder(found, where)
    columns: dict[str, None] = {}
    values: dict[str, dict[str, str]] = {}
    for name in found:
        for line_columns, file_name, line in _lines(f"{where}/{name}", name, read(name)):
            columns |= dict.fromkeys(line_columns)
            values.setdefault(file_name, {}).update({key: value for key, value in line.items() if value})
    return Metadata(tuple(columns), values, tuple(found))


def _depth(name: str) -> tuple[int, str]:
    return name.count("/"), name


def _check_one_a_folder(found: list[str], where: str) -> None:
    folders: dict[str, str] = {}
    for name in found:
        other = folders.setdefault(posixpath.dirname(name), name)
        if other != name:
            raise SourceError(f"{where} holds both {other} and {name}. Keep one of them.")


def _lines(path: str, name: str, data: bytes) -> Iterator[tuple[list[str], str, dict[str, str]]]:
    """Yield for each line its columns, its file name within the source, and its values."""
    lines = _READERS[posixpath.splitext(name)[1].lower()](path, data)
    seen: set[str] = set()
    columns = [column for column in dict.fromkeys(key for line in lines for key in line) if column != FILE_NAME]
    check_columns(path, columns)
    for line in lines:
        given = as_text(line.get(FILE_NAME))
        if not given:
            raise SourceError(f"{path} needs a column file_name with a value in every line.")
        file_name = posixpath.normpath(posixpath.join(printable(posixpath.dirname(name)), given.replace("\\", "/")))
        if file_name in seen:
            raise SourceError(f"{path} names {given} twice. Keep one of the lines.")
        seen.add(file_name)
        yield columns, file_name, {column: as_text(line.get(column)) for column in columns}


def _read_csv(path: str, data: bytes) -> list[dict[str, Any]]:
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        columns = _header(path, next(reader, None))
        lines: list[dict[str, Any]] = []
        for cells in filter(None, reader):
            if len(cells) > len(columns):
                raise SourceError(f"{path}, line {reader.line_num}, has more cells than the first line. Quote commas.")
            lines.append(dict(zip_longest(columns, cells, fillvalue="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} is not CSV in UTF-8: {error}. Save it again as such.") from error
    return lines


def _header(path: str, cells: list[str] | None) -> list[str]:
    """The names of a CSV file's columns, without the space around them."""
    columns = [printable(cell.strip()) for cell in cells or ()]
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(columns) == 1 and mark in columns[0]:
            raise SourceError(f"{path} has its columns separated by {name}. Save it again with commas.")
    if "" in columns:
        raise SourceError(f"{path} has no name for its column {columns.index('') + 1}. Name it in the first line.")
    _check_once(path, columns)
    return columns


def _check_once(path: str, columns: list[str]) -> None:
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise SourceError(f"{path} has two columns named {twice[0]}. Rename or remove one.")


def _read_jsonl(path: str, data: bytes) -> list[dict[str, Any]]:
    lines = []
    for number, text in enumerate(data.splitlines(), start=1):
        try:
            line = json.loads(text) if text.strip() else {}
        except ValueError as error:
            raise SourceError(f"{path}, line {number}, is not JSON in UTF-8: {error}. Mend it.") from error
        if not isinstance(line, dict):
            raise SourceError(f"{path}, line {number}, is no JSON object. Write one object a line.")
        lines += [line] if line else []
    return lines


def _read_parquet(path: str, data: bytes) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(data))
        _check_once(path, table.schema_arrow.names)
        lines: list[dict[str, Any]] = table.read().to_pylist()
    except pa.ArrowException as error:
        raise SourceError(f"{path} is no Parquet file, or a damaged one: {error}. Write it again.") from error
    return lines


_READERS = {".csv": _read_csv, ".jsonl": _read_jsonl, ".parquet": _read_parquet}
