"""The buttons that turn the pages of one's own lists."""

from __future__ import annotations

from collections.abc import Callable

import discord

from bot import texts


def turning(name: Callable[[str, int], str], page: int, last: int) -> list[list[discord.ui.Item[discord.ui.View]]]:
    """Make the row of buttons, if there is more than one page.

    Args:
        name: writes a custom id from `previous` or `next` and a page.
        page, last: the page that is shown and the last one, 0-based.
    """
    if last == 0:
        return []
    ways = (("previous", texts.PREVIOUS, max(page - 1, 0), page > 0), ("next", texts.NEXT, page + 1, page < last))
    return [
        [
            discord.ui.Button(label=label, custom_id=name(way, to), disabled=not possible)
            for way, label, to, possible in ways
        ]
    ]
