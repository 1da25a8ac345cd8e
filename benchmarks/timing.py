"""Reading the clock."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from statistics import median
from typing import Any

WARM_UP = 3
"""Calls that are not counted: the first ones allocate, choose kernels and fill caches."""


def seconds(work: Callable[[], Any]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_ms(work: Callable[[], Any], runs: int) -> float:
    """Median milliseconds of a call, after some that are not counted."""
    for _ in range(WARM_UP):
        work()
    return 1000 * median(seconds(work) for _ in range(runs))


def median_ms_of(work: Callable[[Any], Any], inputs: Iterable[Any]) -> float:
    """Median milliseconds of a call with a different input each time, after some that are not counted."""
    times = [seconds(partial(work, one)) for one in inputs]
    return 1000 * median(times[WARM_UP:])


async def awaited_ms(work: Callable[[Any], Awaitable[Any]], inputs: Iterable[Any]) -> float:
    """`median_ms_of` for a coroutine function, one call after the other."""
    times = []
    for one in inputs:
        started = time.perf_counter()
        await work(one)
        times.append(time.perf_counter() - started)
    return 1000 * median(times[WARM_UP:])
