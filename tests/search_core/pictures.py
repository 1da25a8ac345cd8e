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


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><circle r="40"/></svg>'
TIFF = encoded(gradient(), "TIFF")
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\nshowpage\n"

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
