"""Prompts to ask: as many different ones as are wanted, of the length that people type."""

from __future__ import annotations

from itertools import islice, product

_WHAT = ("an engraving", "a drawing", "a map", "a portrait", "a sketch", "a plan", "an old picture", "a vignette")
_HOW = ("small", "large", "broken", "ornate", "burning", "ancient", "foreign", "empty", "crowded", "ruined", "quiet")
_THING = (
    "steam engine", "sailing ship", "castle", "bridge", "harbour", "horse", "lighthouse", "church", "market", "garden",
    "telescope", "waterfall", "mountain", "village", "windmill", "elephant", "volcano", "cathedral", "river", "battle",
)  # fmt: skip
_WHERE = ("by the sea", "in winter", "at night", "in a forest", "near London", "from above", "in Egypt", "on a hill")


def prompts(count: int, first: int = 0) -> list[str]:
    """Different prompts, number `first` and on; the same numbers are the same prompts.

    Raises:
        ValueError: if there are not so many.
    """
    parts = product(_WHERE, _HOW, _WHAT, _THING)
    made = [f"{what} of a {how} {thing} {where}" for where, how, what, thing in islice(parts, first, first + count)]
    if len(made) < count:
        raise ValueError(f"There are fewer than {first + count} prompts.")
    return made
