"""Scans in formats that Discord does not show: they arrive as pictures that it does."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from bot import texts
from bot.uploads import Upload, fit
from search_core import SearchEngine
from search_core.build import build_index
from search_core.imaging import OWN_PICTURES, decode
from tests.bot.conftest import World
from tests.bot.reading import alts, answer, options
from tests.conftest import COLLECTION, MODEL
from tests.search_core.pictures import OWN, encoded, gradient

SCANS = {"ant.tif": "TIFF", "bird.bmp": "BMP", "camel.jp2": "JPEG2000"}


@pytest.fixture(scope="module")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of three scans, in place of the sample's."""
    folder = tmp_path_factory.mktemp("scans")
    for (name, file_format), path in zip(SCANS.items(), sorted((COLLECTION / "animals").iterdir()), strict=False):
        with Image.open(path) as image:
            (folder / name).write_bytes(encoded(image.convert("RGB"), file_format))
    build_index(folder, folder / "index", model=MODEL, device="cpu", progress=False)
    return folder / "index"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(sample_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(sample_index, device="cpu") as opened:
        yield opened


@pytest.mark.parametrize("name", OWN)
async def test_what_discord_would_not_show_goes_out_as_png_without_loss(name: str) -> None:
    [sent] = await fit([Upload("001-scan.tif", OWN[name], "1. Scan")], 10_000_000)

    with Image.open(io.BytesIO(sent.data)) as image:
        assert image.format == "PNG"
        assert np.array_equal(np.asarray(image), np.asarray(gradient()))
    assert (sent.name, sent.alt) == ("001-scan.png", "1. Scan")


async def test_a_scan_larger_than_any_posted_picture_may_be_is_made_smaller() -> None:
    scan = encoded(Image.new("1", (9_000, 8_000), 1), "TIFF", compression="group4")

    [sent] = await fit([Upload("001-scan.tif", scan, "1. Scan")], 1_000)

    assert Image.open(io.BytesIO(sent.data)).format == "JPEG"
    assert sent.name == "001-scan.jpg"


async def test_each_scan_of_an_answer_is_a_picture_that_discord_shows(world: World, engine: SearchEngine) -> None:
    picture = encoded(decode((await engine.pictures([0]))[0].data, OWN_PICTURES), "JPEG")

    message = answer(await world.ann.slash(world.channel, "similar", image=("ant.jpg", picture)))

    files = [await attachment.read() for attachment in message.attachments]
    assert {Image.open(io.BytesIO(file)).format for file in files} == {"PNG"}
    assert len(files) == len(alts(message)) == len(SCANS)
    assert all(attachment.filename.endswith(".png") for attachment in message.attachments)


async def test_the_details_of_a_scan_show_it_too(world: World, engine: SearchEngine) -> None:
    picture = encoded(decode((await engine.pictures([0]))[0].data, OWN_PICTURES), "JPEG")
    message = answer(await world.ann.slash(world.channel, "similar", image=("ant.jpg", picture)))

    details = answer(await world.ann.select(message, [options(message)[texts.PICK_DETAILS.format(number=1)]]))

    [attachment] = details.attachments
    assert Image.open(io.BytesIO(await attachment.read())).format == "PNG"
