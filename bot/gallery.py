"""A search result as one Discord message: first as plain values (`Reply`), then as components.

`compose` and its neighbours are pure; `layout` and `plain_view` make discord.py's objects of a reply. How it is
sent is `delivery`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol

import discord

from bot import custom_ids, texts
from bot.markdown import length, plain, shown
from bot.question import heading_of
from bot.uploads import MAX_ALT, Upload, upload_name
from search_core import Closeness, Hit, Kind, SearchResult, StoredPicture
from search_core.query import MAX_OFFSET

if TYPE_CHECKING:
    from bot.database import SavedSearch

MAX_TITLE_SHOWN = 80
MAX_FIELD_SHOWN = 40
MAX_VALUE_SHOWN = 300
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

MAX_DETAILS = 30
MAX_OPTION_LABEL = 100
ACCENT = discord.Colour(0x5B7F95)


@dataclass(frozen=True, slots=True)
class Pick:
    """A result that can be picked from the select.

    Attributes:
        number: the number under which it is shown.
        row: its row in the collection.
        title: its title.
    """

    number: int
    row: int
    title: str


@dataclass(frozen=True, slots=True)
class Controls:
    """The buttons and the select under a reply.

    Attributes:
        search_id: the saved search they work on.
        page: the page that is shown, 0-based.
        previous, next: whether there is such a page.
        picks: the results on the page.
        nearest: whether to offer the nearest pictures although none is close.
        paged: whether there are pages at all.
        post: whether to offer to post it for everybody.
        delete: whether to offer to delete it.
    """

    search_id: str
    page: int = 0
    previous: bool = False
    next: bool = False
    picks: tuple[Pick, ...] = ()
    nearest: bool = False
    paged: bool = True
    post: bool = False
    delete: bool = False


@dataclass(frozen=True, slots=True)
class PictureControls:
    """The buttons under the details of one picture.

    Attributes:
        search_id: the saved search that it is a result of.
        row: its row in the collection.
        message_id: the answer that shows it to everybody, 0 where there is none.
        moderator: whether to offer what only moderators may do.
        saved: whether the one who looks has saved it; None offers no saving.
        link: where the collection says that it comes from.
    """

    search_id: str
    row: int
    message_id: int = 0
    moderator: bool = False
    saved: bool | None = None
    link: str | None = None


class ControlRows(Protocol):
    """Controls that are made elsewhere: what stands under a list of one's own things, for example."""

    def rows(self) -> list[list[discord.ui.Item[discord.ui.View]]]:
        """Make them, a row each."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, ready to be laid out.

    Attributes:
        heading: what the answer is to.
        body: what is said about it, below the pictures' heading and above the pictures.
        pictures: up to nine, in order.
        list: a numbered line for each picture.
        controls: the buttons below, if any.
    """

    heading: str
    body: str = ""
    pictures: tuple[Upload, ...] = ()
    list: str = ""
    controls: Controls | PictureControls | ControlRows | None = None


@dataclass(frozen=True, slots=True)
class ShownAs:
    """How pictures are shown, by the rules and by the channel's settings.

    Attributes:
        spoiler: whether all of them are covered until somebody asks to see them.
        notes: sentences of context above them.
    """

    spoiler: bool = False
    notes: tuple[str, ...] = ()


PLAINLY = ShownAs()


def title_of(metadata: Mapping[str, str], file_name: str = "") -> str:
    """Name a picture: its title, or else its file's name made legible."""
    stem = PurePosixPath(file_name or metadata.get("file_name", "")).stem
    return shown(metadata.get("title", "") or stem.replace("_", " "), MAX_TITLE_SHOWN) or texts.UNTITLED


