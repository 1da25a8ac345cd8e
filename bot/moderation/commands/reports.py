"""`vignette reports`: reported pictures, and decisions on them, from the terminal."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.moderation.commands.parsers import Parsers, Works, action, as_json, group

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = """\
Pictures that somebody reported, as moderators see them on cards and with /reports. Each report is decided on once,
here or in Discord. A decision counts from the next search on; the rules that carry it out are in
`vignette filters list`.

  vignette reports list
  vignette reports show 3 --picture reported.png    needs VIGNETTE_INDEX; look at it before you decide
  vignette reports hide 3                           the picture and its copies
  vignette reports block 3                          and what is similar to it; needs VIGNETTE_INDEX
  vignette reports dismiss 3
  vignette reports ban 3                            whoever made the search that showed it

Only the bot in Discord can write to the reporter: what is decided here, they are not told. The card in the moderators'
channel shows the decision once somebody presses one of its buttons.
"""

_BAN = """\
Ban whoever made the search whose answer was reported, and nobody else. A ban does not keep out who manages the server;
who moderates by a role is kept out of moderating, too. Which of it somebody does, only Discord knows.
"""


def _works() -> Works:
    from bot.moderation.terminal.reports import WORKS

    return WORKS


_action = partial(action, _works)


def add_report_commands(commands: Parsers) -> None:
    """Add `reports` and its subcommands."""
    actions = group(commands, "reports", "look at reported pictures, and decide", _DESCRIPTION)
    listing = _action(actions, "list", "list the open reports, oldest first")
    listing.add_argument("--all", action="store_true", help="those that are decided, too (the last 500)")
    as_json(listing)
    show = _action(actions, "show", "tell everything about a report", engine=True)
    _report(show)
    show.add_argument("--picture", metavar="FILE", type=Path, help="write the reported picture there")
    as_json(show)
    _report(_action(actions, "hide", "hide the picture and its copies"))
    _report(_action(actions, "block", "hide the picture and what is similar to it", engine=True))
    _report(_action(actions, "dismiss", "leave everything as it is"))
    _report(_action(actions, "ban", "ban whoever made that search", _BAN))


def _report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", metavar="NUMBER", type=int, help="the report's number, as `list` shows it")
