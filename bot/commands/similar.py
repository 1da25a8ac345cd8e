"""`/similar` and the menu "Find similar images": pictures by a picture."""

from dataclasses import replace

import discord
from discord import app_commands

from bot import texts
from bot.access import Standing
from bot.attachments import PostedPicture, pictures_of, posted
from bot.delivery import InteractionOutlet, deliver
from bot.desk import Desk
from bot.door import Interaction, standing_of, through_door
from bot.gallery import Reply
from search_core import PictureError


@app_commands.command(name="similar", description=texts.SIMILAR)
@app_commands.describe(image=texts.SIMILAR_IMAGE, private=texts.PRIVATE)
@through_door
async def similar(interaction: Interaction, image: discord.Attachment, private: bool | None = None) -> None:
    """Find pictures similar to an attached one."""
    picture, standing = posted(image), standing_of(interaction)
    picture.check_size()
    secret = bool(standing.channel.private) if private is None else private
    await interaction.response.defer(ephemeral=secret, thinking=True)
    reply = await interaction.client.services.desk.ask_picture(
        standing, await picture.read(), k=standing.page_size(), private=secret
    )
    await deliver(InteractionOutlet(interaction), reply)


@app_commands.context_menu(name=texts.SIMILAR_MENU)
@through_door
async def similar_menu(interaction: Interaction, message: discord.Message) -> None:
    """Find pictures similar to the first in a message, for the one who asks alone."""
    pictures = pictures_of(message)
    if not pictures:
        raise PictureError(texts.NO_PICTURE_IN_MESSAGE)
    pictures[0].check_size()
    await interaction.response.defer(ephemeral=True, thinking=True)
    reply = await ask_first(interaction.client.services.desk, standing_of(interaction), pictures, private=True)
    await deliver(InteractionOutlet(interaction), reply)


async def ask_first(desk: Desk, standing: Standing, pictures: list[PostedPicture], *, private: bool) -> Reply:
    """Ask with the first of a message's pictures, and say so if there are more."""
    data = await pictures[0].read()
    reply = await desk.ask_picture(
        standing, data, k=standing.page_size(), private=private, heading=texts.SIMILAR_TO_MESSAGE
    )
    if len(pictures) == 1:
        return reply
    return replace(reply, body=f"{reply.body} {texts.FIRST_OF_SEVERAL}")
