"""What must survive a restart: rules, settings, the audit log, reports, refusals, and the searches behind buttons.

How to add a table: define it in `tables.py`, write a migration (`migrations`), give it a module of its own here with
plain functions that take a connection, and wrap them in a method of `Database` that opens one transaction. What
moderators decide is written through `changes`, and in no other way.
"""

from bot.database.audit import Actor, AuditAction, AuditEntry
from bot.database.database import Database
from bot.database.errors import ConflictError, DuplicateRule, UndoError
from bot.database.guild_settings import ChannelSettings, GuildSettings
from bot.database.refusals import Refusal
from bot.database.reports import Report, ReportState
from bot.database.searches import SavedSearch
from bot.database.snapshots import Snapshot

__all__ = [
    "Actor",
    "AuditAction",
    "AuditEntry",
    "ChannelSettings",
    "ConflictError",
    "Database",
    "DuplicateRule",
    "GuildSettings",
    "Refusal",
    "Report",
    "ReportState",
    "SavedSearch",
    "Snapshot",
    "UndoError",
]
