"""The source of all sample pictures: Debian's Open Clip Art packages, as pictures and as records.

`openclipart-png` holds the pictures, `openclipart-svg` the same drawings as SVG with title, creator,
licence and keywords in their RDF. Both share one folder tree, so a *source* such as
``animals/bat_orlando_karam_`` names a drawing in both.
"""

from __future__ import annotations

import contextlib
import csv
import html
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
PNG_ROOT = Path("/usr/share/openclipart/png")
SVG_ROOT = Path("/usr/share/openclipart/svg")

# Public domain, in the two spellings that the packages' RDF uses for it.
PUBLIC_DOMAIN = (
    "http://web.resource.org/cc/PublicDomain",
    "http://creativecommons.org/licenses/publicdomain/",
)

# Paper is pure white; anti-aliased edges and faint shadows start a little below.
PAPER = 248
# White left around a drawing once the empty page is cut off, as a part of its longest side.
MARGIN = 0.03


class MissingPackages(RuntimeError):
    """The Open Clip Art packages are not where they were looked for."""


@dataclass(frozen=True)
class Entry:
    """One hand-checked line of a list: which drawing, what it is called, where it belongs."""

    source: str
    category: str
    title: str


@dataclass(frozen=True)
class Record:
    """What a drawing's own RDF says about it."""

    title: str
    creator: str
    licence: str
    keywords: tuple[str, ...]

    @property
    def public_domain(self) -> bool:
        """Whether the RDF names the public domain."""
        return self.licence in PUBLIC_DOMAIN


@dataclass(frozen=True)
class OpenClipart:
    """Both package trees, read by source."""

    png: Path = PNG_ROOT
    svg: Path = SVG_ROOT

    def require(self) -> OpenClipart:
        """Return self, or raise `MissingPackages` with the way to get them."""
        missing = [str(root) for root in (self.png, self.svg) if not root.is_dir()]
        if missing:
            raise MissingPackages(
                f"no such folder: {', '.join(missing)}. The pictures come from two Debian packages: "
                "apt-get install openclipart-png openclipart-svg. "
                "If they lie elsewhere, name the folders with --png and --svg."
            )
        return self

    def picture(self, source: str, side: int) -> Image.Image:
        """Return a drawing as RGB on white, without its empty page, longest side at most `side`."""
        with Image.open(self.png / f"{source}.png") as image:
            flat = flatten(image)
        drawing = trim(flat)
        drawing.thumbnail((side, side), Image.Resampling.LANCZOS)
        return drawing

    def record(self, source: str) -> Record:
        """Return what the RDF of a drawing says; empty fields where it says nothing."""
        try:
            root = ElementTree.parse(self.svg / f"{source}.svg").getroot()
        except ElementTree.ParseError:
            return Record("", "", "", ())
        return read_record(root)


def flatten(image: Image.Image) -> Image.Image:
    """Return the image as RGB, its transparent parts white."""
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    return paper.convert("RGB")


def trim(image: Image.Image) -> Image.Image:
    """Cut off the empty page: many drawings fill a corner of an A4 sheet."""
    ink = np.asarray(image.convert("L")) < PAPER
    if not ink.any():
        return image
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    margin = round(MARGIN * max(image.size)) + 1
    left, upper = max(columns[0] - margin, 0), max(rows[0] - margin, 0)
    right, lower = min(columns[-1] + margin + 1, image.width), min(rows[-1] + margin + 1, image.height)
    return image.crop((left, upper, right, lower))


def read_record(root: ElementTree.Element) -> Record:
    """Read Dublin Core and Creative Commons fields, whatever namespace prefix they wear."""
    work = next((node for node in root.iter() if _name(node) == "Work"), None)
    if work is None:
        return Record("", "", "", ())
    fields = {_name(node): node for node in work}
    return Record(
        title=_text(fields.get("title")),
        creator=personal_name(_text(fields.get("creator"))),
        licence=_resource(fields.get("license")),
        keywords=tuple(_keywords(fields.get("subject"))),
    )


def personal_name(creator: str) -> str:
    """A creator's name as a person would write it.

    Addresses that some gave in 2005 are left out: credit needs a name, and nobody asked for mail from strangers.
    Character entities are resolved, and UTF-8 that was taken for Latin-1 on its way in is put right.
    """
    name = html.unescape(creator)
    with contextlib.suppress(UnicodeError):
        name = name.encode("latin-1").decode("utf-8")
    return _ADDRESS.sub("", name).strip(" -") or name.partition("@")[0]


def read_list(path: Path) -> list[Entry]:
    """Read a CSV of source, category, title."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [Entry(row["source"], row["category"], row["title"]) for row in csv.DictReader(lines)]


_ADDRESS = re.compile(r"[<(\[]?[\w.+-]+@[\w.-]+[>)\]]?")


def _name(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _text(node: ElementTree.Element | None) -> str:
    return " ".join("".join(node.itertext()).split()) if node is not None else ""


def _resource(node: ElementTree.Element | None) -> str:
    if node is None:
        return ""
    return next((value for key, value in node.attrib.items() if key.endswith("resource")), "")


def _keywords(node: ElementTree.Element | None) -> list[str]:
    """Return the keywords; the archive's own tools left `hash(0x...)` among them."""
    if node is None:
        return []
    words = (_text(item).lower() for item in node.iter() if _name(item) == "li")
    return [word for word in words if word and "hash" not in word and "0x" not in word]
