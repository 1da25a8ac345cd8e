"""`/search` by years, acted by members of the server, on a collection that has them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot import texts
from bot.access import Visitor
from bot.database import Database
from search_core import SearchEngine
from tests.bot.conftest import World
from tests.bot.reading import alts, answer, buttons, words
from tests.bot.rules import add_rule
from tests.bot.test_search_options import rows_of


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(dated_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(dated_index, device="cpu") as opened:
        yield opened


async def test_a_span_of_years_holds_on_every_page(world: World, engine: SearchEngine) -> None:
    message = answer(
        await world.ann.slash(world.channel, "search", prompt="something", years="1840-1860", where="label=food")
    )
    if not rows_of(message):
        await world.ann.click(message, label=texts.SHOW_NEAREST)
    first = rows_of(message)
    await world.ann.click(message, label=texts.NEXT)
    rows = first + rows_of(message)

    found = [picture.metadata for picture in await engine.pictures(rows)]
    assert len(set(rows)) == len(rows) > 9
    assert {one["label"] for one in found} == {"food"}
    assert all(1840 <= int(one["year"]) <= 1860 for one in found)
    assert "where `label=food; year=1840..1860`" in words(message)


@pytest.mark.parametrize(
    ("years", "condition", "first", "last"),
    [("1860-", "year>=1860", 1860, 9999), ("until 1830", "year<=1830", 1800, 1830)],
)
async def test_a_span_of_years_may_be_open(
    world: World, engine: SearchEngine, years: str, condition: str, first: int, last: int
) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a bird", years=years))
    if not rows_of(message):
        await world.ann.click(message, label=texts.SHOW_NEAREST)

    found = [int(picture.metadata["year"]) for picture in await engine.pictures(rows_of(message))]

    assert len(found) == 9
    assert first <= min(found) <= max(found) <= last
    assert f"where `{condition}`" in words(message)


async def test_where_nothing_close_fulfils_the_conditions_it_is_not_said_of_the_whole_collection(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a bird", years="1850-"))

    assert texts.NOTHING_CLOSE_THERE in words(message)
    assert texts.SHOW_NEAREST in buttons(message)


async def test_a_year_is_offered_as_the_beginning_of_an_open_span(world: World) -> None:
    offered = await world.ann.autocomplete(world.channel, "search", "years", "1850", prompt="a fish")
    outside = await world.ann.autocomplete(world.channel, "search", "years", "1700", prompt="a fish")

    assert [choice["value"] for choice in offered] == ["1850-", "1850-1859"]
    assert outside == []


async def test_spans_of_years_are_offered_while_typing(world: World) -> None:
    all_of_them = await world.ann.autocomplete(world.channel, "search", "years", "", prompt="a fish")
    decades = await world.ann.autocomplete(world.channel, "search", "years", "184", prompt="a fish")

    assert all_of_them[0]["value"].startswith("1800-18")
    assert [choice["value"] for choice in decades] == ["1840-1849"]


async def test_of_hidden_pictures_no_year_range_or_count_is_told(world: World, database: Database) -> None:
    await add_rule(database, "source", "year<=1849", "hide")
    await add_rule(database, "source", "year>=1900", "hide")

    spans = await world.ann.autocomplete(world.channel, "search", "years", "", prompt="a fish")
    fields = await world.ann.autocomplete(world.channel, "random", "where", "year")
    values = await world.ann.autocomplete(world.channel, "search", "where", "year=18", prompt="a fish")
    drawn = answer(await world.ann.slash(world.channel, "random"))
    about = answer(await world.ann.slash(world.channel, "about"))

    assert spans[0]["value"] == "1850-1899"
    assert [choice["value"] for choice in fields] == ["year=1850..1899"]
    assert values
    assert all(int(choice["value"].removeprefix("year=")) >= 1850 for choice in values)
    judged = await world.client.services.engine.judge(
        range(world.client.services.engine.manifest.rows),
        await world.client.services.book.filters(Visitor(world.ann.id, world.guild.id, world.channel.id)),
    )
    assert f"From {sum(not verdict.hidden for verdict in judged)} pictures." in words(drawn)
    assert "1800" not in words(about)
    assert "1850" in words(about)


async def test_a_role_that_is_spared_a_rule_is_offered_what_it_may_see(world: World, database: Database) -> None:
    role = world.guild.create_role("Curators")
    cura = world.guild.add_member(world.env.create_user("cura"), roles=[role])
    await world.env.settle()
    await add_rule(database, "source", "year<=1849", "hide", bypass_roles=frozenset({role.id}))

    own = await cura.autocomplete(world.channel, "search", "years", "", prompt="a fish")
    others = await world.ann.autocomplete(world.channel, "search", "years", "", prompt="a fish")

    assert own[0]["value"].startswith("1800-")
    assert others[0]["value"].startswith("1850-")


@pytest.mark.parametrize("private", [None, False])
async def test_a_timeline_that_a_role_is_spared_a_rule_for_is_private(
    world: World, database: Database, private: bool | None
) -> None:
    role = world.guild.create_role("Curators")
    cura = world.guild.add_member(world.env.create_user("cura"), roles=[role])
    await world.env.settle()
    await add_rule(database, "source", "year<=1849", "hide", bypass_roles=frozenset({role.id}))
    chosen = {} if private is None else {"private": private}

    message = answer(await cura.slash(world.channel, "timeline", prompt="an animal", **chosen))

    assert message.ephemeral == (private is None)
    assert (texts.PRIVATE_BY_ROLE in words(message)) == (private is None)
    assert ("from 1800" in alts(message)[0]) == (private is None)
