"""Untrusted bytes to one RGB image, within limits.

`decode` is the one way from bytes to pixels. It runs in-process for the operator's own collection, and in
`DecoderProcess`, a child that can be killed, for pictures that strangers post.

Order of the checks: size, first bytes, open (Pillow reads the header only), dimensions, load, orientation,
depth, transparency. Nothing later is tried when something earlier fails.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool
from PIL import Image, ImageOps, UnidentifiedImageError

from search_core.errors import DecoderHung, PictureError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
"""What Discord clients produce, and show. Pillow registers over 40 openers, each one more parser for a stranger to
attack."""

OWN_FORMATS = (*FORMATS, "TIFF", "BMP", "JPEG2000", "PPM")
"""What digitised libraries hold beside those, and what `datasets` writes for arrays."""

MAX_BYTES = 25 * 1024 * 1024
"""Discord's request limit; a larger attachment is a video or a mistake."""

MAX_PIXELS = 64_000_000
"""A 64-megapixel scan fits, at 192 MB as RGB; Pillow itself only warns up to 89 million and raises above 179."""

MAX_SIDE = 20_000
MIN_SIDE = 8
"""Below this there is nothing to see; 1 x 1 pictures have hung other services (infinity#609)."""

MAX_ASPECT = 50.0
"""Long strips become a few pixels high at the encoder's input and match at random."""

KEPT_SIDE = 1_024
"""Longer sides are shrunk to this: encoders look at 224 to 512 pixels, and a queue of scans must fit in memory."""

DECODE_SECONDS = 10.0
"""The largest accepted picture takes under 3 s on one slow core."""

DECODER_MEMORY = 4 * 1024**3
"""Address space of the decoding child, in bytes: 64 MP as 16-bit RGBA plus its copies stay below."""

