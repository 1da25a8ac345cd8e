"""The table, the archive's parts and its README, and names fit for everybody: pure functions."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot import custom_ids
from bot.keeping.archive import MAX_PARTS, PER_FILE, plan, readme
from bot.keeping.collection import compose_about
from bot.keeping.privacy import DAYS, summary
from bot.keeping.sheet import COLUMNS, MAX_CELL, Line, as_csv, cell
from bot.keeping.shelf import Kept, ShelfControls
from bot.limits import check_view
from bot.moderation.replies import MAX_CONTENT
from bot.reply import Reply
from bot.texts import keeping as texts
from bot.views import layout
from search_core import About, Field, FieldKind, LastTest, Names
from tests.bot.test_personal_data import result

NAMES = Names("pics", "", "", "pics", "clip")
OTHERS = Names("Other pictures", "Other: pictures", "", "others", "clip")


@pytest.mark.parametrize(
    "value",
    ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\ufeff=1", "＝1", "＋1", "－1", "＠x",
     "|calc", "%0A=1", "=HYPERLINK(\"http://x\")", "-", "\u22121+1"],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_execute_is_text(value: str) -> None:
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize("value", ["", "Ship", "12", "-3.5", "+1850", "a=b", "x@y", "'", "0042", "«=1»"])
def test_other_cells_stay_as_they_are(value: str) -> None:
    assert cell(value) == value


def test_every_cell_of_the_table_is_safe_and_headings_too() -> None:
    entry = result(title="=1+1", prompt="@evil", file_name="-x.jpg")
    lines = [Line(1, entry, {"=name": "+1+1", "plain": 'a"b,c\nd'}, note="=2"), Line(2, entry, gone=True)]

    rows = list(csv.reader(io.StringIO(as_csv(lines).decode("utf-8-sig"), newline="")))

    assert rows[0] == [*COLUMNS, "metadata.=name", "metadata.plain"]
    assert not [value for row in rows for value in row if value[:1] in ("=", "+", "@", "-")]
    assert rows[1][-1] == 'a"b,c\nd'
    assert rows[2][-1] == ""
    assert rows[2][COLUMNS.index("state")] == "gone"


def test_long_values_are_cut_and_what_is_no_text_does_not_fail() -> None:
    assert len(cell("x" * 9_999)) == MAX_CELL
    assert as_csv([Line(1, result(title="a\0b\ud800"))]).decode("utf-8-sig")


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [([], [[]]), ([10], [[0]]), ([500] * 4, [[0], [1], [2], [3]]), ([10, 10, 500, 10], [[0, 1], [2], [3]])],
)
def test_pictures_are_shared_out_in_order(sizes: list[int], parts: list[list[int]]) -> None:
    assert plan(sizes, 1_000)[0] == parts


@pytest.mark.parametrize("sizes", [[5_000_000] * 40, [100_000_000], [1] * 500, [300_000] * 500, [9_000_000, 10] * 250])
def test_no_export_has_more_parts_than_allowed_and_each_picture_is_in_one(sizes: list[int]) -> None:
    room = 10_000_000
    parts, limit = plan(sizes, room)

    assert len(parts) <= MAX_PARTS
    assert [number for part in parts for number in part] == list(range(len(sizes)))
    assert max(sum(min(sizes[number], limit) + PER_FILE for number in part) for part in parts) <= room


def test_the_readme_keeps_searches_under_other_circumstances_apart() -> None:
    lines = [Line(1, result(1)), Line(2, result(2, model="siglip", prompt=None)), Line(3, result(3, prompt="a\nb"))]

    text = readme(lines, ["3 saved results."], OTHERS, "1.2", 0, part=2, parts=3)

    assert "Exported 1970-01-01 (UTC), part 2 of 3." in text
    assert "a secret ship; a b" in text
    assert "Asked: (a posted picture)" in text
    assert text.count("- Collection: drawings") == 2
    assert "drawings, revision ffffffffffff. Retrieved with Vignette 1.2 using the model siglip" in text
    assert "1 result\n" in text
    assert "2 results\n" in text


@pytest.mark.parametrize(
    ("citation", "cited"),
    [
        ("", "Old drawings, https://example.org/x, revision ffffffffffff."),
        ("Ann Smith: Drawings. London 2019.", "Ann Smith: Drawings. London 2019, revision ffffffffffff."),
    ],
)
@pytest.mark.parametrize("saved_as", ["drawings", "Old drawings"])
def test_the_readme_cites_the_collection_as_it_is_called_by_now(saved_as: str, citation: str, cited: str) -> None:
    """Saved before the title was given, or after."""
    names = Names("Old drawings", citation, "https://example.org/x", "drawings", "clip")

    text = readme([Line(1, result(collection=saved_as))], ["1"], names, "1.2", 0)

    assert "- Collection: Old drawings, https://example.org/x\n" in text
    assert cited in text


def test_the_readme_calls_another_collection_as_it_was_called_then() -> None:
    text = readme([Line(1, result())], ["1"], OTHERS, "1.2", 0)

    assert "- Collection: drawings\n" in text
    assert "Other" not in text


def test_a_page_of_the_longest_titles_keeps_discords_limits() -> None:
    kept = tuple(Kept(n, result(n, id=10**11 + n, title="*" * 500), None) for n in range(1, 10))
    check_view(layout(Reply("x", controls=ShelfControls(1, 3, kept))))


def test_what_is_told_of_a_person_fits_a_message() -> None:
    words = summary({name: [{}] * 99_999 for name in texts.PRIVACY_TABLES})

    assert len(words) <= MAX_CONTENT
    assert len(texts.PRIVACY_ASK) <= MAX_CONTENT
    assert DAYS == 30


def test_custom_ids_fit_with_the_largest_numbers() -> None:
    assert len(custom_ids.save_id("x" * 24, 10**9 - 1, 2**64 - 1)) <= custom_ids.MAX_LENGTH


def about(test: LastTest | None, names: Names = NAMES, fields: Sequence[Field] = (), rows: int = 966) -> Reply:
    manifest: Any = SimpleNamespace(rows=rows, created="2026-11-01T00:00:00+00:00", source_fingerprint="ab" * 32)
    return compose_about(About(manifest, names, {}, test), fields)


def test_about_tells_title_source_and_how_to_cite() -> None:
    told = about(None, replace(NAMES, source_url="https://example.org/x", citation="Ann *Smith*"), rows=1).body

    assert told.startswith("**pics:** 1 picture; index built <t:")
    assert "**Source:** <https://example.org/x>\n**To cite:** Ann \\*Smith\\*\n" in told
    assert "**Source:**" not in about(None).body
    assert "**To cite:**" not in about(None).body


def test_about_fits_a_message_whatever_is_said_of_the_collection() -> None:
    long = Names("*" * 200, "*" * 1_000, "https://example.org/" + "x" * 480, "s", "*" * 300)
    test = LastTest("2026-11-02T00:00:00+00:00", "*" * 100, 19, 9, 0.624, 0.55, 0.69, holds=False)
    fields = [Field("*" * 99, FieldKind.NUMBER, 9, -1.23456789e-300, 1.23456789e300, different=9) for _ in range(20)]

    reply = about(test, long, fields)

    check_view(layout(reply))
    assert "and 19 more" in reply.body


def test_the_headline_of_the_last_test_is_told_with_its_date() -> None:
    test = LastTest("2026-11-02T00:00:00+00:00", "tax*onomy.csv", 19, 9, 0.624, 0.55, 0.69, holds=True)

    told = about(test).body

    assert "62% right (95% interval 55% to 69%); of 9 pictures about 5.6" in told
    assert "<t:1793577600:D>" in told
    assert "tax\\*onomy" in told
    assert texts.ABOUT_TEST_OLD not in told


def test_a_test_of_something_else_is_told_as_such_and_none_too() -> None:
    old = LastTest("2026-11-02T00:00:00+00:00", "t.csv", 19, 9, 0.6, 0.5, 0.7, holds=False)

    assert texts.ABOUT_TEST_OLD in about(old).body
    assert texts.ABOUT_NO_TEST in about(None).body
