"""Words and phrases as moderators write them: the syntax of Discord's AutoMod, and no regular expressions.

cat      the word `cat`, and not `catalogue` or `bobcat`
cat*     words that begin with it
*cat     words that end with it
*cat*    words that hold it
dead man a phrase, word by word; an asterisk at either end stands for the rest of that word
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from search_core.errors import PromptError, RuleError
from search_core.text import clean, plain

SHORT = 4
"""Letters below which a word with asterisks on both sides catches more innocent words than others: `*ass*`."""

_SIGNS_AS_LETTERS = str.maketrans({"@": "a", "$": "s", "€": "e", "£": "l"})
_WORD = re.compile(r"[^\W_]+")

_SMALL = """
a all am an and any are as at be but by do does for from get go had has have he her him his i if in is it its me my no
not of off on or our out over she so that the them they this to too under up us was we were with you
"""
SMALL_WORDS = frozenset(_SMALL.split())
"""Words that phrases share with the beginnings and ends of other words."""


@dataclass(frozen=True, slots=True)
class WordPattern:
    """A word or phrase; `str` writes it in its one form.

    Attributes:
        words: one or more, cleaned, of letters and digits.
        open_start: whether the first word may begin with more.
        open_end: whether the last word may go on.
    """

    words: tuple[str, ...]
    open_start: bool = False
    open_end: bool = False

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read a pattern. It is cleaned as prompts are; signs inside a word are read as letters (`a$$`).

        Raises:
            RuleError: if it holds no word, or an asterisk that is neither its first nor its last character.
        """
        text = written.strip()
        open_start, open_end = text.startswith("*"), text.endswith("*")
        core = text[open_start : len(text) - open_end]
        if "*" in core:
            raise RuleError("An asterisk stands at the start or at the end only, as in cat*, *cat or *cat*.")
        words = tuple(_WORD.findall(_cleaned(core).translate(_SIGNS_AS_LETTERS)))
        if not words:
            raise RuleError("The pattern holds no word. Write a word or a phrase, such as cat, cat* or dead man.")
        return cls(words, open_start, open_end)

    def __str__(self) -> str:
        return f"{'*' * self.open_start}{' '.join(self.words)}{'*' * self.open_end}"

    @property
    def together(self) -> str:
        """A phrase written as one word (`deadman`); empty for a word, and for two of which one is a small word, which
        come together in other words (`the rapist`, `pen is`)."""
        meets_by_chance = len(self.words) == 2 and not SMALL_WORDS.isdisjoint(self.words)
        return "" if len(self.words) == 1 or meets_by_chance else "".join(self.words)

    def warnings(self) -> tuple[str, ...]:
        """Say what may be wrong with it, in sentences for moderators; nothing for most patterns."""
        letters = len("".join(self.words))
        if self.open_start and self.open_end and letters < SHORT:
            return (f"It matches any word that holds these {letters} letters, innocent ones too. Test it first.",)
        if (self.open_start or self.open_end) and letters < SHORT - 1:
            return (f"With so few letters ({letters}), an asterisk matches many innocent words. Test it first.",)
        if letters == 1:
            return ("It matches a single letter wherever one stands alone. Test it first.",)
        return ()


def _cleaned(core: str) -> str:
    try:
        return plain(clean(core))
    except PromptError:
        return ""
