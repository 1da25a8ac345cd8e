"""Rules are values: a set's hash says which rules made an answer, and a word is matched however it is written."""

from __future__ import annotations

import pytest

from search_core.errors import PromptError, RefusedError
from search_core.filters import FilterSet, PictureRule, Rule, WordRule
from search_core.text import clean

REFUSED = [
    ("skull", "a skull on a table", "a word in a sentence"),
    ("skull", "SKULL", "letter case"),
    ("skull", "a s\u200bkull", "zero-width space in the prompt"),
    ("ｓｋｕｌｌ", "skull", "full-width letters in the rule"),
    ("skull", "skull!", "punctuation after it"),
    ("dead man", "a dead  man", "a phrase with another space"),
    ("dead man", "dead-man's chest", "a phrase with a hyphen"),
    ("café", "cafe", "an accent on the rule's side only"),
]

ALLOWED = [
    ("cunt", "Scunthorpe United", "a word inside another"),
    ("ass", "a classic grass field", "a word inside others"),
    ("skull", "skulls", "whole words only"),
    ("dead man", "a man, dead", "a phrase in another order"),
]


@pytest.mark.parametrize(("phrase", "prompt", "reason"), REFUSED)
def test_a_word_rule_refuses(phrase: str, prompt: str, reason: str) -> None:
    with pytest.raises(RefusedError):
        FilterSet.of([WordRule(phrase)]).check_prompt(clean(prompt))


@pytest.mark.parametrize(("phrase", "prompt", "reason"), ALLOWED)
def test_a_word_rule_lets_pass(phrase: str, prompt: str, reason: str) -> None:
    FilterSet.of([WordRule(phrase)]).check_prompt(clean(prompt))


def test_a_refusal_repeats_neither_prompt_nor_rule() -> None:
    with pytest.raises(RefusedError) as caught:
        FilterSet.of([WordRule("skull")]).check_prompt(clean("my secret skull"))

    assert "skull" not in repr(caught.value)
    assert "secret" not in repr(caught.value)


def test_a_word_rule_without_a_word_is_an_error_and_not_a_rule_for_everything() -> None:
    with pytest.raises(PromptError):
        WordRule("\u200b")


def test_a_picture_rule_hides_its_row_alone() -> None:
    filters = FilterSet.of([PictureRule(3), PictureRule(5)])

    assert [row for row in range(8) if filters.hides(row)] == [3, 5]


def test_a_word_rule_hides_no_row_and_a_picture_rule_refuses_no_prompt() -> None:
    filters = FilterSet.of([WordRule("7"), PictureRule(7)])

    assert not FilterSet.of([WordRule("7")]).hides(7)
    FilterSet.of([PictureRule(7)]).check_prompt("7")
    assert filters.hides(7)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ([WordRule("a"), PictureRule(1)], [PictureRule(1), WordRule("a")], True),
        ([WordRule("a")], [WordRule("A")], True),
        ([WordRule("a")], [WordRule("b")], False),
        ([WordRule("1")], [PictureRule(1)], False),
        ([], [PictureRule(1)], False),
    ],
)
def test_the_hash_tells_rules_apart_and_nothing_else(one: list[Rule], other: list[Rule], equal: bool) -> None:
    assert (FilterSet.of(one).hash == FilterSet.of(other).hash) is equal
