"""The shipped collection is what its README says: complete, small, public domain, and made from the lists."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from pathlib import Path

import make_collection
import openclipart
import pytest
from PIL import Image

MEGABYTE = 1_000_000


@pytest.fixture(scope="session")
def rows(sample: Path) -> list[dict[str, str]]:
    with (sample / "collection" / "metadata.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="session")
def files(sample: Path) -> set[str]:
    folder = sample / "collection"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"metadata.csv"}


def test_it_holds_between_600_and_1000_pictures(rows: list[dict[str, str]]) -> None:
    assert 600 <= len(rows) <= 1000


def test_it_has_exactly_the_promised_columns(rows: list[dict[str, str]]) -> None:
    assert tuple(rows[0]) == ("file_name", "title", "creator", "source", "licence", "colourfulness")


def test_every_row_has_its_file_and_every_file_its_row(rows: list[dict[str, str]], files: set[str]) -> None:
    listed = [row["file_name"] for row in rows]
    assert len(set(listed)) == len(listed)
    assert set(listed) == files


def test_every_picture_opens_as_rgb_within_the_side_limit(sample: Path, files: set[str]) -> None:
    for name in sorted(files):
        with Image.open(sample / "collection" / name, formats=("PNG", "JPEG")) as image:
            image.load()
            assert image.mode == "RGB", name
            assert 16 <= max(image.size) <= 384, name


def test_no_picture_is_blank(sample: Path, files: set[str]) -> None:
    for name in sorted(files):
        with Image.open(sample / "collection" / name) as image:
            spread = max(brightest - darkest for darkest, brightest in image.getextrema())
        assert spread > 50, name


def test_every_field_is_filled(rows: list[dict[str, str]]) -> None:
    assert [row["file_name"] for row in rows if not all(value.strip() for value in row.values())] == []


def test_the_colourfulness_is_that_of_the_picture(sample: Path, rows: list[dict[str, str]]) -> None:
    for row in rows[::10]:
        measured = make_collection.colourfulness((sample / "collection" / row["file_name"]).read_bytes())
        assert abs(measured - int(row["colourfulness"])) <= 1, row["file_name"]


@pytest.mark.parametrize(
    ("left", "right", "measured"),
    [
        ((90, 90, 90), (200, 200, 200), 0.0),
        # Opponents 255 and 127.5 against none: half of each is their spread and their mean.
        ((255, 0, 0), (0, 0, 0), 1.3 * math.hypot(127.5, 63.75)),
        ((0, 0, 255), (0, 0, 255), 0.3 * 255),
    ],
)
def test_colourfulness_is_measured_as_published(
    left: tuple[int, int, int], right: tuple[int, int, int], measured: float
) -> None:
    picture, file = Image.new("RGB", (8, 4), left), io.BytesIO()
    picture.paste(right, (4, 0, 8, 4))
    picture.save(file, "PNG")

    assert make_collection.colourfulness(file.getvalue()) == pytest.approx(measured)


def test_every_picture_is_in_the_public_domain(rows: list[dict[str, str]]) -> None:
    assert {row["licence"] for row in rows} == {make_collection.LICENCE}


def test_it_takes_at_most_12_megabytes(sample: Path) -> None:
    assert sum(path.stat().st_size for path in (sample / "collection").rglob("*") if path.is_file()) <= 12 * MEGABYTE


def test_titles_read_like_titles(rows: list[dict[str, str]]) -> None:
    odd = [row["title"] for row in rows if "_" in row["title"] or not row["title"][0].isupper()]
    assert odd == []


def test_file_names_say_category_and_title(rows: list[dict[str, str]]) -> None:
    for row in rows:
        category, _, name = row["file_name"].partition("/")
        assert category.isalpha()
        assert name.startswith(make_collection.slugify(row["title"])), row


def test_everyday_things_come_several_times(rows: list[dict[str, str]]) -> None:
    words = Counter(word for row in rows for word in set(make_collection.slugify(row["title"]).split("_")))
    scarce = [
        word for word in ("cat", "dog", "horse", "car", "tree", "house", "apple", "book", "hat") if words[word] < 3
    ]
    assert scarce == []


def test_no_picture_held_out_for_the_test_is_in_it(sample: Path) -> None:
    shown = {
        entry.source for name in ("collection", "training") for entry in openclipart.read_list(sample / f"{name}.csv")
    }
    held_out = {entry.source for entry in openclipart.read_list(sample / "heldout.csv")}
    assert len(held_out) == 400
    assert shown & held_out == set()


def test_held_out_titles_are_distinct(sample: Path) -> None:
    titles = [entry.title.lower() for entry in openclipart.read_list(sample / "heldout.csv")]
    assert len(set(titles)) == len(titles)


def test_the_list_and_the_packages_make_the_same_pictures(sample: Path, tmp_path: Path) -> None:
    try:
        art = openclipart.OpenClipart().require()
    except openclipart.MissingPackages as error:
        pytest.skip(f"cannot make it again here: {error}")
    entries = openclipart.read_list(sample / "collection.csv")[:12]
    make_collection.make(art, entries, tmp_path / "collection", make_collection.LONGEST_SIDE)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*") if path.name != "metadata.csv")
    assert len(made) == len(entries)
    for path in made:
        with Image.open(tmp_path / path) as again, Image.open(sample / path) as shipped:
            assert (again.size, again.format) == (shipped.size, shipped.format), path


def test_missing_packages_are_named_with_the_way_to_get_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert make_collection.main(["--png", nowhere, "--svg", nowhere, "--output", str(tmp_path / "out")]) == 2
    assert "apt-get install openclipart-png openclipart-svg" in capsys.readouterr().err


def test_creators_are_named_and_not_given_away_with_an_address(rows: list[dict[str, str]]) -> None:
    creators = [row["creator"] for row in rows]

    assert all(creators)
    assert not [creator for creator in creators if "@" in creator or "&" in creator or "Ã" in creator]
