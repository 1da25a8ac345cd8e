"""The word lists of the probes: small CSV files in `search_core/data`, each word with the reason why it is there."""

from __future__ import annotations

import csv
from importlib.resources import files


def read_word_list(name: str) -> list[tuple[str, str, str]]:
    """Read a list's lines: kind, word or prompt, reason."""
    text = files("search_core").joinpath("data", name).read_text(encoding="utf-8")
    return [(kind, word, reason) for kind, word, reason in list(csv.reader(text.splitlines()))[1:]]
