"""Data sets on disk: every form of a picture, every type of column, no row lost without a word."""

from __future__ import annotations

import datetime
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Array2D, Array3D, ClassLabel, Dataset, DatasetDict, Features, List, Sequence, Value
from datasets import Image as ImageFeature
from PIL import Image

from search_core.errors import PictureError, SourceError
from search_core.imaging import OWN_PICTURES, decode
from search_core.sources import Source, open_source
from tests.search_core.pictures import encoded, gradient

PICTURE = encoded(gradient())
PIXELS = np.asarray(gradient())
GREY = np.asarray(gradient().convert("L"))


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGNETTE_CACHE", str(tmp_path / "cache"))


def _write(data: Dataset, path: Path, kind: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = data.with_format("arrow")[:]
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=2)
    else:
        writer = pa.ipc.new_file if kind == "feather" else pa.ipc.new_stream
        with pa.OSFile(str(path), "wb") as file, writer(file, table.schema) as stream:
            stream.write_table(table, max_chunksize=2)
    return path


def _one(cell: Any, feature: Any, tmp_path: Path) -> Source:
    data = Dataset.from_dict({"image": [cell, cell]}, features=Features({"image": feature}))
    return open_source(_write(data, tmp_path / "data.arrow", "arrow"))


def _file(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / "ship.png"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(PICTURE)
    return path


FORMS = {
    "path": lambda path: (str(path), ImageFeature()),
    "bytes": lambda path: (PICTURE, ImageFeature()),
    "struct of bytes": lambda path: ({"bytes": PICTURE, "path": None}, ImageFeature()),
    "struct of path": lambda path: ({"bytes": None, "path": str(path)}, ImageFeature()),
    "struct of both": lambda path: ({"bytes": PICTURE, "path": "ship.png"}, ImageFeature()),
    "undecoded": lambda path: ({"bytes": PICTURE, "path": "ship.png"}, ImageFeature(decode=False)),
    "array": lambda path: (PIXELS, ImageFeature()),
    "nested lists": lambda path: (PIXELS.astype(np.uint8), ImageFeature(mode="RGB")),
    "PIL": lambda path: (gradient(), ImageFeature()),
    "PIL from a file": lambda path: (Image.open(path), ImageFeature()),
    "PIL from a BMP": lambda path: (Image.open(io.BytesIO(encoded(gradient(), "BMP"))), ImageFeature()),
    "plain bytes": lambda path: (PICTURE, Value("binary")),
    "plain large bytes": lambda path: (PICTURE, Value("large_binary")),
    "plain path": lambda path: (str(path), Value("string")),
    "plain struct": lambda path: (
        {"bytes": PICTURE, "path": "x"}, {"bytes": Value("binary"), "path": Value("string")}
    ),
    "plain array": lambda path: (PIXELS, Array3D(PIXELS.shape, "uint8")),
    "plain lists": lambda path: (PIXELS.tolist(), List(List(List(Value("int32"))))),
    "plain fractions": lambda path: ((PIXELS / 255).tolist(), List(List(List(Value("float64"))))),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_picture_gives_the_same_pixels(form: str, tmp_path: Path) -> None:
    source = _one(*FORMS[form](_file(tmp_path)), tmp_path)

    for row in source.rows:
        assert np.array_equal(np.asarray(decode(row.read(), OWN_PICTURES)), PIXELS)
    assert len({row.metadata["file_name"] for row in source.rows}) == 2


@pytest.mark.filterwarnings("ignore:Downcasting")
@pytest.mark.parametrize(
    ("cell", "feature"),
    [
        (GREY, ImageFeature()),
        (GREY[:, :, np.newaxis], Array3D((80, 120, 1), "uint8")),
        (GREY, Array2D((80, 120), "uint8")),
        (GREY.astype(np.int64), ImageFeature()),
        (GREY.astype(np.int32), ImageFeature()),
        (GREY.astype(np.float32), ImageFeature()),
        (GREY.astype(np.float32) / 255, ImageFeature()),
        (Image.fromarray(GREY).convert("CMYK"), ImageFeature()),
        (GREY.astype(np.uint16) * 256 + 128, ImageFeature()),
        (GREY.astype(np.int32) * 256 + 128, ImageFeature()),
    ],
    ids=["L", "one channel", "2D", "int64", "int32", "float", "fraction", "CMYK", "16 bits", "16 bits of 32"],
)
def test_grey_arrays_of_any_type_keep_their_greys(cell: Any, feature: Any, tmp_path: Path) -> None:
    pixels = np.asarray(decode(_one(cell, feature, tmp_path).rows[0].read(), OWN_PICTURES))

    assert np.abs(pixels.astype(int) - GREY[:, :, np.newaxis]).max() <= 1


@pytest.mark.parametrize(
    ("cell", "feature", "word"),
    [
        (None, ImageFeature(), "no picture"),
        (None, Value("binary"), "no picture"),
        ({"bytes": None, "path": ""}, ImageFeature(), "no picture"),
        ("https://example.org/a.png", Value("string"), "Download the pictures first"),
        ([[0, 300], [0, -1]], List(List(Value("int32"))), "values from -1 to 300"),
        ([[0.5, float("nan")]], List(List(Value("float32"))), "other things than numbers"),
        ([[0, 1], [0]], List(List(Value("int32"))), "not of one length"),
        ([["a"]], List(List(Value("string"))), "other things than numbers"),
        ([[[1] * 5]], List(List(List(Value("int32")))), "is no picture"),
        ([[[300] * 3]], List(List(List(Value("int32")))), "values from 300"),
    ],
)
def test_a_cell_without_a_picture_is_an_error_of_its_row(cell: Any, feature: Any, word: str, tmp_path: Path) -> None:
    row = _one(cell, feature, tmp_path).rows[1]

    with pytest.raises(PictureError, match=word):
        row.read()


def test_a_path_to_a_file_that_is_gone_is_an_error_of_its_row(tmp_path: Path) -> None:
    row = _one(str(tmp_path / "gone.png"), ImageFeature(), tmp_path).rows[0]

    with pytest.raises(FileNotFoundError):
        row.read()


COLUMNS = Features(
    {
        "image": ImageFeature(),
        "title": Value("string"),
        "year": Value("int64"),
        "price": Value("float32"),
        "seen": Value("bool"),
        "day": Value("date32"),
        "kind": ClassLabel(names=["ship", "tree"]),
        "kinds": List(ClassLabel(names=["old", "new"])),
        "tags": List(Value("string")),
        "place": {"city": Value("string"), "at": Sequence(Value("float64"))},
        "mask": ImageFeature(),
        "raw": Value("binary"),
        "sha256": Value("string"),
    }
)


def _rich() -> Dataset:
    full = {
        "image": {"bytes": PICTURE, "path": "a/ship.png"}, "title": "Küste", "year": 1850, "price": 0.5, "seen": True,
        "day": datetime.date(1850, 12, 31), "kind": 1, "kinds": [0, 1], "tags": ["a", "b"],
        "place": {"city": "Bath", "at": [51.4, -2.4]}, "mask": PICTURE, "raw": b"x", "sha256": "theirs",
    }  # fmt: skip
    return Dataset.from_list([full, dict.fromkeys(full) | {"image": PICTURE}], features=COLUMNS)


def test_all_columns_become_strings_and_class_numbers_their_names(tmp_path: Path) -> None:
    source = open_source(_write(_rich(), tmp_path / "rich.parquet", "parquet"))

    first, second = (row.metadata for row in source.rows)
    assert first == {
        "file_name": "a/ship.png", "label": "tree", "title": "Küste", "year": "1850", "price": "0.5", "seen": "true",
        "day": "1850-12-31", "kind": "tree", "kinds": '["old", "new"]', "tags": '["a", "b"]',
        "place": '{"city": "Bath", "at": [51.4, -2.4]}', "source_sha256": "theirs",
    }  # fmt: skip
    assert second == dict.fromkeys(first, "") | {"file_name": "row-000001"}
    assert source.columns == tuple(first)
    assert "mask, raw" in source.notes[0]
    assert "sha256 is kept as source_sha256" in source.notes[1]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a.png", "b.png", None], ["a.png", "b.png", "row-000002"]),
        (["a.png", "a.png", "a.png"], ["a.png", "row-000001/a.png", "row-000002/a.png"]),
        (["row-000001/a.png", "a.png", "a.png"], ["row-000001/a.png", "a.png", "row-000002/a.png"]),
        (["a.png", "a.png", "row-000001/a.png"], ["a.png", "row-000001/row-000001/a.png", "row-000001/a.png"]),
        (["/home/me/x/a.png", "C:\\me\\b.png", "../../c.png"], ["a.png", "b.png", "c.png"]),
        (["./x//a.png", "", "zip://b.png::https://example.org/z.zip"], ["x/a.png", "row-000001", "z.zip"]),
        (["/h/hub/datasets--o--n/snapshots/0123abc/train/a.png", None, None],
         ["train/a.png", "row-000001", "row-000002"]),
    ],
)  # fmt: skip
def test_file_names_are_unique_and_say_nothing_of_the_machine(
    paths: list[str | None], names: list[str], tmp_path: Path
) -> None:
    cells = [{"bytes": PICTURE, "path": path} for path in paths]
    data = Dataset.from_dict({"image": cells}, features=Features({"image": ImageFeature()}))

    source = open_source(_write(data, tmp_path / "data.arrow", "arrow"))

    assert [row.metadata["file_name"] for row in source.rows] == names


