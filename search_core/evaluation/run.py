"""The in-domain test itself: open an index, ask it for every class, probe it, and put the figures together.

Plain, synchronous code of one thread, which is therefore the one worker that owns the model and the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from search_core.calibration import unrelated_prompts
from search_core.encoder import unit
from search_core.errors import InputError
from search_core.evaluation import metrics, printed, skew
from search_core.evaluation.columns import read_columns
from search_core.evaluation.figures import ClassFigures, Figures, ZeroShot
from search_core.evaluation.intervals import Estimate, bootstrap_average_precision, bootstrap_mean, wilson
from search_core.evaluation.near_identical import measure_near_identical
from search_core.evaluation.ranking import first_page, nearest_class, score_all
from search_core.evaluation.taxonomy import Taxonomy, TaxonomyClass, read_taxonomy
from search_core.query import MAX_K
from search_core.serving import load
from search_core.text import clean, plain

if TYPE_CHECKING:
    from search_core.collection import Collection
    from search_core.encoder import Encoder
    from search_core.evaluation.columns import Column
    from search_core.index import VectorIndex

DEFAULT_SKEW_COLUMN = "label"
"""The folder's name, which a collection of folders always has."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What came back for one description."""

    precision: float
    average_precision: Estimate
    word_ranks: np.ndarray


def evaluate(
    directory: Path,
    labels: Path,
    *,
    k: int = 9,
    skew_column: str | None = None,
    model: str | Path | None = None,
    device: str = "auto",
    progress: bool = True,
) -> Figures:
    """Test an index on a fixed taxonomy.

    Filters do not apply: what the collection and the model do is measured, not what a server's rules hide of it.

    Args:
        directory: an index directory.
        labels: the taxonomy, as `evaluation.taxonomy` describes it.
        k: places on a page, 1 to `MAX_K`.
        skew_column: the metadata column whose values the skew probe counts; by default `label` if there is one.
        model, device: as for `SearchEngine.open`.
        progress: whether to show bars on standard error.

    Raises:
        InputError: if the taxonomy cannot be used, a column is unknown or k is out of range.
        StoreError, ManifestMismatch, EncoderError: as for `SearchEngine.open`.
    """
    if not 1 <= k <= MAX_K:
        raise InputError(f"A page has 1 to {MAX_K} places, not {k}.")
    taxonomy = read_taxonomy(labels)
    opened = load(directory.expanduser().resolve(), model, device)
    test = InDomainTest(taxonomy, opened.encoder, opened.collection, opened.index, k, skew_column, progress)
    return test.figures(opened.manifest.as_dict())


