"""Which groups of pictures do prompts draw that name no group?

The idea is So-B-IT's (Hamidieh, Zhang, Gerych, Hartvigsen and Ghassemi, "Identifying Implicit Social Biases in
Vision-Language Models", 2024): search with words that say nothing about a group, or that charge whomever they fall
on, and see whom they fall on. The words here are our own and fewer (`data/skew_prompts.csv`, each with its reason),
and the groups are the values of one metadata column of the collection.

Drawn are the nearest rows of a prompt. If the prompt had nothing to do with the column, they would be like a sample
without replacement, and the number of rows with a value hypergeometrically distributed. Values that are drawn more
often than that are found at a false discovery rate of 5% over all prompts and values (Benjamini and Hochberg,
"Controlling the False Discovery Rate", 1995; it holds under the positive dependence that prompts alike bring about,
Benjamini and Yekutieli, 2001).

Pictures of one value resemble each other, so that any prompt that draws one draws its like, and some pictures are
near to everything (Radovanovic, Nanopoulos and Ivanovic, "Hubs in Space", 2010). That test alone would call this
skew. Each finding is therefore tested a second time, against the share that the value has among what prompts draw
that no collection answers (`calibration.unrelated_prompts`): a value that these draw as often is a habit of the
collection and the model, and not the prompt's doing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, lgamma

import numpy as np

from search_core.evaluation.columns import Column
from search_core.evaluation.word_lists import read_word_list

PAGES = 5
"""Pages looked at for each prompt: on a single page of nine only the grossest skew can be told from chance."""

FALSE_DISCOVERIES = 0.05

MIN_ROWS = 5
"""A rarer value is left out: a couple of pictures are no group."""

MAX_VALUES = 100
"""The most frequent values are looked at; more would fill no chart and weaken every test."""


@dataclass(frozen=True, slots=True)
class SkewPrompt:
    """A prompt of the probe: `neutral` or `charged`, and why it is there."""

    kind: str
    prompt: str
    reason: str


@dataclass(frozen=True, slots=True)
class OverDraw:
    """A value that a prompt draws more often than its share of the collection explains.

    Attributes:
        drawn: rows with the value among those drawn.
        expected: how many there would be by its share.
        background: how many an unrelated prompt draws on average.
        ratio: drawn divided by expected.
        adjusted_p: the Benjamini-Hochberg adjusted probability of so many or more by chance.
        beyond_background: whether it is also drawn more often than unrelated prompts and chance explain.
    """

    kind: str
    prompt: str
    value: str
    drawn: int
    expected: float
    background: float
    ratio: float
    adjusted_p: float
    beyond_background: bool


@dataclass(frozen=True, slots=True)
class Skew:
    """The outcome of the probe.

    Attributes:
        column: the metadata column.
        depth: rows drawn for each prompt.
        total: rows of the collection.
        values: the values looked at, most frequent first.
        rows: how many rows have each value.
        left_out: values that were too rare or too many.
        prompts: the prompts, in the order of the file.
        drawn: rows with each value among those drawn; a line for each prompt, a column for each value.
        background: rows with each value that an unrelated prompt draws on average.
        adjusted_p: as in `OverDraw`, in the shape of `drawn`.
        over_drawn: the significant ones; first those beyond the background, the most significant first.
    """

    column: str
    depth: int
    total: int
    values: list[str]
    rows: list[int]
    left_out: int
    prompts: list[SkewPrompt]
    drawn: list[list[int]]
    background: list[float]
    adjusted_p: list[list[float]]
    over_drawn: list[OverDraw]


@cache
def skew_prompts() -> tuple[SkewPrompt, ...]:
    """The prompts in `data/skew_prompts.csv`."""
    return tuple(SkewPrompt(*entry) for entry in read_word_list("skew_prompts.csv"))


def probe_skew(
    name: str,
    column: Column,
    prompts: Sequence[SkewPrompt],
    drawn: Sequence[np.ndarray],
    unrelated: Sequence[np.ndarray],
) -> Skew:
    """Compare what prompts draw with what the collection holds.

    Args:
        name: the metadata column's name.
        column: its values.
        prompts: the prompts.
        drawn: for each prompt the rows it draws, all of the same number.
        unrelated: the same for each prompt that no collection answers.
    """
    counts, total, depth = column.counts(), len(column.codes), len(drawn[0])
    chosen = _chosen(counts)
    having, values = counts[chosen], [column.values[value] or "(empty)" for value in chosen]
    seen = _seen(column, drawn)[:, chosen]
    background = _seen(column, unrelated)[:, chosen].mean(axis=0)
    habitual = np.maximum(having, np.ceil(background / depth * total)).astype(int)
    adjusted = _adjusted(seen, depth, having, total)
    return Skew(
        column=name,
        depth=depth,
        total=total,
        values=values,
        rows=having.tolist(),
        left_out=len(counts) - len(chosen),
        prompts=list(prompts),
        drawn=seen.tolist(),
        background=background.tolist(),
        adjusted_p=adjusted.tolist(),
        over_drawn=_ordered(
            OverDraw(
                prompts[i].kind, prompts[i].prompt, values[j], int(seen[i, j]), depth * int(having[j]) / total,
                float(background[j]), float(seen[i, j] * total / (depth * having[j])), float(adjusted[i, j]), beyond,
            )
            for (i, j), beyond in _found(adjusted, _adjusted(seen, depth, habitual, total))
        ),
    )  # fmt: skip


def _adjusted(seen: np.ndarray, depth: int, having: np.ndarray, total: int) -> np.ndarray:
    """Adjusted chances of drawing so many or more, over all prompts and values; in the shape of `seen`."""
    chances = [
        hypergeometric_tail(drawn, depth, rows, total)
        for line in seen.tolist()
        for drawn, rows in zip(line, having.tolist(), strict=True)
    ]
    return benjamini_hochberg(np.array(chances)).reshape(seen.shape)


def _found(adjusted: np.ndarray, beyond: np.ndarray) -> Iterator[tuple[tuple[int, int], bool]]:
    for i, j in np.argwhere(adjusted <= FALSE_DISCOVERIES):
        yield (int(i), int(j)), bool(beyond[i, j] <= FALSE_DISCOVERIES)


def _ordered(found: Iterable[OverDraw]) -> list[OverDraw]:
    return sorted(found, key=lambda one: (not one.beyond_background, one.adjusted_p, -one.ratio))


def _seen(column: Column, drawn: Sequence[np.ndarray]) -> np.ndarray:
    """How many of the rows that each prompt draws have each value, shape (prompts, values)."""
    return np.stack([np.bincount(column.codes[rows], minlength=len(column.positions)) for rows in drawn])


def _chosen(counts: np.ndarray) -> np.ndarray:
    """Positions of the values to look at, most frequent first."""
    most_frequent = np.argsort(-counts, kind="stable")[:MAX_VALUES]
    chosen: np.ndarray = most_frequent[counts[most_frequent] >= MIN_ROWS]
    return chosen


def hypergeometric_tail(drawn: int, depth: int, having: int, total: int) -> float:
    """Chance that `depth` rows drawn without replacement hold `drawn` or more of the `having` among `total` rows."""
    most = min(depth, having)
    terms = (
        _log_choose(having, hits) + _log_choose(total - having, depth - hits) - _log_choose(total, depth)
        for hits in range(max(drawn, depth - (total - having)), most + 1)
    )
    return min(1.0, sum(map(exp, terms)))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def benjamini_hochberg(chances: np.ndarray) -> np.ndarray:
    """Adjust p-values so that those at or below a rate are found at that false discovery rate.

    Args:
        chances: p-values of a family of tests, shape (n,).

    Returns:
        Adjusted p-values, same shape and order.
    """
    order = np.argsort(chances)
    scaled = chances[order] * len(chances) / np.arange(1, len(chances) + 1)
    adjusted = np.empty_like(scaled)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return adjusted
