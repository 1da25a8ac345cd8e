"""Rules are values: a set's hash says which rules made an answer, and a word is matched however it is written."""

from __future__ import annotations

import base64
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core import ACTIONS, Action, Concept, FilterSet, Match, Rule, RuleKind, Stage, View, starter_rules
from search_core.errors import PromptError, RefusedError, RuleError
from search_core.filters.forms import MAX_FORMS
from search_core.filters.rule_set import _readings
from search_core.filters.views import readings
from search_core.filters.words import WordPattern
from search_core.text import clean

REFUSED = [
    ("skull", "a skull on a table", View.CLEAN, "a word in a sentence"),
    ("skull", "SKULL", View.CLEAN, "letter case"),
    ("skull", "a s\u200bkull", View.CLEAN, "zero-width space in the prompt"),
    ("ｓｋｕｌｌ", "skull", View.CLEAN, "full-width letters in the rule"),
    ("skull", "skull!", View.CLEAN, "punctuation after it"),
    ("dead man", "a dead  man", View.CLEAN, "a phrase with another space"),
    ("dead man", "dead-man's chest", View.CLEAN, "a phrase with a hyphen"),
    ("café", "cafe", View.CLEAN, "an accent on the rule's side only"),
    ("cat*", "a catalogue", View.CLEAN, "the start of a word"),
    ("*cat", "a bobcat", View.CLEAN, "the end of a word"),
    ("*cat*", "education", View.CLEAN, "anywhere in a word"),
    ("*ead ma*", "a dead mare", View.CLEAN, "a phrase with open ends"),
    ("череп", "старый череп", View.CLEAN, "another script"),
    ("skull", "a ѕkull", View.SKELETON, "a letter that looks the same"),
    ("skull", "a ЅКULL", View.SKELETON, "capitals that look the same"),
    ("nude", "nude™", View.CLEAN, "a sign of letters glued on"),
    ("nude", "a nudeª", View.CLEAN, "a raised letter"),
    ("nude", "nud🄴", View.COLLAPSED, "one that belongs to the word"),
    ("череп", "a чeрeп", View.SKELETON, "a rule in another script, with Latin letters in the prompt"),
    ("skull", "s k u l l", View.COLLAPSED, "letters apart"),
    ("skull", "a s k u l l on a table", View.COLLAPSED, "letters apart among other single letters"),
    ("skull", "5ku11", View.COLLAPSED, "digits for letters"),
    ("skull", "skuuuull", View.COLLAPSED, "a letter drawn out"),
    ("dead man", "d34d m4n", View.COLLAPSED, "a phrase with digits"),
    ("nude", "a n u d e scene", View.COLLAPSED, "letters apart behind an article"),
    ("nude", "a n u d e w o m a n", View.COLLAPSED, "and before a word"),
    ("nude", "z n.u.d.e z", View.COLLAPSED, "or among others that stand apart in another way"),
    ("dead man", "d e a d m a n", View.COLLAPSED, "a phrase with its letters apart"),
    ("a$$", "@ss", View.COLLAPSED, "signs in both"),
    ("nude", "f. n, u; d. e", View.COLLAPSED, "four letters and more are no list"),
    ("fuck", "F. U. C. K.", View.COLLAPSED, "nor initials"),
    ("fuck", "figs. f, u, c, k", View.COLLAPSED, "not even where a list is announced"),
    ("sex", "s, e, x", View.COLLAPSED, "a list that nothing announces"),
    ("sex", "no s, e, x please", View.COLLAPSED, "no is not number"),
    ("sex", "sections of s, e, x", View.COLLAPSED, "a word between that is no figure"),
    ("sex", "part s.e.x", View.COLLAPSED, "announced, and no list"),
    ("ass", "A. S. S.", View.COLLAPSED, "initials of nobody"),
    ("ass", "A. S. S. Smith", View.COLLAPSED, "nothing says that a name follows"),
    ("ass", "by A. S. S.", View.COLLAPSED, "and none does"),
    ("sex", "by s, e, x, woman", View.COLLAPSED, "initials have no commas"),
    ("sex", "a s e x scene", View.COLLAPSED, "an article before three letters apart"),
    ("sex", "1 s, e, x", View.COLLAPSED, "or a figure"),
    ("hell", "he''ll", View.COLLAPSED, "two apostrophes are no contraction"),
    ("nude", "l'nud3", View.COLLAPSED, "read apart, with a digit"),
    ("sex", "5 3 x", View.COLLAPSED, "more digits than letters, apart"),
    ("ass", "a 5 5", View.COLLAPSED, "and with an article that may be none"),
    ("gore", "the 90re", View.COLLAPSED, "digits before what is no unit"),
    ("nudes", "the nude's", View.COLLAPSED, "an apostrophe before an s"),
    ("dick", "d'ick", View.COLLAPSED, "one as in French"),
    ("orgy", "o'rgy", View.COLLAPSED, "one as in Irish names"),
    ("lhomme", "l'homme", View.COLLAPSED, "elisions count both ways"),
    ("homme", "l'homme", View.CLEAN, "read apart"),
    ("hello", "he'll-o", View.COLLAPSED, "a contraction with more behind it"),
    ("shell", "s'he'll", View.COLLAPSED, "and before it"),
    ("fuck", "f'u'c'k", View.COLLAPSED, "apostrophes between all letters"),
    ("fuck", "f'uck", View.COLLAPSED, "an apostrophe that stands for nothing"),
    ("nude", "nu’de", View.COLLAPSED, "and a curly one"),
    ("noon", "n00n", View.COLLAPSED, "as many digits as letters"),
    ("ass", "4ss", View.COLLAPSED, "one digit before letters is no measure"),
    ("gas", "9as", View.COLLAPSED, "nor before two"),
    ("hell", "h3ll", View.COLLAPSED, "a digit between letters"),
    ("sex", "s 3 x", View.COLLAPSED, "a digit among letters that stand apart"),
    ("gun", "a 90gun ship", View.COLLAPSED, "the word itself, as in 90-gun"),
    ("cat", "a catt", View.COLLAPSED, "the last letter twice"),
    ("nude*", "nudee", View.CLEAN, "the last letter twice, with an asterisk"),
    ("*cat", "a bobcatt", View.COLLAPSED, "the same at the end only"),
    ("nude", "п-ú-d-ɘ", View.COLLAPSED, "letters that look the same, apart"),
    ("nude", "пᅠꞌυꞌdꞌе", View.COLLAPSED, "with letters for separators"),
    ("dead*", "d-e-a-d-l-y", View.COLLAPSED, "an open end with its letters apart"),
    ("bloody", "bIoody", View.SKELETON, "a capital I for an l"),
    ("dick", "DlCK", View.SKELETON, "a small l for an I"),
    ("kill", "k i I I", View.COLLAPSED, "apart"),
    ("bloody", "b|oody", View.COLLAPSED, "a bar for an l"),
    ("suicide", "su|c|de", View.COLLAPSED, "bars for an i"),
    ("kill", "ki||", View.COLLAPSED, "two bars that hide nothing"),
    ("bloody", "blo_ody", View.COLLAPSED, "an underscore inside a word"),
    ("bloody", "my_blo-ody_map", View.COLLAPSED, "a hyphen between underscores"),
    ("dead man", "deadman", View.COLLAPSED, "a phrase written together"),
    ("dead man", "dead_man", View.CLEAN, "with an underscore"),
    ("dead man", "D34DM4N", View.COLLAPSED, "together, and with digits"),
    ("dead man", "de-adman", View.COLLAPSED, "together, and with a hyphen elsewhere"),
    ("dead man*", "deadman", View.COLLAPSED, "together, with an open end"),
    ("kill the cat", "killthecat", View.COLLAPSED, "three words, a small one among them"),
    ("fuck", "f*ck", View.COLLAPSED, "a star for a vowel"),
    ("fuck", "f@ck", View.COLLAPSED, "an at sign for another vowel than a"),
    ("porn", "p()rn", View.COLLAPSED, "a letter drawn with two signs"),
    ("nude", r"|\|ude", View.COLLAPSED, "and with three"),
    ("whore", "vvhore", View.COLLAPSED, "two letters that look like one"),
    ("murder", "rnurder", View.COLLAPSED, "and another two, at the start"),
    ("nude", "nu7de", View.COLLAPSED, "a digit inside a word"),
    ("nude", "几ㄩᗪ乇", View.SKELETON, "letters of several scripts"),
    ("corpse", "(orpse", View.COLLAPSED, "a bracket that nothing closes"),
]

