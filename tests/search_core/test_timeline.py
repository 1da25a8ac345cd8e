"""A timeline counts what a search would call close, and nothing that the rules hide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from search_core import Closeness, FilterSet, Query, Rule, SearchEngine, Timeline, browsing, timeline
from search_core.bins import Axis
from search_core.build import build_index
from search_core.duplicates import Duplicates
from search_core.errors import BusyError, QueryError, RefusedError
from search_core.evaluation.intervals import wilson
from search_core.fields import Field, FieldKind
from search_core.timeline import Asked, Pass, plan, tally
from tests.conftest import MODEL
from tests.dated import FAR_OFF, UNDATED
from tests.search_core.hiding import hide

NO_RULES = FilterSet.empty()
CLOSE = {Closeness.CLOSE, Closeness.VERY_CLOSE}
YEAR = Field("year", FieldKind.NUMBER, 6, 1800, 1819, years=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def dated(dated_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(dated_index, device="cpu") as opened:
        yield opened


pytestmark = pytest.mark.asyncio(loop_scope="session")


def a_pass(scores: list[list[float]], hidden: tuple[int, ...] = ()) -> Pass:
    """Six rows, three in each of two decades."""
    visible = ~np.isin(np.arange(6), hidden)
    years, rows = np.array([1800, 1805, 1809, 1810, 1815, 1819.0])[visible], np.flatnonzero(visible)
    return Pass(
        YEAR, Axis(180, 10, 2, whole=True), rows, years, np.array([0, 0, 0, 1, 1, 1])[visible],
        np.array(scores, np.float32).T[visible], hidden=len(hidden), without_number=0, far_off=0,
    )  # fmt: skip


def asked(close: float, loose: float, prompts: int = 1) -> Asked:
    both = np.full(prompts, close, np.float32), np.full(prompts, loose, np.float32)
    return Asked((), np.zeros((prompts, 4), np.float32), both[1], both[0], (False,) * prompts, ())


@pytest.mark.parametrize(
    ("scores", "groups", "hidden", "rows", "close", "why"),
    [
        ([0.9, 0.1, 0.1, 0.9, 0.9, 0.1], [], (), [3, 3], [1, 2], "each row for itself"),
        ([0.5, 0.1, 0.1, 0.49, 0.1, 0.1], [], (), [3, 3], [1, 0], "what lies on the threshold is close"),
        ([0.9, 0.1, 0.1, 0.9, 0.9, 0.1], [], (0, 5), [2, 2], [0, 2], "hidden rows count neither way"),
        ([0.9, 0.9, 0.1, 0.9, 0.9, 0.1], [[0, 1]], (), [2, 3], [1, 2], "a copy in the same bin does not count again"),
        ([0.1, 0.9, 0.1, 0.1, 0.1, 0.1], [[0, 1]], (), [2, 3], [1, 0], "it is close if one of the copies is"),
        ([0.9, 0.1, 0.1, 0.9, 0.1, 0.1], [[0, 3]], (), [3, 3], [1, 1], "a copy in another bin counts there"),
        ([0.9, 0.1, 0.1, 0.1, 0.1, 0.1], [[0, 1]], (0,), [2, 3], [0, 0], "a hidden copy makes nothing close"),
        ([0.1] * 6, [], tuple(range(6)), [0, 0], [0, 0], "all may be hidden"),
    ],
)
async def test_a_tiny_set_counted_by_hand(
    scores: list[float], groups: list[list[int]], hidden: tuple[int, ...], rows: list[int], close: list[int], why: str
) -> None:
    totals, [found] = tally(a_pass([scores], hidden), asked(0.5, 0.2), Duplicates(groups))

    assert totals.tolist() == rows, why
    assert found.close.tolist() == close, why


async def test_candidates_are_the_best_visible_rows_of_each_part_and_close_if_anything_is() -> None:
    near, far = [0.6, 0.9, 0.3, 0.9, 0.9, 0.1], [0.1, 0.3, 0.4, 0.1, 0.1, 0.1]

    work = a_pass([near, far], hidden=(1,))
    _, [first, second] = tally(work, asked(0.5, 0.2, 2), Duplicates([]))

    of_first, of_second = (
        [work.rows[part].tolist() for part in each.candidates if len(part)] for each in (first, second)
    )
    assert of_first == [[0], [3, 4]]
    assert of_second == [[2]], "nothing is close: the loosely related"


async def test_rows_without_a_number_or_outside_the_conditions_are_not_scored() -> None:
    values = np.array([1800, np.nan, 1801, 1802, np.nan])

    work = plan(YEAR, values, np.array([True, True, False, True, False]), 1)

    assert work is not None
    assert work.rows.tolist() == [0, 3]
    assert (work.without_number, work.hidden) == (1, 0)
    assert plan(YEAR, values, np.array([False, True, False, False, True]), 1) is None


async def test_hidden_rows_are_counted_apart_and_change_nothing_else() -> None:
    """Counted with a number or without: by choosing the column, nobody finds out what hidden rows have."""
    values = np.array([1500, 1800, np.nan, 1801, 1802, np.nan, 1999])
    visible, allowed = np.array([0, 1, 1, 1, 1, 0, 0], bool), np.array([1, 1, 1, 1, 0, 1, 0], bool)

    work = plan(YEAR, values, None, 1, visible)
    narrowed = plan(YEAR, values, allowed, 1, visible)

    assert work is not None
    assert narrowed is not None
    assert (work.axis.edges()[0], work.axis.edges()[-1]) == (1800, 1803)
    assert (work.rows.tolist(), work.hidden, work.without_number, work.far_off) == ([1, 3, 4], 3, 1, 0)
    assert (narrowed.rows.tolist(), narrowed.hidden, narrowed.without_number) == ([1, 3], 2, 1)
    assert plan(YEAR, values, None, 1, np.zeros(7, bool)) is None


@pytest.mark.parametrize("prompt", ["a cat", "a fish", "a car", "an abstract noun"])
async def test_a_bin_counts_what_a_search_within_it_calls_close(dated: SearchEngine, prompt: str) -> None:
    found = await dated.timeline(Query(text=prompt), NO_RULES)

    for place, piece in enumerate(found.bins):
        within = f"year={piece.low:.0f}..{piece.high - 1:.0f}"
        hits = (await dated.search(Query(text=prompt, where=within, k=100), NO_RULES)).hits
        close = sum(hit.closeness in CLOSE for hit in hits)
        assert (piece.rows, found.series[0].close[place]) == (len(hits), close)
        assert found.series[0].shares[place] == (wilson(close, len(hits)) if hits else None)


async def test_what_has_no_year_or_an_impossible_one_is_told(dated: SearchEngine) -> None:
    found = await dated.timeline(Query(text="a cat"), NO_RULES)

    assert (found.column, found.years, found.whole) == ("year", True, True)
    assert (found.bins[0].low, found.bins[-1].high) == (1800, 1900)
    assert (found.without_number, found.far_off, found.hidden) == (1, 1, 0)
    assert sum(piece.rows for piece in found.bins) <= dated.manifest.rows - 2


async def test_examples_stand_in_order_and_are_close_and_dated(dated: SearchEngine) -> None:
    found = await dated.timeline(Query(text="an animal"), NO_RULES)

    examples = found.series[0].examples
    assert 1 < len(examples) <= timeline.EXAMPLES[1]
    assert [each.bin for each in examples] == sorted(each.bin for each in examples)
    for each in examples:
        assert each.closeness in CLOSE
        assert str(int(each.value)) == each.metadata["year"]
        assert found.bins[each.bin].low <= each.value < found.bins[each.bin].high
        assert each.metadata["file_name"] not in (UNDATED, FAR_OFF)


async def test_a_second_prompt_is_a_second_course_on_the_same_axis(dated: SearchEngine) -> None:
    alone = await dated.timeline(Query(text="a car"), NO_RULES)

    both = await dated.timeline(Query(text="a fish"), NO_RULES, compare="a car")

    assert len(both.series) == 2
    assert both.series[1].close == alone.series[0].close
    assert both.bins == alone.bins


async def test_conditions_narrow_both_courses(dated: SearchEngine) -> None:
    found = await dated.timeline(Query(text="a fish", where="label=animals"), NO_RULES, compare="a car")

    assert found.bins[-1].high <= 1840
    assert sum(found.series[1].close) <= 1, "there are next to no cars among the animals"


async def test_a_picture_can_be_asked_with(dated: SearchEngine) -> None:
    [stored] = await dated.pictures([3])

    found = await dated.timeline(Query(image=stored.data), NO_RULES)

    assert 3 in [each.row for each in found.series[0].examples]


async def test_hidden_rows_count_neither_way_and_are_no_examples(dated: SearchEngine) -> None:
    before = await dated.timeline(Query(text="an animal"), NO_RULES)
    shown = [each.row for each in before.series[0].examples]

    after = await dated.timeline(Query(text="an animal"), await hide(dated, shown))

    assert not {each.row for each in after.series[0].examples} & set(shown)
    assert after.hidden >= len(shown)
    assert sum(piece.rows for piece in after.bins) < sum(piece.rows for piece in before.bins)
    assert sum(after.series[0].close) < sum(before.series[0].close)


async def test_a_concept_that_hides_takes_its_rows_out_of_the_count(dated: SearchEngine) -> None:
    before = await dated.timeline(Query(text="a cat"), NO_RULES)
    cats = await dated.make_concept(["a cat"])
    rules = FilterSet.of([Rule.of("concept", "cats", "hide", concept=cats, reason="a test")])

    after = await dated.timeline(Query(text="a cat"), rules)

    assert sum(before.series[0].close) > 0
    assert sum(after.series[0].close) == 0
    assert after.filter_hash == rules.hash


async def test_the_axis_and_what_is_left_out_tell_nothing_of_hidden_rows(dated: SearchEngine) -> None:
    rules = FilterSet.of(
        [
            Rule.of("source", pattern, "hide", reason="a test")
            for pattern in ("year<=1849", "year>=1900", "year=unknown")
        ]
    )

    after = await dated.timeline(Query(text="an animal"), rules)

    assert after.bins[0].low >= 1850
    assert after.bins[-1].high <= 1900
    assert (after.without_number, after.far_off) == (0, 0)
    assert after.hidden > 0


async def test_covered_rows_count_but_are_no_examples_and_notes_come_with_theirs(dated: SearchEngine) -> None:
    before = await dated.timeline(Query(text="an animal"), NO_RULES)
    first, second = await dated.pictures([each.row for each in before.series[0].examples[:2]])
    covered = Rule.of("picture", first.sha256, "spoiler", reason="a test")
    noted = Rule.of("picture", second.sha256, "note", note="Look twice.", reason="a test")

    after = await dated.timeline(Query(text="an animal"), FilterSet.of([covered, noted]))

    assert after.series[0].close == before.series[0].close
    assert first.row not in [each.row for each in after.series[0].examples]
    assert [each.notes for each in after.series[0].examples if each.row == second.row] == [("Look twice.",)]


@pytest.mark.parametrize(("prompt", "compare"), [("a skull", None), ("a fish", "a skull")])
async def test_a_refused_word_is_refused_in_either_prompt(
    dated: SearchEngine, prompt: str, compare: str | None
) -> None:
    rules = FilterSet.of([Rule.of("word", "skull", reason="a test")])

    with pytest.raises(RefusedError) as caught:
        await dated.timeline(Query(text=prompt), rules, compare=compare)

    assert "skull" not in f"{caught.value} {caught.value!r}"


async def test_a_refused_meaning_is_refused_in_either_prompt(dated: SearchEngine) -> None:
    concept = await dated.make_concept(["a cat"])
    rules = FilterSet.of([Rule.of("concept", "cats", "refuse", concept=concept, reason="a test")])

    for prompt, compare in (("a kitten", None), ("a car", "a kitten")):
        with pytest.raises(RefusedError):
            await dated.timeline(Query(text=prompt), rules, compare=compare)


async def test_a_prompt_that_is_to_be_covered_covers_all(dated: SearchEngine) -> None:
    rules = FilterSet.of([Rule.of("word", "cat", "spoiler", reason="a test")])

    assert (await dated.timeline(Query(text="a cat"), rules)).spoiler
    assert not (await dated.timeline(Query(text="a car"), rules)).spoiler


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"column": "colour"}, "no field 'colour'. Fields that hold numbers: colourfulness, year."),
        ({"column": "title"}, "'title' holds no numbers. Fields that do: colourfulness, year."),
    ],
)
async def test_a_column_without_numbers_is_told_with_those_that_have_them(
    dated: SearchEngine, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(QueryError, match=told.replace(".", r"\.")):
        await dated.timeline(Query(text="a cat"), NO_RULES, **options)


async def test_the_only_field_of_numbers_is_the_axis_where_none_holds_years(sample_index: Path) -> None:
    async with SearchEngine.open(sample_index, device="cpu") as engine:
        found = await engine.timeline(Query(text="fruit"), NO_RULES, compare="a computer")

    assert (found.column, found.years, found.bins[0].low) == ("colourfulness", False, 0)
    colourful, grey = (np.average(np.arange(len(one.close)), weights=one.close) for one in found.series)
    assert colourful > grey + 5, "fruit is drawn in brighter colours than computers are"


async def test_a_collection_without_numbers_has_no_axis(small_source: Path, tmp_path: Path) -> None:
    (small_source / "metadata.csv").unlink()
    build_index(small_source, tmp_path / "index", model=MODEL, device="cpu", progress=False)
    async with SearchEngine.open(tmp_path / "index", device="cpu") as engine:
        with pytest.raises(QueryError, match="No field of the collection holds numbers"):
            await engine.timeline(Query(text="a cat"), NO_RULES)


async def test_conditions_that_leave_no_number_are_told(dated: SearchEngine) -> None:
    with pytest.raises(QueryError, match="No picture that fulfils the conditions has a number in the field 'year'"):
        await dated.timeline(Query(text="a cat", where="year=unknown"), NO_RULES)


async def test_no_rules_loaded_no_timeline(dated: SearchEngine) -> None:
    with pytest.raises(QueryError, match="filter set"):
        await dated.timeline(Query(text="a cat"), None)  # type: ignore[arg-type]


async def test_a_search_is_answered_between_the_parts(dated: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "PART", 1)
    finished: list[str] = []

    async def noted(name: str, work: Any) -> Any:
        result = await work
        finished.append(name)
        return result

    slow, _ = await asyncio.gather(
        noted("timeline", dated.timeline(Query(text="a cat"), NO_RULES)),
        noted("search", dated.search(Query(text="a car"), NO_RULES)),
    )
    monkeypatch.undo()

    assert finished == ["search", "timeline"]
    assert isinstance(slow, Timeline)
    assert slow.series[0].close == (await dated.timeline(Query(text="a cat"), NO_RULES)).series[0].close


async def test_too_many_timelines_at_once_are_told(dated: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "MAX_PASSES", 2)

    tasks = [dated.timeline(Query(text="a cat"), NO_RULES) for _ in range(3)]
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(each) for each in results] == [Timeline, Timeline, BusyError]
    assert isinstance(await dated.timeline(Query(text="a cat"), NO_RULES), Timeline), "it is free again"