def test_a_column_file_name_goes_before_the_path(tmp_path: Path) -> None:
    cells = [{"bytes": PICTURE, "path": "x.png"}] * 2
    data = Dataset.from_dict(
        {"image": cells, "file_name": ["plate_1850.png", None]},
        features=Features({"image": ImageFeature(), "file_name": Value("string")}),
    )
    data.save_to_disk(str(tmp_path / "saved"))

    source = open_source(tmp_path / "saved", filename_pattern="{kind}_{year}")

    assert [row.metadata for row in source.rows] == [
        {"file_name": "plate_1850.png", "label": "", "kind": "plate", "year": "1850"},
        {"file_name": "row-000001", "label": "", "kind": "", "year": ""},
    ]
    assert "1 file name does not fit" in source.notes[0]


@pytest.mark.parametrize(
    ("features", "wanted", "expected"),
    [
        ({"picture": ImageFeature()}, None, "picture"),
        ({"image": ImageFeature(), "mask": ImageFeature()}, None, "image"),
        ({"image": ImageFeature(), "mask": ImageFeature()}, "mask", "mask"),
        ({"image": Value("binary"), "text": Value("string")}, None, "image"),
        ({"photo": Value("binary"), "text": Value("string")}, "photo", "photo"),
        ({"image": Value("string"), "picture": ImageFeature()}, None, "picture"),
    ],
)
def test_the_column_of_pictures_is_found(
    features: dict[str, Any], wanted: str | None, expected: str, tmp_path: Path
) -> None:
    row = {name: f"not {name}".encode() if name != expected else PICTURE for name in features}
    row |= {name: "text" for name, feature in features.items() if feature == Value("string")}
    Dataset.from_list([row], features=Features(features)).save_to_disk(str(tmp_path / "saved"))

    assert open_source(tmp_path / "saved", image_column=wanted).rows[0].read() == PICTURE


