"""Settings, reports, the audit log and hidden pictures from the terminal, as an operator without Discord uses them."""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path

import pytest

from bot import texts as common
from bot.cli import make_parser
from bot.database import Actor, Database, Report, ReportState
from bot.moderation.decisions import OUTCOMES
from bot.moderation.entries import entry_line
from bot.moderation.wording import TERMINAL
from bot.texts import filters
from bot.texts import moderation as texts
from search_core import SearchEngine
from search_core.filters import Action, RuleKind
from tests.bot.conftest import GUILD_ID, World
from tests.bot.reading import alts, answer, posted_copy, sample_picture, words
from tests.bot.staff import OPERATOR, add_rule, row_named, set_up, staff_of
from tests.bot.terminal import Run, quick
from tests.bot.test_reports import Scene, report_first

CHANNEL, ROLE, REPORTER, ASKER = 10**18 + 1, 10**18 + 2, 10**18 + 3, 10**18 + 4
WHY = ("--reason", "we agreed")
ANT = "animals/ant_01.jpg"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
def run(url: str) -> Run:
    """Run `vignette ...`."""
    return quick(url)


async def report(database: Database, sha256: str = "a" * 64, **parts: object) -> Report:
    """A report of the ant."""
    known: dict[str, object] = {"prompt": "an ant", "asker_id": ASKER, "reason": "it frightens me"} | parts
    opened = Report(GUILD_ID, REPORTER, CHANNEL, "search-id", sha256, "generation", 0, "Ant", **known)  # type: ignore[arg-type]
    return await database.open_report(opened)


# ------------------------------------------------------------- the commands


def commands(*names: str) -> dict[str, argparse.ArgumentParser]:
    """The commands below one."""
    parser = make_parser()
    for name in (*names, ""):
        below = next(action.choices for action in parser._actions if isinstance(action.choices, dict))
        if not name:
            return dict(below)
        parser = below[name]
    raise AssertionError


@pytest.mark.parametrize("name", ["filters", "settings", "reports"])
def test_every_subcommand_is_described_and_done(name: str) -> None:
    works = importlib.import_module(f"bot.moderation.terminal.{name}").WORKS

    assert set(commands(name)) == set(works)


@pytest.mark.parametrize("name", ["settings", "reports", "audit", "hide", "unhide"])
def test_help_teaches_with_examples(name: str) -> None:
    assert f"  vignette {name}" in (commands()[name].description or "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("settings", "channel", *WHY), texts.NOTHING_SET),
        (("settings", "moderators", *WHY), texts.NOTHING_SET),
        (("settings", "moderators", "--role", str(ROLE), *WHY), texts.ROLE_AND_WHETHER_TERMINAL),
        (("settings", "moderators", "--moderates", "yes", *WHY), texts.ROLE_AND_WHETHER_TERMINAL),
        (("settings", "channel", "--private", "yes", "--reason", " "), texts.REASON_MISSING),
        (("settings", "moderators", "--no-channel", *WHY), texts.SET_ALREADY),
        (("reports", "show", "1"), texts.REPORT_UNKNOWN),
        (("reports", "hide", "1"), texts.REPORT_UNKNOWN),
        (("audit", "--since", "yesterday"), texts.NOT_A_TIME),
        (("hide", "ant", *WHY), filters.NEEDS_INDEX),
        (("unhide",), filters.NEEDS_INDEX),
        (("audit", "--guild", str(GUILD_ID + 1)), filters.GUILD_NOT_SERVED.format(guild=GUILD_ID + 1)),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run: Run, arguments: tuple[str, ...], problem: str) -> None:
    failed = run(*arguments)

    assert (failed.returncode, failed.stderr.strip()) == (1, f"vignette: {problem}")


@pytest.mark.parametrize("written", ["#pictures", "0", "-5", "9" * 19, "9" * 20])
def test_what_is_no_number_of_discords_is_refused(run: Run, written: str) -> None:
    failed = run("settings", "roles", "--allowed", "yes", *WHY, "--", written)

    assert failed.returncode == 2
    assert "no number of Discord's" in failed.stderr


# ------------------------------------------------------------- settings


