"""What zip and tar archives share: limits, plain names, and a word on the entries that are passed over."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from search_core.describe import counted

MAX_FILE_BYTES = 512 * 1024**2
"""The largest picture file that a build accepts; an entry that claims more is never unpacked."""


@dataclass(slots=True)
class Passed:
    """Entries of an archive that become no row."""

    special: list[str] = field(default_factory=list)
    unsafe: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """A sentence for each kind."""
        passed = "will be passed over"
        said = (
            (self.special, "entry is a link, a device or in pieces", "entries are links, devices or in pieces", passed),
            (self.unsafe, "entry's name leads out of the archive", "entries' names lead out of the archive", passed),
            (self.repeated, "name comes more than once", "names come more than once", "only the last counts"),
        )
        return [
            f"{counted(len(names), one, many)} and {then}; the first is {names[0]}."
            for names, one, many, then in said
            if names
        ]


def plain_name(name: str) -> str | None:
    """An entry's name without `./` and a leading `/`; None if it leads out of the archive."""
    plain = posixpath.normpath(name.replace("\\", "/").lstrip("/"))
    return None if plain in (".", "..") or plain.startswith("../") else plain
