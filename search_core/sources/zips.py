"""A zip archive. Entries are read where they stand; nothing is ever unpacked under a name from the archive."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from search_core.errors import PictureError, SourceError
from search_core.sources.archives import MAX_FILE_BYTES, Passed, plain_name

_ENCRYPTED = 0x1


class ZipFiles:
    """The files in a zip archive, safe to read from several threads.

    Raises:
        SourceError: if it is damaged or encrypted.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._passed = Passed()
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise SourceError(
                f"{name} is no zip archive, or a damaged one: {error}. Fetch or pack it again."
            ) from error
        for entry in self._archive.infolist():
            self._add(entry)

    @cached_property
    def names(self) -> Sequence[str]:
        """Names of the entries."""
        return sorted(self._entries)

    @property
    def notes(self) -> Sequence[str]:
        """On links, unsafe names and names that come twice."""
        return self._passed.notes()

    def stamp(self, name: str) -> str:
        """Checksum and size from the archive's directory."""
        return f"{self._entries[name].CRC:08x}:{self._entries[name].file_size}"

    def read(self, name: str) -> bytes:
        """Unpack one entry, no further than its stated size."""
        entry = self._entries[name]
        if entry.file_size > MAX_FILE_BYTES:
            raise PictureError(f"The file is too large: at most {MAX_FILE_BYTES // 1024**2} MiB unpacked.")
        try:
            return self._archive.read(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise PictureError(f"The file cannot be unpacked: {error}.") from error

    def _add(self, entry: zipfile.ZipInfo) -> None:
        if entry.is_dir():
            return
        if entry.flag_bits & _ENCRYPTED:
            raise SourceError(f"{self.name} is encrypted. Unpack it yourself and give the folder.")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):  # many tools leave it at 0
            self._passed.special.append(entry.filename)
        elif (name := plain_name(entry.filename)) is None:
            self._passed.unsafe.append(entry.filename)
        else:
            self._passed.repeated += [name] if name in self._entries else []
            self._entries[name] = entry
