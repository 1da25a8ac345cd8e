"""The audit log as moderators read it: a page of lines, newest first, and a button for older ones."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import discord

from bot import custom_ids
from bot.components import Control
from bot.door import Interaction
from bot.limits import MAX_CHARACTERS, check_view
from bot.moderation.wording import bullets, entry_line
from bot.texts import moderation as texts
from search_core import QueryError

if TYPE_CHECKING:
    from bot.database import Database

PAGE = 10
"""Ten lines of some three hundred characters fit a message."""

MAX_DAYS = 36_500
DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which entries are wanted; 0 means all.

    Attributes:
        user: who acted.
        rule: the rule that was changed.
        since: seconds since 1970.
        before: only entries older than the one of this number.
    """

    user: int = 0
    rule: int = 0
    since: int = 0
    before: int = 0


async def audit_page(database: Database, guild_id: int, wanted: Narrowing) -> discord.ui.LayoutView:
    """Lay out one page of a server's audit log."""
    entries = await database.audit(
        guild_id,
        user=wanted.user or None,
        rule=wanted.rule or None,
        since=wanted.since or None,
        before_id=wanted.before or None,
        limit=PAGE + 1,
    )
    lines = [f"- {entry_line(entry)}" for entry in entries[:PAGE]]
    body = bullets(lines, MAX_CHARACTERS - len(texts.AUDIT_HEADING) - 1) if lines else texts.AUDIT_EMPTY
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(f"{texts.AUDIT_HEADING}\n{body}"))
    if len(entries) > PAGE:
        custom_id = custom_ids.audit_id(entries[PAGE - 1].id, wanted.user, wanted.rule, wanted.since)
        view.add_item(discord.ui.ActionRow(discord.ui.Button(label=texts.AUDIT_OLDER, custom_id=custom_id)))
    view.stop()
    check_view(view)
    return view


class AuditButton(Control[discord.ui.Button[Any]], template=custom_ids.AUDIT_TEMPLATE):
    """Shows older entries in the place of these."""

    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Show them."""
        await interaction.response.defer()
        wanted = Narrowing(**{name: int(value) for name, value in self.fields.items()})
        view = await audit_page(interaction.client.services.database, interaction.guild_id or 0, wanted)
        await interaction.edit_original_response(view=view)


def moment_of(written: str, now: float | None = None) -> int:
    """Read how far back: days before now, or a date (midnight, UTC); in seconds since 1970.

    Raises:
        QueryError: if it is neither.
    """
    written = written.strip()
    if written.isascii() and written.isdigit() and int(written) <= MAX_DAYS:
        return max(1, int((time.time() if now is None else now) - int(written) * DAY_SECONDS))
    try:
        return max(1, int(datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()))
    except ValueError:
        raise QueryError(texts.NOT_A_TIME) from None
