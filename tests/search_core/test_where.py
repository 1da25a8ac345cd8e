"""Conditions on metadata are read as people write them and hold for the rows that they name."""

from __future__ import annotations

import pyarrow as pa
import pytest

from search_core.errors import QueryError
from search_core.where import (
    MAX_CONDITIONS,
    PART,
    Condition,
    Operator,
    conditions,
    last_of,
    matching,
    number_text,
    on_columns,
    quoted,
    split,
)

COLUMNS = {
    "label": pa.chunked_array([["animals", "Plants"], ["plants", ""]]),
    "year": pa.chunked_array([["1850", " 1860 "], ["c. 1855", ""]]),
    "title": pa.chunked_array([["A Ship", "ship=boat"], ["50% off", "ÄPFEL"]]),
    "accent": pa.chunked_array([["Höhle", "Ho\u0308hle"], ["Hohle", ""]]),
    "depth": pa.chunked_array([["-1.5", "0"], ["1e5", "nan"]]),
}

HOLDS = [
    ("label=plants", [1, 2], "letter case is ignored"),
    ("label = plants", [1, 2], "spaces around the sign"),
    ("label=", [3], "an empty value is a value"),
    ("label!=plants", [0, 3], "all others"),
    ("title~ship", [0, 1], "contains"),
    ("title~%", [2], "no pattern characters"),
    ("title~äpfel", [3], "letter case beyond ASCII"),
    ("title=ship=boat", [1], "the first sign counts"),
    ("year=1850", [0], "equal as text"),
    ("year=01850.0", [0], "equal as a number"),
    ("depth!=0", [0, 2, 3], "different as a number"),
    ("year=1850..1860", [0, 1], "a range with both ends"),
    ("year=1860..1850", [0, 1], "a range the wrong way round"),
    ("year>=1851", [1], "values that are no number lie in no range"),
    ("year<=1850", [0], "at most"),
    ("year=1851..", [1], "a range that is open above"),
    ("year= .. 1850", [0], "a range that is open below"),
    ("depth=..-1", [0], "and a negative bound"),
    ("title=..", [], "dots alone are text"),
    ("depth=-2..0", [0, 1], "negative and fractional bounds"),
    ("title=a\u0308pfel", [3], "a letter and its mark apart, as macOS writes names"),
    ("accent~hö", [0, 1], "and the same in the column"),
    ("depth>=-2", [0, 1], "scientific notation and nan are no plain numbers"),
]


@pytest.mark.parametrize(("written", "rows", "reason"), HOLDS)
def test_a_condition_holds_for(written: str, rows: list[int], reason: str) -> None:
    assert matching(conditions(written), COLUMNS).nonzero()[0].tolist() == rows, reason


@pytest.mark.parametrize("different", [3, 2 * PART], ids=["values that repeat", "values that do not"])
@pytest.mark.parametrize("written", ["column=1", "column!=n1", "column~N1", "column>=2", "column=n1"])
def test_a_long_column_is_tested_value_by_value(written: str, different: int) -> None:
    numbers = [number % different for number in range(2 * PART + 10)]
    values = [f"n{number}" if number % 2 else str(number) for number in numbers]

    held = matching(conditions(written), {"column": pa.chunked_array([values[:100], [], values[100:]])})

    one_by_one = {
        "column=1": lambda value: value == "1",
        "column!=n1": lambda value: value != "n1",
        "column~N1": lambda value: "n1" in value,
        "column>=2": lambda value: value[0] != "n" and int(value) >= 2,
        "column=n1": lambda value: value == "n1",
    }
    assert held.tolist() == [one_by_one[written](value) for value in values]


def test_no_row_fulfils_anything_in_a_column_without_rows() -> None:
    assert len(matching(conditions("label=x"), {"label": pa.chunked_array([[]], pa.string())})) == 0


YEARS = {
    "year": pa.chunked_array([["1850", "1860"], ["", "1871-72"]]),
    "title": pa.chunked_array([["1850-1870", "Wait..what"], ["A-B", ""]]),
}


@pytest.mark.parametrize(
    ("written", "example"),
    [
        ("year=abc..def", r"1850\.\.1870"),
        ("year=1850-1870", r"year=1850\.\.1870"),
        ("year!=1850 – 1870", r"year=1850\.\.1870"),
        ("year=1850-", "year>=1850"),
        ("year!=1850..", "year>=1850"),
        ("year!=..1850", "year<=1850"),
        ("year=..", r"1850\.\.1870"),
        ("year=soon..", r"1850\.\.1870"),
    ],
)
def test_what_looks_like_a_range_of_a_column_of_numbers_is_told_how_to_write_one(written: str, example: str) -> None:
    with pytest.raises(QueryError, match=f"no range of numbers; write one such as .*{example}"):
        matching(conditions(written), YEARS)


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        ("title=1850-1870", [0]),
        ("title=wait..what", [1]),
        ("title=1900-1910", []),
        ("title=a-b", [2]),
        ("year=1871-72", [3]),
        ("year=-5", []),
        ("year=about-then", []),
        ("title=1850-", []),
        ("title=and so on..", []),
    ],
)
def test_text_with_hyphens_and_dots_is_compared_as_text(written: str, rows: list[int]) -> None:
    assert matching(conditions(written), YEARS).nonzero()[0].tolist() == rows


