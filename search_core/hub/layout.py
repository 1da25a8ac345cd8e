"""Which files an index has in a repository. No other name is ever sent, fetched or deleted."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from search_core.errors import StoreError
from search_core.naming import FILE

MANIFEST, CARD = "manifest.json", "README.md"
_FIRST_SHARD = "rows/shard-00000.arrow"
_NEEDED = (MANIFEST, "index.faiss", "unreadable.json", "duplicates.json", "removed.json", _FIRST_SHARD)
_ALLOWED = re.compile("|".join([*map(re.escape, _NEEDED), r"plan\.json", r"rows/shard-[0-9]{5,9}\.arrow"]))

NAMING = FILE
"""What is said of the collection. It is no part of a generation: a push takes it along, and a pull brings it."""


def belongs(name: str) -> bool:
    """Whether a name in a repository is that of an index's file."""
    return _ALLOWED.fullmatch(name) is not None


def index_files(generation: Path) -> dict[str, Path]:
    """All files of a generation by their name in a repository.

    Raises:
        StoreError: if one is missing, or a file stands there that no index has.
    """
    files = {path.relative_to(generation).as_posix(): path for path in sorted(generation.rglob("*")) if path.is_file()}
    for name in files:
        if not belongs(name):
            raise StoreError(f"{generation} holds {name}, which is no part of an index. Move it elsewhere.")
    check_whole(files, str(generation))
    return files


def check_whole(names: Collection[str], where: str) -> None:
    """Refuse an incomplete index; that no later shard is missing shows in the number of rows.

    Raises:
        StoreError: naming the first file that is missing.
    """
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise StoreError(f"{where} holds no Vignette index, or a part of one: {missing[0]} is missing.")