@pytest.mark.parametrize(
    ("features", "wanted", "word"),
    [
        ({"a": ImageFeature(), "b": ImageFeature()}, None, "several columns of pictures.*--image-column: a, b"),
        ({"a": Value("binary"), "n": Value("int64")}, None, "no column that is declared.*--image-column: a"),
        ({"n": Value("int64")}, None, "no column that is declared.*--image-column: n"),
        ({"a": ImageFeature(), "n": Value("int64")}, "n", "n of .* holds no pictures.*: a"),
        ({"a": List(ImageFeature()), "n": Value("int64")}, None, "column a of .* holds lists of pictures"),
        ({"a": List(Value("binary"))}, None, "column a of .* holds lists of pictures"),
        ({"a": List(ImageFeature()), "b": ImageFeature()}, "a", "column a of .* holds lists of pictures"),
        ({"a": ImageFeature()}, "gone", "no column gone.*: a"),
    ],
)
def test_a_column_of_pictures_that_is_not_known_is_an_error_with_the_candidates(
    features: dict[str, Any], wanted: str | None, word: str, tmp_path: Path
) -> None:
    data = Dataset.from_list([dict.fromkeys(features)], features=Features(features))
    data.save_to_disk(str(tmp_path / "saved"))

    with pytest.raises(SourceError, match=word):
        open_source(tmp_path / "saved", image_column=wanted)


