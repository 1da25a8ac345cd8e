"""`vignette index describe`, and the options of `index build` that say the same: what a collection is called."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search_core import store
from search_core.naming import Naming, names_of, read_naming, renamed, write_naming

if TYPE_CHECKING:
    from search_core.store import Manifest


def add_describe(actions: Any) -> None:
    """Add `describe` to the sub-parsers of `index`; it sets `handler`."""
    describe = actions.add_parser(
        "describe",
        help="say what the collection is called and how to cite it, without building anything",
        description="Say what the collection is called, how to cite it, and where it comes from. The bot's /about and "
        "exports tell it from then on, while it runs. What is not named stays; an empty text takes a part away.",
    )
    describe.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    add_naming_options(describe)
    describe.set_defaults(handler=_describe)


def add_naming_options(command: Any) -> None:
    """Add the options by which something is said of a collection."""
    command.add_argument("--title", help="what the collection is called (default: the name of its source)")
    command.add_argument("--citation", help="how it wants to be cited")
    command.add_argument("--source-url", metavar="URL", help="where it is described or comes from")


def _describe(arguments: argparse.Namespace) -> int:
    directory = arguments.directory.expanduser()
    manifest = store.read_manifest(store.IndexDirectory(directory.resolve()).current())
    write_naming(directory, naming_from(arguments))
    for name, value in as_named(directory, manifest).items():
        print(f"{name}: {value or '-'}")
    return 0


def naming_from(arguments: argparse.Namespace) -> Naming:
    """What is said of the collection so far, changed as `add_naming_options` wants it."""
    said = (arguments.title, arguments.citation, arguments.source_url)
    return renamed(read_naming(arguments.directory.expanduser()), *said)


def as_named(directory: Path, manifest: Manifest) -> dict[str, str]:
    """What the collection is called, by the names of the options; empty where nothing is known."""
    names = names_of(directory, manifest)
    return {"title": names.title, "citation": names.citation, "source_url": names.source_url}
