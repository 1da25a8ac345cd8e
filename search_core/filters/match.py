"""What rules found: a `Match` for each rule that applies to a query, a `Verdict` for each row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from search_core.filters.rules import Action, Rule
from search_core.filters.views import View


class Stage(StrEnum):
    """What a rule was held against."""

    PROMPT = "prompt"
    PICTURE = "picture"
    """A posted picture, or the row that a query starts from."""
    RESULT = "result"


@dataclass(frozen=True, slots=True, repr=False)
class Match:
    """A rule that applies, and why. Its repr shows neither pattern nor what matched: it may end up in a log.

    Attributes:
        rule: the rule.
        stage: what it was held against.
        view: how that was looked at.
        matched: the piece of the cleaned prompt, for word rules.
        score: the cosine with the nearest example, for concepts.
        threshold: the cosine from which that example matches.
    """

    rule: Rule
    stage: Stage
    view: View
    matched: str = ""
    score: float | None = None
    threshold: float | None = None

    def __repr__(self) -> str:
        return f"Match(rule={self.rule.id}, stage={self.stage.value!r}, view={self.view.value!r})"

    @property
    def refuses(self) -> bool:
        """Whether the query is not answered. A hidden picture cannot be asked with either."""
        hidden_row = self.rule.action is Action.HIDE and self.stage is Stage.PICTURE
        return hidden_row or (self.rule.action is Action.REFUSE and self.stage is not Stage.RESULT)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one row.

    Attributes:
        hidden: it is not shown.
        spoiler: it is shown under a spoiler.
        notes: sentences of context to show with it.
        rules: numbers of the rules that say so, or only log it.
    """

    hidden: bool = False
    spoiler: bool = False
    notes: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Self:
        """Put together what the rules that match a row say."""
        matching = list(rules)
        actions = {rule.action for rule in matching}
        return cls(
            hidden=not actions.isdisjoint(HIDING),
            spoiler=Action.SPOILER in actions,
            notes=notes_of(matching),
            rules=tuple(rule.id for rule in matching),
        )


HIDING = frozenset({Action.HIDE, Action.REFUSE})
"""What hides a row: a concept that refuses prompts hides what it is about, too."""


def notes_of(rules: Iterable[Rule]) -> tuple[str, ...]:
    """The sentences of context of some rules, each once."""
    return tuple(dict.fromkeys(rule.note for rule in rules if rule.action is Action.NOTE))
