"""How strongly a collection answers a prompt along an axis: over the years, or any column of numbers.

The measure is a share: of the rows of a bin, how many are close to the prompt, by the calibration that puts search
results into words? A mean cosine would move with everything that all pictures of a time have in common (paper, print,
engraving), and the best row's cosine with the number of rows. A share asks what a person asks: how many of them show
it. Each comes with its 95 % Wilson score interval, for a bin of ten rows says little and should be seen to.

- Near-duplicates within a bin count once, and close if one of them is: a plate printed five times in a year is no
  five witnesses. Printed again in another year, it counts there, too.
- Rows that the filters hide count neither way, and no row that they hide or cover is an example.
- Rows without a number, and a few numbers far off all others, lie in no bin; both are counted apart.

All rows are scored, not only the best: one pass over the vectors, part by part, with room between the parts for
searches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from search_core.bins import Axis, choose_axis
from search_core.compose import check_meanings_apart
from search_core.evaluation.intervals import Estimate, wilson
from search_core.filters.match import Match, Verdict
from search_core.filters.rule_set import check
from search_core.query import Closeness, Kind, Mixture
from search_core.ruling import matches_of_query
from search_core.serving import Request, Serving, encode_batch, is_stale

if TYPE_CHECKING:
    from search_core.duplicates import Duplicates
    from search_core.fields import Field
    from search_core.filters import FilterSet

PART = 8_192
"""Rows scored in one go, after which searches that wait go first: 16 MB of vectors at width 512, some 50 ms on two
cores. A million rows take some 5 s so."""

EXAMPLES = {1: 8, 2: 6}
"""Examples of each series, by the number of series: as many as have room along an axis, twelve pictures at most."""

CANDIDATES = 16
"""Rows from which an example is chosen: the best may be hidden, or look like a neighbour's."""

_LOOSE, _CLOSE = 0, 1


