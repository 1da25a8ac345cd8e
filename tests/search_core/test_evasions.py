"""Twenty words written in every way that the tricks allow are caught; phrases that only look like them pass."""

from __future__ import annotations

import string
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from search_core import FilterSet, Rule, starter_rules
from search_core.filters.spelling import is_measure
from search_core.text import clean
from tests.search_core.evasions import BETWEEN_LETTERS, ON_LETTERS, WORDS, evade, evasions, fits

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
]
"""Words that initials, lists, measures, contractions and surnames come near."""

RULES = FilterSet.of([*(Rule.of("word", word) for word in (*WORDS, *SHORT_WORDS)), *STARTER])


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
    return not kept.isdigit() and not is_measure(kept)


words = st.text(string.ascii_lowercase, min_size=3, max_size=10)

tricks = st.tuples(st.sampled_from(sorted(ON_LETTERS)), st.sampled_from(sorted(BETWEEN_LETTERS))).filter(
    lambda pair: fits(*pair)
)


@settings(max_examples=400, deadline=None)
@given(st.lists(words, min_size=1, max_size=3), tricks, st.booleans(), st.booleans())
def test_every_rule_catches_its_own_text_under_every_trick(
    pattern: list[str], trick: tuple[str, str], open_start: bool, open_end: bool
) -> None:
    """Left out: words that a trick makes digits alone, or two digits and more with a unit behind them (`90d`)."""
    assume(all(_stays_a_word(ON_LETTERS[trick[0]](word)) for word in pattern))
    text = " ".join(pattern)
    rule = Rule.of("word", f"{'*' * open_start}{text}{'*' * open_end}")

    prompt = evade(text, ON_LETTERS[trick[0]], BETWEEN_LETTERS[trick[1]])

    assert FilterSet.of([rule]).inspect_prompt(clean(f"draw {prompt}"))
