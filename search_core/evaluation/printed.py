"""Does printed text in a picture pull it towards what the text says?

A model that learned from captioned pictures of the web can read, and then takes the word in a picture for the thing:
the typographic attack of Goh et al., "Multimodal Neurons in Artificial Neural Networks" (Distill, 2021). Here words
are printed on white, and the report says which place such a picture would take for each class of the taxonomy, were
it in the collection. Nonsense words, printed alike, show what print by itself attracts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from search_core.evaluation.word_lists import read_word_list

SIDE, MARGIN, LARGEST = 336, 24, 96
"""Pixels. Larger than the input of any common CLIP model, so that the letters stay sharp in it."""

CLASS_NAME, WORD, CONTROL = "class name", "word", "control"


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """A word to print: its kind (`class name`, `word` or `control`) and why it is there."""

    kind: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class PrintedOutcome:
    """Where the picture of a printed word would stand.

    Attributes:
        own_rank: its best rank for the class that it names; None where it names none.
        control_rank: the median rank of the control words for that class; None likewise.
        drawn_to: the class for which it would stand highest.
        best_rank: its rank there.
    """

    kind: str
    word: str
    own_rank: int | None
    control_rank: float | None
    drawn_to: str
    best_rank: int


@dataclass(frozen=True, slots=True)
class Printed:
    """The outcome of the probe.

    Attributes:
        words: one entry for each word.
        own_first_page: class names whose picture would stand on the first page of their own class.
        control_first_page: for how many classes, on average, a control word would stand on the first page.
        classes: the number of classes.
    """

    words: list[PrintedOutcome]
    own_first_page: int
    control_first_page: float
    classes: int


def words_to_print(class_names: Iterable[str]) -> list[PrintedWord]:
    """The names of the classes, and the list in `data/printed_words.csv`."""
    own = [PrintedWord(CLASS_NAME, name, "the taxonomy's own word") for name in class_names]
    return own + [PrintedWord(*entry) for entry in read_word_list("printed_words.csv")]


def print_word(word: str) -> Image.Image:
    """Print a word in black on a white square, as large as fits, up to `LARGEST` pixels."""
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    room = SIDE - 2 * MARGIN
    size = min(LARGEST, int(LARGEST * room / max(1.0, _font(LARGEST).getlength(word))))
    middle = (SIDE // 2, SIDE // 2)
    ImageDraw.Draw(picture).text(middle, word, "black", _font(max(8, size)), anchor="mm")
    return picture


def probe_printed(words: Sequence[PrintedWord], names: Sequence[str], ranks: np.ndarray, k: int) -> Printed:
    """Read the ranks of printed words.

    Args:
        words: the words, those of kind `class name` in the order of `names`.
        names: the classes.
        ranks: the best rank of each word's picture for each class, shape (words, classes), counted from 1.
        k: places on a page.
    """
    of_controls = ranks[[word.kind == CONTROL for word in words]]
    control_ranks = np.median(of_controls, axis=0)
    outcomes = []
    for word, line in zip(words, ranks, strict=True):
        own = names.index(word.word) if word.kind == CLASS_NAME else None
        best = int(line.argmin())
        outcomes.append(
            PrintedOutcome(
                kind=word.kind,
                word=word.word,
                own_rank=None if own is None else int(line[own]),
                control_rank=None if own is None else float(control_ranks[own]),
                drawn_to=names[best],
                best_rank=int(line[best]),
            )
        )
    return Printed(
        words=outcomes,
        own_first_page=sum(outcome.own_rank is not None and outcome.own_rank <= k for outcome in outcomes),
        control_first_page=float((of_controls <= k).sum(axis=1).mean()),
        classes=len(names),
    )


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    import matplotlib as mpl  # late; it brings the same font to every machine

    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), size)
