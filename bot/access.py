"""Who may do what: the one place that commands, completions, menus, modals, buttons, selects and the watcher all ask.

It fails closed: where there is no server id, or one that is not on the list, there is no answer at all; where the
rules and settings cannot be read, nobody is let in.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import discord

from bot import texts
from search_core import VignetteError

if TYPE_CHECKING:
    from bot.database import ChannelSettings, Database
    from bot.moderation.book import Edition, RuleBook

WINDOW_SECONDS = 60.0
"""People type for some ten seconds between searches; a minute evens out a burst of page turning."""

PAGE_SIZE = 9
"""Discord lays out up to nine pictures as a square of three by three."""

MAX_COUNT = 10
"""Discord's limit for the pictures of a gallery, and for the files of a message."""

MAX_TRACKED = 10_000
"""Idle people are forgotten beyond this many, so that the limiter cannot grow without bound."""


class NotServedError(VignetteError):
    """The request comes from a server that is not served. It is not even acknowledged."""


class DeniedError(VignetteError):
    """This person may not do that here. The message says so and no more."""


class TooFastError(VignetteError):
    """One person asks too often, or a whole server. The message says which, and when to come again."""


class ClosingError(VignetteError):
    """The bot is shutting down and takes no more work."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, and where.

    Attributes:
        user_id: the person.
        guild_id: the server; 0 in a direct message.
        channel_id: the channel; of a thread, the channel that it hangs on; 0 where Discord does not tell.
        role_ids: the person's roles there.
        manages: whether Discord lets the person manage the server.
    """

    user_id: int
    guild_id: int
    channel_id: int
    role_ids: frozenset[int] = frozenset()
    manages: bool = False


def visitor_of(
    user: discord.User | discord.Member, guild_id: int | None, channel: object, permissions: discord.Permissions
) -> Visitor:
    """Say who asks, and where.

    Args:
        user: the person.
        guild_id: the server, or None in a direct message.
        channel: a channel or thread, or whatever stands for one that Discord has not told of.
        permissions: what the person may do there.
    """
    roles = frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset()
    manages = permissions.manage_guild or permissions.administrator
    return Visitor(user.id, guild_id or 0, _place_of(channel), roles, manages)


def _place_of(channel: object) -> int:
    """The channel whose settings hold. A thread that is not known could hang on any, so it is none."""
    if isinstance(channel, discord.Thread):
        return channel.parent_id
    return channel.id if isinstance(channel, discord.abc.GuildChannel) else 0


