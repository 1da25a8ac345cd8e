"""`vignette audit`: who changed what, when and why, from the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.moderation.commands.parsers import action, as_json, discord_id

if TYPE_CHECKING:
    from bot.moderation.commands.parsers import Parsers, Works

_DESCRIPTION = """\
Who changed what, when and why: rules, settings, decisions on reports, restored backups; newest first.

  vignette audit
  vignette audit --user 1200000000000000001 --since 7     what one person did within seven days
  vignette audit --rule 3 --since 2026-09-01              what was done to a rule since a day
  vignette audit --before 120 -n 50                       the fifty entries before that one
"""


def _works() -> Works:
    from bot.moderation.terminal.audit import WORKS

    return WORKS


def add_audit_command(commands: Parsers) -> None:
    """Add `audit`."""
    audit = action(_works, commands, "audit", "who changed what, when and why", _DESCRIPTION)
    audit.add_argument("--user", metavar="ID", type=discord_id, help="only what this person did")
    audit.add_argument("--rule", metavar="NUMBER", type=int, help="only what was done to this rule")
    audit.add_argument("--since", metavar="WHEN", help="how far back: days (7) or a date (2026-09-01)")
    audit.add_argument("--before", metavar="ENTRY", type=int, help="only entries older than this one")
    audit.add_argument("-n", type=int, default=20, metavar="N", help="entries at most (default: %(default)s)")
    as_json(audit)
