"""LABELS.csv is read as its docstring says, and every mistake in it is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from search_core.errors import InputError
from search_core.evaluation.columns import Column
from search_core.evaluation.taxonomy import Taxonomy, read_taxonomy

COLUMNS = {
    "label": Column.of(["cats", "cats", "dogs", "boats", "ships", ""]),
    "file_name": Column.of([f"{row}.png" for row in range(6)]),
}


def _read(tmp_path: Path, text: str) -> Taxonomy:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return read_taxonomy(path)


def _rows(tmp_path: Path, text: str) -> dict[str, list[int]]:
    taxonomy = _read(tmp_path, text)
    found = taxonomy.relevant_rows(COLUMNS, rows=6)
    return {one.name: rows.tolist() for one, rows in zip(taxonomy.classes, found, strict=True)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class,description,column,value\ncats,a cat,label,cats\n", {"cats": [0, 1]}),
        ("class,description,column,value\ncraft,a boat,label,boats|ships\n", {"craft": [3, 4]}),
        ("class,description,file_name\ncats,a cat,1.png|0.png\n", {"cats": [0, 1]}),
        ("class,description,rows\ncats,a cat,5|0\ndogs,a dog,2\n", {"cats": [0, 5], "dogs": [2]}),
        ("class,description,rows\ncats,a cat,0\ncats,,1\n", {"cats": [0, 1]}),  # a second line adds rows
        ("class,description,rows,file_name\ncats,a cat,0,\ncats,,,1.png\n", {"cats": [0, 1]}),
        ("class,description,rows\na,one,0|1\nb,two,1|2\n", {"a": [0, 1], "b": [1, 2]}),  # classes may share a row
        ("\ufeffclass,description,rows\r\ncats,a cat,0\r\n", {"cats": [0]}),  # as spreadsheets write it
        ('class,description,rows\n"cats, small",a cat,0\n', {"cats, small": [0]}),
        ("class,description,rows\n cats , a cat , 0 | 1 \n\n", {"cats": [0, 1]}),  # spaces and empty lines
    ],
)
def test_relevant_rows(text: str, expected: dict[str, list[int]], tmp_path: Path) -> None:
    assert _rows(tmp_path, text) == expected


def test_descriptions_are_gathered_over_lines_and_cleaned_as_prompts_are(tmp_path: Path) -> None:
    taxonomy = _read(tmp_path, "class,description,rows\ncats,A Cat|a ｋｉｔｔｅｎ,0\ncats,a **tomcat**,1\n")

    assert taxonomy.classes[0].descriptions == ["a cat", "a kitten", "a tomcat"]


def test_only_the_columns_that_are_needed_are_asked_for(tmp_path: Path) -> None:
    text = "class,description,column,value,file_name,rows\na,one,label,cats,,\nb,two,,,0.png,\nc,three,,,,4\n"

    assert _read(tmp_path, text).columns == ["label", "file_name"]


HEAD = "class,description,column,value,file_name,rows\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: there is no column 'class'"),
        ("klass,description,rows\n", "line 1: column 'klass' is unknown; the columns are class, description"),
        ("class,rows\ncats,0\n", "line 1: there is no column 'description'"),
        ("class,class,description\n", "line 1: column 'class' stands there twice"),
        (HEAD, "names no class"),
        (HEAD + ",a cat,,,,0\n", "line 2: the class has no name"),
        (HEAD + "cats,a cat,,,,0\ncats,a,b,c,d,e,f\n", "line 3: there are more cells than column names"),
        (HEAD + "cats,,,,,0\n", "class 'cats' has no description"),
        (HEAD + "cats,a cat,,,,\n", "nothing says which pictures are relevant to class 'cats'"),
        (HEAD + "cats,a cat|A  CAT,,,,0\n", "line 2: the description 'A  CAT' is given twice for class 'cats'"),
        (HEAD + "cats,a pet,,,,0\ndogs,a pet,,,,1\n", "the classes 'cats' and 'dogs' share the description 'a pet'"),
        (HEAD + "cats,***,,,,0\n", "line 2: the description '***' cannot be used. The prompt holds no words"),
        (HEAD + "cats,a cat,label,,,\n", "line 2: column and value go together"),
        (HEAD + "cats,a cat,,cats,,\n", "line 2: column and value go together"),
        ('class,description,rows\ncats,"a cat,0\n', "is no CSV file in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, text)

    assert words in str(caught.value)
    assert "labels.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "birds,a bird,label,birds,,\n", "line 2: no picture of the index has label 'birds'"),
        (HEAD + "cats,a cat,label,cats|tigers,,\n", "line 2: no picture of the index has label 'tigers'"),
        (HEAD + "cats,a cat,,,9.png,\n", "line 2: no picture of the index has file_name '9.png'"),
        (HEAD + "cats,a cat,,,,6\n", "line 2: the index has no row 6; its rows are 0 to 5"),
        (HEAD + "cats,a cat,,,,-1\n", "line 2: '-1' is no row number"),
        (HEAD + "cats,a cat,,,,first\n", "line 2: 'first' is no row number"),
        (HEAD + "cats,a cat,,,,0|0\n", "line 2: row 0 is given twice for class 'cats'"),
        (HEAD + "cats,a cat,label,cats,,\ncats,,,,1.png,\n", "line 3: row 1 is given twice for class 'cats'"),
    ],
)
def test_marks_that_do_not_fit_the_index_are_refused_with_their_line(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _rows(tmp_path, text)

    assert words in str(caught.value)


def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff\xfe")

    with pytest.raises(InputError, match=r"gone.csv cannot be read"):
        read_taxonomy(tmp_path / "gone.csv")
    with pytest.raises(InputError, match=r"is no CSV file in UTF-8"):
        read_taxonomy(tmp_path / "picture.csv")
