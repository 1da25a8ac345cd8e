"""`/search`: pictures by words."""

from dataclasses import replace

import discord
from discord import app_commands

from bot import texts
from bot.access import MAX_COUNT, PAGE_SIZE, visitor_in
from bot.attachments import posted
from bot.browsing import MAX_CHOICE
from bot.discretion import audience_of
from bot.door import Interaction, standing_of, through_door
from bot.patience import answer
from bot.question import Question, read_years, split_conditions
from bot.reply import Reply
from search_core.describe import counted

MAX_PROMPT = 1_000
"""CLIP reads some 300 characters; more is cut, and the user is told. Discord would let 6,000 pass."""

MAX_WHERE = 300

Prompt = app_commands.Range[str, 1, MAX_PROMPT]
Count = app_commands.Range[int, 1, MAX_COUNT]


@app_commands.command(name="search", description=texts.SEARCH)
@app_commands.describe(
    prompt=texts.SEARCH_PROMPT,
    without=texts.SEARCH_WITHOUT,
    image=texts.SEARCH_IMAGE,
    years=texts.SEARCH_YEARS,
    where=texts.SEARCH_WHERE,
    count=texts.SEARCH_COUNT,
    private=texts.PRIVATE,
)
@through_door
async def search(
    interaction: Interaction,
    prompt: Prompt,
    without: Prompt | None = None,
    image: discord.Attachment | None = None,
    years: app_commands.Range[str, 1, MAX_CHOICE] | None = None,
    where: app_commands.Range[str, 1, MAX_WHERE] | None = None,
    count: Count | None = None,
    private: bool | None = None,
) -> None:
    """Search the collection in words."""
    question = Question(prompt, without, where=split_conditions(where), k=count or PAGE_SIZE)
    await answer_question(interaction, question, image, private, years, counted_out=count is not None)


async def answer_question(
    interaction: Interaction,
    question: Question,
    image: discord.Attachment | None,
    private: bool | None,
    years: str | None = None,
    *,
    counted_out: bool = False,
) -> None:
    """Answer what a command asks. What cannot be used is told in private, before anything is public.

    Args:
        interaction: the command.
        question: what it asks, but for picture and years.
        image: the posted picture.
        private: whether only the asker shall see the answer; None leaves it to the channel.
        years: a span of years, as it was typed.
        counted_out: whether somebody said how many pictures a page shall have, and is told if it has fewer.
    """
    services, standing = interaction.client.services, standing_of(interaction)
    picture = None if image is None else posted(image)
    if picture is not None:
        picture.check_size()
    if years is not None:
        read_years(years)
    audience = await audience_of(interaction, private, question.words)
    await services.desk.check(audience.standing, question)
    await interaction.response.defer(ephemeral=audience.private, thinking=True)

    async def ask() -> Reply:
        asked = replace(
            question,
            image=None if picture is None else await picture.read(),
            where=(*question.where, *await services.browsing.where(standing.visitor, None, years)),
            k=standing.page_size(question.k),
            private=audience.private,
            spoiler=picture is not None and picture.spoiler,
        )
        reply = await services.desk.ask(audience.standing, asked)
        return _with_limit(reply, asked.k) if counted_out and asked.k < question.k else reply

    await answer(interaction, audience.told(ask()), texts.SEARCHING if picture is None else texts.FETCHING)


def _with_limit(reply: Reply, most: int) -> Reply:
    words = texts.COUNT_REDUCED.format(pictures=counted(most, "picture"))
    return replace(reply, body=f"{reply.body}\n{words}".strip())


@search.autocomplete("where")
async def _conditions(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    offered = await interaction.client.services.browsing.complete_where(visitor_in(interaction), current)
    return [app_commands.Choice(name=one, value=one) for one in offered]


@search.autocomplete("years")
async def _years(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    offered = await interaction.client.services.browsing.complete_years(visitor_in(interaction), current)
    return [app_commands.Choice(name=one, value=one) for one in offered]
