"""What is typed and what is told, without Discord: times to end at, lists of examples, lines and their limits."""

from __future__ import annotations

import re

import pytest

from bot.database import Actor, AuditAction, AuditEntry
from bot.moderation.drafts import MAX_EXAMPLES, read_expiry, split_examples
from bot.moderation.entries import entry_line
from bot.moderation.trial import Tried
from bot.moderation.wording import (
    DISCORD,
    MAX_CHOICE,
    TERMINAL,
    Style,
    bullets,
    choice_name,
    import_line,
    recent_lines,
    rule_line,
)
from search_core import Inspection, RuleError
from search_core.filters import Action, Match, Rule, Stage, View
from tests.bot.results import result

NOON = 1_700_049_600.0
"""2023-11-15 12:00 UTC."""
DAY = 24 * 60 * 60


@pytest.mark.parametrize(
    ("written", "expires"),
    [
        (None, None),
        ("", None),
        ("never", None),
        ("1", int(NOON) + DAY),
        (" 30 ", int(NOON) + 30 * DAY),
        ("2023-11-15", 1_700_092_800),
        ("2023-11-16", 1_700_092_800 + DAY),
    ],
)
def test_a_rule_ends_after_days_or_with_the_end_of_a_day(written: str | None, expires: int | None) -> None:
    assert read_expiry(written, NOON) == expires


@pytest.mark.parametrize("written", ["0", "-1", "3651", "soon", "2023-11-14", "2023-13-01", "9999-12-31", "१२", "1.5"])
def test_what_is_no_time_to_come_is_refused(written: str) -> None:
    with pytest.raises(RuleError, match="no time to end at"):
        read_expiry(written, NOON)


def test_examples_are_split_at_semicolons_and_not_without_end() -> None:
    assert split_examples(" a skull ;; a grave;") == ("a skull", "a grave")
    with pytest.raises(RuleError, match=str(MAX_EXAMPLES)):
        split_examples("x;" * (MAX_EXAMPLES + 1))


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (Rule.of("word", "cat*", id=3), "#3 word cat* · refuse"),
        (Rule.of("word", "cat"), "word cat · refuse"),
        (Rule.of("allow", "cat", enabled=False), "allow cat · off"),
        (Rule.of("picture", "ab" * 32, id=4), "#4 picture abababababab · hide"),
        (
            Rule.of("word", "cat", enabled=False, expires=1_700_000_000),
            "word cat · refuse · off · ended 2023-11-14 22:13 UTC",
        ),
        (
            Rule.of("word", "cat", channels=frozenset({1, 2, 3, 4, 5})),
            "word cat · refuse · only in channel 1, channel 2, channel 3, +2",
        ),
    ],
)
def test_a_rule_is_told_in_a_line(rule: Rule, line: str) -> None:
    assert rule_line(rule, TERMINAL, now=NOON) == line


@pytest.mark.parametrize("expires", [253_402_300_800, 10**15, 10**30])
@pytest.mark.parametrize("style", [TERMINAL, DISCORD])
def test_an_end_after_the_year_9999_is_told_all_the_same(expires: int, style: Style) -> None:
    rule = Rule.of("word", "cat", expires=expires)

    assert rule_line(rule, style, now=NOON).endswith("far future")


def test_an_end_before_1970_is_told_all_the_same() -> None:
    assert "ended" in rule_line(Rule.of("word", "cat", expires=-(10**18)), TERMINAL, now=NOON)


def test_a_choice_fits_into_discords_limit() -> None:
    rule = Rule.of("word", "long " * 39, channels=frozenset(range(10**17, 10**17 + 9)), id=10**9)

    assert len(choice_name(rule)) <= MAX_CHOICE


def test_what_does_not_fit_is_counted() -> None:
    told = bullets(["x" * 30] * 20, 200)

    assert len(told) <= 200
    assert told.endswith("… and 15 more.")
    assert bullets(["a", "b"], 200) == "a\nb"


