"""The inverted file: exact where it looks, one ranking at every depth, and refused when the file is something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_core.duplicates import Duplicates
from search_core.encoder import unit
from search_core.errors import ManifestMismatch, StoreError
from search_core.index import FlatIndex, IvfIndex, open_index
from search_core.index.ivf import NEAR, train
from search_core.ranking import Page, Wanted, fill_page
from tests.search_core.hiding import hiding

ROWS, WIDTH, LISTS = 6_000, 24, 32
RANDOM = np.random.default_rng(0)
VECTORS = unit(RANDOM.normal(size=(ROWS, WIDTH))).astype(np.float16).astype(np.float32)
QUERIES = unit(RANDOM.normal(size=(64, WIDTH)))
FLAT = FlatIndex.build([VECTORS], WIDTH)


def _built(nprobe: int, recall: float = 0.9) -> IvfIndex:
    trained = train(VECTORS[:2_000], LISTS)
    lists = trained.quantizer.search(VECTORS, 1)[1][:, 0]
    blocks = [(VECTORS[:2_500], lists[:2_500]), (VECTORS[2_500:], lists[2_500:])]
    return IvfIndex.build(trained, blocks, nprobe, recall)


FEW = _built(nprobe=2)
"""Probes about 400 rows of 6,000."""

HALF = _built(nprobe=16)
"""Probes more rows than `NEAR`."""

ALL = _built(nprobe=LISTS)


def test_probing_all_lists_finds_what_exact_search_finds() -> None:
    scores, rows = ALL.search(QUERIES, 10)
    expected_scores, expected_rows = FLAT.search(QUERIES, 10)

    assert np.array_equal(expected_rows, rows)
    assert np.allclose(expected_scores, scores, atol=1e-6)


def test_probing_few_lists_finds_many_of_the_nearest_but_not_all() -> None:
    found = [
        np.isin(*pair).mean() for pair in zip(FLAT.search(QUERIES, 10)[1], FEW.search(QUERIES, 10)[1], strict=True)
    ]

    assert 0.1 < np.mean(found) < 0.9


@pytest.mark.parametrize("k", [1, 10, NEAR, NEAR + 1, ROWS, 2 * ROWS])
@pytest.mark.parametrize("index", [FEW, HALF, ALL], ids=["few", "half", "all"])
def test_every_place_holds_a_row_and_its_cosine_at_any_depth(index: IvfIndex, k: int) -> None:
    scores, rows = index.search(QUERIES[:3], k)

    assert scores.shape == rows.shape == (3, min(k, ROWS))
    for query, row_scores, row_numbers in zip(QUERIES, scores, rows, strict=False):
        assert len(set(row_numbers.tolist())) == len(row_numbers)
        assert row_numbers.min() >= 0
        assert np.allclose(VECTORS[row_numbers] @ query, row_scores, atol=1e-5)


@pytest.mark.parametrize("index", [FEW, HALF, ALL], ids=["few", "half", "all"])
def test_a_shorter_ranking_is_the_head_of_a_longer_one(index: IvfIndex) -> None:
    whole = index.search(QUERIES[:5], ROWS)[1]

    for k in (1, 5, 50, 300, 500, 1_000, NEAR, NEAR + 1, 5_999):
        assert np.array_equal(whole[:, :k], index.search(QUERIES[:5], k)[1]), k


def test_behind_the_seam_all_other_rows_follow_in_exact_order() -> None:
    scores, rows = (found[0] for found in HALF.search(QUERIES[:1], ROWS))
    exact = FLAT.search(QUERIES[:1], ROWS)[1][0]

    assert (np.diff(scores[:NEAR]) <= 0).all()
    assert rows[NEAR:].tolist() == [row for row in exact if row not in set(rows[:NEAR].tolist())]


def test_a_batch_is_answered_as_one_query_by_one() -> None:
    _, rows = FEW.search(QUERIES, 20)

    assert np.array_equal(np.vstack([FEW.search(query[np.newaxis], 20)[1] for query in QUERIES]), rows)
    assert FEW.search(QUERIES[:0], 20)[1].shape == (0, 20)


def test_equal_scores_are_ordered_by_row() -> None:
    same = np.repeat(VECTORS[:1], 300, axis=0)
    index = IvfIndex.build(train(same, 1), [(same, np.zeros(300))], 1, 1.0)

    assert index.search(same[:1], 300)[1][0].tolist() == list(range(300))


def test_its_vectors_are_those_of_the_exact_index_bit_for_bit() -> None:
    rows = np.array([5_999, 0, 17, 17])

    assert np.array_equal(FLAT.vectors(rows), FEW.vectors(rows))
    assert np.array_equal(FLAT.vector(17), FEW.vector(17))
    assert FEW.vectors(rows[:0]).shape == (0, WIDTH)


def test_saved_and_opened_again_it_answers_the_same_and_knows_its_recall(tmp_path: Path) -> None:
    index = _built(nprobe=3, recall=0.990123456789)
    index.save(tmp_path / "once.faiss")
    open_index(index.kind, tmp_path / "once.faiss").save(tmp_path / "twice.faiss")
    again = open_index(index.kind, tmp_path / "twice.faiss")

    assert (again.kind, len(again), again.width, again.recall) == ("ivf-fp16", ROWS, WIDTH, 0.990123456789)
    for k in (9, 1_000):
        assert np.array_equal(index.search(QUERIES, k)[1], again.search(QUERIES, k)[1])
    assert np.array_equal(index.vectors(np.arange(ROWS)), again.vectors(np.arange(ROWS)))


# ------------------------------------------------------------- under the ranking


def _page(offset: int, k: int, index: IvfIndex, hidden: list[int], allowed: np.ndarray | None = None) -> Page:
    wanted = Wanted(offset, k, hiding(hidden), allowed)
    scores, rows = index.search(QUERIES[:1], wanted.depth)
    return fill_page(wanted, QUERIES[0], (scores[0], rows[0]), index, Duplicates())


@pytest.mark.parametrize("index", [FEW, HALF], ids=["few", "half"])
def test_filters_that_hide_all_that_was_probed_still_leave_a_full_page(index: IvfIndex) -> None:
    ranking = index.search(QUERIES[:1], ROWS)[1][0].tolist()

    for hide in (500, NEAR + 500):
        page = _page(0, 9, index, ranking[:hide])
        assert [one.row for one in page.rows] == ranking[hide : hide + 9]
        assert (page.hidden, page.more) == (hide, True)


def test_everything_hidden_comes_to_an_end_with_nothing() -> None:
    page = _page(0, 9, FEW, list(range(ROWS)))

    assert (page.rows, page.hidden, page.more) == ((), ROWS, False)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000), st.integers(1, 50), st.integers(0, 3_000), st.integers(1, 7))
def test_any_page_is_a_piece_of_one_ranking(offset: int, k: int, hide: int, every: int) -> None:
    ranking = FEW.search(QUERIES[:1], ROWS)[1][0].tolist()
    allowed = np.arange(ROWS) % every == 0

    page = _page(offset, k, FEW, ranking[:hide], allowed if every > 1 else None)

    expected = [row for row in ranking[hide:] if allowed[row]]
    if every > 1:  # so few rows are scored one by one, exactly
        expected.sort(key=lambda row: (-float(VECTORS[row] @ QUERIES[0]), row))
    assert [one.row for one in page.rows] == expected[offset : offset + k]


# ------------------------------------------------------------- files


def _other(qtype: int, metric: int) -> faiss.Index:
    return faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(WIDTH), WIDTH, LISTS, qtype, metric)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (faiss.IndexFlatIP(WIDTH), "index_type"),
        (faiss.IndexScalarQuantizer(WIDTH, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT), "index_type"),
        (faiss.IndexIVFFlat(faiss.IndexFlatIP(WIDTH), WIDTH, LISTS, faiss.METRIC_INNER_PRODUCT), "index_type"),
        (_other(faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT), "index_type"),
        (_other(faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_L2), "metric"),
    ],
)
def test_a_file_with_another_index_is_refused(other: faiss.Index, field: str, tmp_path: Path) -> None:
    faiss.write_index(other, str(tmp_path / "index.faiss"))

    with pytest.raises(ManifestMismatch) as caught:
        open_index(IvfIndex.kind, tmp_path / "index.faiss")

    assert caught.value.field == field


def test_an_inverted_file_is_no_flat_index(tmp_path: Path) -> None:
    FEW.save(tmp_path / "index.faiss")

    with pytest.raises(ManifestMismatch, match="is no flat-fp16 index"):
        open_index(FlatIndex.kind, tmp_path / "index.faiss")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"nonsense", id="something else"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut in the middle"),
        pytest.param(lambda data: data[:-1_000], id="cut in Faiss's part"),
        pytest.param(lambda data: data[:-128], id="without its note"),
        pytest.param(lambda data: data[:-20], id="cut in its note"),
        pytest.param(lambda data: data.replace(b'"nprobe"', b'"nprobes"'), id="with another note"),
        pytest.param(lambda data: data.replace(b'"nprobe": 2', b'"nprobe": []'), id="with a list for a number"),
    ],
)
def test_a_damaged_file_is_a_clear_error(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    FEW.save(tmp_path / "whole.faiss")
    (tmp_path / "index.faiss").write_bytes(damage((tmp_path / "whole.faiss").read_bytes()))

    with pytest.raises(StoreError, match="Build the index again"):
        open_index(IvfIndex.kind, tmp_path / "index.faiss")


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing\.faiss cannot be read"):
        open_index(IvfIndex.kind, tmp_path / "missing.faiss")


@pytest.mark.skipif(
    not hasattr(faiss, "StandardGpuResources") or faiss.get_num_gpus() == 0,
    reason="no GPU, or Faiss without its support",
)
def test_a_gpu_gives_the_same_answer(tmp_path: Path) -> None:
    HALF.save(tmp_path / "index.faiss")
    on_gpu = open_index(HALF.kind, tmp_path / "index.faiss", "cuda")

    for k in (9, NEAR, NEAR + 500):  # the last is deeper than Faiss searches on a GPU
        scores, rows = on_gpu.search(QUERIES, k)
        expected_scores, expected_rows = HALF.search(QUERIES, k)
        assert np.allclose(expected_scores, scores, atol=2e-3)
        assert np.array_equal(expected_rows[:, 0], rows[:, 0])
