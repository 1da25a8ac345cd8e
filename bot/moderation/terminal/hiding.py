"""What `vignette hide` and `vignette unhide` do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from bot.moderation.book import RuleBook
from bot.moderation.hiding import MAX_CHOICES, Hiding, name_of
from bot.moderation.terminal.room import OPERATOR, Room, print_lines
from bot.texts import moderation as texts
from search_core import QueryError

if TYPE_CHECKING:
    import argparse


async def _hide(room: Room, options: argparse.Namespace) -> None:
    hiding = await _hiding(room)
    found = await hiding.pictures(options.picture)
    if len(found) > 1:
        raise QueryError("\n".join([texts.SEVERAL_NAMED, *map(name_of, found), *_more(len(found))]))
    picture = await hiding.picked(options.picture)
    rule = await hiding.hide(room.guild_id, OPERATOR, picture.sha256, options.reason)
    print_lines(texts.HIDDEN_TERMINAL.format(title=name_of(picture), rule=rule.id))


async def _unhide(room: Room, options: argparse.Namespace) -> None:
    hiding = await _hiding(room)
    hidden = await hiding.hidden(room.guild_id, _text(options.picture))
    lines = [texts.HIDDEN_LINE.format(rule=rule, title=name) for rule, name in hidden.items()]
    if options.picture is None:
        print_lines(*(lines or [texts.NOTHING_HIDDEN]), *_more(len(lines)))
        return
    number = int(options.picture) if _is_number(options.picture) else None
    if number is None and len(hidden) > 1:
        raise QueryError("\n".join([texts.SEVERAL_HIDDEN, *lines, *_more(len(lines))]))
    number = next(iter(hidden), 0) if number is None else number
    rule, name = await hiding.unhide(room.guild_id, OPERATOR, number, options.reason)
    print_lines(texts.SHOWN_AGAIN.format(title=name, rule=rule.id))


async def _hiding(room: Room) -> Hiding:
    engine = await room.engine()
    return Hiding(engine, room.database, RuleBook(room.database, engine))


def _text(picture: str | None) -> str:
    return "" if picture is None or _is_number(picture) else picture


def _is_number(picture: str) -> bool:
    return picture.isascii() and picture.isdigit() and len(picture) <= MAX_DIGITS


def _more(shown: int) -> list[str]:
    return [texts.PERHAPS_MORE] if shown >= MAX_CHOICES else []


MAX_DIGITS = 12
"""Of a rule's number; a longer one is a part of a name."""

WORKS: Mapping[str, Callable[[Room, argparse.Namespace], Awaitable[None]]] = {"hide": _hide, "unhide": _unhide}
"""By the command's name."""
