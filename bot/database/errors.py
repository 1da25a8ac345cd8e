"""What can go wrong with a change, and with the database itself.

The messages of what goes wrong on purpose are fit for moderators, and repeat no pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from search_core.errors import InputError, StoreError

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


class DatabaseFailed(StoreError):
    """The database could not do what it was asked.

    Attributes:
        kind: the error's type, and the database's own code for it.
    """

    words = (
        "The database failed ({kind}). If that goes on, run: vignette db check; "
        "if it is damaged, put a backup back: vignette db restore"
    )

    def __init__(self, kind: str) -> None:
        super().__init__(self.words.format(kind=kind))
        self.kind = kind


class DatabaseBusy(DatabaseFailed):
    """Another process has been writing for longer than is waited for, so nothing was written."""

    words = (
        "The database is locked by another process that writes ({kind}). Nothing was changed; try again in a moment."
    )


class DatabaseUnreachable(DatabaseFailed):
    """The server could not be connected to, or does not answer."""

    words = "The database cannot be reached ({kind}). Does its server run, and is DATABASE_URL right?"