ALLOWED = [
    ("cunt", "Scunthorpe United", "a word inside another"),
    ("ass", "a classic grass field", "a word inside others"),
    ("skull", "skulls", "whole words only"),
    ("dead man", "a man, dead", "a phrase in another order"),
    ("cat*", "a bobcat", "the start only"),
    ("*cat", "a catalogue", "the end only"),
    ("penis", "a pen is on the desk", "letters of two words are not joined"),
    ("nude", "an ude", "nor those of three"),
    ("god", "a good dog", "an ordinary double letter is another word"),
    ("boobs", "the two Bobs", "nor is a double letter left out"),
    ("tit", "t i t l e", "three letters by chance among single letters"),
    ("ill", "1 2 3 and 111", "numbers are numbers"),
    ("sex", "a price of $3", "and prices are prices"),
    ("ass", "it cost $455", "all of them"),
    ("lass", "and £455", "in pounds, too"),
    ("ass", "a 5-5 tie", "figures are figures"),
    ("god", "a 60d nail", "a number with its unit"),
    ("ass", "as", "a letter left out is another word"),
    ("as", "ass", "and so is one that words end with"),
    ("gore", "the island of Gorée", "a word of its own with a pair at its end"),
    ("gun", "Mr. Gunn", "a name"),
    ("bar", "Mr. Barr of Glasgow", "another"),
    ("bud", "Budd the builder", "and a third"),
    ("ass", "figs. a, s, s", "a list of letters"),
    ("god", "plates g, o, d", "and another"),
    ("ass", "plate xii, figs. 1 and 3, a, s, s", "after figures"),
    ("gay", "Fig. 6, g, a, y", "a list after its figure"),
    ("gay", "class 6 a y", "marks of a class"),
    ("ass", "Section A-5-5", "and of a section"),
    ("god", "No. 4, g, o, d", "after a number"),
    ("ass", "drawn by A. S. S. Smith", "initials"),
    ("sex", "Mr. S.E.X. Hall", "written close"),
    ("hell", "he'll come", "a contraction"),
    ("hell", "he’ll come", "with a curly apostrophe"),
    ("well", "we'll come", "and another"),
    ("hell", "“He'll come”", "in quotation marks"),
    ("whore", "who're you", "and a third"),
    ("gay", "64y", "an age"),
    ("sex", "53x", "a magnification"),
    ("ass", "the A55 road", "a letter with digits"),
    ("cunt", "S C U N T H O R P E", "a title with its letters apart"),
    ("rape", "D R A P E R Y", "another"),
    ("cock", "P E A C O C K", "that ends with the word"),
    ("dick", "D I C K E N S", "that begins with it"),
    ("butt", "B U T T O N", "and goes on with a small word"),
    ("cat", "a Douglas C-47 plane", "a letter, a hyphen and a number"),
    ("hell", "a Heinkel He-111", "two letters"),
    ("tit", "T17 armoured car", "a letter with a number"),
    ("tit", "71t locomotive", "a number with a letter"),
    ("fag", "the chord F A G", "notes"),
    ("fag", "signal flags F, A, G", "flags"),
    ("penis", "the pen-is-mighty club", "a link between hyphens"),
    ("ball", "bail", "an i is no l"),
    ("lll", "Louis III and Henry VIII", "nor in a numeral"),
    ("ail", "All", "and an l no i behind one capital"),
    ("liad", "The Iliad", "where no word begins with an l"),
    ("dead man", "deadmanoeuvre", "a phrase in a longer word"),
    ("dead man*", "deadmanoeuvre", "also with an asterisk: in a longer word its parts meet by chance"),
    ("ass ault", "assaulting", "another"),
    ("the rapist", "a therapist", "two words of which one is small"),
    ("figa", "fig_b", "a file name"),
    ("catdog", "cat | dog", "a bar between words"),
    ("clit", "a hall (lit by gas)", "a bracket that is closed"),
    ("bum", "burn", "two letters that look like one, inside a word"),
    ("cpo", "c3po", "digits in a short name"),
    ("damned", "d--ned", "dashes, as old books print them"),
]


