"""Discord's limits: each is checked before a message is sent, and the error names it."""

from __future__ import annotations

from collections.abc import Callable

import discord
import pytest

from bot import custom_ids
from bot.limits import LimitError, check_embed, check_uploads, check_view
from bot.markdown import cut, length, shown
from bot.moderation.report_controls import picks_of
from bot.uploads import Upload

View = discord.ui.LayoutView


def view_of(*items: discord.ui.Item[View]) -> View:
    view = View(timeout=None)
    for item in items:
        view.add_item(item)
    return view


def select(
    labels: list[str], *, placeholder: str = "", value: str = "", description: str | None = None, alike: bool = False
) -> discord.ui.ActionRow[View]:
    options = [
        discord.SelectOption(label=label, value=f"{value}{0 if alike else number}", description=description)
        for number, label in enumerate(labels)
    ]
    made: discord.ui.Select[View] = discord.ui.Select(custom_id="s", placeholder=placeholder)
    made._underlying.options = options  # past discord.py, which would refuse the twenty-sixth itself
    return discord.ui.ActionRow(made)


def button(custom_id: str, *, label: str = "x") -> discord.ui.ActionRow[View]:
    return discord.ui.ActionRow(discord.ui.Button(label=label, custom_id=custom_id))


def link(path: str) -> discord.ui.ActionRow[View]:
    return discord.ui.ActionRow(discord.ui.Button(label="x", url=f"https://example.org/{path}"))


def gallery(*alts: str) -> discord.ui.MediaGallery[View]:
    made: discord.ui.MediaGallery[View] = discord.ui.MediaGallery()
    pictures = [discord.MediaGalleryItem(f"attachment://{number}.png") for number in range(len(alts))]
    for picture, alt in zip(pictures, alts, strict=True):
        picture.description = alt
    made._underlying.items = pictures  # past discord.py, which would refuse the eleventh itself
    return made


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: view_of(discord.ui.TextDisplay("x" * 4_001)), "4001 characters of text; Discord takes 4000"),
        (lambda: view_of(discord.ui.TextDisplay("🚢" * 2_001)), "4002 characters of text"),
        (lambda: view_of(button("same"), button("same")), "same custom id"),
        (lambda: view_of(button("🚢" * 51)), "102 characters of a custom id; Discord takes 100"),
        (lambda: view_of(button("x", label="x" * 81)), "81 characters on a button; Discord takes 80"),
        (lambda: view_of(button("x", label="🚢" * 41)), "82 characters on a button"),
        (lambda: view_of(link("x" * 493)), "513 characters of a link; Discord takes 512"),
        (lambda: view_of(select(["x"], placeholder="x" * 151)), "151 characters of a placeholder; Discord takes 150"),
        (lambda: view_of(select(["x" * 101])), "101 characters of an option"),
        (lambda: view_of(select(["🚢" * 51])), "102 characters of an option"),
        (lambda: view_of(select(["x"], value="x" * 100)), "101 characters of an option; Discord takes 100"),
        (lambda: view_of(select(["x"], description="x" * 101)), "101 characters of an option; Discord takes 100"),
        (lambda: view_of(select(["x"] * 26)), "26 options of a select; Discord takes 25"),
        (lambda: view_of(select(["x", "y"], alike=True)), "Two options of a select have the same value"),
        (lambda: view_of(gallery("x" * 1_025)), "1025 characters of alt text; Discord takes 1024"),
        (lambda: view_of(gallery("🚢" * 513)), "1026 characters of alt text"),
        (lambda: view_of(gallery(*["x"] * 11)), "11 pictures in a gallery; Discord takes 10"),
    ],
)
def test_a_view_beyond_a_limit_is_refused_by_name(make: Callable[[], View], told: str) -> None:
    with pytest.raises(LimitError, match=told):
        check_view(make())


def test_a_view_at_the_limits_is_let_through() -> None:
    options = select(["x" * 100] * 25, placeholder="x" * 150, value="v" * 98, description="🚢" * 50)
    pictures = gallery(*["🚢" * 512] * 10)
    text = discord.ui.TextDisplay[View]("x" * 4_000)
    check_view(view_of(text, pictures, button("a" * 100, label="🚢" * 40), link("x" * 492), options))
    check_view(view_of(*map(button, map(str, range(20)))))


@pytest.mark.parametrize(
    ("embed", "told"),
    [
        (discord.Embed(description="x" * 4_097), "4097 characters of an embed's description; Discord takes 4096"),
        (discord.Embed(description="🚢" * 2_049), "4098 characters of an embed's description"),
        (
            discord.Embed(title="x" * 200, description="x" * 4_096).add_field(name="n" * 5, value="x" * 1_000)
            .add_field(name="n", value="x" * 500).set_footer(text="f" * 200),
            "6002 characters in an embed; Discord takes 6000",
        ),
    ],
)  # fmt: skip
def test_an_embed_beyond_a_limit_is_refused_by_name(embed: discord.Embed, told: str) -> None:
    with pytest.raises(LimitError, match=told):
        check_embed(embed)


def test_an_embed_at_the_limit_is_let_through() -> None:
    check_embed(discord.Embed(title="x" * 904, description="🚢" * 2_048).set_footer(text="f" * 1_000))


@pytest.mark.parametrize("title", ["x" * 200, "🚢" * 200, "\U0001d518" * 50, "👩‍👩‍👧‍👦" * 40])
def test_a_picture_to_report_is_named_within_the_limit_of_an_option(title: str) -> None:
    answered = view_of(select(["1: Details"], value="details:1234", description=shown(title, 100)))
    answered.children[0].children[0].custom_id = custom_ids.pick_id("abcdefghijkl", 0)  # type: ignore[attr-defined]
    (row,) = [discord.components.ActionRow(part) for part in answered.to_components()]  # type: ignore[arg-type]

    picks = picks_of([row])

    assert picks is not None
    assert picks[1][0].label.startswith("1. ")
    assert length(picks[1][0].label) <= 100


@pytest.mark.parametrize(("text", "left"), [("x" * 9, "xxxxx"), ("🚢" * 9, "🚢🚢"), ("x🚢🚢", "x🚢🚢"), ("", "")])
def test_a_text_is_cut_as_discord_counts_and_never_through_an_emoji(text: str, left: str) -> None:
    assert left == cut(text, 5)


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


def test_files_that_are_too_large_together_are_refused() -> None:
    eight = b"x" * 8 * 1024 * 1024
    uploads = [Upload(f"{number}.png", eight, "") for number in range(3)]
    check_uploads(uploads, len(eight))

    with pytest.raises(LimitError, match="25165825 bytes in all its files; Discord takes 25165824"):
        check_uploads([*uploads, Upload("3.png", b"x", "")], len(eight))


def test_files_at_the_limits_are_let_through() -> None:
    check_uploads([Upload(f"{n}.png", b"x" * 10, "x" * 1_024) for n in range(10)], 10)
