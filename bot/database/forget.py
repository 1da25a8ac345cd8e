"""`vignette db forget`: an operator deletes what is kept of one person, as they can themselves with `/privacy delete`.

For those who have left the server, or write a letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.database.check import require_file
from bot.database.migrate import migrate
from bot.database.personal import PersonalData
from bot.database.traces import count_traces, goes_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.database.connections import Connections

BANS = "rules"
"""A ban names a person, and stays: to delete it would be to lift it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database holds of a person.

    Attributes:
        going: how many rows of each table go, or lose the person; tables without any are left out.
        bans: in how many rules they are banned.
    """

    going: Mapping[str, int]
    bans: int

    def lines(self) -> list[str]:
        """Say it, a line each."""
        lines = [f"  {name}: {count} {_fate(name)}" for name, count in self.going.items()]
        if self.bans:
            lines.append(f"  bans: {self.bans}, which stay; moderators lift them with /filter remove")
        return lines


async def kept_of(connections: Connections, user_id: int) -> Kept:
    """Count what is kept of a person; nothing is deleted.

    Raises:
        StoreError: if there is no database, or a newer release has written it.
    """
    require_file(connections)
    await migrate(connections)
    async with connections.reading() as connection:
        going = await count_traces(connection, user_id)
    return Kept(going, len((await PersonalData(connections).all_of(user_id)).get(BANS, ())))


async def forget(connections: Connections, user_id: int) -> Kept:
    """Delete what is kept of a person, and say what went.

    Raises:
        StoreError: if there is no database, or a newer release has written it.
    """
    kept = await kept_of(connections, user_id)
    going = await PersonalData(connections).erase(user_id)
    return Kept(going, kept.bans)


def _fate(table: str) -> str:
    return "deleted" if goes_whole(table) else "kept for the moderators, without the person and their words"
