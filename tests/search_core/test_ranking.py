"""A page is full whatever is dropped on the way, counts what was hidden, and never depends on how deep one looked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_core import ranking
from search_core.duplicates import Duplicates
from search_core.encoder import unit
from search_core.index import FlatIndex
from search_core.ranking import Page, Wanted, fill_page
from tests.search_core.hiding import hiding

ROWS, WIDTH = 5_000, 16
VECTORS = unit(np.random.default_rng(0).normal(size=(ROWS, WIDTH)))
INDEX = FlatIndex.build([VECTORS], WIDTH)
QUERY = unit(np.random.default_rng(1).normal(size=WIDTH))
ORDER = INDEX.search(QUERY[np.newaxis], ROWS)[1][0].tolist()
"""All rows, best first."""

ALONE = Duplicates()


def _page(
    offset: int = 0, k: int = 9, *, hidden: list[int] | None = None, allowed: list[int] | None = None,
    left_out: int | None = None, duplicates: Duplicates = ALONE, index: FlatIndex = INDEX, depth: int | None = None,
) -> Page:  # fmt: skip
    mask = None if allowed is None else np.isin(np.arange(len(index)), allowed)
    wanted = Wanted(offset, k, hiding(hidden or []), mask, left_out)
    scores, rows = index.search(QUERY[np.newaxis], depth or wanted.depth)
    return fill_page(wanted, QUERY, (scores[0], rows[0]), index, duplicates)


def _rows(page: Page) -> list[int]:
    return [one.row for one in page.rows]


def test_without_rules_the_page_is_the_head_of_the_ranking() -> None:
    page = _page()

    assert _rows(page) == ORDER[:9]
    assert (page.hidden, page.more) == (0, True)


class CountedIndex(FlatIndex):
    """Counts how often it is searched."""

    searches = 0

    def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        self.searches += 1
        return super().search(queries, k)


@pytest.mark.parametrize("offset", [0, 9, 990])
def test_a_page_of_which_nothing_is_dropped_takes_one_search(offset: int) -> None:
    index = CountedIndex.build([VECTORS], WIDTH)

    assert _rows(_page(offset, index=index)) == ORDER[offset : offset + 9]
    assert index.searches == 1


def test_near_duplicates_and_hidden_rows_here_and_there_take_no_other_search() -> None:
    index, copies = CountedIndex.build([VECTORS], WIDTH), Duplicates((tuple(sorted(ORDER[:3])),))

    assert len(_page(index=index, duplicates=copies, hidden=ORDER[4:6], left_out=ORDER[7]).rows) == 9
    assert index.searches == 1


def test_the_first_five_hundred_hidden_leave_a_full_page() -> None:
    page = _page(hidden=ORDER[:500])

    assert _rows(page) == ORDER[500:509]
    assert page.hidden == 500


def test_hidden_rows_after_the_page_are_not_counted() -> None:
    assert _page(hidden=[ORDER[3], ORDER[10], ORDER[11]]).hidden == 1


def test_everything_hidden_leaves_nothing_and_says_how_much() -> None:
    page = _page(hidden=ORDER)

    assert (page.rows, page.hidden, page.more) == ((), ROWS, False)


@pytest.mark.parametrize("rank", [0, 2_500, ROWS - 1])
def test_a_condition_that_one_row_in_five_thousand_fulfils_finds_that_row(rank: int) -> None:
    page = _page(allowed=[ORDER[rank]])

    assert _rows(page) == [ORDER[rank]]
    assert not page.more


@pytest.mark.parametrize("limit", [0, ROWS], ids=["down the ranking", "scored directly"])
def test_a_condition_fills_the_page_with_the_nearest_that_fulfil_it(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "SCORED_DIRECTLY", limit)
    allowed = ORDER[7::50]

    page = _page(allowed=allowed, hidden=allowed[:3])

    assert _rows(page) == allowed[3:12]
    assert page.hidden == 3


def test_a_condition_that_no_row_fulfils_leaves_nothing() -> None:
    assert _page(allowed=[]) == Page((), 0, more=False)


def test_hidden_rows_that_do_not_fulfil_the_condition_are_not_counted() -> None:
    assert _page(allowed=ORDER[::2], hidden=ORDER[1:9:2]).hidden == 0


def test_the_row_that_was_asked_with_is_left_out() -> None:
    assert _rows(_page(left_out=ORDER[0])) == ORDER[1:10]


def test_near_duplicates_are_folded_into_the_best_of_them() -> None:
    group = tuple(sorted((ORDER[1], ORDER[4], ORDER[300])))

    page = _page(duplicates=Duplicates((group,)))

    assert _rows(page) == [row for row in ORDER if row not in (ORDER[4], ORDER[300])][:9]
    assert page.rows[1].duplicates == tuple(row for row in group if row != ORDER[1])


def test_a_hidden_row_is_no_duplicate_of_a_shown_one_and_does_not_hide_its_likes() -> None:
    group = tuple(sorted((ORDER[0], ORDER[2], ORDER[5])))

    page = _page(duplicates=Duplicates((group,)), hidden=[ORDER[0]])

    assert page.rows[1].row == ORDER[2]
    assert page.rows[1].duplicates == (ORDER[5],)


def test_the_row_that_was_asked_with_is_nobodys_duplicate() -> None:
    page = _page(duplicates=Duplicates((tuple(sorted((ORDER[0], ORDER[1]))),)), left_out=ORDER[0])

    assert page.rows[0].row == ORDER[1]
    assert page.rows[0].duplicates == ()


def test_a_folded_page_never_shows_a_group_again_on_the_next() -> None:
    groups = Duplicates(tuple(tuple(sorted((ORDER[n], ORDER[n + 9]))) for n in range(9)))

    first, second = _page(duplicates=groups), _page(offset=9, duplicates=groups)

    assert _rows(first) == ORDER[:9]
    assert _rows(second) == ORDER[18:27]


def test_the_last_page_is_short_and_says_that_there_is_no_more() -> None:
    few = FlatIndex.build([VECTORS[:20]], WIDTH)

    assert len(_page(offset=18, index=few).rows) == 2
    assert not _page(offset=18, index=few).more
    assert _page(offset=11, index=few).more is False
    assert _page(offset=10, index=few).more is True
    assert _page(offset=50, index=few).rows == ()


def test_ties_are_cut_by_row_and_not_by_chance() -> None:
    same = FlatIndex.build([np.repeat(VECTORS[:1], 400, axis=0)], WIDTH)

    assert _rows(_page(k=5, index=same)) == [0, 1, 2, 3, 4]
    assert _rows(_page(offset=5, k=5, index=same)) == [5, 6, 7, 8, 9]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_page_is_a_piece_of_one_ranking(data: st.DataObject) -> None:
    hidden = data.draw(st.lists(st.sampled_from(ORDER[:60]), unique=True))
    grouped = data.draw(st.lists(st.sampled_from(ORDER[:60]), unique=True, min_size=2, max_size=9))
    allowed = data.draw(st.none() | st.lists(st.sampled_from(ORDER), unique=True, max_size=300))
    offset, k = data.draw(st.integers(0, 60)), data.draw(st.integers(1, 20))
    depth = data.draw(st.integers(1, 200))
    options = {"hidden": hidden, "allowed": allowed, "duplicates": Duplicates((tuple(sorted(grouped)),))}

    whole = _page(0, 100, **options)
    page = _page(offset, k, depth=depth, **options)

    assert _rows(page) == _rows(whole)[offset : offset + k]
