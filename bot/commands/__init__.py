"""The commands, one file per group. Each is thin: read the options, ask the desk, deliver.

How to add one: write it in a file of its own behind `through_door`, and name it in `all_commands`. Such a file has
no `from __future__ import annotations`: discord.py reads the options' types, and cannot look up their names behind
a wrapper.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from discord import app_commands

from bot.commands import filter, filter_exchange, filter_views  # noqa: A004, F401 - each adds its commands to the group
from bot.commands.about import about, help_
from bot.commands.audit import audit
from bot.commands.filter_group import filter_group
from bot.commands.hide import hide, hide_menu, unhide
from bot.commands.history import history
from bot.commands.layout import layout
from bot.commands.privacy import privacy
from bot.commands.random import random
from bot.commands.reports import reports
from bot.commands.saved import saved
from bot.commands.search import search
from bot.commands.settings import settings
from bot.commands.similar import similar, similar_menu
from bot.commands.timeline import timeline

AnyCommand: TypeAlias = app_commands.Command[Any, ..., None] | app_commands.ContextMenu | app_commands.Group

__all__ = ["all_commands"]


def all_commands() -> tuple[AnyCommand, ...]:
    """List everything that is registered with Discord."""
    for_all: tuple[AnyCommand, ...] = (search, similar, similar_menu, timeline, random, about, help_)
    own: tuple[AnyCommand, ...] = (saved, history, layout, privacy)
    return (*for_all, *own, filter_group, hide, unhide, hide_menu, reports, audit, settings)
