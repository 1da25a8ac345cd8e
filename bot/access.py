"""Who may do what: the one place that commands, menus, buttons, selects, modals and the watcher all ask.

It fails closed: where there is no server id, or one that is not on the list, there is no answer at all.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Collection

from search_core import VignetteError

WINDOW_SECONDS = 60.0
"""People type for some ten seconds between searches; a minute evens out a burst of page turning."""

MAX_TRACKED = 10_000
"""Idle people are forgotten beyond this many, so that the limiter cannot grow without bound."""


class NotServedError(VignetteError):
    """The request comes from a place that is not served. It is not even acknowledged."""


class TooFastError(VignetteError):
    """One person asks too often. The message says when to come again."""


class ClosingError(VignetteError):
    """The bot is shutting down and takes no more work."""


class RateLimiter:
    """At most so many requests a person within a sliding window.

    Args:
        per_window: requests within `WINDOW_SECONDS`.
        now: a monotonic clock in seconds.
    """

    def __init__(self, per_window: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_window = per_window
        self._now = now
        self._times: dict[int, deque[float]] = {}

    def take(self, user_id: int) -> float:
        """Take one request; return 0.0, or the seconds to wait if there is none left."""
        now = self._now()
        times = self._recent(user_id, now)
        if len(times) >= self._per_window:
            return times[0] + WINDOW_SECONDS - now
        times.append(now)
        return 0.0

    def _recent(self, user_id: int, now: float) -> deque[float]:
        if len(self._times) > MAX_TRACKED:
            self._forget_idle(now)
        times = self._times.setdefault(user_id, deque())
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        return times

    def _forget_idle(self, now: float) -> None:
        cut = now - WINDOW_SECONDS
        self._times = {user: times for user, times in self._times.items() if times and times[-1] > cut}


class Access:
    """The rules of the door.

    Args:
        guild_ids: the servers that are served.
        limiter: how often one person may ask.
    """

    def __init__(self, guild_ids: Collection[int], limiter: RateLimiter) -> None:
        self.guild_ids = frozenset(guild_ids)
        self._limiter = limiter

    def serves(self, guild_id: int | None) -> bool:
        """Whether this server is on the list. A direct message has no server."""
        return guild_id is not None and guild_id in self.guild_ids

    def admit(self, guild_id: int | None, user_id: int) -> None:
        """Let one request in.

        Raises:
            NotServedError: if the place is not served; say nothing.
            TooFastError: if the person asks too often; the message says when to come again.
        """
        if not self.serves(guild_id):
            raise NotServedError(f"Server {guild_id} is not on the list VIGNETTE_GUILD_IDS.")
        if (wait := self._limiter.take(user_id)) > 0:
            raise TooFastError(f"That was a lot at once. Ask again in {math.ceil(wait)} s.")
