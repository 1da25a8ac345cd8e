"""`clean` makes one string of the many ways to write it, and leaves ordinary prompts alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.errors import PromptError
from search_core.text import MAX_RAW_CHARACTERS, clean

EVASIONS = [
    ("nude", "plain"),
    ("NuDe", "letter case"),
    ("ｎｕｄｅ", "full-width letters"),
    ("𝓷𝓾𝓭𝓮", "mathematical letters"),
    ("ⓝⓤⓓⓔ", "circled letters"),
    ("ñüdé", "accents"),
    ("n\u0336u\u0336d\u0336e\u0336", "struck through with combining marks"),
    ("n\u200bu\u200cd\u200de", "zero-width characters"),
    ("nu\u00adde", "soft hyphen"),
    ("nu\u2060de\ufeff", "word joiner and byte order mark"),
    ("nu\u3164de", "Hangul filler"),
    ("nu\u2800de", "Braille blank"),
    ("nu\u115fde", "Hangul leading filler"),
    ("n**u**de", "bold"),
    ("n__u__de", "underline"),
    ("||nude||", "spoiler"),
    ("~~nude~~", "struck out"),
    ("`nude`", "code"),
    ("n\\u\\d\\e", "backslashes"),
    ("%6Eude", "percent escape"),
    ("%256Eude", "percent escape, twice"),
    ("&#110;ude", "HTML escape"),
    ("&amp;#110;ude", "HTML escape, twice"),
    ("&#x6e;ude", "HTML escape, hexadecimal"),
    ("nu<|endoftext|>de".replace("<|endoftext|>", "\u202e"), "right-to-left override"),
    ("  nude \n", "white space around it"),
    ("nu\x00de", "control character"),
    ("nu\U000e0041de", "tag character"),
    ("nu<|endoftext|>de", "special token"),
    ("nu<@123>de", "mention"),
    ("nu<@&123>de", "mention of a role"),
    ("nu<:x:1>de", "custom emoji"),
    ("nu<t:1:R>de", "time stamp"),
    ("[nu](a)de", "link"),
    ("nu[](a)de", "empty link"),
]

KEPT = [
    ("A Sailing Ship", "a sailing ship"),
    ("steam_engine", "steam engine"),
    ("100% wool", "100% wool"),
    ("cats & dogs", "cats & dogs"),
    ("bird\tin\na   tree", "bird in a tree"),
    ("x-ray", "x-ray"),
    ("Straße", "strasse"),
    ("крыша", "крыша"),
    ("帆船", "帆船"),
    ("http://example.org/cat.png", "http://example.org/cat.png"),
    ("/etc/passwd", "/etc/passwd"),
    ("data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64,ivborw0kggo="),
    ("a <|endoftext|>b", "a b"),
    ("a <@123> cat", "a cat"),
    ("<|startoftext|>a cat", "a cat"),
]


@pytest.mark.parametrize(("written", "trick"), EVASIONS)
def test_a_trick_does_not_change_the_word(written: str, trick: str) -> None:
    assert clean(written) == "nude", trick


@pytest.mark.parametrize(("written", "expected"), KEPT)
def test_an_ordinary_prompt_keeps_its_words(written: str, expected: str) -> None:
    assert clean(written) == expected


@pytest.mark.parametrize("empty", ["", "   ", "\u200b\u200b", "**", "<|endoftext|>", "\u3164", "...", "&nbsp;"])
def test_a_prompt_without_words_is_refused_with_a_hint(empty: str) -> None:
    with pytest.raises(PromptError, match="Describe the picture"):
        clean(empty)


def test_a_prompt_at_the_limit_passes_and_one_beyond_does_not() -> None:
    assert len(clean("a" * MAX_RAW_CHARACTERS)) == MAX_RAW_CHARACTERS
    with pytest.raises(PromptError, match=str(MAX_RAW_CHARACTERS)):
        clean("a" * (MAX_RAW_CHARACTERS + 1))


@given(st.text(max_size=60))
def test_cleaning_twice_is_cleaning_once(prompt: str) -> None:
    try:
        once = clean(prompt)
    except PromptError:
        return
    assert clean(once) == once


@given(st.text(alphabet="%&#;0123456789abcdefxX<|>_*\\amp", max_size=60))
def test_nested_escapes_come_to_an_end(prompt: str) -> None:
    try:
        once = clean(prompt)
    except PromptError:
        return
    assert clean(once) == once
    assert "<|" not in once
