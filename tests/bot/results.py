"""Hand-made search results, for what the sample collection does not hold: long titles and strange letters."""

from __future__ import annotations

import numpy as np

from bot.database import SavedSearch
from search_core import Closeness, Hit, Kind, SearchResult, StoredPicture


def saved_search(**changes: object) -> SavedSearch:
    values = {
        "user_id": 1, "guild_id": 2, "channel_id": 3, "kind": Kind.TEXT, "prompt": "a ship", "row": None,
        "vector": np.ones(1, np.float32), "generation": "g1", "k": 9, "private": False, "id": "abcdefghijkl",
    }  # fmt: skip
    return SavedSearch(**(values | changes))  # type: ignore[arg-type]


def result(metadata: dict[str, str], count: int = 9, **changes: object) -> SearchResult:
    hits = tuple(Hit(row, 0.5, Closeness.CLOSE, metadata) for row in range(count))
    values = {
        "hits": hits, "kind": Kind.TEXT, "hidden": 0, "more": True, "truncated": (),
        "vector": np.ones(1, np.float32), "generation": "g1", "filter_hash": "f",
    }  # fmt: skip
    return SearchResult(**(values | changes))  # type: ignore[arg-type]


def stored(search_result: SearchResult, file_name: str = "a/ship.jpg", data: bytes = b"data") -> list[StoredPicture]:
    return [StoredPicture(hit.row, data, file_name, hit.metadata) for hit in search_result.hits]
