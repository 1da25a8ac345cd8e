"""Which kind of index a collection gets: the cheapest whose measured recall is high enough, not one by name.

Up to `EXACT_ROWS` that is the exact index. Above, inverted files with a short list of settings compete with it on
questions held out from training (`held_out`). A probed list is searched exactly, so a true neighbour is found if and
only if its list is among the probed ones; the recall of every setting therefore follows from one pass over the
vectors, before any index is filled. Cost is counted in vectors compared with a query, centroids and rows alike, and
not in seconds: the same collection gets the same index on a busy machine.

Three passes over the vectors, each in bounded memory: questions and training rows are drawn in the first, answers and
lists are found in the second, the chosen index is filled in the third. Only that index grows with the collection.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from search_core.index.flat import FlatIndex
from search_core.index.held_out import HeldOut, Neighbours, gather, numbered_blocks
from search_core.index.ivf import IvfIndex, train

if TYPE_CHECKING:
    from search_core.index import VectorIndex

CHOICES = ("auto", "flat", "ivf")
"""What `--index` takes: measure and choose, exact, or the cheapest inverted file that is good enough."""

EXACT_ROWS = 50_000
"""Rows up to which search is exact unless asked otherwise: it then takes some 1.6 ms a query at width 512 on two cores,
an eighth of what encoding the prompt does. At 400,000 rows it takes as long as the encoding, and an inverted file less
than a millisecond (`benchmarks/RESULTS.md`)."""

RECALL = 0.99
"""Share of the true neighbours that an index must find, of pictures and of texts each."""

HELD_OUT_ROWS = 1_000
"""Pictures asked: their 10,000 neighbours give the recall to about 0.2 percentage points."""

LISTS_PER_ROOT = (1, 4)
"""Numbers of lists tried, in square roots of the number of rows: the first compares about as many centroids as rows
of one list, the second is the lower end of what Faiss's wiki (Guidelines to choose an index) advises up to a million
rows."""

MAX_LISTS = 4_096
ROWS_PER_LIST = 32
"""Training rows for each centroid; with `MAX_LISTS` it bounds the sample to 131,072 rows, 268 MB at width 512."""

_SEED = 0
Watch = Callable[[str, Iterable[np.ndarray]], Iterable[np.ndarray]]
"""Takes what a pass does and its chunks, and gives the chunks back; a progress bar can stand between."""


def unwatched(_: str, chunks: Iterable[np.ndarray]) -> Iterable[np.ndarray]:
    """Pass the chunks on."""
    return chunks


@dataclass(frozen=True, slots=True)
class Setting:
    """One inverted file that could be built.

    Attributes:
        lists, nprobe: how many there are, and how many are probed.
        recall: the lower of the recalls of pictures and of texts.
        cost: vectors compared with a query on average, centroids included.
    """

    lists: int
    nprobe: int
    recall: float
    cost: float


def choose_index(
    vectors: Callable[[], Iterable[np.ndarray]],
    count: int,
    width: int,
    kind: str = "auto",
    texts: Callable[[], np.ndarray] | None = None,
    watch: Watch = unwatched,
) -> VectorIndex:
    """Choose an index for a collection and build it.

    Args:
        vectors: gives chunks of unit vectors, each of shape (rows, width), in row order, as often as it is called.
        count: rows in all.
        width: numbers in a vector.
        kind: one of `CHOICES`.
        texts: makes unit vectors of prompts that people could type, shape (n, width), on which recall is measured,
            too; only called where it is measured.
        watch: sees each pass over the vectors.

    Raises:
        ValueError: if the kind is none of `CHOICES`.
    """
    if kind not in CHOICES:
        raise ValueError(f"Index kind {kind!r} is unknown; choose one of {', '.join(CHOICES)}.")
    if kind == "ivf" or (kind == "auto" and count > EXACT_ROWS):
        survey = Survey.of(vectors, count, width, texts() if texts else None, watch)
        best = survey.cheapest()
        if kind == "ivf" or best.cost < count:  # an exact search compares every row
            return survey.build(best, watch("Indexing", vectors()))
    return FlatIndex.build(watch("Indexing", vectors()), width)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Centroids, and the list of each row, shape (rows,), by their number."""

    trained: Any
    list_of_row: np.ndarray

    def assign(self, first_row: int, block: np.ndarray) -> None:
        """Note the nearest centroid of rows from `first_row` on."""
        nearest = self.trained.quantizer.search(block, 1)[1][:, 0]
        self.list_of_row[first_row : first_row + len(block)] = nearest

    def settings(self, questions: HeldOut, neighbours: np.ndarray) -> Iterator[Setting]:
        """Every number of probed lists that is a power of two, and all lists, with its recall and cost."""
        lists = len(self.sizes)
        order = self.trained.quantizer.search(questions.vectors, lists)[1]
        place = np.argsort(order, axis=1)  # of each list in a question's order
        places = np.take_along_axis(place, self.list_of_row[neighbours].astype(np.int64), 1)
        scanned = self.sizes[order].cumsum(axis=1).mean(axis=0)
        for nprobe in sorted({2**n for n in range(int(math.log2(lists)) + 1)} | {lists}):
            recall = _recall(places < nprobe, neighbours >= 0, questions.of_text)
            yield Setting(lists, nprobe, recall, lists + float(scanned[nprobe - 1]))

    @property
    def sizes(self) -> np.ndarray:
        """Rows in each list."""
        return np.bincount(self.list_of_row, minlength=self.trained.nlist)


