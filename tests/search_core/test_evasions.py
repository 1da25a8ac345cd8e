"""Twenty words written in every way that the tricks allow are caught; phrases that only look like them pass."""

from __future__ import annotations

import re
import string
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from search_core import FilterSet, Rule, starter_rules
from search_core.filters.spelling import is_mark, is_measure
from search_core.filters.words import WordPattern
from search_core.text import clean, plain
from tests.search_core.evasions import (
    BETWEEN_LETTERS,
    ON_LETTERS,
    TOGETHER,
    WORDS,
    can_be_together,
    evade,
    evasions,
    fits,
)

INNOCENT = [
    line
    for line in (Path(__file__).parent / "innocent_phrases.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]

STARTER = [
    Rule.of(draft["kind"], draft["pattern"], draft["action"], reason=draft["reason"], note=draft["note"])
    for draft in starter_rules()
    if draft["kind"] != "concept"
]
SHORT_WORDS = [
    "ass",
    "gay",
    "god",
    "jew",
    "fag",
    "cum",
    "bar",
    "bud",
    "ill",
    "hell",
    "whore",
    "anal",
    "rape",
    "cunt",
    "fuck",
    "crap",
    "clit",
    "coke",
    "slut",
    "piss",
    "heil",
    "lust",
    "lll",
]
"""Words that initials, lists, measures, contractions, surnames, brackets and Roman numerals come near."""

PHRASES = ["dead man", "the rapist", "man slaughter", "hot dog", "car pet", "ass ault", "blood bath", "head hunter",
           "snuff box film", "hand job", "red head", "cock fight", "peni s"]  # fmt: skip
"""Phrases whose parts meet in longer words, or by chance."""

RULES = FilterSet.of([*(Rule.of("word", word) for word in (*WORDS, *SHORT_WORDS, *PHRASES)), *STARTER])


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_caught_however_it_is_written(word: str, figures: dict[str, int]) -> None:
    filters = FilterSet.of([Rule.of("word", word)])
    table = {prompt: tricks for tricks, prompt in evasions(word)}

    missed = [(tricks, prompt) for prompt, tricks in table.items() if not filters.inspect_prompt(clean(prompt))]

    assert missed == []
    assert len(table) >= 150
    figures["evasions caught"] += len(table)
    figures["words"] += 1


def test_innocent_phrases_pass(figures: dict[str, int]) -> None:
    refused = [(phrase, RULES.inspect_prompt(clean(phrase))) for phrase in INNOCENT]

    assert [(phrase, matches[0].rule.pattern) for phrase, matches in refused if matches] == []
    assert len(set(INNOCENT)) >= 300
    figures["innocent phrases passed"] += len(set(INNOCENT))


def test_the_table_of_looks_is_as_its_tool_writes_it() -> None:
    table = files("search_core").joinpath("data/confusables.txt").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]

    assert [look for look, characters in lines if list(characters) != sorted(set(characters))] == []


def _stays_a_word(written: str) -> bool:
    """Whether letters are left, and more than a measure: nobody can say of `7175` and `90d` that letters were meant."""
    kept = "".join(character for character in written if character.isalnum())
    return bool(kept) and not kept.isdigit() and not is_measure(kept) and not is_mark(kept)


_NO_BEGINNING = re.compile("l+([^aeiouyl]|$)")


def _shows_capitals(word: str) -> bool:
    """Whether a word in capitals does not begin with an I, has another letter than I and L, and two that are no I."""
    return word[0] != "i" and bool(set(word) - set("il")) and len(word.replace("i", "")) > 1


words = st.text(string.ascii_lowercase, min_size=3, max_size=10)

tricks = st.tuples(st.sampled_from(sorted(ON_LETTERS)), st.sampled_from(sorted(BETWEEN_LETTERS))).filter(
    lambda pair: fits(*pair)
)


gaps = st.sampled_from([" ", "  ", "-", "_", ".", ", ", "/", " + ", "🔥", ""])


@settings(max_examples=600, deadline=None)
@given(st.lists(words, min_size=1, max_size=3), tricks, gaps, st.booleans(), st.booleans())
def test_every_rule_catches_its_own_text_under_every_trick(
    pattern: list[str], trick: tuple[str, str], gap: str, open_start: bool, open_end: bool
) -> None:
    """Left out: words that a trick makes digits alone, or two digits and more with a unit behind them (`90d`),
    or one letter with digits (`p155`), or a letter or two before a mark and digits (`he-11`);
    phrases written together with their letters apart, or of two words of which one is a small word; bars and
    letters drawn with signs, side by side or with signs between the words, which are others (two of `/\\`, `|-|`);
    two bars, which may be a spoiler's; several words with one sign for different letters, together or all letters
    apart; a small l for an I that begins a word or where one capital shows (`All` for `aii`); a capital I for an l
    that begins a word and has no vowel behind it, as no English word does.
    """
    on, between = trick
    assume(all(_stays_a_word(ON_LETTERS[on](word)) for word in (*pattern, gap.join(pattern))))
    assume(gap or len(pattern) == 1 or (can_be_together(on, between) and WordPattern(tuple(pattern)).together))
    assume(not on.startswith(("bars", "drawn with")) or gap in (" ", "  ", ", ", "."))
    assume(on != "bars" or not re.search("[il]{2}", " ".join(pattern)))
    assume(on != "bars" or "||" not in _under(pattern, trick, gap))
    assume(on not in ("at sign for the vowel", "bars") or len(pattern) == 1 or (gap and between not in TOGETHER))
    assume(not on.startswith("drawn with") or not re.search(r"(.)\1|vw", " ".join(pattern)))
    assume(on != "capitals with a small l for i" or all(map(_shows_capitals, pattern)))
    assume(not on.startswith("l as capital i") or not any(map(_NO_BEGINNING.match, pattern)))
    assume(not re.search(r"(?<![^\W_])[a-z]{1,2}[-.][0-9]{2,}", _under(pattern, trick, gap)))
    rule = Rule.of("word", f"{'*' * open_start}{' '.join(pattern)}{'*' * open_end}")

    assert FilterSet.of([rule]).inspect_prompt(clean(f"draw {_under(pattern, trick, gap)}"))


def _under(pattern: list[str], trick: tuple[str, str], gap: str) -> str:
    on, between = trick
    return gap.join(evade(word, ON_LETTERS[on], BETWEEN_LETTERS[between]) for word in pattern)


SIGNS = sorted(
    ("_", "__", "*", "**", "#", "|", "||", "\\", ">", "<", "~", "`", "(", ")", "/", "-", ".", " ", "I", "L", "1")
)

cuts = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(SIGNS)), min_size=1, max_size=3)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(WORDS), cuts)
@example(WORDS[0], [(0, "I"), (1, "("), (3, "||")])
@example(WORDS[0], [(0, "L"), (1, "<"), (3, "*")])
def test_a_word_that_the_encoder_reads_is_seen_by_the_rules(word: str, signs: list[tuple[int, str]]) -> None:
    written = word
    for place, sign in signs:
        written = written[:place] + sign + written[place:]
    cleaned = clean(f"a {written} in a room")

    if word in re.findall(r"\w+", plain(cleaned)):
        assert FilterSet.of([Rule.of("word", word)]).inspect_prompt(cleaned)
