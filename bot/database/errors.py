"""What can go wrong with a change on purpose. The messages are fit for moderators, and repeat no pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search_core.errors import InputError

if TYPE_CHECKING:
    from search_core.filters.rules import Rule


class ConflictError(InputError):
    """Somebody else changed the same thing first. Nothing was written."""


class DuplicateRule(InputError):
    """The server has a rule of the same kind and pattern already. Nothing was written.

    Attributes:
        existing: that rule.
    """

    def __init__(self, existing: Rule) -> None:
        super().__init__(f"Rule {existing.id} says the same already. Edit that one instead.")
        self.existing = existing


class UndoError(InputError):
    """There is nothing that can be undone; the message says why. Nothing was written."""
