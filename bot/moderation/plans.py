"""`Plan`: an edit of the rules that is ready to be carried out, and may wait for somebody's yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from search_core.filters import Rule


@dataclass(frozen=True, slots=True)
class Plan:
    """One edit: rules are written, or one goes, or the last change is taken back.

    Attributes:
        rules: new ones have no number; one with a number is written over.
        reason: why it is edited, for the audit log; empty takes the rule's own reason.
        removes: the number of the rule that goes, or 0.
        undoes: the newest audit entry of the change that is taken back, or 0.
        asks: what somebody must say yes to in any case; empty where nothing need be asked.
    """

    rules: tuple[Rule, ...] = ()
    reason: str = ""
    removes: int = 0
    undoes: int = 0
    asks: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain JSON values; what it asks is not needed any more once it was asked."""
        rules = [{"id": rule.id, "version": rule.version, "rule": rule.to_dict()} for rule in self.rules]
        return {"rules": rules, "reason": self.reason, "removes": self.removes, "undoes": self.undoes}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote, also of an earlier release."""
        rules = (Rule.from_dict(each["rule"], each["id"], each["version"]) for each in values["rules"])
        return cls(tuple(rules), values["reason"], values.get("removes", 0), values.get("undoes", 0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was carried out.

    Attributes:
        rules: those that were written, as they are in the database.
        lines: what to say of it, a line for each rule or entry.
    """

    rules: tuple[Rule, ...]
    lines: tuple[str, ...]
