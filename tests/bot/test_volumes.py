"""Volumes of one work, whose long titles differ at the end: told apart wherever they are listed, whole in details."""

from __future__ import annotations

import csv
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot import texts
from bot.database import Database
from bot.gallery import MAX_TITLE_SHOWN
from bot.markdown import plain, shortened
from bot.texts import keeping
from search_core import SearchEngine
from tests.bot.conftest import GUILD_ID, World
from tests.bot.reading import answer, options, raw, walk, words
from tests.conftest import COLLECTION, MODEL

WORK = "A Voyage round the World, in the Years 1801, 1802 and 1803, performed by Order of His Majesty, " * 3
VOLUMES = [f"{WORK}vol. {number}" for number in (1, 2, 3)]
TWINS = [f"{WORK}vol. 4"] * 2
NOTES = "What the engraver wrote under it, in full. " * 20


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SearchEngine]:
    from search_core.build import build_index

    folder: Path = tmp_path_factory.mktemp("volumes")
    source = folder / "pictures"
    source.mkdir()
    there = sorted((COLLECTION / "animals").glob("*.jpg"))[:5]
    with (source / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("file_name", "title", "inscription"))
        writer.writeheader()
        for path, title in zip(there, VOLUMES + TWINS, strict=True):
            shutil.copy2(path, source / path.name)
            writer.writerow({"file_name": path.name, "title": title, "inscription": NOTES})
    build_index(source, folder / "index", model=MODEL, device="cpu", progress=False)
    async with SearchEngine.open(folder / "index", device="cpu") as opened:
        yield opened


async def save_all(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "random"))
    for label, value in options(message).items():
        if label.endswith(texts.PICK_DETAILS.rpartition(" ")[2]):
            shown = answer(await world.ann.select(message, [value]))
            await world.ann.click(shown, label=texts.SAVE_THIS)


async def test_a_list_a_select_and_the_shelf_tell_volumes_apart(world: World) -> None:
    await save_all(world)
    drawn = answer(await world.ann.slash(world.channel, "random"))
    shelf = answer(await world.ann.slash(world.channel, "saved list"))

    for message in (drawn, shelf):
        selects = [each for each in walk(raw(message)) if each["type"] == 3]
        described = {option["description"] for select in selects for option in select["options"]}
        for number in (1, 2, 3, 4):
            assert f"vol\\. {number}" in words(message)
            assert any(each.endswith(f"vol. {number}") for each in described)


async def test_details_show_the_whole_title_and_long_values_whole(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "random", where="title~vol. 2"))

    shown = words(answer(await world.ann.select(message, [options(message)[texts.PICK_DETAILS.format(number=1)]])))

    assert plain(VOLUMES[1], 1_000) in shown
    assert plain(NOTES, 1_000) in shown


async def test_volumes_are_told_apart_in_the_completion_also_those_of_the_same_title(world: World) -> None:
    await save_all(world)

    offered = await world.ann.autocomplete(world.channel, "saved remove", "picture", "voyage")

    names = [choice["name"] for choice in offered]
    assert len(set(names)) == len(names) == 5
    assert sum(name.endswith(("vol. 1", "vol. 2", "vol. 3")) for name in names) == 3
    assert sum("of your list" in name and "vol. 4" in name for name in names) == 2


async def test_a_part_of_a_title_that_fits_one_removes_it_and_one_that_fits_several_removes_nothing(
    world: World,
) -> None:
    await save_all(world)

    several = answer(await world.ann.slash(world.channel, "saved remove", picture="voyage"))
    one = answer(await world.ann.slash(world.channel, "saved remove", picture="VOL. 3"))
    as_listed = shortened(VOLUMES[0], MAX_TITLE_SHOWN)
    whole = answer(await world.ann.slash(world.channel, "saved remove", picture=as_listed))
    none = answer(await world.ann.slash(world.channel, "saved remove", picture="a submarine"))

    assert "fits 5 of what you saved" in words(several)
    assert "vol\\. 3" in words(one)
    assert keeping.SAVED_REMOVED.format(title=plain(as_listed, 100)) in words(whole)
    assert keeping.SAVED_NOT_FOUND in words(none)
    assert "1 to 3 of 3" in words(answer(await world.ann.slash(world.channel, "saved list")))


async def test_a_number_that_is_typed_removes_nothing_by_a_number_that_nobody_sees(
    world: World, database: Database
) -> None:
    await save_all(world)
    (newest, *_) = await database.personal.saved(world.ann.id, GUILD_ID)
    assert newest.id == 5, "no title holds this figure"

    told = answer(await world.ann.slash(world.channel, "saved remove", picture="5"))

    assert keeping.SAVED_NOT_FOUND in words(told)
    assert len(await database.personal.saved(world.ann.id, GUILD_ID)) == 5
