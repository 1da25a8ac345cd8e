"""Saved results as a table: CSV that any spreadsheet opens and that no spreadsheet executes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.database import Way

if TYPE_CHECKING:
    from bot.database import SavedResult

MAX_CELL = 2_000
"""Characters of a value: titles of old books run to a few hundred, and a table of 500 lines stays small."""

COLUMNS = (
    "number", "title", "file_name", "state", "picture", "sha256", "prompt", "asked_with",
    "similar_to", "saved_at", "note", "collection", "collection_revision", "generation", "model", "filter_hash",
)  # fmt: skip
METADATA = "metadata."
HERE, SMALLER, GONE = "here", "smaller", "gone"

_FORMULA = re.compile(
    r"[\s\x00-\x1f\ufeff\u200b]*[=+\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20\u2212\ufe63\ufe62\ufe66\ufe6b]"
)
"""How a cell begins that a spreadsheet may execute, also behind blanks and in full width (OWASP, "CSV Injection")."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One saved result on its way out.

    Attributes:
        number: its place in the list.
        entry: as it was saved.
        metadata: the collection's columns, if the picture is still there.
        gone: whether it is not.
        note: the moderators' sentences of context.
        size: bytes of its picture's file.
        picture: the name of its file in the archive, if it has one.
        smaller: whether that is a smaller copy.
    """

    number: int
    entry: SavedResult
    metadata: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    note: str = ""
    size: int = 0
    picture: str = ""
    smaller: bool = False


def as_csv(lines: Sequence[Line]) -> bytes:
    """Write the table: a heading, then a line for each result; UTF-8 with a mark by which spreadsheets know it."""
    extra = list(dict.fromkeys(name for line in lines for name in line.metadata))
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(map(cell, [*COLUMNS, *(f"{METADATA}{name}" for name in extra)]))
    for line in lines:
        writer.writerow(map(cell, [*_values(line), *(line.metadata.get(name, "") for name in extra)]))
    return buffer.getvalue().encode("utf-8-sig", "replace")


def cell(value: object) -> str:
    """Make a value safe in a spreadsheet: what it might execute begins with an apostrophe."""
    text = str(value).replace("\0", "")
    text = text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def day(at: int) -> str:
    """A second since 1970 as a date, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _asked_with(entry: SavedResult) -> str:
    """What led to a result: `text`, `image`, `mixed`; `timeline`, `lot` or `result` where it was no search."""
    return entry.kind.value if entry.way is Way.SEARCH else entry.way.value


def _values(line: Line) -> Iterable[object]:
    entry = line.entry
    state = GONE if line.gone else SMALLER if line.smaller else HERE
    moment = datetime.fromtimestamp(entry.at, UTC).isoformat()
    return (
        line.number, entry.title, entry.file_name, state, line.picture, entry.sha256, entry.prompt or "",
        _asked_with(entry), entry.like_title or "", moment, line.note, entry.collection, entry.revision,
        entry.generation, entry.model, entry.filter_hash,
    )  # fmt: skip
