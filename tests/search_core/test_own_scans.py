"""An operator's scans, in the formats of digitised libraries, from the build to the picture that is shown."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.cli import main
from search_core.build import add_to_index, build_index
from search_core.collection import Collection
from search_core.generation import read_unreadable, shards
from search_core.sheet import CELL
from search_core.store import IndexDirectory
from search_core.verify import verify_index
from tests.conftest import COLLECTION, MODEL
from tests.search_core.pictures import encoded

PICTURES = {
    "ant.png": ("animals/ant_01.jpg", "PNG", {}),
    "ant.tif": ("animals/ant_01.jpg", "TIFF", {"compression": "tiff_lzw"}),
    "ant.bmp": ("animals/ant_01.jpg", "BMP", {}),
    "ant.jp2": ("animals/ant_01.jpg", "JPEG2000", {}),
    "book.tiff": ("animals/bird_01.jpg", "TIFF", {"save_all": True, "append_images": [Image.new("L", (90, 90))]}),
}


def _scan(name: str) -> bytes:
    path, file_format, options = PICTURES[name]
    with Image.open(COLLECTION / path) as image:
        return encoded(image.convert("RGB"), file_format, **options)


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    for name in PICTURES:
        (folder / name).write_bytes(_scan(name))
    with Image.open(COLLECTION / "animals/ant_01.jpg") as image:
        image.convert("CMYK").save(folder / "inks.tif", "TIFF")
        deep = np.asarray(image.convert("L")).astype(np.uint16) * 257
    Image.fromarray(deep).save(folder / "deep.tif", "TIFF")
    return folder


@pytest.fixture(scope="module")
def index(scans: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("index") / "scans"
    build_index(scans, directory, model=MODEL, device="cpu", progress=False)
    return directory


def _rows(directory: Path) -> dict[str, tuple[bytes, str, np.ndarray]]:
    collection = Collection(shards(IndexDirectory(directory).current()))
    pictures = collection.pictures(range(len(collection)))
    return {one.file_name: (one.data, collection.sha256(one.row), collection.vector(one.row)) for one in pictures}


def test_every_format_is_read_kept_as_it_is_and_seen_as_the_same_picture(index: Path, scans: Path) -> None:
    rows = _rows(index)

    assert read_unreadable(IndexDirectory(index).current()) == []
    assert set(rows) == {path.name for path in scans.iterdir()}
    for name, (data, checksum, _) in rows.items():
        assert data == (scans / name).read_bytes()
        assert checksum == hashlib.sha256(data).hexdigest()
    for name in ("ant.tif", "ant.bmp", "ant.jp2"):
        assert np.array_equal(rows["ant.png"][2], rows[name][2])
    assert float(rows["ant.png"][2].astype(np.float32) @ rows["inks.tif"][2].astype(np.float32)) > 0.99


def test_the_index_is_sound_and_knows_the_files_again(index: Path, scans: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "renamed.tif").write_bytes((scans / "ant.tif").read_bytes())

    assert add_to_index(tmp_path / "again", index, device="cpu", progress=False).rows == len(list(scans.iterdir()))
    assert verify_index(index, device="cpu", progress=False).problems == ()


def test_a_file_of_several_pages_is_named_when_it_is_read(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build_index(scans, tmp_path / "index", model=MODEL, device="cpu", progress=False)

    assert "1 file has several pages, of which the first is taken; the first such file is book.tiff." in (
        capsys.readouterr().err
    )


def test_a_scan_can_be_asked_with_and_comes_on_the_sheet(
    index: Path, scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.png"

    code = main(["search", str(index), "--image", str(scans / "book.tiff"), "-k", "1", "--sheet", str(sheet)])

    assert code == 0
    assert "very close" in capsys.readouterr().out
    with Image.open(sheet) as image:
        cell = image.crop((16, 60, 16 + CELL, 60 + CELL))
        assert len(cell.getcolors(CELL * CELL) or []) > 50  # a picture, and no word that it cannot be shown


def test_info_shows_scans_in_a_terminal_that_can(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("TMUX", "KITTY_WINDOW_ID", "TERM_PROGRAM", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")

    assert main(["index", "info", str(index), "--pictures", "7"]) == 0

    shown = capsys.readouterr().out
    assert all(f"\n{name}\n\x1b[38;2;" in shown for name in ("ant.tif", "ant.bmp", "ant.jp2", "deep.tif", "inks.tif"))
