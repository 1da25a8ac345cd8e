"""Rules at work in the engine: meanings are refused, rows hidden, covered or explained, and nothing goes round them."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from search_core import (
    Concept,
    FilterSet,
    Mixture,
    PromptError,
    Query,
    QueryError,
    RefusedError,
    Rule,
    RuleError,
    SearchEngine,
    Stage,
    StaleConcept,
    Verdict,
    View,
    starter_rules,
)
from search_core.build import build_index
from search_core.filters import binding
from search_core.filters.rules import MAX_EXAMPLES
from tests.conftest import MODEL
from tests.search_core.hiding import hide
from tests.search_core.pictures import encoded, gradient

NO_RULES = FilterSet.empty()
EXAMPLES = {
    "weapons": ["a gun", "a person holding a firearm"],
    "bones": ["a human skull", "the skeleton of a dead person"],
    "nudity": ["a nude woman", "a naked man"],
    "gore": ["blood and gore", "a mutilated body"],
    "executions": ["a man hanged on the gallows", "an execution"],
    "slavery": ["slaves in chains", "a slave market"],
    "drinking": ["drinking alcohol", "a drunk man"],
    "smoking": ["smoking a cigarette"],
    "spiders": ["a spider"],
    "snakes": ["a snake"],
    "drugs": ["illegal drugs"],
    "war": ["soldiers at war"],
}
PARAPHRASES = {
    "weapons": ["pistol", "rifle with a scope", "an old musket", "shotgun shells", "a revolver on a desk"],
    "bones": ["bony head with empty eye sockets", "bones", "cranium", "remains in a grave"],
    "nudity": ["a lady without any clothes", "undressed people bathing", "bare breasts", "topless girl"],
    "gore": ["bleeding wounds", "a corpse cut open", "severed head", "guts spilling out", "a butchered victim"],
    "executions": ["somebody strung up by the neck with a rope", "beheading", "guillotine", "a prisoner put to death"],
    "slavery": ["captives sold at auction", "people held bondage", "shackled africans on a plantation"],
    "drinking": ["beer", "a bottle of whisky", "intoxicated sailors", "wine glasses", "boozing at the pub"],
    "smoking": ["tobacco pipe", "cigar", "puffing on his fag"],
    "spiders": ["tarantula", "arachnid with eight legs", "black widow"],
    "snakes": ["python", "hissing viper", "cobra ready to strike", "serpent"],
    "drugs": ["cocaine", "heroin syringe", "junkie", "smoking weed", "narcotics"],
    "war": ["troops in battle", "army invading", "trench combat", "military conflict"],
}
STOP_WORDS = {"a", "an", "the", "of", "in", "at", "on"}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def concepts(engine: SearchEngine) -> dict[str, Concept]:
    return {name: await engine.make_concept(texts) for name, texts in EXAMPLES.items()}


def _rules(concept: Concept, action: str = "refuse", **parts: object) -> FilterSet:
    return FilterSet.of([Rule.of("concept", "a thing", action, concept=concept, id=7, **parts)])


# ------------------------------------------------------------- prompts and pictures


def _words(texts: list[str]) -> set[str]:
    return set(re.findall(r"\w+", " ".join(texts))) - STOP_WORDS


async def test_concepts_refuse_most_paraphrases_that_share_no_word_with_them(
    engine: SearchEngine, concepts: dict[str, Concept], figures: Counter[str]
) -> None:
    refused = []
    for name, prompts in PARAPHRASES.items():
        assert _words(EXAMPLES[name]).isdisjoint(_words(prompts))
        inspections = [await engine.inspect(Query(text=text, k=1), _rules(concepts[name])) for text in prompts]
        assert any(one.refused for one in inspections), name
        refused += [one.refused for one in inspections]

    figures["paraphrases"], figures["paraphrases refused by meaning"] = len(refused), sum(refused)
    assert np.mean(refused) > 0.5


async def test_a_refusal_by_meaning_says_how_near_it_was(engine: SearchEngine, concepts: dict[str, Concept]) -> None:
    with pytest.raises(RefusedError) as caught:
        await engine.search(Query(text="troops in battle"), _rules(concepts["war"]))

    [match] = caught.value.matches
    assert (match.view, match.stage, match.rule.id) == (View.MEANING, Stage.PROMPT, 7)
    assert match.score is not None
    assert match.threshold is not None
    assert match.score >= match.threshold


async def test_concepts_let_nearly_all_titles_of_the_collection_pass(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    titles = sorted(set(engine._opened.collection.column("title").to_pylist()))[::3]
    filters = FilterSet.of(
        Rule.of("concept", name, concept=concept, id=number) for number, (name, concept) in enumerate(concepts.items())
    )

    inspections = await asyncio.gather(*(engine.inspect(Query(text=title, k=1), filters) for title in titles))

    refusing = [match.rule.id for one in inspections for match in one.matches if match.refuses]
    shares = np.bincount(refusing, minlength=len(concepts)) / len(titles)
    assert len(titles) > 200
    assert shares.mean() < 0.02
    assert shares.max() < 0.05


async def test_each_of_several_prompts_is_looked_at_and_what_they_mean_together(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    filters = _rules(concepts["war"])
    with pytest.raises(RefusedError):
        await engine.search(Query(text=["a cat", "troops in battle"]), filters)
    with pytest.raises(RefusedError):
        await engine.search(Query(text="troops in battle", without="a cat"), filters)


async def test_what_is_to_be_stayed_away_from_is_held_against_nobody(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    result = await engine.search(Query(text="a garden", without="troops in battle"), _rules(concepts["war"]))

    assert len(result.hits) == 9


async def test_a_posted_picture_of_it_is_refused_alone_and_with_words(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    filters = _rules(concepts["bones"])
    worst = (await engine.preview(filters.rules[0])).worst[0]
    [picture] = await engine.pictures([worst.row])

    for query in (Query(image=picture.data), Query(image=picture.data, text="a drawing")):
        with pytest.raises(RefusedError) as caught:
            await engine.search(query, filters)
        assert Stage.PICTURE in {match.stage for match in caught.value.matches}
    assert (await engine.search(Query(image=encoded(gradient())), filters)).hits


async def test_turning_the_page_is_refused_too_when_the_rule_came_after_the_search(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    first = await engine.search(Query(text="troops in battle"), NO_RULES)
    picture = await engine.search(Query(row=0), NO_RULES)

    with pytest.raises(RefusedError):
        await engine.search(Query(vector=first.vector, kind=first.kind, offset=9), _rules(concepts["war"]))
    await engine.search(Query(vector=picture.vector, kind=picture.kind, offset=9), _rules(concepts["war"]))


async def test_a_refused_query_in_a_batch_leaves_the_others_alone(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    filters = _rules(concepts["war"])
    prompts = ["a cat", "troops in battle"] * 20

    outcomes = await asyncio.gather(
        *(engine.search(Query(text=prompt), filters) for prompt in prompts), return_exceptions=True
    )

    assert [isinstance(outcome, RefusedError) for outcome in outcomes] == [False, True] * 20


# ------------------------------------------------------------- results


@pytest.mark.parametrize("kind", ["words", "picture", "both", "row", "page", "where"])
async def test_fitting_results_are_hidden_and_the_page_is_full_whatever_was_asked_with(
    engine: SearchEngine, kind: str
) -> None:
    concept = await engine.make_concept(["a cat"])
    filters = _rules(concept, "hide")
    cat = (await engine.search(Query(text="a cat"), NO_RULES)).hits[0].row
    dog = (await engine.search(Query(text="a dog"), NO_RULES)).hits[0].row
    [picture] = await engine.pictures([cat])
    vector = (await engine.search(Query(text="a cat"), NO_RULES)).vector
    query = {
        "words": Query(text="a cat"),
        "picture": Query(image=picture.data),
        "both": Query(text="an animal", image=picture.data),
        "row": Query(row=dog, text="a cat"),
        "page": Query(vector=vector, kind=(await engine.search(Query(text="a cat"), NO_RULES)).kind),
        "where": Query(text="a cat", where="label=animals"),
    }[kind]
    vectors = engine._opened.index.vectors(np.arange(engine.manifest.rows))
    falls = set(np.flatnonzero(vectors @ concept.vectors[0] >= concept.thresholds[0, 2]).tolist())

    open_to_all = await engine.search(dataclasses.replace(query, k=9), NO_RULES)
    result = await engine.search(query, filters)

    assert falls & {hit.row for hit in open_to_all.hits}
    assert len(result.hits) == 9
    assert result.hidden > 0
    assert not falls & {hit.row for hit in result.hits}
    whole = await engine.search(dataclasses.replace(query, k=100), NO_RULES)
    assert [hit.row for hit in result.hits] == [hit.row for hit in whole.hits if hit.row not in falls][:9]


async def test_nothing_is_similar_to_a_hidden_picture(engine: SearchEngine, concepts: dict[str, Concept]) -> None:
    row = (await engine.preview(_rules(concepts["bones"]).rules[0])).worst[0].row
    for filters in (await hide(engine, [row]), _rules(concepts["bones"]), _rules(concepts["bones"], "hide")):
        with pytest.raises(RefusedError) as caught:
            await engine.search(Query(row=row), filters)
        assert caught.value.matches[0].stage is Stage.PICTURE


async def test_a_rule_that_only_hides_does_not_refuse(engine: SearchEngine, concepts: dict[str, Concept]) -> None:
    result = await engine.search(Query(text="bones"), _rules(concepts["bones"], "hide"))

    assert len(result.hits) == 9
    assert result.hidden >= 1
    assert result.matches == ()


async def test_a_picture_rule_takes_the_near_duplicates_along(small_source: Path, tmp_path: Path) -> None:
    from PIL import Image

    original = next((small_source / "animals").glob("*.jpg"))
    with Image.open(original) as image:
        image.save(small_source / "animals" / "again.jpg", quality=93)
    build_index(small_source, tmp_path / "index", model=MODEL, device="cpu", progress=False)
    async with SearchEngine.open(tmp_path / "index", device="cpu") as engine:
        pictures = await engine.pictures(range(engine.manifest.rows))
        twins = [one.row for one in pictures if one.file_name in (f"animals/{original.name}", "animals/again.jpg")]
        filters = FilterSet.of([Rule.of("picture", pictures[twins[0]].sha256, id=3)])

        verdicts = await engine.judge(range(engine.manifest.rows), filters)

        assert len(twins) == 2
        assert [row for row, verdict in enumerate(verdicts) if verdict.hidden] == twins
        result = await engine.search(Query(image=original.read_bytes(), k=30), filters)
        assert not set(twins) & {hit.row for hit in result.hits}


async def test_a_source_rule_looks_at_metadata_and_matches_nothing_where_there_is_none(engine: SearchEngine) -> None:
    rules = FilterSet.of([Rule.of("source", "label=animals"), Rule.of("source", "shelfmark=1")])
    result = await engine.search(Query(text="a cat", k=30), rules)

    assert len(result.hits) == 30
    assert "animals" not in {hit.metadata["label"] for hit in result.hits}
    assert not any(v.hidden for v in await engine.judge([0, 1], FilterSet.of([Rule.of("source", "shelfmark!=1")])))


async def test_spoilers_and_notes_are_told_for_each_hit(engine: SearchEngine, concepts: dict[str, Concept]) -> None:
    filters = FilterSet.of(
        [
            Rule.of("concept", "bones", "spoiler", concept=concepts["bones"], id=1),
            Rule.of("source", "label=animals", "note", note="An animal.", id=2),
            Rule.of("source", "label!=food", "log", id=3),
        ]
    )

    result = await engine.search(Query(text="an animal's head", k=40), filters)
    verdicts = await engine.judge([hit.row for hit in result.hits], filters)

    assert result.hidden == 0
    for hit, verdict in zip(result.hits, verdicts, strict=True):
        assert hit.notes == (("An animal.",) if hit.metadata["label"] == "animals" else ())
        assert hit.spoiler is verdict.spoiler
        assert (3 in verdict.rules) is (hit.metadata["label"] != "food")
    skull = (await engine.preview(filters.rules[0])).worst[0].row
    assert (await engine.judge([skull], filters))[0].spoiler


async def test_what_was_asked_can_put_all_results_under_a_spoiler_or_a_note(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    covered = _rules(concepts["war"], "spoiler")
    noted = FilterSet.of([Rule.of("word", "battle", "note", note="Of its time."), Rule.of("word", "troops", "log")])

    by_meaning = await engine.search(Query(text="troops in battle"), covered)
    by_word = await engine.search(Query(text="troops in battle"), noted)
    other = await engine.search(Query(text="a garden"), covered)

    assert (by_meaning.spoiler, by_meaning.notes, len(by_meaning.matches)) == (True, (), 1)
    assert (by_word.spoiler, by_word.notes, len(by_word.matches)) == (False, ("Of its time.",), 2)
    assert (other.spoiler, other.matches) == (False, ())


async def test_concepts_are_looked_at_block_by_block(engine: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    filters = _rules(await engine.make_concept(["a cat"]), "hide")
    rows = np.arange(engine.manifest.rows)
    whole = engine._opened.binder.bind(filters).hidden(rows)

    monkeypatch.setattr(binding, "BLOCK", 7)

    assert np.array_equal(engine._opened.binder.bind(filters).hidden(rows), whole)
    assert 0 < whole.sum() < len(rows)


# ------------------------------------------------------------- snapshots


async def test_each_of_many_searches_obeys_the_snapshot_it_was_asked_with(engine: SearchEngine) -> None:
    best = [hit.row for hit in (await engine.search(Query(text="a cat", k=20), NO_RULES)).hits]
    before, after = await hide(engine, best[:2]), await hide(engine, best[2:8])
    hidden = {
        filters.hash: {row for row, one in enumerate(verdicts) if one.hidden}
        for filters in (before, after)
        for verdicts in [await engine.judge(range(engine.manifest.rows), filters)]
    }
    current, asked = before, []

    async def ask(number: int) -> None:
        await asyncio.sleep(number / 400)
        rules = current
        asked.append((number, rules.hash, await engine.search(Query(text=f"a cat {number % 3}", k=40), rules)))

    searches = [asyncio.create_task(ask(number)) for number in range(32)]
    await asyncio.sleep(16 / 400)
    current = after
    await asyncio.gather(*searches)

    assert {expected for _, expected, _ in asked} == {before.hash, after.hash}
    for _, expected, result in asked:
        assert result.filter_hash == expected
        assert not {hit.row for hit in result.hits} & hidden[expected]
        other = hidden[after.hash if expected == before.hash else before.hash]
        assert {hit.row for hit in result.hits} & other


async def test_rules_are_bound_once_for_each_snapshot_and_old_ones_go(engine: SearchEngine) -> None:
    filters = FilterSet.of([Rule.of("source", "label=food")])
    binder = engine._opened.binder

    first = binder.bind(filters)

    assert binder.bind(FilterSet.of(filters.rules)) is first
    for number in range(binding.MAX_BOUND):
        binder.bind(FilterSet.of([Rule.of("source", f"label={number}")]))
    assert binder.bind(filters) is not first


async def test_rows_of_the_generation_before_are_judged_as_they_were(small_source: Path, tmp_path: Path) -> None:
    directory = tmp_path / "index"
    build_index(small_source, directory, model=MODEL, device="cpu", progress=False)
    async with SearchEngine.open(directory, device="cpu") as engine:
        first, [picture] = engine.generation, await engine.pictures([4])
        concept = await engine.make_concept(rows=[4])
        rules = [Rule.of("picture", picture.sha256), Rule.of("concept", "like it", "spoiler", concept=concept)]
        before = await engine.judge(range(30), FilterSet.of(rules))
        (small_source / "aaa.png").write_bytes(encoded(gradient()))
        await asyncio.to_thread(build_index, small_source, directory, model=MODEL, device="cpu", progress=False)
        await engine.reload()

        assert await engine.judge(range(30), FilterSet.of(rules), first) == before
        assert (await engine.judge([5], FilterSet.of(rules)))[0].hidden
        assert await engine.find([picture.sha256]) == {picture.sha256: 5}
        with pytest.raises(QueryError, match="rebuilt"):
            await engine.judge([0], FilterSet.of(rules), "generation-000000-00000000")
        with pytest.raises(QueryError, match="no row 31"):
            await engine.judge([31], FilterSet.of(rules))


# ------------------------------------------------------------- concepts


async def test_a_concept_of_another_model_stops_the_search_instead_of_being_passed_over(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    foreign = dataclasses.replace(concepts["war"], weights="another")

    for asked in (
        engine.search(Query(text="a cat"), _rules(foreign)),
        engine.judge([0], _rules(foreign)),
        engine.preview(_rules(foreign).rules[0]),
        engine.inspect(Query(text="a cat"), _rules(foreign)),
    ):
        with pytest.raises(StaleConcept) as caught:
            await asked
        assert caught.value.rules == (7,)
    off = FilterSet.of([_rules(foreign).rules[0].changed(enabled=False)])
    assert (await engine.search(Query(text="a cat"), off)).hits


async def test_a_concept_of_another_width_stops_the_search_whatever_model_it_names(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    narrow = dataclasses.replace(concepts["war"], vectors=np.eye(1, 10, dtype=np.float32))
    beside = Rule.of("concept", "spiders", "refuse", concept=concepts["spiders"], id=8)

    for filters in (_rules(narrow), FilterSet.of([*_rules(narrow).rules, beside])):
        with pytest.raises(StaleConcept) as caught:
            await engine.search(Query(text="a cat"), filters)
        assert caught.value.rules == (7,)


async def test_a_concept_can_be_made_anew_for_the_model_of_today(engine: SearchEngine) -> None:
    made = await engine.make_concept(["a cat"], rows=[3], sensitivity=0.5)
    posted = await engine.make_concept(images=[encoded(gradient())])
    foreign = dataclasses.replace(made, weights="another", vectors=np.zeros_like(made.vectors))

    assert await engine.refresh_concept(foreign) == made
    with pytest.raises(RuleError, match="not kept"):
        await engine.refresh_concept(posted)


async def test_a_concept_of_pictures_finds_its_like_and_refuses_words_for_them(engine: SearchEngine) -> None:
    cats = [hit.row for hit in (await engine.search(Query(text="a cat", k=4), NO_RULES)).hits]
    [posted] = await engine.pictures(cats[:1])
    concept = await engine.make_concept(images=[posted.data], rows=cats[1:])

    assert len(concept.pictures) == 3
    assert len(concept.vectors) == 4
    with pytest.raises(RefusedError):
        await engine.search(Query(text="a cat"), _rules(concept))
    assert all(verdict.hidden for verdict in await engine.judge(cats, _rules(concept)))
    assert (await engine.search(Query(text="a railway bridge"), _rules(concept))).hits


async def test_more_sensitivity_matches_more(engine: SearchEngine) -> None:
    counts = []
    for sensitivity in (-1.0, 0.0, 1.0, 2.0):
        concept = await engine.make_concept(["a cat"], sensitivity=sensitivity)
        counts.append((await engine.preview(_rules(concept).rules[0])).count)

    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


async def test_an_example_always_matches_itself(engine: SearchEngine) -> None:
    concept = await engine.make_concept(["a cat"], rows=[3], sensitivity=-3.0)

    assert (await engine.inspect(Query(text="a cat"), _rules(concept))).refused
    assert (await engine.judge([3], _rules(concept)))[0].hidden


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({}, RuleError),
        ({"texts": [f"thing {n}" for n in range(MAX_EXAMPLES + 1)]}, RuleError),
        ({"texts": ["a cat"], "sensitivity": 9.0}, RuleError),
        ({"texts": ["a cat"], "sensitivity": float("nan")}, RuleError),
        ({"texts": ["!!"]}, PromptError),
        ({"rows": [100_000]}, QueryError),
    ],
)
async def test_what_makes_no_concept_is_told(
    engine: SearchEngine, parts: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await engine.make_concept(**parts)  # type: ignore[arg-type]


async def test_all_concepts_of_the_starter_set_can_be_made_and_let_most_of_a_clip_art_collection_pass(
    engine: SearchEngine,
) -> None:
    drafts = [draft for draft in starter_rules() if draft["texts"]]
    rules = [
        Rule.of("concept", draft["pattern"], "log", concept=await engine.make_concept(draft["texts"]))
        for draft in drafts
    ]
    verdicts = await engine.judge(range(engine.manifest.rows), FilterSet.of(rules))

    assert len(rules) >= 10
    assert np.mean([bool(verdict.rules) for verdict in verdicts]) < 0.1


# ------------------------------------------------------------- before a rule bites


async def test_a_preview_counts_what_falls_and_shows_the_worst_and_the_border(engine: SearchEngine) -> None:
    rule = _rules(await engine.make_concept(["a cat"]), "hide").rules[0]

    preview = await engine.preview(rule, k=6)
    verdicts = await engine.judge(range(engine.manifest.rows), FilterSet.of([rule]))

    assert preview.count == sum(verdict.hidden for verdict in verdicts)
    assert preview.exact
    assert preview.share == pytest.approx(preview.count / engine.manifest.rows)
    assert len(preview.worst) == min(6, preview.count)
    assert "Cat" in preview.worst[0].metadata["title"]
    assert all(verdicts[hit.row].hidden for hit in preview.worst)
    border = [verdicts[hit.row].hidden for hit in preview.borderline]
    assert border == sorted(border, reverse=True)
    assert set(border) == {True, False}


async def test_a_preview_of_a_rule_that_is_off_shows_what_it_would_do(engine: SearchEngine) -> None:
    rule = Rule.of("source", "label=food", enabled=False)

    preview = await engine.preview(rule)

    assert preview.count == sum(one == "food" for one in engine._opened.collection.column("label").to_pylist())
    assert len(preview.worst) == 9
    assert preview.borderline == ()
    assert (await engine.preview(Rule.of("word", "food"))).count == 0


async def test_a_preview_of_a_large_collection_is_estimated_and_says_so(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search_core import previews

    rule = _rules(await engine.make_concept(["a cat"], sensitivity=1.0), "hide").rules[0]
    exact = await engine.preview(rule)

    monkeypatch.setattr(previews, "MAX_COUNTED", 300)
    estimated = await engine.preview(rule)

    assert not estimated.exact
    assert abs(estimated.count - exact.count) < 0.7 * exact.count
    assert [hit.row for hit in estimated.worst] == [hit.row for hit in exact.worst]


async def test_an_inspection_tells_what_would_happen_and_why(
    engine: SearchEngine, concepts: dict[str, Concept]
) -> None:
    picture_rule = (await hide(engine, [(await engine.search(Query(text="bones"), NO_RULES)).hits[0].row])).rules[0]
    filters = FilterSet.of(
        [
            Rule.of("word", "bones", id=1),
            Rule.of("concept", "bones", concept=concepts["bones"], id=2),
            dataclasses.replace(picture_rule, id=3),
            Rule.of("source", "label=animals", "log", id=4),
        ]
    )

    inspection = await engine.inspect(Query(text="bones"), filters)
    harmless = await engine.inspect(Query(text="a red bicycle"), filters)

    assert inspection.refused
    assert {(match.rule.id, match.stage) for match in inspection.matches} >= {
        (1, Stage.PROMPT),
        (2, Stage.PROMPT),
        (3, Stage.RESULT),
    }
    assert inspection.hidden >= 1
    assert len(inspection.result.hits) == 9
    assert not harmless.refused
    assert not any(match.refuses for match in harmless.matches)


async def test_a_hundred_inspections_go_together(engine: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = engine._opened.encoder
    encode, sizes = encoder.encode_texts, []
    monkeypatch.setattr(encoder, "encode_texts", lambda texts: (sizes.append(len(texts)), encode(texts))[1])
    filters = FilterSet.of([Rule.of("word", "cat")])

    inspections = await asyncio.gather(*(engine.inspect(Query(text=f"a cat {n}"), filters) for n in range(100)))

    assert all(one.refused for one in inspections)
    assert sum(sizes) == 100
    assert len([size for size in sizes if size]) <= 8


async def test_a_row_that_is_hidden_can_be_inspected(engine: SearchEngine) -> None:
    filters = await hide(engine, [5])

    inspection = await engine.inspect(Query(row=5), filters)

    assert inspection.refused
    assert [match.view for match in inspection.matches if match.refuses] == [View.ROW]


async def test_a_mixture_is_held_against_thresholds_between(engine: SearchEngine, concepts: dict[str, Concept]) -> None:
    concept = concepts["war"]
    bound = engine._opened.binder.bind(_rules(concept))
    vector = concept.vectors[0]
    for share in (0.0, 0.25, 0.5, 1.0):
        [match] = bound.meanings(vector, Stage.PROMPT, share)
        expected = (1 - share) * concept.thresholds[0, 0] + share * concept.thresholds[0, 1]
        assert match.threshold == pytest.approx(expected)
    first = await engine.search(Query(text="troops in battle", without="a cat"), NO_RULES)
    assert first.mixture == Mixture(0.0, without=True)


# ------------------------------------------------------------- nothing leaks


async def test_no_refusal_shows_prompt_or_rule_in_error_or_log(
    engine: SearchEngine, concepts: dict[str, Concept], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    filters = FilterSet.of([Rule.of("concept", "secretname", concept=concepts["war"]), Rule.of("word", "zebrafish")])
    for prompt in ("troops in battle", "a zebrafish"):
        with pytest.raises(RefusedError) as caught:
            await engine.search(Query(text=prompt), filters)
        shown = f"{caught.value!r} {caught.value} {caught.value.matches!r} {caught.value.__cause__!r} {caplog.text}"
        for secret in ("troops", "battle", "zebrafish", "secretname"):
            assert secret not in shown


async def test_a_verdict_without_rules_says_nothing(engine: SearchEngine) -> None:
    assert await engine.judge([0, 1], NO_RULES) == [Verdict(), Verdict()]
