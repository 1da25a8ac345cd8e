"""The command line: `vignette`. It imports late, so that `vignette --help` answers at once."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

from bot.database.command import add_database_commands
from bot.moderation.commands import add_moderation_commands
from search_core.cli import add_commands
from search_core.errors import VignetteError

Handler: TypeAlias = Callable[[argparse.Namespace], int]

INTERRUPTED = 130
"""What shells report for a program that Ctrl-C ended: 128 and the number of SIGINT."""

_DESCRIPTION = """\
Search your own picture collection, in words or by picture: from a Discord server and from the terminal.

  vignette demo                          see it work, on a simulated Discord; needs nothing else
  vignette index build PICTURES INDEX    make an index of a folder of pictures
  vignette search INDEX "a sailing ship" ask it from the terminal
  vignette doctor                        what is missing before the bot can start?
  vignette bot                           start the bot on Discord
  vignette filters list                  the rules for what may be asked and shown
  vignette reports list                  reported pictures that wait for a decision
  vignette db backup FILE                copy rules, settings and audit log into one file
"""

_SETTINGS = "Settings come from the environment and from the file .env; .env.example explains each of them."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0, 1 after an error that was told in one line, 130 after Ctrl-C.
    """
    parser = make_parser()
    options, rest = parser.parse_known_args(arguments)
    _take_prompts(parser, options, rest)
    handler: Handler | None = getattr(options, "handler", None)
    if handler is None:
        parser.print_help()
        return 0
    _set_up_logging(verbose=options.verbose)
    try:
        return handler(options)
    except VignetteError as error:
        print(f"vignette: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("vignette: stopped.", file=sys.stderr)
        return INTERRUPTED


def _take_prompts(parser: argparse.ArgumentParser, options: argparse.Namespace, rest: Sequence[str]) -> None:
    """Take words behind options as prompts: Python 3.11's argparse takes only those that follow DIR at once."""
    words = [word for word in rest if word != "--"]
    unknown = words if not hasattr(options, "prompt") else [word for word in words if word.startswith("-")]
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if words:
        options.prompt = [*options.prompt, *words]


def make_parser() -> argparse.ArgumentParser:
    """Describe all commands."""
    parser = argparse.ArgumentParser(
        prog="vignette", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"vignette {_version()}")
    parser.add_argument("-v", "--verbose", action="store_true", help="log more (before the command)")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_demo(commands)
    add_commands(commands)
    _add_doctor(commands)
    _add_bot(commands)
    add_database_commands(commands)
    add_moderation_commands(commands)
    _add_texts(commands)
    return parser


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    summary = "see it work: build the sample index, play a conversation on a simulated Discord"
    parser = commands.add_parser("demo", help=summary, description=summary)
    parser.add_argument(
        "--out", type=Path, default=Path("demo-out"), help="where the replies are written (%(default)s)"
    )
    parser.add_argument("--sample", type=Path, help="the folder with collection and model (the checkout's sample/)")
    parser.add_argument("--cache", type=Path, default=Path(".demo"), help="where the index is kept (%(default)s)")
    parser.add_argument("--no-serve", action="store_true", help="end after the conversation, also in a terminal")
    parser.set_defaults(handler=_demo)


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    summary = "say what is missing or wrong before the bot can start, and what to do about it"
    parser = commands.add_parser("doctor", help=summary, description=f"{summary}. {_SETTINGS}")
    parser.add_argument("--online", action="store_true", help="also ask Discord whether it knows token and servers")
    parser.set_defaults(handler=_doctor)


def _add_bot(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    summary = "start the bot on Discord; stop it with Ctrl-C or SIGTERM"
    parser = commands.add_parser("bot", help=summary, description=f"{summary}. {_SETTINGS}")
    parser.set_defaults(handler=_bot)


def _add_texts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    summary = "check the commands' texts in other languages, or begin and update one"
    parser = commands.add_parser("texts", help=summary, description=summary)
    parser.add_argument("locale", nargs="?", help="Discord's name of the language whose file is written, such as de")
    parser.set_defaults(handler=_texts)


def _demo(options: argparse.Namespace) -> int:
    from bot.demo import Demo, run_demo

    serve = sys.stdin.isatty() and sys.stdout.isatty() and not options.no_serve
    return run_demo(Demo(options.out, options.sample, options.cache, serve=serve))


def _doctor(options: argparse.Namespace) -> int:
    from bot.doctor import run_doctor

    return run_doctor(os.environ, online=options.online)


def _bot(_options: argparse.Namespace) -> int:
    from bot.app import run_bot
    from bot.settings import load_settings

    run_bot(load_settings(os.environ))
    if threading.active_count() > 1:  # a model that was still loading: Python would wait for its thread
        logging.shutdown()
        os._exit(0)  # all else is closed
    return 0


def _texts(options: argparse.Namespace) -> int:
    from bot.commands import all_commands
    from bot.translation import catalogues, list_texts, read_catalogue, update_catalogue

    texts = list_texts(all_commands())
    if options.locale is not None:
        left = update_catalogue(options.locale, texts)
        print(f"{options.locale}.json is written: {left} of {len(texts)} texts are still to translate.")
        return 0
    for path in catalogues():
        read_catalogue(path, texts)
        print(f"{path.name}: {len(texts)} texts, all translated")
    return 0


def _set_up_logging(*, verbose: bool) -> None:
    """Log to stderr. Other libraries stay at warnings even when verbose: their debug lines hold what users wrote."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("bot", "search_core"):
        logging.getLogger(name).setLevel(logging.DEBUG if verbose else logging.INFO)


def _version() -> str:
    try:
        return version("vignette")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
