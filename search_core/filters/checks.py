"""Values of rules that come from outside, such as an imported file: each is what it should be, or an error says so."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from search_core.errors import RuleError

MAX_ID = 2**63 - 1
"""Largest id that the database holds, and more than Discord's own."""

LAST_MOMENT = 253_402_300_799
"""The last second of the year 9999, in seconds since 1970: no later date can be shown."""

UNIT_TOLERANCE = 1e-3
"""How far a length may lie from 1: more than rounding to float32 does, and less than any threshold's digits."""


def text(what: str, value: Any) -> str:
    """Return a text.

    Raises:
        RuleError: if it is none.
    """
    if not isinstance(value, str):
        raise RuleError(f"The {what} is no text. Write it in quotation marks.")
    return value


def texts(what: str, values: Any) -> tuple[str, ...]:
    """Return texts.

    Raises:
        RuleError: if it is no list of texts.
    """
    return tuple(text(what, value) for value in _list(what, values))


def ids(what: str, values: Any) -> frozenset[int]:
    """Return ids of channels or roles.

    Raises:
        RuleError: if it is no list of whole numbers from 1 to `MAX_ID`.
    """
    return frozenset(_whole(what, value, 1, MAX_ID) for value in _list(what, values))


def switch(what: str, value: Any) -> bool:
    """Return a yes or no.

    Raises:
        RuleError: if it is neither.
    """
    if not isinstance(value, bool):
        raise RuleError(
            f"The value of {what} is neither true nor false. Write one of the two, without quotation marks."
        )
    return value


def moment(what: str, value: Any) -> int | None:
    """Return a time in seconds since 1970, or None.

    Raises:
        RuleError: if it is no whole number, or lies beyond the year 9999.
    """
    return None if value is None else _whole(what, value, 0, LAST_MOMENT)


def finite(what: str, value: Any) -> float:
    """Return a number.

    Raises:
        RuleError: if it is not finite.
    """
    if isinstance(value, bool) or not math.isfinite(value):
        raise RuleError(f"The {what} is no finite number. Leave it out, or write one such as 0.5.")
    return float(value)


def thresholds(values: Any) -> np.ndarray:
    """Return the thresholds of some examples, shape (examples, 3), float32.

    Raises:
        RuleError: if one is not finite.
    """
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
        read = np.asarray(values, np.float32).reshape(-1, 3)
    if not np.isfinite(read).all():
        raise RuleError("A threshold of the concept is no finite number. Export it again, or add it anew.")
    return read


def unit_vectors(written: str, count: int) -> np.ndarray:
    """Return the vectors of some examples, shape (count, width), float32.

    Args:
        written: base64 of little-endian float32.
        count: how many they are, at least 1.

    Raises:
        RuleError: if one is not of length 1.
    """
    flat = np.frombuffer(base64.b64decode(written, validate=True), "<f4").astype(np.float32)
    vectors = flat.reshape(count, -1)
    lengths = np.linalg.norm(vectors.astype(float), axis=1)
    if not (np.abs(lengths - 1) <= UNIT_TOLERANCE).all():  # this way round NaN is refused, too
        raise RuleError("A vector of the concept does not have the length 1. Export it again, or add it anew.")
    return vectors


def _list(what: str, values: Any) -> list[Any]:
    if not isinstance(values, list | tuple):
        raise RuleError(f"The value of {what} is no list. Write it in square brackets.")
    return list(values)


def _whole(what: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise RuleError(f"The value of {what} is no whole number from {least} to {most}. Correct it, or leave it out.")
    return value
