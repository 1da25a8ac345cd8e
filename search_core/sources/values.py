"""Metadata values as the strings that the kept form holds, and names that are printable and unique."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from search_core.collection import RESERVED
from search_core.errors import SourceError

FILE_NAME, LABEL = "file_name", "label"


def as_text(value: Any) -> str:
    """One metadata value as a string: nothing is empty, numbers as Python writes them, lists and structs as JSON."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | dict | bool):
        return printable(json.dumps(value, ensure_ascii=False, default=as_text))
    return str(value)


def printable(text: str) -> str:
    """A string as people type it, and as Arrow can keep it.

    Letters are composed (NFC), which macOS' file names are not. Lone surrogates, which file names in other encodings
    bring, are replaced.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def unique(names: Iterable[str]) -> list[str]:
    """Make names unique: a repeated or empty one gets its row's number, as `row-000123` or `row-000123/name`."""
    given = list(names)
    taken = set(given)
    seen: set[str] = set()
    result = []
    for row, name in enumerate(given):
        free = name
        if not name or name in seen:
            free = f"row-{row:06d}" + (f"/{name}" if name else "")
            while free in taken:
                free = f"row-{row:06d}/{free}"
        seen.add(free)
        taken.add(free)
        result.append(free)
    return result


def check_columns(where: str, columns: Sequence[str]) -> None:
    """Refuse columns that the kept form uses itself.

    Raises:
        SourceError: naming the column.
    """
    if taken := set(columns) & set(RESERVED):
        raise SourceError(f"{where} has a column named {min(taken)}, which is reserved. Rename it.")
