"""The folder for what must lie on disk before it can be read: downloads, unpacked archives, converted tables."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """A folder of the cache, made if missing: below VIGNETTE_CACHE, else the user's own cache folder."""
    given = os.environ.get("VIGNETTE_CACHE")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = (Path(given).expanduser() if given else home / "vignette") / kind
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def key_of(*parts: object) -> str:
    """A file name for something that these values identify."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