def test_an_entry_tells_what_was_there_before() -> None:
    rule = Rule.of("word", "cat", reason="why")
    old, new = rule.to_dict(), rule.changed(channels=frozenset({5})).to_dict()
    by, did = Actor(9, "discord"), AuditAction.EDIT_RULE
    entry = AuditEntry(7, 1, 3, int(NOON), by, did, 2, {**old, "version": 1}, {**new, "version": 2}, "now too loud")

    done, rule_now = "user 9 · changed", "#2 word cat · refuse · only in channel 5"
    assert (
        entry_line(entry, TERMINAL)
        == f"7 · 2023-11-15 12:00 UTC · {done} · {rule_now} · everywhere before · now too loud"
    )


EDITS = [
    ({"enabled": False}, "on before"),
    ({"pattern": "dog"}, "pattern was cat"),
    ({"note": "Look twice", "action": Action.NOTE}, "action was refuse, without a note before"),
    ({"expires": 1_700_000_000}, "without an end before"),
    ({"bypass_roles": frozenset({7})}, "for every role before"),
]


@pytest.mark.parametrize(("parts", "told"), EDITS)
def test_an_entry_says_each_difference_in_words_and_no_reason_that_nobody_gave(
    parts: dict[str, object], told: str
) -> None:
    rule = Rule.of("word", "cat", reason="why")
    line = entry_line(edit_of(rule, rule.changed(**parts), "why"), TERMINAL)

    assert line.endswith(f" · {told}")


def test_an_entry_names_the_limits_that_a_rule_had() -> None:
    limited = Rule.of("word", "cat", channels=frozenset({5}), bypass_roles=frozenset({7}), expires=1_700_000_000)
    free = limited.changed(channels=frozenset(), bypass_roles=frozenset(), expires=None)

    line = entry_line(edit_of(limited, free, "again"))

    for part in ("only in <#5> before", "not for <@&7> before", "until <t:1700000000:f> before", "· again"):
        assert part in line


def inspection(*matches: Match, hidden: int = 0) -> Inspection:
    return Inspection(bool(matches), matches, result({}, hidden=hidden))


def edit_of(old: Rule, new: Rule, reason: str) -> AuditEntry:
    by, did = Actor(9, "discord"), AuditAction.EDIT_RULE
    return AuditEntry(7, 1, 3, int(NOON), by, did, 2, old.to_dict(), new.to_dict(), reason)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("hidden", "hid the picture"),
        ("blocked", "hid the picture and similar ones"),
        ("dismissed", "dismissed it"),
        ("banned", "banned who had asked"),
    ],
)
def test_an_entry_of_a_report_tells_what_became_of_it(state: str, words: str) -> None:
    after = {"report": 3, "state": state, "title": "An *ant"}
    by, did = Actor(9, "discord"), AuditAction.RESOLVE_REPORT
    line = entry_line(AuditEntry(7, 1, 3, int(NOON), by, did, None, None, after, ""))

    assert line.endswith(f"decided report 3, {words}: `An *ant`")
    assert not re.match(r"\d+\. ", line), "Discord would make an ordered list of it, and count on its own"


@pytest.mark.parametrize(
    ("added", "skipped", "told"),
    [
        (0, 0, "0 rules taken over."),
        (1, 0, "1 rule taken over."),
        (2, 1, "2 rules taken over. 1 rule left out: there already."),
    ],
)
def test_an_import_is_summed_up(added: int, skipped: int, told: str) -> None:
    assert import_line(added, skipped) == told


def test_searches_that_say_the_same_are_told_once_the_most_frequent_first() -> None:
    rule = Rule.of("word", "crime", id=4)
    match = Match(rule, Stage.PROMPT, View.CLEAN, "crime")
    once, often = (Tried(prompt, inspection(match)) for prompt in ("crime", "a crime"))
    hiding = Tried("an ant", inspection(hidden=1))

    told = recent_lines([once, often, hiding, often], style=TERMINAL)

    assert told[0] == (
        "Of the last 4 searches, 3 would be refused, 1 would lose pictures, 0 would have pictures covered, and 0 would "
        "come with a sentence of context."
    )
    assert [line for line in told if not line.startswith("- ")][1:] == [
        "a crime: it would be refused (2 times)",
        "crime: it would be refused",
        "an ant: it would be answered, with 1 picture hidden on the way to the end of the first page",
    ]
