"""`Database`: one door to the tables, one transaction a call, and never a wait on the event loop."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from bot.database import (
    audit,
    guild_settings,
    history,
    notes,
    refusals,
    reports,
    requests,
    rules,
    searches,
    snapshots,
    undo,
)
from bot.database.audit import Actor
from bot.database.changes import Change, begin_change
from bot.database.connections import Connections
from bot.database.errors import ConflictError, DatabaseBusy, DatabaseFailed
from bot.database.migrate import migrate, read_version
from bot.database.personal import PersonalData
from bot.database.searches import KEPT_SECONDS
from search_core.errors import StoreError

if TYPE_CHECKING:
    from types import TracebackType

    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.database.audit import AuditEntry
    from bot.database.guild_settings import GuildSettings
    from bot.database.refusals import Refusal
    from bot.database.reports import Report, ReportState
    from bot.database.searches import SavedSearch
    from bot.database.snapshots import Snapshot
    from search_core.filters.rules import Rule

FORGET_EVERY_SECONDS = 60.0
"""Between two looks for what has expired, which take as long as keeping a search; nobody is shown it in between."""

NOBODY = Actor(0, "terminal")
"""Who makes a change that is rolled back."""


class Database:
    """The bot's memory. `async with` opens it, migrates it, forgets what has expired, and closes it.

    Each method is one transaction. Those that change what moderators decide write the change, its audit entry and the
    server's next revision together; they raise `ConflictError` and its kin (`errors`) where they cannot.

    Args:
        url: `sqlite:///FILE` or `postgresql://...`.

    Raises:
        SettingsError: if the URL cannot be used.
        StoreError: on entering, if the database cannot be opened or written, or a newer release wrote it; from any
            method, if the database fails.
    """

    def __init__(self, url: str) -> None:
        self._connections = Connections(url)
        self._engine = self._connections.engine
        self.personal = PersonalData(self._connections)
        self._forgotten_at = 0.0

    async def __aenter__(self) -> Self:
        try:
            await migrate(self._connections)
            async with self._connections.writing() as connection:
                await self._forget_expired(connection)
        except BaseException as error:
            await self._connections.close()
            if isinstance(error, DatabaseFailed) and not isinstance(error, DatabaseBusy):
                raise StoreError(
                    f"The database {self._connections.name} cannot be opened for writing ({error.kind}). "
                    "Check DATABASE_URL, and that its folder or server is there and may be written."
                ) from None
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.close()

    # --- what moderators decide ---------------------------------------------------------------------------------

    async def revision(self, guild_id: int) -> int:
        """Read a server's revision, which goes up with each change; 0 where nothing was ever changed."""
        async with self._connections.glancing() as connection:
            return await snapshots.read_revision(connection, guild_id)

    async def snapshot(self, guild_id: int) -> Snapshot:
        """Read a server's rules and settings as of one moment.

        Raises:
            StoreError: if any of it cannot be read: nothing is searched under rules that are not known.
        """
        async with self._connections.reading() as connection:
            return await snapshots.read_snapshot(connection, guild_id)

    async def add_rules(self, guild_id: int, new: Iterable[Rule], actor: Actor) -> tuple[Rule, ...]:
        """Add rules, all or none, and return them with their numbers.

        Raises:
            DuplicateRule: if the server has one with the same key, or two of the new ones share it.
        """
        async with self._changing(guild_id, actor) as change:
            return await rules.add_rules(change, new)

    async def edit_rule(self, guild_id: int, rule: Rule, actor: Actor, reason: str = "") -> Rule:
        """Write a rule in place of the one with its number and version, and return it with its new version.

        Raises:
            ConflictError: if it has been written or removed since.
            DuplicateRule: if it says now what another one says.
        """
        async with self._changing(guild_id, actor) as change:
            return await rules.edit_rule(change, rule, reason)

    async def remove_rule(self, guild_id: int, rule_id: int, actor: Actor, reason: str = "") -> Rule | None:
        """Remove a rule, and return what it was; None if nobody can read it, which is why it had to go.

        Raises:
            ConflictError: if there is none of that number.
        """
        async with self._changing(guild_id, actor) as change:
            return await rules.remove_rule(change, rule_id, reason)

    async def change_settings(self, guild_id: int, new: GuildSettings, actor: Actor, reason: str = "") -> GuildSettings:
        """Write a server's settings in place of those with the same version, and return them with the new version.

        Raises:
            ConflictError: if they have been written since.
        """
        async with self._changing(guild_id, actor) as change:
            await guild_settings.write_settings(change, new, reason)
        return replace(new, version=new.version + 1)

    async def undo(self, guild_id: int, actor: Actor, entry: int = 0) -> tuple[AuditEntry, ...]:
        """Reverse the last change to rules or settings that was not undone, and return the entries this made.

        Args:
            guild_id: whose change.
            actor: who undoes it.
            entry: the newest entry of the change that is meant (`next_undo`); 0 means whichever is the last.

        Raises:
            UndoError: if there is none, it is not the one that is meant, or it no longer fits what is there.
        """
        async with self._changing(guild_id, actor) as change:
            return await undo.undo_last(change, entry)

    async def next_undo(self, guild_id: int) -> list[AuditEntry]:
        """Read the entries that an undo would reverse now, newest first.

        Raises:
            UndoError: if there is none.
        """
        async with self._connections.reading() as connection:
            return await undo.last_entries(connection, guild_id)

    async def rules_after_undo(self, guild_id: int, entry: int) -> tuple[Rule, ...]:
        """Say which rules there would be after an undo: it is made, looked at, and rolled back.

        Raises:
            UndoError: as `undo` does.
            StoreError: if the rules cannot be read.
        """
        async with self._connections.writing() as connection:
            await undo.undo_last(await begin_change(connection, guild_id, NOBODY), entry)
            found = await rules.read_rules(connection, guild_id)
            await connection.rollback()
        return found

    async def audit(
        self,
        guild_id: int,
        *,
        user: int | None = None,
        rule: int | None = None,
        since: int | None = None,
        before_id: int | None = None,
        limit: int = 20,
    ) -> list[AuditEntry]:
        """Read a server's audit entries, newest first; each argument that is given narrows them.

        Args:
            user: who acted.
            rule: the rule that was written or removed.
            since: seconds since 1970.
            before_id: only older entries than this one, for the next page.
            limit: how many at most.
        """
        async with self._connections.reading() as connection:
            return await audit.read_entries(
                connection, guild_id, user=user, rule=rule, since=since, before_id=before_id, limit=limit
            )

    # --- reports and refusals -----------------------------------------------------------------------------------

    async def open_report(self, report: Report) -> Report:
        """Store a report, and return it with its number."""
        async with self._connections.writing() as connection:
            return await reports.insert_report(connection, report)

    async def set_report_card(self, guild_id: int, report_id: int, channel_id: int, message_id: int) -> None:
        """Remember where a report's card is."""
        async with self._connections.writing() as connection:
            await reports.set_card(connection, guild_id, report_id, channel_id, message_id)

    async def find_report(self, guild_id: int, report_id: int) -> Report | None:
        """Find a server's report by its number; those of other servers are not found."""
        async with self._connections.reading() as connection:
            return await reports.find_report(connection, guild_id, report_id)

    async def recent_reports(
        self, guild_id: int, *, state: ReportState | None = None, sha256: str | None = None, limit: int = 20
    ) -> list[Report]:
        """Read a server's reports, newest first; each argument that is given narrows them."""
        async with self._connections.reading() as connection:
            return await reports.read_reports(connection, guild_id, state=state, sha256=sha256, limit=limit)

    async def report_times(self, reporter_id: int, since: int) -> tuple[int, ...]:
        """Say when a person reported since a second, oldest first, over all servers."""
        async with self._connections.reading() as connection:
            return await reports.read_times(connection, reporter_id, since)

    async def resolve_report(
        self, guild_id: int, report_id: int, outcome: ReportState, actor: Actor, new: Iterable[Rule] = ()
    ) -> bool:
        """Decide on a report, once.

        Args:
            guild_id: whose report it is; a report of another server is not touched.
            report_id: its number.
            outcome: what became of it.
            actor: who decided.
            new: rules that carry the decision out, in the same transaction. One that has the same key as another
                rule of the server takes its place.

        Returns:
            True for the first who decides, False for everybody else.
        """
        try:
            async with self._changing(guild_id, actor) as change:
                await reports.resolve_report(change, report_id, outcome)
                await rules.enforce_rules(change, new)
        except ConflictError:
            return False
        return True

    async def save_refusal(self, refusal: Refusal) -> None:
        """Keep a refusal for `KEPT_SECONDS`."""
        async with self._connections.writing() as connection:
            await refusals.insert_refusal(connection, refusal)

    async def recent_refusals(self, guild_id: int, *, user: int | None = None, limit: int = 100) -> list[Refusal]:
        """Read a server's refusals, newest first."""
        async with self._connections.reading() as connection:
            return await refusals.read_refusals(connection, guild_id, _expiry(), user, limit)

    async def recent_requests(self, user_id: int, since: int) -> tuple[int, ...]:
        """Say when a person asked, was refused or reported since a second, oldest first, over all servers."""
        async with self._connections.reading() as connection:
            return await requests.read_times(connection, user_id, since)

    async def recent_requests_in(self, guild_id: int, since: int) -> tuple[int, ...]:
        """Say when anybody in a server asked, was refused or reported since a second, oldest first."""
        async with self._connections.reading() as connection:
            return await requests.read_times_in(connection, guild_id, since)

    async def migration(self) -> str | None:
        """Say at which step of the migrations the database is; once it is open, the newest."""
        async with self._connections.reading() as connection:
            return await connection.run_sync(read_version)

    # --- searches and notes -------------------------------------------------------------------------------------

    async def save_search(self, search: SavedSearch) -> None:
        """Keep a search for `KEPT_SECONDS`, and in its asker's history if they want one; forget what is older."""
        async with self._connections.writing() as connection:
            if time.monotonic() - self._forgotten_at > FORGET_EVERY_SECONDS:
                await self._forget_expired(connection)
            await searches.insert_search(connection, search)
            await history.remember(connection, search)

    async def find_search(self, search_id: str) -> SavedSearch | None:
        """Find a search by its id, or None if it is unknown or expired."""
        async with self._connections.reading() as connection:
            found = await searches.find_search(connection, search_id)
        return found if found is not None and found.created >= _expiry() else None

    async def recent_searches(self, guild_id: int, limit: int = 100) -> list[SavedSearch]:
        """Read a server's searches, newest first."""
        async with self._connections.reading() as connection:
            return await searches.read_searches(connection, guild_id, _expiry(), limit)

    async def read_note(self, name: str) -> str | None:
        """Read a note, or None if there is none of that name."""
        async with self._connections.reading() as connection:
            return await notes.read_note(connection, name)

    async def write_note(self, name: str, value: str) -> None:
        """Write a note in place of the one of that name."""
        async with self._connections.writing() as connection:
            await notes.write_note(connection, name, value)

    async def take_note(self, name: str, value: str) -> bool:
        """Delete a note if it still says this, and say whether it did: of two who take it, one is told so."""
        async with self._connections.writing() as connection:
            return await notes.take_note(connection, name, value)

    async def _forget_expired(self, connection: AsyncConnection) -> None:
        expiry = _expiry()
        await searches.delete_older(connection, expiry)
        await refusals.delete_older(connection, expiry)
        await reports.forget_prompts(connection, expiry)
        self._forgotten_at = time.monotonic()

    @asynccontextmanager
    async def _changing(self, guild_id: int, actor: Actor) -> AsyncIterator[Change]:
        async with self._connections.writing() as connection:
            yield await begin_change(connection, guild_id, actor)


def _expiry() -> int:
    return int(time.time()) - KEPT_SECONDS
