"""A search result as one reply: its heading, its remarks, its pictures with their alt texts, and a line for each.

Everything here is pure. What is laid out of a reply is the business of `views`, how that is sent of `delivery`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bot import texts
from bot.markdown import MAX_SHORTENED, length, plain, plain_title, shortened, shown
from bot.question import heading_of
from bot.reply import PLAINLY, Controls, Pick, PictureControls, Reply, ShownAs
from bot.uploads import MAX_ALT, Upload, upload_name
from search_core import Closeness, Hit, Kind, SearchResult, StoredPicture
from search_core.query import MAX_OFFSET

if TYPE_CHECKING:
    from bot.database import SavedSearch

MAX_TITLE_SHOWN = 80
MAX_FIELD_SHOWN = 40
MAX_NAME_SHOWN = 300
MAX_ALT_PART = 150
"""Characters before escaping, which may double them: nine lines of title, creator and category stay under 3,000."""

MAX_TEXT = 3_800
"""Discord takes 4,000 characters of text in a message with components; a sentence about who sees it may be added."""

MAX_NOTES = 3
MAX_NOTE_SHOWN = 300
"""Three sentences of context leave room for nine lines of titles."""

MAX_LINK = 512
"""Discord's limit for a button's address."""

_LENGTHS = ((MAX_TITLE_SHOWN, MAX_FIELD_SHOWN), (50, 25), (30, 10))
"""Characters of a title and of a field in the list, tried in turn until ten lines and all that stands above fit."""

_VALUE_LENGTHS = (MAX_TEXT, 2_500, 1_500, 1_000, 600, 300)
"""Characters of a value in the details, tried in turn until all fields fit."""

MAX_DETAILS = 30


def title_of(metadata: Mapping[str, str], file_name: str = "") -> str:
    """Name a picture: its title, or else its file's name made legible; a long one cut in the middle."""
    return shortened(whole_title(metadata, file_name), MAX_TITLE_SHOWN)


def whole_title(metadata: Mapping[str, str], file_name: str = "") -> str:
    """Name a picture with its title in full."""
    stem = PurePosixPath(file_name or metadata.get("file_name", "")).stem
    return shown(metadata.get("title", "") or stem.replace("_", " "), MAX_SHORTENED) or texts.UNTITLED


def alt_text(number: int | None, title: str, metadata: Mapping[str, str]) -> str:
    """Say what a picture shows: number, if it is one of several, title, creator, category."""
    creator, category = (shown(metadata.get(key, ""), MAX_ALT_PART) for key in ("creator", "label"))
    parts = [
        title if number is None else f"{number}. {title}",
        texts.ALT_BY.format(creator=creator) if creator else "",
        texts.ALT_CATEGORY.format(category=category) if category else "",
    ]
    return ", ".join(filter(None, parts))[:MAX_ALT]


def compose(
    search: SavedSearch,
    result: SearchResult,
    pictures: Sequence[StoredPicture],
    page: int = 0,
    *,
    heading: str | None = None,
    shown_as: ShownAs = PLAINLY,
) -> Reply:
    """Make the reply for one page of a search.

    Args:
        search: the search as it is kept.
        result: the engine's answer for this page.
        pictures: the hits' pictures, in the order of the hits.
        page: 0-based.
        heading: what the answer is to, if not the search's prompt or picture.
        shown_as: what the rules and the channel ask for beside what the engine found.
    """
    first = page * search.k + 1
    titles = [title_of(hit.metadata, picture.file_name) for hit, picture in zip(result.hits, pictures, strict=True)]
    numbered = list(enumerate(zip(result.hits, titles, strict=True), start=first))
    heading = (heading or heading_of(search)) + (f" · {texts.PAGE.format(number=page + 1)}" if page else "")
    body = "\n".join([" ".join(_remarks(search, result, page)), *_notes(result, shown_as)])
    return Reply(
        heading=heading,
        body=body,
        pictures=tuple(
            _upload(number, hit, title, picture, covered=hit.spoiler or result.spoiler or shown_as.spoiler)
            for (number, (hit, title)), picture in zip(numbered, pictures, strict=True)
        ),
        list=_list(numbered, MAX_TEXT - length(heading) - length(body)),
        controls=Controls(
            search_id=search.id,
            page=page,
            previous=page > 0,
            next=result.more and (page + 1) * search.k <= MAX_OFFSET,
            picks=tuple(Pick(number, hit.row, title) for number, (hit, title) in numbered),
        ),
    )


def compose_nothing_close(search: SavedSearch, result: SearchResult, heading: str | None = None) -> Reply:
    """Say honestly that nothing is close, with a hint, and offer the nearest if there are any."""
    remarks = [_hint(search, result), *_remarks(search, result)[1:]]
    return Reply(
        heading or heading_of(search), " ".join(remarks), controls=Controls(search.id, nearest=bool(result.hits))
    )


def _hint(search: SavedSearch, result: SearchResult) -> str:
    if search.where:
        return texts.NOTHING_CLOSE_THERE if result.hits else texts.NOTHING_FULFILS
    return texts.NOTHING_CLOSE_TEXT if search.kind is Kind.TEXT else texts.NOTHING_CLOSE_PICTURE


