"""`vignette hide` and `vignette unhide`: single pictures, from the terminal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.moderation.commands.parsers import action, reason

if TYPE_CHECKING:
    from bot.moderation.commands.parsers import Parsers, Works

_HIDE = """\
Hide a picture and its copies, from the next search on. Needs the collection (VIGNETTE_INDEX, or --index).

  vignette hide animals/ant_01.jpg --reason "Asked to by its owner"
  vignette hide ant --reason "..."         if several are called that, they are listed, and nothing is hidden
"""

_UNHIDE = """\
Show a hidden picture again, from the next search on. Needs the collection (VIGNETTE_INDEX, or --index); without it,
`vignette filters remove NUMBER` does the same.

  vignette unhide                          lists the hidden pictures
  vignette unhide ant --reason "A mistake"
  vignette unhide 3 --reason "A mistake"   by the number of its rule
"""


def _works() -> Works:
    from bot.moderation.terminal.hiding import WORKS

    return WORKS


_action = partial(action, _works)


def add_hiding_commands(commands: Parsers) -> None:
    """Add `hide` and `unhide`."""
    hide = _action(commands, "hide", "hide a picture and its copies", _HIDE, engine=True)
    hide.add_argument("picture", metavar="PICTURE", help="a part of its title or file name, or the file's SHA-256")
    reason(hide)
    unhide = _action(
        commands, "unhide", "show a hidden picture again, or list those that are hidden", _UNHIDE, engine=True
    )
    unhide.add_argument("picture", metavar="PICTURE", nargs="?", help="its rule's number, or a part of its name")
    unhide.add_argument("--reason", default="", help="why; for the log")
