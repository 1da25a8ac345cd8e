"""The commands `vignette index push` and `vignette index pull`. Light to import: the rest is imported when they run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search_core.describe import counted

if TYPE_CHECKING:
    from search_core.hub.push import Pushed
    from search_core.store import Manifest

_TOKEN = "The token is taken from HF_TOKEN, or from the Hub client's login (hf auth login); it is never shown."
_PUSH = f"""\
Check the generation that is served, and push it to a data set repository on the Hub, in one commit: pictures,
metadata, vectors, index and manifest. The repository is made if missing, and private unless you say otherwise. Earlier
commits keep what they held: to get a removed picture off the Hub, clear the repository's history there too.
{_TOKEN}
"""
_PULL = f"""\
Fetch an index from a data set repository on the Hub, check it, and serve it as the next generation of DIR. Nothing
is embedded again. Interrupted, the same command goes on; unchanged, it returns at once. Pull from people you trust.
{_TOKEN}
"""


def add_push_and_pull(actions: Any) -> None:
    """Add `push` and `pull` to the sub-parsers of `index`; each sets `handler`."""
    push = actions.add_parser(
        "push",
        help="push the index to a private repository on the Hub",
        description=_PUSH,
        epilog="example:\n  vignette index push my-index library/engravings",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    push.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    push.add_argument("repository", metavar="OWNER/NAME", help="data set repository; made if missing")
    push.add_argument(
        "--public", action="store_true", help="let everybody see it; an existing repository stays as it is"
    )
    push.add_argument("--revision", help="branch, made if missing (default: the main branch)")
    push.add_argument("--quiet", action="store_true", help="no progress bars")
    push.set_defaults(handler=_push)
    pull = actions.add_parser(
        "pull",
        help="fetch an index from the Hub and serve it, without embedding again",
        description=_PULL,
        epilog="example:\n  vignette index pull library/engravings my-index",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    pull.add_argument("repository", metavar="OWNER/NAME", help="data set repository")
    pull.add_argument("directory", metavar="DIR", type=Path, help="index directory; made if missing")
    pull.add_argument("--revision", help="commit, tag or branch (default: the main branch)")
    pull.add_argument("--quiet", action="store_true", help="no progress bars")
    pull.set_defaults(handler=_pull)


def _push(arguments: argparse.Namespace) -> int:
    from search_core.hub.push import push_index

    pushed = push_index(
        arguments.directory,
        arguments.repository,
        revision=arguments.revision,
        private=not arguments.public,
        progress=not arguments.quiet,
    )
    print(_said_of_push(pushed, arguments.repository))
    if pushed.reveals:
        print(
            f"Note: the manifest names folders of this machine ({', '.join(pushed.reveals)}). "
            "Whoever may read the repository can read them.",
            file=sys.stderr,
        )
    return 0


def _said_of_push(pushed: Pushed, repository: str) -> str:
    done = "pushed" if pushed.changed else "there already"
    readers = "private" if pushed.private else "public"
    return f"{repository} ({readers}): {counted(pushed.manifest.rows, 'picture')} {done}.\n{pushed.url}"


def _pull(arguments: argparse.Namespace) -> int:
    from search_core.hub.pull import pull_index

    manifest = pull_index(
        arguments.repository, arguments.directory, revision=arguments.revision, progress=not arguments.quiet
    )
    print(_said_of_pull(manifest, arguments.directory))
    return 0


def _said_of_pull(manifest: Manifest, directory: Path) -> str:
    lines = [f"{directory}: {counted(manifest.rows, 'picture is', 'pictures are')} served."]
    search = f'vignette search {directory} "a castle"'
    model = Path(manifest.encoder.model)
    if model.is_absolute() and not model.is_dir():
        lines.append("It was built with a model in a folder that is not on this machine: name your copy.")
        search += " --model FOLDER"
    return "\n".join([*lines, f"Try: {search}"])
