"""How long the event loop stands still while users search and post pictures: the longest gap between two heartbeats."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from time import perf_counter

from benchmarks import bare
from benchmarks.bench import Bench, Figures, Goal, Line
from benchmarks.indexes import index_directory
from benchmarks.pictures import pictures
from benchmarks.prompts import prompts
from benchmarks.room import open_room

LINE = Line(
    name="event_loop",
    what="longest stall of the event loop, 50 users",
    unit="ms",
    columns=("ours", "bare_thread"),
    goals=(Goal(20, unit="ms"),),
    on_gpu=("ours", "bare_thread"),
)

BEAT = 0.001
"""Seconds between two heartbeats."""

PICTURES = 64
EVERY_THIRD = 3
_WORDS_AHEAD = 20
"""Prompts that each user has; they come round again after that."""


def prepare(bench: Bench) -> None:
    """Make the index."""
    index_directory(bench, bench.sizes.rows)


def ours(bench: Bench) -> Figures:
    """Door, desk and delivery of the bot; two users of three ask in words, the third posts pictures."""
    return asyncio.run(_watched(bench))


def bare_thread(bench: Bench) -> Figures:
    """The bare forward pass in a thread beside the loop, without pause: what any program here has to bear."""
    return asyncio.run(_beside_forward(bench))


async def _watched(bench: Bench) -> Figures:
    files, sizes = list(pictures(list(range(PICTURES)))), bench.sizes
    async with open_room(index_directory(bench, bench.sizes.rows), bench.device) as room:

        async def user(number: int) -> None:
            words = prompts(_WORDS_AHEAD, number * _WORDS_AHEAD)
            for turn in count():
                in_words = number % EVERY_THIRD
                await room.ask(number, words[turn % _WORDS_AHEAD] if in_words else files[(number + turn) % PICTURES])

        return await longest_stall([partial(user, number) for number in range(sizes.users)], sizes.seconds)


async def _beside_forward(bench: Bench) -> Figures:
    import torch

    model, pixels = bare.BareModel(bench), torch.randn(16, 3, 224, 224)

    async def compute() -> None:
        while True:
            await asyncio.to_thread(model.pictures, pixels)

    return await longest_stall([compute], bench.sizes.seconds)


async def longest_stall(work: list[Callable[[], Awaitable[None]]], seconds: float) -> Figures:
    """Run endless work for some seconds, and tell the longest gap between heartbeats beyond `BEAT`, in ms."""
    tasks = [asyncio.ensure_future(one()) for one in work]
    gaps, started = [], perf_counter()
    try:
        while (beat := perf_counter()) < started + seconds:
            await asyncio.sleep(BEAT)
            gaps.append(perf_counter() - beat - BEAT)
            for task in tasks:
                if task.done():  # it was endless: this raises what ended it
                    task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    gaps.sort()
    return {"value": 1000 * gaps[-1], "99.9_percent_ms": 1000 * gaps[int(0.999 * (len(gaps) - 1))], "beats": len(gaps)}
