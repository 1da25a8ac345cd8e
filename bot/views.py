"""A reply as discord.py's objects: components, or for a second try an embed and the same buttons."""

from __future__ import annotations

import discord

from bot import custom_ids, texts
from bot.markdown import shown
from bot.reply import ControlRows, Controls, Pick, PictureControls, Reply
from bot.uploads import Upload

MAX_OPTION_LABEL = 100
ACCENT = discord.Colour(0x5B7F95)


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
    return [*_turning_buttons(controls), *_again_button(controls), *report, *_end_buttons(controls)]


def _turning_buttons(controls: Controls) -> list[discord.ui.Item[discord.ui.View]]:
    """Both ways, so that they keep their places from page to page; none where all stands on one page."""
    if not (controls.previous or controls.next):
        return []
    back, on = max(controls.page - 1, 0), controls.page + 1
    return [
        _button(controls, "previous", texts.PREVIOUS, back, enabled=controls.previous),
        _button(controls, "next", texts.NEXT, on, enabled=controls.next),
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


def _again_button(controls: Controls) -> list[discord.ui.Item[discord.ui.View]]:
    if not controls.again:
        return []
    return [discord.ui.Button(label=texts.AGAIN, custom_id=custom_ids.again_id(controls.search_id))]


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
