"""Names of collections and models as anybody may read them: no folder of the bot's machine, no password of a URL."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

_PATH = re.compile(r"[/~.\\]|[A-Za-z]:[\\/]")


def public_name(name: str) -> str:
    """Reduce the name of a source or model, or of several joined by ` + `, to what tells nothing of the machine."""
    return " + ".join(map(_public, name.split(" + ")))


def _public(name: str) -> str:
    if "://" in name:
        url = urlsplit(name)
        return f"{url.scheme}://{url.hostname or ''}{url.path}"
    if not _PATH.match(name):
        return name  # `owner/name` of the Hub, or a model's own name
    path = PureWindowsPath(name) if "\\" in name else PurePosixPath(name)
    return path.name or "collection"
