"""Turns file names into columns: `{book}_{page}_[{title}]_{year}.jpg`.

A pattern is text with named fields. It becomes a regular expression that never goes back on what a field has
taken, so that no name and no pattern can make it slow; a person's own regular expressions are not accepted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from search_core.collection import RESERVED
from search_core.describe import counted
from search_core.errors import SourceError

_HELP = (
    "Write it like {book}_{page}_[{title}]_{year}.jpg: names in braces become columns, {year:d} takes digits only, "
    "everything else is matched as it stands, {{ and }} are braces."
)
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(:d)?")


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A compiled pattern.

    Attributes:
        text: as it was written, or the name of a preset.
        columns: the fields, in order.
    """

    text: str
    columns: tuple[str, ...]
    _regex: re.Pattern[str]
    _with_suffix: bool
    _depth: int
    _tidy: Callable[[dict[str, str]], dict[str, str]] = dict

    def values(self, file_name: str) -> dict[str, str] | None:
        """The columns of one file name, or None if it does not fit."""
        parts = file_name.split("/")[-self._depth :]
        if not self._with_suffix:
            parts[-1] = PurePosixPath(parts[-1]).stem
        match = self._regex.fullmatch("/".join(parts))
        if match is None:
            return None
        return self._tidy({name: match[name] or "" for name in self.columns})

    def notes(self, file_names: Iterable[str]) -> Iterator[str]:
        """Yield a sentence on the names that do not fit, if there are any."""
        strangers = [name for name in file_names if self.values(name) is None]
        if strangers:
            yield (
                f"{counted(len(strangers), 'file name does', 'file names do')} not fit the pattern {self.text}, "
                f"the first is {strangers[0]}. The columns are left empty there."
            )


def compile_pattern(text: str) -> NamePattern:
    """Compile a pattern, or look up a preset by its name.

    A field takes at least one character and ends at the first place where the text after it follows. A pattern
    without a file ending fits any; one with slashes is held against as many folders.

    Raises:
        SourceError: if the pattern is malformed.
    """
    if text in PRESETS:
        return PRESETS[text]
    literals, fields = _parse(unicodedata.normalize("NFC", text))
    regex = re.compile("".join(_pieces(literals, fields)), re.DOTALL)
    columns = tuple(name for name, _ in fields)
    with_suffix = bool(re.search(r"\.\w+$", literals[-1]))
    return NamePattern(text, columns, regex, with_suffix, text.count("/") + 1)


def _parse(pattern: str) -> tuple[list[str], list[tuple[str, bool]]]:
    """Split a pattern into n + 1 literal texts and the n fields between them, each with whether it is digits only."""
    literals, fields, end = [""], list[tuple[str, bool]](), 0
    for match in _FIELD.finditer(pattern):
        literals[-1] += pattern[end : match.start()]
        end = match.end()
        if match[0] in ("{{", "}}"):
            literals[-1] += match[0][0]
            continue
        if match[1] is None:
            raise SourceError(f"The pattern {pattern} has a single {match[0]}. {_HELP}")
        if fields and not literals[-1]:
            raise SourceError(f"The pattern {pattern} has two fields with nothing between them. {_HELP}")
        fields.append(_field(pattern, match[1], [name for name, _ in fields]))
        literals.append("")
    literals[-1] += pattern[end:]
    if not fields:
        raise SourceError(f"The pattern {pattern} has no field, and there is no preset of this name. {_HELP}")
    return literals, fields


def _field(pattern: str, text: str, before: list[str]) -> tuple[str, bool]:
    match = _NAME.fullmatch(text)
    if match is None:
        raise SourceError(f"{{{text}}} in the pattern {pattern} is no field. {_HELP}")
    name = match[1]
    if name in before:
        raise SourceError(f"The pattern {pattern} has the field {name} twice. {_HELP}")
    if name in (*RESERVED, "file_name"):
        raise SourceError(f"The pattern {pattern} has a field {name}, which is reserved. Choose another name.")
    return name, match[2] is not None


def _pieces(literals: list[str], fields: list[tuple[str, bool]]) -> Iterator[str]:
    yield re.escape(literals[0])
    for i, (name, digits) in enumerate(fields):
        following = _following(literals, fields, i)
        yield f"(?P<{name}>[0-9]++)" if digits else f"(?P<{name}>(?>.+?(?={following})))"
        yield re.escape(literals[i + 1])


def _following(literals: list[str], fields: list[tuple[str, bool]], i: int) -> str:
    """What must stand behind field `i`: the text up to the next field that is not of digits alone."""
    text = re.escape(literals[i + 1])
    if i + 1 == len(fields):
        return text + r"\Z"
    return text + "[0-9]++" + _following(literals, fields, i + 1) if fields[i + 1][1] else text


_BRITISH_LIBRARY = re.compile(
    r"(?P<book_id>[0-9]++)_(?P<volume>[0-9]++)_(?P<page>[0-9]++)_(?P<picture>[0-9]++)_\[(?P<title>.*?)\]"
    r"_(?P<year>[0-9]++)(?:[-–/, ]{1,2}(?P<year_end>[0-9]++))?(?:_[a-z]++)?",
    re.DOTALL,
)
"""The title may be empty, the year a range (`1850-51`), and a kind of pictures may follow (`_embellishments`)."""


def _british_library(values: dict[str, str]) -> dict[str, str]:
    numbers = {name: values[name].lstrip("0") or "0" for name in ("volume", "page", "picture")}
    year_end = _whole_year(values["year"], values["year_end"])
    return values | numbers | {"title": _plain_title(values["title"]), "year_end": year_end}


def _plain_title(title: str) -> str:
    """The catalogue's title without its doubled spaces, the `etc` that marks a cut, and stray marks at its ends."""
    return re.sub(r"[\s,.;:]*\betc\W*$", "", " ".join(title.split()))


def _whole_year(year: str, end: str) -> str:
    """The last year of a range, of which the catalogue may write the last digits alone: 1851 in 1850-51."""
    cut = len(year) - len(end)
    if not end or cut <= 0:
        return end
    whole = int(year[:cut] + end)
    return str(whole if whole >= int(year) else whole + 10 ** len(end))


PRESETS = {
    "british-library": NamePattern(
        "british-library", tuple(_BRITISH_LIBRARY.groupindex), _BRITISH_LIBRARY, False, 1, _british_library
    ),
}
"""Named patterns. `british-library`: the embellishments cut out of its digitised books, in folders by year."""
