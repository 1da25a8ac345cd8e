"""What can be typed at the terminal to moderate. What then happens is in `terminal`, which is imported late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.moderation.commands.audit import add_audit_command
from bot.moderation.commands.filters import add_filter_commands
from bot.moderation.commands.hiding import add_hiding_commands
from bot.moderation.commands.reports import add_report_commands
from bot.moderation.commands.settings import add_settings_commands

if TYPE_CHECKING:
    from bot.moderation.commands.parsers import Parsers


def add_moderation_commands(commands: Parsers) -> None:
    """Add all of them."""
    add_filter_commands(commands)
    add_hiding_commands(commands)
    add_report_commands(commands)
    add_audit_command(commands)
    add_settings_commands(commands)
