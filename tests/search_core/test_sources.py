"""A folder is listed whole: no picture is lost without a word, whatever its name."""

from __future__ import annotations

import errno
import io
import json
import os
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from search_core.errors import SourceError
from search_core.sources import open_source
from tests.search_core.pictures import encoded, gradient

PICTURE = encoded(gradient())


_buffer = io.BytesIO()
pq.write_table(pa.table([["a.png"], ["x"], ["y"]], names=["file_name", "title", "title"]), _buffer)
DUPLICATE_COLUMNS = _buffer.getvalue()


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


def test_a_picture_that_is_a_link_to_nowhere_is_a_row_that_cannot_be_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png")
    (folder / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")

    rows = open_source(folder).rows

    assert [row.metadata["file_name"] for row in rows] == ["a.png", "gone.jpg"]
    with pytest.raises(OSError, match="No such file"):
        rows[1].read()


def test_other_files_and_hidden_ones_are_no_pictures(tmp_path: Path) -> None:
    source = open_source(_folder(tmp_path, "a.png", "README.md", ".thumbnails/a.png", ".b.png"))

    assert [row.metadata["file_name"] for row in source.rows] == ["a.png"]


def test_hidden_pictures_are_counted_and_the_first_is_named_but_not_what_macos_leaves(tmp_path: Path) -> None:
    source = open_source(
        _folder(tmp_path, "a.png", ".hidden/p.jpg", ".q.png", "b/._a.png", "__MACOSX/x.png", ".DS_Store")
    )

    assert len(source.rows) == 1
    [note] = source.notes
    assert note.startswith("2 hidden pictures will be passed over, the first is .hidden/p.jpg.")


def test_where_all_pictures_are_hidden_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no pictures .* 1 hidden picture will be passed over"):
        open_source(_folder(tmp_path, ".p.jpg"))


@pytest.mark.timeout(20)
def test_pipes_are_passed_over_with_a_word_and_never_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png")
    os.mkfifo(folder / "pipe.png")
    (folder / "linked.png").symlink_to(folder / "pipe.png")

    source = open_source(folder)

    assert [row.metadata["file_name"] for row in source.rows] == ["a.png"]
    assert source.notes == (
        "2 entries are pipes, sockets or devices and will be passed over; the first is linked.png.",
    )


def test_pictures_of_formats_that_cannot_be_decoded_are_rows_too_so_that_they_are_reported(tmp_path: Path) -> None:
    assert len(open_source(_folder(tmp_path, "a.png", "b.tif", "c.svg")).rows) == 3


def test_metadata_becomes_columns_and_gaps_become_empty(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png", "b.png")
    (folder / "metadata.csv").write_text('file_name,title,year\na.png,"Ship, sailing",1850\n', encoding="utf-8")

    source = open_source(folder)

    assert source.columns == ("file_name", "label", "title", "year")
    assert source.rows[0].metadata["title"] == "Ship, sailing"
    assert source.rows[1].metadata["year"] == ""


LINES = [
    {"file_name": "a.png", "title": "Ship, sailing", "year": 1850, "tags": ["sea", "Küste"], "seen": True},
    {"file_name": "b.png", "title": None, "year": None, "tags": None, "seen": False},
]


def _write_metadata(folder: Path, kind: str, lines: list[dict[str, object]]) -> None:
    path = folder / f"metadata.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(lines), path)
    else:
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_metadata_of_other_types_becomes_strings_too(tmp_path: Path, kind: str) -> None:
    _write_metadata(_folder(tmp_path, "a.png", "b.png"), kind, LINES)

    first, second = open_source(tmp_path).rows

    assert first.metadata == {
        "file_name": "a.png", "label": "", "title": "Ship, sailing", "year": "1850",
        "tags": '["sea", "Küste"]', "seen": "true",
    }  # fmt: skip
    assert second.metadata == {"file_name": "b.png", "label": "", "title": "", "year": "", "tags": "", "seen": "false"}


def test_metadata_in_sub_folders_names_files_from_there_and_the_nearer_file_counts(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a/x.png", "a/deep/y.png", "z.png")
    (folder / "metadata.csv").write_text("file_name,title,year\na/x.png,far,1850\nz.png,top,1\n", encoding="utf-8")
    _write_metadata(folder / "a", "jsonl", [{"file_name": "x.png", "title": "near"}, {"file_name": "deep/y.png"}])
    _write_metadata(folder / "a" / "deep", "parquet", [{"file_name": "./y.png", "artist": "Ann"}])

    source = open_source(folder)

    assert source.columns == ("file_name", "label", "title", "year", "artist")
    assert [tuple(row.metadata.values()) for row in source.rows] == [
        ("a/deep/y.png", "a/deep", "", "", "Ann"),
        ("a/x.png", "a", "near", "1850", ""),
        ("z.png", "", "top", "1", ""),
    ]
    assert source.notes == ()


def test_a_label_in_the_metadata_goes_before_the_folder(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a/x.png", "a/y.png")
    (folder / "metadata.csv").write_text("file_name,label\na/x.png,ships\na/y.png,\n", encoding="utf-8")

    assert [row.metadata["label"] for row in open_source(folder).rows] == ["ships", "a"]


def test_metadata_that_does_not_fit_the_files_is_noted(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png", "b.png")
    (folder / "metadata.csv").write_text("file_name,title\na.png,x\ngone.png,y\n", encoding="utf-8")

    missing, bare = open_source(folder).notes

    assert "gone.png" in missing
    assert "b.png" in bare


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("metadata.csv", b"name,title\na.png,x\n", "file_name"),
        ("metadata.csv", b"file_name,title\n,x\n", "file_name"),
        ("metadata.csv", b"file_name,title\na.png,x\na.png,y\n", "twice"),
        ("metadata.csv", b"file_name,embedding\na.png,x\n", "reserved"),
        ("metadata.csv", b"file_name,image\na.png,x\n", "reserved"),
        ("metadata.csv", b"file_name,title\na.png,\xff\xfe\n", "UTF-8"),
        ("metadata.csv", b'file_name,title\na.png,"x\n', "CSV"),
        ("metadata.csv", b"file_name,title\na.png,Ship, sailing\n", "line 2, has more cells"),
        ("metadata.csv", b"file_name;title\na.png;x\n", "separated by semicolons"),
        ("metadata.csv", b"file_name\ttitle\na.png\tx\n", "separated by tabs"),
        ("metadata.csv", b"file_name,title, title \na.png,x,y\n", "two columns named title"),
        ("metadata.csv", b"file_name,title,\na.png,x,y\n", "no name for its column 3"),
        ("metadata.parquet", DUPLICATE_COLUMNS, "two columns named title"),
        ("metadata.jsonl", b'{"title": "x"}\n', "file_name"),
        ("metadata.jsonl", b'{"file_name": "a.png"}\n{"file_name": \n', "line 2, is not JSON"),
        ("metadata.jsonl", b'["a.png"]\n', "line 1, is no JSON object"),
        ("metadata.jsonl", b'{"file_name": "a.png", "sha256": "0"}\n', "reserved"),
        ("metadata.jsonl", b'{"file_name": "\xff.png"}\n', "UTF-8"),
        ("metadata.parquet", b"PAR1 and then nothing", "no Parquet file"),
    ],
)
def test_malformed_metadata_is_an_error_that_says_what_to_mend(
    tmp_path: Path, name: str, content: bytes, word: str
) -> None:
    folder = _folder(tmp_path, "a.png")
    (folder / name).write_bytes(content)

    with pytest.raises(SourceError, match=word) as caught:
        open_source(folder)

    assert name in str(caught.value)


def test_a_metadata_file_is_found_in_whatever_letter_case_and_its_header_may_have_spaces(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png")
    (folder / "Metadata.CSV").write_text("file_name , title\n\na.png,Ship\n", encoding="utf-8")

    source = open_source(folder)

    assert source.notes == ()
    assert source.rows[0].metadata == {"file_name": "a.png", "label": "", "title": "Ship"}


def test_two_metadata_files_in_one_folder_are_an_error(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "a.png")
    (folder / "metadata.csv").write_text("file_name\na.png\n", encoding="utf-8")
    _write_metadata(folder, "jsonl", LINES)

    with pytest.raises(SourceError, match=r"both metadata.csv and metadata.jsonl"):
        open_source(folder)


def test_linked_folders_and_archives_beside_the_pictures_are_named(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "pictures", "a.png", "more.zip")
    (folder / "elsewhere").symlink_to(_folder(tmp_path / "other", "b.png"))
    (folder / "linked.png").symlink_to(tmp_path / "other" / "b.png")
    (folder / "broken.png").symlink_to(tmp_path / "gone.png")

    source = open_source(folder)

    assert [row.metadata["file_name"] for row in source.rows] == ["a.png", "broken.png", "linked.png"]
    links, archives = source.notes
    assert "1 linked folder will" in links
    assert "elsewhere" in links
    assert "more.zip" in archives


def test_a_folder_below_that_cannot_be_listed_is_an_error_and_no_silent_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path, "a.png", "closed/b.png")
    scandir = os.scandir

    def refusing(path: str) -> object:  # the tests may run as root, whom no mode bits refuse
        if str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)

    with pytest.raises(SourceError, match=r"closed cannot be listed: Permission denied"):
        open_source(folder)


def test_file_names_in_another_encoding_are_made_printable_and_stay_apart(tmp_path: Path) -> None:
    for name in (b"M\xfcnchen.png", b"M\xe4nchen.png"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(PICTURE)

    names = [row.metadata["file_name"] for row in open_source(tmp_path).rows]

    assert names == ["M\N{REPLACEMENT CHARACTER}nchen.png", "row-000001/M\N{REPLACEMENT CHARACTER}nchen.png"]


@pytest.mark.parametrize(("of_files", "of_metadata"), [("NFD", "NFC"), ("NFC", "NFD"), ("NFD", "NFD")])
def test_names_with_accents_are_kept_as_people_type_them_and_opened_as_they_are(
    tmp_path: Path, of_files: Any, of_metadata: Any
) -> None:
    name = "Höhle/1_[Die Höhle].png"
    folder = _folder(tmp_path, unicodedata.normalize(of_files, name))
    line = unicodedata.normalize(of_metadata, f"file_name,by\n{name},Jürgen\n")
    (folder / "metadata.csv").write_text(line, encoding="utf-8")

    source = open_source(folder, filename_pattern=unicodedata.normalize(of_metadata, "{number}_[Die Hö{rest}]"))

    assert source.notes == ()
    assert [row.metadata for row in source.rows] == [
        {"file_name": name, "label": "Höhle", "by": "Jürgen", "number": "1", "rest": "hle"}
    ]
    assert source.rows[0].read() == PICTURE


def test_rows_read_their_own_bytes_and_slices_are_rows(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.png").write_bytes(PICTURE + bytes([number]))

    rows = open_source(tmp_path).rows

    assert [row.read()[-1] for row in rows] == [0, 1, 2, 3, 4]
    assert [row.read()[-1] for row in rows[1:4]] == [1, 2, 3]
    assert [row.read()[-1] for row in rows[::-2]] == [4, 2, 0]
    assert rows[-1].metadata["file_name"] == "4.png"
    with pytest.raises(IndexError):
        rows[5]


def test_a_file_that_vanishes_is_an_error_of_its_row_alone(tmp_path: Path) -> None:
    row = open_source(_folder(tmp_path, "a.png")).rows[0]
    (tmp_path / "a.png").unlink()

    with pytest.raises(FileNotFoundError):
        row.read()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"split": "train"}, "--split"),
        ({"image_column": "image"}, "--image-column"),
        ({"revision": "main"}, "--revision"),
        ({"filename_pattern": "{a}{b}"}, "nothing between"),
    ],
)
def test_an_option_that_means_nothing_for_a_folder_is_refused(
    tmp_path: Path, options: dict[str, str], word: str
) -> None:
    with pytest.raises(SourceError, match=word):
        open_source(_folder(tmp_path, "a.png"), **options)


