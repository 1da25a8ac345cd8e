"""Whether the parts of a query are of the types they are declared with, told before they reach the worker.

A float for a row passes every comparison and fails only in the index, where it would take a whole batch along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any

from search_core.errors import QueryError


def is_prompts(value: object) -> bool:
    """Whether it is a prompt, or several in an order; bytes are none."""
    return isinstance(value, str) or (isinstance(value, Sequence) and all(isinstance(one, str) for one in value))


def is_picture(value: object) -> bool:
    """Whether it is the bytes of a file or a decoded picture with at least one pixel."""
    if isinstance(value, bytes):
        return True
    from PIL.Image import Image  # late: most queries bring none

    return isinstance(value, Image) and min(value.size) > 0


def is_whole(value: object) -> bool:
    """Whether it is a whole number, numpy's among them; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether it is a real number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_vector(value: object) -> bool:
    """Whether it is a numpy array of fractions in one dimension."""
    import numpy as np

    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim == 1


def is_text(value: object) -> bool:
    """Whether it is one string."""
    return isinstance(value, str)


Types = dict[str, tuple[Callable[[Any], bool], str]]
"""For each part its test, and what the message says that it must be."""

TYPES: Types = {
    "text": (is_prompts, "a string, or several in a list"),
    "image": (is_picture, "the bytes of a picture file or a PIL image with at least one pixel"),
    "row": (is_whole, "a whole number"),
    "generation": (is_text, "a string"),
    "vector": (is_vector, "a numpy array of fractions in one dimension"),
    "without": (is_prompts, "a string, or several in a list"),
    "image_weight": (is_number, "a number"),
    "k": (is_whole, "a whole number"),
    "offset": (is_whole, "a whole number"),
}

OPTIONAL = ("text", "image", "row", "generation", "vector", "without", "kind", "mixture")
"""Parts that may be None."""


def check_types(parts: object, types: Types) -> None:
    """Refuse a part of a wrong type.

    Raises:
        QueryError: naming the part, what it must be, and the type that it has.
    """
    for name, (fits, needed) in types.items():
        value = getattr(parts, name)
        if not (fits(value) or (value is None and name in OPTIONAL)):
            raise QueryError(f"A query's {name} must be {needed}, not {_named(value)}.")


def _named(value: object) -> str:
    """A value's type, and the value where it is short and no stranger's text."""
    kind = type(value).__name__
    return f"{value!r}, a {kind}" if isinstance(value, int | float) else f"a {kind}"
