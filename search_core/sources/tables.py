"""From a data set, memory-mapped, to rows: which column holds the pictures, and all others as metadata."""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from search_core.collection import RESERVED
from search_core.errors import PictureError, SourceError
from search_core.sources.cells import Files, picture_bytes
from search_core.sources.source import Options, Rows, Source, SourceRow
from search_core.sources.values import FILE_NAME, LABEL, as_text, printable, unique

if TYPE_CHECKING:
    from datasets import Dataset, Features

BATCH = 1_000
"""Rows whose metadata is read at once."""

IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Table:
    """A data set, loaded.

    Attributes:
        name: where it is.
        data: its rows.
        fingerprint: changes when its content does.
        files: which files its cells may name.
        notes: on what was passed over so far.
        of_files: whether its rows are picture files, whose folder is their label where nothing else says it.
    """

    name: str
    data: Dataset
    fingerprint: str
    files: Files
    notes: tuple[str, ...] = ()
    of_files: bool = False


def from_table(table: Table, options: Options) -> Source:
    """Make a source of a data set.

    Raises:
        SourceError: if it is empty, or its column of pictures is not known.
    """
    if not len(table.data):
        raise SourceError(f"{table.name} holds no rows. Choose another split or data set.")
    column = _image_column(table, options.image_column)
    left_out = [name for name, feature in table.data.features.items() if name != column and _is_binary(feature)]
    rows = _TableRows(table, column, left_out, options)
    return Source(table.name, rows.columns, rows, (*table.notes, *rows.notes()))


def _image_column(table: Table, wanted: str | None) -> str:
    """The column asked for; else the only one of pictures; else the one named `image`."""
    from datasets import Image

    features: Features = table.data.features
    typed: list[str] = [name for name, feature in features.items() if isinstance(feature, Image)]
    likely = typed or [name for name, feature in features.items() if _may_be_picture(feature)]
    lists = [name for name, feature in features.items() if _is_list_of_pictures(feature)]
    if wanted in lists or (lists and likely in ([], lists)):
        raise SourceError(
            f"The column {wanted or lists[0]} of {table.name} holds lists of pictures. Write a row for each."
        )
    advice = f"Name one with --image-column: {', '.join(likely or features)}."
    if wanted is not None:
        if wanted not in features:
            raise SourceError(f"{table.name} has no column {wanted}. {advice}")
        if not isinstance(features[wanted], Image) and not _may_be_picture(features[wanted]):
            raise SourceError(f"The column {wanted} of {table.name} holds no pictures. {advice}")
        return wanted
    if len(typed) == 1:
        return typed[0]
    if IMAGE in likely:
        return IMAGE
    which = "several columns of pictures" if typed else "no column that is declared to hold pictures"
    raise SourceError(f"{table.name} has {which}. {advice}")


def _may_be_picture(feature: Any) -> bool:
    """Whether the values can be bytes, paths, both, or arrays."""
    from datasets import Array2D, Array3D, Value

    if isinstance(feature, Value):
        return feature.dtype in ("string", "large_string", "binary", "large_binary")
    if isinstance(feature, dict):
        return bool({"bytes", "path"} & set(feature))
    return isinstance(feature, Array2D | Array3D) or _depth(feature) in (2, 3)


def _is_list_of_pictures(feature: Any) -> bool:
    from datasets import Image, LargeList, List

    if not isinstance(feature, List | LargeList):
        return False
    return isinstance(feature.feature, Image) or (_is_binary(feature.feature) and _may_be_picture(feature.feature))


def _depth(feature: Any) -> int:
    from datasets import LargeList, List

    return 1 + _depth(feature.feature) if isinstance(feature, List | LargeList) else 0


def _is_binary(feature: Any) -> bool:
    """Whether a column holds bytes, which are no metadata: further pictures, sound, masks, arrays."""
    from datasets import Array2D, Array3D, Array4D, Array5D, Value

    if isinstance(feature, Value):
        return "binary" in feature.dtype
    if isinstance(feature, dict):
        return any(map(_is_binary, feature.values()))
    if hasattr(feature, "feature"):
        return _is_binary(feature.feature)
    return hasattr(feature, "decode_example") or isinstance(feature, Array2D | Array3D | Array4D | Array5D)


