"""The gallery: a search result as one message, in words and alt texts, within Discord's limits."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot import texts
from bot.gallery import alt_text, compose, compose_details, compose_nothing_close, link_of, title_of
from bot.limits import check_uploads, check_view
from bot.reply import Controls, PictureControls, Reply
from bot.views import control_rows, embed, layout, plain_view
from search_core import Closeness, Hit, Kind, StoredPicture
from tests.bot.results import result, saved_search, stored

SHIP = {"title": "A ship", "creator": "Ann", "label": "vehicles"}

STRANGE = {
    "long": "Ship " * 500,
    "emoji": "🚢" * 500,
    "markup": "*_~`|>#[](<@1>)" * 100,
    "accents": "z" + "\u0301" * 2_000,
    "right to left": "\u202eسفينة" * 300,
    "blank": "\u200b\u3164\n\t",
    "mention": "@everyone <@&1> https://discord.gg/x",
    "backslashes": "\\" * 1_000,
}


NOTES = ("*_~`|>#[](<@1>)" * 100, "a" * 500, "🚢" * 500)


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("form", [layout, plain_view])
@pytest.mark.parametrize("count", [9, 10])
def test_the_longest_and_strangest_titles_keep_discords_limits(name: str, form: object, count: int) -> None:
    text = STRANGE[name]
    metadata = {"title": text, "creator": text, "label": text}
    hits = tuple(Hit(row, 0.5, Closeness.VERY_CLOSE, metadata, duplicates=(7,) * 99) for row in range(count))
    found = result(metadata, hits=hits, hidden=999_999, notes=NOTES)
    search = saved_search(prompt=text, truncated=True, without=text, conditions=f"title~{text}", k=10)
    reply = compose(search, found, stored(found, f"{text}/{text}.jpg"), 3)
    assert isinstance(reply.controls, Controls)
    reply = replace(reply, controls=replace(reply.controls, post=True, delete=True))
    assert len(reply.list.splitlines()) == count

    check_view(form(reply))  # type: ignore[operator]
    check_uploads(reply.pictures, 100)
    assert len(embed(reply).description or "") <= 4_096


@pytest.mark.parametrize("name", STRANGE)
def test_the_longest_and_strangest_details_keep_discords_limits(name: str) -> None:
    text = STRANGE[name]
    metadata = {f"{text[:90]}{number}": text for number in range(60)} | {"title": text}
    reply = compose_details(StoredPicture(0, b"data", f"{text}.jpg", metadata))

    check_view(layout(reply))
    check_uploads(reply.pictures, 100)


@pytest.mark.parametrize(
    ("metadata", "file_name", "expected"),
    [
        ({"title": "A ship"}, "x.jpg", "A ship"),
        ({"title": "  "}, "ships/three_masts.jpg", texts.UNTITLED),
        ({}, "ships/three_masts.jpg", "three masts"),
        ({}, "000579_1_[The Ring and the Book  etc ]_1920.jpg", "000579 1 [The Ring and the Book etc ] 1920"),
        ({"file_name": "a/b.png"}, "", "b"),
        ({}, "", texts.UNTITLED),
    ],
)  # fmt: skip
def test_a_picture_without_a_title_is_named_after_its_file(
    metadata: dict[str, str], file_name: str, expected: str
) -> None:
    assert expected == title_of(metadata, file_name)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (SHIP, "3. A ship, by Ann, category vehicles"),
        ({"creator": "Ann"}, "3. A ship, by Ann"),
        ({"label": "vehicles"}, "3. A ship, category vehicles"),
        ({}, "3. A ship"),
    ],
)
def test_alt_text_says_number_title_creator_and_category(metadata: dict[str, str], expected: str) -> None:
    assert expected == alt_text(3, "A ship", metadata)


def test_the_list_is_numbered_through_all_pages() -> None:
    found = result(SHIP, count=2)
    reply = compose(saved_search(k=9), found, stored(found), page=2)

    assert reply.heading.endswith("Page 3")
    assert reply.list.splitlines()[0] == "**19\\.** A ship · Ann · vehicles · *close*"
    assert [upload.name for upload in reply.pictures] == ["019-ship.jpg", "020-ship.jpg"]


@pytest.mark.parametrize(
    ("page", "more", "k", "expected"),
    [
        (0, False, 9, (False, False)),
        (0, True, 9, (False, True)),
        (1, True, 9, (True, True)),
        (1, False, 9, (True, False)),
        (111, True, 9, (True, False)),  # the engine skips at most 1,000 hits
    ],
)
def test_buttons_are_offered_only_where_there_is_a_page(
    page: int, more: bool, k: int, expected: tuple[bool, bool]
) -> None:
    found = result(SHIP, more=more)
    controls = compose(saved_search(k=k), found, stored(found), page).controls

    assert controls is not None
    assert expected == (controls.previous, controls.next)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"hidden": 12}, "12 hidden by this server's rules."),
        ({"hits": (Hit(0, 0.9, Closeness.VERY_CLOSE, SHIP),)}, "very close"),
        ({"hits": (Hit(0, 0.9, Closeness.LOOSE, SHIP),)}, "loosely related"),
        ({"hits": ()}, texts.NOTHING_LEFT),
    ],
)
def test_the_reply_says_what_there_is_to_know(changes: dict[str, object], told: str) -> None:
    found = result(SHIP, **changes)

    assert told in compose(saved_search(), found, stored(found)).body


def test_under_conditions_nobody_learns_how_much_they_hide() -> None:
    found = result(SHIP, hidden=12)

    assert "hidden" not in compose(saved_search(conditions="title=Ant"), found, stored(found)).body


@pytest.mark.parametrize("closeness", [Closeness.LOOSE, Closeness.FAR])
def test_a_later_page_does_not_say_that_the_whole_search_found_nothing_close(closeness: Closeness) -> None:
    found = result(SHIP, hits=(Hit(0, 0.1, closeness, SHIP),))

    assert texts.FURTHER_ARE[closeness] in compose(saved_search(), found, stored(found), page=1).body
    assert texts.BEST_ARE[closeness] in compose(saved_search(), found, stored(found)).body


def test_a_cut_prompt_is_told() -> None:
    found = result(SHIP)

    assert texts.TRUNCATED in compose(saved_search(truncated=True), found, stored(found)).body
    assert texts.TRUNCATED not in compose(saved_search(truncated=False), found, stored(found)).body


@pytest.mark.parametrize(
    ("kind", "hint"),
    [(Kind.TEXT, texts.NOTHING_CLOSE_TEXT), (Kind.IMAGE, texts.NOTHING_CLOSE_PICTURE)],
)
def test_nothing_close_is_said_with_a_hint_and_the_nearest_are_offered(kind: Kind, hint: str) -> None:
    reply = compose_nothing_close(saved_search(kind=kind), result(SHIP))

    assert hint in reply.body
    assert reply.pictures == ()
    assert reply.controls is not None
    assert reply.controls.nearest


def test_where_there_is_nothing_at_all_the_nearest_are_not_offered() -> None:
    controls = compose_nothing_close(saved_search(), result(SHIP, hits=())).controls

    assert isinstance(controls, Controls)
    assert not controls.nearest


def test_a_link_of_the_collection_stays_a_link_and_other_text_does_not() -> None:
    metadata = {"title": "x", "source": "https://example.org/item/1", "note": "see https://evil.example now"}
    details = compose_details(StoredPicture(0, b"", "a.jpg", metadata)).list

    assert "<https://example.org/item/1>" in details
    assert "https://evil.example" not in details


@pytest.mark.parametrize(
    ("duplicates", "told"), [((), False), ((4,), "and 1 nearly equal"), ((4, 5, 6), "and 3 nearly equal")]
)
def test_near_duplicates_that_were_folded_are_counted(duplicates: tuple[int, ...], told: str | bool) -> None:
    found = result(SHIP, hits=(Hit(0, 0.9, Closeness.CLOSE, SHIP, duplicates),))
    line = compose(saved_search(), found, stored(found)).list

    assert told in line if isinstance(told, str) else "nearly equal" not in line


@pytest.mark.parametrize(
    ("value", "is_link"),
    [
        ("https://example.org/item/1?page=2#top", True),
        ("http://example.org", True),
        ("ftp://example.org/x", False),
        ("javascript:alert(1)", False),
        ("https://example.org/a b", False),
        ("https://user@example.org/", False),
        ("see https://example.org/", False),
        ("https://example.org/" + "x" * 512, False),
        ("", False),
    ],
)
def test_the_source_is_linked_where_the_collection_names_a_web_address(value: str, is_link: bool) -> None:
    link = link_of({"title": "x", "source": value})
    view = layout(Reply("heading", controls=PictureControls("abcdefghijkl", 1, saved=False, moderator=True, link=link)))

    check_view(view)
    found = [item.url for item in view.walk_children() if isinstance(item, discord.ui.Button) and item.url]
    assert found == ([value] if is_link else [])


def test_a_reply_without_controls_has_no_rows() -> None:
    view = layout(Reply("heading"))

    assert not [item for item in view.walk_children() if isinstance(item, discord.ui.ActionRow)]


async def test_a_sent_view_is_not_kept_in_memory() -> None:
    assert layout(Reply("heading", controls=Controls("abcdefghijkl"))).is_finished()


@pytest.mark.parametrize(
    ("page", "more", "expected"),
    [
        (0, True, {texts.PREVIOUS: False, texts.NEXT: True}),
        (1, True, {texts.PREVIOUS: True, texts.NEXT: True}),
        (1, False, {texts.PREVIOUS: True, texts.NEXT: False}),
        (0, False, {}),
    ],
)
def test_where_all_stands_on_one_page_there_is_nothing_to_turn(
    page: int, more: bool, expected: dict[str, bool]
) -> None:
    found = result(SHIP, more=more)
    items = [item for row in control_rows(compose(saved_search(), found, stored(found), page).controls) for item in row]

    buttons = {str(item.label): not item.disabled for item in items if isinstance(item, discord.ui.Button)}

    assert {label: on for label, on in buttons.items() if label in {texts.PREVIOUS, texts.NEXT}} == expected
