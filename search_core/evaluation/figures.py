"""What an in-domain test found: plain, frozen values that the report, the plots and the JSON are made of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from search_core.evaluation.intervals import Estimate
from search_core.evaluation.near_identical import NearIdentical
from search_core.evaluation.printed import Printed
from search_core.evaluation.skew import Skew


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """Retrieval for one class. Each description is a query of its own; the figures are the means over them.

    Attributes:
        name: the class.
        descriptions: its prompts, cleaned.
        cut: those of them that are longer than the model reads.
        relevant: relevant rows in the collection.
        precision, recall: at k.
        average_precision: over the whole collection.
        best_precision, best_recall: what a perfect search would reach at k.
        chance: the class's share of the collection: the precision of rows drawn blindly.
    """

    name: str
    descriptions: list[str]
    cut: list[str]
    relevant: int
    precision: Estimate
    recall: Estimate
    average_precision: Estimate
    best_precision: float
    best_recall: float
    chance: float


@dataclass(frozen=True, slots=True)
class ZeroShot:
    """Each row of exactly one class, assigned to the class whose mean description is nearest.

    Attributes:
        rows: rows assigned.
        left_out: relevant rows of several classes, which have no single right answer.
        accuracy: share assigned to their own class.
        balanced: mean over the classes of their own accuracies.
        chance: the accuracy of guessing blindly among the classes.
        largest: the accuracy of always naming the largest class.
        confusion: counts; a line for each true class, a column for each assigned one.
    """

    rows: int
    left_out: int
    accuracy: Estimate
    balanced: float
    chance: float
    largest: float
    confusion: list[list[int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was found.

    Attributes:
        created: when the test was run, ISO 8601, UTC.
        index: the manifest of the index's generation.
        labels: the taxonomy's file name.
        labelled: rows that belong to some class.
        k: places on a page.
        classes: in the order of the taxonomy.
        precision, recall, mean_average_precision: means over the classes.
        zero_shot: None where there is but one class, or no row of exactly one.
        near_identical: None where there is but one row.
        skew: None where no metadata column was named and none is called `label`.
        printed: the printed words.
    """

    created: str
    index: dict[str, Any]
    labels: str
    labelled: int
    k: int
    classes: list[ClassFigures]
    precision: Estimate
    recall: Estimate
    mean_average_precision: Estimate
    zero_shot: ZeroShot | None
    near_identical: NearIdentical | None
    skew: Skew | None
    printed: Printed

    def as_json(self) -> str:
        """All figures as one JSON object, with the fields' own names."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
