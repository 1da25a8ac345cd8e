"""The index is chosen by what it finds: exact while that is quick, then the cheapest that finds enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest

from search_core.encoder import unit
from search_core.index import CHOICES, KINDS, FlatIndex, VectorIndex, choose_index
from search_core.index import choose as choosing
from search_core.index.choose import HELD_OUT_ROWS, MAX_LISTS, RECALL, ROWS_PER_LIST, Survey, draw, list_numbers
from search_core.index.held_out import BLOCK, NEIGHBOURS, HeldOut, Neighbours, blocks, gather

ROWS, WIDTH = 20_000, 32
Chunks = Callable[[], Iterable[np.ndarray]]


def _clustered(rows: int, per_cluster: int = 50, spread: float = 1.0) -> np.ndarray:
    random = np.random.default_rng(0)
    centres = unit(random.normal(size=(rows // per_cluster, WIDTH)))
    noise = random.normal(size=(rows, WIDTH)) * spread / np.sqrt(WIDTH)
    return unit(centres[random.integers(0, len(centres), rows)] + noise).astype(np.float16)


CLUSTERED = _clustered(ROWS)
NOISE = unit(np.random.default_rng(1).normal(size=(5_000, WIDTH))).astype(np.float16)
TEXTS = unit(np.random.default_rng(2).normal(size=(200, WIDTH)))
"""Directions apart from all clusters, as texts lie apart from pictures."""


def _in_chunks(vectors: np.ndarray, size: int = 256) -> Chunks:
    return lambda: (vectors[start : start + size] for start in range(0, len(vectors), size))


def _found(index: VectorIndex, vectors: np.ndarray, questions: np.ndarray, own: np.ndarray) -> float:
    """The recall of an index, by searching it: the share of the ten nearest other rows that it finds."""
    exact = FlatIndex.build([vectors], WIDTH).search(questions, 11)[1]
    found = index.search(questions, 11)[1]
    rest = [
        [[row for row in rows if row != self][:10] for rows, self in zip(each, own, strict=True)]
        for each in (exact, found)
    ]
    return float(np.mean([np.isin(*pair).mean() for pair in zip(*rest, strict=True)]))


@pytest.fixture
def _small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "EXACT_ROWS", 4_000)


@pytest.mark.usefixtures("_small_limit")
@pytest.mark.parametrize(
    ("kind", "vectors", "expected"),
    [
        ("auto", CLUSTERED[:4_000], "flat-fp16"),  # at the limit
        ("auto", CLUSTERED[:4_001], "ivf-fp16"),
        ("auto", NOISE, "flat-fp16"),  # only a search of all lists would find enough
        ("flat", CLUSTERED, "flat-fp16"),
        ("ivf", CLUSTERED[:500], "ivf-fp16"),
        ("ivf", NOISE, "ivf-fp16"),
    ],
)  # fmt: skip
def test_the_kind_follows_from_size_recall_and_wish(kind: str, vectors: np.ndarray, expected: str) -> None:
    index = choose_index(_in_chunks(vectors), len(vectors), WIDTH, kind)

    assert index.kind == expected
    assert len(index) == len(vectors)
    assert index.recall >= RECALL
    assert np.array_equal(vectors.astype(np.float32), index.vectors(np.arange(len(vectors))))


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    assert CHOICES == ("auto", "flat", "ivf")
    with pytest.raises(ValueError, match="'hnsw' is unknown; choose one of auto, flat, ivf"):
        choose_index(_in_chunks(NOISE), len(NOISE), WIDTH, "hnsw")


@pytest.mark.parametrize("texts", [None, TEXTS], ids=["pictures", "pictures and texts"])
def test_the_recall_of_every_setting_is_what_searches_find(texts: np.ndarray | None) -> None:
    survey = Survey.of(_in_chunks(CLUSTERED), ROWS, WIDTH, texts)
    groups = [survey.questions.of_text == is_text for is_text in ([False] if texts is None else [False, True])]

    for setting in survey.settings():
        if setting.nprobe not in (4, setting.lists):
            continue
        index = Survey.of(_in_chunks(CLUSTERED), ROWS, WIDTH).build(setting, _in_chunks(CLUSTERED)())
        found = [
            _found(index, CLUSTERED, survey.questions.vectors[group], survey.questions.own[group]) for group in groups
        ]
        assert min(found) == pytest.approx(setting.recall, abs=2e-3), setting


def test_the_cheapest_setting_that_finds_enough_is_taken() -> None:
    survey = Survey.of(_in_chunks(CLUSTERED), ROWS, WIDTH)
    best = survey.cheapest()

    assert best.recall >= RECALL
    assert best.cost < ROWS / 5
    assert all(one.cost >= best.cost for one in survey.settings() if one.recall >= RECALL)
    assert len({one.lists for one in survey.settings()}) == 2


def test_more_probed_lists_find_more_and_cost_more() -> None:
    settings = [one for one in Survey.of(_in_chunks(CLUSTERED), ROWS, WIDTH).settings() if one.lists == 128]

    assert [one.nprobe for one in settings] == [1, 2, 4, 8, 16, 32, 64, 128]
    assert (np.diff([one.recall for one in settings]) >= 0).all()
    assert (np.diff([one.cost for one in settings]) > 0).all()
    assert (settings[-1].recall, settings[-1].cost) == (1.0, 128 + ROWS)


def test_texts_that_lie_apart_from_the_pictures_make_it_look_further() -> None:
    pictures_alone = Survey.of(_in_chunks(CLUSTERED), ROWS, WIDTH).cheapest()
    with_texts = Survey.of(_in_chunks(CLUSTERED), ROWS, WIDTH, TEXTS).cheapest()

    assert with_texts.cost > 1.5 * pictures_alone.cost


def test_texts_are_made_only_where_recall_is_measured() -> None:
    made: list[str] = []

    for kind in CHOICES:
        choose_index(_in_chunks(NOISE), len(NOISE), WIDTH, kind, lambda kind=kind: (made.append(kind), TEXTS)[1])

    assert made == ["ivf"]


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 40, 300])
def test_a_tiny_collection_can_have_an_inverted_file(rows: int) -> None:
    index = choose_index(_in_chunks(NOISE[:rows]), rows, WIDTH, "ivf")

    assert sorted(index.search(NOISE[:1].astype(np.float32), rows)[1][0].tolist()) == list(range(rows))


def test_the_same_vectors_give_the_same_index_however_they_are_cut() -> None:
    one, other = (choose_index(_in_chunks(CLUSTERED, size), ROWS, WIDTH, "ivf") for size in (7, BLOCK + 1))

    assert one.recall == other.recall
    assert all(map(np.array_equal, one.search(TEXTS, 50), other.search(TEXTS, 50)))


def test_each_pass_over_the_vectors_is_seen_and_complete() -> None:
    seen: dict[str, int] = {}

    def watch(what: str, chunks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for chunk in chunks:
            seen[what] = seen.get(what, 0) + len(chunk)
            yield chunk

    choose_index(_in_chunks(NOISE), 5_000, WIDTH, watch=watch)
    assert seen == {"Indexing": 5_000}

    choose_index(_in_chunks(NOISE), 5_000, WIDTH, "ivf", watch=watch)
    assert seen == {"Sampling": 5_000, "Measuring recall": 5_000, "Indexing": 10_000}


# ------------------------------------------------------------- what is asked, and of how much


@pytest.mark.parametrize(
    ("rows", "lists"),
    [
        (1, [1]),
        (100, [8, 32]),
        (20_000, [128, 512]),
        (1_000_000, [1_024, 4_096]),
        (10_000_000, [4_096]),  # more could not be trained on a sample of bounded size
    ],
)
def test_the_numbers_of_lists_grow_with_the_root_of_the_rows(rows: int, lists: list[int]) -> None:
    assert list_numbers(rows, len(draw(rows)[1])) == lists


@pytest.mark.parametrize("rows", [2, 10, 5_000, 3_000_000])
def test_rows_that_are_asked_are_not_trained_on(rows: int) -> None:
    asked, training = draw(rows)

    assert not np.isin(asked, training).any()
    assert len(asked) == max(1, min(HELD_OUT_ROWS, rows // 4))
    assert len(training) == min(rows - len(asked), MAX_LISTS * ROWS_PER_LIST)
    assert all(map(np.array_equal, (asked, training), draw(rows)))


def test_neighbours_are_the_nearest_other_rows() -> None:
    vectors = CLUSTERED[:3_000].astype(np.float32)
    own = np.array([0, 1_500, 2_999, -1])
    neighbours = Neighbours(HeldOut(np.vstack([vectors[own[:3]], TEXTS[:1]]), own))
    for start in (0, 1_000, 2_995):  # the last block is shorter than the answer
        neighbours.see(start, vectors[start : {0: 1_000, 1_000: 2_995, 2_995: 3_000}[start]])

    scores = np.vstack([vectors[own[:3]], TEXTS[:1]]) @ vectors.T
    scores[range(3), own[:3]] = -1
    assert np.array_equal(np.argsort(-scores, axis=1)[:, :NEIGHBOURS], neighbours.rows)


def test_a_lone_row_has_no_neighbour() -> None:
    neighbours = Neighbours(HeldOut(TEXTS[:1], np.array([0])))
    neighbours.see(0, TEXTS[:1])

    assert neighbours.rows.tolist() == [[-1]]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([0, 3], [3]),
        ([BLOCK], [BLOCK]),
        ([BLOCK - 1, 2, 5], [BLOCK, 6]),
        ([2 * BLOCK + 1, BLOCK - 1], [BLOCK, BLOCK, BLOCK]),
    ],
)
def test_chunks_of_any_size_become_even_blocks(sizes: list[int], expected: list[int]) -> None:
    numbers = np.arange(sum(sizes)).reshape(-1, 1) % 2_048  # half precision counts no further
    cut = list(blocks(np.split(numbers.astype(np.float16), np.cumsum(sizes)[:-1]) if sizes else []))

    assert [len(block) for block in cut] == expected
    assert all(block.dtype == np.float32 for block in cut)
    assert not cut or np.array_equal(numbers, np.concatenate(cut))


def test_rows_are_gathered_in_the_order_asked_for() -> None:
    rows = np.array([4_999, 0, 256, 255, 3_000])

    assert np.array_equal(NOISE[rows].astype(np.float32), gather(_in_chunks(NOISE)(), rows, WIDTH))


def test_the_chosen_index_is_of_the_kinds_that_can_be_opened() -> None:
    chosen = [choose_index(_in_chunks(NOISE[:200]), 200, WIDTH, kind) for kind in ("flat", "ivf")]

    assert [type(index) for index in chosen] == [KINDS[index.kind] for index in chosen]
