"""`vignette db`: back up, restore and check the database that the bot uses, and forget a person."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from search_core.errors import SettingsError

if TYPE_CHECKING:
    from bot.database.connections import Connections

_DESCRIPTION = """\
The database holds what must survive a restart: filter rules, settings, the audit log, reports, refusals, and the
searches behind buttons. It is the one that DATABASE_URL names, in the environment or in the file .env; without that
it is vignette.db, in the folder where the bot is started.

  vignette db check                     is it whole, and as this release expects it?
  vignette db backup monday.db          copy all of it into one file, while the bot runs
  vignette db restore monday.db         put a copy into an empty database
  vignette db restore monday.db --force ... or in place of all that is in it
  vignette db forget 1200000000000000001  delete what is kept of one person

To move from SQLite to PostgreSQL or back: back up, change DATABASE_URL, restore, start the bot.
"""

_BACKUP = """\
Copy the whole database, as of one moment, into one SQLite file, whatever the database itself is. The bot may go on
running. The file holds prompts, and may be read by its owner alone; keep it so.
"""

_RESTORE = """\
Put a backup in place of all that is in the database: either all of it arrives, or nothing changes. The file is
checked before, and a backup of an earlier release is brought up to this one. A running bot goes by the restored rules
from the next query on. Without --force only an empty database is written to.
"""

_CHECK = """\
Say whether all migrations have run, the tables are as this release expects them, the file is whole, no row leads
nowhere, and every rule and setting can be read; and how many rows there are. Nothing is changed. Exit code 1 if
anything is wrong.
"""


_FORGET = """\
Delete what is kept of one person in all servers: saved results, history, preferences, searches. Of reports, refusals
and the audit log, which moderators need, the person and their words are taken out. A ban stays. It is what the person
can do themselves with /privacy delete. It cannot be taken back; backups that were made before still hold everything.
Says what there is, and asks before anything is deleted; --yes does not ask. The bot may go on running.
"""

_USER_ID = re.compile(r"[0-9]{15,19}")
"""Discord's numbers of today; the largest that the database takes has nineteen digits."""


def add_database_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `db` and its subcommands."""
    parser = _parser(commands, "db", "back up, restore and check the database, forget a person", _DESCRIPTION)
    parser.set_defaults(handler=lambda _: _help(parser))
    actions = parser.add_subparsers(title="commands", metavar="COMMAND")
    backup = _parser(actions, "backup", "copy the whole database into one file", _BACKUP)
    backup.add_argument("file", metavar="FILE", type=Path, help="the file to write, such as monday.db")
    backup.add_argument("--force", action="store_true", help="write over FILE if it is there")
    backup.set_defaults(handler=_backup)
    restore = _parser(actions, "restore", "put a backup in place of what is there", _RESTORE)
    restore.add_argument("file", metavar="FILE", type=Path, help="what `vignette db backup` wrote")
    restore.add_argument("--force", action="store_true", help="replace all that is in the database")
    restore.set_defaults(handler=_restore)
    forget = _parser(actions, "forget", "delete what is kept of one person", _FORGET)
    forget.add_argument("user", metavar="USER", help="the person's number: right-click their name, Copy User ID")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    forget.set_defaults(handler=_forget)
    _parser(actions, "check", "say whether the database is whole", _CHECK).set_defaults(handler=_check)


def _parser(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, description: str
) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    return commands.add_parser(name, help=summary, description=description, formatter_class=raw)


def _help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return 0


def _backup(options: argparse.Namespace) -> int:
    from bot.database.backup import back_up

    name = _with_database(lambda database: back_up(database, options.file, force=options.force))
    print(f"{name} is copied to {options.file} ({options.file.stat().st_size / 1e6:.1f} MB).")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from bot.database.backup import restore

    name = _with_database(lambda database: restore(database, options.file, force=options.force))
    print(f"{name} holds now what {options.file} holds.")
    return 0


def _check(_options: argparse.Namespace) -> int:
    from bot.database.check import Finding, examine

    findings: list[Finding] = []

    async def look(database: Connections) -> None:
        findings.extend(await examine(database))

    name = _with_database(look)
    print(name)
    for finding in findings:
        print(f"{'ok   ' if finding.ok else 'WRONG'} {finding.name}: {finding.words}")
    return 0 if all(finding.ok for finding in findings) else 1


def _forget(options: argparse.Namespace) -> int:
    from bot.database.forget import Kept, forget, kept_of

    user_id, found = _read_user(options.user), list[Kept]()

    async def look(database: Connections) -> None:
        found.append(await kept_of(database, user_id))

    async def delete(database: Connections) -> None:
        found.append(await forget(database, user_id))

    name = _with_database(look)
    if not found[0].going:
        print("\n".join([f"{name} holds nothing of {user_id} that could be deleted.", *found[0].lines()]))
        return 0
    if not options.yes:
        print("\n".join([f"{name} holds of {user_id}:", *found[0].lines()]))
        if not _agreed():
            print("Nothing is deleted.")
            return 1
    _with_database(delete)
    print("\n".join([f"{user_id} is forgotten in {name}:", *found[-1].lines()]))
    return 0


def _read_user(text: str) -> int:
    if not (_USER_ID.fullmatch(text) and int(text) < 2**63):
        raise SettingsError(
            f"{text} is no person's number, which has 15 to 19 digits. Switch on Developer Mode in Discord, "
            "right-click the person's name, Copy User ID."
        )
    return int(text)


def _agreed() -> bool:
    try:
        return input("Delete it? It cannot be taken back. Type yes: ").strip().lower() == "yes"
    except EOFError:  # no terminal
        print("\nThere is nobody to ask; with --yes it is deleted without asking.")
        return False


def _with_database(work: Callable[[Connections], Awaitable[None]]) -> str:
    """Do something with the database of the settings, and return its URL without the password."""
    from bot.database.connections import Connections
    from bot.settings import load_database_url

    async def run() -> str:
        database = Connections(load_database_url(os.environ))
        try:
            await work(database)
        finally:
            await database.close()
        return database.name

    return asyncio.run(run())
