"""Good and bad pictures, made here: real files of real formats, broken in the ways that strangers break them."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image, PngImagePlugin


def encoded(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    """A picture's file in memory."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def gradient(width: int = 120, height: int = 80) -> Image.Image:
    """A colourful RGB picture without symmetry, so that turning it shows."""
    y, x = np.mgrid[0:height, 0:width]
    channels = (x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x + 2 * y) % 256)
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def animation(file_format: str) -> bytes:
    """Three frames: red, green, blue."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    return encoded(frames[0], file_format, save_all=True, append_images=frames[1:], duration=100)


def png_of_claimed_size(width: int, height: int) -> bytes:
    """A tiny PNG whose header claims any size: a decompression bomb."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def png_with_text_bomb() -> bytes:
    """A PNG with a compressed text chunk that unpacks to 10 MB."""
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "A" * 10_000_000, zip=True)
    return encoded(gradient(), pnginfo=info)


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def greys(kind: type[np.generic], white: float) -> Image.Image:
    """A picture of 64 x 64 greys from black in the first pixel to white in the last."""
    return Image.fromarray(np.linspace(0, white, 64 * 64).astype(kind).reshape(64, 64))


def tiff_of_sixteen_bits(samples: int, photometric: int) -> bytes:
    """A TIFF of 16 x 16 pixels with 16 bits a sample, from least to most, which Pillow reads but does not write.

    Args:
        samples: 3 for RGB, 4 for CMYK.
        photometric: how the samples are meant: 2 for RGB, 5 for CMYK (TIFF 6.0, section 8 and 16).
    """
    pixels = np.linspace(0, 65_535, 16 * 16 * samples).astype("<u2").tobytes()
    bits, start = struct.pack(f"<{samples}H", *[16] * samples), 8 + 2 + 10 * 12 + 4
    tags = [(256, 16), (257, 16), (259, 1), (262, photometric), (277, samples), (278, 16), (284, 1)]
    entries = {tag: struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in tags}
    entries[258] = struct.pack("<HHII", 258, 3, samples, start)
    entries[273] = struct.pack("<HHII", 273, 4, 1, start + len(bits))
    entries[279] = struct.pack("<HHII", 279, 4, 1, len(pixels))
    directory = b"".join(entries[tag] for tag in sorted(entries))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + bits + pixels


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><circle r="40"/></svg>'
TIFF = encoded(gradient(), "TIFF")
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\nshowpage\n"

OWN = {
    "TIFF": TIFF,
    "TIFF, LZW": encoded(gradient(), "TIFF", compression="tiff_lzw"),
    "TIFF, deflate": encoded(gradient(), "TIFF", compression="tiff_adobe_deflate"),
    "TIFF, CMYK": encoded(gradient().convert("CMYK"), "TIFF"),
    "TIFF, transparency": encoded(gradient().convert("RGBA"), "TIFF"),
    "TIFF of several pages": encoded(
        gradient(), "TIFF", save_all=True, append_images=[Image.new("L", (9, 9)), gradient(8, 8)]
    ),
    "BigTIFF": encoded(gradient(), "TIFF", big_tiff=True),
    "BMP": encoded(gradient(), "BMP"),
    "JPEG 2000": encoded(gradient(), "JPEG2000"),
    "JPEG 2000 without a box": encoded(gradient(), "JPEG2000", no_jp2=True),
    "PPM": encoded(gradient(), "PPM"),
}
"""The same picture without loss, in formats that only an operator's own collection may have."""

BAD = [
    ("empty file", b"", "empty"),
    ("random bytes", bytes(range(256)) * 8, "no picture"),
    ("text", b"hello", "no picture"),
    ("HTML", b"<!doctype html><title>x</title>", "no picture"),
    ("SVG", SVG, "no picture"),
    ("TIFF", TIFF, "no picture"),
    ("EPS", EPS, "no picture"),
    ("BMP", encoded(gradient(), "BMP"), "no picture"),
    ("RIFF that is a sound", b"RIFF\x24\0\0\0WAVEfmt ", "no picture"),
    ("PNG signature alone", b"\x89PNG\r\n\x1a\n", "no picture"),
    ("20000 x 20000 PNG of 74 bytes", png_of_claimed_size(20_000, 20_000), "too large"),
    ("12000 x 12000 PNG", png_of_claimed_size(12_000, 12_000), "too large"),
    ("65000 x 100 PNG", png_of_claimed_size(65_000, 1_300), "too large"),
    ("truncated JPEG", encoded(gradient(), "JPEG")[:700], "damaged"),
    ("truncated PNG", encoded(gradient())[:-200], "damaged"),
    ("10 MB compressed text in a PNG", png_with_text_bomb(), "damaged"),
    ("1 x 1", encoded(gradient(1, 1)), "too small"),
    ("1 x 20000", encoded(gradient(1, 20_000)), "too small"),
    ("10 x 2000", encoded(gradient(10, 2_000)), "too narrow"),
]
"""Name, bytes, and a word of the message that each must give: the table of the facts that were checked on Pillow."""
