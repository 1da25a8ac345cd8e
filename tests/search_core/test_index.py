"""The flat index is exact, orders ties by row, and refuses a file that is something else."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest

from search_core.encoder import unit
from search_core.errors import ManifestMismatch, StoreError
from search_core.index import FlatIndex, open_index
from search_core.index.parts import MIN_BYTES, in_parts

WIDTH = 48


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return unit(np.random.default_rng(0).normal(size=(3_000, WIDTH)))


@pytest.fixture(scope="module")
def index(vectors: np.ndarray) -> FlatIndex:
    return FlatIndex.build([vectors[:1_000], vectors[1_000:]], WIDTH)


def test_it_finds_what_a_plain_matrix_product_finds(index: FlatIndex, vectors: np.ndarray) -> None:
    queries = unit(np.random.default_rng(1).normal(size=(50, WIDTH)))
    exact = queries @ vectors.astype(np.float16).astype(np.float32).T

    scores, rows = index.search(queries, 10)

    assert np.array_equal(np.sort(rows), np.sort(np.argsort(-exact, axis=1)[:, :10]))
    assert np.allclose(scores, -np.sort(-exact, axis=1)[:, :10], atol=1e-5)


def test_scores_are_cosines_best_first(index: FlatIndex, vectors: np.ndarray) -> None:
    scores, rows = index.search(vectors[:5], 20)

    assert rows[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert np.allclose(scores[:, 0], 1.0, atol=1e-3)
    assert (np.diff(scores) <= 0).all()


def test_equal_scores_are_ordered_by_row() -> None:
    same = np.repeat(unit(np.ones((1, WIDTH))), 6, axis=0)

    _, rows = FlatIndex.build([same], WIDTH).search(same[:1], 6)

    assert rows[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_asking_for_more_than_there_is_gives_all_rows_once(index: FlatIndex, vectors: np.ndarray) -> None:
    _, rows = index.search(vectors[:1], 10_000)

    assert sorted(rows[0].tolist()) == list(range(3_000))


def test_saved_and_opened_again_it_answers_the_same(index: FlatIndex, vectors: np.ndarray, tmp_path: Path) -> None:
    index.save(tmp_path / "index.faiss")
    again = open_index(index.kind, tmp_path / "index.faiss")

    assert len(again) == 3_000
    assert again.width == WIDTH
    assert np.array_equal(again.search(vectors[:9], 9)[1], index.search(vectors[:9], 9)[1])
    assert np.array_equal(again.vector(7), vectors[7].astype(np.float16).astype(np.float32))


def test_half_precision_takes_half_the_room(index: FlatIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "index.faiss")

    assert (tmp_path / "index.faiss").stat().st_size < 3_000 * WIDTH * 2 + 1_000


def test_an_unknown_kind_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ManifestMismatch, match="hnsw") as caught:
        open_index("hnsw", tmp_path / "index.faiss")

    assert caught.value.field == "index_type"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (faiss.IndexFlatIP(WIDTH), "index_type"),
        (faiss.IndexScalarQuantizer(WIDTH, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT), "index_type"),
        (faiss.IndexScalarQuantizer(WIDTH, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_L2), "metric"),
    ],
)
def test_a_file_with_another_index_is_refused(other: faiss.Index, field: str, tmp_path: Path) -> None:
    faiss.write_index(other, str(tmp_path / "index.faiss"))

    with pytest.raises(ManifestMismatch) as caught:
        open_index(FlatIndex.kind, tmp_path / "index.faiss")

    assert caught.value.field == field


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_damaged_file_is_a_clear_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "index.faiss").write_bytes(content)

    with pytest.raises(StoreError, match="Build the index again"):
        open_index(FlatIndex.kind, tmp_path / "index.faiss")


@pytest.mark.skipif(
    not hasattr(faiss, "GpuIndexFlatIP") or faiss.get_num_gpus() == 0, reason="no GPU, or Faiss without GPU support"
)
def test_a_gpu_gives_the_same_answer(index: FlatIndex, vectors: np.ndarray, tmp_path: Path) -> None:
    index.save(tmp_path / "index.faiss")
    on_gpu = open_index(index.kind, tmp_path / "index.faiss", "cuda")

    for k in (9, 2_500):  # the second is deeper than Faiss searches on a GPU
        scores, rows = on_gpu.search(vectors[:20], k)
        expected_scores, expected_rows = index.search(vectors[:20], k)
        assert np.allclose(scores, expected_scores, atol=2e-3)
        assert (rows[:, 0] == expected_rows[:, 0]).all()


@pytest.mark.parametrize("k", [1, 9, 100])
@pytest.mark.parametrize("threads", [2, 3])
def test_one_question_is_answered_by_all_threads_as_by_one(tmp_path: Path, k: int, threads: int) -> None:
    rows = 3 * MIN_BYTES // (2 * WIDTH) + 7
    vectors = unit(np.random.default_rng(3).normal(size=(rows, WIDTH)))
    vectors[[5, rows - 3, rows // 2]] = vectors[rows - 2]  # equal scores in every part
    whole = FlatIndex.build([vectors], WIDTH)
    whole.save(tmp_path / "index.faiss")
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        divided = FlatIndex.load(tmp_path / "index.faiss")
        assert len(divided._parts or ()) == threads
        for query in vectors[[0, rows - 2, rows - 1]]:
            scores, found = divided.search(query[np.newaxis], k)
            expected_scores, expected = whole.search(query[np.newaxis], k)
            assert np.array_equal(scores, expected_scores)
            assert np.array_equal(found, expected)
        assert np.array_equal(divided.search(vectors[:threads], k)[1], whole.search(vectors[:threads], k)[1])
    finally:
        faiss.omp_set_num_threads(before)


def test_a_small_index_and_one_that_is_not_mapped_are_left_whole(index: FlatIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "index.faiss")

    assert in_parts(faiss.read_index(str(tmp_path / "index.faiss"), faiss.IO_FLAG_MMAP_IFC)) is None
    assert in_parts(index._index) is None
