"""More drawings with clean names for training only: the pictographs of two free fonts.

Debian's `fonts-noto-color-emoji` (SIL Open Font License 1.1) has them in colour, `fonts-symbola` (free for any
use) as line art. Unicode names what each one shows. No such picture is shipped.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from openclipart import trim
from PIL import Image, ImageDraw, ImageFont

COLOUR = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
LINE = Path("/usr/share/fonts/truetype/ancient-scripts/Symbola_hint.ttf")

# Weather and symbols, pictographs, transport, supplemental pictographs; faces and hands of U+1F600 are left out.
RANGES = ((0x2600, 0x26FF), (0x1F300, 0x1F5FF), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF), (0x1FA70, 0x1FAFF))
# Signs, not things: their names say nothing that a picture shows.
NOT_THINGS = {
    "arrow", "bikini", "bomb", "bubble", "button", "card", "chess", "cigarette", "circle", "circled", "component",
    "crescent", "cross", "diamond", "digram", "fax", "finger", "fingers", "flag", "gesture", "goblin", "hand", "heart",
    "hexagram", "icon", "ideograph", "index", "indicator", "middle", "modifier", "mouth", "ogre", "pistol", "poo",
    "sign", "smoking", "square", "squared", "symbol", "syringe", "triangle", "trigram", "variation", "weapon", "zodiac",
}  # fmt: skip
# A name that no font has: what is drawn for it is the font's "missing" box.
UNASSIGNED = "\U0001fbff"
# The only size at which the colour font has bitmaps.
BITMAP_SIZE = 109
CANVAS = 160


def pictographs() -> Iterator[tuple[str, Image.Image]]:
    """Yield name and picture of every thing that the installed fonts draw."""
    for path in (COLOUR, LINE):
        if path.is_file():
            yield from draw(ImageFont.truetype(str(path), BITMAP_SIZE))


def draw(font: ImageFont.FreeTypeFont) -> Iterator[tuple[str, Image.Image]]:
    """Yield name and picture of every thing in one font."""
    missing = glyph(font, UNASSIGNED).tobytes()
    for first, last in RANGES:
        for character in map(chr, range(first, last + 1)):
            name = thing(character)
            if not name:
                continue
            picture = glyph(font, character)
            if np.asarray(picture).min() < 200 and picture.tobytes() != missing:
                yield name, trim(picture)


def thing(character: str) -> str:
    """Return what a character shows, in lower case, or nothing if it is a sign."""
    name = unicodedata.name(character, "").lower().replace("-", " ")
    name = "clock" if name.startswith("clock face") else name.removesuffix(" face")
    return name if NOT_THINGS.isdisjoint(name.split()) else ""


def glyph(font: ImageFont.FreeTypeFont, character: str) -> Image.Image:
    """Return a character on white."""
    picture = Image.new("RGB", (CANVAS, CANVAS), "white")
    ImageDraw.Draw(picture).text((CANVAS // 2, CANVAS // 2), character, "black", font, anchor="mm", embedded_color=True)
    return picture
