"""A reply ready to be sent: nine pictures for a prompt, as the bot makes it; the network is left out.

Held against the query alone in the same process, the two in turn.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.bench import OURS, Bench, Figures, Goal, Line
from benchmarks.indexes import PLANTED, index_directory
from benchmarks.prompts import prompts
from benchmarks.timing import WARM_UP

if TYPE_CHECKING:
    import discord

LINE = Line(
    name="reply",
    what="reply ready to send, nine pictures",
    unit="ms",
    columns=("ours",),
    goals=(Goal(1.5, OURS, of="query_ms"),),
    on_gpu=("ours",),
)


class Nowhere:
    """Takes a message that is ready to be sent, and counts its pictures."""

    file_limit = 10 * 1024 * 1024

    def __init__(self) -> None:
        self.pictures = 0

    async def send_layout(self, view: discord.ui.LayoutView, files: list[discord.File]) -> None:
        """What Discord would get: components as JSON, and files."""
        view.to_components()  # type: ignore[no-untyped-call]
        self.pictures += len(files)

    async def send_plain(self, words: discord.Embed, view: discord.ui.View, files: list[discord.File]) -> None:
        """Never needed: nothing refuses the first form."""
        raise AssertionError("The layout was refused.")


def prepare(bench: Bench) -> None:
    """Make the index."""
    index_directory(bench, bench.sizes.rows)


def ours(bench: Bench) -> Figures:
    """Desk, gallery and delivery of the bot, with a database on disk."""
    return asyncio.run(_replies(bench))


async def _replies(bench: Bench) -> Figures:
    from bot.database import Database
    from bot.delivery import deliver
    from bot.desk import Asker, Desk
    from search_core import FilterSet, Query, SearchEngine

    outlet, asker = Nowhere(), Asker(1, 2, 3)
    count = min(bench.sizes.queries, PLANTED - WARM_UP)
    path = index_directory(bench, bench.sizes.rows)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bot.db'}"
        async with SearchEngine.open(path, device=bench.device) as engine, Database(url) as database:
            desk = Desk(engine, database)
            query, reply = [], []
            # Each prompt is asked once, and its neighbour alone, so that neither profits from the other.
            for alone, whole in zip(prompts(count + WARM_UP, PLANTED), prompts(count + WARM_UP), strict=True):
                started = perf_counter()
                await engine.search(Query(text=alone), FilterSet.empty())
                between = perf_counter()
                await deliver(outlet, await desk.ask_text(asker, whole))
                query.append(between - started)
                reply.append(perf_counter() - between)
    return {
        "value": 1000 * median(reply[WARM_UP:]),
        "query_ms": 1000 * median(query[WARM_UP:]),
        "pictures_each": outlet.pictures / len(reply),
    }
