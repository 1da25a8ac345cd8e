"""What the commands and buttons work with, joined once in `app` and carried by the client."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from bot.workload import Workload

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
    """The parts of the running bot. `async with` opens database and engine, and closes them again."""

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

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.database)
            await stack.enter_async_context(self.engine)
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()
