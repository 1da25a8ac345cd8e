"""Requests in flight: counted, so that a shutdown can refuse new ones and let the others finish."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot import texts
from bot.access import ClosingError


class Workload:
    """How many requests are being answered, and whether further ones are taken."""

    def __init__(self) -> None:
        self._running = 0
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def request(self) -> Iterator[None]:
        """Count one request while it is answered.

        Raises:
            ClosingError: after `close`.
        """
        if self._closed:
            raise ClosingError(texts.CLOSED)
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    def close(self) -> None:
        """Take no more requests."""
        self._closed = True

    async def drained(self, seconds: float) -> bool:
        """Wait until nothing is being answered; False if that took longer."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True
