"""The search core's part of the command line: `vignette index ...`, `vignette search` and `vignette evaluate`.

Each handler takes the parsed arguments and returns an exit code; a `VignetteError` is turned into one line by the
program's entry point. Heavy libraries are imported when a handler runs, so that `--help` is instant.
"""

from __future__ import annotations

from typing import Any

from search_core.commands.index import add_index
from search_core.commands.search import add_search
from search_core.evaluation.command import add_evaluate


def add_commands(commands: Any) -> None:
    """Add the commands to the program's sub-parsers; each sets `handler`."""
    add_index(commands)
    add_search(commands)
    add_evaluate(commands)