# ------------------------------------------------------------------ files and splits


def _rows(count: int, start: int = 0) -> Dataset:
    def each() -> Iterator[dict[str, Any]]:
        for number in range(start, start + count):
            yield {"image": {"bytes": PICTURE + bytes([number]), "path": f"{number}.png"}, "number": number}

    return Dataset.from_list(list(each()), features=Features({"image": ImageFeature(), "number": Value("int64")}))


SUFFIXES = {"parquet": ".parquet", "arrow": ".arrow", "feather": ".arrow"}


def _numbers(source: Source) -> list[int]:
    assert [int(row.metadata["number"]) for row in source.rows] == [row.read()[-1] for row in source.rows]
    return [int(row.metadata["number"]) for row in source.rows]


@pytest.mark.parametrize("kind", SUFFIXES)
def test_one_file_is_a_source(kind: str, tmp_path: Path) -> None:
    path = _write(_rows(5), tmp_path / "odd [name] {1,2}*?" / f"validation-test{SUFFIXES[kind]}", kind)

    source = open_source(path)

    assert _numbers(source) == [0, 1, 2, 3, 4]
    assert source.name == str(path)
    assert source.notes == ()


@pytest.mark.parametrize("kind", SUFFIXES)
def test_a_folder_of_files_is_one_source_in_the_order_of_their_names(kind: str, tmp_path: Path) -> None:
    for number, name in enumerate(("b", "test", "a/train")):
        _write(_rows(2, 2 * number), tmp_path / "data" / f"{name}{SUFFIXES[kind]}", kind)

    assert _numbers(open_source(tmp_path / "data")) == [4, 5, 0, 1, 2, 3]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A data set's repository as the Hub has it: a card, and numbered parts of splits."""
    folder = tmp_path / "repository"
    for number, name in enumerate(("train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001")):
        _write(_rows(2, 2 * number), folder / "data" / f"{name}.parquet", "parquet")
    (folder / "README.md").write_text("---\nlicense: cc0-1.0\n---\n")
    return folder


@pytest.mark.parametrize(
    ("split", "numbers", "note"),
    [("train", [0, 1, 2, 3], "test (2)"), ("test", [4, 5], "train (4)"), ("all", [4, 5, 0, 1, 2, 3], None)],
)
def test_of_several_splits_one_is_chosen_and_the_others_are_named(
    repository: Path, split: str, numbers: list[int], note: str | None
) -> None:
    source = open_source(repository, split=split)

    assert _numbers(source) == numbers
    assert [note in one for one in source.notes if note] == ([True] if note else [])


def test_splits_that_are_not_chosen_or_not_there_are_an_error_that_names_them(repository: Path) -> None:
    with pytest.raises(SourceError, match=r"several splits\. Choose with --split: test, train, or all"):
        open_source(repository)
    with pytest.raises(SourceError, match=r"no split validation\. Choose with --split: test, train, or all"):
        open_source(repository, split="validation")


def test_saved_splits_are_chosen_likewise(tmp_path: Path) -> None:
    DatasetDict({"train": _rows(3), "test": _rows(2, 3)}).save_to_disk(str(tmp_path / "saved"))

    assert _numbers(open_source(tmp_path / "saved", split="test")) == [3, 4]
    assert _numbers(open_source(tmp_path / "saved", split="all")) == [0, 1, 2, 3, 4]
    assert open_source(tmp_path / "saved", split="train").notes == (
        "Only the split train is taken; rows in the others: test (2).",
    )
    with pytest.raises(SourceError, match="several splits"):
        open_source(tmp_path / "saved")


def test_a_split_where_there_are_none_is_an_error(tmp_path: Path) -> None:
    _rows(2).save_to_disk(str(tmp_path / "saved"))
    _write(_rows(2), tmp_path / "one.parquet", "parquet")

    for path in (tmp_path / "saved", tmp_path / "one.parquet"):
        with pytest.raises(SourceError, match="no split"):
            open_source(path, split="train")