def alt_text(number: int, title: str, metadata: Mapping[str, str]) -> str:
    """Say what a picture shows: number, title, creator, category."""
    creator, category = (shown(metadata.get(key, ""), MAX_ALT_PART) for key in ("creator", "label"))
    parts = [
        f"{number}. {title}",
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
    body = "\n".join([" ".join(_remarks(result, page, truncated=search.truncated)), *_notes(result, shown_as)])
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
    hint = texts.NOTHING_CLOSE_TEXT if search.kind is Kind.TEXT else texts.NOTHING_CLOSE_PICTURE
    remarks = [hint, *_remarks(result, truncated=search.truncated)[1:]]
    controls = Controls(search.id, nearest=True) if result.hits else None
    return Reply(heading or heading_of(search), " ".join(remarks), controls=controls)


def compose_details(picture: StoredPicture, shown_as: ShownAs = PLAINLY) -> Reply:
    """Make the reply that tells all that is known of one picture."""
    title = title_of(picture.metadata, picture.file_name)
    known = {name: value for name, value in picture.metadata.items() if name not in {"title", "file_name"}}
    fields = {"title": title, **known, "file_name": picture.file_name}
    lines = [_field(name, value) for name, value in fields.items() if value]
    alt = alt_text(1, title, picture.metadata)
    upload = Upload(upload_name(1, picture.file_name), picture.data, alt, shown_as.spoiler)
    heading = texts.DETAILS_OF.format(title=plain(title, MAX_TITLE_SHOWN))
    body = "\n".join(map(_note, shown_as.notes))
    return Reply(heading, body, (upload,), _joined(lines[:MAX_DETAILS], MAX_TEXT - length(heading) - length(body)))


def link_of(metadata: Mapping[str, str]) -> str | None:
    """Find where the collection says that a picture comes from: the first field that is a web address, if any."""
    return next(filter(_is_link, metadata.values()), None)


def _is_link(value: str) -> bool:
    return (
        len(value) <= MAX_LINK
        and re.fullmatch(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][!-;=?-~]*)?", value) is not None
    )


def _remarks(result: SearchResult, page: int = 0, *, truncated: bool) -> list[str]:
    best = texts.BEST_ARE[result.hits[0].closeness] if result.hits else texts.NOTHING_LEFT
    if page and result.nothing_close and result.hits:
        best = texts.FURTHER_AWAY  # the first page may have been very close
    hidden = texts.HIDDEN.format(count=result.hidden) if result.hidden else ""
    return list(filter(None, [best, hidden, texts.TRUNCATED if truncated else ""]))


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
    parts = [f"**{number}\\.** {plain(title, lengths[0])}", creator, category, _closeness(hit.closeness), equal]
    return " · ".join(filter(None, parts))


def _closeness(closeness: Closeness) -> str:
    return f"*{closeness.value}*"


def _upload(number: int, hit: Hit, title: str, picture: StoredPicture, *, covered: bool) -> Upload:
    alt = alt_text(number, title, hit.metadata)
    return Upload(upload_name(number, picture.file_name), picture.data, alt, covered)


def _field(name: str, value: str) -> str:
    return f"**{plain(texts.FIELDS.get(name, name), MAX_FIELD_SHOWN)}** {_value(value)}"


def _value(value: str) -> str:
    if value.startswith(("https://", "http://")) and not set(value) & set(" <>\n\t|") and len(value) <= MAX_VALUE_SHOWN:
        return f"<{value}>"
    return plain(value, MAX_VALUE_SHOWN)


def _joined(lines: Sequence[str], limit: int) -> str:
    kept: list[str] = []
    for line in lines:
        if sum(length(each) + 1 for each in kept) + length(line) > limit:
            break
        kept.append(line)
    return "\n".join(kept)