def test_settings_are_made_shown_and_taken_back(run: Run) -> None:
    run("settings", "channel", str(CHANNEL), "--allowed", "no", "--max-count", "3", "--watch", "yes", *WHY)
    run("settings", "channel", "--private", "yes", "--spoilers", "yes", *WHY)
    run("settings", "roles", str(ROLE), "--allowed", "yes", *WHY)
    told = run("settings", "moderators", "--channel", str(CHANNEL), "--role", str(ROLE), "--moderates", "yes", *WHY)
    shown = run("settings", "show").stdout.splitlines()

    assert told.stdout.splitlines()[0] == texts.SET_TERMINAL
    assert told.stdout.splitlines()[-1] == texts.ROOM_UNCHECKED
    assert shown == [
        f"Moderators: who manages the server, role {ROLE}",
        f"Moderators' channel: channel {CHANNEL}",
        f"May use it: role {ROLE}",
        "Whole server: answers, private by default, all under spoilers, answers when asked",
        f"channel {CHANNEL}: no answers, posted pictures are answered, at most 3 on a page",
        texts.WATCH_NEEDS_TERMINAL,
    ]

    run("filters", "undo")
    run("settings", "roles", str(ROLE), "--allowed", "no", *WHY)
    run("settings", "channel", str(CHANNEL), "--allowed", "server", "--max-count", "0", "--watch", "server", *WHY)
    assert json.loads(run("settings", "show", "--json").stdout) == {
        "moderator_roles": [], "allowed_roles": [], "moderators_channel": None,
        "channels": {"0": {"allowed": None, "private": True, "max_count": None, "spoilers": True, "watch": None}},
    }  # fmt: skip


async def test_a_change_of_settings_is_audited_as_the_operators(run: Run, url: str) -> None:
    run("settings", "roles", str(ROLE), "--allowed", "yes", *WHY)

    async with Database(url) as database:
        (entry,) = await database.audit(GUILD_ID)

    assert (entry.actor, entry.reason) == (OPERATOR, "we agreed")
    assert f"at the terminal · changed the settings · roles that may use it: role {ROLE}" in entry_line(entry, TERMINAL)


async def test_what_is_set_at_the_terminal_counts_in_discord_from_the_next_request_on(
    world: World, database: Database, run: Run
) -> None:
    assert len(alts(answer(await world.ann.slash(world.channel, "search", prompt="a fish")))) == 9

    run("settings", "channel", str(world.channel.id), "--max-count", "2", *WHY)
    fewer = answer(await world.ann.slash(world.channel, "search", prompt="a fish"))
    run("settings", "channel", str(world.channel.id), "--allowed", "no", *WHY)

    assert len(alts(fewer)) == 2
    assert common.NOT_IN_THIS_CHANNEL in words(answer(await world.ann.slash(world.channel, "search", prompt="a fish")))


# ------------------------------------------------------------- reports


async def test_reports_are_listed_and_shown(run: Run, url: str) -> None:
    assert run("reports", "list").stdout.strip() == texts.NO_REPORTS
    async with Database(url) as database:
        await report(database)
        await report(database, prompt=None, message_id=7)
        await database.resolve_report(GUILD_ID, 1, ReportState.DISMISSED, Actor(REPORTER, "discord"))

    (line,) = run("reports", "list").stdout.splitlines()
    every = run("reports", "list", "--all").stdout.splitlines()
    shown = run("reports", "show", "1").stdout
    (as_json,) = json.loads(run("reports", "list", "--json").stdout)

    assert line.startswith("#2 · ")
    assert line.endswith(" · Ant · open · it frightens me")
    assert [each.split(" · ")[3] for each in every] == ["dismissed", "open"]
    for part in ("Report 1: Ant", f"Search of: user {ASKER}, in private in channel {CHANNEL}", "Prompt: an ant"):
        assert part in shown.splitlines()
    assert f"State: Dismissed by user {REPORTER}, " in shown
    assert texts.NOTHING_ASKED in run("reports", "show", "2").stdout
    assert (as_json["id"], as_json["state"], as_json["sha256"]) == (2, "open", "a" * 64)


RULES = {
    "hide": [(RuleKind.PICTURE, Action.HIDE)],
    "dismiss": [],
    "ban": [(RuleKind.PERSON, Action.REFUSE)],
}


@pytest.mark.parametrize("what", RULES)
async def test_a_report_is_decided_once_with_rules_and_audit_entries(run: Run, url: str, what: str) -> None:
    async with Database(url) as database:
        await report(database)

    decided = run("reports", what, "1")
    again = run("reports", "dismiss", "1")

    async with Database(url) as database:
        found = await database.find_report(GUILD_ID, 1)
        rules = (await database.snapshot(GUILD_ID)).rules
        entries = await database.audit(GUILD_ID)
    assert found is not None
    assert (found.state, found.resolved_by) == (OUTCOMES[what], 0)
    assert [(rule.kind, rule.action) for rule in rules] == RULES[what]
    assert {(entry.actor, entry.revision) for entry in entries} == {(OPERATOR, 1)}
    assert len(entries) == 1 + len(rules)
    assert texts.REPORTER_UNTOLD in decided.stdout
    assert (texts.BAN_UNCHECKED in decided.stdout) is (what == "ban")
    assert again.returncode == 1
    assert "was decided on already" in again.stderr
    assert texts.AT_THE_TERMINAL in again.stderr


