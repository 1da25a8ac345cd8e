"""A running engine takes a new generation without a dropped, mixed or wrong answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from search_core import FilterSet, Kind, Query, SearchEngine
from search_core.build import build_index
from search_core.errors import ManifestMismatch, QueryError, StoreError
from search_core.store import IndexDirectory
from tests.conftest import MODEL
from tests.search_core.pictures import encoded, gradient

NO_RULES = FilterSet.empty()


@pytest.fixture
def directory(small_source: Path, tmp_path: Path) -> Path:
    _build(small_source, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
async def engine(directory: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(directory, device="cpu") as opened:
        yield opened


def _build(source: Path, directory: Path, model: Path = MODEL) -> None:
    build_index(source, directory, model=model, device="cpu", progress=False)


def _changed(source: Path, name: str = "aaa.png") -> Path:
    (source / name).write_bytes(encoded(gradient()))
    return source


async def test_nothing_new_is_not_loaded_again(engine: SearchEngine) -> None:
    before = engine._opened

    assert not await engine.reload()
    assert engine._opened is before


async def test_the_new_generation_answers_and_the_encoder_is_kept(
    engine: SearchEngine, small_source: Path, directory: Path
) -> None:
    before, encoder = engine.generation, engine._opened.encoder
    await asyncio.to_thread(_build, _changed(small_source), directory)

    assert await engine.reload()

    assert engine.generation != before
    assert engine._opened.encoder is encoder
    assert engine.manifest.rows == 31
    best = (await engine.search(Query(image=encoded(gradient())), NO_RULES)).hits[0]
    assert best.metadata["file_name"] == "aaa.png"


async def test_under_load_each_answer_belongs_to_one_generation_and_its_pictures_fit(
    engine: SearchEngine, small_source: Path, directory: Path
) -> None:
    names = {engine.generation: _names(small_source)}
    stop, answers = asyncio.Event(), []

    async def ask(number: int) -> None:
        while not stop.is_set():
            result = await engine.search(Query(text=f"a cat {number}"), NO_RULES)
            pictures = await engine.pictures([hit.row for hit in result.hits], result.generation)
            answers.append((result, pictures))

    asking = [asyncio.create_task(ask(number)) for number in range(32)]
    for number in range(3):
        await asyncio.to_thread(_build, _changed(small_source, f"aa{number}.png"), directory)
        assert await engine.reload()
        names[engine.generation] = _names(small_source)
        await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*asking)

    assert len({result.generation for result, _ in answers}) >= 3
    for result, pictures in answers:
        expected = [names[result.generation][hit.row] for hit in result.hits]
        assert [hit.metadata["file_name"] for hit in result.hits] == expected
        assert [picture.file_name for picture in pictures] == expected


async def test_rows_of_the_generation_before_can_still_be_read_and_older_ones_are_told(
    engine: SearchEngine, small_source: Path, directory: Path
) -> None:
    first, [shown] = engine.generation, await engine.pictures([0])
    await asyncio.to_thread(_build, _changed(small_source, "aa1.png"), directory)
    await engine.reload()

    assert await engine.pictures([0], first) == [shown]
    assert (await engine.pictures([0]))[0].file_name == "aa1.png"

    await asyncio.to_thread(_build, _changed(small_source, "aa2.png"), directory)
    await engine.reload()
    with pytest.raises(QueryError, match="rebuilt"):
        await engine.pictures([0], first)


async def test_a_row_that_was_asked_for_before_a_reload_is_not_answered_with_another(
    engine: SearchEngine, small_source: Path, directory: Path
) -> None:
    stale = await engine._prepare(Query(row=5), NO_RULES)
    await asyncio.to_thread(_build, _changed(small_source, "aab.png"), directory)
    await engine.reload()
    engine._pending.append(stale)
    await engine._run(engine._worker, engine._answer, stale)

    assert isinstance(stale.outcome, QueryError)


async def test_a_row_of_an_earlier_generation_is_told_and_not_taken_for_another(
    engine: SearchEngine, small_source: Path, directory: Path
) -> None:
    first = engine.generation
    assert (await engine.search(Query(row=5, generation=first), NO_RULES)).hits
    await asyncio.to_thread(_build, _changed(small_source), directory)
    await engine.reload()

    with pytest.raises(QueryError, match="rebuilt"):
        await engine.search(Query(row=5, generation=first), NO_RULES)


async def test_a_vector_still_turns_the_page_after_a_reload(
    engine: SearchEngine, small_source: Path, directory: Path
) -> None:
    vector = (await engine.search(Query(text="cat"), NO_RULES)).vector
    await asyncio.to_thread(_build, _changed(small_source), directory)
    await engine.reload()

    assert (await engine.search(Query(vector=vector, kind=Kind.TEXT), NO_RULES)).hits


async def test_a_generation_of_another_model_brings_its_encoder(
    engine: SearchEngine, small_source: Path, directory: Path, other_model: Path
) -> None:
    before = engine._opened.encoder.fingerprint
    await asyncio.to_thread(_build, small_source, directory, other_model)

    assert await engine.reload()

    assert engine._opened.encoder.fingerprint.weights != before.weights
    assert (await engine.search(Query(text="cat"), NO_RULES)).hits


async def test_a_damaged_generation_is_refused_and_the_old_one_goes_on(
    engine: SearchEngine, small_source: Path, directory: Path
) -> None:
    before = engine.generation
    await asyncio.to_thread(_build, _changed(small_source), directory)
    index = IndexDirectory(directory).current() / "index.faiss"
    index.write_bytes(index.read_bytes()[:100])

    with pytest.raises((StoreError, ManifestMismatch)):
        await engine.reload()

    assert engine.generation == before
    assert (await engine.search(Query(text="cat"), NO_RULES)).hits


def _names(source: Path) -> list[str]:
    return sorted(path.relative_to(source).as_posix() for path in source.rglob("*.*g"))
