"""`/similar` and the menu "Find similar images": pictures by a picture."""

import discord
from discord import app_commands

from bot import texts
from bot.access import PAGE_SIZE
from bot.attachments import pictures_of
from bot.commands.search import Count, Prompt, answer_question
from bot.door import Interaction, standing_of, through_door
from bot.patience import answer
from bot.posted import ask_like, which
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
    count: Count | None = None,
    private: bool | None = None,
) -> None:
    """Find pictures similar to an attached one."""
    question = Question(prompt, k=count or PAGE_SIZE)
    await answer_question(interaction, question, image, private, counted_out=count is not None)


@app_commands.context_menu(name=texts.SIMILAR_MENU)
@through_door
async def similar_menu(interaction: Interaction, message: discord.Message) -> None:
    """Find pictures similar to the one in a message, for the one who asks alone; of several, ask which."""
    pictures = pictures_of(message)
    if not pictures:
        raise PictureError(texts.NO_PICTURE_IN_MESSAGE)
    if len(pictures) > 1:
        await interaction.response.send_message(view=which(pictures), ephemeral=True)
        return
    pictures[0].check_size()
    await interaction.response.defer(ephemeral=True, thinking=True)
    desk = interaction.client.services.desk
    await answer(interaction, ask_like(desk, standing_of(interaction), pictures[0], private=True), texts.FETCHING)
