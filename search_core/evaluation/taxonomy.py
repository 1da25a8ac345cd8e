"""LABELS.csv: the fixed taxonomy that the in-domain test asks about.

A CSV file in UTF-8 with a line of column names. Each line adds to one class; a class may have several lines.

    class         the class's name; needed in every line
    description   prompts that a person would type for it, with | between them; at least one for each class
    column,value  the relevant rows are those whose metadata column has the value (or one of several, with | between)
    file_name     the relevant rows, by file name, with | between them
    rows          the relevant rows, by number, with | between them; the numbers are of one build of the index only

Of the last three at least one must say, for each class, which rows are relevant; cells may be left empty. Examples:

    class,description,column,value              class,description,file_name
    animals,an animal|a drawing of an animal,label,animals    cats,a cat,animals/cat_01.jpg|animals/cat_02.jpg
    vehicles,a vehicle,label,vehicles|boats     dogs,a dog,animals/dog_01.jpg
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from search_core.errors import InputError, PromptError
from search_core.evaluation.columns import Column
from search_core.text import clean, plain

COLUMNS = ("class", "description", "column", "value", "file_name", "rows")
NEEDED = ("class", "description")
SEPARATOR = "|"
_HELP = "See: vignette evaluate --help"


@dataclass(frozen=True, slots=True)
class Mark:
    """One statement about which rows are relevant.

    Attributes:
        line: the line of the file that makes it.
        column: the metadata column, or None where `value` is a row's number.
        value: the column's value, or the row's number.
    """

    line: int
    column: str | None
    value: str


@dataclass(slots=True)
class TaxonomyClass:
    """A class: its prompts, cleaned as the engine cleans them, and what marks its rows."""

    name: str
    descriptions: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The classes, in the order of the file."""

    path: Path
    classes: tuple[TaxonomyClass, ...]

    @property
    def columns(self) -> list[str]:
        """The metadata columns that it looks at."""
        marks = (mark for one in self.classes for mark in one.marks)
        return list(dict.fromkeys(mark.column for mark in marks if mark.column is not None))

    def relevant_rows(self, columns: Mapping[str, Column], rows: int) -> list[np.ndarray]:
        """Find the relevant rows of each class.

        Args:
            columns: the columns that `columns` names.
            rows: rows of the collection.

        Returns:
            For each class its rows, ascending, never empty.

        Raises:
            InputError: if a mark fits no row, or a row is given twice for a class.
        """
        return [self._relevant(one, columns, rows) for one in self.classes]

    def _relevant(self, one: TaxonomyClass, columns: Mapping[str, Column], rows: int) -> np.ndarray:
        found: dict[int, Mark] = {}
        for mark in one.marks:
            for row in self._marked(mark, columns, rows):
                if row in found:
                    raise _error(self.path, mark.line, f"row {row} is given twice for class {one.name!r}")
                found[row] = mark
        return np.array(sorted(found), np.int64)

    def _marked(self, mark: Mark, columns: Mapping[str, Column], rows: int) -> list[int]:
        if mark.column is None:
            return [_row_number(self.path, mark, rows)]
        marked: list[int] = columns[mark.column].rows_of(mark.value).tolist()
        if not marked:
            raise _error(self.path, mark.line, f"no picture of the index has {mark.column} {mark.value!r}")
        return marked


def read_taxonomy(path: Path) -> Taxonomy:
    """Read LABELS.csv; the module's docstring says what stands in it.

    Raises:
        InputError: if the file cannot be read or used; the message names the line and what is wrong in it.
    """
    classes: dict[str, TaxonomyClass] = {}
    for line, cells in _lines(path):
        name = cells["class"]
        if not name:
            raise _error(path, line, "the class has no name")
        _add(path, line, cells, classes.setdefault(name, TaxonomyClass(name)))
    _check(path, classes)
    return Taxonomy(path, tuple(classes.values()))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each line's number and its cells, stripped, with an empty one for a column that is not there."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(path, reader.fieldnames or [])
            for cells in reader:
                if None in cells:
                    raise _error(path, reader.line_num, "there are more cells than column names; quote a cell that "
                                 "holds a comma")  # fmt: skip
                yield reader.line_num, {name: (cells.get(name) or "").strip() for name in COLUMNS}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is no CSV file in UTF-8: {error}. {_HELP}") from error


def _check_header(path: Path, names: list[str] | tuple[str, ...] | object) -> None:
    found = [str(name).strip() for name in names] if isinstance(names, list | tuple) else []
    allowed = ", ".join(COLUMNS)
    for name in found:
        if name not in COLUMNS:
            raise _error(path, 1, f"column {name!r} is unknown; the columns are {allowed}")
        if found.count(name) > 1:
            raise _error(path, 1, f"column {name!r} stands there twice")
    for name in NEEDED:
        if name not in found:
            raise _error(path, 1, f"there is no column {name!r}; the columns are {allowed}")


def _add(path: Path, line: int, cells: dict[str, str], to: TaxonomyClass) -> None:
    for prompt in _parts(cells["description"]):
        try:
            cleaned = plain(clean(prompt))
        except PromptError as error:
            raise _error(path, line, f"the description {prompt!r} cannot be used. {error}") from error
        if cleaned in to.descriptions:
            raise _error(path, line, f"the description {prompt!r} is given twice for class {to.name!r}")
        to.descriptions.append(cleaned)
    if bool(cells["column"]) != bool(cells["value"]):
        raise _error(path, line, "column and value go together; one of them is empty")
    to.marks += [Mark(line, cells["column"], value) for value in _parts(cells["value"])]
    to.marks += [Mark(line, "file_name", name) for name in _parts(cells["file_name"])]
    to.marks += [Mark(line, None, number) for number in _parts(cells["rows"])]


def _check(path: Path, classes: dict[str, TaxonomyClass]) -> None:
    if not classes:
        raise InputError(f"{path} names no class. {_HELP}")
    asked: dict[str, str] = {}
    for name, one in classes.items():
        if not one.descriptions:
            raise InputError(f"{path}: class {name!r} has no description, so nothing can be asked for it. {_HELP}")
        if not one.marks:
            raise InputError(f"{path}: nothing says which pictures are relevant to class {name!r}: give column and "
                             f"value, file_name or rows. {_HELP}")  # fmt: skip
        for prompt in one.descriptions:
            if prompt in asked:
                raise InputError(f"{path}: the classes {asked[prompt]!r} and {name!r} share the description "
                                 f"{prompt!r}. Give each class its own.")  # fmt: skip
            asked[prompt] = name


def _row_number(path: Path, mark: Mark, rows: int) -> int:
    if not mark.value.isascii() or not mark.value.isdigit():
        raise _error(path, mark.line, f"{mark.value!r} is no row number")
    if int(mark.value) >= rows:
        raise _error(path, mark.line, f"the index has no row {mark.value}; its rows are 0 to {rows - 1}")
    return int(mark.value)


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(SEPARATOR) if part.strip()]


def _error(path: Path, line: int, what: str) -> InputError:
    return InputError(f"{path}, line {line}: {what.rstrip('.')}. {_HELP}")
