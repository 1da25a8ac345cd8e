"""Make the sample collection: `collection.csv` and two Debian packages to an image folder.

    python sample/make_collection.py

reads the hand-checked list, and writes `sample/collection/<category>/<title>_<nn>.png|jpg` and
`sample/collection/metadata.csv`. The same packages give the same files.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from openclipart import HERE, PNG_ROOT, SVG_ROOT, Entry, MissingPackages, OpenClipart, read_list
from PIL import Image
from tqdm import tqdm

COLUMNS = ("file_name", "title", "creator", "source", "licence", "colourfulness")

# Sharp in a gallery of nine, and about 11 MB for the whole collection in a git checkout (384 makes 16).
LONGEST_SIDE = 320
# Clip art is flat colour and sharp edges: much below 78 JPEG rings visibly around lines.
JPEG_QUALITY = 78
# A few lines that carry no name in their RDF.
UNKNOWN_CREATOR = "unknown"
LICENCE = "Public domain (Creative Commons Public Domain Dedication)"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = parser().parse_args(arguments)
    try:
        art = OpenClipart(options.png, options.svg).require()
    except MissingPackages as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    size = make(art, read_list(options.list), options.output, options.side)
    print(f"{options.output}: {size / 1e6:.1f} MB")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    result = argparse.ArgumentParser(
        description="Make the sample collection from Debian's openclipart-png and openclipart-svg.",
        epilog="First: apt-get install openclipart-png openclipart-svg. The output folder is replaced.",
    )
    result.add_argument("--list", type=Path, default=HERE / "collection.csv", help="source, category, title")
    result.add_argument("--output", type=Path, default=HERE / "collection", help="image folder to write")
    result.add_argument("--png", type=Path, default=PNG_ROOT, help="pictures (default: %(default)s)")
    result.add_argument("--svg", type=Path, default=SVG_ROOT, help="records (default: %(default)s)")
    result.add_argument("--side", type=int, default=LONGEST_SIDE, help="longest side in pixels (default: %(default)s)")
    return result


def make(art: OpenClipart, entries: list[Entry], output: Path, side: int) -> int:
    """Write the image folder and its metadata; return the bytes written."""
    shutil.rmtree(output, ignore_errors=True)
    rows, size = [], 0
    for entry, stem in tqdm(list(named(entries)), desc="drawings", unit=""):
        record = art.record(entry.source)
        if not record.public_domain:
            raise ValueError(f"{entry.source}: its RDF does not say public domain; take it off the list")
        suffix, data = encode(art.picture(entry.source, side))
        target = output / f"{stem}.{suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        size += len(data)
        creator = record.creator or UNKNOWN_CREATOR
        source, colour = f"openclipart:{entry.source}", str(round(colourfulness(data)))
        rows.append((f"{stem}.{suffix}", entry.title, creator, source, LICENCE, colour))
    write_metadata(output / "metadata.csv", rows)
    return size


def named(entries: list[Entry]) -> Iterator[tuple[Entry, str]]:
    """Pair each entry with its file name without suffix: category, slug of the title, running number."""
    counts: Counter[str] = Counter()
    for entry in entries:
        slug = f"{entry.category}/{slugify(entry.title)}"
        counts[slug] += 1
        yield entry, f"{slug}_{counts[slug]:02d}"


def slugify(title: str) -> str:
    """Return the title as letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower().replace("'", "")).strip("_")


def encode(picture: Image.Image) -> tuple[str, bytes]:
    """Return suffix and bytes of whichever is smaller: lossless PNG for line art, JPEG for shading."""
    png, jpeg = io.BytesIO(), io.BytesIO()
    picture.save(png, "PNG", optimize=True)
    picture.save(jpeg, "JPEG", quality=JPEG_QUALITY, optimize=True, subsampling=0)
    return min(("png", png.getvalue()), ("jpg", jpeg.getvalue()), key=lambda item: len(item[1]))


def colourfulness(data: bytes) -> float:
    """Measure how colourful a picture file is as people judge it: 0 for greys, above 100 for very colourful.

    The measure M3 of D. Hasler and S. Suesstrunk, "Measuring colourfulness in natural images" (Human Vision and
    Electronic Imaging VIII, 2003), over all of the picture, its white paper too.
    """
    with Image.open(io.BytesIO(data)) as picture:
        red, green, blue = np.moveaxis(np.asarray(picture.convert("RGB"), float), -1, 0)
    opponents = red - green, (red + green) / 2 - blue
    spread, distance = (np.hypot(*map(measure, opponents)) for measure in (np.std, np.mean))
    return float(spread + 0.3 * distance)


def write_metadata(path: Path, rows: list[tuple[str, ...]]) -> None:
    """Write the CSV that `imagefolder` and this project read beside the pictures."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
