"""File names become columns by a pattern that anyone can write and that nothing can make slow."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from search_core.errors import SourceError
from search_core.sources import open_source
from search_core.sources.names import compile_pattern
from tests.search_core.pictures import encoded, gradient

RING = "000499442_0_000579_1_[The Ring and the Book  etc ]_1920.jpg"


@pytest.mark.parametrize(
    ("pattern", "name", "values"),
    [
        ("{id}_{year}.jpg", "12_1850.jpg", {"id": "12", "year": "1850"}),
        ("{id}_{year}.jpg", "12_1850.png", None),
        ("{id}_{year}", "12_1850.png", {"id": "12", "year": "1850"}),
        ("{id}_{year}", "12-1850.png", None),
        ("{id}_{year}", "_1850.png", None),
        ("{id}_{year}", "ships/1850/12_1850.png", {"id": "12", "year": "1850"}),
        ("{year:d}/{id}", "ships/1850/12.png", {"year": "1850", "id": "12"}),
        ("{year:d}/{id}", "ships/12.png", None),
        ("{year:d}/{id}", "12.png", None),
        ("a.b+c({x}).jpg", "a.b+c(1).jpg", {"x": "1"}),
        ("a.b+c({x}).jpg", "aXbbc(1).jpg", None),
        ("{{{x}}}.jpg", "{1}.jpg", {"x": "1"}),
        ("{title}_{year:d}", "a_b_c_1850.jpg", {"title": "a_b_c", "year": "1850"}),
        ("{title}_{year}", "a_b_c_1850.jpg", {"title": "a", "year": "b_c_1850"}),
        ("{title}_{year:d}", "a_b_c_1850x.jpg", None),
        ("{year:d}", "١٨٥٠.jpg", None),
        ("{a}-{b:d}x{c:d}", "x-1-20x30.png", {"a": "x-1", "b": "20", "c": "30"}),
        ("plate {n}", "plate 7\n.jpg", {"n": "7\n"}),
    ],
)
def test_a_pattern_takes_names_apart(pattern: str, name: str, values: dict[str, str] | None) -> None:
    assert compile_pattern(pattern).values(name) == values


@pytest.mark.parametrize(
    ("name", "title", "others"),
    [
        (RING, "The Ring and the Book", ("000499442", "0", "579", "1", "1920")),
        ("1920/" + RING, "The Ring and the Book", ("000499442", "0", "579", "1", "1920")),
        ("000000206_02_000018_2_[Voyages, etc. ]_1849.png", "Voyages", ("000000206", "2", "18", "2", "1849")),
        ("000000216_0_000000_1_[The Etching Club]_1851.jpg", "The Etching Club",
         ("000000216", "0", "0", "1", "1851")),
        ("000000218_0_000102_1_[A [new] tale_in ]_ parts]_1851.jpg", "A [new] tale_in ]_ parts",
         ("000000218", "0", "102", "1", "1851")),
    ],
)  # fmt: skip
def test_the_british_librarys_names_are_known(name: str, title: str, others: tuple[str, ...]) -> None:
    values = compile_pattern("british-library").values(name)

    assert values is not None
    assert values["title"] == title
    assert tuple(values[key] for key in ("book_id", "volume", "page", "picture", "year")) == others


@pytest.mark.parametrize(
    ("name", "title", "year", "year_end"),
    [
        ("000000206_0_000006_1_[]_1850.jpg", "", "1850", ""),
        ("000000206_0_000006_1_[ ]_1850.jpg", "", "1850", ""),
        ("000000206_0_000006_1_[Tales]_1850-51.jpg", "Tales", "1850", "1851"),
        ("000000206_0_000006_1_[Tales]_1850-1.jpg", "Tales", "1850", "1851"),
        ("000000206_0_000006_1_[Tales]_1850-1853.jpg", "Tales", "1850", "1853"),
        ("000000206_0_000006_1_[Tales]_1850, 51.jpg", "Tales", "1850", "1851"),
        ("000000206_0_000006_1_[Tales]_1899-01.jpg", "Tales", "1899", "1901"),
        ("000000206_0_000006_1_[Tales]_1920_embellishments.jpg", "Tales", "1920", ""),
        ("000000206_0_000006_1_[]_1850-51_embellishments.jpg", "", "1850", "1851"),
        ("1850/000000206_0_000006_1_[A [new] tale]_1850-51_medium.tif", "A [new] tale", "1850", "1851"),
    ],
)
def test_titles_that_are_missing_ranges_of_years_and_kinds_of_pictures_are_known_too(
    name: str, title: str, year: str, year_end: str
) -> None:
    values = compile_pattern("british-library").values(name)

    assert values is not None
    assert (values["title"], values["year"], values["year_end"]) == (title, year, year_end)


@pytest.mark.parametrize(
    "name",
    [
        "x" + RING,
        RING.replace("[", "("),
        RING.replace("1920", "s.a."),
        "plate.jpg",
        RING.replace("1920", "1920-"),
        RING.replace("1920", "1920_"),
        RING.replace("_[", "["),
    ],
)
def test_other_names_are_not_the_british_librarys(name: str) -> None:
    assert compile_pattern("british-library").values(name) is None


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("british", "no preset"),
        ("", "no field"),
        ("{a}_{b", r"single \{"),
        ("{a}_b}", r"single \}"),
        ("{a}{b}", "nothing between"),
        ("{a}_{a}", "twice"),
        ("{}_{a}", "is no field"),
        ("{a b}", "is no field"),
        ("{a:x}", "is no field"),
        ("{1a}", "is no field"),
        ("{image}", "reserved"),
        ("{file_name}", "reserved"),
    ],
)
def test_a_malformed_pattern_is_an_error_that_shows_how_to_write_one(pattern: str, word: str) -> None:
    with pytest.raises(SourceError, match=word):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["_".join(f"{{f{i}}}" for i in range(20)) + "!", "{a}_{b:d}_{c:d}_{d:d}_{e}!", "british-library"]
)
@pytest.mark.parametrize("name", ["_" * 4_000, "1_" * 2_000, "a" * 4_000, "1_1_1_1_[" + "]_1" * 1_300 + "?"])
def test_no_name_makes_a_pattern_slow(pattern: str, name: str) -> None:
    compiled = compile_pattern(pattern)
    started = time.perf_counter()

    assert compiled.values(name) is None

    assert time.perf_counter() - started < 1.0


def test_a_source_gets_the_columns_and_a_note_on_names_that_do_not_fit(tmp_path: Path) -> None:
    for name in (f"1920/{RING}", "1920/plate.jpg", "1850/frontispiece.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(encoded(gradient(), "JPEG"))

    source = open_source(tmp_path, filename_pattern="british-library")

    assert source.columns == ("file_name", "label", "book_id", "volume", "page", "picture", "title", "year", "year_end")
    assert [row.metadata["title"] for row in source.rows] == ["", "The Ring and the Book", ""]
    [note] = source.notes
    assert "2 file names do not fit the pattern british-library" in note
    assert "1850/frontispiece.jpg" in note


def test_metadata_goes_before_the_file_name_and_the_file_name_fills_its_gaps(tmp_path: Path) -> None:
    for name in ("a_1850.png", "b_1851.png"):
        (tmp_path / name).write_bytes(encoded(gradient()))
    (tmp_path / "metadata.csv").write_text("file_name,year\na_1850.png,1849\nb_1851.png,\n", encoding="utf-8")

    rows = open_source(tmp_path, filename_pattern="{title}_{year}").rows

    assert [(row.metadata["title"], row.metadata["year"]) for row in rows] == [("a", "1849"), ("b", "1851")]
