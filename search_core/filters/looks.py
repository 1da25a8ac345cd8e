"""What a single character looks like: the table of look-alike characters (`data/confusables.txt`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_OF_ONE_SHAPE: Mapping[str, tuple[str, ...]] = {"I": ("i", "l"), "L": ("l", "i")}
"""Capitals that cleaning leaves where the small letter of their shape may be meant."""


def skeleton_of(word: str) -> str:
    """What a word looks like, by each character's first look."""
    return "".join(looks_of(character)[0] for character in word)


def looks_of(character: str) -> tuple[str, ...]:
    """What a character can be taken for, the likeliest first; itself where it is like no other."""
    if character in _OF_ONE_SHAPE:
        return _OF_ONE_SHAPE[character]
    return (character,) if character.isascii() else _confusables().get(character, (character,))


@cache
def _confusables() -> Mapping[str, tuple[str, ...]]:
    text = files("search_core").joinpath("data/confusables.txt").read_text(encoding="utf-8")
    table: dict[str, tuple[str, ...]] = {}
    for line in re.findall(r"^(?!#)(.+)$", text, re.MULTILINE):
        look, characters = line.split("\t")
        for character in characters:
            table[character] = (*table.get(character, ()), look)
    return table