async def test_what_is_similar_is_blocked_and_the_picture_looked_at_with_the_collection(
    run: Run, url: str, engine: SearchEngine, sample_index: Path, tmp_path: Path
) -> None:
    async with Database(url) as database:
        await report(database, (await row_named(engine, ANT))[1])

    without = run("reports", "block", "1")
    run("reports", "show", "1", "--picture", str(tmp_path / "reported.jpg"), index=sample_index)
    blocked = run("reports", "block", "1", index=sample_index)

    assert filters.NEEDS_INDEX in without.stderr
    assert (tmp_path / "reported.jpg").read_bytes() == sample_picture(ANT)
    assert blocked.stdout.startswith("Hidden, and similar pictures with it, by an operator at the terminal")
    assert len(run("filters", "list").stdout.splitlines()) == 2


async def test_a_card_whose_report_was_decided_at_the_terminal_says_so_when_it_is_pressed(
    world: World, database: Database, run: Run
) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderators_channel=staff.room.id)
    scene = Scene(world, staff, database)
    asked = await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy(ANT)))
    await report_first(world.ben, answer(asked))
    card = scene.cards()[-1]
    run("reports", "hide", "1")

    told = answer(await staff.mod.click(card, label=texts.CARD_BUTTONS["ban"]))

    said = f"**Hidden** by {texts.AT_THE_TERMINAL}"
    assert said in words(told)
    assert said in words(scene.cards()[-1])
    assert [rule.kind for rule in (await database.snapshot(GUILD_ID)).rules] == [RuleKind.PICTURE]


def test_a_ban_says_whom_it_does_not_keep_out(run: Run) -> None:
    banned = run("filters", "add", "person", str(ASKER), *WHY)

    assert texts.BAN_UNCHECKED in banned.stdout
    assert texts.BAN_UNCHECKED not in run("filters", "disable", "1").stdout


# ------------------------------------------------------------- the audit log


async def test_the_audit_log_is_narrowed_by_person_rule_and_time(run: Run, url: str) -> None:
    async with Database(url) as database:
        await add_rule(database, GUILD_ID, RuleKind.WORD, "crime")
        await add_rule(database, GUILD_ID, RuleKind.WORD, "war")
        await database.remove_rule(GUILD_ID, 1, Actor(ASKER, "discord"), "not any more")

    def numbers(*narrowing: str) -> list[int]:
        return [entry["id"] for entry in json.loads(run("audit", "--json", *narrowing).stdout)]

    assert numbers() == [3, 2, 1]
    assert numbers("--user", str(ASKER)) == [3]
    assert numbers("--rule", "1") == [3, 1]
    assert numbers("--rule", "1", "--before", "3") == [1]
    assert numbers("--since", "1", "-n", "2") == [3, 2]
    assert numbers("--since", "2100-01-01") == []
    assert run("audit", "--since", "2100-01-01").stdout.strip() == texts.AUDIT_EMPTY
    assert f"user {ASKER} · removed · #1 word crime" in run("audit").stdout


async def test_a_decision_in_the_log_reads_as_plain_text(run: Run, url: str) -> None:
    async with Database(url) as database:
        await report(database)
    run("reports", "dismiss", "1")

    assert run("audit").stdout.strip().endswith("at the terminal · decided report 1, dismissed it: Ant")


# ------------------------------------------------------------- hiding


async def test_a_picture_is_hidden_and_shown_again(run: Run, sample_index: Path) -> None:
    several = run("hide", "ant_0", *WHY, index=sample_index)
    hidden = run("hide", ANT, *WHY, index=sample_index)
    again = run("hide", ANT, *WHY, index=sample_index)
    listed = run("unhide", index=sample_index)
    shown = run("unhide", "ant", "--reason", "a mistake", index=sample_index)

    assert several.returncode == 1
    assert texts.SEVERAL_NAMED in several.stderr
    assert f"Ant ({ANT})" in several.stderr
    assert hidden.stdout.strip() == texts.HIDDEN_TERMINAL.format(title=f"Ant ({ANT})", rule=1)
    assert texts.HIDDEN_ALREADY.format(rule=1) in again.stderr
    assert listed.stdout.strip() == f"#1 Ant ({ANT})"
    assert shown.stdout.strip() == texts.SHOWN_AGAIN.format(title=f"Ant ({ANT})", rule=1)
    assert run("unhide", index=sample_index).stdout.strip() == texts.NOTHING_HIDDEN
    assert texts.NOT_HIDDEN in run("unhide", "1", index=sample_index).stderr


async def test_of_several_hidden_pictures_one_is_named_by_its_rule(
    run: Run, url: str, engine: SearchEngine, sample_index: Path
) -> None:
    async with Database(url) as database:
        for name in (ANT, "animals/elephant_01.jpg"):
            await add_rule(database, GUILD_ID, RuleKind.PICTURE, (await row_named(engine, name))[1], Action.HIDE)

    several = run("unhide", "animals", index=sample_index)
    one = run("unhide", "2", index=sample_index)

    assert several.returncode == 1
    assert texts.SEVERAL_HIDDEN in several.stderr
    assert one.returncode == 0
    assert run("unhide", index=sample_index).stdout.strip() == f"#1 Ant ({ANT})"
