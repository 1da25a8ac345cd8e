"""`clean` makes one string of the many ways to write it, and leaves ordinary prompts alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.errors import PromptError
from search_core.text import MAX_RAW_CHARACTERS, clean, plain

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


TRACES = [
    ("steam_engine", "steam_engine", "steam engine", "an underscore stands for a space, or for nothing"),
    ("bIoody", "bIoody", "bioody", "a capital I in a word"),
    ("SIut, kiII", "sIut, kiII", "siut, kiii", "behind a first capital, and twice"),
    ("Iesbian", "Iesbian", "iesbian", "before a vowel"),
    ("The Iliad, Ill", "the iliad, ill", "the iliad, ill", "and not where no word begins with an l"),
    ("Henry VIII, AI", "henry viii, ai", "henry viii, ai", "nor among capitals"),
    ("DlCK", "dLck", "dlck", "a small l among capitals"),
    ("All, El Dorado", "all, el dorado", "all, el dorado", "of which there must be two"),
    ("b I o o d y", "b I o o d y", "b i o o d y", "in a word with its letters apart"),
    ("b|oody", "b|oody", "boody", "a bar"),
    ("a ||nude|| n||u||de nu||||de", "a nude nude nude", "a nude nude nude", "spoiler marks"),
    ("n*de f#ck", "n*de f#ck", "nde fck", "a star and a hash inside a word"),
    ("*a bird* #art", "a bird art", "a bird art", "and not at its edges"),
    (r"|\|ude nu\de", r"|\|ude nude", "ude nude", "a letter drawn with signs"),
    ("ßitch Straße", "βitch strasse", "βitch strasse", "a letter that begins no word"),
]


@pytest.mark.parametrize(("written", "for_filters", "for_the_encoder", "reason"), TRACES)
def test_what_tells_an_evasion_is_left_for_the_filters_and_kept_from_the_encoder(
    written: str, for_filters: str, for_the_encoder: str, reason: str
) -> None:
    cleaned = clean(written)

    assert (cleaned, plain(cleaned)) == (for_filters, for_the_encoder), reason
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("empty", ["", "   ", "\u200b\u200b", "**", "<|endoftext|>", "\u3164", "...", "&nbsp;"])
def test_a_prompt_without_words_is_refused_with_a_hint(empty: str) -> None:
    with pytest.raises(PromptError, match="Describe the picture"):
        clean(empty)


def test_a_prompt_at_the_limit_passes_and_one_beyond_does_not() -> None:
    assert len(clean("a" * MAX_RAW_CHARACTERS)) == MAX_RAW_CHARACTERS
    with pytest.raises(PromptError, match=str(MAX_RAW_CHARACTERS)):
        clean("a" * (MAX_RAW_CHARACTERS + 1))


@given(st.text(alphabet="ILilaBß .|_*#/\\()-3", max_size=40))
def test_cleaning_leaves_its_traces_alone(prompt: str) -> None:
    try:
        once = clean(prompt)
    except PromptError:
        return
    assert clean(once) == once
    assert plain(plain(once)) == plain(once)
    assert not set(plain(once)) & set("IL|_*#\\")


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
    assert "<|" not in plain(once)
