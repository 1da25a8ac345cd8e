"""A photograph of a page, where a Chromium is installed. It runs for itself: no profile, no network of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 60.0
"""A cold start on a slow machine takes ten."""

_MARGIN = 24
_NULL = subprocess.DEVNULL
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def find_browser() -> str | None:
    """Find a Chromium on the path, or None."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def photograph(browser: str, address: str, picture: Path, *, width: int = 800, height: int = 16_000) -> bool:
    """Write a PNG of what the browser shows at an address; False if it did not come to that."""
    picture.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="vignette-browser-", ignore_cleanup_errors=True) as profile:
        command = [
            browser,
            *_OPTIONS,
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            f"--screenshot={picture.resolve()}",
            address,
        ]
        try:
            subprocess.run(command, timeout=_SECONDS, check=False, stdin=_NULL, stdout=_NULL, stderr=_NULL)
        except (subprocess.TimeoutExpired, OSError):
            return False
    if not picture.exists():
        return False
    _crop_below(picture)
    return True


def _crop_below(picture: Path) -> None:
    """Cut off the empty ground below a page that is shorter than the window."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    ground = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    used = ImageChops.difference(image, ground).getbbox()
    if used is not None:
        image.crop((0, 0, image.width, min(image.height, used[3] + _MARGIN))).save(picture)
