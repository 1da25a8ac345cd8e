"""The engine answers as a user expects: the same hits alone or in a crowd, full pages, and clear errors."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from search_core import Closeness, FilterSet, Kind, Mixture, Query, Rule, SearchEngine, SearchResult, imaging
from search_core.errors import (
    BusyError,
    ClosedError,
    DecoderHung,
    PictureError,
    PromptError,
    QueryError,
    RefusedError,
    StoreError,
)
from search_core.query import MAX_K, MAX_OFFSET, MAX_PROMPTS
from tests.search_core.hiding import hide
from tests.search_core.outside import OutsideWorld
from tests.search_core.pictures import BAD, encoded, gradient
from tests.search_core.test_encoder import LOOKS_LIKE_SOMETHING_ELSE
from tests.search_core.test_imaging import _hang

NO_RULES = FilterSet.empty()


async def _rows(engine: SearchEngine, filters: FilterSet = NO_RULES, **query: Any) -> list[int]:
    result = await engine.search(Query(**query), filters)
    return [hit.row for hit in result.hits]


async def test_words_find_pictures_with_score_metadata_and_timings(engine: SearchEngine) -> None:
    result = await engine.search(Query(text="a cat"), NO_RULES)

    assert len(result.hits) == 9
    assert result.kind is Kind.TEXT
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1 for score in scores)
    assert {"file_name", "label", "title", "creator", "licence"} <= set(result.hits[0].metadata)
    assert {"wait", "encode", "search", "total"} <= set(result.timings_ms)
    assert result.generation == engine.generation


async def test_a_posted_picture_finds_itself(engine: SearchEngine) -> None:
    for row in (0, 100, 500):
        [stored] = await engine.pictures([row])

        result = await engine.search(Query(image=stored.data), NO_RULES)

        assert result.hits[0].row == row
        assert result.hits[0].score > 0.99
        assert result.hits[0].closeness is Closeness.VERY_CLOSE
        assert result.kind is Kind.IMAGE


async def test_more_like_a_row_leaves_the_row_itself_out(engine: SearchEngine) -> None:
    [stored] = await engine.pictures([7])

    by_row = await _rows(engine, row=7)
    by_picture = await _rows(engine, image=stored.data, k=10)

    assert 7 not in by_row
    assert len(by_row) == 9
    assert len(set(by_row) & set(by_picture)) >= 8


async def test_several_prompts_are_asked_as_one(engine: SearchEngine) -> None:
    result = await engine.search(Query(text=["a cat", "a dog"]), NO_RULES)

    one, other = [(await engine.search(Query(text=text), NO_RULES)).vector for text in ("a cat", "a dog")]
    assert result.kind is Kind.TEXT
    assert np.allclose(result.vector, (one + other) / np.linalg.norm(one + other), atol=1e-5)


async def test_words_and_a_picture_together_lie_between_the_two(engine: SearchEngine) -> None:
    [stored] = await engine.pictures([7])
    words = (await engine.search(Query(text="a ship"), NO_RULES)).vector
    picture = (await engine.search(Query(image=stored.data), NO_RULES)).vector

    result = await engine.search(Query(text="a ship", image=stored.data), NO_RULES)

    assert result.kind is Kind.MIXED
    assert result.vector @ words == pytest.approx(result.vector @ picture, abs=1e-4)
    assert result.vector @ words > picture @ words


@pytest.mark.parametrize(("weight", "like"), [(0.0, "words"), (1.0, "picture")])
async def test_the_weight_decides_between_words_and_picture(engine: SearchEngine, weight: float, like: str) -> None:
    [stored] = await engine.pictures([7])
    alone = {"text": "a ship"} if like == "words" else {"image": stored.data}

    assert await _rows(engine, text="a ship", image=stored.data, image_weight=weight) == await _rows(engine, **alone)


async def test_a_row_can_be_asked_with_words_and_is_still_left_out(engine: SearchEngine) -> None:
    result = await engine.search(Query(row=7, text="red"), NO_RULES)

    assert result.kind is Kind.MIXED
    assert 7 not in [hit.row for hit in result.hits]


async def test_without_takes_what_is_like_the_other_prompt_down(engine: SearchEngine) -> None:
    async def score(row: int, **query: Any) -> float:
        result = await engine.search(Query(k=100, **query), NO_RULES)
        return next(hit.score for hit in result.hits if hit.row == row)

    plain = await engine.search(Query(text="an animal", k=9), NO_RULES)
    unwanted = await engine.search(Query(text="a bird", k=1), NO_RULES)

    result = await engine.search(Query(text="an animal", without="a bird"), NO_RULES)

    bird = unwanted.vector
    assert result.vector @ bird < plain.vector @ bird
    assert await score(result.hits[0].row, text="an animal", without="a bird") == result.hits[0].score


@pytest.mark.parametrize(
    ("text", "without", "reason"),
    [
        ("a cat", "a cat", "the same words"),
        ("a cat", "The CAT!", "articles, letter case and punctuation are no difference"),
        (["a ship", "a cat"], ["a dog", "a cat"], "one of several"),
        ("a dog and a cat", "a cat and a dog", "nearly the same vector"),
    ],
)
async def test_nothing_is_looked_for_that_is_to_be_stayed_away_from(
    engine: SearchEngine, text: str | list[str], without: str | list[str], reason: str
) -> None:
    with pytest.raises(QueryError, match="say the same"):
        await engine.search(Query(text=text, without=without), NO_RULES)


async def test_a_kind_without_one_of_its_kinds_is_called_no_closer_than_the_kind(engine: SearchEngine) -> None:
    steps = list(Closeness)
    for kind, one in (("an animal", "a cat"), ("a cat", "a dog"), ("food", "fruit")):
        plain = (await engine.search(Query(text=kind), NO_RULES)).hits[0].closeness
        less = (await engine.search(Query(text=kind, without=one), NO_RULES)).hits[0].closeness

        assert steps.index(less) >= steps.index(plain), (kind, one)


async def test_a_condition_on_metadata_still_fills_the_page(engine: SearchEngine) -> None:
    result = await engine.search(Query(text="a ship", where="label=animals"), NO_RULES)

    assert len(result.hits) == 9
    assert {hit.metadata["label"] for hit in result.hits} == {"animals"}


async def test_a_condition_that_one_row_fulfils_finds_it(engine: SearchEngine) -> None:
    [stored] = await engine.pictures([123])

    result = await engine.search(Query(text="a ship", where=f"file_name={stored.file_name}"), NO_RULES)

    assert [hit.row for hit in result.hits] == [123]
    assert not result.more


async def test_a_condition_on_an_unknown_field_is_told_with_those_that_exist(engine: SearchEngine) -> None:
    with pytest.raises(QueryError, match="creator, file_name, label"):
        await engine.search(Query(text="a ship", where="colour=red"), NO_RULES)


async def test_a_rule_looks_at_each_prompt_also_at_the_one_to_stay_away_from(engine: SearchEngine) -> None:
    filters = FilterSet.of([Rule.of("word", "skull")])
    for query in (Query(text=["cat", "skull"]), Query(text="cat", without="skull")):
        with pytest.raises(RefusedError):
            await engine.search(query, filters)


async def test_turning_the_page_with_the_vector_goes_on_where_the_page_ended(engine: SearchEngine) -> None:
    first = await engine.search(Query(text="a ship", k=9), NO_RULES)
    assert first.more

    second = await engine.search(Query(vector=first.vector, kind=first.kind, k=9, offset=9), NO_RULES)

    whole = await _rows(engine, text="a ship", k=18)
    assert [hit.row for hit in (*first.hits, *second.hits)] == whole
    assert second.kind is Kind.TEXT


@pytest.mark.parametrize(
    ("parts", "mixture"),
    [
        ({"text": "a ship"}, Mixture(0.0)),
        ({"row": 3}, Mixture(1.0)),
        ({"text": ["a ship", "a boat"], "without": "a bird"}, Mixture(0.0, without=True)),
        ({"text": "a ship", "row": 3}, Mixture(0.5)),
        ({"text": "a ship", "row": 3, "image_weight": 0.2}, Mixture(0.2)),
        ({"row": 3, "image_weight": 0.2, "without": "a bird"}, Mixture(1.0, without=True)),
    ],
)
async def test_the_next_page_speaks_of_closeness_as_the_whole_does_when_it_is_told_the_mixture(
    engine: SearchEngine, parts: dict[str, Any], mixture: Mixture
) -> None:
    whole = await engine.search(Query(**parts, k=40), NO_RULES)
    again = Query(vector=whole.vector, kind=whole.kind, mixture=whole.mixture, k=41)

    page = await engine.search(again, NO_RULES)

    assert whole.mixture == page.mixture == mixture
    words = {hit.row: hit.closeness for hit in page.hits}
    assert [words[hit.row] for hit in whole.hits] == [hit.closeness for hit in whole.hits]


@pytest.mark.parametrize(("weight", "alone"), [(0.0, {"text": "a ship"}), (1.0, {"row": 3})])
async def test_a_part_without_a_share_has_no_say_in_how_close_anything_is(
    engine: SearchEngine, weight: float, alone: dict[str, Any]
) -> None:
    both = await engine.search(Query(text="a ship", row=3, image_weight=weight, k=50), NO_RULES)
    one = await engine.search(Query(**alone, k=50), NO_RULES)

    words = {hit.row: hit.closeness for hit in one.hits}
    shared = [hit for hit in both.hits if hit.row in words]
    assert len(shared) >= 48
    assert [words[hit.row] for hit in shared] == [hit.closeness for hit in shared]


async def test_the_top_five_are_the_head_of_the_top_fifty(engine: SearchEngine) -> None:
    assert await _rows(engine, text="a horse", k=5) == (await _rows(engine, text="a horse", k=50))[:5]


async def test_the_last_page_says_that_there_is_no_more(engine: SearchEngine) -> None:
    last_row = engine.manifest.rows
    result = await engine.search(Query(text="a cat", offset=min(MAX_OFFSET, last_row - 3), k=9), NO_RULES)

    assert len(result.hits) == 3
    assert not result.more


async def test_sixty_four_at_once_get_what_one_after_the_other_get(engine: SearchEngine) -> None:
    pictures = [stored.data for stored in await engine.pictures(range(0, 320, 10))]
    words = ["cat", "ship", "tree", "house", "car", "guitar", "apple", "hammer"]
    texts = [f"{article} {word}" for article in ("a", "the", "one big", "an old drawing of a") for word in words]
    queries = [
        query for pair in zip(texts, pictures, strict=True) for query in (Query(text=pair[0]), Query(image=pair[1]))
    ]
    assert len(queries) == 64

    alone = [await engine.search(query, NO_RULES) for query in queries]
    together = await asyncio.gather(*(engine.search(query, NO_RULES) for query in queries))

    for one, other in zip(alone, together, strict=True):
        assert [hit.row for hit in one.hits] == [hit.row for hit in other.hits]
        assert np.allclose([hit.score for hit in one.hits], [hit.score for hit in other.hits], atol=1e-4)
    assert max(result.timings_ms["wait"] for result in together) > 0


async def test_queries_of_the_same_moment_are_encoded_together(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = engine._opened.encoder
    encode, sizes = encoder.encode_texts, []
    monkeypatch.setattr(encoder, "encode_texts", lambda texts: (sizes.append(len(texts)), encode(texts))[1])

    await asyncio.gather(*(engine.search(Query(text=f"cat {n}"), NO_RULES) for n in range(40)))

    assert sizes == [40]


async def test_equal_prompts_in_a_batch_are_encoded_once(engine: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = engine._opened.encoder
    encode, sizes = encoder.encode_texts, []
    monkeypatch.setattr(encoder, "encode_texts", lambda texts: (sizes.append(len(texts)), encode(texts))[1])

    results = await asyncio.gather(*(engine.search(Query(text="a CAT "), NO_RULES) for _ in range(20)))

    assert sizes == [1]
    assert len({tuple(hit.row for hit in result.hits) for result in results}) == 1


async def test_whoever_asked_just_before_the_engine_is_closed_is_answered(sample_index: Path) -> None:
    engine = await SearchEngine.open(sample_index, device="cpu").__aenter__()
    asked = [asyncio.create_task(engine.search(Query(text=f"cat {n}"), NO_RULES)) for n in range(8)]
    await asyncio.sleep(0)  # they wait, and have not reached the worker yet

    await engine.close()

    assert [len(result.hits) for result in await asyncio.gather(*asked)] == [9] * 8
    assert not engine._pending


async def test_a_full_queue_is_told_and_those_who_wait_are_answered(sample_index: Path) -> None:
    async with SearchEngine.open(sample_index, device="cpu", max_queue=4) as engine:
        outcomes = await asyncio.gather(
            *(engine.search(Query(text=f"cat {n}"), NO_RULES) for n in range(10)), return_exceptions=True
        )
        busy = [outcome for outcome in outcomes if isinstance(outcome, BusyError)]

        assert len(busy) == 6
        assert "Try again" in str(busy[0])
        assert len(await _rows(engine, text="cat")) == 9


async def test_a_query_that_is_given_up_leaves_the_others_alone(engine: SearchEngine) -> None:
    given_up = [asyncio.create_task(engine.search(Query(text=f"dog {n}"), NO_RULES)) for n in range(8)]
    waiting = [asyncio.create_task(engine.search(Query(text=f"cat {n}"), NO_RULES)) for n in range(8)]
    await asyncio.sleep(0)
    for task in given_up:
        task.cancel()

    results = await asyncio.gather(*waiting)

    assert all(len(result.hits) == 9 for result in results)
    assert engine._in_flight == 0
    assert len(await _rows(engine, text="cat")) == 9


@pytest.mark.parametrize(("name", "data", "word"), BAD, ids=[name for name, *_ in BAD])
async def test_a_bad_picture_gives_one_clear_error_and_the_next_request_is_answered(
    engine: SearchEngine, name: str, data: bytes, word: str
) -> None:
    with pytest.raises(PictureError, match=word):
        await engine.search(Query(image=data), NO_RULES)

    assert len(await _rows(engine, image=encoded(gradient()))) == 9


async def test_a_decoder_that_hangs_fails_one_query_and_not_the_next(
    sample_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SearchEngine.open(sample_index, device="cpu") as engine:
        engine._decoder._seconds = 1.0  # type: ignore[union-attr]
        with monkeypatch.context() as hanging:
            hanging.setattr(imaging, "_decode_to_pixels", _hang)
            with pytest.raises(DecoderHung):
                await engine.search(Query(image=encoded(gradient())), NO_RULES)

        assert len(await _rows(engine, image=encoded(gradient()))) == 9


async def test_pictures_that_hang_keep_nobody_from_searching_in_words(
    sample_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SearchEngine.open(sample_index, device="cpu") as engine:
        engine._decoder._seconds = 3.0  # type: ignore[union-attr]
        with monkeypatch.context() as hanging:
            hanging.setattr(imaging, "_decode_to_pixels", _hang)
            stuck = [asyncio.create_task(engine.search(Query(image=encoded(gradient())), NO_RULES)) for _ in range(3)]
            await asyncio.sleep(0.2)

            rows = await _rows(engine, text="a cat")
            pictures = await engine.pictures(rows)

            assert len(pictures) == 9
            assert not any(task.done() for task in stuck)
            outcomes = await asyncio.gather(*stuck, return_exceptions=True)
        assert all(isinstance(outcome, DecoderHung) for outcome in outcomes)


@pytest.mark.parametrize("prompt", LOOKS_LIKE_SOMETHING_ELSE)
async def test_a_prompt_stays_text_all_the_way(engine: SearchEngine, prompt: str, outside_world: OutsideWorld) -> None:
    result = await engine.search(Query(text=prompt), NO_RULES)

    assert outside_world.touched == []
    assert result.kind is Kind.TEXT
    assert len(result.hits) == 9


async def test_a_long_prompt_is_cut_and_the_result_says_so(engine: SearchEngine) -> None:
    long, longer = "Ship " * 200, "Cat " * 200

    async def cut(**parts: object) -> tuple[str, ...]:
        return (await engine.search(Query(**parts), NO_RULES)).truncated  # type: ignore[arg-type]

    assert await cut(text="ship") == ()
    assert await cut(text=long) == (long,)
    assert await cut(text=["a cat", long]) == (long,)
    assert await cut(text="a cat", without=["a dog", long]) == (long,)
    assert await cut(text=[longer, "a cat"], without=long) == (longer, long)


async def test_unrelated_prompts_find_nothing_close(engine: SearchEngine) -> None:
    prompts = [
        "an overdue value added tax refund",
        "the derivative of a constant",
        "grumble zorp fnord",
        "pursuant to article nine",
    ]

    results = [await engine.search(Query(text=prompt), NO_RULES) for prompt in prompts]

    assert sum(result.nothing_close for result in results) >= 3


async def test_the_collections_own_titles_are_not_told_that_nothing_is_close(engine: SearchEngine) -> None:
    collection = engine._opened.collection
    titles = sorted(set(collection.column("title").to_pylist()))[::4]

    results = await asyncio.gather(*(engine.search(Query(text=title), NO_RULES) for title in titles))

    assert len(titles) > 150
    assert np.mean([result.nothing_close for result in results]) <= 0.02


async def test_a_refused_prompt_is_not_searched_for(engine: SearchEngine) -> None:
    with pytest.raises(RefusedError):
        await engine.search(Query(text="a S\u200bKULL"), FilterSet.of([Rule.of("word", "skull")]))


async def test_hidden_rows_are_replaced_and_counted(engine: SearchEngine) -> None:
    best = await _rows(engine, text="a cat", k=12)
    filters = await hide(engine, (best[0], best[4], best[5]))

    result = await engine.search(Query(text="a cat"), filters)

    assert [hit.row for hit in result.hits] == [row for row in best if row not in (best[0], best[4], best[5])][:9]
    assert result.hidden == 3
    assert result.filter_hash == filters.hash


async def test_when_the_first_five_hundred_are_hidden_the_page_is_still_full(engine: SearchEngine) -> None:
    best = [row for offset in range(0, 600, 100) for row in await _rows(engine, text="a cat", k=100, offset=offset)]
    filters = await hide(engine, best[:500])

    result = await engine.search(Query(text="a cat"), filters)

    assert [hit.row for hit in result.hits] == best[500:509]
    assert result.hidden == 500


async def test_when_everything_is_hidden_the_answer_is_empty_and_says_so(engine: SearchEngine) -> None:
    filters = await hide(engine, range(engine.manifest.rows))

    result = await engine.search(Query(text="a cat"), filters)

    assert result.hits == ()
    assert result.hidden == engine.manifest.rows
    assert result.nothing_close
    assert not result.more


async def test_without_a_filter_set_there_is_no_search(engine: SearchEngine) -> None:
    with pytest.raises(QueryError, match="filter set"):
        await engine.search(Query(text="a cat"), None)  # type: ignore[arg-type]


async def test_an_empty_prompt_is_a_clear_error(engine: SearchEngine) -> None:
    with pytest.raises(PromptError):
        await engine.search(Query(text="  "), NO_RULES)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"row": 1, "image": b"x"},
        {"vector": np.ones(3)},
        {"vector": np.ones(3), "kind": Kind.TEXT, "text": "a"},
        {"vector": np.ones(3), "kind": Kind.TEXT, "without": "a"},
        {"text": "a", "mixture": Mixture()},
        {"text": "a", "kind": Kind.TEXT},
        {"text": ()},
        {"text": ["a"] * (MAX_PROMPTS + 1)},
        {"text": "a", "without": ["b"] * (MAX_PROMPTS + 1)},
        {"text": "a", "image": b"x", "image_weight": 1.1},
        {"text": "a", "where": "no condition"},
        {"text": "a", "k": 0},
        {"text": "a", "k": MAX_K + 1},
        {"text": "a", "offset": -1},
        {"text": "a", "offset": MAX_OFFSET + 1},
        {"text": 5},
        {"text": b"a cat"},
        {"text": ["a cat", 5]},
        {"text": "a", "without": 5},
        {"text": "a", "where": 5},
        {"text": "a", "where": [5]},
        {"text": "a", "k": 3.0},
        {"text": "a", "k": True},
        {"text": "a", "k": None},
        {"text": "a", "offset": 1.5},
        {"text": "a", "image": b"x", "image_weight": "0.5"},
        {"row": 5.0},
        {"row": "7"},
        {"row": True},
        {"row": 5, "generation": 5},
        {"image": "cat.png"},
        {"image": np.zeros((3, 3, 3))},
        {"image": Image.new("RGB", (0, 5))},
        {"vector": [0.1] * 384, "kind": Kind.TEXT},
        {"vector": np.ones(384, dtype=int), "kind": Kind.TEXT},
        {"vector": np.ones(3), "kind": "text"},
        {"vector": np.ones(3), "kind": Kind.TEXT, "mixture": (0.5, False)},
    ],
    ids=lambda parts: ", ".join(f"{name}: {type(value).__name__}" for name, value in parts.items()),
)
def test_a_query_whose_parts_do_not_fit_is_refused_when_it_is_made(parts: dict[str, Any]) -> None:
    with pytest.raises(QueryError):
        Query(**parts)


def test_a_part_of_a_wrong_type_is_named_with_what_it_must_be() -> None:
    with pytest.raises(QueryError, match=r"row must be a whole number, not 5\.0, a float"):
        Query(row=5.0)  # type: ignore[arg-type]


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    assert Query(row=np.int64(5), k=np.int32(3)).row == 5  # type: ignore[arg-type]


async def test_a_request_that_cannot_be_answered_fails_alone(engine: SearchEngine) -> None:
    """Its row slips past the checks, as `Query(row=5.0)` once did; those who wait with it get their answers."""
    culprit = Query(row=5)
    object.__setattr__(culprit, "row", 5.0)
    innocent = [Query(text="a cat"), Query(text="a dog"), Query(row=7)]
    alone = [[hit.row for hit in (await engine.search(query, NO_RULES)).hits] for query in innocent]

    first, *waiting = await asyncio.gather(
        *(engine.search(query, NO_RULES) for query in (Query(text="a ship"), culprit, *innocent)),
        return_exceptions=True,
    )

    assert not isinstance(first, BaseException)
    assert isinstance(waiting[0], Exception)
    assert [[hit.row for hit in result.hits] for result in waiting[1:] if isinstance(result, SearchResult)] == alone


async def test_a_row_or_a_vector_that_the_index_cannot_have_is_a_clear_error(engine: SearchEngine) -> None:
    rows, width = engine.manifest.rows, engine.manifest.encoder.width
    for query in (
        Query(row=rows),
        Query(row=-1),
        Query(vector=np.ones(width + 1, np.float32), kind=Kind.TEXT),
        Query(vector=np.zeros(width, np.float32), kind=Kind.TEXT),
        Query(vector=np.full(width, np.nan, np.float32), kind=Kind.TEXT),
    ):
        with pytest.raises(QueryError):
            await engine.search(query, NO_RULES)
    with pytest.raises(QueryError):
        await engine.pictures([rows])


async def test_a_fault_in_the_worker_reaches_each_who_waits_and_the_next_query_works(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("out of GPU memory")

    with monkeypatch.context() as faulty:
        faulty.setattr(engine._opened.encoder, "encode_texts", broken)
        outcomes = await asyncio.gather(
            *(engine.search(Query(text=f"cat {n}"), NO_RULES) for n in range(5)), return_exceptions=True
        )

    assert [str(outcome) for outcome in outcomes] == ["out of GPU memory"] * 5
    assert len(await _rows(engine, text="cat")) == 9


async def test_an_engine_that_is_not_open_says_so(sample_index: Path) -> None:
    engine = SearchEngine.open(sample_index, device="cpu")
    with pytest.raises(ClosedError):
        await engine.search(Query(text="cat"), NO_RULES)
    async with engine:
        await engine.search(Query(text="cat"), NO_RULES)
    with pytest.raises(ClosedError):
        await engine.search(Query(text="cat"), NO_RULES)
    await engine.close()


async def test_opening_what_is_no_index_is_a_clear_error_and_leaves_no_process_behind(tmp_path: Path) -> None:
    engine = SearchEngine.open(tmp_path / "gone", device="cpu")
    with pytest.raises(StoreError, match="vignette index build"):
        await engine.__aenter__()

    assert engine._decoder is None


async def test_the_event_loop_goes_on_while_the_engine_works(engine: SearchEngine) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(engine.search(Query(text=f"cat {n}"), NO_RULES) for n in range(20)))
    ticking.cancel()

    assert ticks > 20


async def test_results_are_frozen(engine: SearchEngine) -> None:
    result = await engine.search(Query(text="cat"), NO_RULES)

    with pytest.raises(dataclasses.FrozenInstanceError):
        result.hidden = 5  # type: ignore[misc]


_ENGINE_IN_A_PROCESS = """
import asyncio, sys
from threadpoolctl import threadpool_info
from search_core import FilterSet, Query, SearchEngine

async def main():
    async with SearchEngine.open(sys.argv[1], device="cpu") as engine:
        await engine.search(Query(text="a cat"), FilterSet.empty())
        print({pool["num_threads"] for pool in threadpool_info() if pool.get("threading_layer") == "pthreads"})

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_numpy_of_a_serving_process_has_no_threads_of_its_own(sample_index: Path) -> None:
    several = os.environ | {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-c", _ENGINE_IN_A_PROCESS, str(sample_index)]

    done = subprocess.run(command, env=several, capture_output=True, text=True, check=True)

    if done.stdout.strip() == "set()":
        pytest.skip("NumPy's BLAS has no threads of its own here.")
    assert done.stdout.strip() == "{1}"
