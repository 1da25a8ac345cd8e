"""A photograph of a page, where a Chromium is installed. It runs for itself: no profile, no network of its own."""

from __future__ import annotations

import enum
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 60.0
"""A cold start on a slow machine takes ten."""

WINDOW_HEIGHT = 16_384
"""A page is photographed whole or to here: no picture of a browser's is higher than 16,384 pixels."""

_MARGIN = 24
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


class Theme(enum.Enum):
    """What the page is told that its reader prefers; the browser's own numbers."""

    DARK = 0
    LIGHT = 1


def find_browser() -> str | None:
    """Find a Chromium on the path, or None."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def photograph(
    browser: str,
    address: str,
    picture: Path,
    *,
    width: int = 800,
    height: int = WINDOW_HEIGHT,
    theme: Theme = Theme.LIGHT,
) -> str | None:
    """Write a PNG of what the browser shows at an address.

    Returns:
        The page as it then stands, as HTML; None if it did not come to a picture.
    """
    picture.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="vignette-browser-", ignore_cleanup_errors=True) as profile:
        command = [
            browser,
            *_OPTIONS,
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            f"--blink-settings=preferredColorScheme={theme.value}",
            f"--screenshot={picture.resolve()}",
            "--dump-dom",
            address,
        ]
        page = _output_of(command)
    if page is None or not picture.exists():
        return None
    _crop_below(picture)
    return page


def _output_of(command: list[str]) -> str | None:
    try:
        done = subprocess.run(
            command, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError):
        return None
    return done.stdout.decode("utf-8", "replace")


def _crop_below(picture: Path) -> None:
    """Cut off the empty ground below a page that is shorter than the window."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    ground = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    used = ImageChops.difference(image, ground).getbbox()
    if used is not None:
        image.crop((0, 0, image.width, min(image.height, used[3] + _MARGIN))).save(picture)
