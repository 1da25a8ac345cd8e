"""Other people's words in a message: shown as they are, and unable to do anything."""

from __future__ import annotations

import pytest

from bot.markdown import code_span, length, plain, shortened, shown


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("a steam engine", "a steam engine", "ordinary words stay"),
        ("  a \n\t steam   engine ", "a steam engine", "one line, single spaces"),
        ("a\u200bb\u202ec\u00ad\ufeffd", "abcd", "zero-width, direction override, soft hyphen"),
        ("caf\u00e9 Việt", "caf\u00e9 Việt", "accents are letters"),
        ("z" + "\u0301" * 40, "z" + "\u0301" * 3, "a pile of accents is cut"),
        ("\ud800x", "x", "a lone surrogate cannot be sent"),
        ("日本 🚢", "日本 🚢", "other scripts and emoji stay"),
        ("", "", "nothing is nothing"),
        ("👩\u200d👩\u200d👧\u200d👦", "👩\u200d👩\u200d👧\u200d👦", "a family is one emoji"),
        ("👩🏽\u200d🔬 ❤\ufe0f\u200d🔥", "👩🏽\u200d🔬 ❤\ufe0f\u200d🔥", "so with a shade of skin, and a variant"),
        ("می\u200cخواهم", "می\u200cخواهم", "Persian spells with a non-joiner"),
        ("क्\u200dष", "क्\u200dष", "Devanagari with a joiner"),
        ("n\u200du\u200cde", "nude", "Latin letters need neither"),
        ("👩\u200cx 👩\u200d", "👩x 👩", "nor do an emoji and a letter, or one at the end"),
        ("می\u200c\u200cخ \u200cخ", "میخ خ", "two in a row, or one at the edge, are no spelling"),
        ("z" + "\u0301\u200b" * 40, "z" + "\u0301" * 3, "what cannot be seen does not begin a pile anew"),
    ],
)
def test_only_what_can_be_seen_is_shown(text: str, expected: str, reason: str) -> None:
    assert expected == shown(text, 100), reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bold**", r"\*\*bold\*\*"),
        ("_x_ ~~y~~ ||z||", r"\_x\_ \~\~y\~\~ \|\|z\|\|"),
        ("@everyone <@123> <#4>", r"\@everyone \<\@123\> \<\#4\>"),
        ("[click](https://evil.example)", r"\[click\]\(https\:\/\/evil\.example\)"),
        ("discord.gg/abc", r"discord\.gg\/abc"),
        ("# heading", r"\# heading"),
        ("`code`", r"\`code\`"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_markup_mentions_and_links_are_dead_in_plain_text(text: str, expected: str) -> None:
    assert expected == plain(text, 100)


def test_plain_text_is_cut_before_it_is_escaped() -> None:
    assert plain("*" * 100, 5) == r"\*" * 4 + "…"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ship", "`a ship`"),
        ("`` ` ``` @everyone", "`ˋˋ ˋ ˋˋˋ @everyone`"),
        ("<@&1> https://x.example", "`<@&1> https://x.example`"),
        ("\u200b", "` `"),
    ],
)
def test_nothing_escapes_from_a_code_span(text: str, expected: str) -> None:
    assert expected == code_span(text, 100)
    assert code_span(text, 100).count("`") == 2


def test_a_long_prompt_is_cut_in_its_code_span() -> None:
    assert code_span("x" * 500, 10) == f"`{'x' * 9}…`"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("A ship", 80, "A ship"),
        ("A Voyage round the World in several Years, vol. 2", 30, "A Voyage round the Wo … vol. 2"),
        ("x" * 50, 20, "x" * 11 + " … " + "x" * 6),
        ("A Voyage round the World " + "🚢" * 30, 20, "A Voyage ro … 🚢🚢🚢"),
    ],
)
def test_a_title_is_cut_in_the_middle_so_that_its_end_is_seen(text: str, limit: int, expected: str) -> None:
    assert expected == shortened(text, limit)
    assert length(expected) <= limit