@pytest.mark.parametrize("content", [b"", b"hello", PICTURE], ids=["empty", "text", "picture"])
def test_a_file_that_holds_no_collection_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(SourceError, match="no zip, tar, Parquet or Arrow file"):
        open_source(tmp_path / "file")


def test_a_single_picture_is_told_to_name_its_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"is a single picture\. Give the folder"):
        open_source(_folder(tmp_path, "a.PNG") / "a.PNG")


def test_other_urls_than_http_are_told_that_only_these_are_fetched() -> None:
    with pytest.raises(SourceError, match="only http and https ones can be fetched, not ftp://") as caught:
        open_source("ftp://me:secret@host/pictures.zip")

    assert "secret" not in str(caught.value)


def test_what_is_neither_folder_nor_file_is_a_clear_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for source, word in (
        (tmp_path / "pipe", "neither"),
        ("x" * 5_000, "too long"),
        ("", "no folder"),
        ("a/b/c", "no f"),
    ):
        with pytest.raises(SourceError, match=word):
            open_source(source)


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


@pytest.mark.parametrize("start", ["file://", "file://localhost", "FILE://", "file:"])
def test_a_file_url_is_the_path_that_it_names(start: str, tmp_path: Path) -> None:
    folder = tmp_path / "Ships & boats #1 100% é"
    folder.mkdir()
    (folder / "ship.png").write_bytes(encoded(gradient()))

    source = open_source(start + quote(str(folder)))

    assert source.name == str(folder)
    assert [row.metadata["file_name"] for row in source.rows] == ["ship.png"]


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("file:///nowhere/pictures", "There is no folder /nowhere/pictures"),
        ("file://server/share", "of another machine. Mount it here, and give its path"),
        ("file:////server/share", "of another machine"),
    ],
)
def test_a_file_url_that_names_nothing_here_says_what_to_do(url: str, word: str) -> None:
    with pytest.raises(SourceError, match=word):
        open_source(url)
