"""Pictures by lot, fields, and the values offered to somebody who is typing one."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from search_core import FieldKind, FilterSet, Rule, SearchEngine, fields
from search_core.errors import QueryError
from search_core.fields import Catalogue
from search_core.filters.binding import BoundFilters
from search_core.generation import shards
from search_core.sight import Sights
from search_core.store import IndexDirectory
from tests.search_core.hiding import hide

NO_RULES = FilterSet.empty()

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def dated(dated_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(dated_index, device="cpu") as opened:
        yield opened


async def drawn(engine: SearchEngine, k: int, rules: FilterSet = NO_RULES, where: str = "", seed: int = 0) -> list[int]:
    draw = await engine.random(k, rules, where or (), seed)
    return [each.row for each in draw.rows]


async def test_each_allowed_and_visible_row_is_as_likely_as_any_other(dated: SearchEngine) -> None:
    everything = await drawn(dated, 100, where="label=food")
    rules = await hide(dated, everything[:20])
    left = set(await drawn(dated, 100, rules, "label=food"))
    assert not left & set(everything[:20])

    rounds = 400
    counts: Counter[int] = Counter()
    for seed in range(rounds):
        counts.update(await drawn(dated, 3, rules, "label=food", seed))

    assert set(counts) == left
    expected = 3 * rounds / len(left)
    chi_squared = sum((counts[row] - expected) ** 2 / expected for row in left)
    assert chi_squared < 2 * len(left), "the seeds are fixed, so this holds always or never"


async def test_without_a_seed_it_is_another_draw_each_time(dated: SearchEngine) -> None:
    draws = [tuple(each.row for each in (await dated.random(9, NO_RULES)).rows) for _ in range(4)]

    assert len(set(draws)) == 4


async def test_near_duplicates_are_drawn_once(dated: SearchEngine) -> None:
    rows = await drawn(dated, 100, where="label=animals")

    groups = dated._opened.duplicates
    assert all(not set(groups.others(row)) & set(rows) for row in rows)


async def test_what_the_rules_say_of_a_row_comes_with_it(dated: SearchEngine) -> None:
    covered = Rule.of("source", "label=food", "spoiler", reason="a test")
    noted = Rule.of("source", "label=vehicles", "note", note="Mind the wheels.", reason="a test")

    draw = await dated.random(60, FilterSet.of([covered, noted]), seed=1)

    assert {each.metadata["label"] for each in draw.rows if each.spoiler} == {"food"}
    assert {each.metadata["label"] for each in draw.rows if each.notes} == {"vehicles"}
    assert (draw.among, draw.hidden) == (dated.manifest.rows, 0)


async def test_what_is_drawn_from_and_what_the_rules_hide_of_it_are_counted_apart(dated: SearchEngine) -> None:
    rules = FilterSet.of([Rule.of("source", "year<=1849", "hide", reason="a test")])
    everything, food = await dated.random(1, NO_RULES), await dated.random(1, NO_RULES, "label=food")

    draw, narrowed = await dated.random(1, rules), await dated.random(1, rules, "label=food")

    assert draw.among + draw.hidden == everything.among
    assert narrowed.among + narrowed.hidden == food.among
    assert 0 < narrowed.hidden < draw.hidden


async def test_where_everything_is_hidden_nothing_is_drawn(dated: SearchEngine) -> None:
    rules = FilterSet.of([Rule.of("source", "label!=nothing", "hide", reason="a test")])

    assert await drawn(dated, 9, rules) == []


@pytest.mark.parametrize(
    ("k", "where", "told"), [(0, "", "1 to 100"), (101, "", "1 to 100"), (9, "colour=red", "no field 'colour'")]
)
async def test_a_draw_that_cannot_be_made_is_told(dated: SearchEngine, k: int, where: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        await drawn(dated, k, where=where)


async def test_no_rules_loaded_nothing_drawn_and_nothing_offered(dated: SearchEngine) -> None:
    with pytest.raises(QueryError, match="filter set"):
        await dated.random(9, None)  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="filter set"):
        await dated.complete("label", "", None)  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="filter set"):
        await dated.fields(None)  # type: ignore[arg-type]


async def test_fields_are_known_by_what_they_hold(dated: SearchEngine) -> None:
    known = {field.name: field for field in await dated.fields(NO_RULES)}

    assert {name: field.kind for name, field in known.items()} == {
        "file_name": FieldKind.TEXT,
        "title": FieldKind.TEXT,
        "creator": FieldKind.CHOICE,
        "source": FieldKind.TEXT,
        "licence": FieldKind.CHOICE,
        "colourfulness": FieldKind.NUMBER,
        "label": FieldKind.CHOICE,
        "year": FieldKind.NUMBER,
    }
    assert (known["year"].low, known["year"].high, known["year"].years) == (1800, 1899, True)
    assert known["label"].filled == dated.manifest.rows


async def test_values_that_begin_so_come_first_and_frequent_ones_before_rare_ones(dated: SearchEngine) -> None:
    creators = Counter(each.metadata["creator"] for each in await dated.pictures(range(dated.manifest.rows)))
    creators.pop("", None)

    offered = await dated.complete("creator", "", NO_RULES)
    assert [creators[name] for name in offered] == sorted(creators.values(), reverse=True)[: len(offered)]

    offered = await dated.complete("creator", "AR", NO_RULES)
    begins = [name.lower().startswith("ar") for name in offered]
    assert any(begins)
    assert begins == sorted(begins, reverse=True)
    assert all("ar" in name.lower() for name in offered)


async def test_no_more_is_offered_than_asked_for_and_nothing_that_does_not_fit(dated: SearchEngine) -> None:
    assert len(await dated.complete("year", "18", NO_RULES, 7)) == 7
    assert await dated.complete("label", "xyz", NO_RULES) == []
    with pytest.raises(QueryError, match="no field 'colour'"):
        await dated.complete("colour", "", NO_RULES)


@pytest.mark.parametrize("rule", [Rule.of("source", "label=food", "hide", reason="a test"), "pictures"])
async def test_values_that_only_hidden_rows_have_are_not_offered(dated: SearchEngine, rule: Rule | str) -> None:
    rules = FilterSet.of([rule]) if isinstance(rule, Rule) else NO_RULES
    if not isinstance(rule, Rule):
        food = [each.row for each in (await dated.random(100, NO_RULES, "label=food")).rows]
        rules = await hide(dated, food)

    assert await dated.complete("label", "", rules) == ["animals", "vehicles"]
    assert "food" in await dated.complete("label", "", NO_RULES)


@pytest.mark.parametrize("scanned", [False, True])
async def test_of_a_hidden_row_nothing_is_offered_measured_or_counted(
    dated: SearchEngine, monkeypatch: pytest.MonkeyPatch, scanned: bool
) -> None:
    everything = list(await dated.pictures(range(dated.manifest.rows)))
    early = [each for each in everything if each.metadata["year"] in map(str, range(1850))]
    hidden = next(
        each for each in early if sum(each.metadata["title"] in one.metadata["title"] for one in everything) == 1
    )
    rules = FilterSet.of([Rule.of("source", "year<=1849", "hide", reason="a test")])
    if scanned:
        monkeypatch.setattr(fields, "MAX_DIFFERENT", 3)
        monkeypatch.setattr(dated, "_catalogue", None)
        monkeypatch.setattr(dated, "_sights", Sights())

    known = {field.name: field for field in await dated.fields(rules)}
    offered = await dated.complete("year", "18", rules, 100)
    draw = await dated.random(100, rules)

    left = len(everything) - len(early)
    assert (known["year"].low, known["year"].high, known["year"].kind) == (1850, 1899, FieldKind.NUMBER)
    assert (known["year"].filled, known["label"].filled, draw.among) == (left, left, left)
    labels = {each.metadata["label"] for each in everything if each not in early}
    assert known["label"].different == len(labels)
    assert (known["title"].different is None) == scanned
    assert offered
    assert all(int(year) >= 1850 for year in offered)
    assert hidden.metadata["title"] in await dated.complete("title", hidden.metadata["title"], NO_RULES)
    assert hidden.metadata["title"] not in await dated.complete("title", hidden.metadata["title"], rules)
    assert not {each.row for each in draw.rows} & {each.row for each in early}


async def test_where_all_numbers_are_hidden_a_field_has_no_range(dated: SearchEngine) -> None:
    rules = FilterSet.of([Rule.of("source", "year>=0", "hide", reason="a test")])

    year = {field.name: field for field in await dated.fields(rules)}["year"]

    assert (year.kind, year.low, year.high, year.filled) == (FieldKind.NUMBER, None, None, 1)
    assert await dated.complete("year", "", rules) == ["unknown"]


async def test_rows_are_judged_once_for_a_filter_set(dated: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []
    hidden = BoundFilters.hidden
    monkeypatch.setattr(BoundFilters, "hidden", lambda self, rows: (judged.append(len(rows)), hidden(self, rows))[1])
    monkeypatch.setattr(dated, "_sights", Sights())
    rules = FilterSet.of([Rule.of("source", "label=food", "hide", reason="once")])
    covered = FilterSet.of([Rule.of("source", "label=food", "spoiler", reason="once")])

    for _ in range(2):
        await dated.fields(rules)
        await dated.complete("label", "", rules)
        await dated.random(9, rules)
        await dated.random(9, covered)

    assert sum(judged) == dated.manifest.rows


async def test_values_that_would_be_refused_as_prompts_are_not_offered(dated: SearchEngine) -> None:
    assert "vehicles" in await dated.complete("label", "", NO_RULES)
    rules = FilterSet.of([Rule.of("word", "vehicles", reason="a test")])

    assert "vehicles" not in await dated.complete("label", "", rules)


async def test_a_column_that_hardly_repeats_is_looked_through_with_the_same_result(
    dated: SearchEngine, dated_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = set(await dated.complete("title", "ca", NO_RULES, 100))
    monkeypatch.setattr(fields, "MAX_DIFFERENT", 3)

    scanned = Catalogue(dated._opened.collection)

    assert set(scanned.offer("title", "ca", 100)) == kept
    assert next(field for field in scanned.fields() if field.name == "year").kind is FieldKind.NUMBER
    assert len(shards(IndexDirectory(dated_index).current())) > 0


async def test_the_years_are_the_axis_unless_another_field_is_named(dated: SearchEngine) -> None:
    catalogue = Catalogue(dated._opened.collection)

    assert catalogue.timed().name == catalogue.timed("year").name == "year"
