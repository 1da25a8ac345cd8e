"""`/similar` and the menu "Find similar images": pictures by a picture."""

from dataclasses import replace

import discord
from discord import app_commands

from bot import texts
from bot.access import PAGE_SIZE, Standing
from bot.attachments import PostedPicture, pictures_of
from bot.commands.search import Count, Prompt, answer_question
from bot.delivery import InteractionOutlet, deliver
from bot.desk import Desk
from bot.door import Interaction, standing_of, through_door
from bot.gallery import Reply
from bot.question import Question
from search_core import PictureError


@app_commands.command(name="similar", description=texts.SIMILAR)
@app_commands.describe(
    image=texts.SIMILAR_IMAGE, prompt=texts.SIMILAR_PROMPT, count=texts.SEARCH_COUNT, private=texts.PRIVATE
)
@through_door
async def similar(
    interaction: Interaction,
    image: discord.Attachment,
    prompt: Prompt | None = None,
    count: Count = PAGE_SIZE,
    private: bool | None = None,
) -> None:
    """Find pictures similar to an attached one."""
    await answer_question(interaction, Question(prompt, k=count), image, private)


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
    first = pictures[0]
    question = Question(image=await first.read(), k=standing.page_size(), private=private, spoiler=first.spoiler)
    reply = await desk.ask(standing, question, texts.SIMILAR_TO_MESSAGE)
    if len(pictures) == 1:
        return reply
    return replace(reply, body=f"{reply.body} {texts.FIRST_OF_SEVERAL}")
