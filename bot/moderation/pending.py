"""Plans that wait for a moderator's yes, kept in the database: the buttons work after a restart, and once.

Each moderator has at most one in a server, so what nobody answers takes no room for long.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from bot.moderation.plans import Plan
from bot.texts import filters as texts
from search_core import RuleError

if TYPE_CHECKING:
    from bot.database import Database

_TOKEN_BYTES = 9
"""As many as a search's id: it cannot be guessed."""


class Pending:
    """Keeps plans until they are decided.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, guild_id: int, user_id: int, plan: Plan) -> str:
        """Keep a plan in place of the moderator's earlier one, and return the token by which it is taken."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        kept = json.dumps({"token": token, "plan": plan.to_dict()})
        await self._database.write_note(_name(guild_id, user_id), kept)
        return token

    async def take(self, guild_id: int, user_id: int, token: str) -> Plan:
        """Take a moderator's own plan; it is there once.

        Raises:
            RuleError: if it was taken already, or another one came in its place.
        """
        name = _name(guild_id, user_id)
        kept = await self._database.read_note(name)
        values = json.loads(kept) if kept is not None else {}
        if kept is None or values["token"] != token or not await self._database.take_note(name, kept):
            raise RuleError(texts.DRAFT_GONE)
        return Plan.from_dict(values["plan"])


def _name(guild_id: int, user_id: int) -> str:
    return f"plan:{guild_id}:{user_id}"
