"""What must survive a restart: rules, settings, the audit log, reports, refusals, and the searches behind buttons.

The names below are imported on first use, so that `vignette --help` does not wait for SQLAlchemy.

How to add a table: define it in `tables.py`, write a migration (`migrations`), give it a module of its own here with
plain functions that take a connection, and wrap them in a method of `Database` that opens one transaction; say in
`traces` what it keeps of a person, and how that goes. What moderators decide is written through `changes`, and in no
other way.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.database.audit import Actor as Actor
    from bot.database.audit import AuditAction as AuditAction
    from bot.database.audit import AuditEntry as AuditEntry
    from bot.database.database import Database as Database
    from bot.database.errors import ConflictError as ConflictError
    from bot.database.errors import DatabaseBusy as DatabaseBusy
    from bot.database.errors import DuplicateRule as DuplicateRule
    from bot.database.errors import UndoError as UndoError
    from bot.database.guild_settings import SERVER as SERVER
    from bot.database.guild_settings import ChannelSettings as ChannelSettings
    from bot.database.guild_settings import GuildSettings as GuildSettings
    from bot.database.history import PastSearch as PastSearch
    from bot.database.refusals import Refusal as Refusal
    from bot.database.reports import Report as Report
    from bot.database.reports import ReportState as ReportState
    from bot.database.saved import SavedResult as SavedResult
    from bot.database.searches import SavedSearch as SavedSearch
    from bot.database.searches import Way as Way
    from bot.database.snapshots import Snapshot as Snapshot

_HOMES = {
    "audit": ("Actor", "AuditAction", "AuditEntry"),
    "database": ("Database",),
    "errors": ("ConflictError", "DatabaseBusy", "DuplicateRule", "UndoError"),
    "guild_settings": ("SERVER", "ChannelSettings", "GuildSettings"),
    "history": ("PastSearch",),
    "refusals": ("Refusal",),
    "reports": ("Report", "ReportState"),
    "saved": ("SavedResult",),
    "searches": ("SavedSearch", "Way"),
    "snapshots": ("Snapshot",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - a list of strings, made from the table above


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