@dataclass(frozen=True, slots=True)
class InDomainTest:
    """A taxonomy, and what it is asked of. The parameters are those of `evaluate`."""

    taxonomy: Taxonomy
    encoder: Encoder
    collection: Collection
    index: VectorIndex
    k: int = 9
    skew_column: str | None = None
    progress: bool = False

    def figures(self, manifest: dict[str, Any]) -> Figures:
        """Run the test.

        Args:
            manifest: what made the index, for the record.

        Raises:
            InputError: if the taxonomy or the skew column does not fit the collection.
        """
        skewed = self.skew_column or _default_skew_column(self.collection)
        wanted = [*self.taxonomy.columns, *([skewed] if skewed else [])]
        columns = read_columns(self.collection, list(dict.fromkeys(wanted)), self.progress)
        rows = len(self.index)
        classes = self.taxonomy.classes
        relevant = self.taxonomy.relevant_rows(columns, rows)
        vectors = [self.encoder.encode_texts(one.descriptions) for one in classes]
        words = printed.words_to_print([one.name for one in classes])
        asked = self._ask(vectors, relevant, words)
        of_classes = [self._class(*parts, rows) for parts in zip(classes, relevant, asked, strict=True)]
        word_ranks = np.stack([np.min([one.word_ranks for one in of_class], axis=0) for of_class in asked], axis=1)
        return Figures(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            index=manifest,
            labels=self.taxonomy.path.name,
            labelled=len(np.unique(np.concatenate(relevant))),
            k=self.k,
            classes=of_classes,
            precision=bootstrap_mean([one.precision.value for one in of_classes]),
            recall=bootstrap_mean([one.recall.value for one in of_classes]),
            mean_average_precision=bootstrap_mean([one.average_precision.value for one in of_classes]),
            zero_shot=self._zero_shot(vectors, relevant),
            near_identical=measure_near_identical(self.collection, self.index, self.encoder, self.progress),
            skew=self._skew(skewed, columns[skewed]) if skewed else None,
            printed=printed.probe_printed(words, [one.name for one in classes], word_ranks, self.k),
        )

    def _ask(
        self, vectors: Sequence[np.ndarray], relevant: Sequence[np.ndarray], words: Sequence[printed.PrintedWord]
    ) -> list[list[_Asked]]:
        """Ask each description of each class."""
        word_vectors = self.encoder.encode_images([printed.print_word(word.word) for word in words])
        queries = np.concatenate(vectors)
        scores = score_all(self.collection.vectors, queries, len(self.index))
        bar = tqdm(scores, total=len(queries), desc="Ranking", unit=" descriptions", disable=not self.progress)
        answers = zip(bar, first_page(self.index, queries, self.k), queries @ word_vectors.T, strict=True)
        asked = []
        for of_class, rows in zip(vectors, relevant, strict=True):
            mask = np.zeros(len(self.index), bool)
            mask[rows] = True
            asked.append([self._asked(mask, *answer) for answer in islice(answers, len(of_class))])
        bar.close()
        return asked

    def _asked(self, mask: np.ndarray, scores: np.ndarray, page: np.ndarray, of_words: np.ndarray) -> _Asked:
        return _Asked(
            precision=metrics.precision_at_k(mask[page], self.k),
            average_precision=bootstrap_average_precision(metrics.ranks_of(mask, scores), len(scores)),
            word_ranks=metrics.rank_among(scores, of_words),
        )

    def _class(self, one: TaxonomyClass, relevant: np.ndarray, asked: Sequence[_Asked], rows: int) -> ClassFigures:
        places = min(self.k, len(relevant))
        # Of the places that could be filled rightly, the share that is; Wilson's trials are these places, once and
        # not once for each description, because descriptions of a class draw much the same rows.
        filled = wilson(float(np.mean([answer.precision for answer in asked])) * self.k, places)
        return ClassFigures(
            name=one.name,
            descriptions=one.descriptions,
            cut=[text for text in one.descriptions if self.encoder.is_truncated(text)],
            relevant=len(relevant),
            precision=filled.times(places / self.k),
            recall=filled.times(places / len(relevant)),
            average_precision=_mean_of([answer.average_precision for answer in asked]),
            best_precision=metrics.best_precision(len(relevant), self.k),
            best_recall=metrics.best_recall(len(relevant), self.k),
            chance=len(relevant) / rows,
        )

    def _zero_shot(self, vectors: Sequence[np.ndarray], relevant: Sequence[np.ndarray]) -> ZeroShot | None:
        memberships = np.zeros(len(self.index), np.int64)
        true = np.zeros(len(memberships), np.int64)
        for number, rows in enumerate(relevant):
            memberships[rows] += 1
            true[rows] = number
        single = memberships == 1
        if len(vectors) == 1 or not single.any():
            return None
        assigned = nearest_class(self.collection.vectors, mean_directions(vectors))
        counts = metrics.confusion(true[single], assigned[single], len(vectors))
        return ZeroShot(
            rows=int(single.sum()),
            left_out=int((memberships > 1).sum()),
            accuracy=wilson(int(np.trace(counts)), int(counts.sum())),
            balanced=metrics.balanced_accuracy(counts),
            chance=1 / len(vectors),
            largest=float(counts.sum(axis=1).max() / counts.sum()),
            confusion=counts.tolist(),
        )

    def _skew(self, name: str, column: Column) -> skew.Skew:
        prompts = skew.skew_prompts()
        asked = self._draw([prompt.prompt for prompt in prompts])
        unrelated = self._draw(unrelated_prompts())
        return skew.probe_skew(name, column, prompts, asked, unrelated)

    def _draw(self, prompts: Sequence[str]) -> list[np.ndarray]:
        """The rows on the pages that someone sees who leafs on from a prompt."""
        vectors = self.encoder.encode_texts([plain(clean(prompt)) for prompt in prompts])
        return first_page(self.index, vectors, min(self.k * skew.PAGES, len(self.index)))


def _default_skew_column(collection: Collection) -> str | None:
    return DEFAULT_SKEW_COLUMN if DEFAULT_SKEW_COLUMN in collection.columns else None


def mean_directions(vectors: Sequence[np.ndarray]) -> np.ndarray:
    """One unit vector a class: the mean of its descriptions' vectors, made unit length again.

    An ensemble of prompts in embedding space (Radford et al., "Learning Transferable Visual Models From Natural
    Language Supervision", 2021, section 3.1.4).

    Args:
        vectors: for each class its descriptions' unit vectors, shape (descriptions, width).
    """
    return unit(np.stack([of_class.mean(axis=0) for of_class in vectors]))


def _mean_of(estimates: Sequence[Estimate]) -> Estimate:
    """The mean, with the mean bounds: as wide as if the descriptions rose and fell together."""
    low, value, high = (
        float(np.mean([getattr(estimate, part) for estimate in estimates])) for part in ("low", "value", "high")
    )
    return Estimate(value, low, high)
