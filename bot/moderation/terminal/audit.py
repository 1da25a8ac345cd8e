"""What `vignette audit` does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from bot.moderation.entries import entry_line
from bot.moderation.moments import moment_of
from bot.moderation.terminal.as_json import entry_json
from bot.moderation.terminal.room import Room, print_json, print_lines
from bot.moderation.wording import TERMINAL
from bot.texts import moderation as texts

if TYPE_CHECKING:
    import argparse


async def _audit(room: Room, options: argparse.Namespace) -> None:
    entries = await room.database.audit(
        room.guild_id,
        user=options.user,
        rule=options.rule,
        since=None if options.since is None else moment_of(options.since),
        before_id=options.before,
        limit=max(options.n, 1),
    )
    if options.json:
        print_json([entry_json(entry) for entry in entries])
    else:
        print_lines(*(entry_line(entry, TERMINAL) for entry in entries) if entries else [texts.AUDIT_EMPTY])


WORKS: Mapping[str, Callable[[Room, argparse.Namespace], Awaitable[None]]] = {"audit": _audit}
