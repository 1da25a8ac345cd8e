"""Collections whose fields are not as the sample's: large numbers, one year alone, values with a semicolon."""

from __future__ import annotations

import csv
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot import texts
from bot.database import Database
from bot.texts import keeping
from search_core import FilterSet, SearchEngine
from search_core.build import build_index
from search_core.filters import Action, RuleKind
from tests.bot.conftest import GUILD_ID, World
from tests.bot.reading import answer, words
from tests.bot.staff import add_rule, set_channel
from tests.bot.test_timeline import completed
from tests.conftest import COLLECTION, MODEL

PICTURES = 40
FIRST = 1_234_567
PLACES = ("London; Paris", "Bern")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SearchEngine]:
    folder = tmp_path_factory.mktemp("odd")
    build_index(_source(folder / "pictures"), folder / "index", model=MODEL, device="cpu", progress=False)
    async with SearchEngine.open(folder / "index", device="cpu") as opened:
        yield opened


def _source(folder: Path) -> Path:
    """Pictures of one year, with numbers as shelf marks, tiny and negative ones, and two places of printing."""
    folder.mkdir()
    rows = []
    for number, picture in enumerate(sorted((COLLECTION / "animals").glob("*.jpg"))[:PICTURES]):
        shutil.copy2(picture, folder / picture.name)
        rows.append(
            {
                "file_name": picture.name,
                "Year": 1850,
                "shelfmark": FIRST + number,
                "depth": f"{-number * 1e-7:.8f}",
                "far": 10**12 + number,
                "place": PLACES[number % 2],
            }
        )
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.mark.parametrize("field", ["shelfmark", "depth", "far", "Year"])
async def test_the_range_that_is_offered_finds_all_that_it_says(world: World, engine: SearchEngine, field: str) -> None:
    [offered] = await completed(world, "random", "where", field)

    assert (await engine.random(1, FilterSet.empty(), offered)).among == PICTURES
    assert "e+" not in offered


async def test_a_collection_of_one_year_has_years_and_a_plot_says_that_it_is_one(world: World) -> None:
    assert (await completed(world, "search", "years", ""))[0] == "1850"

    found = answer(await world.ann.slash(world.channel, "search", prompt="a cat", years="1850"))
    plot = answer(await world.ann.slash(world.channel, "timeline", prompt="an animal"))

    assert "where `Year=1850..1850`" in words(found)
    assert "All are from 1850, so there is no course to see." in words(plot)
    assert "most in" not in words(plot)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("place=", 'place="London; Paris"'),
        ('PLACE="lon', 'place="London; Paris"'),
        ('place="London; P', 'place="London; Paris"'),
        ("Year=1850; place=P", 'Year=1850; place="London; Paris"'),
        ("place=B", "place=Bern"),
    ],
)
async def test_a_value_with_a_semicolon_is_offered_in_quotes(world: World, typed: str, offered: str) -> None:
    assert offered in await completed(world, "search", "where", typed)


async def test_a_value_with_a_semicolon_is_asked_for_in_quotes_on_every_page(
    world: World, engine: SearchEngine
) -> None:
    where = 'place="London; Paris"; YEAR=1850'
    drawn = answer(await world.ann.slash(world.channel, "random", where=where))
    found = answer(await world.ann.slash(world.channel, "search", prompt="an animal", where=where))
    await world.ann.click(found, label=texts.NEXT)

    assert f"From {(await engine.random(1, FilterSet.empty(), 'place~London')).among} pictures" in words(drawn)
    assert texts.PAGE.format(number=2) in words(found)
    assert f"`{where}`" in words(found)


async def test_conditions_of_nothing_are_none(world: World) -> None:
    drawn = answer(await world.ann.slash(world.channel, "random", where=";;;"))

    assert f"{texts.RANDOM_HEADING}, where" not in words(drawn)
    assert ";;;" not in words(drawn)


async def test_where_the_rules_hide_everything_a_timeline_says_so_and_speaks_of_no_conditions(
    world: World, database: Database
) -> None:
    await add_rule(database, GUILD_ID, RuleKind.SOURCE, "place!=nowhere", Action.HIDE)

    result = await world.ann.slash(world.channel, "timeline", prompt="a cat")

    told = " ".join(words(each) for each in [answer(result), *result.followups])
    assert "No picture may be shown under the rules" in told
    assert "conditions" not in told


@pytest.mark.parametrize(
    ("years", "read"),
    [("1850-70", "1850..1870"), ("1870-1850", "1850..1870"), ("1898-05", None), ("1850-1870", "1850..1870")],
)
async def test_a_span_of_years_is_read_as_it_is_meant(world: World, years: str, read: str | None) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a cat", years=years))

    assert f"`Year={read}`" in words(message) if read else texts.YEARS_BACKWARDS in words(message)


async def test_a_field_of_which_nothing_may_be_seen_is_named_without_a_number_of_values(
    world: World, database: Database
) -> None:
    await add_rule(database, GUILD_ID, RuleKind.SOURCE, "place!=nowhere", Action.HIDE)

    about = words(answer(await world.ann.slash(world.channel, "about")))

    assert "place" in about
    assert "0 values" not in about


@pytest.mark.parametrize(("count", "told"), [(10, True), (2, False), (None, False)])
async def test_who_asks_for_more_than_a_channel_shows_is_told(
    world: World, database: Database, count: int | None, told: bool
) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, max_count=2)
    asked = {} if count is None else {"count": count}

    message = answer(await world.ann.slash(world.channel, "search", prompt="an animal", **asked))

    assert ("In this channel a page shows at most 2 pictures." in words(message)) == told


async def test_help_takes_nothing_of_what_the_server_may_ask(world: World) -> None:
    access = world.client.services.access
    access._server_limiter._per_window = 1

    for _ in range(3):
        assert keeping.HELP_HEADING in words(answer(await world.ann.slash(world.channel, "help")))
    found = answer(await world.ann.slash(world.channel, "search", prompt="an animal"))

    assert "Results for" in words(found)
