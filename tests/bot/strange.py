"""A collection of the strangest pictures and titles that an operator may have, and what Discord takes of a message."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import discord
import numpy as np
from PIL import Image
from simcord.results import ResponseMessage

from tests.bot.reading import raw, walk
from tests.search_core.pictures import animation, encoded, gradient


def _noise(width: int, height: int) -> Image.Image:
    """A picture that no format makes small."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8))


def _glass() -> Image.Image:
    image = gradient(200, 150).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


TITLES = {
    "tall.png": "Ship " * 2_000,
    "wide.png": "سفينة \u202eبخارية " * 60,
    "huge.png": "z" + "\u0301\u0489\u20dd" * 3_000,
    "cmyk.jpg": "\u200b\u200d\u2060\ufeff\u3164",
    "moving.gif": "👩‍👩‍👧‍👦🏴‍☠️" * 300,
    "glass.png": "**bold** __u__ ~~s~~ ||spoiler|| [a](https://example.org) <@1> <#2> <t:0:R> " * 20,
    "scan.tif": "@everyone @here <@&3> https://discord.gg/abc",
    "deep.png": "```py\nimport os\n``` ` `` ```",
    "plain.webp": '=HYPERLINK("http://example.org";"a")',
    "small.png": "\U00020000\U0001d518𝔫𝔦𝔠𝔬𝔡𝔢" * 100,
    "lines.png": "one\ntwo\r\nthree\u2028four\tfive\x0bsix\x7f\x1b[31m",
    "path.png": "../../etc/passwd\\..\\con.txt:stream",
}
"""By file name."""

PICTURES = {
    "tall.png": encoded(gradient(40, 20_000)),
    "wide.png": encoded(gradient(20_000, 40)),
    "huge.png": encoded(_noise(2_100, 2_000), compress_level=1),
    "cmyk.jpg": encoded(gradient(300, 200).convert("CMYK"), "JPEG"),
    "moving.gif": animation("GIF"),
    "glass.png": encoded(_glass()),
    "scan.tif": encoded(gradient(1_600, 1_200), "TIFF", compression="tiff_lzw"),
    "deep.png": encoded(Image.fromarray(np.linspace(0, 65_535, 90 * 90).astype(np.uint16).reshape(90, 90))),
    "plain.webp": encoded(gradient(90, 90), "WEBP"),
    "small.png": encoded(gradient(8, 8)),
    "lines.png": encoded(gradient(9, 120)),
    "path.png": encoded(gradient(120, 9)),
}

UNUSABLE = {
    "hair.png": encoded(gradient(1, 20_000)),
    "thread.png": encoded(gradient(20_000, 1)),
    "dot.png": encoded(gradient(1, 1)),
    "cut.jpg": encoded(gradient(300, 200), "JPEG")[:700],
}
"""What no index takes; the build says so."""

YEAR = 1850


def strange_source(folder: Path) -> Path:
    """Write the pictures, with titles, years and links beside them."""
    folder.mkdir(parents=True)
    for name, data in (PICTURES | UNUSABLE).items():
        (folder / name).write_bytes(data)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["file_name", "title", "creator", "label", "year", "source", *(f"field {n}" for n in range(40))]
        )
        for number, (name, title) in enumerate(TITLES.items()):
            link = f"https://example.org/{number}"
            writer.writerow([name, title, title, title, YEAR + number, link, *[title[:300]] * 40])
    return folder


def broken_limits(message: ResponseMessage | discord.Message, file_limit: int = 10 * 1024**2) -> list[str]:
    """List what Discord would not take of a message that was sent, by the wire's own numbers.

    Written from Discord's documentation and not from `bot.limits`, so that the two check each other.
    """
    return list(filter(None, [*_of_components(raw(message)), *_of_files(message, file_limit)]))


def _units(text: str | None) -> int:
    return len((text or "").encode("utf-16-le", "surrogatepass")) // 2


def _of_components(components: list[dict[str, Any]]) -> list[str]:
    every = list(walk(components))
    ids = [each["custom_id"] for each in every if each.get("custom_id")]
    words = [each["content"] for each in every if each["type"] == 10]
    found = [
        "over 40 components" if len(every) > 40 else "",
        "over 4,000 characters" if sum(map(_units, words)) > 4_000 else "",
        "a text without a letter" if any(not text.strip() for text in words) else "",
        "a custom id twice" if len(set(ids)) < len(ids) else "",
        *(f"the custom id {each!r}" for each in ids if not 1 <= _units(each) <= 100),
    ]
    for each in every:
        found += _of_component(each)
    return found


def _of_component(each: dict[str, Any]) -> list[str]:
    if each["type"] == 2:
        label, address = _units(each["label"]), _units(each.get("url"))
        return [f"the label {each['label']!r}" if not 1 <= label <= 80 else "", "an address" if address > 512 else ""]
    if each["type"] == 3:
        return [*_of_options(each["options"]), "a placeholder" if _units(each.get("placeholder")) > 150 else ""]
    if each["type"] == 12:
        alts = [item["description"] for item in each["items"]]
        few = "pictures" if not 1 <= len(alts) <= 10 else ""
        return [few, *(f"the alt text {alt!r}" for alt in alts if not 1 <= _units(alt) <= 1_024)]
    return []


def _of_options(options: list[dict[str, Any]]) -> list[str]:
    texts = [option.get(name) or "x" for option in options for name in ("label", "value", "description")]
    values = [option["value"] for option in options]
    return [
        "options" if not 1 <= len(values) <= 25 else "",
        "a value twice" if len(set(values)) < len(values) else "",
        *(f"the option {text!r}" for text in texts if not 1 <= _units(text) <= 100),
    ]


def _of_files(message: ResponseMessage | discord.Message, limit: int) -> list[str]:
    names = [file.filename for file in message.attachments]
    return [
        "over 10 files" if len(names) > 10 else "",
        "a name twice" if len(set(names)) < len(names) else "",
        "over 25 MiB" if sum(file.size for file in message.attachments) > 25 * 1024**2 else "",
        *(f"the size of {file.filename}" for file in message.attachments if not 0 < file.size <= limit),
        *(f"the name {name!r}" for name in names if not re.fullmatch(r"[A-Za-z0-9_.-]+", name)),
    ]
