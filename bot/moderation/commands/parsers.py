"""What the commands of moderation share: how they are described, options that many have, and how they are run."""

from __future__ import annotations

import argparse
import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from bot.moderation.terminal.room import Room

Work: TypeAlias = "Callable[[Room, argparse.Namespace], Awaitable[None]]"
Works: TypeAlias = "Mapping[str, Work]"
Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_ID = re.compile(r"[0-9]{1,19}")
_LARGEST = 2**63 - 1
"""Discord's numbers have seventeen to nineteen digits today; the database takes none above."""


def described(commands: Parsers, name: str, summary: str, description: str) -> argparse.ArgumentParser:
    """Add a command."""
    raw = argparse.RawDescriptionHelpFormatter
    return commands.add_parser(name, help=summary, description=description, formatter_class=raw)


def group(commands: Parsers, name: str, summary: str, description: str) -> Parsers:
    """Add a command that has commands below it, and return those."""
    parser = described(commands, name, summary, description)
    parser.set_defaults(handler=lambda _: show_help(parser))
    return parser.add_subparsers(title="commands", metavar="COMMAND")


def action(
    works: Callable[[], Works],
    actions: Parsers,
    name: str,
    summary: str,
    description: str = "",
    *,
    engine: bool = False,
) -> argparse.ArgumentParser:
    """Add a command that does something.

    Args:
        works: imports what is done, by the command's name; called only when it is to be done.
        actions: where it is added.
        name: the command's.
        summary: what it does, in a line.
        description: what it does, at length; if empty, the summary.
        engine: whether it may need the collection.
    """
    parser = described(actions, name, summary, description or f"{summary[0].upper()}{summary[1:]}.")
    parser.add_argument(
        "--guild", metavar="ID", type=discord_id, help="the server (default: the one in VIGNETTE_GUILD_IDS)"
    )
    if engine:
        parser.add_argument("--index", metavar="DIR", type=Path, help="the collection (default: VIGNETTE_INDEX)")
    parser.set_defaults(handler=lambda options: _run(works(), options), work=name)
    return parser


def yes(parser: argparse.ArgumentParser) -> None:
    """Let nothing be asked."""
    parser.add_argument("--yes", action="store_true", help="do not ask, whatever it would refuse or replace")


def as_json(parser: argparse.ArgumentParser) -> None:
    """Let the answer be JSON."""
    parser.add_argument("--json", action="store_true", help="print one JSON value")


def reason(parser: argparse.ArgumentParser) -> None:
    """Ask why."""
    parser.add_argument("--reason", required=True, help="why; the other moderators read it")


def discord_id(written: str) -> int:
    """Read the number of a person, a channel or a role.

    Raises:
        ArgumentTypeError: if it is none.
    """
    if not _ID.fullmatch(written) or not 0 < int(written) <= _LARGEST:
        raise argparse.ArgumentTypeError(
            f"{written!r} is no number of Discord's: right-click it there, then Copy ID (in developer mode)"
        )
    return int(written)


def show_help(parser: argparse.ArgumentParser) -> int:
    """Say how a command is used."""
    parser.print_help()
    return 0


def _run(works: Works, options: argparse.Namespace) -> int:
    from bot.moderation.terminal.room import room

    if not options.verbose:  # what was done is printed; the same as a line of the log only stands in the way
        for name in ("bot", "search_core"):
            logging.getLogger(name).setLevel(logging.WARNING)

    async def run() -> None:
        async with room(options) as opened:
            await works[options.work](opened, options)

    asyncio.run(run())
    return 0
