"""`/filter import|export`: files, the server's AutoMod, the starter set; all of it or nothing."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest
from simcord.results import ResponseMessage

from bot.database import Database
from bot.moderation.exchange import MAX_BYTES, export_all, export_words, read_file
from bot.moderation.wording import import_line
from bot.texts import filters as texts
from search_core import RuleError, SearchEngine
from search_core.filters import Action, Rule, RuleKind
from search_core.filters.starter import starter_rules
from tests.bot.conftest import GUILD_ID, StaffedWorld
from tests.bot.reading import answer, words
from tests.bot.rules import add_concept, add_rule, remember_searches, rules_in

LIST = b"\xef\xbb\xbf# from our old list\ncrime*\n\n+crime novel\nallow: war memorial\n  war  \n"


async def imported(staff: StaffedWorld, data: bytes | None = None, **options: Any) -> str:
    values: dict[str, Any] = {"source": "file"} | ({"file": ("list.txt", data)} if data is not None else {})
    told = answer(await staff.mod.slash(staff.channel, "filter import", **(values | options)))
    assert told.ephemeral
    return words(told)


async def exported(staff: StaffedWorld, **options: str) -> tuple[ResponseMessage, bytes]:
    told = answer(await staff.mod.slash(staff.channel, "filter export", **options))
    assert told.ephemeral
    return told, await told.attachments[0].read()


async def test_a_text_file_gives_word_and_allow_rules(staff: StaffedWorld, database: Database) -> None:
    told = await imported(staff, LIST, reason="Our old list")

    assert import_line(4, 0) in told
    assert [(rule.kind.value, rule.pattern) for rule in await rules_in(database)] == [
        ("word", "crime*"), ("allow", "crime novel"), ("allow", "war memorial"), ("word", "war"),
    ]  # fmt: skip
    assert {rule.reason for rule in await rules_in(database)} == {"Our old list"}


async def test_what_is_there_already_is_left_out_and_counted(staff: StaffedWorld, database: Database) -> None:
    await add_rule(database, "word", "war", "log")

    told = await imported(staff, LIST + b"CRIME*\n", reason="why")

    assert import_line(3, 2) in told
    assert len(await rules_in(database)) == 4
    assert (await rules_in(database))[0].action is Action.LOG
    assert import_line(0, 4) in await imported(staff, LIST, reason="why")


async def test_of_what_is_there_already_those_that_do_not_hold_are_named(
    staff: StaffedWorld, database: Database
) -> None:
    off = await add_rule(database, "word", "war", enabled=False)
    ended = await add_rule(database, "word", "crime*", expires=1_700_000_000)
    await add_rule(database, "allow", "crime novel")

    told = await imported(staff, LIST, reason="why")

    assert "1 rule taken over. 3 rules left out: there already." in told
    assert texts.IMPORT_ASLEEP.format(rules=f"#{off.id}, #{ended.id}", listing="/filter list") in told
    assert "Not in force" not in await imported(staff, LIST, reason="why", on=False), "what is off stays off"


async def test_errors_name_their_lines_and_nothing_is_taken_over(staff: StaffedWorld, database: Database) -> None:
    told = await imported(staff, b"crime\na*b\n# fine\n!!\n+\n", reason="why")

    assert texts.IMPORT_STOPPED.format(count=3) in told
    for line in ("line 2: ", "line 4: ", "line 5: "):
        assert line in told
    assert await rules_in(database) == []


async def test_errors_are_skipped_if_that_is_asked_for(staff: StaffedWorld, database: Database) -> None:
    told = await imported(staff, b"crime\na*b\n", reason="why", skip_errors=True)

    assert "line 2: " in told
    assert [rule.pattern for rule in await rules_in(database)] == ["crime"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xff\xfe\x00x", texts.FILE_NOT_TEXT),
        (b"# nothing\n", texts.IMPORT_NOTHING),
        (b"{", texts.NOT_JSON),
        (b'{"rules": []}', "its format is not"),
        (b"[1,2,3]", "its format is not"),
        (b'[\n"war",\n"crime"\n]', "its format is not"),
        (b'"war"', "its format is not"),
        (b"[1,2", texts.NOT_JSON),
        (
            b'{"format": "vignette-filters", "version": 1, "rules": '
            b'[{"kind": "word", "pattern": "war", "reason": "r", "expires": 1000000000000000}]}',
            texts.EXPIRY_OUT_OF_RANGE,
        ),
        (b'{"format": "vignette-filters", "version": 99, "rules": [{}]}', texts.OTHER_VERSION),
        (b'{"format": "vignette-filters", "version": 1, "rules": [{"reason": "r"}, 7]}', "rule 2"),
        (b'{"format": "vignette-filters", "version": 9}', texts.OTHER_VERSION),
        (b'{"format": "vignette-filters", "version": 1}', texts.NO_LIST),
        (b"crime\n", texts.IMPORT_REASON_MISSING),
        (None, texts.FILE_MISSING),
    ],
)
async def test_a_file_that_cannot_be_used_says_why(
    staff: StaffedWorld, database: Database, data: bytes | None, problem: str
) -> None:
    assert problem in await imported(staff, data)
    assert await rules_in(database) == []


async def test_a_list_without_a_reason_is_told_so_once(staff: StaffedWorld) -> None:
    assert await imported(staff, LIST) == texts.IMPORT_REASON_MISSING


def test_a_file_that_is_too_big_is_refused() -> None:
    with pytest.raises(RuleError, match="too big"):
        read_file(b"a" * (MAX_BYTES + 1))


async def test_an_import_is_one_change_that_one_undo_takes_back(staff: StaffedWorld, database: Database) -> None:
    await imported(staff, LIST, reason="why")

    await staff.mod.slash(staff.channel, "filter undo")

    assert await rules_in(database) == []


async def test_an_import_that_would_refuse_much_asks_first(staff: StaffedWorld, database: Database) -> None:
    await remember_searches(database, *["a war"] * 20)

    told = await imported(staff, LIST, reason="why")

    assert "would refuse 20 more" in told
    assert await rules_in(database) == []


async def test_an_export_holds_everything_and_comes_back_as_it_was(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    await add_rule(database, "word", "crime", "note", note="Look", channels=frozenset({5}), expires=4_000_000_000)
    await add_concept(database, engine, "death", "a skull", action="hide", enabled=False)
    before = await rules_in(database)
    _, data = await exported(staff)
    for rule in before:
        await staff.mod.slash(staff.channel, "filter remove", rule=str(rule.id))

    await imported(staff, data)

    assert [rule.to_dict() for rule in await rules_in(database)] == [rule.to_dict() for rule in before]
    assert json.loads(data)["rules"][1]["concept"]["texts"] == ["a skull"]


async def test_a_concept_of_another_model_is_made_anew_on_import(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    await add_concept(database, engine, "death", "a skull", action="hide")
    values = json.loads(export_all(await rules_in(database)))
    values["rules"][0]["pattern"] = "bones"
    values["rules"][0]["concept"]["weights"] = "another model"

    await imported(staff, json.dumps(values).encode())

    concept = (await rules_in(database))[1].concept
    assert concept is not None
    assert concept.weights == engine.manifest.encoder.space


async def test_the_plain_list_holds_words_alone_and_can_be_read_again(staff: StaffedWorld, database: Database) -> None:
    for kind, pattern in (("word", "crime*"), ("allow", "crime novel"), ("source", "year=1850")):
        await add_rule(database, kind, pattern)

    told, data = await exported(staff, format="words")

    assert data == b"crime*\n+crime novel\n"
    assert texts.EXPORTED_WORDS.format(count=2, total=3) in words(told)
    assert [entry.values["kind"] for entry in read_file(data)] == ["word", "allow"]


def test_each_written_list_is_read_as_it_was_meant() -> None:
    rules = [Rule.of("word", written) for written in ("cat", "cat*", "*cat", "*cat*", "dead man")]

    entries = read_file(export_words(rules).encode())

    assert [Rule.from_dict(entry.values) for entry in entries] == rules


async def test_the_starter_set_is_taken_over_switched_off(staff: StaffedWorld, database: Database) -> None:
    told = await imported(staff, source="starter")

    rules = await rules_in(database)
    assert import_line(len(starter_rules()), 0) in told
    assert not [rule for rule in rules if rule.enabled]
    assert all(rule.reason for rule in rules)
    assert {RuleKind.WORD, RuleKind.CONCEPT} <= {rule.kind for rule in rules}


async def automod(staff: StaffedWorld, **rule: Any) -> None:
    guild = staff.client.get_guild(GUILD_ID)
    assert guild is not None
    await guild.create_automod_rule(
        name="No crime",
        event_type=discord.AutoModRuleEventType.message_send,
        actions=[discord.AutoModRuleAction()],
        enabled=True,
        **rule,
    )


async def test_the_servers_automod_words_become_rules(staff: StaffedWorld, database: Database) -> None:
    role = staff.guild.create_role("Curators")
    await automod(
        staff,
        trigger=discord.AutoModTrigger(
            keyword_filter=["crime*", "*war"], allow_list=["cold war"], regex_patterns=["a+b"]
        ),
        exempt_roles=[discord.Object(role.id)],
        exempt_channels=[discord.Object(staff.channel.id)],
    )

    told = await imported(staff, source="automod")

    rules = await rules_in(database)
    assert [(rule.kind.value, rule.pattern) for rule in rules] == [
        ("word", "crime*"), ("word", "*war"), ("allow", "cold war"),
    ]  # fmt: skip
    assert {rule.reason for rule in rules} == {"From the server's AutoMod rule No crime"}
    assert {rule.bypass_roles for rule in rules} == {frozenset({role.id})}
    assert "AutoMod rule No crime: 1 regular expression is left out" in told
    assert "some channels are spared there" in told


async def test_automod_without_words_says_what_it_has(staff: StaffedWorld) -> None:
    await automod(staff, trigger=discord.AutoModTrigger(presets=discord.AutoModPresets.all()))

    told = await imported(staff, source="automod")

    assert texts.AUTOMOD_NOTHING in told
    assert "word lists cannot be read" in told


async def test_automod_that_may_not_be_read_says_which_permission_is_missing(staff: StaffedWorld) -> None:
    staff.env.inject_error("GET", f"/guilds/{GUILD_ID}/auto-moderation/rules", status=403, times=1)

    assert texts.AUTOMOD_NOT_ALLOWED in await imported(staff, source="automod")