def test_all_conditions_must_hold() -> None:
    assert matching(conditions(["label=plants", "year>=1800"]), COLUMNS).nonzero()[0].tolist() == [1]


@pytest.mark.parametrize("written", ["", "animals", "=animals", "~x", "year>1850"])
def test_what_is_no_condition_is_told_how_to_write_one(written: str) -> None:
    with pytest.raises(QueryError, match="label=animals"):
        conditions(written)


@pytest.mark.parametrize("written", ["year>=soon", "year<=", "year>=inf", "year>=nan"])
def test_a_range_needs_numbers(written: str) -> None:
    with pytest.raises(QueryError, match="no number"):
        conditions(written)


def test_a_range_that_is_made_by_hand_is_checked_too() -> None:
    with pytest.raises(QueryError, match="two numbers"):
        Condition("year", Operator.BETWEEN, "1850")


def test_an_unknown_field_is_told_with_those_that_exist() -> None:
    with pytest.raises(QueryError, match="accent, depth, label, title, year"):
        on_columns(conditions("color=red"), list(COLUMNS))


def test_too_many_conditions_are_refused() -> None:
    with pytest.raises(QueryError, match=str(MAX_CONDITIONS)):
        conditions(["label=x"] * (MAX_CONDITIONS + 1))


@pytest.mark.parametrize("written", ["label=x", "year=1850..1870", "year>=1850", "title~a b", "a!=b"])
def test_a_condition_is_shown_as_it_was_written(written: str) -> None:
    assert str(Condition.parse(written)) == written


def test_an_open_range_is_shown_as_the_bound_that_it_is() -> None:
    assert list(map(str, conditions(["year=1850..", "year=..1870"]))) == ["year>=1850", "year<=1870"]


@pytest.mark.parametrize("value", [1234567.0, 1234726.0, 0.1, -2.5, 1e12, -1e-7, 1e21, 1 / 3, 123456789.125, 0.0])
def test_a_number_is_written_so_that_a_condition_reads_the_very_same(value: float) -> None:
    written = number_text(value)
    column = {"size": pa.chunked_array([[written, "5000000"]])}

    assert float(written) == value
    assert matching(conditions(f"size={written}..{written}"), column).tolist() == [True, False]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("label=animals; year>=1850", ("label=animals", "year>=1850")),
        ('place="London; Paris"', ('place="London; Paris"',)),
        ('place="London; Paris";year=1850', ('place="London; Paris"', "year=1850")),
        ('year=1850; place = "A; B" ; label=x', ("year=1850", 'place = "A; B"', "label=x")),
        ('title="Odd"; place="A; B"', ('title="Odd"', 'place="A; B"')),
        ('place="A; the "new"; town"', ('place="A; the "new"', 'town"')),
        ('title~5" gun; label=x', ('title~5" gun', "label=x")),
        (";;;", ()),
        ("", ()),
        (" ; label=x;; ", ("label=x",)),
    ],
)
def test_a_text_is_cut_into_its_conditions_but_not_inside_quotes(written: str, parts: tuple[str, ...]) -> None:
    assert split(written) == parts


@pytest.mark.parametrize("value", ["London; Paris", "London", '"Odd"', "a;b;c", ";", ""])
def test_a_value_that_is_quoted_where_it_must_be_is_read_as_it_was(value: str) -> None:
    [part] = split(f"place={quoted(value)}")
    [condition] = conditions(part)

    assert condition.value == value


def test_a_quote_that_is_not_closed_is_told() -> None:
    with pytest.raises(QueryError, match="ends without its quote"):
        conditions(split('place="London; Paris'))


@pytest.mark.parametrize(
    ("written", "before", "last"),
    [
        ("", "", ""),
        ("ye", "", "ye"),
        ("label=food; ye", "label=food", " ye"),
        ("label=food;", "label=food", ""),
        ('place="London; P', "", 'place="London; P'),
        ('label=food; place="London; P', "label=food", ' place="London; P'),
        ('place="A; B"; ye', 'place="A; B"', " ye"),
    ],
)
def test_the_condition_that_is_being_typed_is_found(written: str, before: str, last: str) -> None:
    assert last_of(written) == (before, last)


def test_columns_are_known_whatever_their_letter_case_where_that_tells_one() -> None:
    columns = ["Label", "year", "Size", "SIZE"]

    assert [one.column for one in on_columns(conditions(["label=x", "YEAR=1850", "SIZE=1"]), columns)] == [
        "Label", "year", "SIZE",
    ]  # fmt: skip
    with pytest.raises(QueryError, match=r"'size'\. It has: SIZE, Size"):
        on_columns(conditions("size=1"), columns)


def test_a_short_second_year_is_completed_in_the_hint() -> None:
    with pytest.raises(QueryError, match=r"year=1850\.\.1870"):
        matching(conditions("year=1850-70"), COLUMNS)
