"""Conditions on metadata are read as people write them and hold for the rows that they name."""

from __future__ import annotations

import pyarrow as pa
import pytest

from search_core.errors import QueryError
from search_core.where import MAX_CONDITIONS, PART, Condition, Operator, check_columns, conditions, matching

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
        check_columns(conditions("color=red"), list(COLUMNS))


def test_too_many_conditions_are_refused() -> None:
    with pytest.raises(QueryError, match=str(MAX_CONDITIONS)):
        conditions(["label=x"] * (MAX_CONDITIONS + 1))


@pytest.mark.parametrize("written", ["label=x", "year=1850..1870", "year>=1850", "title~a b", "a!=b"])
def test_a_condition_is_shown_as_it_was_written(written: str) -> None:
    assert str(Condition.parse(written)) == written


def test_an_open_range_is_shown_as_the_bound_that_it_is() -> None:
    assert list(map(str, conditions(["year=1850..", "year=..1870"]))) == ["year>=1850", "year<=1870"]
