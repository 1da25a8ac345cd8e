"""Concepts: examples in words and pictures, and from which cosine on each of them matches.

Scores between two texts, two pictures, and a text and a picture lie on different scales, and each example has its own
background. So each example gets three thresholds, measured when the concept is made:

prompt    median + `PROMPT_STEPS` spreads of its scores with ordinary prompts (`data/neutral_prompts.txt`). A spread is
          the root mean square of how far the lower half lies beneath the median: the upper half holds the example's
          own relatives. On the sample model, twelve concepts of one or two texts each match 29 of 49 paraphrases that
          share no word with them (`test_moderation.py`), and 1.0 % of the sample's titles, those about
          them included ("Beer mug" for drinking). Half a spread less gains 3 paraphrases in a hundred and doubles the
          titles, half a spread more loses 14.
          For a picture as example 3.5 spreads: 94 % of the prompts that name it, 1.4 % of the ordinary ones.
picture   and
result    where the collection's calibration calls a score close, for a text; halfway from loosely related to close for
          a picture. For twenty words such as "a cat", 77 % of the rows whose title has the word match, and 78 % of what
          matches has it; 0.7 % of the collection.

More examples recall more. `sensitivity` moves all thresholds down, in spreads. None lies so high that an example would
not match itself, also in a collection too small to measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from search_core.duplicates import MIN_COSINE
from search_core.errors import RuleError
from search_core.filters.rules import MAX_EXAMPLES, Concept
from search_core.query import Mixture

if TYPE_CHECKING:
    from search_core.calibration import Calibration

MAX_SENSITIVITY = 3.0
"""Spreads: beyond it everything matches, or nothing but the examples themselves."""

PROMPT_STEPS = {"text": 3.0, "picture": 3.5}
"""Spreads above the median of ordinary prompts from which a prompt matches an example of either sort."""

_LOOSE, _CLOSE = 0, 1


@dataclass(frozen=True, slots=True)
class Examples:
    """What a concept is made from.

    Attributes:
        texts: cleaned.
        text_vectors: their unit vectors, shape (len(texts), width).
        pictures: SHA-256 of the rows' files.
        picture_vectors: unit vectors of those rows, then of posted pictures, shape (pictures, width).
    """

    texts: tuple[str, ...]
    text_vectors: np.ndarray
    pictures: tuple[str, ...]
    picture_vectors: np.ndarray


def make(examples: Examples, calibration: Calibration, neutral: np.ndarray, space: str, sensitivity: float) -> Concept:
    """Make a concept of examples.

    Args:
        examples: at least one.
        calibration: of the collection it is for.
        neutral: vectors of `neutral_prompts`, shape (prompts, width).
        space: the encoder that made the vectors (`EncoderFingerprint.space`).
        sensitivity: how many spreads the thresholds are lower than measured.
    """
    vectors = np.concatenate([examples.text_vectors, examples.picture_vectors])
    sorts = ["text"] * len(examples.text_vectors) + ["picture"] * len(examples.picture_vectors)
    thresholds = [
        _thresholds(vector, sort, calibration, neutral, sensitivity)
        for vector, sort in zip(vectors, sorts, strict=True)
    ]
    return Concept(examples.texts, examples.pictures, vectors, np.array(thresholds, np.float32), space, sensitivity)


def check_examples(count: int, sensitivity: float) -> None:
    """Refuse a concept of no example or too many, or one that would match everything.

    Raises:
        RuleError: saying what is possible.
    """
    if not 1 <= count <= MAX_EXAMPLES:
        raise RuleError(f"A concept takes 1 to {MAX_EXAMPLES} examples, texts and pictures together, not {count}.")
    if not abs(sensitivity) <= MAX_SENSITIVITY:
        raise RuleError(f"The sensitivity lies between -{MAX_SENSITIVITY:g} and {MAX_SENSITIVITY:g}.")


def _thresholds(
    vector: np.ndarray, sort: str, calibration: Calibration, neutral: np.ndarray, sensitivity: float
) -> tuple[float, float, float]:
    middle, spread = _background(neutral @ vector)
    prompt = middle + (PROMPT_STEPS[sort] - sensitivity) * spread
    loose, close = (calibration.cut(vector, Mixture(float(sort == "picture")), step) for step in (_LOOSE, _CLOSE))
    result = close if sort == "text" else (loose + close) / 2
    result -= sensitivity * _background(calibration.background.vectors @ vector)[1]
    return min(prompt, MIN_COSINE), min(result, MIN_COSINE), min(result, MIN_COSINE)


def _background(scores: np.ndarray) -> tuple[float, float]:
    """Median and spread of the lower half of some scores, shape (n,)."""
    middle = np.median(scores)
    return float(middle), float(np.sqrt(np.mean((scores[scores <= middle] - middle) ** 2)))


@cache
def neutral_prompts() -> tuple[str, ...]:
    """Ordinary prompts, one a line in `data/neutral_prompts.txt`."""
    text = files("search_core").joinpath("data/neutral_prompts.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def batches(prompts: Sequence[str], size: int = 16) -> list[Sequence[str]]:
    """Cut prompts into batches so small that searches go in between."""
    return [prompts[start : start + size] for start in range(0, len(prompts), size)]
