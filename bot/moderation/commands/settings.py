"""`vignette settings`: where the bot answers, to whom and how, from the terminal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.moderation.commands.parsers import Parsers, Works, action, as_json, discord_id, group, reason

if TYPE_CHECKING:
    import argparse

_DESCRIPTION = """\
Where the bot answers, to whom, and how, as moderators set it with /settings. It counts from the next request on, and
`vignette filters undo` takes it back. Channels and roles are given by their numbers: in Discord, switch User Settings,
Advanced, Developer Mode on; then right-click one, Copy ID. Whether there is one of that number only Discord knows.

  vignette settings show
  vignette settings channel 1200000000000000002 --allowed no --reason "Not here"
  vignette settings channel --max-count 4 --private yes --reason "..."      what holds in the whole server
  vignette settings channel 1200000000000000002 --private server --reason "..."      as the server again
  vignette settings roles 1200000000000000003 --allowed yes --reason "Readers only"
  vignette settings moderators --channel 1200000000000000004 --reason "..."
  vignette settings moderators --role 1200000000000000003 --moderates yes --reason "..."
"""

_CHANNEL = """\
Set what holds in a channel, or, without one, in the whole server wherever a channel has nothing of its own. What you
leave out stays as it is; `server` takes what holds in the server. A thread follows its channel.

  vignette settings channel 1200000000000000002 --watch yes --spoilers yes --reason "Our gallery"
  vignette settings channel --allowed no --reason "Only where it is said"
"""

_MODERATORS = """\
Set which roles moderate beside those who manage the server, and the channel where refusals and reports are told. The
bot uses only a channel that the whole server cannot read and in which it may write; /settings show in Discord says
whether that is so. Discord shows the moderators' commands only to who manages the server, unless Server Settings,
Integrations says otherwise.

  vignette settings moderators --channel 1200000000000000004 --reason "..."
  vignette settings moderators --no-channel --reason "..."
"""

_CHOICES = ("yes", "no", "server")
_YES_OR_NO = ("yes", "no")
_MAX_COUNT = range(11)


def _works() -> Works:
    from bot.moderation.terminal.settings import WORKS

    return WORKS


_action = partial(action, _works)


def add_settings_commands(commands: Parsers) -> None:
    """Add `settings` and its subcommands."""
    actions = group(commands, "settings", "where the bot answers, to whom and how", _DESCRIPTION)
    as_json(_action(actions, "show", "show what is set"))
    _add_channel(actions)
    roles = _action(actions, "roles", "let only some roles use the bot; with none allowed, everybody may")
    roles.add_argument("role", metavar="ROLE", type=discord_id, help="the role's number")
    roles.add_argument("--allowed", choices=_YES_OR_NO, required=True, help="whether its members may use the bot")
    reason(roles)
    _add_moderators(actions)


def _add_channel(actions: Parsers) -> None:
    channel = _action(actions, "channel", "set what holds in a channel, or in the whole server", _CHANNEL)
    channel.add_argument("channel", metavar="CHANNEL", type=discord_id, nargs="?", help="the channel's number")
    _choice(channel, "--allowed", "whether the bot answers there at all")
    _choice(channel, "--private", "whether only the asker sees an answer, unless they say otherwise")
    _choice(channel, "--spoilers", "whether all pictures are under a spoiler")
    _choice(channel, "--watch", "whether posted pictures are answered without being asked about")
    channel.add_argument(
        "--max-count", metavar="N", type=int, choices=_MAX_COUNT,
        help="most pictures on a page, 1 to 10; 0 for no limit of its own",
    )  # fmt: skip
    reason(channel)


def _add_moderators(actions: Parsers) -> None:
    moderators = _action(actions, "moderators", "set who moderates, and which channel is theirs", _MODERATORS)
    room = moderators.add_mutually_exclusive_group()
    room.add_argument("--channel", metavar="CHANNEL", type=discord_id, help="where refusals and reports are told")
    room.add_argument("--no-channel", action="store_true", help="tell them nowhere; reports wait under /reports")
    moderators.add_argument("--role", metavar="ROLE", type=discord_id, help="a role's number; goes with --moderates")
    moderators.add_argument("--moderates", choices=_YES_OR_NO, help="whether the role's members moderate")
    reason(moderators)


def _choice(parser: argparse.ArgumentParser, name: str, words: str) -> None:
    parser.add_argument(name, choices=_CHOICES, help=words)
