"""Asking with a picture out of somebody's message: with the first, or with the one that is picked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot import custom_ids, texts
from bot.limits import MAX_GALLERY, check_view
from bot.question import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.access import Standing
    from bot.attachments import PostedPicture
    from bot.desk import Desk
    from bot.reply import Reply


async def ask_like(desk: Desk, standing: Standing, picture: PostedPicture, *, private: bool) -> Reply:
    """Ask for pictures like one out of a message."""
    image = await picture.read()
    question = Question(image=image, k=standing.page_size(), private=private, spoiler=picture.spoiler, in_message=True)
    return await desk.ask(standing, question)


async def ask_first(desk: Desk, standing: Standing, pictures: Sequence[PostedPicture]) -> Reply:
    """Ask in public with the first of a message's pictures, and say so if there are more."""
    reply = await ask_like(desk, standing.openly, pictures[0], private=False)
    return reply if len(pictures) == 1 else replace(reply, body=f"{reply.body} {texts.FIRST_OF_SEVERAL}")


def which(pictures: Sequence[PostedPicture]) -> discord.ui.LayoutView:
    """Ask which picture is meant. The question shows them, so that nothing has to be kept until it is answered."""
    offered = list(enumerate(pictures[:MAX_GALLERY], start=1))
    names = [texts.WHICH_OPTION.format(number=number) for number, _ in offered]
    gallery = discord.ui.MediaGallery[discord.ui.LayoutView](
        *(
            discord.MediaGalleryItem(picture.source.url, description=name, spoiler=picture.spoiler)
            for name, (_, picture) in zip(names, offered, strict=True)
        )
    )
    options = [
        discord.SelectOption(label=name, value=str(number)) for name, (number, _) in zip(names, offered, strict=True)
    ]
    select = discord.ui.Select[discord.ui.LayoutView](
        custom_id=custom_ids.WHICH, placeholder=texts.WHICH_PICK, options=options
    )
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(texts.WHICH_PICTURE))
    view.add_item(gallery)
    view.add_item(discord.ui.ActionRow(select))
    view.stop()
    check_view(view)
    return view
