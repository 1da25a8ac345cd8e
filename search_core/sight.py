"""What of a collection some filters let see: looked at once for each generation and filter set."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from search_core.fields import Field
    from search_core.filters import FilterSet

MAX_SIGHTS = 16
"""Sights kept: those of a few servers and channels. Each takes a byte a row, 16 MB for a million rows in all."""

PART = 8_192
"""Rows judged in one go, after which searches that wait go first: some 20 ms where concepts must read vectors."""

Judge: TypeAlias = Callable[[np.ndarray], Awaitable[np.ndarray]]
"""Which of some rows the filters hide, shape (len(rows),), bool."""


@dataclass(slots=True, eq=False)
class Sight:
    """What some filters let see of one generation.

    Attributes:
        visible: which rows are not hidden, shape (rows,), bool; None where no rule could hide one.
        fields: what is known of its columns, once somebody wanted to know.
    """

    visible: np.ndarray | None = None
    fields: tuple[Field, ...] | None = None


class Sights:
    """Keeps the sights that were used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Sight] = OrderedDict()
        self._looking = asyncio.Lock()

    async def of(self, generation: str, rows: int, filters: FilterSet, judge: Judge) -> Sight:
        """Look through a generation, or find what an earlier look saw.

        Args:
            generation: its name.
            rows: how many it has.
            filters: the rules.
            judge: says which rows of that generation they hide.
        """
        key = generation, filters.hash
        async with self._looking:  # who comes in the meantime is waiting for the same, mostly
            if key not in self._kept:
                self._kept[key] = Sight(await _look(rows, judge) if filters.hides_rows else None)
            self._kept.move_to_end(key)
            while len(self._kept) > MAX_SIGHTS:
                self._kept.popitem(last=False)
            return self._kept[key]


async def _look(rows: int, judge: Judge) -> np.ndarray:
    visible = np.ones(rows, bool)
    for part in _parts(rows):
        visible[part] = ~await judge(part)
    return visible


def _parts(rows: int) -> Iterator[np.ndarray]:
    return (np.arange(start, min(start + PART, rows)) for start in range(0, rows, PART))
