"""What the rules refused: kept for the moderators, who are told of it at most once a minute for each person."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from bot.database import Refusal

if TYPE_CHECKING:
    from bot.access import Visitor
    from bot.database import Database
    from search_core import RefusedError

logger = logging.getLogger(__name__)

QUIET_SECONDS = 60
"""One notice a minute for each person: somebody who tries fifty spellings must not bury the channel."""

Tell: TypeAlias = Callable[[Refusal], Awaitable[None]]


class Refusals:
    """Keeps what was refused, and tells of it.

    Args:
        database: where refusals are kept.
        tell: tells the moderators of one; None tells nobody.
    """

    def __init__(self, database: Database, tell: Tell | None = None) -> None:
        self._database = database
        self.tell = tell
        self._telling: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    async def note(self, visitor: Visitor, refused: RefusedError, prompt: str | None) -> None:
        """Keep a refusal with the prompt, if there was one, and tell the moderators unless they just were."""
        refusal = Refusal(
            guild_id=visitor.guild_id,
            channel_id=visitor.channel_id,
            user_id=visitor.user_id,
            at=int(time.time()),
            prompt=prompt,
            rule_ids=tuple(match.rule.id for match in refused.matches),
            views=tuple(match.view for match in refused.matches),
        )
        _log(refusal)
        await self._database.save_refusal(refusal)
        if self.tell is not None and await self._is_due(refusal):
            # Beside the answer: the person is told within Discord's three seconds, however slow the channel is.
            task = asyncio.ensure_future(self.tell(refusal))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _is_due(self, refusal: Refusal) -> bool:
        """Whether the last notice of this person is long enough ago; a restart does not reset that."""
        name = f"refusal-notice:{refusal.guild_id}:{refusal.user_id}"
        async with self._turn:
            last = await self._database.read_note(name)
            if last is not None and refusal.at - int(last) < QUIET_SECONDS:
                return False
            await self._database.write_note(name, str(refusal.at))
            return True


def _log(refusal: Refusal) -> None:
    """Write one line: who, where, which rules by which view; neither prompt nor pattern."""
    matched = ",".join(f"{rule}/{view}" for rule, view in zip(refusal.rule_ids, refusal.views, strict=True))
    logger.info(
        "refused rules=%s guild=%d channel=%d user=%d",
        matched or "-", refusal.guild_id, refusal.channel_id, refusal.user_id,
    )  # fmt: skip
