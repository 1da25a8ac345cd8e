"""The parts of a query to one unit vector.

    t = unit(mean of the prompts' vectors)
    p = t, or the picture's vector i, or unit((1 - w) t + w i) where there are both
    q = unit(p - WITHOUT_WEIGHT * unit(mean of the vectors to stay away from))

So a row's score for "p without n" is, up to its scale, cos(p, row) - WITHOUT_WEIGHT * cos(n, row). All vectors have
unit length; averaging prompts in vector space is the prompt ensembling of Radford et al. 2021 (CLIP), section 3.1.4.
"""

from __future__ import annotations

import numpy as np

from search_core.encoder import unit

WITHOUT_WEIGHT = 0.5
"""At 1 the vector loses what the two prompts share ("a drawing of"), and with it much of the modality's own offset;
at 0.5 a row must be twice as much like the prompt as like what is to stay away."""


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


def _towards(texts: np.ndarray, image: np.ndarray | None, image_weight: float) -> np.ndarray:
    if len(texts) == 0:
        assert image is not None
        return image
    words: np.ndarray = texts[0] if len(texts) == 1 else unit(texts.mean(axis=0))
    return words if image is None else unit((1 - image_weight) * words + image_weight * image)
