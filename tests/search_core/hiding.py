"""Rules that hide rows, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search_core import FilterSet, Rule, SearchEngine
from search_core.ranking import Hides


async def hide(engine: SearchEngine, rows: Sequence[int], generation: str | None = None) -> FilterSet:
    """Picture rules for some rows, which cover their near-duplicates too."""
    pictures = await engine.pictures(rows, generation)
    return FilterSet.of(Rule.of("picture", picture.sha256) for picture in pictures)


def hiding(rows: Sequence[int]) -> Hides:
    """What hides these rows and no others."""
    return lambda some: np.isin(some, np.asarray(rows, np.int64))
