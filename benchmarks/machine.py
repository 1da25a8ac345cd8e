"""The machine that the figures belong to, in words."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.bench import Bench

PACKAGES = ("torch", "sentence-transformers", "transformers", "faiss-cpu", "faiss-gpu", "datasets", "pillow", "numpy")


def describe(_: Bench) -> dict[str, str]:
    """Processor, memory, GPU and versions, by name; imports torch, so run it in a child."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    fast = [name for name in ("avx2", "avx512_f", "avx512_bf16", "amx_bf16") if capabilities.get(name)]
    return {
        "processor": f"{capabilities.get('cpu_name') or platform.processor()}, {cores()} cores, {', '.join(fast)}",
        "memory": f"{_memory_gib():.0f} GiB",
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "threads": str(torch.get_num_threads()),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name))),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def resident() -> dict[str, int]:
    """Bytes of this process in memory: `Rss` all, `Anonymous` those that no file backs. Linux only."""
    lines = [line.split() for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]]
    return {line[0].rstrip(":"): int(line[1]) * 1024 for line in lines}
