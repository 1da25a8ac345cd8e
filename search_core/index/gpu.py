"""What both kinds of index need to know of a GPU. There they must be made, searched and dropped by one thread
(faiss#367, #4718)."""

from __future__ import annotations

from typing import Any

TEMPORARY_BYTES = 64 * 1024**2
"""Faiss takes 1.5 GiB of GPU memory at start by default; these searches need no more than this."""

MAX_K = 2_048
"""Neighbours that Faiss returns on a GPU at most; a deeper search, which filters can ask for, goes to the CPU."""


def wanted(device: str) -> bool:
    """Whether a device names a GPU that the installed Faiss can use; faiss-cpu has none of it."""
    import faiss

    return device.startswith("cuda") and hasattr(faiss, "StandardGpuResources")


def number(device: str) -> int:
    """The number of a GPU: 0 for `cuda`, 1 for `cuda:1`."""
    return int(device.partition(":")[2] or 0)


def resources() -> Any:
    """Make the resources of one index on a GPU."""
    import faiss

    made = faiss.StandardGpuResources()
    made.setTempMemory(TEMPORARY_BYTES)
    return made