def visitor_in(interaction: discord.Interaction[Any]) -> Visitor:
    """Say who is behind an interaction, and where."""
    return visitor_of(interaction.user, interaction.guild_id, interaction.channel, interaction.permissions)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a visitor who was let in.

    Attributes:
        visitor: who it is.
        moderator: whether they moderate.
        channel: the settings of the place, the server's defaults filled in.
    """

    visitor: Visitor
    moderator: bool
    channel: ChannelSettings

    def page_size(self, wanted: int = PAGE_SIZE) -> int:
        """How many pictures a page may have here."""
        return min(wanted, self.channel.max_count or MAX_COUNT)

    @property
    def openly(self) -> Standing:
        """The same, for an answer that everybody in the channel reads: no role spares it a rule."""
        return replace(self, visitor=replace(self.visitor, role_ids=frozenset()))


class RateLimiter:
    """At most so many requests a person, or a server, within a sliding window.

    Args:
        per_window: requests within `WINDOW_SECONDS`.
        now: a monotonic clock in seconds.
    """

    def __init__(self, per_window: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_window = per_window
        self._now = now
        self._times: dict[int, deque[float]] = {}

    def knows(self, who: int) -> bool:
        """Whether they have asked since the start, or lately."""
        return who in self._times

    def remember(self, who: int, ages: Iterable[float]) -> None:
        """Count their earlier requests, by their age in seconds: those from before a restart."""
        now = self._now()
        self._times[who] = deque(sorted(now - age for age in ages))

    def wait(self, who: int) -> float:
        """Say how many seconds they have to wait for their next request, 0.0 if none; nothing is counted."""
        now = self._now()
        times = self._recent(who, now)
        return times[-self._per_window] + WINDOW_SECONDS - now if len(times) >= self._per_window else 0.0

    def take(self, who: int) -> float:
        """Take one request; return 0.0, or the seconds to wait if there is none left."""
        if (wait := self.wait(who)) > 0:
            return wait
        self._times[who].append(self._now())
        return 0.0

    def _recent(self, who: int, now: float) -> deque[float]:
        if len(self._times) > MAX_TRACKED:
            self._forget_idle(now)
        times = self._times.setdefault(who, deque())
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        return times

    def _forget_idle(self, now: float) -> None:
        cut = now - WINDOW_SECONDS
        self._times = {who: times for who, times in self._times.items() if times and times[-1] > cut}


class Access:
    """The rules of the door.

    Args:
        guild_ids: the servers that are served.
        limiter: how often one person may ask.
        server_limiter: how often all the people of one server may ask together.
        book: the rules and settings that hold now.
        database: where earlier requests are looked up after a restart.
    """

    def __init__(
        self,
        guild_ids: Collection[int],
        limiter: RateLimiter,
        server_limiter: RateLimiter,
        book: RuleBook,
        database: Database,
    ) -> None:
        self.guild_ids = frozenset(guild_ids)
        self._limiter = limiter
        self._server_limiter = server_limiter
        self._told = RateLimiter(1)
        self._book = book
        self._database = database

    def serves(self, guild_id: int | None) -> bool:
        """Whether this server is on the list. A direct message has no server."""
        return guild_id is not None and guild_id in self.guild_ids

    async def admit(
        self, visitor: Visitor, *, moderator: bool = False, own_data: bool = False, shared: bool = True
    ) -> Standing:
        """Let one request in.

        Args:
            visitor: who asks, and where.
            moderator: whether this is for moderators only.
            own_data: whether this is about what is kept of the visitor, and nothing else.
            shared: whether this takes of what all the people of the server may ask together.

        Raises:
            NotServedError: if the server is not served; say nothing.
            DeniedError: if this person may not do that here; the message may be shown to them.
            TooFastError: if the person or the server asks too often; the message says when to come again.
        """
        if visitor.guild_id == 0 and not self.tells(visitor.user_id):
            raise NotServedError("They were told within the last minute that direct messages are not answered.")
        standing = await self.standing(visitor, moderator=moderator, own_data=own_data)
        await self._count(visitor, shared=shared and not (moderator or own_data))
        return standing

    def tells(self, user_id: int) -> bool:
        """Whether to tell a person, where no private answer is possible, that the door is closed: once a minute."""
        return self._told.take(user_id) == 0

    async def standing(self, visitor: Visitor, *, moderator: bool = False, own_data: bool = False) -> Standing:
        """Say what holds for a visitor, without counting a request; for completions. Raises what `admit` does.

        A ban, a missing role or a closed channel keeps people from searching, and nobody from their own data.
        """
        if visitor.guild_id == 0:
            raise DeniedError(texts.NO_DIRECT_MESSAGES)
        if not self.serves(visitor.guild_id):
            raise NotServedError(f"Server {visitor.guild_id} is not on the list VIGNETTE_GUILD_IDS.")
        edition = await self._book.edition(visitor.guild_id)
        if not own_data:
            _check(visitor, edition, moderator=moderator)
        return _standing(visitor, edition)

    async def _count(self, visitor: Visitor, *, shared: bool) -> None:
        """Count one request, against the person first: what that refuses takes nothing of the server's share.

        What the server's share refuses does not count against the person. Moderating is part of no share: whoever
        can end a flood must get through it. Nor is asking for one's own data: who may not search takes nothing from
        those who may.
        """
        user_id, guild_id = visitor.user_id, visitor.guild_id
        database = self._database
        await _recall(self._limiter, user_id, database.recent_requests)
        await _recall(self._server_limiter, guild_id, database.recent_requests_in)
        if (wait := self._limiter.wait(user_id)) > 0:
            raise TooFastError(texts.TOO_FAST.format(seconds=math.ceil(wait)))
        if shared and (wait := self._server_limiter.take(guild_id)) > 0:
            raise TooFastError(texts.SERVER_TOO_FAST.format(seconds=math.ceil(wait)))
        self._limiter.take(user_id)


async def _recall(limiter: RateLimiter, who: int, times_since: Callable[[int, int], Awaitable[Sequence[int]]]) -> None:
    """Have a limiter count what was asked before a restart, which must not hand out a fresh allowance."""
    if limiter.knows(who):
        return
    now = time.time()
    ages = [max(0.0, now - made) for made in await times_since(who, int(now - WINDOW_SECONDS))]
    if not limiter.knows(who):  # of several first requests at once, one does this
        limiter.remember(who, ages)


def _standing(visitor: Visitor, edition: Edition) -> Standing:
    settings = edition.settings
    moderates = visitor.manages or bool(settings.moderator_roles & visitor.role_ids)
    return Standing(visitor, moderates, settings.of(visitor.channel_id))


def _check(visitor: Visitor, edition: Edition, *, moderator: bool) -> None:
    standing, roles = _standing(visitor, edition), edition.settings.allowed_roles
    if moderator and not standing.moderator:
        raise DeniedError(texts.FOR_MODERATORS)
    if edition.bans(visitor) and not visitor.manages:  # who manages the server cannot be locked out of it
        raise DeniedError(texts.BANNED)
    if not standing.moderator and roles and not roles & visitor.role_ids:
        raise DeniedError(texts.ROLE_MISSING)
    if not moderator and not (standing.channel.allowed and visitor.channel_id):
        raise DeniedError(texts.NOT_IN_THIS_CHANNEL)
