"""A tar archive, plain or compressed with gzip, bzip2 or xz.

Entries are read where they stand; nothing is ever unpacked under a name from the archive. A compressed one can
only be read from its start, so it is decompressed once, as a whole, into the cache.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, NamedTuple, cast

from tqdm import tqdm

from search_core.errors import PictureError, SourceError
from search_core.sources.archives import MAX_FILE_BYTES, Passed, plain_name
from search_core.sources.cache import cache_folder, key_of

MAX_RATIO = 50
"""Pictures hardly shrink; a file that unpacks to more than this many times its size is an attack."""

FREE_BYTES = 64 * 1024**2
"""Up to here the ratio is not asked: small archives of drawings may well shrink that much."""

_CHUNK = 1024**2
_OPENERS = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open))


class _Entry(NamedTuple):
    """Where an entry's bytes stand; a `TarInfo` takes ten times the memory."""

    size: int
    mtime: float
    offset: int


class TarFiles:
    """The files in a tar archive, safe to read from several threads.

    Raises:
        SourceError: if it is damaged, or unpacks to far more than pictures do.
    """

    def __init__(self, path: Path, name: str, progress: bool = False) -> None:
        self.name = name
        self._path = _plain(path, name, progress)
        self._entries: dict[str, _Entry] = {}
        self._passed = Passed()
        try:
            with tarfile.open(self._path, "r:") as archive:
                while entry := archive.next():
                    self._add(entry)
                    archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all
                _check_end(self._path, archive.offset)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise SourceError(
                f"{name} is no tar archive, or damaged or cut off: {error}. Fetch or pack it again."
            ) from error

    @cached_property
    def names(self) -> Sequence[str]:
        """Names of the entries."""
        return sorted(self._entries)

    @property
    def notes(self) -> Sequence[str]:
        """On links, unsafe names and names that come twice."""
        return self._passed.notes()

    def stamp(self, name: str) -> str:
        """Size, time and place of the entry."""
        return "{}:{}:{}".format(*self._entries[name])

    def read(self, name: str) -> bytes:
        """Read one entry."""
        entry = self._entries[name]
        if entry.size > MAX_FILE_BYTES:
            raise PictureError(f"The file is too large: at most {MAX_FILE_BYTES // 1024**2} MiB.")
        with self._path.open("rb") as file:
            file.seek(entry.offset)
            return file.read(entry.size)

    def _add(self, entry: tarfile.TarInfo) -> None:
        if entry.isdir():
            return
        name = plain_name(entry.name)
        place = self._place(entry)
        if name is None:
            self._passed.unsafe.append(entry.name)
        elif place is None:
            self._passed.special.append(entry.name)
        else:
            self._passed.repeated += [name] if name in self._entries else []
            self._entries[name] = place

    def _place(self, entry: tarfile.TarInfo) -> _Entry | None:
        if entry.islnk():  # the same file under a second name
            return self._entries.get(plain_name(entry.linkname) or "")
        if not entry.isreg() or entry.issparse():
            return None
        return _Entry(entry.size, entry.mtime, entry.offset_data)


def _check_end(path: Path, offset: int) -> None:
    """`tarfile` takes a broken header in the middle for the end of the archive; a real end is a block of zeros."""
    with path.open("rb") as file:
        file.seek(offset)
        if file.read(tarfile.BLOCKSIZE).strip(b"\0") or offset > path.stat().st_size:
            raise tarfile.ReadError(f"broken header at byte {offset}")


def _plain(path: Path, name: str, progress: bool) -> Path:
    """The archive itself, or its decompressed form in the cache."""
    with path.open("rb") as file:
        head = file.read(8)
    opener = next((opener for magic, opener in _OPENERS if head.startswith(magic)), None)
    if opener is None:
        return path
    status = path.stat()
    plain = cache_folder("unpacked") / (key_of(str(path.resolve()), status.st_size, status.st_mtime_ns) + ".tar")
    if plain.is_file():
        return plain
    unfinished = plain.with_name(f"{plain.name}.{os.getpid()}.unfinished")
    try:
        with opener(path, "rb") as packed, unfinished.open("wb") as file:
            _copy(cast(IO[bytes], packed), file, max(FREE_BYTES, MAX_RATIO * status.st_size), name, progress)
        return unfinished.replace(plain)
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise SourceError(f"{name} cannot be unpacked: {error}. Fetch or pack it again.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(packed: IO[bytes], file: IO[bytes], limit: int, name: str, progress: bool) -> None:
    with tqdm(desc="Unpacking", unit="B", unit_scale=True, disable=not progress) as bar:
        while chunk := packed.read(_CHUNK):
            file.write(chunk)
            bar.update(len(chunk))
            if file.tell() > limit:
                raise SourceError(f"{name} unpacks to far more than pictures do. Unpack it yourself if you trust it.")
