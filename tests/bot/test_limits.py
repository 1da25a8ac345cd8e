"""Discord's limits: each is checked before a message is sent, and the error names it."""

from __future__ import annotations

from collections.abc import Callable

import discord
import pytest

from bot.limits import LimitError, check_uploads, check_view
from bot.uploads import Upload

View = discord.ui.LayoutView


def view_of(*items: discord.ui.Item[View]) -> View:
    view = View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def select(labels: list[str]) -> discord.ui.ActionRow[View]:
    options = [discord.SelectOption(label=label, value=str(number)) for number, label in enumerate(labels)]
    return discord.ui.ActionRow(discord.ui.Select(custom_id="s", options=options))


def button(custom_id: str) -> discord.ui.ActionRow[View]:
    return discord.ui.ActionRow(discord.ui.Button(label="x", custom_id=custom_id))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: view_of(discord.ui.TextDisplay("x" * 4_001)), "4001 characters of text; Discord takes 4000"),
        (lambda: view_of(discord.ui.TextDisplay("🚢" * 2_001)), "4002 characters of text"),
        (lambda: view_of(button("same"), button("same")), "same custom id"),
        (lambda: view_of(select(["x" * 101])), "101 characters of an option"),
    ],
)
def test_a_view_beyond_a_limit_is_refused_by_name(make: Callable[[], View], told: str) -> None:
    with pytest.raises(LimitError, match=told):
        check_view(make())


def test_a_view_at_the_limits_is_let_through() -> None:
    check_view(view_of(discord.ui.TextDisplay("x" * 4_000), button("a" * 100), select(["x" * 100] * 25)))


@pytest.mark.parametrize(
    ("uploads", "told"),
    [
        ([Upload(f"{n}.png", b"", "") for n in range(11)], "11 files; Discord takes 10"),
        ([Upload("a.png", b"", ""), Upload("a.png", b"", "")], "same name"),
        ([Upload("a.png", b"x" * 11, "")], "11 bytes in a.png"),
        ([Upload("a.png", b"", "x" * 1_025)], "1025 characters of alt text"),
        ([Upload("a b.png", b"", "")], "change the file name"),
        ([Upload("ä.png", b"", "")], "change the file name"),
    ],
)
def test_files_beyond_a_limit_are_refused_by_name(uploads: list[Upload], told: str) -> None:
    with pytest.raises(LimitError, match=told):
        check_uploads(uploads, 10)


def test_files_at_the_limits_are_let_through() -> None:
    check_uploads([Upload(f"{n}.png", b"x" * 10, "x" * 1_024) for n in range(10)], 10)
