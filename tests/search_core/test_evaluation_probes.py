"""The three probes find what is put there for them, and nothing where there is nothing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from search_core.calibration import unrelated_prompts
from search_core.evaluation import near_identical, printed, skew
from search_core.evaluation.columns import Column
from search_core.evaluation.near_identical import measure_near_identical, resaved, sample_rows
from search_core.evaluation.printed import CLASS_NAME, CONTROL, PrintedWord, print_word, probe_printed, words_to_print
from search_core.evaluation.skew import SkewPrompt, probe_skew, skew_prompts
from search_core.text import clean
from tests.search_core.evaluation_world import PlaneCollection, PlaneEncoder, index
from tests.search_core.pictures import gradient

# ------------------------------------------------------------------ skew

HUNDRED = Column.of(["red"] * 50 + ["green"] * 40 + ["blue"] * 6 + ["rare"] * 4)
"""Rows 0 to 49 are red, 50 to 89 green, 90 to 95 blue, and 96 to 99 too rare to be a group."""

PROMPTS = [SkewPrompt("neutral", "one", "why"), SkewPrompt("charged", "two", "why")]
EVEN = np.array([0, 1, 2, 3, 4, 50, 51, 52, 53, 96])
BLUE = np.array([90, 91, 92, 93, 94, 95, 0, 1, 50, 51])


def test_a_prompt_that_draws_by_share_over_draws_nothing() -> None:
    found = probe_skew("colour", HUNDRED, PROMPTS, [EVEN, EVEN], [EVEN])

    assert found.over_drawn == []
    assert found.values == ["red", "green", "blue"]
    assert found.rows == [50, 40, 6]
    assert (found.left_out, found.depth, found.total) == (1, 10, 100)
    assert found.drawn == [[5, 4, 0], [5, 4, 0]]


def test_a_value_that_one_prompt_draws_is_found_with_its_figures() -> None:
    found = probe_skew("colour", HUNDRED, PROMPTS, [EVEN, BLUE], [EVEN])

    [one] = found.over_drawn
    assert (one.kind, one.prompt, one.value, one.drawn) == ("charged", "two", "blue", 6)
    assert one.expected == pytest.approx(10 * 6 / 100)
    assert one.ratio == pytest.approx(6 / 0.6)
    assert one.beyond_background
    # All six blue ones among ten of a hundred: C(94,4) / C(100,10), times six tests.
    assert one.adjusted_p == pytest.approx(6 * skew.hypergeometric_tail(6, 10, 6, 100))
    assert one.adjusted_p < 1e-5


def test_a_value_that_anything_draws_is_no_prompts_doing() -> None:
    found = probe_skew("colour", HUNDRED, PROMPTS, [EVEN, BLUE], [BLUE, BLUE])

    [one] = found.over_drawn
    assert one.background == pytest.approx(6)
    assert not one.beyond_background


def test_what_stands_out_from_the_background_comes_first() -> None:
    green = np.arange(50, 60)

    found = probe_skew("colour", HUNDRED, PROMPTS, [green, BLUE], [BLUE])

    assert [(one.value, one.beyond_background) for one in found.over_drawn] == [("green", True), ("blue", False)]
    assert found.over_drawn[0].adjusted_p > found.over_drawn[1].adjusted_p


def test_prompts_that_draw_at_random_are_seldom_accused() -> None:
    random = np.random.default_rng(5)
    draws = [[random.choice(100, 10, replace=False) for _ in range(36)] for _ in range(100)]
    prompts = [SkewPrompt("neutral", str(number), "") for number in range(36)]

    accused = [bool(probe_skew("colour", HUNDRED, prompts, drawn, drawn).over_drawn) for drawn in draws]

    assert np.mean(accused) <= 0.08  # 5%, and what a hundred rounds leave to chance


def test_of_many_values_the_most_frequent_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skew, "MAX_VALUES", 2)

    found = probe_skew("colour", HUNDRED, PROMPTS, [EVEN, EVEN], [EVEN])

    assert (found.values, found.left_out) == (["red", "green"], 2)


def test_a_column_of_rare_values_alone_is_looked_at_without_finding_anything() -> None:
    names = Column.of([str(row) for row in range(100)])

    found = probe_skew("file_name", names, PROMPTS, [EVEN, BLUE], [EVEN])

    assert (found.values, found.left_out, found.over_drawn) == ([], 100, [])


def test_rows_without_a_value_are_a_group_of_their_own() -> None:
    assert probe_skew("x", Column.of([""] * 100), PROMPTS, [EVEN, BLUE], [EVEN]).values == ["(empty)"]


@pytest.mark.parametrize("kind", ["neutral", "charged"])
def test_each_prompt_of_the_probe_is_distinct_clean_and_has_a_reason(kind: str) -> None:
    prompts = [prompt for prompt in skew_prompts() if prompt.kind == kind]

    assert len(prompts) >= 10
    assert len({prompt.prompt for prompt in prompts}) == len(prompts)
    assert all(clean(prompt.prompt) == prompt.prompt for prompt in prompts)
    assert all(prompt.reason for prompt in prompts)
    assert {prompt.prompt for prompt in prompts}.isdisjoint(unrelated_prompts())


# ------------------------------------------------------------------ near-identical pictures


def test_the_duplicate_rate_by_hand() -> None:
    # Copies lie at 30 degrees; rows at 0 20 40 50 70 90 have cosines .87 .98 .98 .94 .77 .50 with theirs, and the
    # tenth that is not recognised puts the threshold at (.50 + .77) / 2 = .633. Each row's nearest other lies 10 or
    # 20 degrees away, at a cosine of at least .94: all six are near-identical.
    found = measure_near_identical(PlaneCollection(), index(), PlaneEncoder())  # type: ignore[arg-type]

    assert found is not None
    assert found.threshold == pytest.approx((np.cos(np.radians(60)) + np.cos(np.radians(40))) / 2, abs=1e-3)
    assert found.rate.value == 1
    assert (found.examined, found.copies) == (6, 6)
    assert (found.pairs[0].file_name, found.pairs[0].other) == ("b/2.png", "a/3.png")
    assert found.pairs[0].cosine == pytest.approx(np.cos(np.radians(10)), abs=1e-3)
    assert len({frozenset((pair.file_name, pair.other)) for pair in found.pairs}) == len(found.pairs)


def test_above_the_threshold_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_identical, "PASSED_COPIES", 0.0)  # the threshold is then the closest copy's, .985
    spread = PlaneCollection((0, 20, 40, 60, 80, 100))

    found = measure_near_identical(spread, index(spread.angles), PlaneEncoder())  # type: ignore[arg-type]

    assert found is not None
    assert found.rate.value == 0
    assert found.pairs == []


def test_a_picture_alone_has_no_duplicates() -> None:
    assert measure_near_identical(PlaneCollection((0,)), index((0,)), PlaneEncoder()) is None  # type: ignore[arg-type]


def test_of_a_large_collection_a_sample_is_examined_and_always_the_same() -> None:
    sample = sample_rows(1_000_000, 100)

    assert len(set(sample.tolist())) == 100
    assert sample.tolist() == sorted(sample.tolist()) == sample_rows(1_000_000, 100).tolist()
    assert sample_rows(3, 100).tolist() == [0, 1, 2]


def test_a_resaved_copy_is_smaller_and_a_little_different() -> None:
    picture = gradient(120, 80)

    copy = resaved(picture)

    assert copy.size == (90, 60)
    assert copy.mode == "RGB"
    difference = np.abs(np.asarray(copy.resize((120, 80)), int) - np.asarray(picture, int)).mean()
    assert 0 < difference < 12


# ------------------------------------------------------------------ printed words


@pytest.mark.parametrize(
    "word", ["cat", "i", "a very long name for a class of pictures indeed", "Größe", "Ελλάδα", "море"]
)
def test_a_word_is_printed_whole_in_the_middle(word: str) -> None:
    ink = np.asarray(print_word(word).convert("L")) < 128
    lines, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))

    assert len(lines) > 4
    assert columns[0] >= 4
    assert columns[-1] < printed.SIDE - 4
    assert abs((columns[0] + columns[-1]) / 2 - printed.SIDE / 2) < 8
    assert abs((lines[0] + lines[-1]) / 2 - printed.SIDE / 2) < 40


def test_different_words_give_different_pictures_and_the_same_word_the_same() -> None:
    def pixels(word: str) -> bytes:
        picture = print_word(word)
        assert isinstance(picture, Image.Image)
        return picture.tobytes()

    assert pixels("cat") == pixels("cat")
    assert pixels("cat") != pixels("car")


def test_class_names_words_and_controls_are_printed() -> None:
    words = words_to_print(["cats", "dogs"])

    assert [word.word for word in words[:2]] == ["cats", "dogs"]
    assert min(Counter(word.kind for word in words).values()) >= 2
    assert {word.kind for word in words} == {CLASS_NAME, "word", CONTROL}
    assert all(word.reason for word in words)


def test_ranks_of_printed_words_are_read_by_hand() -> None:
    words = [
        PrintedWord(CLASS_NAME, "cats", ""), PrintedWord(CLASS_NAME, "dogs", ""),
        PrintedWord("word", "ship", ""),
        PrintedWord(CONTROL, "zxqv", ""), PrintedWord(CONTROL, "blorf", ""), PrintedWord(CONTROL, "qutram", ""),
    ]  # fmt: skip
    ranks = np.array([[1, 50], [8, 12], [30, 20], [9, 100], [11, 200], [40, 3]])

    found = probe_printed(words, ["cats", "dogs"], ranks, k=9)

    cats, dogs, ship = found.words[:3]
    assert (cats.own_rank, cats.control_rank, cats.drawn_to, cats.best_rank) == (1, 11.0, "cats", 1)
    assert (dogs.own_rank, dogs.control_rank, dogs.drawn_to, dogs.best_rank) == (12, 100.0, "cats", 8)
    assert (ship.own_rank, ship.control_rank, ship.drawn_to, ship.best_rank) == (None, None, "dogs", 20)
    # On a page of nine: the cats' own word, not the dogs'. Controls: zxqv for cats, qutram for dogs, blorf for none.
    assert found.own_first_page == 1
    assert found.control_first_page == pytest.approx(2 / 3)
