"""`/history`: a person's own searches, a page at a time, and any of them asked again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import discord

from bot import custom_ids
from bot.access import PAGE_SIZE
from bot.database import Way
from bot.desk import StaleError
from bot.keeping.pages import turning
from bot.markdown import code_span, shown
from bot.question import Question, narrowed
from bot.reply import Reply
from bot.texts import keeping as texts
from search_core import Kind, QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.access import Standing
    from bot.database import Database, PastSearch
    from bot.services import Services

ON_PAGE = 10
MAX_PROMPT_SHOWN = 120
"""With what narrowed it at most 360 characters: ten lines stay under Discord's limit for a message."""
MAX_OPTION = 90


@dataclass(frozen=True, slots=True)
class Past:
    """One line of somebody's history.

    Attributes:
        search: as the history has it.
    """

    search: PastSearch

    @property
    def what(self) -> str:
        """What was asked, in words that are no markup."""
        if self.search.way is Way.TIMELINE:
            return texts.HISTORY_TIMELINE.format(prompts=texts.AND.join(self.search.prompts))
        return self._words if self.search.prompt is None else self.search.prompt

    @property
    def shown(self) -> str:
        """The same for a message, with what narrowed it."""
        prompts = self.search.prompts
        spans = texts.AND.join(code_span(prompt, MAX_PROMPT_SHOWN // len(prompts)) for prompt in prompts)
        if self.search.way is Way.TIMELINE:
            return texts.HISTORY_TIMELINE.format(prompts=spans)
        return narrowed(spans or self._words, self.search.without, self.search.where)

    @property
    def _words(self) -> str:
        """What was asked, where it was not asked in words."""
        if self.search.way is Way.LOT:
            return texts.HISTORY_BY_LOT
        return texts.HISTORY_PICTURE if self.search.row is None else texts.HISTORY_ROW


@dataclass(frozen=True, slots=True)
class PastControls:
    """What stands under a page of somebody's history.

    Attributes:
        page, last: 0-based.
        searches: what is on the page.
    """

    page: int
    last: int
    searches: tuple[Past, ...]

    def rows(self) -> list[list[discord.ui.Item[discord.ui.View]]]:
        """Make the select that asks again, and the buttons that turn the page."""
        numbered = enumerate(self.searches, start=self.page * ON_PAGE + 1)
        select: discord.ui.Select[discord.ui.View] = discord.ui.Select(
            custom_id=custom_ids.history_pick_id(self.page),
            placeholder=texts.HISTORY_PICK,
            options=[_option(number, search) for number, search in numbered],
        )
        return [[select], *turning(custom_ids.history_id, self.page, self.last)]


async def history_page(database: Database, standing: Standing, page: int) -> Reply:
    """Show a page (0-based) of somebody's history here."""
    visitor = standing.visitor
    # One more than fits tells whether there is a next page.
    found = await database.personal.history(visitor.user_id, visitor.guild_id, ON_PAGE + 1, page * ON_PAGE)
    if not found and page:
        return await history_page(database, standing, 0)
    if not found:
        keeps = await database.personal.keeps_history(visitor.user_id)
        return Reply(texts.HISTORY_HEADING, texts.HISTORY_NONE if keeps else texts.HISTORY_NOT_KEPT)
    last = page + (len(found) > ON_PAGE)
    here = tuple(map(Past, found[:ON_PAGE]))
    return Reply(texts.HISTORY_HEADING, list=_lines(here, page), controls=PastControls(page, last, here))


async def ask_again(services: Services, standing: Standing, number: int) -> Reply:
    """Do once more what a person did, under the rules of now.

    Raises:
        QueryError: if it is not in their history here.
        StaleError: if it was made with a picture, of which nothing is left.
    """
    visitor, database, desk = standing.visitor, services.database, services.desk
    search = await database.personal.past_search(visitor.user_id, visitor.guild_id, number)
    if search is None:
        raise QueryError(texts.HISTORY_GONE)
    k = standing.page_size(search.k or PAGE_SIZE)
    if search.way is Way.TIMELINE:
        return await services.browsing.timeline(standing, search.prompts, search.axis, private=True)
    if search.way is Way.LOT:
        return await services.browsing.random(standing, search.conditions or "", k, private=True)
    if search.prompt is not None and search.kind == Kind.TEXT:
        question = Question(search.prompt, search.without, None, search.where, k, private=True)
        reply = await desk.ask(standing, question)
        # Of a search from before, nobody knows any more whether it was a plain one.
        return reply if search.way else replace(reply, body=f"{reply.body}\n{texts.HISTORY_BARE}")
    try:
        return await desk.turn(standing, search.search_id, 0)
    except StaleError:
        raise StaleError(texts.HISTORY_TOO_OLD) from None


def _lines(searches: Sequence[Past], page: int) -> str:
    numbered = enumerate(searches, start=page * ON_PAGE + 1)
    lines = (texts.HISTORY_LINE.format(number=n, what=each.shown, at=each.search.at) for n, each in numbered)
    return "\n".join(lines)


def _option(number: int, past: Past) -> discord.SelectOption:
    label = texts.HISTORY_OPTION.format(number=number)
    description = shown(past.what, MAX_OPTION) or None
    return discord.SelectOption(label=label, value=str(past.search.id), description=description)
