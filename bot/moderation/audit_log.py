"""The audit log as moderators read it: a page of lines, newest first, and a button for older ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import discord

from bot import custom_ids
from bot.components import Control
from bot.door import Interaction
from bot.limits import MAX_CHARACTERS, check_view
from bot.markdown import length
from bot.moderation.entries import entry_line
from bot.texts import moderation as texts

if TYPE_CHECKING:
    from bot.database import Database

PAGE = 10
"""Ten lines of some three hundred characters fit a message."""


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
    lines = _fitting([f"- {entry_line(entry)}" for entry in entries[:PAGE]])
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("\n".join([texts.AUDIT_HEADING, *(lines or [texts.AUDIT_EMPTY])])))
    if len(entries) > len(lines):
        custom_id = custom_ids.audit_id(entries[len(lines) - 1].id, wanted.user, wanted.rule, wanted.since)
        view.add_item(discord.ui.ActionRow(discord.ui.Button(label=texts.AUDIT_OLDER, custom_id=custom_id)))
    view.stop()
    check_view(view)
    return view


def _fitting(lines: list[str]) -> list[str]:
    """As many lines as fit a message, and one at least; the next page begins after them."""
    ends = accumulate((length(line) + 1 for line in lines), initial=length(texts.AUDIT_HEADING))
    fitting = sum(end <= MAX_CHARACTERS for end in list(ends)[1:])
    return lines[: max(1, fitting)]


class AuditButton(Control[discord.ui.Button[Any]], template=custom_ids.AUDIT_TEMPLATE):
    """Shows older entries in the place of these."""

    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Show them."""
        await interaction.response.defer()
        wanted = Narrowing(**{name: int(value) for name, value in self.fields.items()})
        view = await audit_page(interaction.client.services.database, interaction.guild_id or 0, wanted)
        await interaction.edit_original_response(view=view)