@dataclass(frozen=True, slots=True)
class Example:
    """A row that stands for a part of the axis.

    Attributes:
        row: the row in the collection.
        bin: the place of its bin.
        value: what the column says of it.
        score: its cosine with the prompt.
        closeness: the score in words; never `FAR`.
        metadata: the collection's columns for this row.
        notes: sentences of context that the rules want shown with it.
    """

    row: int
    bin: int
    value: float
    score: float
    closeness: Closeness
    metadata: Mapping[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bin:
    """A piece of the axis, from `low` up to, but without, `high`, and the rows in it that may be shown."""

    low: float
    high: float
    rows: int


@dataclass(frozen=True, slots=True)
class Series:
    """The course of one prompt.

    Attributes:
        close: the rows of each bin that are close.
        shares: the share of the bin's rows that is, with its interval; None where a bin holds no rows.
        overall: the share of all rows in all bins.
        examples: the best rows of some bins, from left to right.
        vector: the query's unit vector, shape (width,); with kind and mixture, to ask for results with.
        kind, mixture: what the vector was made of.
        truncated: whether the model cut the prompt.
    """

    close: tuple[int, ...]
    shares: tuple[Estimate | None, ...]
    overall: Estimate
    examples: tuple[Example, ...]
    vector: np.ndarray
    kind: Kind
    mixture: Mixture
    truncated: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """How strongly the collection answers a prompt, or two, along a column of numbers.

    Attributes:
        column: what the axis shows, and whether that is `years`.
        bins: the pieces of the axis, in order, all of one width.
        whole: whether the column holds whole numbers only, so that a bin from 1850 to 1860 ends with 1859.
        series: the prompt's course, and that of the other if there is one.
        without_number: visible rows that fulfil the conditions and have no number there.
        far_off: visible rows whose number lies so far from all others that the axis leaves it out.
        hidden: rows that fulfil the conditions and that the filters hide, with a number or without: by choosing the
            column, nobody finds out what hidden rows have.
        generation: the index generation that answered.
        filter_hash: identifies the filters the answer was made under.
        spoiler: whether the rules want every picture under a spoiler, because of what was asked.
        notes: sentences of context that the rules want shown, because of what was asked.
        matches: what matched the prompts without refusing them.
    """

    column: str
    years: bool
    bins: tuple[Bin, ...]
    whole: bool
    series: tuple[Series, ...]
    without_number: int
    far_off: int
    hidden: int
    generation: str
    filter_hash: str
    spoiler: bool = False
    notes: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The prompts once they are encoded and let through.

    Attributes:
        requests: as they were checked.
        vectors: their unit vectors, shape (prompts, width).
        loose, close: the cosines from which a row is loosely related, or close; shape (prompts,).
        truncated: whether the model cut each.
        matches: what the rules say of them.
    """

    requests: tuple[Request, ...]
    vectors: np.ndarray
    loose: np.ndarray
    close: np.ndarray
    truncated: tuple[bool, ...]
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """What is scored: visible rows with a number on the axis, and what becomes known of them part by part.

    Attributes:
        field: the column.
        axis: its bins.
        rows: the rows' numbers, ascending, shape (n,).
        values: the column's value of each, shape (n,).
        places: the bin of each, shape (n,).
        scores: the cosines with each prompt, shape (n, prompts).
        hidden, without_number, far_off: as in `Timeline`.
    """

    field: Field
    axis: Axis
    rows: np.ndarray
    values: np.ndarray
    places: np.ndarray
    scores: np.ndarray
    hidden: int
    without_number: int
    far_off: int

    def parts(self) -> Iterator[slice]:
        """Cut the rows into parts that are scored in one go."""
        return (slice(start, start + PART) for start in range(0, len(self.rows), PART))


@dataclass(frozen=True, slots=True)
class Counted:
    """What a pass found of one prompt.

    Attributes:
        close: close rows in each bin, shape (bins,).
        candidates: for each part of the axis, places in the pass that could stand for it, the best first.
    """

    close: np.ndarray
    candidates: tuple[np.ndarray, ...]


def ask(requests: Sequence[Request], serving: Serving) -> Asked:
    """Encode prompts and hold them against the rules. Runs in the worker.

    Raises:
        RefusedError: if the rules refuse one of them.
        QueryError: if one means something else since a reload, or looks for what it is to stay away from.
        StaleConcept: if a concept was made with another model.
    """
    for request in requests:
        if is_stale(request, serving.manifest):
            assert isinstance(request.outcome, Exception)
            raise request.outcome
    encoded = encode_batch(list(requests), serving)
    matches: list[Match] = []
    for request, parts in zip(requests, encoded, strict=True):
        check_meanings_apart(parts.likeness)
        bound = serving.binder.bind(request.filters)
        of_query = (*request.matches, *matches_of_query(bound, parts, request.query.row))
        check(of_query)
        matches += of_query
    cuts = [
        [serving.calibration.cut(parts.vector, request.query.made_from, step) for step in (_LOOSE, _CLOSE)]
        for request, parts in zip(requests, encoded, strict=True)
    ]
    loose, close = np.array(cuts, np.float32).T
    truncated = [any(map(serving.encoder.is_truncated, (*each.texts, *each.without))) for each in requests]
    return Asked(
        tuple(requests), np.stack([parts.vector for parts in encoded]), loose, close, tuple(truncated), tuple(matches)
    )


def plan(
    field: Field, values: np.ndarray, allowed: np.ndarray | None, prompts: int, visible: np.ndarray | None = None
) -> Pass | None:
    """Say which rows are scored, and in which bins they lie; None if no row that may be shown has a number.

    Args:
        field: the column that the axis shows.
        values: its numbers, NaN where there is none, shape (rows,).
        allowed: rows that fulfil the conditions, shape (rows,), bool; None means all.
        prompts: how many are asked.
        visible: rows that the filters do not hide, shape (rows,), bool; None means all. The others change nothing,
            the axis neither, and are only counted.
    """
    allowed = np.ones(len(values), bool) if allowed is None else allowed
    shown = allowed if visible is None else allowed & visible
    has = ~np.isnan(values) & shown
    if not has.any():
        return None
    axis = choose_axis(values[has])
    places = np.full(len(values), -1, np.int64)
    places[has] = axis.places(values[has])
    rows = np.flatnonzero(places >= 0)
    return Pass(
        field, axis, rows, values[rows], places[rows],
        np.empty((len(rows), prompts), np.float32),
        hidden=int(allowed.sum() - shown.sum()),
        without_number=int(shown.sum() - has.sum()), far_off=int(has.sum()) - len(rows),
    )  # fmt: skip


def score(work: Pass, part: slice, asked: Asked, serving: Serving) -> None:
    """Score one part of the rows. Runs in the worker."""
    work.scores[part] = serving.index.vectors(work.rows[part]) @ asked.vectors.T


def tally(work: Pass, asked: Asked, duplicates: Duplicates) -> tuple[np.ndarray, list[Counted]]:
    """Count the rows of each bin, shape (bins,), and for each prompt those that are close."""
    counted, of_group = _each_once(work.places, duplicates.numbers(work.rows))
    totals = np.bincount(work.places[counted], minlength=work.axis.bins)
    found = []
    for number in range(len(asked.vectors)):
        scores = work.scores[:, number]
        best = np.full(len(counted), -np.inf, np.float32)
        np.maximum.at(best, of_group, scores)
        close = work.places[counted][best >= asked.close[number]]
        # What is only loosely related stands for nothing, unless nothing is closer.
        cut = asked.close[number] if len(close) else asked.loose[number]
        related = np.flatnonzero(scores >= cut)
        candidates = _candidates(work, related, number, EXAMPLES[len(asked.vectors)])
        found.append(Counted(np.bincount(close, minlength=work.axis.bins), candidates))
    return totals, found


def _each_once(places: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fold near-duplicates within a bin.

    Args:
        places: the bin of each row, shape (n,).
        groups: the number of its near-duplicates' group, -1 where it stands alone, shape (n,).

    Returns:
        One row of each, shape (m,), and for every row which of those m it belongs to, shape (n,).
    """
    alone = groups < 0
    keys = np.where(alone, -1 - np.arange(len(groups)), places * (groups.max(initial=0) + 1) + groups)
    _, counted, belongs = np.unique(keys, return_index=True, return_inverse=True)
    return counted, belongs


def _candidates(work: Pass, related: np.ndarray, number: int, wanted: int) -> tuple[np.ndarray, ...]:
    """The best rows of each part of the axis, the best first, equal scores by row."""
    order = related[np.lexsort((related, -work.scores[related, number]))]
    part = work.places[order] * wanted // work.axis.bins
    return tuple(order[part == each][:CANDIDATES] for each in range(wanted))


def finish(work: Pass, asked: Asked, found: tuple[np.ndarray, Sequence[Counted]], serving: Serving) -> Timeline:
    """Choose the examples and put everything together. Runs in the worker."""
    totals, counted = found
    edges = work.axis.edges()
    filters = asked.requests[0].filters
    of_query = Verdict.of(match.rule for match in asked.matches)
    return Timeline(
        column=work.field.name,
        years=work.field.years,
        bins=tuple(Bin(*each) for each in zip(edges, edges[1:], totals.tolist(), strict=False)),
        whole=work.axis.whole,
        series=tuple(_series(work, asked, number, totals, each, serving) for number, each in enumerate(counted)),
        without_number=work.without_number,
        far_off=work.far_off,
        hidden=work.hidden,
        generation=serving.manifest.generation,
        filter_hash=filters.hash,
        spoiler=of_query.spoiler,
        notes=of_query.notes,
        matches=asked.matches,
    )


def _series(work: Pass, asked: Asked, number: int, totals: np.ndarray, found: Counted, serving: Serving) -> Series:
    close, query = found.close.tolist(), asked.requests[number].query
    return Series(
        close=tuple(close),
        shares=tuple(wilson(some, rows) if rows else None for some, rows in zip(close, totals.tolist(), strict=True)),
        overall=wilson(sum(close), max(int(totals.sum()), 1)),
        examples=tuple(_examples(work, asked, number, found.candidates, serving)),
        vector=asked.vectors[number],
        kind=query.made_of,
        mixture=query.made_from,
        truncated=asked.truncated[number],
    )


def _examples(
    work: Pass, asked: Asked, number: int, candidates: Sequence[np.ndarray], serving: Serving
) -> Iterator[Example]:
    """The first candidate of each part that may be shown openly and looks like none before it."""
    filters, taken = asked.requests[0].filters, set[int]()
    for places in candidates:
        chosen = _first_shown(work, places, filters, taken, serving)
        if chosen is None:
            continue
        place, verdict = chosen
        row, cosine = int(work.rows[place]), float(work.scores[place, number])
        words = serving.calibration.closeness(
            np.array([cosine]), asked.vectors[number], asked.requests[number].query.made_from
        )
        [metadata] = serving.collection.metadata([row])
        yield Example(
            row, int(work.places[place]), float(work.values[place]), cosine, words[0], metadata, verdict.notes
        )


def _first_shown(
    work: Pass, places: np.ndarray, filters: FilterSet, taken: set[int], serving: Serving
) -> tuple[int, Verdict] | None:
    rows = work.rows[places]
    groups = serving.duplicates.numbers(rows).tolist()
    verdicts = serving.binder.bind(filters).verdicts(rows.tolist())
    for place, group, verdict in zip(places.tolist(), groups, verdicts, strict=True):
        if verdict.hidden or verdict.spoiler or group in taken:
            continue
        if group >= 0:
            taken.add(group)
        return place, verdict
    return None