class _TableRows(Rows):
    def __init__(self, table: Table, image: str, left_out: Sequence[str], options: Options) -> None:
        self._table, self._image, self._left_out, self._pattern = table, image, left_out, options.pattern
        kept = [name for name in table.data.column_names if name not in (image, *left_out)]
        self._features: Features = table.data.features
        self._pictures = table.data.select_columns([image]).with_format("arrow")
        self._others = table.data.select_columns(kept).with_format("arrow")
        self._renamed = {name: _free(name, kept) for name in kept if name in RESERVED}
        self._label = _label_column(self._features, kept)
        self._loose: dict[int, str] = {}
        self._names = unique(self._given_names())
        fields = options.pattern.columns if options.pattern else ()
        columns = (FILE_NAME, LABEL, *(self._renamed.get(name, name) for name in kept), *fields)
        self.columns = tuple(dict.fromkeys(columns))

    def __len__(self) -> int:
        return len(self._table.data)

    def notes(self) -> Iterator[str]:
        """Yield sentences on columns and names."""
        if self._left_out:
            yield f"Columns of bytes are not kept as metadata: {', '.join(self._left_out)}."
        for old, new in self._renamed.items():
            yield f"The column {old} is kept as {new}, because the index uses that name itself."
        if self._pattern:
            yield from self._pattern.notes(self._names)

    def _make(self, start: int, stop: int) -> Iterator[SourceRow]:
        for first in range(start, stop, BATCH):
            last = min(stop, first + BATCH)
            for row, values in enumerate(self._texts(first, last), start=first):
                yield SourceRow(self._metadata(row, values), self._stamp(row), partial(self._read, row))

    def _metadata(self, row: int, values: dict[str, str]) -> dict[str, str]:
        name = self._names[row]
        fields = (self._pattern.values(name) if self._pattern else None) or {}
        given = {self._renamed.get(column, column): value for column, value in values.items() if value}
        folder = {LABEL: posixpath.dirname(name)} if self._table.of_files and "/" in name else {}
        label = {LABEL: values[self._label]} if self._label and values[self._label] else {}
        return dict.fromkeys(self.columns, "") | fields | folder | given | label | {FILE_NAME: name}

    def _texts(self, start: int, stop: int) -> Iterator[dict[str, str]]:
        """Yield each row's other columns as strings."""
        if not self._others.column_names:
            yield from ({} for _ in range(start, stop))
            return
        batch = self._others[start:stop]
        columns = {name: _strings(batch.column(name), self._features[name]) for name in batch.column_names}
        yield from (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))

    def _stamp(self, row: int) -> str:
        loose = self._table.files.stamp(self._loose[row]) if row in self._loose else ""
        return f"{self._table.fingerprint}:{self._image}:{row}:{loose}"

    def _read(self, row: int) -> bytes:
        try:
            cell = self._pictures[row].column(0)[0].as_py()
        except ValueError as error:  # lists that do not fit an array's shape, bytes that are no string
            raise PictureError(f"The row cannot be read: {error}.") from error
        return picture_bytes(cell, self._table.files)

    def _given_names(self) -> Iterator[str]:
        """Yield what the data set calls each picture: its column `file_name`, else the path beside the bytes, or none.

        On the way, remember the rows whose picture lies in a file of its own.
        """
        for start in range(0, len(self), BATCH):
            paths = list(_paths(self._pictures[start : start + BATCH].column(0)))
            self._loose |= {row: path for row, (path, loose) in enumerate(paths, start=start) if path and loose}
            if FILE_NAME in self._others.column_names:
                yield from _strings(self._others[start : start + BATCH].column(FILE_NAME), None)
            else:
                yield from (printable(self._plain(path)) for path, _ in paths)

    def _plain(self, path: str | None) -> str:
        """A path without what belongs to this machine: relative to the data set, or its last part alone."""
        if not path:
            return ""
        path = path.partition("/snapshots/")[2].partition("/")[2] or path  # the Hub's cache
        path = path.removeprefix(self._table.files.base.as_posix() + "/")
        if posixpath.isabs(path) or ntpath.isabs(path) or "://" in path or ".." in path.split("/"):
            return ntpath.basename(path)
        return posixpath.normpath(path)


def _label_column(features: Features, kept: Sequence[str]) -> str | None:
    """The column `label`, else the only one of named classes."""
    from datasets import ClassLabel

    classes = [name for name in kept if isinstance(features[name], ClassLabel)]
    return LABEL if LABEL in kept else classes[0] if len(classes) == 1 else None


def _free(name: str, taken: Sequence[str]) -> str:
    renamed = f"source_{name}"
    return _free(renamed, taken) if renamed in taken else renamed


def _strings(column: Any, feature: Any) -> list[str]:
    return [as_text(_named(value, feature)) for value in column.to_pylist()]


def _named(value: Any, feature: Any) -> Any:
    """Replace the numbers of classes by their names."""
    from datasets import ClassLabel

    if isinstance(feature, ClassLabel) and isinstance(value, int):
        return feature.names[value] if 0 <= value < len(feature.names) else None
    if isinstance(value, list) and hasattr(feature, "feature"):
        return [_named(one, feature.feature) for one in value]
    return value


def _paths(column: Any) -> Iterator[tuple[str | None, bool]]:
    """Yield for each cell its path and whether there is nothing but the path. Bytes are not touched."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_struct(kind) and kind.get_field_index("path") >= 0:
        paths = pc.struct_field(column, "path").to_pylist()
        has_bytes = kind.get_field_index("bytes") >= 0
        held = pc.is_valid(pc.struct_field(column, "bytes")).to_pylist() if has_bytes else [False] * len(paths)
        yield from ((path, not bytes_held) for path, bytes_held in zip(paths, held, strict=True))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield from ((path, True) for path in column.to_pylist())
    else:
        yield from ((None, False) for _ in range(len(column)))