def test_saved_in_several_parts_is_read_whole_and_in_order(tmp_path: Path) -> None:
    _rows(7).save_to_disk(str(tmp_path / "saved"), num_shards=3)

    assert _numbers(open_source(tmp_path / "saved")) == list(range(7))


def test_parquet_and_arrow_together_are_an_error(tmp_path: Path) -> None:
    _write(_rows(1), tmp_path / "data" / "a.parquet", "parquet")
    _write(_rows(1), tmp_path / "data" / "b.arrow", "arrow")

    with pytest.raises(SourceError, match="both Parquet and Arrow"):
        open_source(tmp_path / "data")


@pytest.mark.parametrize("kind", SUFFIXES)
def test_a_file_that_is_cut_off_is_an_error_and_no_shorter_collection(kind: str, tmp_path: Path) -> None:
    path = _write(_rows(9), tmp_path / f"data{SUFFIXES[kind]}", kind)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(SourceError, match="cannot be read"):
        open_source(path)


def test_a_saved_data_set_that_lost_a_part_is_an_error(tmp_path: Path) -> None:
    _rows(7).save_to_disk(str(tmp_path / "saved"), num_shards=3)
    (tmp_path / "saved" / "data-00001-of-00003.arrow").unlink()

    with pytest.raises(SourceError, match="cannot be read"):
        open_source(tmp_path / "saved")


def test_a_data_set_without_rows_is_an_error_and_one_empty_file_is_none(tmp_path: Path) -> None:
    none = _rows(1).select([])
    for kind in ("parquet", "arrow"):
        with pytest.raises(SourceError, match="no rows"):
            open_source(_write(none, tmp_path / "data" / f"none.{kind}", kind))
    (tmp_path / "data" / "none.arrow").unlink()

    _write(_rows(2), tmp_path / "data" / "some.parquet", "parquet")

    assert _numbers(open_source(tmp_path / "data")) == [0, 1]


def test_where_columns_differ_no_row_is_lost(tmp_path: Path) -> None:
    for kind in ("parquet", "arrow"):
        _write(_rows(2), tmp_path / kind / f"a.{kind}", kind)
        _write(_rows(2).rename_column("number", "other"), tmp_path / kind / f"b.{kind}", kind)

    with pytest.raises(SourceError, match="cannot be read"):
        open_source(tmp_path / "parquet")
    rows = open_source(tmp_path / "arrow").rows

    assert [(row.metadata["number"], row.metadata["other"]) for row in rows] == [
        ("0", ""), ("1", ""), ("", "0"), ("", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", SUFFIXES)
def test_the_listing_stays_while_nothing_changes_and_changes_with_the_file(kind: str, tmp_path: Path) -> None:
    path = _write(_rows(3), tmp_path / f"data{SUFFIXES[kind]}", kind)
    first = open_source(path).listing()
    assert open_source(path).listing() == first

    _write(_rows(4), path, kind)

    assert open_source(path).listing() != first
    assert len(open_source(path).rows) == 4


def test_the_listing_changes_with_a_picture_that_lies_beside_its_table(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.png").write_bytes(PICTURE)
    pq.write_table(pa.table({"image": ["x/a.png"]}), tmp_path / "data.parquet")
    [row] = open_source(tmp_path / "data.parquet").rows
    assert row.read() == PICTURE
    assert row.metadata["file_name"] == "x/a.png"
    first = open_source(tmp_path / "data.parquet").listing()

    (tmp_path / "x" / "a.png").write_bytes(PICTURE + b"more")

    assert open_source(tmp_path / "data.parquet").listing() != first


def test_many_rows_are_listed_in_batches_and_each_reads_its_own(tmp_path: Path) -> None:
    table = pa.table({"image": [b"%d" % number for number in range(2_500)], "number": range(2_500)})
    pq.write_table(table, tmp_path / "data.parquet")

    rows = open_source(tmp_path / "data.parquet").rows

    assert [row.metadata["number"] for row in rows] == [str(number) for number in range(2_500)]
    for row in itertools.islice(rows, 0, None, 499):
        assert row.read().decode() == row.metadata["number"]
    assert [row.metadata["number"] for row in rows[998:1_002]] == ["998", "999", "1000", "1001"]
