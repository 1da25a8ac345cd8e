"""Saved results as ZIP archives: what goes into which part, and what the README says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.database import Way
from bot.keeping.sheet import MAX_CELL, Line, day
from bot.texts import keeping as texts
from search_core import Kind
from search_core.describe import counted

if TYPE_CHECKING:
    from bot.database import SavedResult
    from search_core import Names

MAX_PARTS = 5
"""Messages of one export: 50 MB where Discord takes 10 MiB a file. Beyond that, pictures are made smaller."""

MAX_PROMPTS = 40
"""Prompts that the README names for one collection and model."""

PER_FILE = 400
"""Bytes that an archive needs for a file beside its content: its name twice, and two headers."""

SLACK = 64 * 1024


def plan(sizes: Sequence[int], room: int) -> tuple[list[list[int]], int]:
    """Share pictures out over parts, in order.

    Args:
        sizes: bytes of each picture.
        room: bytes of pictures that a part can hold.

    Returns:
        The places in `sizes` that each part holds, and the bytes above which a picture has to be made smaller.
    """
    limit = room - PER_FILE
    while len(parts := _filled([min(size, limit) for size in sizes], room)) > MAX_PARTS:
        limit = limit * 3 // 4
    return parts, limit


def _filled(sizes: Sequence[int], room: int) -> list[list[int]]:
    parts: list[list[int]] = [[]]
    used = 0
    for number, size in enumerate(sizes):
        if parts[-1] and used + size + PER_FILE > room:
            parts.append([])
            used = 0
        parts[-1].append(number)
        used += size + PER_FILE
    return parts


def as_zip(readme: str, table: bytes, pictures: Mapping[str, bytes]) -> bytes:
    """Pack one part. Pictures are stored as they are: they are compressed already."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", readme)
        archive.writestr("saved.csv", table)
        for name, data in pictures.items():
            archive.writestr(name, data, zipfile.ZIP_STORED)
    return buffer.getvalue()


def readme(
    lines: Sequence[Line], counts: Sequence[str], names: Names, version: str, now: int, *, part: int = 1, parts: int = 1
) -> str:
    """Write what a reader needs a year from now: what this is, how it was found, and how to cite it.

    Args:
        lines: all saved results.
        counts: sentences that say how many they are.
        names: what the collection is called now.
        version: of Vignette.
        now: seconds since 1970.
        part, parts: which of the archives this is for, counted from 1, and how many there are.
    """
    groups = _groups([line.entry for line in lines])
    several = parts > 1
    return texts.README.format(
        date=day(now),
        part=texts.README_PART.format(number=part, count=parts) if several else "",
        counts="\n".join(counts),
        elsewhere=texts.README_ELSEWHERE.format(count=parts) if several else "",
        cut=texts.README_CUT.format(limit=MAX_CELL),
        meaning=_meaning([line.entry for line in lines]),
        provenance="\n".join(_group(group, names) for group in groups),
        citation="\n".join(dict.fromkeys(_citation(group, names, version, now) for group in groups)),
    )


def _groups(entries: Sequence[SavedResult]) -> list[list[SavedResult]]:
    """Entries with the same collection, model and rules together."""
    groups: dict[tuple[str, ...], list[SavedResult]] = {}
    for entry in entries:
        key = (entry.collection, entry.revision, entry.generation, entry.model, entry.filter_hash)
        groups.setdefault(key, []).append(entry)
    return list(groups.values())


def _group(entries: Sequence[SavedResult], names: Names) -> str:
    first, times = entries[0], [entry.at for entry in entries]
    prompts = list(dict.fromkeys(_one_line(_asked(entry)) for entry in entries))
    more = [texts.README_MORE.format(count=len(prompts) - MAX_PROMPTS)] if len(prompts) > MAX_PROMPTS else []
    return texts.README_GROUP.format(
        collection=_called(first, names),
        revision=first.revision,
        generation=first.generation,
        model=_one_line(first.model),
        filter_hash=first.filter_hash,
        since=day(min(times)),
        until=day(max(times)),
        results=counted(len(entries), "result"),
        prompts="; ".join([*prompts[:MAX_PROMPTS], *more]),
    )


def _asked(entry: SavedResult) -> str:
    """Say what led to a result."""
    if entry.way is Way.LOT:
        return texts.README_LOT_AMONG.format(conditions=entry.prompt) if entry.prompt else texts.README_LOT
    if entry.way is Way.RESULT:
        return texts.README_RESULT.format(title=entry.like_title or texts.SAVED_ANOTHER)
    if entry.prompt is None:
        return texts.README_PICTURE
    said = {Way.TIMELINE: texts.README_TIMELINE, Way.SEARCH: "{prompt}"}[entry.way]
    return (texts.README_AND_PICTURE if entry.kind is Kind.MIXED else said).format(prompt=entry.prompt)


def _meaning(entries: Sequence[SavedResult]) -> str:
    """Say what it means that these were found."""
    ranked = any(entry.way is not Way.LOT for entry in entries) or not entries
    drawn = any(entry.way is Way.LOT for entry in entries)
    return texts.README_RANKED * ranked + texts.README_DRAWN * drawn


def _called(entry: SavedResult, names: Names) -> str:
    """The collection's title and address, if what was saved is of the present one; else as it was called then."""
    if not _is_present(entry, names):
        return _one_line(entry.collection)
    return ", ".join(filter(None, [names.title, names.source_url]))


def _is_present(entry: SavedResult, names: Names) -> bool:
    return entry.collection in (names.title, names.source)


def _citation(entries: Sequence[SavedResult], names: Names, version: str, now: int) -> str:
    entry = entries[0]
    said = names.citation.rstrip(".") if _is_present(entry, names) else ""
    collection, model = said or _called(entry, names), _one_line(entry.model)
    words = texts.CITATION_DRAWN if all(each.way is Way.LOT for each in entries) else texts.CITATION
    return words.format(
        collection=collection, revision=entry.revision[:12], version=version, model=model, date=day(now)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
