"""What the rules say of a query once its vectors are known: by meaning, and by the row it starts from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from search_core.encoder import unit
from search_core.filters.match import Match, Stage
from search_core.filters.rules import Rule

if TYPE_CHECKING:
    from search_core.filters.binding import BoundFilters

MIN_LENGTH = 1e-3
"""Prompts whose vectors all but cancel out have no meaning in common."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The vectors of a query.

    Attributes:
        texts: unit vectors of its prompts, shape (n, width).
        image: the posted picture's unit vector, or None.
        vector: what they are composed to, with what to stay away from; or an earlier result's vector.
        share: the picture's share in it, 0 to 1.
        likeness: the cosine of what is asked for with what is to be stayed away from; -1 where nothing is.
    """

    texts: np.ndarray
    image: np.ndarray | None
    vector: np.ndarray
    share: float
    likeness: float = -1.0


def matches_of_query(bound: BoundFilters, parts: Parts, row: int | None) -> list[Match]:
    """Find the concepts that a query matches, and the rules on the row that it starts from.

    Looked at are each prompt, their mean, the posted picture, and what all of it is composed to: `a person` without
    `clothes` names nothing that the rules know. What is only to be stayed away from is not held against anybody, and a
    posted picture is no reason to hide it: a rule that only hides looks at results.
    """
    found = [match for text in parts.texts for match in bound.meanings(text, Stage.PROMPT, 0.0)]
    if len(parts.texts) > 1 and np.linalg.norm(parts.texts.mean(axis=0)) > MIN_LENGTH:
        found += bound.meanings(unit(parts.texts.mean(axis=0)), Stage.PROMPT, 0.0)
    if parts.image is not None:
        found += bound.meanings(parts.image, Stage.PICTURE, 1.0)
    if row is None:
        found += bound.meanings(parts.vector, Stage.PROMPT if parts.share < 1 else Stage.PICTURE, parts.share)
    else:
        [of_row] = bound.matching([row])
        found += [replace(match, stage=Stage.PICTURE) for match in of_row]
        found += bound.meanings(parts.vector, Stage.PROMPT, parts.share) if len(parts.texts) else []
    return best_of_each_rule([found])


def best_of_each_rule(matches: Iterable[Sequence[Match]]) -> list[Match]:
    """Of each rule's matches, the one that lies highest above its threshold."""
    best: dict[tuple[Rule, Stage], Match] = {}
    for match in (match for some in matches for match in some):
        key = (match.rule, match.stage)
        if key not in best or _margin(match) > _margin(best[key]):
            best[key] = match
    return list(best.values())


def _margin(match: Match) -> float:
    return 0.0 if match.score is None or match.threshold is None else match.score - match.threshold
