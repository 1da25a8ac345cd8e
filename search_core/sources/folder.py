"""A folder of pictures, nested or not.

Not `load_dataset("imagefolder")`: it takes words in file names for split names and silently drops the rest of
the folder (`datasets` 5.2).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from search_core.describe import counted
from search_core.errors import SourceError
from search_core.sources.files import is_hidden


class FolderFiles:
    """The files below a folder.

    Raises:
        SourceError: if a folder below cannot be listed: its pictures would be lost without a word.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._status: dict[str, tuple[int, int]] = {}
        self._linked: list[str] = []
        self._special: list[str] = []
        for path, folders, names in os.walk(folder, onerror=_refuse):
            self._linked += [self._within(path, name) for name in folders if Path(path, name).is_symlink()]
            for name in names:
                self._add(Path(path, name))

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._folder.resolve())

    @cached_property
    def names(self) -> Sequence[str]:
        """Names within the folder."""
        return sorted(self._status)

    @property
    def notes(self) -> Sequence[str]:
        """On folders that are links, since following them may never end, and on what is no regular file."""
        linked = sorted(name for name in self._linked if not is_hidden(name))
        folders = counted(len(linked), "linked folder")
        said = [f"{folders} will not be followed, the first is {linked[0]}."] if linked else []
        if special := sorted(name for name in self._special if not is_hidden(name)):
            entries = counted(
                len(special), "entry is a pipe, a socket or a device", "entries are pipes, sockets or devices"
            )
            said.append(f"{entries} and will be passed over; the first is {special[0]}.")
        return said

    def stamp(self, name: str) -> str:
        """Size and time of the last change when the folder was listed."""
        return "{}:{}".format(*self._status[name])

    def read(self, name: str) -> bytes:
        """Read a file."""
        return (self._folder / name).read_bytes()

    def _add(self, path: Path) -> None:
        if path.is_file():  # a pipe or a device is none
            status = path.stat()
            self._status[self._within(path)] = (status.st_size, status.st_mtime_ns)
        elif path.is_symlink() and not path.exists():  # to nowhere: reading it will say so
            self._status[self._within(path)] = (0, path.lstat().st_mtime_ns)
        else:
            self._special.append(self._within(path))

    def _within(self, *parts: str | Path) -> str:
        return Path(*parts).relative_to(self._folder).as_posix()


def _refuse(error: OSError) -> NoReturn:
    raise SourceError(f"The folder {error.filename} cannot be listed: {error.strerror}. Give yourself the right to.")
