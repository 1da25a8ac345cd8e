"""`/saved export`: collects what its owner may see now, and packs it into files that Discord takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.keeping.archive import SLACK, as_zip, plan, readme
from bot.keeping.sheet import Line, as_csv
from bot.texts import keeping as texts
from bot.uploads import REQUEST_BYTES, capped, file_name_of
from search_core import QueryError
from search_core.describe import counted

if TYPE_CHECKING:
    from bot.access import Standing
    from bot.keeping.shelf import Kept, Shelf
    from search_core import Names

BATCH = 20
"""Pictures in memory at once while their sizes are read; a scan may take some megabytes."""

FOLDER = "pictures"


@dataclass(frozen=True, slots=True)
class Exported:
    """One file of an export.

    Attributes:
        name: the file's name.
        data: its bytes.
        words: what to say with it.
    """

    name: str
    data: bytes
    words: str


class Exporter:
    """Makes the files of one export.

    Args:
        shelf: where the results are.
        names: what the collection is called.
        version: of Vignette, for the citation.
        file_limit: bytes that Discord takes for one file here.
    """

    def __init__(self, shelf: Shelf, names: Names, version: str, file_limit: int) -> None:
        self._shelf = shelf
        self._names = names
        self._version = version
        self._limit = min(file_limit, REQUEST_BYTES)

    async def table(self, standing: Standing) -> Exported:
        """Make the table alone.

        Raises:
            QueryError: if nothing is saved, or the table is larger than Discord takes.
        """
        lines, hidden = await self._collect(standing)
        data = await asyncio.to_thread(as_csv, lines)
        if len(data) > self._limit:
            raise QueryError(texts.EXPORT_TOO_BIG)
        return Exported("saved.csv", data, "\n".join(_counts(lines, hidden)))

    async def archives(self, standing: Standing) -> AsyncIterator[Exported]:
        """Make the archives, one after the other, so that one of them is in memory at a time.

        Raises:
            QueryError: as `table` does.
        """
        lines, hidden = await self._collect(standing)
        there = [place for place, line in enumerate(lines) if not line.gone]
        room = self._limit - len(await asyncio.to_thread(as_csv, lines)) - SLACK
        if room < SLACK:
            raise QueryError(texts.EXPORT_TOO_BIG)
        parts, limit = plan([lines[place].size for place in there], room)
        for place in there:
            lines[place] = _named(lines[place], limit)
        counts = [*_counts(lines, hidden), *([texts.EXPORTED_PARTS.format(count=len(parts))] if parts[1:] else [])]
        table, now = await asyncio.to_thread(as_csv, lines), int(time.time())
        for number, part in enumerate(parts, start=1):
            pictures = await self._pictures(standing, [lines[there[place]] for place in part], limit)
            words = readme(lines, counts, self._names, self._version, now, part=number, parts=len(parts))
            data = await asyncio.to_thread(as_zip, words, table, pictures)
            if len(data) > self._limit:
                raise QueryError(texts.EXPORT_TOO_BIG)
            said = counts if number == 1 else []
            said = [*said, *([texts.EXPORTED_PART.format(number=number, count=len(parts))] if parts[1:] else [])]
            name = f"saved-{number}-of-{len(parts)}.zip" if parts[1:] else "saved.zip"
            yield Exported(name, data, "\n".join(said))

    async def _collect(self, standing: Standing) -> tuple[list[Line], int]:
        """Read what may be shown, without the pictures' bytes; and how many results are hidden."""
        entries = await self._shelf.entries(standing)
        if not entries:
            raise QueryError(texts.EXPORT_NONE)
        lines, hidden = [], 0
        for first in range(0, len(entries), BATCH):
            kept = await self._shelf.look_up(standing, entries[first : first + BATCH], first + 1)
            hidden += sum(each.hidden for each in kept)
            lines += [_line(each) for each in kept if not each.hidden]
        return lines, hidden

    async def _pictures(self, standing: Standing, lines: Sequence[Line], limit: int) -> dict[str, bytes]:
        """Read the pictures of a part, those made smaller that must be. What was hidden since is left out."""
        pictures = {}
        for first in range(0, len(lines), BATCH):
            batch = lines[first : first + BATCH]
            kept = await self._shelf.look_up(standing, [line.entry for line in batch], 1)
            for line, each in zip(batch, kept, strict=True):
                if each.seen is not None:
                    pictures[line.picture] = await capped(each.seen.picture.data, limit)
        return pictures


def _line(kept: Kept) -> Line:
    if kept.seen is None:
        return Line(kept.number, kept.entry, gone=True)
    picture = kept.seen.picture
    note = " ".join(kept.seen.shown_as.notes)
    return Line(kept.number, kept.entry, picture.metadata, note=note, size=len(picture.data))


def _named(line: Line, limit: int) -> Line:
    """Name a picture's file; one that is made smaller becomes a JPEG."""
    smaller = line.size > limit
    name = file_name_of(line.number, line.entry.file_name)
    name = f"{name.rpartition('.')[0]}.jpg" if smaller else name
    return replace(line, picture=f"{FOLDER}/{name}", smaller=smaller)


def _counts(lines: Sequence[Line], hidden: int) -> list[str]:
    gone, smaller = sum(line.gone for line in lines), sum(line.smaller for line in lines)
    said = ((hidden, texts.EXPORTED_HIDDEN), (gone, texts.EXPORTED_GONE), (smaller, texts.EXPORTED_SMALLER))
    told = [counted(count, *words) for count, words in said if count]
    return [texts.EXPORTED.format(count=len(lines)), *told]
