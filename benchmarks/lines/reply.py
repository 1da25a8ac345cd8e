"""A reply ready to be sent: nine pictures for a prompt, as the bot makes it; the network is left out.

Held against the query alone in the same process, the two in turn.
"""

from __future__ import annotations

import asyncio
from statistics import median
from time import perf_counter

from benchmarks.bench import OURS, Bench, Figures, Goal, Line
from benchmarks.indexes import PLANTED, index_directory
from benchmarks.prompts import prompts
from benchmarks.room import open_room
from benchmarks.timing import WARM_UP

LINE = Line(
    name="reply",
    what="reply ready to send, nine pictures",
    unit="ms",
    columns=("ours",),
    goals=(Goal(1.5, OURS, of="query_ms"),),
    on_gpu=("ours",),
)


def prepare(bench: Bench) -> None:
    """Make the index."""
    index_directory(bench, bench.sizes.rows)


def ours(bench: Bench) -> Figures:
    """Door, desk, gallery and delivery of the bot, with a database on disk."""
    return asyncio.run(_replies(bench))


async def _replies(bench: Bench) -> Figures:
    from search_core import FilterSet, Query

    count = min(bench.sizes.queries, PLANTED - WARM_UP) + WARM_UP
    query, reply = [], []
    async with open_room(index_directory(bench, bench.sizes.rows), bench.device) as room:
        # Each prompt is asked once, and its neighbour alone, so that neither profits from the other.
        for alone, whole in zip(prompts(count, PLANTED), prompts(count), strict=True):
            started = perf_counter()
            await room.services.engine.search(Query(text=alone), FilterSet.empty())
            between = perf_counter()
            await room.ask(1, whole)
            query.append(between - started)
            reply.append(perf_counter() - between)
    return {
        "value": 1000 * median(reply[WARM_UP:]),
        "query_ms": 1000 * median(query[WARM_UP:]),
        "pictures_each": room.outlet.pictures / count,
    }
