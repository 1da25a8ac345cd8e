"""`PersonalData`: what belongs to one person. Each method takes whose it is, and reaches nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.database import history, preferences, saved, traces
from bot.database.preferences import HISTORY, LAYOUT, ON, SHEET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.database.connections import Connections
    from bot.database.history import PastSearch
    from bot.database.saved import SavedResult


class PersonalData:
    """Saved results, history, preferences, and all of it at once. `Database.personal` is one.

    Args:
        connections: the database.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def save(self, result: SavedResult) -> SavedResult | None:
        """Keep a result; return it, or what was kept of the same picture before, or None beyond `MAX_SAVED`."""
        async with self._connections.writing() as connection:
            return await saved.insert_saved(connection, result)

    async def saved(self, user_id: int, guild_id: int) -> list[SavedResult]:
        """Read what a person saved in a server, newest first."""
        async with self._connections.reading() as connection:
            return await saved.read_saved(connection, user_id, guild_id)

    async def has_saved(self, user_id: int, guild_id: int, sha256: str) -> bool:
        """Whether a person has saved a picture in a server."""
        async with self._connections.reading() as connection:
            return await saved.has_saved(connection, user_id, guild_id, sha256)

    async def remove_saved(self, user_id: int, guild_id: int, ids: Sequence[int]) -> int:
        """Delete some of what a person saved in a server, and say how many they were."""
        async with self._connections.writing() as connection:
            return await saved.delete_saved(connection, user_id, guild_id, ids)

    async def keeps_history(self, user_id: int) -> bool:
        """Whether a person wants a history."""
        async with self._connections.reading() as connection:
            return await preferences.read_preference(connection, user_id, HISTORY) == ON

    async def keep_history(self, user_id: int, *, on: bool) -> int:
        """Begin a person's history, or end it and delete it in all servers; say how many searches were deleted."""
        async with self._connections.writing() as connection:
            await preferences.write_preference(connection, user_id, HISTORY, ON if on else None)
            return 0 if on else await history.delete_history(connection, user_id)

    async def layout(self, user_id: int) -> str | None:
        """Say how a person wants pictures laid out: `SHEET`, or None for one by one."""
        async with self._connections.glancing() as connection:
            return await preferences.read_preference(connection, user_id, LAYOUT)

    async def lay_out(self, user_id: int, *, on_sheet: bool) -> None:
        """Remember how a person wants pictures laid out."""
        async with self._connections.writing() as connection:
            await preferences.write_preference(connection, user_id, LAYOUT, SHEET if on_sheet else None)

    async def history(self, user_id: int, guild_id: int, limit: int, offset: int = 0) -> list[PastSearch]:
        """Read a person's history in a server, newest first."""
        async with self._connections.reading() as connection:
            return await history.read_history(connection, user_id, guild_id, limit, offset)

    async def past_search(self, user_id: int, guild_id: int, number: int) -> PastSearch | None:
        """Find one of a person's own searches by its number."""
        async with self._connections.reading() as connection:
            return await history.find_past(connection, user_id, guild_id, number)

    async def clear_history(self, user_id: int, guild_id: int) -> int:
        """Delete a person's history in a server, and say how many searches it held."""
        async with self._connections.writing() as connection:
            return await history.delete_history(connection, user_id, guild_id)

    async def all_of(self, user_id: int) -> dict[str, list[dict[str, Any]]]:
        """Read all that is kept of a person in all servers, by table."""
        async with self._connections.reading() as connection:
            return await traces.read_traces(connection, user_id)

    async def erase(self, user_id: int) -> dict[str, int]:
        """Delete a person's data in all servers, from every table and from the file beneath.

        Returns:
            How many rows of each table went, or lost the person.
        """
        async with self._connections.writing() as connection:
            gone = await traces.erase_traces(connection, user_id)
        await self._connections.scrub()
        return gone
