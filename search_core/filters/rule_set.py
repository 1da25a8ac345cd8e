"""`FilterSet`: the snapshot of all rules that a query is answered under."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Self

from search_core.errors import RefusedError
from search_core.filters.match import HIDING, Match, Stage
from search_core.filters.matching import Found, WordIndex
from search_core.filters.rules import LOOKING_AT_ROWS, Rule, RuleKind
from search_core.filters.views import Reading, View, readings
from search_core.filters.words import WordPattern

REFUSAL = "This server's rules do not allow that search."
"""What a refused person reads. It names neither prompt nor rule."""

MAX_PLACES = 64
"""Combinations of channels and roles whose rules are kept ready; a server has a few."""

KEPT_READINGS = 16
"""Prompts whose readings are kept in memory, up to 0.75 MiB each as measured: one is checked before its search waits,
when it begins and in the engine."""


@dataclass(frozen=True, repr=False)
class FilterSet:
    """An immutable set of rules. What it takes to match them is made ready once, when it is first needed.

    Attributes:
        rules: the rules, in any order.
    """

    rules: tuple[Rule, ...]

    @classmethod
    def empty(cls) -> Self:
        """No rules, said on purpose: the engine does not search without a filter set."""
        return cls(())

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Self:
        """Make a set of any iterable of rules. Those that are not enabled are carried, and do nothing."""
        return cls(tuple(rules))

    def __repr__(self) -> str:
        return f"FilterSet({len(self.rules)} rules, {self.hash})"

    @cached_property
    def hash(self) -> str:
        """Sixteen hexadecimal digits, equal for sets with equal rules in whatever order."""
        canonical = json.dumps(sorted(set(map(_content, self.active))))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @cached_property
    def active(self) -> tuple[Rule, ...]:
        """The rules that are enabled."""
        return tuple(rule for rule in self.rules if rule.enabled)

    @cached_property
    def hides_rows(self) -> bool:
        """Whether there is a rule that may hide rows."""
        return any(rule.kind in LOOKING_AT_ROWS and rule.action in HIDING for rule in self.active)

    def for_place(self, channel_id: int | None, role_ids: Iterable[int], now: float) -> FilterSet:
        """Choose the rules that hold in a channel, for somebody with these roles, at a time in seconds since 1970.

        The same rules give the same object as long as this snapshot lives, so they are made ready once.
        """
        roles = frozenset(role_ids)
        holding = tuple(rule.holds(channel_id, roles, now) for rule in self._conditional)
        if holding not in self._places:
            if len(self._places) >= MAX_PLACES:
                self._places.clear()
            chosen = [rule for rule, holds in zip(self._conditional, holding, strict=True) if holds]
            self._places[holding] = FilterSet((*self._unconditional, *chosen))
        return self._places[holding]

    def check_prompt(self, prompt: str) -> tuple[Match, ...]:
        """Refuse a cleaned prompt that a word rule does not allow.

        Returns:
            What matched without refusing.

        Raises:
            RefusedError: with a message that repeats neither prompt nor rule; `.matches` holds all matches.
        """
        matches = self.inspect_prompt(prompt)
        check(matches)
        return matches

    def inspect_prompt(self, prompt: str) -> tuple[Match, ...]:
        """Find all word rules that match a cleaned prompt, each in the first view where it does.

        What lies inside a piece that an allow rule matches in the same view is left out.
        """
        matches: dict[Rule, Match] = {}
        if not self._has_words:
            return ()
        for view, found in _by_view(self._words, prompt):
            allowed = [one for one in found if one.what.kind is RuleKind.ALLOW]
            for one in found:
                if one.what.kind is RuleKind.WORD and not any(_inside(one, other) for other in allowed):
                    piece = prompt[one.start : one.end]
                    matches.setdefault(one.what, Match(one.what, Stage.PROMPT, view, piece))
        return tuple(matches.values())

    @cached_property
    def _has_words(self) -> bool:
        return any(rule.kind is RuleKind.WORD for rule in self.active)

    @cached_property
    def _words(self) -> WordIndex[Rule]:
        kinds = (RuleKind.WORD, RuleKind.ALLOW)
        return WordIndex((WordPattern.parse(rule.pattern), rule) for rule in self.active if rule.kind in kinds)

    @cached_property
    def _conditional(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.active if rule.channels or rule.bypass_roles or rule.expires is not None)

    @cached_property
    def _unconditional(self) -> tuple[Rule, ...]:
        conditional = set(map(id, self._conditional))
        return tuple(rule for rule in self.active if id(rule) not in conditional)

    @cached_property
    def _places(self) -> dict[tuple[bool, ...], FilterSet]:
        return {}


def check(matches: Iterable[Match]) -> None:
    """Refuse if one of some matches does.

    Raises:
        RefusedError: with all matches.
    """
    matches = tuple(matches)
    if any(match.refuses for match in matches):
        raise RefusedError(REFUSAL, matches)


def _content(rule: Rule) -> tuple[int, int, str, str, str, str, str]:
    """What an answer and its matches depend on. Number and version too: a match names the rule as it was then."""
    meaning = "" if rule.concept is None else rule.concept.digest
    return rule.id, rule.version, rule.kind.value, rule.pattern, rule.action.value, rule.note, meaning


def _by_view(words: WordIndex[Rule], prompt: str) -> Iterator[tuple[View, list[Found[Rule]]]]:
    found: dict[View, list[Found[Rule]]] = {}
    for reading in _readings(prompt):
        found.setdefault(reading.view, []).extend(words.find(reading))
    yield from found.items()


@lru_cache(KEPT_READINGS)
def _readings(prompt: str) -> tuple[Reading, ...]:
    return tuple(readings(prompt))


def _inside(one: Found[Rule], other: Found[Rule]) -> bool:
    return other.start <= one.start and one.end <= other.end
