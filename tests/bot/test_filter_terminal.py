"""`vignette filters` as an operator uses it: a process of its own, on a real database, without token and Discord."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.database import Database
from bot.moderation.wording import import_line
from bot.texts import filters as texts
from tests.bot.conftest import GUILD_ID
from tests.bot.rules import remember_searches
from tests.bot.terminal import Run, processes


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'rules.db'}"


@pytest.fixture
def run(tmp_path: Path, url: str) -> Run:
    """Run `vignette filters ...`."""
    return processes(tmp_path, url, "filters")


def test_rules_are_added_listed_changed_and_taken_back(run: Run, tmp_path: Path) -> None:
    added = run("add", "word", "crime*", "--reason", "We agreed", "--channel", "5", "--expires", "2090-01-31")
    assert (added.returncode, added.stdout.splitlines()) == (
        0, [texts.ADDED, "#1 word crime* · refuse · only in channel 5 · until 2090-02-01 00:00 UTC"],
    )  # fmt: skip
    assert "crime" not in added.stderr

    run("edit", "1", "--note", "Look twice", "--everywhere", "--expires", "never", "--bypass-role", "7")
    run("disable", "1", "--reason", "For a week")
    assert run("list").stdout == "#1 word crime* · note · off · not for role 7\n"
    run("undo")
    assert run("list").stdout == "#1 word crime* · note · not for role 7\n"
    run("remove", "1", "--reason", "Not any more")
    history = run("history").stdout.splitlines()

    assert len(history) == 5
    assert all(texts.VIA_TERMINAL in line for line in history)
    assert "Not any more" in history[0]
    assert "For a week" in history[2]
    assert run("list").stdout.strip() == texts.NO_RULES_TERMINAL


def test_lists_and_history_come_as_json(run: Run) -> None:
    run("add", "word", "crime", "--reason", "why")

    (rule,) = json.loads(run("list", "--json").stdout)
    (entry,) = json.loads(run("history", "--json").stdout)

    assert (rule["id"], rule["version"], rule["kind"], rule["pattern"]) == (1, 1, "word", "crime")
    assert (entry["rule_id"], entry["via"], entry["user_id"], entry["reason"]) == (1, "terminal", 0, "why")
    assert entry["before"] is None
    assert entry["after"]["pattern"] == "crime"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("add", "word", "a*b", "--reason", "why"), "An asterisk stands"),
        (("add", "word", "crime", "--reason", " "), texts.REASON_MISSING),
        (("add", "word", "--reason", "why"), texts.PATTERN_MISSING),
        (("add", "concept", "death", "--reason", "why"), texts.NEEDS_INDEX),
        (("edit", "9", "--pattern", "war"), "There is no rule 9"),
        (("enable", "9"), "There is no rule 9"),
        (("show", "9"), "There is no rule 9"),
        (("undo",), "nothing to undo"),
        (("test", "a ship"), texts.NEEDS_INDEX),
        (("import",), texts.FILE_OR_STARTER),
        (("import", "none.txt"), "none.txt cannot be read"),
        (("import", "starter"), "vignette filters import --starter"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run: Run, arguments: tuple[str, ...], problem: str) -> None:
    failed = run(*arguments)

    assert failed.returncode == 1
    assert failed.stderr.strip().splitlines()[-1].startswith("vignette: ")
    assert problem in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize("guilds", ["", f"{GUILD_ID},{GUILD_ID + 1}"])
def test_the_server_must_be_named_where_it_is_not_clear(run: Run, guilds: str) -> None:
    assert texts.NAME_THE_GUILD in run("list", guilds=guilds).stderr
    assert run("list", "--guild", str(GUILD_ID), guilds=guilds).returncode == 0


def test_a_server_that_is_not_served_is_no_place_for_rules(run: Run) -> None:
    told = run("list", "--guild", str(GUILD_ID + 1))

    assert told.returncode == 1
    assert texts.GUILD_NOT_SERVED.format(guild=GUILD_ID + 1) in told.stderr


def test_a_rule_that_says_the_same_is_named(run: Run) -> None:
    run("add", "word", "crime", "--reason", "why")

    assert "#1 word crime · refuse" in run("add", "word", "Crime", "--reason", "why").stderr


def test_files_go_in_and_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("crime*\n+crime novel\na*b\n")

    stopped = run("import", "list.txt", "--reason", "why")
    taken = run("import", "list.txt", "--reason", "why", "--skip-errors", "--off")
    run("export", "all.json")
    words = run("export", "--words").stdout

    assert stopped.returncode == 1
    assert "line 3: " in stopped.stderr
    assert import_line(2, 0) in taken.stdout
    assert words == "crime*\n+crime novel\n"
    assert [rule["enabled"] for rule in json.loads((tmp_path / "all.json").read_text())["rules"]] == [False, False]
    assert import_line(0, 2) in run("import", "all.json").stdout


async def test_a_rule_that_would_refuse_much_needs_a_yes(run: Run, url: str) -> None:
    async with Database(url) as database:
        await remember_searches(database, *["a crime"] * 20)

    refused = run("add", "word", "crime", "--reason", "why")
    done = run("add", "word", "crime", "--reason", "why", "--yes")

    assert refused.returncode == 1
    assert "would refuse 20 more" in refused.stderr
    assert texts.SAY_YES in refused.stderr
    assert done.returncode == 0


async def test_a_test_says_what_covers_what_holds_elsewhere_and_what_is_in_force(
    run: Run, url: str, sample_index: Path
) -> None:
    run("add", "word", "crime", "--action", "spoiler", "--channel", "5", "--reason", "why")
    async with Database(url) as database:
        await remember_searches(database, "a crime", channel_id=5)
        await remember_searches(database, "a ship", "a lion", first=1, user_id=123456789012345678)

    here = run("test", "a crime", "--channel-id", "5", "--rule", "1", index=sample_index).stdout
    elsewhere = run("test", "a crime", "--channel-id", "6", index=sample_index).stdout
    ban = ("--kind", "person", "--pattern", "123456789012345678")
    recent = run("test", *ban, index=sample_index).stdout

    rule = "#1 word crime · spoiler · only in channel 5"
    assert f"{texts.TEST_IN_FORCE.format(rule=rule)}\na crime: it would be answered, with every picture" in here
    assert f"{texts.TEST_NO_MATCH}\n- {texts.TEST_ELSEWHERE.format(rule=rule)}" in elsewhere
    assert "2 would be refused, 0 would lose pictures, 1 would have pictures covered" in recent


def test_concepts_tests_and_previews_open_the_collection(run: Run, sample_index: Path) -> None:
    examples = ("--example", "a skull", "--example", "a human skull")
    added = run("add", "concept", "death", *examples, "--reason", "why", index=sample_index)
    shown = run("show", "1", "--preview", index=sample_index)
    tested = run("test", "a skeleton head", "a steam engine", "--json", index=sample_index)

    assert "#1 concept death · refuse" in added.stdout
    assert "See vignette filters show 1 --preview." in added.stdout
    assert "example: a skull" in shown.stdout
    assert "would fall under it" in shown.stdout
    assert "  row " in shown.stdout
    bones, engine = json.loads(tested.stdout)["tried"]
    assert bones["refused"]
    assert bones["matches"][0]["view"] == "meaning"
    assert not engine["refused"]


def test_a_rule_is_tried_before_it_bites(run: Run, sample_index: Path) -> None:
    tried = run("test", "a crime", "--kind", "word", "--pattern", "crime", index=sample_index)

    assert texts.TEST_REFUSED in tried.stdout
    assert "in the prompt, as written: crime" in tried.stdout.replace("matched ", "")
    assert run("list").stdout.strip() == texts.NO_RULES_TERMINAL


def test_help_teaches_with_examples(run: Run) -> None:
    for arguments in (("--help",), ()):
        assert 'vignette filters add word "crime*"' in run(*arguments).stdout


def test_the_log_is_quiet_unless_it_is_asked_for(run: Run) -> None:
    quiet = run("add", "word", "crime", "--reason", "why")
    told = run("add", "word", "war", "--reason", "why", before=("--verbose",))

    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert "rules written" in told.stderr
    assert "war" not in told.stderr


async def test_an_import_names_the_rules_that_are_there_and_do_not_hold(run: Run, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("crime\n", "utf-8")
    run("add", "word", "crime", "--reason", "why")
    run("disable", "1")

    told = run("import", "words.txt", "--reason", "why").stdout

    assert texts.IMPORT_ASLEEP.format(rules="#1", listing=texts.TERMINAL_LISTING) in told
