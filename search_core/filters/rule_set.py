"""`FilterSet`: the snapshot of all rules that a query is answered under."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from search_core.errors import RefusedError
from search_core.filters.rules import PictureRule, Rule

REFUSAL = "This server's rules do not allow that search."
"""What a refused person reads. It names neither prompt nor rule."""


@dataclass(frozen=True)
class FilterSet:
    """An immutable set of rules.

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
        """Make a set of any iterable of rules."""
        return cls(tuple(rules))

    @cached_property
    def hash(self) -> str:
        """Sixteen hexadecimal digits, equal for sets with equal rules in whatever order."""
        canonical = json.dumps(sorted({(rule.kind, rule.pattern) for rule in self.rules}))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def check_prompt(self, prompt: str) -> None:
        """Refuse a cleaned prompt that a rule does not allow.

        Raises:
            RefusedError: with a message that repeats neither prompt nor rule.
        """
        if any(rule.refuses(prompt) for rule in self.rules):
            raise RefusedError(REFUSAL)

    def hides(self, row: int) -> bool:
        """Whether a rule hides this row."""
        return row in self._hidden_rows or any(rule.hides(row) for rule in self._other_rules)

    @cached_property
    def _hidden_rows(self) -> frozenset[int]:
        return frozenset(rule.row for rule in self.rules if isinstance(rule, PictureRule))

    @cached_property
    def _other_rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if not isinstance(rule, PictureRule))
