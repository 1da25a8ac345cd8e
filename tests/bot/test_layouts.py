"""Layouts: a person's choice holds for their answers, on every page, and goes with their data."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot import texts
from bot.database import Database
from bot.gallery import compose
from bot.layouts import on_sheet
from bot.limits import check_uploads
from search_core import Closeness, Hit
from search_core.filters import Action, RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, options, sample_picture, words
from tests.bot.results import result, saved_search, stored
from tests.bot.staff import add_rule
from tests.bot.test_gallery import STRANGE


async def test_a_contact_sheet_shows_all_pictures_as_one_with_the_same_controls(world: World) -> None:
    plain = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))
    told = answer(await world.ann.slash(world.channel, "layout", style="sheet"))
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert told.ephemeral
    assert texts.LAYOUT_SET["sheet"] in words(told)
    assert [file.filename for file in message.attachments] == ["contact-sheet.png"]
    assert Image.open(io.BytesIO(await message.attachments[0].read())).size[0] > 800
    assert options(message) == options(plain)
    assert words(message) == words(plain)
    assert alts(message)[0].startswith("Contact sheet of 9 pictures. 1. ")
    assert "; 9. " in alts(message)[0]


async def test_the_choice_holds_for_the_one_who_made_it_on_every_page_and_after_a_restart(
    world: World, new_client: NewClient
) -> None:
    await world.ann.slash(world.channel, "layout", style="sheet")
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    await world.env.restart_bot(new_client())
    await world.ann.click(message, label=texts.NEXT)
    others = answer(await world.ben.click(message, label=texts.NEXT))

    assert "10. " in alts(message)[0]
    assert len(message.attachments) == 1
    assert len(others.attachments) == 9


async def test_the_pictures_themselves_come_back_when_asked_for(world: World, database: Database) -> None:
    await world.ann.slash(world.channel, "layout", style="sheet")
    assert len(answer(await world.ann.slash(world.channel, "random")).attachments) == 1
    await world.ann.slash(world.channel, "layout", style="gallery")

    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert len(message.attachments) == 9
    assert "preferences" not in await database.personal.all_of(world.ann.id)


async def test_a_choice_is_shown_to_its_owner_and_deleted_with_their_data(world: World, database: Database) -> None:
    await world.ann.slash(world.channel, "layout", style="sheet")
    assert [row["name"] for row in (await database.personal.all_of(world.ann.id))["preferences"]] == ["layout"]

    await database.personal.erase(world.ann.id)

    assert await database.personal.layout(world.ann.id) is None


async def test_one_covered_picture_covers_the_whole_sheet(world: World, database: Database) -> None:
    plain = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))
    row = int(next(iter(options(plain).values())).partition(":")[2])
    picture = (await world.client.services.engine.pictures([row]))[0]
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, picture.sha256, Action.SPOILER)
    await world.ann.slash(world.channel, "layout", style="sheet")

    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))

    assert [file.filename for file in message.attachments] == ["SPOILER_contact-sheet.png"]


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("data", [sample_picture(), b"damaged"], ids=["picture", "damaged"])
def test_a_sheet_of_ten_of_the_strangest_titles_keeps_discords_limits(name: str, data: bytes) -> None:
    text = STRANGE[name]
    metadata = {"title": text, "creator": text, "label": text}
    found = result(metadata, hits=tuple(Hit(row, 0.5, Closeness.CLOSE, metadata) for row in range(10)))
    reply = compose(saved_search(prompt=text, k=10), found, stored(found, data=data), 3)

    assert reply.controls is not None
    sheet = on_sheet(reply, reply.controls)  # type: ignore[arg-type]

    check_uploads(sheet.pictures, 10 * 1024 * 1024)
    assert sheet.pictures[0].alt.startswith("Contact sheet of 10 pictures. 31. ")
