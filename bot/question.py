"""What somebody asks at the desk, as they wrote it; and how it is read and said again. It knows nothing of Discord."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot import texts
from bot.access import PAGE_SIZE
from bot.database import SavedSearch
from bot.database.searches import spoken
from bot.markdown import code_span
from search_core import Field, InputError, Kind, Query, QueryError, year_field
from search_core.text import clean
from search_core.where import SEPARATOR, completed, conditions, split

if TYPE_CHECKING:
    from bot.access import Visitor
    from search_core import SearchResult

MAX_PROMPT_SHOWN = 200
MAX_NARROWING_SHOWN = 100

_YEAR = r"[0-9]{1,4}"
_TO = r"(?:-|–|—|\.\.)"
_YEARS = re.compile(
    rf"(?P<year>{_YEAR})|(?P<first>{_YEAR})\s*{_TO}\s*(?P<last>{_YEAR})"
    rf"|(?:since|from)\s+(?P<since>{_YEAR})|(?P<open>{_YEAR})\s*{_TO}"
    rf"|(?:until|up\s+to|to)\s+(?P<until>{_YEAR})|{_TO}\s*(?P<closed>{_YEAR})",
    re.IGNORECASE,
)

Years = tuple[int | None, int | None]
"""The first year and the last one; None where a span is open."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: words, a picture, or both.

    Attributes:
        prompt: what the pictures show.
        without: what to stay away from.
        image: a posted picture, undecoded. It is not kept.
        where: conditions on fields.
        k: pictures on a page.
        private: whether only the asker sees the answer.
        spoiler: whether the posted picture is under one; then so is the answer.
        in_message: whether the picture stands in a message, whoever wrote that.
    """

    prompt: str | None = field(default=None, repr=False)
    without: str | None = field(default=None, repr=False)
    image: bytes | None = field(default=None, repr=False)
    where: tuple[str, ...] = field(default=(), repr=False)
    k: int = PAGE_SIZE
    private: bool = False
    spoiler: bool = False
    in_message: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """All of it that is words, for the rules to look at."""
        return spoken(self.prompt, self.without, self.where)

    @property
    def query(self) -> Query:
        """The same, as the engine is asked."""
        return Query(text=self.prompt, image=self.image, without=self.without or (), where=self.where, k=self.k)

    def kept(self, visitor: Visitor, result: SearchResult) -> SavedSearch:
        """The same, as the buttons under the answer need it."""
        return SavedSearch(
            user_id=visitor.user_id,
            guild_id=visitor.guild_id,
            channel_id=visitor.channel_id,
            kind=result.kind,
            prompt=self.prompt,
            row=None,
            vector=result.vector,
            generation=result.generation,
            k=self.k,
            private=self.private,
            truncated=self.prompt in result.truncated,
            without=self.without,
            without_truncated=self.without in result.truncated or None,
            conditions=f"{SEPARATOR} ".join(self.where) or None,
            share=result.mixture.picture,
            spoiler=self.spoiler or None,
            in_message=self.in_message or None,
        )


def cleaned(text: str) -> str:
    """Clean something that was asked in words as the rules see it; nothing where nobody can read it."""
    try:
        return clean(text)
    except InputError:
        return ""


def page_query(search: SavedSearch, page: int) -> Query:
    """Ask for a page (0-based) of an earlier search."""
    offset = page * search.k
    if search.row is not None:  # the row itself stays out of its own answer only when asked by row
        return Query(row=search.row, generation=search.generation, k=search.k, offset=offset)
    return Query(
        vector=search.vector,
        kind=search.kind,
        mixture=search.mixture,
        where=search.where,
        k=search.k,
        offset=offset,
    )


def split_conditions(written: str | None) -> tuple[str, ...]:
    """Cut an option into its conditions, and see that each can be read.

    Raises:
        QueryError: naming the one that cannot; the message shows how to write one.
    """
    parts = split(written or "")
    conditions(parts)
    return parts


def read_years(written: str) -> Years:
    """Read a year or a span: `1850`, `1850-1870`, `1850..1870`, `1850-70`.

    Open spans are `1850-` or `since 1850`, and `-1870` or `until 1870`. The wrong way round it is the same span.

    Raises:
        QueryError: if it is none of these.
    """
    found = _YEARS.fullmatch(written.strip())
    if found is None:
        raise QueryError(texts.YEARS_UNREADABLE)
    first = found["year"] or found["first"] or found["since"] or found["open"]
    last = found["year"] or found["last"] or found["until"] or found["closed"]
    if found["first"] and found["last"]:
        last = completed(found["first"], found["last"])
    span = int(first) if first else None, int(last) if last else None
    if span[0] is not None and span[1] is not None and span[0] > span[1]:
        if len(first) != len(last):
            raise QueryError(texts.YEARS_BACKWARDS)
        return span[1], span[0]
    return span


def in_years(years: Years, fields: Sequence[Field]) -> str:
    """Make a condition of a span of years.

    Raises:
        QueryError: if no field of the collection holds years.
    """
    column = year_field(fields)
    if column is None:
        raise QueryError(texts.YEARS_NONE)
    first, last = years
    if last is None:
        return f"{column.name}>={first}"
    return f"{column.name}<={last}" if first is None else f"{column.name}={first}..{last}"


def heading_of(search: SavedSearch) -> str:
    """Say what an answer is to."""
    return narrowed(_heading_of(search), search.without, search.where)


def narrowed(heading: str, without: str | None, where: Iterable[str]) -> str:
    """Add to a heading what narrows the search."""
    parts = [heading]
    if without:
        parts.append(texts.WITHOUT.format(without=code_span(without, MAX_NARROWING_SHOWN)))
    if written := f"{SEPARATOR} ".join(where):
        parts.append(texts.WHERE.format(where=code_span(written, MAX_NARROWING_SHOWN)))
    return " · ".join(parts)


def _heading_of(search: SavedSearch) -> str:
    if search.prompt is None:
        return texts.SIMILAR_TO_MESSAGE if search.in_message else texts.SIMILAR_TO_POSTED
    prompt = code_span(search.prompt, MAX_PROMPT_SHOWN)
    return (texts.SIMILAR_AND if search.kind is Kind.MIXED else texts.RESULTS_FOR).format(prompt=prompt)