_MAGIC = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
    "WEBP": (b"RIFF",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "BMP": (b"BM",),
    "JPEG2000": (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
    "PPM": (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
}
_NAMES = {"WEBP": "WebP", "JPEG2000": "JPEG 2000"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may be and measure. The defaults are for pictures posted by strangers."""

    max_bytes: int = MAX_BYTES
    max_pixels: int = MAX_PIXELS
    max_side: int = MAX_SIDE
    min_side: int = MIN_SIDE
    max_aspect: float = MAX_ASPECT
    formats: tuple[str, ...] = FORMATS

    @property
    def accepted(self) -> str:
        """A sentence that names the formats."""
        *first, last = (_NAMES.get(one, one) for one in self.formats)
        return f"Use a {', '.join(first)} or {last} picture."

    @property
    def magic(self) -> tuple[bytes, ...]:
        """What files of these formats begin with."""
        return tuple(first for one in self.formats for first in _MAGIC[one])


POSTED = Limits()

OWN_PICTURES = Limits(
    max_bytes=512 * 1024**2, max_pixels=170_000_000, max_side=60_000, max_aspect=500.0, formats=OWN_FORMATS
)
"""Wider limits than for strangers' pictures, for an operator's own scans; Pillow refuses above 179 million pixels."""


def decode(data: bytes, limits: Limits = POSTED) -> Image.Image:
    """Decode a picture to RGB, upright, without transparency.

    Only the first frame of an animation is read, and the first page of a TIFF (`pages` counts them). Deeper greys
    are scaled to 8 bits, since Pillow's own conversion clips them to white. Transparency is laid on white. A side
    over `KEPT_SIDE` is shrunk to it.

    Args:
        data: the file's bytes.
        limits: what the picture may be and measure.

    Returns:
        An image of mode RGB, fully loaded.

    Raises:
        PictureError: with one sentence that says what is wrong and what to do.
    """
    _check_bytes(data, limits)
    try:
        with _no_warnings():
            image = Image.open(io.BytesIO(data), formats=limits.formats)
            _check_dimensions(image.size, limits)
            image.load()
            return _shrunk(_to_rgb(_upright(image)))
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(_too_many_pixels(limits)) from None
    except UnidentifiedImageError:
        raise PictureError(f"The file is no picture that can be read. {limits.accepted}") from None
    except MemoryError:
        raise PictureError("The picture needs too much memory. Use a smaller one.") from None
    except Exception as error:  # Pillow's decoders raise OSError, ValueError, SyntaxError, struct.error, ...
        raise PictureError("The picture is damaged or cut off. Save it again and try with that.") from error


def pages(data: bytes) -> int:
    """Count the pages of a TIFF that `decode` has read; any other picture has one."""
    if not data.startswith(_MAGIC["TIFF"]):
        return 1
    try:
        with _no_warnings():
            return int(getattr(Image.open(io.BytesIO(data), formats=["TIFF"]), "n_frames", 1))
    except Exception:  # a later page that is damaged is no reason to refuse the first
        return 1


def shows_everywhere(data: bytes) -> bool:
    """Whether a file has one of the formats that Discord and browsers show as they are."""
    return data.startswith(POSTED.magic)


def size_of(data: bytes) -> tuple[int, int] | None:
    """Read width and height from a picture's header, as it lies in the file; None where that cannot be read."""
    formats = [one for one in OWN_FORMATS if data.startswith(_MAGIC[one])]
    try:
        with _no_warnings():
            return Image.open(io.BytesIO(data), formats=formats).size
    except Exception:  # as in `decode`: Pillow's openers raise much
        return None


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Keep Pillow's to itself: from 89 million pixels on, where our own limit counts, and for odd tags in a TIFF."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        yield


def _check_bytes(data: bytes, limits: Limits) -> None:
    if not data:
        raise PictureError(f"The file is empty. {limits.accepted}")
    if len(data) > limits.max_bytes:
        megabytes = limits.max_bytes / 1024**2
        raise PictureError(f"The file is too large: at most {megabytes:.0f} MiB. Use a smaller picture.")
    if not data.startswith(limits.magic):
        raise PictureError(f"The file is no picture that can be read. {limits.accepted}")


def _check_dimensions(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if min(size) < limits.min_side:
        raise PictureError(
            f"The picture is too small ({width} x {height}): at least {limits.min_side} pixels a side, please."
        )
    if max(size) > limits.max_side or width * height > limits.max_pixels:
        raise PictureError(_too_many_pixels(limits))
    if max(size) / min(size) > limits.max_aspect:
        raise PictureError(f"The picture is too narrow ({width} x {height}). Crop it to the part you mean.")


def _too_many_pixels(limits: Limits) -> str:
    megapixels = limits.max_pixels / 1_000_000
    return f"The picture is too large: at most {megapixels:.0f} megapixels. Use a smaller one."


def _upright(image: Image.Image) -> Image.Image:
    with suppress(Exception):  # broken EXIF is common and no reason to refuse a sound picture
        ImageOps.exif_transpose(image, in_place=True)  # without a copy where it stands upright
    return image


def _shrunk(image: Image.Image) -> Image.Image:
    if max(image.size) > KEPT_SIDE:
        image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16L", "I;16B", "I;16N"):
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode in ("I", "F"):
        return _scaled(image).convert("L").convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _scaled(image: Image.Image) -> Image.Image:
    """Greys of 32 bits to 0 to 255, by what the picture holds: the file does not say what white is."""
    low, high = image.getextrema()
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    if not 0 <= low <= high <= 65_535:
        raise PictureError(f"The picture has greys from {low} to {high}. Use 0 to 255, or fractions from 0 to 1.")
    if high <= 1 and image.mode == "F":
        return image.point(lambda value: value * 255 + 0.5)
    return image if high <= 255 else image.point(lambda value: value / 256)


class DecoderProcess:
    """`decode` in a child process that is killed when it hangs, and replaced.

    The child imports this module and Pillow alone, has a memory limit of its own, and returns raw pixels, so
    nothing that a picture may do to a decoder reaches the process that holds the model.

    Args:
        seconds: after this long a decode is killed.
        workers: pictures decoded at the same time.
    """

    def __init__(self, seconds: float = DECODE_SECONDS, workers: int = 1) -> None:
        self._seconds = seconds
        self._pool = ProcessPool(
            max_workers=workers,
            # Not fork: the parent runs torch's and Faiss' threads, whose locks a forked child inherits.
            context=multiprocessing.get_context("spawn"),
            initializer=_limit_child,
        )
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Start the child, so that the first picture does not wait for it.

        Raises:
            DecoderHung: if no child can be started.
        """
        try:
            self._pool.schedule(os.getpid).result()
        except (BrokenExecutor, RuntimeError) as error:
            raise DecoderHung(
                "The process that decodes pictures cannot start. A script that opens the engine must do so under "
                '`if __name__ == "__main__":`, because the child process imports it.'
            ) from error

    def decode(self, data: bytes, limits: Limits = POSTED) -> Image.Image:
        """Decode in the child; see `decode`. Blocks; safe from any thread.

        Raises:
            PictureError: as `decode` does.
            DecoderHung: if the child took longer than `seconds` or died; the next picture gets a new one.
        """
        _check_bytes(data, limits)  # before the bytes travel
        future = self._pool.schedule(_decode_to_pixels, args=(data, limits), timeout=self._seconds)
        try:
            size, pixels = future.result()
        except FutureTimeout:
            raise DecoderHung("The picture takes too long to read. Save it again and try with that.") from None
        except ProcessExpired:
            raise DecoderHung("The picture broke its reader. Save it again and try with that.") from None
        return Image.frombytes("RGB", size, pixels)

    def close(self) -> None:
        """Stop the child."""
        with self._lock:
            self._pool.stop()
            self._pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _limit_child() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (DECODER_MEMORY, DECODER_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _decode_to_pixels(data: bytes, limits: Limits) -> tuple[tuple[int, int], bytes]:
    image = decode(data, limits)
    return image.size, image.tobytes()
