"""The kinds of rule. Each answers two questions: does it refuse this prompt, does it hide this row?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from search_core.text import clean


class Rule(Protocol):
    """One rule. Frozen, so that a filter set's hash holds for as long as the set lives."""

    @property
    def kind(self) -> str:
        """The word that stands for this kind in hashes and files."""
        ...

    @property
    def pattern(self) -> str:
        """What it matches, as text; kind and pattern together identify the rule."""
        ...

    def refuses(self, prompt: str) -> bool:
        """Whether a cleaned prompt (`text.clean`) must not be searched for."""
        ...

    def hides(self, row: int) -> bool:
        """Whether a row of the collection must not be shown."""
        ...


@dataclass(frozen=True, slots=True)
class WordRule:
    """Refuse prompts that hold a word or phrase, as whole words.

    Whole words, because substrings refuse Scunthorpe. The phrase is cleaned as prompts are, so an accent or a
    full-width letter on either side makes no difference.

    Raises:
        PromptError: if nothing legible is left of the phrase.
    """

    phrase: str
    kind: ClassVar[str] = "word"
    _expression: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = clean(self.phrase).split(" ")
        expression = r"(?<!\w)" + r"\W+".join(map(re.escape, words)) + r"(?!\w)"
        object.__setattr__(self, "_expression", re.compile(expression))

    @property
    def pattern(self) -> str:
        """The cleaned phrase."""
        return clean(self.phrase)

    def refuses(self, prompt: str) -> bool:
        """Whether the cleaned prompt holds the phrase."""
        return self._expression.search(prompt) is not None

    def hides(self, row: int) -> bool:
        """Hide nothing: a word rule looks at prompts only."""
        return False


@dataclass(frozen=True, slots=True)
class PictureRule:
    """Hide one row of the collection."""

    row: int
    kind: ClassVar[str] = "picture"

    @property
    def pattern(self) -> str:
        """The row's number."""
        return str(self.row)

    def refuses(self, prompt: str) -> bool:
        """Refuse nothing: a picture rule looks at results only."""
        return False

    def hides(self, row: int) -> bool:
        """Whether this is the row."""
        return row == self.row