def layout(reply: Reply) -> discord.ui.LayoutView:
    """Lay a reply out in components: heading, gallery, list, select, buttons."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(accent_colour=ACCENT)
    view.add_item(box)
    box.add_item(discord.ui.TextDisplay("\n".join(filter(None, [f"### {reply.heading}", reply.body]))))
    if reply.pictures:
        box.add_item(discord.ui.MediaGallery(*map(_gallery_item, reply.pictures)))
    if reply.list:
        box.add_item(discord.ui.TextDisplay(reply.list))
    for items in control_rows(reply.controls):
        box.add_item(discord.ui.ActionRow(*items))
    view.stop()  # the buttons work by their custom ids (`components`): discord.py need not remember this view
    return view


def plain_view(reply: Reply) -> discord.ui.View:
    """Lay the buttons of a reply out for a message without the newer components."""
    view = discord.ui.View(timeout=None)
    for row, items in enumerate(control_rows(reply.controls)):
        for item in items:
            item.row = row
            view.add_item(item)
    view.stop()
    return view


def embed(reply: Reply) -> discord.Embed:
    """Write the words of a reply as an embed, to stand above its pictures as plain attachments."""
    words = "\n".join(filter(None, [f"**{reply.heading}**", reply.body, reply.list]))
    return discord.Embed(description=words, colour=ACCENT)


def control_rows(
    controls: Controls | PictureControls | ControlRows | None,
) -> list[list[discord.ui.Item[discord.ui.View]]]:
    """Make the select and the buttons, a row each."""
    if controls is None:
        return []
    if isinstance(controls, PictureControls):
        return [_picture_buttons(controls)]
    if not isinstance(controls, Controls):
        return controls.rows()
    if controls.nearest:
        return [[_button(controls, "nearest", texts.SHOW_NEAREST, 0, enabled=True), *_end_buttons(controls)]]
    rows: list[list[discord.ui.Item[discord.ui.View]]] = [[_select(controls)]] if controls.picks else []
    return [*rows, buttons] if (buttons := _page_buttons(controls)) else rows


def _page_buttons(controls: Controls) -> list[discord.ui.Item[discord.ui.View]]:
    report: list[discord.ui.Item[discord.ui.View]] = [_report_button(controls)] if controls.picks else []
    if not controls.paged:
        return [*report, *_end_buttons(controls)]
    back, on = max(controls.page - 1, 0), controls.page + 1
    return [
        _button(controls, "previous", texts.PREVIOUS, back, enabled=controls.previous),
        _button(controls, "next", texts.NEXT, on, enabled=controls.next),
        *report,
        *_end_buttons(controls),
    ]


def _end_buttons(controls: Controls) -> list[discord.ui.Item[discord.ui.View]]:
    """What becomes of the answer itself: a private one can be posted, a public one deleted."""
    buttons: list[discord.ui.Item[discord.ui.View]] = []
    if controls.post:
        post = custom_ids.post_id(controls.search_id, controls.page)
        buttons.append(discord.ui.Button(label=texts.POST, custom_id=post, style=discord.ButtonStyle.primary))
    if controls.delete:
        buttons.append(discord.ui.Button(label=texts.DELETE, custom_id=custom_ids.delete_id(controls.search_id)))
    return buttons


def _report_button(controls: Controls) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(label=texts.REPORT, custom_id=custom_ids.report_id(controls.search_id, controls.page))


def _picture_buttons(controls: PictureControls) -> list[discord.ui.Item[discord.ui.View]]:
    report = custom_ids.report_one_id(controls.search_id, controls.row, controls.message_id)
    buttons: list[discord.ui.Item[discord.ui.View]] = [
        *([] if controls.saved is None else [_save_button(controls)]),
        discord.ui.Button(label=texts.REPORT_THIS, custom_id=report),
    ]
    if controls.moderator:
        hide = custom_ids.hide_one_id(controls.search_id, controls.row)
        buttons.append(discord.ui.Button(label=texts.HIDE_THIS, custom_id=hide, style=discord.ButtonStyle.danger))
    if controls.link is not None:
        buttons.append(discord.ui.Button(label=texts.SOURCE, url=controls.link))
    return buttons


def _save_button(controls: PictureControls) -> discord.ui.Button[discord.ui.View]:
    custom_id = custom_ids.save_id(controls.search_id, controls.row, controls.message_id)
    return discord.ui.Button(
        label=texts.SAVED_THIS if controls.saved else texts.SAVE_THIS,
        custom_id=custom_id,
        style=discord.ButtonStyle.success if controls.saved else discord.ButtonStyle.primary,
        disabled=bool(controls.saved),
    )


def _button(
    controls: Controls, way: str, label: str, page: int, *, enabled: bool
) -> discord.ui.Button[discord.ui.View]:
    custom_id = custom_ids.page_id(way, controls.search_id, page)
    return discord.ui.Button(label=label, custom_id=custom_id, disabled=not enabled)


def _select(controls: Controls) -> discord.ui.Select[discord.ui.View]:
    return discord.ui.Select(
        custom_id=custom_ids.pick_id(controls.search_id, controls.page),
        placeholder=texts.PICK,
        options=[option for pick in controls.picks for option in _options(pick)],
    )


def _options(pick: Pick) -> list[discord.SelectOption]:
    kinds = ((custom_ids.SIMILAR, texts.PICK_SIMILAR), (custom_ids.DETAILS, texts.PICK_DETAILS))
    return [
        discord.SelectOption(
            label=text.format(number=pick.number),
            value=custom_ids.pick_value(what, pick.row),
            description=shown(pick.title, MAX_OPTION_LABEL),
        )
        for what, text in kinds
    ]


def _gallery_item(upload: Upload) -> discord.MediaGalleryItem:
    # `discord.File` puts SPOILER_ before the name of a covered one, and the gallery must call it by that name.
    name = f"SPOILER_{upload.name}" if upload.spoiler else upload.name
    return discord.MediaGalleryItem(f"attachment://{name}", description=upload.alt, spoiler=upload.spoiler)
