"""Finding rows of a collection by title or file name, for people who pick a picture from a list."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection as Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search_core.collection import Collection

TITLE, FILE_NAME, CHECKSUM_COLUMN = "title", "file_name", "sha256"

MAX_FOUND = 100
"""More than anybody reads; Discord shows 25."""


@dataclass(frozen=True, slots=True)
class Found:
    """One row that was looked up.

    Attributes:
        row: the row in the collection.
        sha256: checksum of its file.
        title: its title; empty where the collection has none.
        file_name: its path within the source.
    """

    row: int
    sha256: str
    title: str
    file_name: str


def look_up(
    collection: Collection, text: str, limit: int = MAX_FOUND, among: Container[str] | None = None
) -> list[Found]:
    """Find rows whose title or file name holds a text, in whatever case; in row order, those that begin with it first.

    Args:
        collection: where to look. A pass over its titles and names, some 50 ns a row.
        text: what to look for; an empty one is in every name.
        limit: rows at most, 1 to `MAX_FOUND`.
        among: look only at rows whose files have these checksums.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [collection.column(name) for name in (TITLE, FILE_NAME) if name in collection.columns]
    checksums = collection.column(CHECKSUM_COLUMN)
    wanted = unicodedata.normalize("NFC", text.strip())
    holds = _any([pc.match_substring(column, wanted, ignore_case=True) for column in names])
    begins = _any([pc.starts_with(column, wanted, ignore_case=True) for column in names])
    if among is not None:
        kept = pc.is_in(checksums, value_set=pa.array(sorted(among), pa.string()))
        holds, begins = pc.and_(holds, kept), pc.and_(begins, kept)
    first = pc.indices_nonzero(begins)[:limit].to_pylist()
    others = pc.indices_nonzero(pc.and_not(holds, begins))[: limit - len(first)].to_pylist()
    metadata = collection.metadata([*first, *others])
    return [
        Found(row, collection.sha256(row), each.get(TITLE, ""), each[FILE_NAME])
        for row, each in zip([*first, *others], metadata, strict=True)
    ]


def _any(masks: list[Any]) -> Any:
    import pyarrow.compute as pc

    mask = masks[0]
    for other in masks[1:]:
        mask = pc.or_(mask, other)
    return mask
