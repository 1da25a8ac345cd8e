"""Rules bound to one generation of a collection and to one model: what they say of rows and of meanings."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from search_core.errors import StaleConcept
from search_core.filters.match import HIDING, Match, Stage, Verdict
from search_core.filters.rules import Action, Rule, RuleKind
from search_core.filters.views import View
from search_core.where import Condition

if TYPE_CHECKING:
    from search_core.collection import Collection
    from search_core.duplicates import Duplicates
    from search_core.filters.rule_set import FilterSet

MAX_BOUND = 16
"""Filter sets kept ready: those of a few servers and channels. One takes what its picture rules take."""

MAX_CONDITIONS_KEPT = 128
"""Conditions whose rows are kept, a bit a row: 16 MB for a million rows."""

BLOCK = 8_192
"""Rows whose vectors are held at once: 16 MB at width 512."""

_T = TypeVar("_T")

_RESULT = 2
"""The column of a concept's thresholds for results."""

_NOTHING = Verdict()
"""Of a row that no rule matches."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What rules are bound to.

    Attributes:
        collection: its rows and metadata.
        duplicates: a picture rule covers the whole group of its picture.
        vectors: reads the vectors of some rows, shape (len(rows), width).
        space: the encoder that made them (`EncoderFingerprint.space`).
    """

    collection: Collection
    duplicates: Duplicates
    vectors: Callable[[np.ndarray], np.ndarray]
    space: str


