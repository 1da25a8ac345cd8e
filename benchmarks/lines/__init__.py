"""The lines of the table, in its order."""

from __future__ import annotations

from importlib import import_module

from benchmarks.bench import Line

NAMES = (
    "embedding",
    "text_query",
    "many_texts",
    "picture_query",
    "exact",
    "approximate",
    "reply",
    "event_loop",
    "memory",
    "cold_start",
)


def line(name: str) -> Line:
    """The line of a module in this folder."""
    found: Line = import_module(f"benchmarks.lines.{name}").LINE
    return found
