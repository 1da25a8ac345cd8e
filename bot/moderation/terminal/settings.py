"""What `vignette settings` does."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from bot.database.guild_settings import SERVER
from bot.moderation.guild_settings import change, change_channel, toggled
from bot.moderation.settings_wording import describe
from bot.moderation.terminal.room import OPERATOR, Room, print_json, print_lines
from bot.moderation.wording import TERMINAL
from bot.settings import load_variable
from bot.texts import moderation as texts
from search_core import QueryError
from search_core.filters.rules import MAX_REASON

if TYPE_CHECKING:
    import argparse

    from bot.database import GuildSettings

MEANINGS = {"yes": True, "no": False, "server": None}


async def _show(room: Room, options: argparse.Namespace) -> None:
    settings = (await room.database.snapshot(room.guild_id)).settings
    if options.json:
        print_json(settings.to_dict())
    else:
        print_lines(_described(settings))


async def _channel(room: Room, options: argparse.Namespace) -> None:
    names = ("allowed", "private", "spoilers", "watch")
    chosen = {name: getattr(options, name) for name in names}
    anew: dict[str, object] = {name: MEANINGS[choice] for name, choice in chosen.items() if choice is not None}
    if options.max_count is not None:
        anew["max_count"] = options.max_count or None
    if not anew:
        raise QueryError(texts.NOTHING_SET)
    place = options.channel or SERVER
    _tell(await change_channel(room.database, room.guild_id, OPERATOR, _reason(options), place, anew))


async def _roles(room: Room, options: argparse.Namespace) -> None:
    old = (await room.database.snapshot(room.guild_id)).settings
    roles = toggled(old.allowed_roles, options.role, on=MEANINGS[options.allowed] is True)
    _tell(await change(room.database, room.guild_id, OPERATOR, _reason(options), allowed_roles=roles))


async def _moderators(room: Room, options: argparse.Namespace) -> None:
    old = (await room.database.snapshot(room.guild_id)).settings
    if (options.role is None) != (options.moderates is None):
        raise QueryError(texts.ROLE_AND_WHETHER_TERMINAL)
    parts: dict[str, object] = {}
    if options.role is not None:
        parts["moderator_roles"] = toggled(old.moderator_roles, options.role, on=options.moderates == "yes")
    if options.channel is not None or options.no_channel:
        parts["moderators_channel"] = options.channel
    if not parts:
        raise QueryError(texts.NOTHING_SET)
    _tell(await change(room.database, room.guild_id, OPERATOR, _reason(options), **parts))
    if options.channel is not None:
        print_lines(texts.ROOM_UNCHECKED)


WORKS: Mapping[str, Callable[[Room, argparse.Namespace], Awaitable[None]]] = {
    "show": _show, "channel": _channel, "roles": _roles, "moderators": _moderators,
}  # fmt: skip
"""By the subcommand's name."""


def _reason(options: argparse.Namespace) -> str:
    if not options.reason.strip():
        raise QueryError(texts.REASON_MISSING)
    return str(options.reason)[:MAX_REASON]


def _tell(new: GuildSettings) -> None:
    print_lines(texts.SET_TERMINAL, _described(new))


def _described(settings: GuildSettings) -> str:
    watches = load_variable(os.environ, "VIGNETTE_WATCH")
    return describe(settings, TERMINAL, watch_needs="" if watches else texts.WATCH_NEEDS_TERMINAL)
