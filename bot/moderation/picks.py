"""A result by its number: how a moderator names a picture that they have just seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.door import standing_of
from bot.moderation.trial import RECENT
from bot.texts import filters as texts
from search_core import Query, RuleError

if TYPE_CHECKING:
    from bot.database import SavedSearch
    from bot.door import Interaction


async def last_result(interaction: Interaction, number: int) -> int:
    """Find the row that a moderator sees under a number in the answers to their own last search.

    Raises:
        RuleError: if there is no such search or result.
    """
    services, visitor = interaction.client.services, standing_of(interaction).visitor
    searches = await services.database.recent_searches(visitor.guild_id, RECENT)
    own = next((search for search in searches if search.user_id == visitor.user_id), None)
    if own is not None and own.generation == services.engine.generation:
        found = await services.engine.search(_numbered(own, number), await services.book.filters(visitor))
        if found.hits:
            return found.hits[0].row
    raise RuleError(texts.NO_LAST_SEARCH.format(number=number))


def _numbered(search: SavedSearch, number: int) -> Query:
    if search.row is not None:
        return Query(row=search.row, generation=search.generation, k=1, offset=number - 1)
    return Query(vector=search.vector, kind=search.kind, k=1, offset=number - 1)
