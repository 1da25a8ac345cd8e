"""What the commands and buttons work with, joined once in `app` and carried by the client."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from bot import texts
from bot.workload import Workload
from search_core import ClosedError

if TYPE_CHECKING:
    from types import TracebackType

    from bot.access import Access
    from bot.browsing import Browsing
    from bot.database import Database
    from bot.desk import Desk
    from bot.keeping.shelf import Shelf
    from bot.moderation.book import RuleBook
    from bot.moderation.hiding import Hiding
    from bot.moderation.reports import Reports
    from search_core import SearchEngine


@dataclass(slots=True)
class Services:
    """The parts of the running bot.

    `async with` opens the database, which takes a moment, and closes database and engine. `load` opens the engine,
    which takes many seconds, so that the bot is online before; `ready` waits for that.
    """

    engine: SearchEngine
    database: Database
    access: Access
    desk: Desk
    book: RuleBook
    reports: Reports
    hiding: Hiding
    browsing: Browsing
    shelf: Shelf
    work: Workload = field(default_factory=Workload)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)
    _tried: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.database)
            stack.push_async_callback(self.engine.close)
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def load(self) -> None:
        """Load model and index. Cancel it to leave at once.

        Raises:
            StoreError, ManifestMismatch, EncoderError: as opening the engine does.
        """
        try:
            await self.engine.__aenter__()
        finally:
            self._tried.set()

    async def ready(self) -> None:
        """Wait until model and index are loaded.

        Raises:
            ClosedError: if they could not be, or the bot leaves.
        """
        if not self.engine.is_open:
            await self._tried.wait()
        if not self.engine.is_open:
            raise ClosedError(texts.NOT_LOADED)
