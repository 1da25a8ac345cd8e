"""Vignette's bot: everything that knows Discord.

The names below are imported on first use, so that `vignette --help` waits neither for discord.py nor for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.app import create_bot as create_bot
    from bot.app import run_bot as run_bot
    from bot.settings import Settings as Settings

_HOME_OF = {"Settings": "settings", "create_bot": "app", "run_bot": "app"}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - a list of strings, made from the table above


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
