"""Watches what a process touches outside itself, through Python's audit events (PEP 578)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

WATCHED = frozenset({"open", "os.open", "socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"})


class OutsideWorld:
    """Files opened and addresses asked for, while it watches. Interpreter files are left out."""

    def __init__(self) -> None:
        self.touched: list[str] = []
        self._watching = False
        sys.addaudithook(self._notice)  # a hook can never be removed, so it is only switched off

    @contextmanager
    def watching(self) -> Iterator[OutsideWorld]:
        """Watch for the length of a with block."""
        self.touched.clear()
        self._watching = True
        try:
            yield self
        finally:
            self._watching = False

    def _notice(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._watching and event in WATCHED and not _is_interpreters_own(str(arguments[0])):
            self.touched.append(f"{event} {arguments}")


def _is_interpreters_own(name: str) -> bool:
    return name.endswith((".py", ".pyc", ".so")) or name.startswith(("/proc/", "/sys/"))