class Binder:
    """Binds filter sets to one ground, each once. One thread owns it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._bound: OrderedDict[str, BoundFilters] = OrderedDict()
        self._held: OrderedDict[str, np.ndarray] = OrderedDict()

    def bind(self, filters: FilterSet) -> BoundFilters:
        """Make the rules of a filter set ready, or find them ready.

        Raises:
            StaleConcept: if a concept is of another model or width: nobody can say what it matches.
        """
        if filters.hash not in self._bound:
            self._bound[filters.hash] = self._made(filters)
        return _kept(self._bound, filters.hash, MAX_BOUND)

    def _made(self, filters: FilterSet) -> BoundFilters:
        of_kind: defaultdict[RuleKind, list[Rule]] = defaultdict(list)
        for rule in filters.active:
            of_kind[rule.kind].append(rule)
        _check_space(of_kind[RuleKind.CONCEPT], self._ground)
        sources = [(rule, self._holding(rule.pattern)) for rule in of_kind[RuleKind.SOURCE]]
        return BoundFilters(self._ground, of_kind[RuleKind.CONCEPT], self._pictures(of_kind[RuleKind.PICTURE]), sources)

    def _pictures(self, rules: Sequence[Rule]) -> dict[int, list[Rule]]:
        """The rules of each row that one of them covers."""
        found = self._ground.collection.find([rule.pattern for rule in rules])
        covering: defaultdict[int, list[Rule]] = defaultdict(list)
        for rule in rules:
            itself = found.get(rule.pattern, [])
            likes = [other for row in itself for other in self._ground.duplicates.others(row)]
            for row in dict.fromkeys((*itself, *likes)):
                covering[row].append(rule)
        return covering

    def _holding(self, pattern: str) -> np.ndarray:
        """Which rows fulfil a condition, a bit each; none where the collection has no such field."""
        if pattern not in self._held:
            condition, collection = Condition.parse(pattern), self._ground.collection
            known = condition.column in collection.columns
            holds = condition.holds(collection.column(condition.column)) if known else np.zeros(len(collection), bool)
            self._held[pattern] = np.packbits(holds)
        return _kept(self._held, pattern, MAX_CONDITIONS_KEPT)


class BoundFilters:
    """What the rules of a filter set say of rows and vectors. Make one with `Binder.bind`."""

    def __init__(
        self,
        ground: Ground,
        concepts: Sequence[Rule],
        pictures: Mapping[int, list[Rule]],
        sources: Sequence[tuple[Rule, np.ndarray]],
    ) -> None:
        self._ground, self._pictures, self._sources = ground, pictures, sources
        self._concepts = _Meanings(concepts)
        self._hiding_concepts = _Meanings([rule for rule in concepts if rule.action in HIDING])
        self._hiding_sources = [bits for rule, bits in sources if rule.action in HIDING]
        hidden = [row for row, rules in pictures.items() if any(rule.action in HIDING for rule in rules)]
        self._hidden_rows = np.array(sorted(hidden), np.int64)

    def hidden(self, rows: np.ndarray) -> np.ndarray:
        """Which rows are not shown, shape (len(rows),), bool."""
        hidden = np.isin(rows, self._hidden_rows)
        for bits in self._hiding_sources:
            hidden |= _bits(bits, rows)
        if self._hiding_concepts:
            left = np.flatnonzero(~hidden)
            for part in _blocks(left):
                margins = self._hiding_concepts.margins(self._ground.vectors(rows[part]), _RESULT)
                hidden[part] = (margins >= 0).any(axis=1)
        return hidden

    def matching(self, rows: Sequence[int]) -> list[list[Match]]:
        """The rules that match each row, whatever they do."""
        numbers = np.asarray(rows, np.int64)
        concepts: list[list[Match]] = [[] for _ in rows]
        if self._concepts and len(numbers):
            concepts = self._concepts.matches(self._ground.vectors(numbers), _RESULT, Stage.RESULT)
        sources = [(rule, _bits(bits, numbers)) for rule, bits in self._sources]
        return [
            [
                *(Match(rule, Stage.RESULT, View.ROW) for rule in self._pictures.get(row, ())),
                *(Match(rule, Stage.RESULT, View.ROW) for rule, holds in sources if holds[place]),
                *concepts[place],
            ]
            for place, row in enumerate(rows)
        ]

    def margins(self, rows: np.ndarray) -> np.ndarray:
        """How clearly some rule matches each row: for concepts by cosines, otherwise 1 or -1; shape (len(rows),)."""
        margins = np.where(np.isin(rows, np.fromiter(self._pictures, np.int64)), 1.0, -1.0)
        for _, bits in self._sources:
            margins[_bits(bits, rows)] = 1.0
        if self._concepts and len(rows):
            margins = np.maximum(margins, self._concepts.margins(self._ground.vectors(rows), _RESULT).max(axis=1))
        return margins

    def verdicts(self, rows: Sequence[int]) -> list[Verdict]:
        """What the rules say of each row."""
        return [Verdict.of(match.rule for match in found) if found else _NOTHING for found in self.matching(rows)]

    def meanings(self, vector: np.ndarray, stage: Stage, share: float) -> list[Match]:
        """The concepts that a query's vector matches. Those that only hide results are left out.

        Args:
            vector: a unit vector, shape (width,).
            stage: what it stands for.
            share: the picture's share in it, 0 for a prompt, 1 for a picture; between, the thresholds lie between.
        """
        if not self._concepts:
            return []
        [matches] = self._concepts.matches(vector[np.newaxis], share, stage)
        return [match for match in matches if match.rule.action is not Action.HIDE]


class _Meanings:
    """Concept rules, their examples side by side."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        concepts = [rule.concept for rule in rules if rule.concept is not None]
        self._rules = list(rules)
        if rules:
            self._vectors = np.concatenate([concept.vectors for concept in concepts])
            self._thresholds = np.concatenate([concept.thresholds for concept in concepts])
            self._starts = np.cumsum([0, *(len(concept.vectors) for concept in concepts)])

    def __bool__(self) -> bool:
        return bool(self._rules)

    def margins(self, vectors: np.ndarray, scale: float) -> np.ndarray:
        """How far the best example of each rule lies above its threshold, shape (len(vectors), rules)."""
        above = vectors @ self._vectors.T - self._cuts(scale)
        return np.asarray(np.maximum.reduceat(above, self._starts[:-1], axis=1))

    def matches(self, vectors: np.ndarray, scale: float, stage: Stage) -> list[list[Match]]:
        """The rules that each vector matches, each with its best example's score and threshold."""
        scores, cuts = vectors @ self._vectors.T, self._cuts(scale)
        found: list[list[Match]] = [[] for _ in vectors]
        for rule, start, stop in zip(self._rules, self._starts, self._starts[1:], strict=False):
            above = scores[:, start:stop] - cuts[start:stop]
            best = start + above.argmax(axis=1)
            for place in np.flatnonzero(above.max(axis=1) >= 0):
                score, cut = float(scores[place, best[place]]), float(cuts[best[place]])
                found[place].append(Match(rule, stage, View.MEANING, score=score, threshold=cut))
        return found

    def _cuts(self, scale: float) -> np.ndarray:
        """Each example's threshold: the column of a whole number, or between two columns."""
        low = int(scale)
        high, share = min(low + 1, _RESULT), scale - low
        return np.asarray((1 - share) * self._thresholds[:, low] + share * self._thresholds[:, high])


def _check_space(concepts: Sequence[Rule], ground: Ground) -> None:
    """Refuse concepts of another model, also where a forged one has this model's name and another width."""
    if not concepts:
        return
    width = ground.vectors(np.zeros(1, np.int64)).shape[1]
    fitting = (ground.space, width)
    stale = [rule.id for rule in concepts if rule.concept is not None and rule.concept.space != fitting]
    if stale:
        raise StaleConcept(
            "The model has changed since this server's concept rules were made. A moderator must renew them first.",
            stale,
        )


def _bits(packed: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which rows' bits are set, shape (len(rows),), bool."""
    return np.asarray(packed[rows >> 3] >> (7 - (rows & 7)).astype(np.uint8) & 1, bool)


def _blocks(places: np.ndarray) -> list[np.ndarray]:
    return [places[start : start + BLOCK] for start in range(0, len(places), BLOCK)]


def _kept(entries: OrderedDict[str, _T], key: str, limit: int) -> _T:
    """The entry of a key, which becomes the one used last; those not used for longest go."""
    entries.move_to_end(key)
    while len(entries) > limit:
        entries.popitem(last=False)
    return entries[key]
