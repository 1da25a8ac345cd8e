"""Finding rows by title or file name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search_core import SearchEngine
from search_core.collection import Collection
from search_core.generation import shards
from search_core.lookup import MAX_FOUND, look_up
from search_core.store import IndexDirectory


@pytest.fixture(scope="module")
def collection(sample_index: Path) -> Iterator[Collection]:
    return Collection(shards(IndexDirectory(sample_index).current()))


@pytest.mark.parametrize("text", ["ant", "ANT", " ant "])
def test_what_begins_with_the_text_comes_before_what_only_holds_it(collection: Collection, text: str) -> None:
    found = look_up(collection, text)

    begins = [each.title.lower().startswith("ant") for each in found]
    assert found[0].file_name == "animals/ant_01.jpg"
    assert begins == sorted(begins, reverse=True)
    assert all("ant" in f"{each.title} {each.file_name}".lower() for each in found)
    assert any(each.file_name == "animals/elephant_01.jpg" for each in found)


def test_each_has_its_row_and_checksum(collection: Collection) -> None:
    for each in look_up(collection, "ladybug"):
        assert each.sha256 == collection.sha256(each.row)
        assert each.file_name == collection.metadata([each.row])[0]["file_name"]


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (7, 7), (MAX_FOUND, MAX_FOUND)])
def test_no_more_than_wanted_are_found(collection: Collection, limit: int, count: int) -> None:
    assert len(look_up(collection, "", limit)) == count


def test_the_search_can_be_narrowed_to_some_files(collection: Collection) -> None:
    among = [collection.sha256(row) for row in (3, 5)]

    assert [each.row for each in look_up(collection, "", among=among)] == [3, 5]
    assert look_up(collection, "", among=[]) == []
    assert look_up(collection, "", among=["0" * 64]) == []


@pytest.mark.parametrize("text", ["no such picture", "a.t_01", "%", "\\", "(?i)ant"])
def test_the_text_is_no_pattern(collection: Collection, text: str) -> None:
    assert look_up(collection, text) == []


async def test_the_engine_looks_up_in_the_generation_that_it_serves(sample_index: Path) -> None:
    async with SearchEngine.open(sample_index, device="cpu") as engine:
        assert [each.file_name for each in await engine.lookup("animals/ant_01", 5)] == ["animals/ant_01.jpg"]
        assert len(await engine.lookup("", MAX_FOUND + 1)) == MAX_FOUND
