"""Untrusted bytes become one upright RGB image or one clear error, and a decoder that hangs is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from search_core import imaging
from search_core.errors import DecoderHung, PictureError
from search_core.imaging import KEPT_SIDE, OWN_PICTURES, DecoderProcess, Limits, decode, pages
from tests.search_core.pictures import (
    BAD,
    OWN,
    animation,
    encoded,
    gradient,
    greys,
    png_of_claimed_size,
    tiff_of_sixteen_bits,
)


@pytest.fixture(scope="module")
def decoder() -> Iterator[DecoderProcess]:
    with DecoderProcess(seconds=5) as process:
        process.warm_up()
        yield process


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_accepted_format_becomes_rgb_of_the_same_size(file_format: str) -> None:
    image = decode(encoded(gradient(), file_format))

    assert image.mode == "RGB"
    assert image.size == (120, 80)


@pytest.mark.parametrize(("name", "data", "word"), BAD, ids=[name for name, *_ in BAD])
def test_each_bad_picture_gives_one_clear_error(name: str, data: bytes, word: str) -> None:
    with pytest.raises(PictureError, match=word) as caught:
        decode(data)

    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(("name", "data", "word"), BAD, ids=[name for name, *_ in BAD])
def test_after_a_bad_picture_the_child_process_decodes_the_next(
    name: str, data: bytes, word: str, decoder: DecoderProcess
) -> None:
    with pytest.raises(PictureError, match=word):
        decoder.decode(data)

    assert decoder.decode(encoded(gradient())).size == (120, 80)


def test_a_file_over_the_limit_is_refused_before_it_is_opened() -> None:
    with pytest.raises(PictureError, match="at most 25 MiB"):
        decode(b"\x89PNG\r\n\x1a\n" + bytes(imaging.MAX_BYTES))


def test_the_pixel_limit_holds_below_the_one_at_which_pillow_only_warns() -> None:
    with pytest.raises(PictureError, match="at most 64 megapixels"):
        decode(png_of_claimed_size(8_001, 8_001))


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_counts(file_format: str) -> None:
    red, green, blue = decode(animation(file_format)).getpixel((20, 15))

    assert red > 240
    assert green < 15
    assert blue < 15


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    clear.paste((255, 0, 0, 255), (0, 0, 15, 30))

    image = decode(encoded(clear))

    assert image.getpixel((5, 5)) == (255, 0, 0)
    assert image.getpixel((25, 5)) == (255, 255, 255)


def test_a_palette_with_a_transparent_colour_is_laid_on_white() -> None:
    palette = Image.new("P", (30, 30), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.paste(1, (0, 0, 15, 30))

    image = decode(encoded(palette, transparency=0))

    assert image.getpixel((5, 5)) == (255, 0, 0)
    assert image.getpixel((25, 5)) == (255, 255, 255)


def test_sixteen_bit_grey_is_scaled_and_not_clipped_to_white() -> None:
    deep = Image.fromarray(np.linspace(0, 65_535, 64 * 64, dtype=np.uint16).reshape(64, 64))

    grey = np.asarray(decode(encoded(deep)))[..., 0]

    assert grey[0, 0] == 0
    assert abs(int(grey[32, 0]) - 128) <= 1
    assert grey[-1, -1] == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    file_format = "JPEG" if mode == "CMYK" else "PNG"

    assert decode(encoded(gradient().convert(mode), file_format)).mode == "RGB"


def test_a_photo_is_turned_upright_by_its_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned a quarter

    image = decode(encoded(gradient(), "JPEG", exif=exif))

    assert image.size == (80, 120)


def test_broken_exif_is_no_reason_to_refuse_a_picture() -> None:
    # Orientation 6 beside a resolution of type text: turning it makes Pillow 13.0 write that tag again, and raise.
    header = b"Exif\0\0MM\0*\0\0\0\x08\0\x02"
    resolution, orientation = "011a0002000000010000004c", "011200030000000100060000"
    broken = header + bytes.fromhex(resolution) + bytes.fromhex(orientation) + bytes(60)

    image = decode(encoded(gradient(), "JPEG", exif=broken))

    assert image.mode == "RGB"
    assert image.size == (80, 120)  # it is turned all the same: only the tag cannot be written again


def test_a_large_picture_is_shrunk_to_what_encoders_can_use() -> None:
    image = decode(encoded(gradient(3_000, 1_500), "JPEG"))

    assert image.size == (KEPT_SIDE, KEPT_SIDE // 2)


def test_wider_limits_can_be_given_for_ones_own_pictures() -> None:
    strip = encoded(gradient(10, 2_000))

    assert decode(strip, Limits(max_aspect=500)).size[1] == KEPT_SIDE


@pytest.mark.parametrize("name", OWN)
def test_an_operators_own_formats_are_read_to_the_same_pixels_and_refused_from_strangers(name: str) -> None:
    assert np.array_equal(np.asarray(decode(OWN[name], OWN_PICTURES)), np.asarray(gradient()))
    with pytest.raises(PictureError, match=r"no picture.*Use a PNG, JPEG, WebP or GIF picture\."):
        decode(OWN[name])


@pytest.mark.parametrize("name", OWN)
def test_an_operators_own_file_that_is_cut_off_gives_one_clear_error(name: str) -> None:
    with pytest.raises(PictureError, match=r"damaged or cut off|TIFF, BMP, JPEG 2000 or PPM picture\."):
        decode(OWN[name][: len(OWN[name]) // 3], OWN_PICTURES)


@pytest.mark.parametrize(
    "data",
    [
        encoded(greys(np.uint16, 65_535), "TIFF"),
        encoded(greys(np.uint16, 65_535), "TIFF", compression="tiff_lzw"),
        encoded(greys(np.uint16, 65_535), "JPEG2000"),
        encoded(greys(np.uint16, 65_535), "PPM"),
        encoded(greys(np.int32, 65_535), "TIFF"),
        encoded(greys(np.int32, 255), "TIFF"),
        encoded(greys(np.float32, 65_535), "TIFF"),
        encoded(greys(np.float32, 255), "TIFF"),
        encoded(greys(np.float32, 1), "TIFF"),
    ],
)
def test_deep_greys_of_own_scans_are_scaled_by_what_they_hold(data: bytes) -> None:
    grey = np.asarray(decode(data, OWN_PICTURES)).astype(int)[..., 0]

    assert np.abs(grey - np.linspace(0, 255, 64 * 64).reshape(64, 64)).max() <= 1


@pytest.mark.parametrize("white", [-1.0, 70_000.0])
def test_greys_of_unknown_meaning_are_refused_with_their_range(white: float) -> None:
    with pytest.raises(PictureError, match=rf"greys from .*{white}"):
        decode(encoded(greys(np.float32, white), "TIFF"), OWN_PICTURES)


def test_colours_of_sixteen_bits_keep_their_upper_eight() -> None:
    colours = np.asarray(decode(tiff_of_sixteen_bits(3, 2), OWN_PICTURES)).astype(int)
    inks = np.asarray(decode(tiff_of_sixteen_bits(4, 5), OWN_PICTURES)).astype(int)

    assert np.abs(colours.reshape(-1) - np.linspace(0, 255, 16 * 16 * 3)).max() <= 1
    assert (inks[0, 0].tolist(), inks[-1, -1].tolist()) == ([255] * 3, [0] * 3)


def test_pages_are_counted_in_a_tiff_and_nowhere_else() -> None:
    counted = {name: pages(data) for name, data in OWN.items()} | {"GIF": pages(animation("GIF"))}

    assert {name for name, count in counted.items() if count > 1} == {"TIFF of several pages"}
    assert counted["TIFF of several pages"] == 3


def test_a_tiff_with_a_damaged_second_page_counts_as_one_and_shows_its_first() -> None:
    cut_off = OWN["TIFF of several pages"][:-500]

    assert pages(cut_off) == 1
    assert np.array_equal(np.asarray(decode(cut_off, OWN_PICTURES)), np.asarray(gradient()))


def test_the_child_process_gives_the_same_pixels(decoder: DecoderProcess) -> None:
    data = encoded(gradient(), "JPEG")

    assert np.array_equal(np.asarray(decoder.decode(data)), np.asarray(decode(data)))


def test_a_decoder_that_hangs_is_killed_and_the_next_picture_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    with DecoderProcess(seconds=1.0) as decoder:
        decoder.warm_up()
        monkeypatch.setattr(imaging, "_decode_to_pixels", _hang)
        with pytest.raises(DecoderHung, match="takes too long"):
            decoder.decode(encoded(gradient()))
        monkeypatch.undo()

        assert decoder.decode(encoded(gradient())).size == (120, 80)


def test_a_decoder_that_dies_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with DecoderProcess(seconds=20.0) as decoder:
        decoder.warm_up()
        monkeypatch.setattr(imaging, "_decode_to_pixels", _die)
        with pytest.raises(DecoderHung, match="broke its reader"):
            decoder.decode(encoded(gradient()))
        monkeypatch.undo()

        assert decoder.decode(encoded(gradient())).size == (120, 80)


def test_a_decoder_that_wants_too_much_memory_gets_an_error_and_not_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with DecoderProcess(seconds=20.0) as decoder:
        decoder.warm_up()
        monkeypatch.setattr(imaging, "_decode_to_pixels", _grab_memory)
        with pytest.raises(MemoryError):
            decoder.decode(encoded(gradient()))
        monkeypatch.undo()

        assert decoder.decode(encoded(gradient())).size == (120, 80)


def _hang(data: bytes, limits: Limits) -> None:
    """Stands for a decoder in an endless loop; runs in the child."""
    while True:
        time.sleep(60)


def _die(data: bytes, limits: Limits) -> None:
    """Stands for a decoder that crashes its process; runs in the child."""
    os.kill(os.getpid(), signal.SIGKILL)


def _grab_memory(data: bytes, limits: Limits) -> None:
    """Stands for a decoder that believes a lying header; runs in the child."""
    bytearray(imaging.DECODER_MEMORY)
