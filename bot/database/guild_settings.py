"""What a server's moderators have set: roles, channels, and where they want to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import select, update

from bot.database.audit import AuditAction
from bot.database.errors import ConflictError
from bot.database.tables import guilds
from search_core.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.database.audit import AuditEntry
    from bot.database.changes import Change

SERVER = 0
"""In place of a channel's id: what holds wherever a channel says nothing else. No channel of Discord has this id."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What holds in a channel; None takes what holds in the server.

    Attributes:
        allowed: whether the bot answers there at all.
        private: whether answers are shown to the asker alone unless asked otherwise.
        max_count: most pictures on a page, or None for no other limit than the bot's own.
        spoilers: whether all pictures are shown under a spoiler.
        watch: whether pictures that are posted there get answered without being asked.
    """

    allowed: bool | None = None
    private: bool | None = None
    max_count: int | None = None
    spoilers: bool | None = None
    watch: bool | None = None

    def over(self, other: Self) -> ChannelSettings:
        """Lay these over others: what is None here is taken from there."""
        pairs = ((name.name, getattr(self, name.name), getattr(other, name.name)) for name in fields(self))
        return ChannelSettings(**{name: theirs if mine is None else mine for name, mine, theirs in pairs})


UNSET = ChannelSettings(allowed=True, private=False, spoilers=False, watch=False)
"""What holds where nobody has set anything."""


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """One server's settings.

    Attributes:
        moderator_roles: roles whose members moderate, besides those who manage the server.
        allowed_roles: roles whose members may use the bot; none means everybody.
        moderators_channel: where refusals and reports are told, or None.
        channels: by channel id; `SERVER` holds what holds everywhere else.
        version: how often they were written; 0 before the first time.
    """

    guild_id: int
    moderator_roles: frozenset[int] = frozenset()
    allowed_roles: frozenset[int] = frozenset()
    moderators_channel: int | None = None
    channels: Mapping[int, ChannelSettings] = field(default_factory=lambda: MappingProxyType({}))
    version: int = 0

    def of(self, channel_id: int) -> ChannelSettings:
        """Say what holds in a channel, with nothing left open but `max_count`."""
        mine, servers = self.channels.get(channel_id, ChannelSettings()), self.channels.get(SERVER, ChannelSettings())
        return mine.over(servers).over(UNSET)

    def to_dict(self) -> dict[str, Any]:
        """Write them as plain JSON values, without server and version."""
        return {
            "moderator_roles": sorted(self.moderator_roles),
            "allowed_roles": sorted(self.allowed_roles),
            "moderators_channel": self.moderators_channel,
            "channels": {str(channel): asdict(each) for channel, each in sorted(self.channels.items())},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], guild_id: int, version: int = 0) -> Self:
        """Read what `to_dict` wrote.

        Raises:
            StoreError: if it is not that.
        """
        try:
            channel = values["moderators_channel"]
            return cls(
                guild_id,
                frozenset(map(int, values["moderator_roles"])),
                frozenset(map(int, values["allowed_roles"])),
                None if channel is None else int(channel),
                MappingProxyType({int(key): ChannelSettings(**each) for key, each in values["channels"].items()}),
                version,
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise StoreError(f"The settings of server {guild_id} cannot be read. Run: vignette db check") from None


async def write_settings(change: Change, new: GuildSettings, reason: str = "", undoes: int | None = None) -> AuditEntry:
    """Write a server's settings in place of those with the same version; the next version is one more.

    Raises:
        ConflictError: if they have been written since.
    """
    row = await read_row(change.connection, change.guild_id)
    assert row is not None, "begin_change has written it"
    if row.settings_version != new.version:
        raise ConflictError("Somebody else changed the settings first. Look at them again, then decide.")
    before, after = settings_of(change.guild_id, row).to_dict(), new.to_dict()
    written = (
        update(guilds).where(guilds.c.id == change.guild_id).values(settings=after, settings_version=new.version + 1)
    )
    return await change.write(
        written.returning(guilds.c.id),
        AuditAction.CHANGE_SETTINGS,
        before=before,
        after=after,
        reason=reason,
        undoes=undoes,
    )


async def read_row(connection: AsyncConnection, guild_id: int) -> Row[Any] | None:
    """Read a server's row, or None if nobody has changed anything there."""
    return (await connection.execute(select(guilds).where(guilds.c.id == guild_id))).one_or_none()


def settings_of(guild_id: int, row: Row[Any] | None) -> GuildSettings:
    """Read the settings in a server's row.

    Raises:
        StoreError: if they cannot be read.
    """
    if row is None or row.settings is None:
        return GuildSettings(guild_id, version=0 if row is None else row.settings_version)
    return GuildSettings.from_dict(row.settings, guild_id, row.settings_version)