@dataclass(frozen=True, slots=True)
class Survey:
    """What one look at the vectors tells of all candidates."""

    candidates: dict[int, Candidate]
    questions: HeldOut
    neighbours: np.ndarray

    @classmethod
    def of(
        cls,
        vectors: Callable[[], Iterable[np.ndarray]],
        count: int,
        width: int,
        texts: np.ndarray | None = None,
        watch: Watch = unwatched,
    ) -> Survey:
        """Draw, train and measure; the arguments are those of `choose_index`, but for texts that are made already."""
        own, training = draw(count)
        drawn = gather(watch("Sampling", vectors()), np.append(own, training), width)
        questions = _questions(drawn[: len(own)], own, texts)
        candidates = {
            lists: Candidate(train(drawn[len(own) :][: lists * ROWS_PER_LIST], lists), np.empty(count, np.int32))
            for lists in list_numbers(count, len(training))
        }
        neighbours = Neighbours(questions)
        for first_row, block in numbered_blocks(watch("Measuring recall", vectors())):
            neighbours.see(first_row, block)
            for candidate in candidates.values():
                candidate.assign(first_row, block)
        return cls(candidates, questions, neighbours.rows)

    def settings(self) -> list[Setting]:
        """All settings of all candidates."""
        return [
            setting
            for candidate in self.candidates.values()
            for setting in candidate.settings(self.questions, self.neighbours)
        ]

    def cheapest(self) -> Setting:
        """The cheapest setting that finds enough; probing all lists always does."""
        return min((one for one in self.settings() if one.recall >= RECALL), key=lambda one: one.cost)

    def build(self, setting: Setting, chunks: Iterable[np.ndarray]) -> IvfIndex:
        """Fill the index of a setting; once for each number of lists, since it is filled in place."""
        chosen = self.candidates[setting.lists]
        assigned = (
            (block, chosen.list_of_row[first_row : first_row + len(block)])
            for first_row, block in numbered_blocks(chunks)
        )
        return IvfIndex.build(chosen.trained, assigned, setting.nprobe, setting.recall)


def list_numbers(count: int, training: int) -> list[int]:
    """The numbers of lists to try for so many rows, each a power of two within what can be trained."""
    most = min(MAX_LISTS, max(1, training))
    wanted = (2 ** round(math.log2(factor * math.sqrt(count))) for factor in LISTS_PER_ROOT)
    return sorted({min(lists, 2 ** int(math.log2(most))) for lists in wanted})


def draw(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to ask and rows to train on, disjoint, drawn the same way each time."""
    asked = max(1, min(HELD_OUT_ROWS, count // 4))
    drawn = np.random.default_rng(_SEED).choice(
        count, min(count, asked + MAX_LISTS * ROWS_PER_LIST), replace=False, shuffle=True
    )
    return drawn[:asked], drawn[asked:] if count > asked else drawn


def _questions(pictures: np.ndarray, own: np.ndarray, texts: np.ndarray | None) -> HeldOut:
    if texts is None:
        return HeldOut(pictures, own)
    return HeldOut(np.vstack([pictures, texts.astype(np.float32)]), np.append(own, np.full(len(texts), -1)))


def _recall(found: np.ndarray, true: np.ndarray, of_text: np.ndarray) -> float:
    """The lower of the recalls of pictures and of texts, among the neighbours that there are."""
    groups = [(found & true)[group].sum() / true[group].sum() for group in (of_text, ~of_text) if true[group].any()]
    return float(min(groups, default=1.0))