@pytest.mark.parametrize(("pattern", "prompt", "view", "reason"), REFUSED)
def test_a_word_rule_refuses_and_says_in_which_view(pattern: str, prompt: str, view: View, reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        FilterSet.of([Rule.of("word", pattern)]).check_prompt(clean(prompt))

    [match] = caught.value.matches
    assert (match.view, match.stage) == (view, Stage.PROMPT)


@pytest.mark.parametrize(("pattern", "prompt", "reason"), ALLOWED)
def test_a_word_rule_lets_pass(pattern: str, prompt: str, reason: str) -> None:
    assert FilterSet.of([Rule.of("word", pattern)]).check_prompt(clean(prompt)) == ()


FREED = [
    (["*cunt*"], ["scunthorpe"], "scunthorpe united", True, "a place"),
    (["*cunt*"], ["scunthorpe"], "cunt of scunthorpe", False, "only what lies inside it"),
    (["dick"], ["moby dick"], "moby dick the whale", True, "a phrase frees a word in it"),
    (["dick"], ["moby dick"], "moby dick and dick", False, "and no other"),
    (["dick"], ["moby dick"], "m0by d1ck", True, "in the view where both match"),
    (["moby dick"], ["dick"], "moby dick", False, "a part does not free the whole"),
    (["*cunt*"], ["scunthorpe"], "s c u n t h o r p e", True, "letters apart"),
    (["*cunt*"], ["scunthorpe"], "s c u n t h o r p e c u n t", False, "letters apart, and something behind"),
    (["class*"], ["*ass*"], "a classic", True, "an asterisk stands for the rest of the word"),
]


@pytest.mark.parametrize(("words", "allowed", "prompt", "passes", "reason"), FREED)
def test_an_allow_rule_frees_what_lies_inside_it(
    words: list[str], allowed: list[str], prompt: str, passes: bool, reason: str
) -> None:
    rules = [*(Rule.of("word", word) for word in words), *(Rule.of("allow", word) for word in allowed)]

    assert (FilterSet.of(rules).inspect_prompt(clean(prompt)) == ()) is passes


def test_a_match_names_the_piece_of_the_prompt() -> None:
    [match] = FilterSet.of([Rule.of("word", "nude")]).inspect_prompt(clean("please draw a N-U-D-3, soon"))

    assert match.matched == "n-u-d-3"


def test_a_refusal_and_its_matches_repeat_neither_prompt_nor_rule() -> None:
    filters = FilterSet.of([Rule.of("word", "skull")])
    with pytest.raises(RefusedError) as caught:
        filters.check_prompt(clean("my secret skull"))

    for shown in (repr(caught.value), str(caught.value), repr(caught.value.matches), str(filters)):
        assert "skull" not in shown
        assert "secret" not in shown


def test_what_does_not_refuse_is_returned() -> None:
    rules = [
        Rule.of("word", "skull", "spoiler", id=1),
        Rule.of("word", "bone*", "note", note="Bones are shown.", id=2),
        Rule.of("word", "grave", "log", id=3),
        Rule.of("word", "cat", id=4),
    ]

    matches = FilterSet.of(rules).check_prompt(clean("skull and bones on a grave"))

    assert [match.rule.id for match in matches] == [1, 2, 3]
    assert not any(match.refuses for match in matches)


WRITTEN = [
    ("cat", "cat"),
    ("*Cat*", "*cat*"),
    ("  cat* ", "cat*"),
    ("Dead-Man!", "dead man"),
    ("a$$", "ass"),
    ("c++", "c"),
    ("Ｃａｆé", "cafe"),
]


@pytest.mark.parametrize(("written", "canonical"), WRITTEN)
def test_a_pattern_has_one_form(written: str, canonical: str) -> None:
    assert str(WordPattern.parse(written)) == canonical
    assert str(WordPattern.parse(canonical)) == canonical


@pytest.mark.parametrize("written", ["", "*", "**", "\u200b", "!?", "c*t", "a*b*", "* *"])
def test_what_holds_no_word_is_an_error_and_not_a_rule_for_everything(written: str) -> None:
    with pytest.raises(RuleError):
        WordPattern.parse(written)


@pytest.mark.parametrize(
    ("written", "warned"),
    [("*ass*", True), ("*cat*", True), ("*nude*", False), ("as*", True), ("cat*", False), ("ass", False), ("x", True)],
)
def test_a_pattern_that_matches_too_much_is_warned_of(written: str, warned: bool) -> None:
    assert bool(WordPattern.parse(written).warnings()) is warned


def test_the_work_for_two_thousand_rules_grows_with_the_prompt_alone() -> None:
    letters = "abcdefghijklmnopqrst"
    words = [a + b + c + "ough" for a in letters for b in letters for c in letters][:2_000]
    stars = ["{}", "{}*", "*{}", "*{}*"]
    filters = FilterSet.of(Rule.of("word", stars[n % 4].format(word)) for n, word in enumerate(words))
    filters.inspect_prompt("ready")
    prompt = clean("a steam engine on the bridge " * 8)

    once, eight_times = _work(filters, prompt), _work(filters, prompt * 8)

    assert once < 20_000
    assert eight_times < 8.5 * once


def test_a_prompt_that_is_checked_again_is_not_read_again() -> None:
    filters, others = (FilterSet.of([Rule.of("word", word)]) for word in ("turret", "mill"))
    prompt = clean("a wind mill on a hill, seen from the south")

    before = _readings.cache_info().misses
    filters.inspect_prompt(prompt)
    once = _readings.cache_info().misses
    again, elsewhere = filters.inspect_prompt(prompt), others.inspect_prompt(prompt)

    assert once == before + 1
    assert _readings.cache_info().misses == once
    assert again == ()
    assert len(elsewhere) == 1


def _work(filters: FilterSet, prompt: str) -> int:
    """Calls of functions that inspecting a prompt takes: the same on every machine."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        filters.inspect_prompt(prompt)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("character", ["1", "!", "a", "ν", "@", "a ", "1 ", "$.", "(a"])
def test_the_longest_prompt_of_one_character_is_looked_at_to_the_end(character: str) -> None:
    prompt = clean(("x " + character * 4_000)[:3_990] + " nude")

    assert FilterSet.of([Rule.of("word", "nude")]).inspect_prompt(prompt)


PADDED = [
    ("porn", "p@rn " + "1l 5s 6b 0o " * 81),
    ("torture", "t@rture " + "a1b2c3!@ " * 105),
    ("nude", "n*de " + "1l 5s 6b 0o " * 300),
    ("cocaine", "c@c@ine " + "a1b2c3!@ " * 300),
    ("cocaine", "c@c@ine " + "plates 12, 13; figs. 1a, 2b; " * 100),
    ("dead naked man", "d.@ad-n.@ked-m.@n"),
    ("nude", "5s 1l " * 300 + "nu_d3"),
    ("nude", "a 1 @ b c $ 0 ! " * 100 + "n u d 3"),
]


@pytest.mark.parametrize(("pattern", "prompt"), PADDED)
def test_no_padding_hides_a_word(pattern: str, prompt: str) -> None:
    assert FilterSet.of([Rule.of("word", pattern)]).inspect_prompt(clean(prompt[:4_000]))


def test_a_long_row_of_signs_is_no_word() -> None:
    rules = [Rule.of("word", word) for word in ("social", "cities", "*aeious*")]

    assert FilterSet.of(rules).inspect_prompt(clean("x " + "@$!+(" * 40)) == ()


@pytest.mark.parametrize("prompt", ["a bird ! ! !", "oh ! | ( what", "1 + ! bird", "x | |", "a () [] {}", "^_^ a"])
def test_signs_alone_are_looked_at_and_are_nothing(prompt: str) -> None:
    assert FilterSet.of([Rule.of("word", "nude")]).inspect_prompt(clean(prompt)) == ()


@given(st.text("aeinsu1!6$@.,-' νпꞌ٠éIL|_*#()/\\[]vr几○", min_size=1, max_size=400), st.integers(1, 10))
def test_what_is_looked_at_grows_no_faster_than_the_prompt(piece: str, times: int) -> None:
    prompt = (piece * times)[:4_000]

    FilterSet.of([Rule.of("word", "nude"), Rule.of("word", "dead man")]).inspect_prompt(prompt)
    looked_at = list(readings(prompt))

    assert len(looked_at) <= 9
    for reading in looked_at:
        written = sum(len(form.text) for token in reading.tokens for form in token.forms)
        walked = sum(len(token.ways) for token in reading.tokens)
        assert written <= 8 * MAX_FORMS * len(prompt)
        assert walked <= 16 * len(prompt)


# ------------------------------------------------------------- the snapshot


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (
            [Rule.of("word", "a"), Rule.of("source", "year=1")],
            [Rule.of("source", "year=1"), Rule.of("word", "a")],
            True,
        ),
        ([Rule.of("word", "a")], [Rule.of("word", "A")], True),
        ([Rule.of("word", "a")], [Rule.of("word", "a", reason="another reason")], True),
        ([Rule.of("word", "a")], [Rule.of("word", "b")], False),
        ([Rule.of("word", "a")], [Rule.of("allow", "a")], False),
        ([Rule.of("word", "a")], [Rule.of("word", "a", "log")], False),
        ([Rule.of("word", "a")], [Rule.of("word", "a", version=2)], False),
        ([Rule.of("word", "a", enabled=False)], [], True),
        ([], [Rule.of("source", "year=1")], False),
    ],
)
def test_the_hash_tells_rules_apart_and_nothing_else(one: list[Rule], other: list[Rule], equal: bool) -> None:
    assert (FilterSet.of(one).hash == FilterSet.of(other).hash) is equal


def test_a_place_has_the_rules_that_hold_there() -> None:
    everywhere = Rule.of("word", "one")
    in_a_channel = Rule.of("word", "two", channels=frozenset({5}))
    not_for_all = Rule.of("word", "three", bypass_roles=frozenset({7}))
    for_a_while = Rule.of("word", "four", expires=1_000)
    off = Rule.of("word", "five", enabled=False)
    rules = FilterSet.of([everywhere, in_a_channel, not_for_all, for_a_while, off])

    def words(channel: int | None, roles: set[int], now: float) -> set[str]:
        return {rule.pattern for rule in rules.for_place(channel, roles, now).rules}

    assert words(5, set(), 999) == {"one", "two", "three", "four"}
    assert words(6, set(), 999) == {"one", "three", "four"}
    assert words(None, set(), 999) == {"one", "two", "three", "four"}
    assert words(5, {7, 8}, 999) == {"one", "two", "four"}
    assert words(5, set(), 1_000) == {"one", "two", "three"}


def test_the_same_place_has_the_same_object_so_that_rules_are_made_ready_once() -> None:
    rules = FilterSet.of([Rule.of("word", "one"), Rule.of("word", "two", channels=frozenset({5}))])

    assert rules.for_place(5, {1}, 10) is rules.for_place(5, {2}, 20)
    assert rules.for_place(5, {1}, 10) is not rules.for_place(6, {1}, 10)


def test_rules_that_are_off_do_nothing() -> None:
    assert FilterSet.of([Rule.of("word", "cat", enabled=False)]).check_prompt("cat") == ()


def test_a_word_rule_never_looks_at_anything_but_words() -> None:
    other = [Rule.of("source", "title~cat"), Rule.of("person", "123456789012345678"), Rule.of("picture", "0" * 64)]

    assert FilterSet.of(other).check_prompt("cat 123456789012345678") == ()


# ------------------------------------------------------------- rules as data


def _concept() -> Concept:
    vectors = np.eye(2, 4, dtype=np.float32)
    return Concept(("a", "b"), (), vectors, np.full((2, 3), 0.25, np.float32), "weights", 0.5)


def test_a_concept_comes_back_from_json_equal() -> None:
    rule = Rule.of("concept", "A Thing", "note", note="See.", concept=_concept(), channels=frozenset({3}), expires=9)

    again = Rule.from_dict(rule.to_dict())

    assert again == rule
    assert FilterSet.of([again]).hash == FilterSet.of([rule]).hash


def _base64(vectors: np.ndarray) -> str:
    return base64.b64encode(vectors.astype("<f4").tobytes()).decode()


DAMAGED_CONCEPTS = [
    ({"thresholds": [[float("nan")] * 3] * 2}, "finite"),
    ({"thresholds": [[1e308] * 3] * 2}, "finite"),
    ({"thresholds": [[10**400] * 3] * 2}, "damaged"),
    ({"vectors": _base64(np.full((2, 4), np.nan))}, "length 1"),
    ({"vectors": _base64(np.full((2, 4), np.inf))}, "length 1"),
    ({"vectors": _base64(np.eye(2, 4) * 1.01)}, "length 1"),
    ({"vectors": _base64(np.zeros((2, 4)))}, "length 1"),
    ({"vectors": _base64(np.eye(33)), "thresholds": [[0.2] * 3] * 33}, "at most"),
    ({"vectors": "", "thresholds": []}, "damaged"),
    ({"sensitivity": float("inf")}, "finite"),
    ({"sensitivity": True}, "finite"),
    ({"sensitivity": 10**400}, "damaged"),
    ({"texts": [1, 2]}, "texts is no text"),
    ({"texts": "ab"}, "list"),
    ({"pictures": [None]}, "pictures is no text"),
    ({"weights": 5}, "weights is no text"),
]


@pytest.mark.parametrize(("forged", "said"), DAMAGED_CONCEPTS)
def test_an_imported_concept_is_not_believed(forged: dict[str, object], said: str) -> None:
    with pytest.raises(RuleError, match=said):
        Concept.from_dict(_concept().to_dict() | forged)


DAMAGED_RULES = [
    ({"enabled": "false"}, "true nor false"),
    ({"enabled": 1}, "true nor false"),
    ({"expires": 10**30}, "whole number"),
    ({"expires": 253_402_300_800}, "whole number"),
    ({"expires": -1}, "whole number"),
    ({"expires": 1.5}, "whole number"),
    ({"expires": True}, "whole number"),
    ({"channels": [0]}, "whole number"),
    ({"channels": [2**63]}, "whole number"),
    ({"channels": ["5"]}, "whole number"),
    ({"channels": "12"}, "list"),
    ({"bypass_roles": [-1]}, "whole number"),
    ({"pattern": 5}, "pattern is no text"),
    ({"reason": None}, "reason is no text"),
    ({"note": ["See."]}, "note is no text"),
]


@pytest.mark.parametrize(("forged", "said"), DAMAGED_RULES)
def test_an_imported_rule_is_not_believed(forged: dict[str, object], said: str) -> None:
    with pytest.raises(RuleError, match=said):
        Rule.from_dict(Rule.of("word", "cat").to_dict() | forged)


def test_an_imported_rule_at_the_limits_is_taken() -> None:
    edge = {"expires": 253_402_300_799, "channels": [1, 2**63 - 1], "bypass_roles": [2**63 - 1], "enabled": False}

    assert Rule.from_dict(Rule.of("word", "cat").to_dict() | edge).to_dict().items() >= edge.items()


def test_concepts_with_other_thresholds_are_others() -> None:
    one = _concept()
    other = Concept(one.texts, (), one.vectors, one.thresholds + 0.1, one.weights, one.sensitivity)

    assert one != other
    assert (
        FilterSet.of([Rule.of("concept", "x", concept=one)]).hash
        != FilterSet.of([Rule.of("concept", "x", concept=other)]).hash
    )


def test_each_kind_can_do_what_the_table_says_and_no_more() -> None:
    samples = {
        RuleKind.WORD: "cat",
        RuleKind.ALLOW: "cat",
        RuleKind.CONCEPT: "cats",
        RuleKind.PICTURE: "0" * 64,
        RuleKind.SOURCE: "year=1850..1860",
        RuleKind.PERSON: "123456789012345678",
    }
    for kind, pattern in samples.items():
        for action in Action:
            parts = {"concept": _concept()} if kind is RuleKind.CONCEPT else {}
            parts |= {"note": "See."} if action is Action.NOTE else {}
            if action in ACTIONS[kind]:
                assert Rule.of(kind, pattern, action, **parts).action is action
            else:
                with pytest.raises(RuleError, match="cannot"):
                    Rule.of(kind, pattern, action, **parts)


def test_the_starter_set_is_made_of_rules_that_can_be_used_each_with_its_reason() -> None:
    drafts = starter_rules()

    for draft in drafts:
        concept = _concept() if draft["kind"] == "concept" else None
        rule = Rule.of(
            draft["kind"],
            draft["pattern"],
            draft["action"],
            reason=draft["reason"],
            note=draft["note"],
            concept=concept,
            enabled=False,
        )
        assert rule.reason
        assert bool(draft["texts"]) is (rule.kind is RuleKind.CONCEPT)
    assert len({(draft["kind"], draft["pattern"]) for draft in drafts}) == len(drafts)
    assert {draft["kind"] for draft in drafts} == {"concept", "word"}  # an allow rule with nothing to free is a mistake


STARTER_PROMISES = [
    ("porn", "refuse", "named"),
    ("pornography of the empire", "refuse", "an open end"),
    ("the harbour of Pornic", None, "the reason of porno* names it"),
    ("send nudes", "refuse", "a request"),
    ("a nude by Etty", None, "the art term is left to the concept"),
    ("a fetish of the Congo", "spoiler", "covered, not refused"),
    ("a snuff film", "refuse", "a phrase"),
    ("a snuff box and a roll of film", None, "its words apart"),
    ("Catherine Gore, novelist", "spoiler", "covered, not refused"),
    ("chapter XXX", None, "a Roman numeral"),
]


@pytest.mark.parametrize(("prompt", "action", "reason"), STARTER_PROMISES)
def test_the_words_of_the_starter_set_do_what_their_reasons_say(prompt: str, action: str | None, reason: str) -> None:
    words = [draft for draft in starter_rules() if draft["kind"] == "word"]
    rules = FilterSet.of(Rule.of("word", one["pattern"], one["action"], reason=one["reason"]) for one in words)

    assert {match.rule.action.value for match in rules.inspect_prompt(clean(prompt))} == {action} - {None}


def test_what_matched_is_in_no_repr() -> None:
    match = Match(Rule.of("word", "skull", id=4), Stage.PROMPT, View.CLEAN, "skull")

    assert repr(match) == "Match(rule=4, stage='prompt', view='clean')"


def test_a_prompt_of_nothing_but_signs_is_no_prompt() -> None:
    with pytest.raises(PromptError):
        clean("@$$")
