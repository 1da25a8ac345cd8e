"""A folder is listed whole: no picture is lost without a word, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from search_core.errors import SourceError
from search_core.sources import open_source
from tests.search_core.pictures import encoded, gradient

PICTURE = encoded(gradient())


def _folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(PICTURE)
    return tmp_path


def test_nested_folders_become_labels(tmp_path: Path) -> None:
    source = open_source(_folder(tmp_path, "b/deep/er/x.png", "a/y.jpg", "top.webp"))

    assert [row.metadata for row in source.rows] == [
        {"file_name": "a/y.jpg", "label": "a"},
        {"file_name": "b/deep/er/x.png", "label": "b/deep/er"},
        {"file_name": "top.webp", "label": ""},
    ]


@pytest.mark.parametrize(
    "name",
    [
        "00688_gnome-dev-cdrom.jpg",
        "validation_1.png",
        "test/train-2.png",
        "000499442_0_000579_1_[The Ring and the Book  etc ]_1920.jpg",
        "names with spaces, commas & ümlauts.JPEG",
    ],
)
def test_words_that_datasets_takes_for_splits_lose_no_picture(tmp_path: Path, name: str) -> None:
    source = open_source(_folder(tmp_path, "a.png", "b.png", name))

    assert len(source.rows) == 3
    assert name in {row.metadata["file_name"] for row in source.rows}


def test_other_files_and_hidden_ones_are_no_pictures(tmp_path: Path) -> None:
    source = open_source(_folder(tmp_path, "a.png", "README.md", ".thumbnails/a.png", ".b.png"))

    assert [row.metadata["file_name"] for row in source.rows] == ["a.png"]


def test_pictures_of_formats_that_cannot_be_decoded_are_rows_too_so_that_they_are_reported(tmp_path: Path) -> None:
    assert len(open_source(_folder(tmp_path, "a.png", "b.tif", "c.svg")).rows) == 3


def test_metadata_becomes_columns_and_gaps_become_empty(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png", "b.png")
    (folder / "metadata.csv").write_text('file_name,title,year\na.png,"Ship, sailing",1850\n', encoding="utf-8")

    source = open_source(folder)

    assert source.columns == ["file_name", "label", "title", "year"]
    assert source.rows[0].metadata["title"] == "Ship, sailing"
    assert source.rows[1].metadata["year"] == ""


def test_metadata_that_does_not_fit_the_files_is_noted(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png", "b.png")
    (folder / "metadata.csv").write_text("file_name,title\na.png,x\ngone.png,y\n", encoding="utf-8")

    missing, bare = open_source(folder).notes

    assert "gone.png" in missing
    assert "b.png" in bare


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"name,title\na.png,x\n", "file_name"),
        (b"file_name,title\n,x\n", "file_name"),
        (b"file_name,title\na.png,x\na.png,y\n", "twice"),
        (b"file_name,embedding\na.png,x\n", "reserved"),
        (b"file_name,image\na.png,x\n", "reserved"),
        (b"file_name,title\na.png,\xff\xfe\n", "UTF-8"),
        (b'file_name,title\na.png,"x\n', "CSV"),
    ],
)
def test_malformed_metadata_is_an_error_that_says_what_to_mend(tmp_path: Path, content: bytes, word: str) -> None:
    folder = _folder(tmp_path, "a.png")
    (folder / "metadata.csv").write_bytes(content)

    with pytest.raises(SourceError, match=word):
        open_source(folder)


def test_a_missing_or_empty_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no folder"):
        open_source(tmp_path / "gone")
    with pytest.raises(SourceError, match="no pictures"):
        open_source(tmp_path)


def test_the_listing_changes_with_a_file_its_time_or_its_metadata(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png", "b.png")
    listings = [open_source(folder).listing()]
    assert open_source(folder).listing() == listings[0]

    (folder / "metadata.csv").write_text("file_name,title\na.png,x\n", encoding="utf-8")
    listings.append(open_source(folder).listing())
    (folder / "a.png").write_bytes(PICTURE + b"more")
    listings.append(open_source(folder).listing())
    (folder / "b.png").rename(folder / "c.png")
    listings.append(open_source(folder).listing())

    assert len(set(listings)) == 4
