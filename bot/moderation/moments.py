"""How far back somebody wants to look, as they type it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bot.texts import moderation as texts
from search_core import QueryError

MAX_DAYS = 36_500
DAY_SECONDS = 24 * 60 * 60


def moment_of(written: str, now: float | None = None) -> int:
    """Read how far back: days before now, or a date (midnight, UTC); in seconds since 1970.

    Raises:
        QueryError: if it is neither.
    """
    written = written.strip()
    if written.isascii() and written.isdigit() and int(written) <= MAX_DAYS:
        return max(1, int((time.time() if now is None else now) - int(written) * DAY_SECONDS))
    try:
        return max(1, int(datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()))
    except ValueError:
        raise QueryError(texts.NOT_A_TIME) from None
