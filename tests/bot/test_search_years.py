"""`/search` by years, acted by members of the server, on a collection that has them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot import texts
from search_core import SearchEngine
from tests.bot.conftest import World
from tests.bot.reading import answer, words
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


async def test_spans_of_years_are_offered_while_typing(world: World) -> None:
    all_of_them = await world.ann.autocomplete(world.channel, "search", "years", "", prompt="a fish")
    decades = await world.ann.autocomplete(world.channel, "search", "years", "184", prompt="a fish")

    assert all_of_them[0]["value"].startswith("1800-18")
    assert [choice["value"] for choice in decades] == ["1840-1849"]
