"""Pictures to embed: JPEGs of 358 x 461, the size of the British Library's embellishments, from the sample collection.

Each is cut out of another part of a drawing, mirrored or not, and has the grain of paper: no two are the same file, and
they compress about as far as scans do.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from benchmarks.child import ROOT

SIZE = (358, 461)
QUALITY = 85
GRAIN = 6.0
"""Standard deviation of the noise, in steps of 256."""

_SAMPLE = ROOT / "sample" / "collection"


def make_pictures(folder: Path, count: int) -> list[Path]:
    """Write pictures number 0 to `count` - 1 into a folder, where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:06d}.jpg" for number in range(count)]
    missing = [number for number, path in enumerate(paths) if not path.is_file()]
    for number, data in zip(missing, pictures(missing), strict=True):
        paths[number].write_bytes(data)
    return paths


def pictures(numbers: list[int]) -> Iterator[bytes]:
    """The JPEG of each number, always the same."""
    drawings = sorted(path for path in _SAMPLE.glob("*/*") if path.suffix in (".jpg", ".png"))
    for number in numbers:
        yield _jpeg(drawings[number % len(drawings)], np.random.default_rng(number))


def _jpeg(drawing: Path, random: np.random.Generator) -> bytes:
    with Image.open(drawing) as file:
        image = file.convert("RGB")
    if random.random() < 0.5:
        image = ImageOps.mirror(image)
    centre = (float(random.random()), float(random.random()))
    image = ImageOps.fit(image, SIZE, Image.Resampling.BICUBIC, centering=centre)
    grain = random.normal(0, GRAIN, (SIZE[1], SIZE[0], 1))
    noisy = np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