def compose_details(picture: StoredPicture, shown_as: ShownAs = PLAINLY) -> Reply:
    """Make the reply that tells all that is known of one picture."""
    title = title_of(picture.metadata, picture.file_name)
    known = {name: value for name, value in picture.metadata.items() if name not in {"title", "file_name"}}
    fields = {"title": whole_title(picture.metadata, picture.file_name), **known}
    alt = alt_text(None, title, picture.metadata)
    upload = Upload(upload_name(1, picture.file_name), picture.data, alt, shown_as.spoiler)
    heading = texts.DETAILS_OF.format(title=plain(title, MAX_TITLE_SHOWN))
    body = "\n".join(map(_note, shown_as.notes[:MAX_NOTES]))
    room = MAX_TEXT - length(heading) - length(body)
    return Reply(heading, body, (upload,), _details(fields, _field("file_name", picture.file_name), room))


def with_sizes(reply: Reply) -> Reply:
    """Say in the details of a picture that it is larger than what is sent."""
    if not isinstance(reply.controls, PictureControls) or not reply.pictures or reply.pictures[0].whole is None:
        return reply
    width, height = reply.pictures[0].whole
    said = texts.SENT_SMALLER.format(width=width, height=height)
    return replace(reply, body="\n".join(filter(None, [reply.body, said])))


def link_of(metadata: Mapping[str, str]) -> str | None:
    """Find where the collection says that a picture comes from: the first field that is a web address, if any."""
    return next(filter(_is_link, metadata.values()), None)


def _is_link(value: str) -> bool:
    return (
        len(value) <= MAX_LINK
        and re.fullmatch(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][!-;=?-~]*)?", value) is not None
    )


def _remarks(search: SavedSearch, result: SearchResult, page: int = 0) -> list[str]:
    best = texts.BEST_ARE[result.hits[0].closeness] if result.hits else texts.NOTHING_LEFT
    if page and result.hits:  # the first page may have been very close
        best = texts.FURTHER_ARE.get(result.hits[0].closeness, best)
    # By conditions, somebody could find out which pictures are hidden and why: no number then.
    hidden = texts.HIDDEN.format(count=result.hidden) if result.hidden and not search.where else ""
    cut = texts.TRUNCATED if search.truncated else ""
    return list(filter(None, [best, hidden, cut, texts.TRUNCATED_WITHOUT if search.without_truncated else ""]))


def _notes(result: SearchResult, shown_as: ShownAs) -> list[str]:
    """Sentences of context, each once: those for the question, then those for the pictures."""
    of_hits = (note for hit in result.hits for note in hit.notes)
    return list(map(_note, dict.fromkeys([*shown_as.notes, *result.notes, *of_hits])))[:MAX_NOTES]


def _note(note: str) -> str:
    return texts.NOTE.format(note=plain(note, MAX_NOTE_SHOWN))


def _list(numbered: Sequence[tuple[int, tuple[Hit, str]]], room: int) -> str:
    for lengths in _LENGTHS:
        lines = "\n".join(_line(number, title, hit, lengths) for number, (hit, title) in numbered)
        if length(lines) <= room:
            return lines
    return lines


def _line(number: int, title: str, hit: Hit, lengths: tuple[int, int]) -> str:
    creator, category = (plain(hit.metadata.get(key, ""), lengths[1]) for key in ("creator", "label"))
    equal = texts.NEARLY_EQUAL.format(count=len(hit.duplicates)) if hit.duplicates else ""
    parts = [f"**{number}\\.** {plain_title(title, lengths[0])}", creator, category, _closeness(hit.closeness), equal]
    return " · ".join(filter(None, parts))


def _closeness(closeness: Closeness) -> str:
    return f"*{texts.CLOSENESS[closeness]}*"


def _upload(number: int, hit: Hit, title: str, picture: StoredPicture, *, covered: bool) -> Upload:
    alt = alt_text(number, title, hit.metadata)
    return Upload(upload_name(number, picture.file_name), picture.data, alt, covered)


def _field(name: str, value: str, limit: int = MAX_NAME_SHOWN) -> str:
    return f"**{plain(texts.FIELDS.get(name, name), MAX_FIELD_SHOWN)}** {_value(value, limit)}"


def _value(value: str, limit: int) -> str:
    if value.startswith(("https://", "http://")) and not set(value) & set(" <>\n\t|") and len(value) <= limit:
        return f"<{value}>"
    return plain(value, limit)


def _details(fields: Mapping[str, str], last: str, room: int) -> str:
    """Write a line for each field, its value as long as there is room for all of them."""
    room -= length(last) + len(texts.MORE_FIELDS) + 1
    for limit in _VALUE_LENGTHS:
        lines = [_field(name, value, limit) for name, value in fields.items() if value]
        if sum(length(line) + 1 for line in lines[:MAX_DETAILS]) <= room:
            break
    return _fields(lines, last, room)


def _fields(lines: Sequence[str], last: str, room: int) -> str:
    """Join as many lines as there is room for, say how many are left out, and end with the last in any case."""
    kept: list[str] = []
    for line in lines[:MAX_DETAILS]:
        room -= length(line) + 1
        if room < 0:
            break
        kept.append(line)
    more = [texts.MORE_FIELDS.format(count=left)] if (left := len(lines) - len(kept)) else []
    return "\n".join([*kept, *more, last])
