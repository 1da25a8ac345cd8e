"""The parts of a query to one unit vector.

    t = unit(mean of the prompts' vectors)
    p = t, or the picture's vector i, or unit((1 - w) t + w i) where there are both
    q = unit(p - WITHOUT_WEIGHT * unit(mean of the vectors to stay away from))

So a row's score for "p without n" is, up to its scale, cos(p, row) - WITHOUT_WEIGHT * cos(n, row). All vectors have
unit length; averaging prompts in vector space is the prompt ensembling of Radford et al. 2021 (CLIP), section 3.1.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from search_core.encoder import unit
from search_core.errors import QueryError

WITHOUT_WEIGHT = 0.5
"""At 1 the vector loses what the two prompts share ("a drawing of"), and with it much of the modality's own offset;
at 0.5 a row must be twice as much like the prompt as like what is to stay away."""

SAME = 0.98
"""From this cosine on, what is asked for and what is to be stayed away from are the same: what would be left points
where the prompt points, or nowhere in particular. Only other spellings lie above it ("a cat." and "a cat": 0.99 on the
sample's model); "a man with a hat" and "a man without a hat" lie at 0.94, "a cat" and "a black cat" at 0.89."""

_ARTICLES = frozenset({"a", "an", "the"})
_SAY_THE_SAME = (
    "What to look for and what to stay away from say the same, so nothing would be left. "
    "Stay away from something narrower or else, such as “an animal” without “a cat”."
)


def check_words_apart(texts: Iterable[str], without: Iterable[str]) -> None:
    """Refuse to look for the very words that are to be stayed away from; articles and punctuation do not count.

    Args:
        texts: cleaned prompts.
        without: cleaned prompts to stay away from.

    Raises:
        QueryError: if one of them is among both.
    """
    if set(map(_bare, texts)) & set(map(_bare, without)):
        raise QueryError(_SAY_THE_SAME)


def check_meanings_apart(likeness: float) -> None:
    """Refuse to look for what is to be stayed away from in other words.

    Raises:
        QueryError: if the `likeness` of the two is `SAME` or above.
    """
    if likeness >= SAME:
        raise QueryError(_SAY_THE_SAME)


def _bare(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.findall(r"\w+", text) if word not in _ARTICLES) or (text,)


def compose(texts: np.ndarray, image: np.ndarray | None, without: np.ndarray, image_weight: float) -> np.ndarray:
    """Compose one query vector.

    Args:
        texts: unit vectors of the prompts, shape (n, width); n may be 0 where there is an image.
        image: unit vector of the picture, shape (width,), or None.
        without: unit vectors to stay away from, shape (m, width); m may be 0.
        image_weight: w above, used only where there are both.

    Returns:
        A unit vector, shape (width,), float32.

    Raises:
        EncoderError: if the parts cancel each other out.
    """
    towards = _towards(texts, image, image_weight)
    if len(without) == 0:
        return towards
    return unit(towards - WITHOUT_WEIGHT * unit(without.mean(axis=0)))


def likeness(texts: np.ndarray, image: np.ndarray | None, without: np.ndarray, image_weight: float) -> float:
    """The cosine between p and n above, for the arguments of `compose`; -1 if there is nothing to stay away from."""
    if len(without) == 0:
        return -1.0
    return float(_towards(texts, image, image_weight) @ unit(without.mean(axis=0)))


def _towards(texts: np.ndarray, image: np.ndarray | None, image_weight: float) -> np.ndarray:
    if len(texts) == 0:
        assert image is not None
        return image
    words: np.ndarray = texts[0] if len(texts) == 1 else unit(texts.mean(axis=0))
    return words if image is None else unit((1 - image_weight) * words + image_weight * image)
