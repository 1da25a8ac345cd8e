"""Custom ids of buttons and selects: how they are written, and beside it how they are read.

A custom id carries everything its button needs after a restart. Discord allows 1 to 100 characters, unique in
the message.
"""

from __future__ import annotations

MAX_LENGTH = 100
"""Discord's limit."""

_SEARCH = r"(?P<search>[A-Za-z0-9_-]{8,24})"
_PAGE = r"(?P<page>[0-9]{1,4})"

PAGE_TEMPLATE = rf"vignette:(?P<way>previous|next|nearest):{_SEARCH}:{_PAGE}"
PICK_TEMPLATE = rf"vignette:pick:{_SEARCH}:{_PAGE}"

RULES_TEMPLATE = r"vignette:rules:(?P<way>previous|next):(?P<kind>all|[a-z]{1,16}):(?P<page>[0-9]{1,4})"
PLAN_TEMPLATE = r"vignette:plan:(?P<answer>yes|no):(?P<token>[A-Za-z0-9_-]{8,24})"

SIMILAR = "similar"
DETAILS = "details"
PICK_VALUE = rf"(?P<what>{SIMILAR}|{DETAILS}):(?P<row>[0-9]{{1,9}})"


def page_id(way: str, search_id: str, page: int) -> str:
    """Name a button that shows page `page` (0-based) of a search; `way` keeps two of them apart."""
    return f"vignette:{way}:{search_id}:{page}"


def pick_id(search_id: str, page: int) -> str:
    """Name the select under page `page` of a search."""
    return f"vignette:pick:{search_id}:{page}"


def pick_value(what: str, row: int) -> str:
    """Name one choice of the select: `SIMILAR` or `DETAILS` of a row."""
    return f"{what}:{row}"


def rules_id(way: str, kind: str, page: int) -> str:
    """Name a button that shows page `page` (0-based) of the rules of a kind, or of `all`."""
    return f"vignette:rules:{way}:{kind}:{page}"


def plan_id(answer: str, token: str) -> str:
    """Name a button that answers `yes` or `no` to a plan that waits."""
    return f"vignette:plan:{answer}:{token}"
