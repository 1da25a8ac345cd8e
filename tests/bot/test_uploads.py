"""Pictures on their way out: names that Discord keeps, and sizes that it takes."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from bot import uploads
from bot.uploads import Upload, fit, upload_name
from tests.bot.reading import sample_picture


@pytest.mark.parametrize(
    ("number", "file_name", "expected"),
    [
        (1, "animals/ant_01.jpg", "001-ant_01.jpg"),
        (12, "a b/The Ring & the Book [etc.]_1920.JPG", "012-The-Ring-the-Book-etc-_1920.jpg"),
        (3, "Café/Übersee.png", "003-Ubersee.png"),
        (4, "日本.webp", "004-picture.webp"),
        (5, "no-suffix", "005-no-suffix.png"),
        (6, "strange.tiff.exe", "006-strange-tiff.png"),
        (7, "../../etc/passwd", "007-passwd.png"),
        (8, "x" * 300 + ".gif", "008-" + "x" * 60 + ".gif"),
    ],
)
def test_upload_names_keep_to_the_letters_that_discord_keeps(number: int, file_name: str, expected: str) -> None:
    assert expected == upload_name(number, file_name)


def noise(side: int, name: str = "001-noise.png") -> Upload:
    image = Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Upload(name, buffer.getvalue(), "noise")


async def test_a_picture_that_fits_goes_out_byte_for_byte() -> None:
    upload = Upload("001-ant.jpg", sample_picture(), "1. Ant")

    assert (upload,) == await fit([upload], 10_000_000)


async def test_a_picture_that_is_too_big_is_made_smaller_and_not_dropped() -> None:
    big, small = noise(700), Upload("002-ant.jpg", sample_picture(), "2. Ant")
    limit = 300_000
    assert len(big.data) > limit

    shrunk, kept = await fit([big, small], limit)

    assert small == kept
    assert len(shrunk.data) <= limit
    assert (shrunk.name, shrunk.alt) == ("001-noise.jpg", "noise")
    assert Image.open(io.BytesIO(shrunk.data)).format == "JPEG"


async def test_pictures_that_only_together_are_too_big_share_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "REQUEST_BYTES", 700_000)
    pictures = [noise(400, f"00{n}-noise.png") for n in range(1, 4)]

    fitted = await fit(pictures, 10_000_000)

    assert sum(len(upload.data) for upload in pictures) > 700_000
    assert sum(len(upload.data) for upload in fitted) <= 700_000


def test_a_file_can_be_made_again_for_another_try() -> None:
    upload = Upload("001-ant.jpg", b"bytes", "1. Ant")

    first, second = upload.file(), upload.file()

    assert first is not second
    assert [first.fp.read(), second.fp.read()] == [b"bytes", b"bytes"]
    assert (first.filename, first.description) == ("001-ant.jpg", "1. Ant")
