"""Markdown's few forms that the report needs, safe for other people's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$#&])")


def escaped(text: str) -> str:
    """Text as it is, whatever marks stand in it: file names and labels are other people's words."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """A code span, also within a table."""
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "\\|") + "`"


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    rule = ["---"] * len(head)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *lines))


def image(alternative: str, file_name: str) -> str:
    """A picture beside the report."""
    return f"![{alternative}](<{file_name}>)"
