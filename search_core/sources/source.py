"""What every kind of source is turned into: rows that are listed, and not yet read."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from search_core.sources.names import NamePattern


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One picture of a source, not yet read.

    Attributes:
        metadata: `file_name` (within the source, unique, `/` between folders), `label`, then the source's own
            columns; a missing value is an empty string.
        stamp: changes when the picture does, as far as can be told without reading it.
        read: returns the undecoded bytes; raises OSError or PictureError with the reason if it cannot.
    """

    metadata: dict[str, str]
    stamp: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """A listed source.

    Attributes:
        name: where it is, without secrets.
        columns: the metadata columns, the same for every row.
        rows: its pictures in a fixed order.
        notes: sentences on what was passed over, for the person who builds.
        strangers: names of files, each after why it is named: no picture by its name, hidden, not fitting the pattern.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[SourceRow]
    notes: tuple[str, ...]
    strangers: tuple[str, ...] = ()

    def listing(self) -> str:
        """SHA-256 over the rows' metadata and stamps: changes whenever a build must start again."""
        digest = hashlib.sha256(repr(self.columns).encode())
        for row in self.rows:
            digest.update(repr((row.metadata, row.stamp)).encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who builds said about a source; each kind uses what concerns it.

    Attributes:
        image_column: the data set's column of pictures.
        split, revision: which part and version of a data set.
        token: for private data sets.
        pattern: turns file names into columns.
        progress: whether to show bars on standard error.
    """

    image_column: str | None = None
    split: str | None = None
    revision: str | None = None
    token: str | None = None
    pattern: NamePattern | None = None
    progress: bool = False


class Rows(Sequence[SourceRow]):
    """Rows made when they are asked for, so that a million of them need no memory of their own."""

    @abstractmethod
    def _make(self, start: int, stop: int) -> Iterator[SourceRow]:
        """Yield the rows from `start` up to `stop`."""

    @overload
    def __getitem__(self, index: int) -> SourceRow: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[SourceRow, ...]: ...
    def __getitem__(self, index: int | slice) -> SourceRow | tuple[SourceRow, ...]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return tuple(self._make(start, stop))[::step] if step > 0 else tuple(self)[index]
        if not -len(self) <= index < len(self):
            raise IndexError(f"no row {index}")
        return next(self._make(index % len(self), index % len(self) + 1))

    def __iter__(self) -> Iterator[SourceRow]:
        return self._make(0, len(self))
