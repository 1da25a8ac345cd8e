"""Searches behind buttons: enough to turn the page after a restart, and no posted picture."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete, insert, select

from bot.database.tables import searches
from search_core import Kind, Mixture
from search_core.where import Operator, conditions, split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

KEPT_SECONDS = 30 * 24 * 60 * 60
"""After thirty days nobody turns the page of an answer any more, and the prompt is nobody's business."""

_ID_BYTES = 9
"""72 random bits: an id in a custom_id cannot be guessed, and twelve letters leave room beside it."""

_NAMING = frozenset({Operator.EQUALS, Operator.DIFFERS, Operator.CONTAINS})
"""What compares with a text. The others take numbers only."""

_STORED_DTYPE = np.dtype("<f4")


class Way(StrEnum):
    """What led to the pictures of an answer."""

    SEARCH = "search"
    TIMELINE = "timeline"
    LOT = "lot"
    RESULT = "result"
    """Similar to a result of an earlier search."""


def new_search_id() -> str:
    """Make an unguessable id of twelve letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(_ID_BYTES)


@dataclass(frozen=True, slots=True, eq=False)
class SavedSearch:
    """One search as the buttons under its answer need it.

    Attributes:
        user_id, guild_id, channel_id: who asked, and where.
        kind: what the search was made of.
        prompt: what is shown above the answer; None for pictures. Kept out of repr, and so out of logs.
        row: the row of the collection that was asked with ("similar to result 3"), or None.
        vector: the query's unit vector, shape (width,), float32.
        generation: the index generation that answered.
        k: hits on a page.
        private: whether only the asker sees the answer.
        truncated: whether the model cut the prompt, or, if that is not known, any.
        created: seconds since 1970.
        without: what to stay away from; it is in the vector already.
        conditions: conditions on metadata as people write them, with `;` between them.
        share: the picture's share in the vector; None where the kind tells.
        spoiler: whether the picture that was asked with was under one.
        compared: the second prompt of a timeline.
        axis: the field that a timeline is plotted along; None stands for the years.
        drawn: the rows of a draw by lot, in order.
        in_message: whether the picture that was asked with stood in a message, whoever wrote that.
        without_truncated: whether the model cut `without`.
    """

    user_id: int
    guild_id: int
    channel_id: int
    kind: Kind
    prompt: str | None = field(repr=False)
    row: int | None
    vector: np.ndarray = field(repr=False)
    generation: str
    k: int
    private: bool
    truncated: bool = False
    id: str = field(default_factory=new_search_id)
    created: int = field(default_factory=lambda: int(time.time()))
    without: str | None = field(default=None, repr=False)
    conditions: str | None = field(default=None, repr=False)
    share: float | None = None
    spoiler: bool | None = None
    compared: str | None = field(default=None, repr=False)
    axis: str | None = None
    drawn: tuple[int, ...] | None = None
    in_message: bool | None = None
    without_truncated: bool | None = None

    @property
    def where(self) -> tuple[str, ...]:
        """The conditions, one by one."""
        return split(self.conditions or "")

    @property
    def mixture(self) -> Mixture | None:
        """What the vector was composed of; None where the kind tells."""
        return None if self.share is None else Mixture(self.share, self.without is not None)

    @property
    def way(self) -> Way:
        """What led to the pictures; where nothing was ranked, the vector is of zeros."""
        if self.row is not None:
            return Way.RESULT
        if self.vector.any():
            return Way.SEARCH
        return Way.LOT if self.prompt is None else Way.TIMELINE

    @property
    def prompts(self) -> tuple[str, ...]:
        """The prompt, and of a timeline the second one too."""
        return tuple(filter(None, (self.prompt, self.compared)))

    @property
    def words(self) -> tuple[str, ...]:
        """All that was asked in words, for the rules to look at."""
        return (*spoken(self.prompt, self.without, self.where), *filter(None, [self.compared]))

    @property
    def asked(self) -> str | None:
        """What was asked, on one line, for those who read of it later; None for a picture alone."""
        parts = (("compared with ", self.compared), ("without ", self.without), ("where ", self.conditions))
        narrowed = ", ".join(name + value for name, value in parts if value)
        return ", ".join(filter(None, [self.prompt, narrowed])) or None


def spoken(prompt: str | None, without: str | None, where: Sequence[str]) -> tuple[str, ...]:
    """List the words of a question: prompts, and the values that its conditions name."""
    named = (one.value for one in conditions(where) if one.operator in _NAMING)
    return tuple(text for text in (prompt, without, *named) if text)


_COLUMNS = tuple(column.name for column in searches.columns)
_INSERT = insert(searches)


async def insert_search(connection: AsyncConnection, search: SavedSearch) -> None:
    """Store one search."""
    values = {name: getattr(search, name) for name in _COLUMNS}
    values["kind"] = search.kind.value
    values["drawn"] = None if search.drawn is None else list(search.drawn)
    values["vector"] = np.asarray(search.vector, dtype=_STORED_DTYPE).tobytes()
    await connection.execute(_INSERT, values)


async def find_search(connection: AsyncConnection, search_id: str) -> SavedSearch | None:
    """Find a search by its id, or None if it is unknown or expired."""
    found = await connection.execute(select(searches).where(searches.c.id == search_id))
    row = found.mappings().one_or_none()
    return None if row is None else _from_row(dict(row))


async def read_searches(connection: AsyncConnection, guild_id: int, made_since: int, limit: int) -> list[SavedSearch]:
    """Read a server's searches, newest first."""
    found = (searches.c.guild_id == guild_id, searches.c.created >= made_since)
    wanted = select(searches).where(*found).order_by(searches.c.created.desc(), searches.c.id).limit(limit)
    return [_from_row(dict(row)) for row in (await connection.execute(wanted)).mappings()]


async def delete_older(connection: AsyncConnection, created_before: int) -> int:
    """Delete the searches made before that second, and say how many they were."""
    gone = await connection.execute(delete(searches).where(searches.c.created < created_before))
    return gone.rowcount


def _from_row(row: Mapping[str, Any]) -> SavedSearch:
    values = dict(row)
    values["kind"] = Kind(values["kind"])
    values["drawn"] = None if values["drawn"] is None else tuple(values["drawn"])
    values["vector"] = np.frombuffer(values["vector"], dtype=_STORED_DTYPE).astype(np.float32)
    return SavedSearch(**values)
