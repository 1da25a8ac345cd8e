"""`vignette filters`: the rules from the terminal, against the database that the bot uses, while it runs or not."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.moderation.commands.parsers import Parsers, Works, action, as_json, discord_id, group, yes

if TYPE_CHECKING:
    import argparse

_KINDS = ("word", "allow", "concept", "picture", "source", "person")
_ACTIONS = ("refuse", "hide", "spoiler", "note", "log")

_DESCRIPTION = """\
The rules for what may be asked and what may be shown, as moderators edit them with /filter. They are in the database
that DATABASE_URL names; a running bot goes by an edit from the next search on. Neither Discord nor a token is needed.
The collection and its model (VIGNETTE_INDEX, or --index) are needed for concepts, tests and previews alone.

  vignette filters list
  vignette filters test "a crime scene" --kind word --pattern crime
                                                     what would happen with a rule that does not exist yet?
  vignette filters add word "crime*" --reason "Not what this collection is for"
  vignette filters add concept nudity --example "a naked person" --example "a nude" --action spoiler --reason "..."
  vignette filters add source "year=1933..1945" --action note --note "From the years of ..." --reason "..."
  vignette filters disable 3
  vignette filters history
  vignette filters undo

A word is written as in Discord's AutoMod: cat is the whole word, cat* and *cat begin and end with it, *cat* holds it.
Words that stand inside one that an allow rule names are let through: allow "crime novel" frees that phrase.
"""

_IMPORT = """\
Take rules over from a file: the JSON that `vignette filters export` wrote, or a text file with a word or phrase a
line, where # begins a comment and + an allow rule (+crime novel). Either all of it is taken over or nothing, unless
errors are to be skipped. What is there already is left out. The server's own AutoMod rules can be read by the bot in
Discord alone: /filter import does it there.
"""

_TEST = """\
Say what would happen to prompts, to a picture, or to the last 100 searches, and why; with the rules as they are, or
with one more. Nothing is changed, kept, or told to anybody.
"""

_ADD = """\
Add a rule. Kinds: word, allow, concept (PATTERN is its name), picture (PATTERN is the SHA-256 of its file, or give
--row or --image), source (PATTERN is a condition such as year=1850), person (PATTERN is a user id). If it would
refuse more than 5 % of the last 100 searches (two at least, where there were fewer than 20), or take the place of a
rule that is switched off or has ended, you are asked first.
"""


def _works() -> Works:
    from bot.moderation.terminal.filters import WORKS

    return WORKS


_action = partial(action, _works)


def add_filter_commands(commands: Parsers) -> None:
    """Add `filters` and its subcommands."""
    actions = group(commands, "filters", "list, add, test and undo rules for what may be asked and shown", _DESCRIPTION)
    _add_looking(actions)
    _add_changing(actions)
    _add_exchange(actions)


def _add_looking(actions: Parsers) -> None:
    listing = _action(actions, "list", "list the rules")
    listing.add_argument("--kind", choices=_KINDS, help="rules of this kind only")
    as_json(listing)
    show = _action(actions, "show", "tell everything about a rule", engine=True)
    _rule(show)
    show.add_argument("--preview", action="store_true", help="what of the collection would fall under it")
    test = _action(actions, "test", "what would happen, and why", _TEST, engine=True)
    test.add_argument("prompt", metavar="PROMPT", nargs="*", help="prompts to try")
    test.add_argument("--try-image", metavar="FILE", type=Path, help="a picture to try")
    test.add_argument("--recent", action="store_true", help="try the last 100 searches (if nothing else is given)")
    test.add_argument("--channel-id", metavar="ID", type=discord_id, help="as if asked in this channel")
    test.add_argument("--rule", metavar="NUMBER", type=int, help="with this rule switched on, though it may be off")
    test.add_argument("--kind", choices=_KINDS, help="with a rule that does not exist yet: its kind")
    test.add_argument("--pattern", help="with a rule that does not exist yet: its pattern")
    _examples(test)
    test.add_argument("--action", choices=_ACTIONS, help="what the rule does (default: the kind's first)")
    as_json(test)
    history = _action(actions, "history", "who changed which rule when, and why")
    history.add_argument("rule", metavar="NUMBER", type=int, nargs="?", help="one rule only")
    history.add_argument("-n", type=int, default=20, metavar="N", help="entries at most (default: %(default)s)")
    as_json(history)


def _add_changing(actions: Parsers) -> None:
    add = _action(actions, "add", "add a rule", _ADD, engine=True)
    add.add_argument("kind", metavar="KIND", choices=_KINDS, help=", ".join(_KINDS))
    add.add_argument("pattern", metavar="PATTERN", nargs="?", help="what it matches")
    add.add_argument("--reason", required=True, help="why; the other moderators read it")
    add.add_argument("--off", action="store_true", help="do not switch it on yet")
    _parts(add)
    edit = _action(actions, "edit", "change a rule; what you leave out stays as it is", engine=True)
    _rule(edit)
    edit.add_argument("--pattern", help="what it matches")
    edit.add_argument("--reason", help="why; in place of the rule's reason")
    edit.add_argument("--everywhere", action="store_true", help="hold in the whole server again")
    edit.add_argument("--no-bypass", action="store_true", help="hold for all roles again")
    _parts(edit)
    for name, summary in (("enable", "switch a rule on"), ("disable", "switch a rule off")):
        switch = _action(actions, name, summary, engine=True)
        _rule(switch)
        switch.add_argument("--reason", default="", help="why; for the log")
        yes(switch)
    remove = _action(actions, "remove", "remove a rule", engine=True)
    _rule(remove)
    remove.add_argument("--reason", default="", help="why; for the log")
    yes(remove)
    yes(_action(actions, "undo", "take the last change to rules or settings back", engine=True))


def _add_exchange(actions: Parsers) -> None:
    takes = _action(actions, "import", "take rules over from a file, or from the starter set", _IMPORT, engine=True)
    takes.add_argument("file", metavar="FILE", type=Path, nargs="?", help="JSON from an export, or words a line each")
    takes.add_argument("--starter", action="store_true", help="the starter set in place of a file; it comes off")
    takes.add_argument("--reason", default="", help="for rules that bring no reason of their own")
    takes.add_argument("--skip-errors", action="store_true", help="take over what can be used")
    takes.add_argument("--on", action="store_true", default=None, help="switch all of them on")
    takes.add_argument("--off", action="store_false", dest="on", help="take all of them over switched off")
    yes(takes)
    gives = _action(actions, "export", "write all rules into a file")
    gives.add_argument("file", metavar="FILE", type=Path, nargs="?", help="where to (default: the terminal)")
    gives.add_argument("--words", action="store_true", help="only the words, a line each")


def _rule(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", metavar="NUMBER", type=int, help="the rule's number, as `list` shows it")


def _parts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--action", choices=_ACTIONS, help="what then happens (default: the kind's first)")
    parser.add_argument("--note", help="the sentence of context to show; means --action note")
    _examples(parser)
    parser.add_argument("--channel", metavar="ID", type=discord_id, action="append", help="hold in these channels only")
    parser.add_argument(
        "--bypass-role", metavar="ID", type=discord_id, action="append", help="roles it does not hold for"
    )
    parser.add_argument("--expires", metavar="WHEN", help="days (30), a date (2030-12-31), or never")
    yes(parser)


def _examples(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--example", metavar="TEXT", action="append", help="an example of a concept, in words")
    parser.add_argument("--image", metavar="FILE", type=Path, help="an example picture, or the picture to act on")
    parser.add_argument("--row", metavar="N", type=int, help="a row of the collection, as an example or to act on")
    parser.add_argument("--sensitivity", metavar="S", type=float, help="0 as measured, 1 matches more, -1 less")
