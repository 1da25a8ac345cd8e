"""The in-domain test of six pictures in a plane gives the figures that one works out by hand.

    row       0     1     2     3     4     5
    degrees   0    20    40    50    70    90
    label     a     a     b     a     b     b

Asked at 0 degrees the order is 0 1 2 3 4 5, for label a: right right wrong right wrong wrong.
    precision@3 = 2/3, recall@3 = 2/3, average precision = (1/1 + 2/2 + 3/4) / 3 = 11/12
Asked at 90 degrees the order is 5 4 3 2 1 0, for label b: right right wrong right wrong wrong, hence the same;
    and for label a: wrong wrong right wrong right right.
    precision@3 = 1/3, recall@3 = 1/3, average precision = (1/3 + 2/5 + 3/6) / 3 = 37/90
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search_core.errors import InputError
from search_core.evaluation import ranking
from search_core.evaluation.figures import Figures
from search_core.evaluation.intervals import wilson
from search_core.evaluation.ranking import first_page, nearest_class, nearest_others, score_all
from search_core.evaluation.run import InDomainTest, mean_directions
from search_core.evaluation.taxonomy import read_taxonomy
from tests.search_core.evaluation_world import ANGLES, PlaneCollection, PlaneEncoder, at, index

TWO_CLASSES = "class,description,column,value\nA,at 0 degrees,label,a\nB,at 90 degrees,label,b\n"
MANIFEST = {"rows": 6, "created": "2026-11-23T12:00:00+00:00"}


def _figures(tmp_path: Path, labels: str, **options: Any) -> Figures:
    (tmp_path / "labels.csv").write_text(labels, encoding="utf-8")
    taxonomy = read_taxonomy(tmp_path / "labels.csv")
    test = InDomainTest(taxonomy, PlaneEncoder(), PlaneCollection(), index(), **({"k": 3} | options))  # type: ignore[arg-type]
    return test.figures(MANIFEST)


def test_each_class_is_as_worked_out_by_hand(tmp_path: Path) -> None:
    for one in _figures(tmp_path, TWO_CLASSES).classes:
        assert one.precision.value == pytest.approx(2 / 3)
        assert one.recall.value == pytest.approx(2 / 3)
        assert one.average_precision.value == pytest.approx(11 / 12)
        assert (one.best_precision, one.best_recall, one.chance, one.relevant) == (1, 1, 0.5, 3)
        assert one.precision.low == pytest.approx(wilson(2, 3).low)
        assert 0 < one.average_precision.low < 11 / 12 < one.average_precision.high <= 1


def test_several_descriptions_count_as_several_queries_and_are_averaged(tmp_path: Path) -> None:
    labels = TWO_CLASSES.replace("at 0 degrees", "at 0 degrees|from 90 degrees")

    first, second = _figures(tmp_path, labels).classes

    assert first.descriptions == ["at 0 degrees", "from 90 degrees"]
    assert first.precision.value == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert first.average_precision.value == pytest.approx((11 / 12 + 37 / 90) / 2)
    assert second.average_precision.value == pytest.approx(11 / 12)


def test_the_means_weigh_each_class_alike(tmp_path: Path) -> None:
    # B2 is the single row 3 at 50 degrees, asked at 90: rank 3 of 5 4 3. precision@3 1/3, recall 1, AP 1/3.
    labels = "class,description,rows\nA,at 0 degrees,0|1|3\nB2,at 90 degrees,3\n"

    figures = _figures(tmp_path, labels)

    assert figures.precision.value == pytest.approx((2 / 3 + 1 / 3) / 2)
    assert figures.recall.value == pytest.approx((2 / 3 + 1) / 2)
    assert figures.mean_average_precision.value == pytest.approx((11 / 12 + 1 / 3) / 2)
    assert figures.classes[1].best_precision == pytest.approx(1 / 3)
    assert figures.classes[1].precision.high <= 1 / 3
    assert figures.labelled == 3


def test_confusion_by_hand(tmp_path: Path) -> None:
    # The border lies at 45 degrees: rows 0 1 2 go to A, rows 3 4 5 to B. Wrong are row 2, a b, and row 3, an a.
    found = _figures(tmp_path, TWO_CLASSES).zero_shot

    assert found is not None
    assert found.confusion == [[2, 1], [1, 2]]
    assert found.accuracy == wilson(4, 6)
    assert (found.balanced, found.chance, found.largest) == (pytest.approx(2 / 3), 0.5, 0.5)
    assert (found.rows, found.left_out) == (6, 0)


def test_a_class_of_several_descriptions_stands_at_their_mean(tmp_path: Path) -> None:
    # A's mean is at 45 degrees and B at 90, the border at 67.5: rows 0 1 2 3 go to A, rows 4 5 to B.
    labels = TWO_CLASSES.replace("at 0 degrees", "at 0 degrees|from 90 degrees")

    found = _figures(tmp_path, labels).zero_shot

    assert found is not None
    assert found.confusion == [[3, 0], [1, 2]]
    assert mean_directions([at([0, 90])])[0] == pytest.approx(at([45])[0])


def test_rows_of_two_classes_have_no_single_answer_and_are_left_out(tmp_path: Path) -> None:
    found = _figures(tmp_path, "class,description,rows\nA,at 0,0|1|2\nB,at 90,2|5\n").zero_shot

    assert found is not None
    assert (found.rows, found.left_out) == (3, 1)
    assert found.confusion == [[2, 0], [0, 1]]


def test_one_class_alone_cannot_be_confused(tmp_path: Path) -> None:
    figures = _figures(tmp_path, "class,description,rows\nA,at 0,0\n")

    assert figures.zero_shot is None
    assert figures.classes[0].average_precision.value == 1


def test_a_printed_word_has_the_rank_that_its_angle_gives(tmp_path: Path) -> None:
    # Every printed word lies at 30 degrees. Asked at 0, the rows at 0 and 20 are nearer: rank 3. Asked at 90, those
    # at 90, 70, 50 and 40 are: rank 5. Of a page of three, class A's is therefore reached and B's is not.
    printed = _figures(tmp_path, TWO_CLASSES).printed

    of_a, of_b = printed.words[:2]
    assert (of_a.word, of_a.own_rank, of_a.control_rank, of_a.drawn_to, of_a.best_rank) == ("A", 3, 3.0, "A", 3)
    assert (of_b.word, of_b.own_rank, of_b.control_rank, of_b.drawn_to, of_b.best_rank) == ("B", 5, 5.0, "A", 3)
    assert (printed.own_first_page, printed.control_first_page, printed.classes) == (1, 1.0, 2)


def test_descriptions_that_the_model_cuts_are_named(tmp_path: Path) -> None:
    long = "at 0 degrees " + "and more " * 12

    figures = _figures(tmp_path, TWO_CLASSES.replace("at 0 degrees", long))

    assert figures.classes[0].cut == [long.strip()]
    assert figures.classes[1].cut == []


@pytest.mark.parametrize(("asked", "expected"), [(None, "label"), ("file_name", "file_name")])
def test_the_skew_probe_counts_the_column_that_is_asked_for(tmp_path: Path, asked: str | None, expected: str) -> None:
    skew = _figures(tmp_path, TWO_CLASSES, skew_column=asked).skew

    assert skew is not None
    assert skew.column == expected


def test_an_unknown_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no metadata column 'colour'. Its columns are: file_name, label"):
        _figures(tmp_path, TWO_CLASSES, skew_column="colour")


def test_the_same_test_gives_the_same_figures_and_they_are_plain_json(tmp_path: Path) -> None:
    first, second = (json.loads(_figures(tmp_path, TWO_CLASSES).as_json()) for _ in range(2))

    assert first | {"created": ""} == second | {"created": ""}
    assert first["classes"][0]["precision"]["value"] == pytest.approx(2 / 3)
    assert first["index"] == MANIFEST


@pytest.mark.parametrize("at_once", [1, 6, 7, 12, 1_000])
def test_scores_are_the_same_however_many_are_held_at_once(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "SCORES_AT_ONCE", at_once)
    queries = at([0, 45, 90])

    scores = list(score_all(PlaneCollection().vectors, queries, rows=6))

    assert np.stack(scores) == pytest.approx(queries @ at(ANGLES).T, abs=1e-3)


def test_no_more_scores_are_held_than_the_limit_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "SCORES_AT_ONCE", 12)  # two queries of six rows
    sizes = []
    real = ranking._scores

    def watched(*arguments: Any) -> np.ndarray:
        scores = real(*arguments)
        sizes.append(scores.size)
        return scores

    monkeypatch.setattr(ranking, "_scores", watched)

    assert len(list(score_all(PlaneCollection().vectors, at([0, 10, 20, 30, 40]), rows=6))) == 5
    assert sizes == [12, 12, 6]


def test_the_nearest_class_of_each_row_across_the_borders_of_chunks() -> None:
    assert nearest_class(PlaneCollection().vectors, at([0, 90])).tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("rows_at_once", [1, 2, 3, 100])
def test_the_nearest_other_row_is_never_the_row_itself(rows_at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "ROWS_AT_ONCE", rows_at_once)
    # At 0, 0, 0, 10 and 90 degrees: three identical rows, of which each has another at cosine 1.
    twins = PlaneCollection((0, 0, 0, 10, 90))

    scores, others = nearest_others(twins.vectors, np.arange(5), at(twins.angles))

    assert scores == pytest.approx([1, 1, 1, np.cos(np.radians(10)), np.cos(np.radians(80))], abs=1e-3)
    assert others.tolist() == [1, 0, 0, 0, 3]


def test_a_sample_of_rows_is_compared_with_all_rows() -> None:
    scores, others = nearest_others(PlaneCollection().vectors, np.array([1, 5]), at([20, 90]))

    # Row 1 at 20 degrees has neighbours 20 away on both sides, and half precision decides; row 5 at 90 has row 4.
    assert scores == pytest.approx([np.cos(np.radians(20))] * 2, abs=1e-3)
    assert others[0] in (0, 2)
    assert others[1] == 4


def test_places_that_an_approximate_index_leaves_empty_are_no_rows() -> None:
    class Short:
        def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
            return np.zeros((1, 3), np.float32), np.array([[4, 2, -1]])

    assert [page.tolist() for page in first_page(Short(), at([0]), 3)] == [[4, 2]]  # type: ignore[arg-type]
