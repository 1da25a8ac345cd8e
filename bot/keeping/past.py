"""`/history`: a person's own searches, a page at a time, and any of them asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot import custom_ids
from bot.access import PAGE_SIZE
from bot.desk import StaleError
from bot.keeping import texts
from bot.keeping.pages import turning
from bot.markdown import code_span, shown
from bot.question import Question
from bot.reply import Reply
from search_core import Kind, QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.access import Standing
    from bot.database import Database, PastSearch
    from bot.desk import Desk

ON_PAGE = 10
MAX_PROMPT_SHOWN = 200
MAX_OPTION = 90


@dataclass(frozen=True, slots=True)
class PastControls:
    """What stands under a page of somebody's history.

    Attributes:
        page, last: 0-based.
        searches: what is on the page.
    """

    page: int
    last: int
    searches: tuple[PastSearch, ...]

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
    here, last = tuple(found[:ON_PAGE]), page + (len(found) > ON_PAGE)
    return Reply(texts.HISTORY_HEADING, list=_lines(here, page), controls=PastControls(page, last, here))


async def ask_again(database: Database, desk: Desk, standing: Standing, number: int) -> Reply:
    """Ask one of a person's own searches again, under the rules of now.

    Raises:
        QueryError: if it is not in their history here.
        StaleError: if it was made with a picture, of which nothing is left.
    """
    visitor = standing.visitor
    search = await database.personal.past_search(visitor.user_id, visitor.guild_id, number)
    if search is None:
        raise QueryError(texts.HISTORY_GONE)
    kept = await database.find_search(search.search_id)
    if search.prompt is not None and search.kind == Kind.TEXT:
        narrowed = (None, ()) if kept is None else (kept.without, kept.where)
        question = Question(search.prompt, narrowed[0], None, narrowed[1], standing.page_size(PAGE_SIZE), private=True)
        return await desk.ask(standing, question)
    try:
        return await desk.turn(standing, search.search_id, 0)
    except StaleError:
        raise StaleError(texts.HISTORY_TOO_OLD) from None


def _lines(searches: Sequence[PastSearch], page: int) -> str:
    numbered = enumerate(searches, start=page * ON_PAGE + 1)
    return "\n".join(texts.HISTORY_LINE.format(number=n, what=_what(each), at=each.at) for n, each in numbered)


def _what(search: PastSearch) -> str:
    if search.prompt is not None:
        return code_span(search.prompt, MAX_PROMPT_SHOWN)
    return texts.HISTORY_PICTURE if search.row is None else texts.HISTORY_ROW


def _option(number: int, search: PastSearch) -> discord.SelectOption:
    plain = _what(search) if search.prompt is None else search.prompt
    label = texts.HISTORY_OPTION.format(number=number)
    return discord.SelectOption(label=label, value=str(search.id), description=shown(plain, MAX_OPTION) or None)
