"""The starter set: rules to begin with, each with its reason, all off until a moderator enables them."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TypedDict


class Draft(TypedDict):
    """A rule that is not made yet.

    All values are as `Rule.of` takes them. A concept has `texts` for examples, none other: they become vectors with the
    model in use (`SearchEngine.make_concept`). A draft becomes a rule with `enabled=False`.
    """

    kind: str
    pattern: str
    action: str
    reason: str
    note: str
    texts: list[str]


def starter_rules() -> list[Draft]:
    """Read the rules that ship, chosen for old illustrated books.

    What scholarship needs is covered or explained rather than refused: nudity, violence and death go under a spoiler,
    slavery and caricature get a sentence of context. Refused is what asks for sexual material, and for minors in it.
    """
    text = files("search_core").joinpath("data/starter_rules.json").read_text(encoding="utf-8")
    return [_draft(entry) for entry in json.loads(text)]


def _draft(entry: dict[str, object]) -> Draft:
    texts = entry.get("texts", [])
    assert isinstance(texts, list)
    return Draft(
        kind=str(entry["kind"]),
        pattern=str(entry["pattern"]),
        action=str(entry["action"]),
        reason=str(entry["reason"]),
        note=str(entry.get("note", "")),
        texts=[str(one) for one in texts],
    )
