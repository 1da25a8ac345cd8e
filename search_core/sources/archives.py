"""What zip and tar archives share: limits, plain names, and a word on the entries that are passed over."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

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
        texts = (
            (self.special, "entries are links, devices or in pieces and are passed over"),
            (self.unsafe, "entries have names that lead out of the archive and are passed over"),
            (self.repeated, "names come more than once and the last one counts, as when unpacking"),
        )
        return [f"{len(names)} {text}; the first is {names[0]}." for names, text in texts if names]


def plain_name(name: str) -> str | None:
    """An entry's name without `./` and a leading `/`; None if it leads out of the archive."""
    plain = posixpath.normpath(name.replace("\\", "/").lstrip("/"))
    return None if plain in (".", "..") or plain.startswith("../") else plain
