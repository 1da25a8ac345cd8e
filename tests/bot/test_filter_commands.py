"""`/filter add|edit|enable|remove|undo|list|show|history`, as a moderator in the server sees them."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.backend.errors import OptionError
from simcord.results import ResponseMessage

from bot.commands import all_commands
from bot.commands.filter_group import filter_group
from bot.database import Database
from bot.texts import filters as texts
from search_core.filters import Action, RuleKind
from tests.bot.conftest import NewClient, StaffedWorld
from tests.bot.reading import answer, buttons, words
from tests.bot.rules import ACTOR, add_rule, rules_in

SHA = "ab" * 32
PERSON = "123456789012345678"


async def run(staff: StaffedWorld, command: str, **options: Any) -> ResponseMessage:
    """What a moderator reads after a command; nobody else may."""
    result = await staff.mod.slash(staff.channel, f"filter {command}", **options)
    told = result.followups[-1] if result.followups else answer(result)
    assert told.ephemeral
    return told


@pytest.mark.parametrize(
    ("options", "kind", "pattern", "action"),
    [
        ({"kind": "word", "pattern": "Crime*"}, RuleKind.WORD, "crime*", Action.REFUSE),
        ({"kind": "word", "pattern": "dead man", "action": "log"}, RuleKind.WORD, "dead man", Action.LOG),
        ({"kind": "word", "pattern": "war", "note": "It was a war."}, RuleKind.WORD, "war", Action.NOTE),
        ({"kind": "allow", "pattern": "crime novel"}, RuleKind.ALLOW, "crime novel", Action.ALLOW),
        ({"kind": "picture", "pattern": SHA}, RuleKind.PICTURE, SHA, Action.HIDE),
        ({"kind": "source", "pattern": "year = 1850..1870"}, RuleKind.SOURCE, "year=1850..1870", Action.HIDE),
        ({"kind": "person", "pattern": f"<@{PERSON}>"}, RuleKind.PERSON, PERSON, Action.REFUSE),
    ],
)
async def test_each_kind_of_rule_is_added_with_its_reason(
    staff: StaffedWorld, database: Database, options: dict[str, str], kind: RuleKind, pattern: str, action: Action
) -> None:
    told = await run(staff, "add", reason="We agreed on it", **options)

    (rule,) = await rules_in(database)
    assert (rule.kind, rule.pattern, rule.action) == (kind, pattern, action)
    assert (rule.reason, rule.enabled) == ("We agreed on it", True)
    assert texts.ADDED in words(told)
    assert f"#{rule.id}" in words(told)


async def test_a_rule_is_limited_to_a_channel_a_time_and_those_without_a_role(
    staff: StaffedWorld, database: Database
) -> None:
    role = staff.guild.create_role("Curators")
    channel = staff.channel

    await run(
        staff,
        "add",
        kind="word",
        pattern="crime",
        reason="why",
        channel=channel,
        bypass_role=role,
        expires="2090-01-31",
    )

    (rule,) = await rules_in(database)
    assert rule.channels == {channel.id}
    assert rule.bypass_roles == {role.id}
    assert rule.expires == 3_789_590_400  # the end of that day in UTC


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"kind": "word"}, texts.PATTERN_MISSING),
        ({"kind": "word", "pattern": "a*b"}, "An asterisk stands at the start or at the end only"),
        ({"kind": "word", "pattern": "!!"}, "no word"),
        ({"kind": "word", "pattern": "crime", "action": "hide"}, "cannot hide"),
        ({"kind": "word", "pattern": "crime", "action": "note"}, "needs a sentence"),
        ({"kind": "word", "pattern": "crime", "note": "Look", "action": "log"}, "needs a sentence"),
        ({"kind": "word", "pattern": "crime", "expires": "yesterday"}, "no time to end at"),
        ({"kind": "word", "pattern": "crime", "expires": "2001-01-01"}, "no time to end at"),
        ({"kind": "word", "pattern": "crime", "examples": "a; b"}, texts.EXAMPLES_ONLY_FOR_CONCEPTS),
        ({"kind": "word", "pattern": "crime", "result": 1}, texts.NO_LAST_SEARCH.format(number=1)),
        ({"kind": "word", "pattern": "crime", "image": ("a.png", b"no picture")}, texts.PICTURE_ONLY_FOR),
        ({"kind": "picture", "pattern": "abc"}, "is not the SHA-256"),
        ({"kind": "source", "pattern": "nothing"}, "nothing"),
        ({"kind": "person", "pattern": "Ann"}, "is not a user id"),
    ],
)
async def test_what_cannot_be_a_rule_is_told_with_what_to_write_instead(
    staff: StaffedWorld, database: Database, options: dict[str, Any], problem: str
) -> None:
    told = await run(staff, "add", reason="why", **options)

    assert problem in words(told)
    assert await rules_in(database) == []


async def test_a_blank_reason_is_asked_for_again(staff: StaffedWorld, database: Database) -> None:
    assert texts.REASON_MISSING in words(await run(staff, "add", kind="word", pattern="crime", reason="   "))
    assert await rules_in(database) == []


async def test_a_rule_that_says_the_same_is_named(staff: StaffedWorld, database: Database) -> None:
    rule = await add_rule(database, "word", "crime")

    told = await run(staff, "add", kind="word", pattern="CRIME", reason="why")

    assert f"Change that one instead: #{rule.id} word `crime`" in words(told)
    assert len(await rules_in(database)) == 1


async def test_an_edit_that_would_say_the_same_as_another_rule_is_refused(
    staff: StaffedWorld, database: Database
) -> None:
    await add_rule(database, "word", "crime")
    other = await add_rule(database, "word", "war")

    told = await run(staff, "edit", rule=str(other.id), pattern="crime")

    assert "Change that one instead: #1" in words(told)
    assert {rule.pattern for rule in await rules_in(database)} == {"crime", "war"}


async def test_few_letters_between_asterisks_are_warned_of(staff: StaffedWorld) -> None:
    assert "innocent" in words(await run(staff, "add", kind="word", pattern="*as*", reason="why"))


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({"pattern": "war*"}, {"pattern": "war*"}),
        ({"action": "log"}, {"action": Action.LOG}),
        ({"note": "Look"}, {"action": Action.NOTE, "note": "Look"}),
        ({"reason": "We changed our mind"}, {"reason": "We changed our mind"}),
        ({"expires": "2090-01-31"}, {"expires": 3_789_590_400}),
    ],
)
async def test_an_edit_changes_what_it_names_and_nothing_else(
    staff: StaffedWorld, database: Database, options: dict[str, str], changed: dict[str, Any]
) -> None:
    old = await add_rule(database, "word", "crime")

    told = await run(staff, "edit", rule=f"#{old.id}", **options)

    assert texts.EDITED in words(told)
    assert await rules_in(database) == [old.changed(**changed, version=2)]


async def test_repeated_edits_name_several_channels_and_take_them_away_again(
    staff: StaffedWorld, database: Database
) -> None:
    rule, here = str((await add_rule(database, "word", "crime")).id), staff.channel
    there = staff.guild.create_text_channel("maps")
    role = staff.guild.create_role("Curators")

    seen = []
    for options in ({"channel": here}, {"channel": there}, {"channel": here}, {"everywhere": True}):
        await run(staff, "edit", rule=rule, **options)
        seen.append((await rules_in(database))[0].channels)
    await run(staff, "edit", rule=rule, bypass_role=role)
    with_role = (await rules_in(database))[0].bypass_roles
    await run(staff, "edit", rule=rule, bypass_role=role)

    assert seen == [{here.id}, {here.id, there.id}, {there.id}, set()]
    assert with_role == {role.id}
    assert (await rules_in(database))[0].bypass_roles == set()


async def test_another_action_than_note_drops_the_sentence(staff: StaffedWorld, database: Database) -> None:
    rule = await add_rule(database, "word", "war", "note", note="It was a war.", expires=4_000_000_000)

    await run(staff, "edit", rule=str(rule.id), action="log", expires="never")

    (changed,) = await rules_in(database)
    assert (changed.action, changed.note, changed.expires) == (Action.LOG, "", None)


@pytest.mark.parametrize("rule", ["99", "#99", "crime", "", "1" * 30])
@pytest.mark.parametrize("command", ["edit", "remove", "enable", "show"])
async def test_a_rule_that_is_not_there_is_told(staff: StaffedWorld, command: str, rule: str) -> None:
    options: dict[str, Any] = {"rule": rule} | ({"on": True} if command == "enable" else {})

    assert "There is no rule" in words(await run(staff, command, **options))


async def test_a_rule_is_switched_off_and_on(staff: StaffedWorld, database: Database) -> None:
    rule = str((await add_rule(database, "word", "crime")).id)

    off = words(await run(staff, "enable", rule=rule, on=False))
    assert texts.SWITCHED[False] in off
    assert not (await rules_in(database))[0].enabled
    assert texts.UNCHANGED in words(await run(staff, "enable", rule=rule, on=False))
    assert texts.SWITCHED[True] in words(await run(staff, "enable", rule=rule, on=True))
    assert (await rules_in(database))[0].enabled


async def test_a_switch_keeps_the_rules_reason_and_has_its_own_in_the_history(
    staff: StaffedWorld, database: Database
) -> None:
    rule = await add_rule(database, "word", "crime", reason="We agreed")

    await run(staff, "enable", rule=str(rule.id), on=False, reason="Only for a week")

    assert [each.reason for each in await rules_in(database)] == ["We agreed"]
    assert "off · on before · Only for a week" in words(await run(staff, "history")).splitlines()[1]


async def test_undo_says_whose_change_it_took_back_where_it_was_anothers(
    staff: StaffedWorld, database: Database
) -> None:
    await add_rule(database, "word", "crime")
    await run(staff, "add", kind="word", pattern="war", reason="why")

    own, anothers = [words(await run(staff, "undo")) for _ in range(2)]

    assert "The change was made by" not in own
    assert f"The change was made by <@{ACTOR.user_id}>, <t:" in anothers


async def test_a_removed_rule_is_named_and_comes_back_by_undo(staff: StaffedWorld, database: Database) -> None:
    rule = await add_rule(database, "word", "crime", channels=frozenset({5}))

    removed = words(await run(staff, "remove", rule=str(rule.id), reason="No longer needed"))
    assert await rules_in(database) == []
    undone = words(await run(staff, "undo"))

    assert f"#{rule.id} word `crime`" in removed
    assert texts.UNDONE in undone
    (back,) = await rules_in(database)
    assert (back.id, back.pattern, back.channels) == (rule.id, "crime", frozenset({5}))


async def test_undo_goes_further_back_each_time_and_says_when_nothing_is_left(
    staff: StaffedWorld, database: Database
) -> None:
    await run(staff, "add", kind="word", pattern="crime", reason="why")
    await run(staff, "edit", rule="1", action="log")

    await run(staff, "undo")
    assert (await rules_in(database))[0].action is Action.REFUSE
    await run(staff, "undo")
    assert await rules_in(database) == []
    assert "nothing to undo" in words(await run(staff, "undo"))


async def test_the_history_tells_who_did_what_and_why(staff: StaffedWorld, database: Database) -> None:
    await add_rule(database, "word", "war")
    await run(staff, "add", kind="word", pattern="crime", reason="We agreed")
    await run(staff, "edit", rule="2", action="log")
    await run(staff, "remove", rule="2", reason="Too much")

    all_lines = words(await run(staff, "history")).splitlines()
    lines = words(await run(staff, "history", rule="2")).splitlines()

    assert len(all_lines) == 5
    assert len(lines) == 4
    assert all(f"<@{staff.mod.id}>" in line for line in lines[1:])
    for line, said in zip(
        lines[1:], (("removed", "Too much"), ("changed", "refuse"), ("added", "We agreed")), strict=True
    ):
        assert all(part in line for part in said)


async def test_a_history_of_nothing_says_so(staff: StaffedWorld) -> None:
    assert texts.NO_HISTORY in words(await run(staff, "history"))


async def test_the_list_names_each_rule_with_what_limits_it(staff: StaffedWorld, database: Database) -> None:
    channels = frozenset({staff.channel.id})
    await add_rule(database, "word", "crime", channels=channels, bypass_roles=frozenset({7}), expires=4_000_000_000)
    await add_rule(database, "person", PERSON, enabled=False)

    told = words(await run(staff, "list"))

    assert f"#1 word `crime` · refuse · only in <#{staff.channel.id}> · not for <@&7> · until <t:4000000000:f>" in told
    assert f"#2 person <@{PERSON}> · refuse · off" in told
    assert "#2" not in words(await run(staff, "list", kind="word"))
    assert texts.NO_RULES in words(await run(staff, "list", kind="source"))


async def test_the_list_turns_its_pages_in_private_also_after_a_restart(
    staff: StaffedWorld, database: Database, new_client: NewClient
) -> None:
    for number in range(20):
        await add_rule(database, "word", f"{'long word ' * 15}{number}")
    told = await run(staff, "list")
    assert buttons(told) == {texts.PREVIOUS: False, texts.NEXT: True}
    assert "Rules 1-8 of 20" in words(told)

    await staff.mod.click(told, label=texts.NEXT)
    assert "Rules 9-16 of 20" in words(told)
    await staff.env.restart_bot(new_client())
    await staff.mod.click(told, label=texts.NEXT)

    assert "Rules 17-20 of 20" in words(told)
    assert buttons(told) == {texts.PREVIOUS: True, texts.NEXT: False}
    assert len(words(told)) <= 2_000


async def test_a_page_that_is_gone_shows_the_last_there_is(staff: StaffedWorld, database: Database) -> None:
    for number in range(9):
        await add_rule(database, "word", f"word{number}")
    told = await run(staff, "list")
    await run(staff, "remove", rule="9")

    await staff.mod.click(told, label=texts.NEXT)

    assert "Rules 1-8 of 8" in words(told)
    assert buttons(told) == {}


async def test_show_tells_everything_about_a_rule(staff: StaffedWorld, database: Database) -> None:
    await add_rule(database, "word", "war", "note", note="It was *a* war.", reason="We agreed_on it")

    told = words(await run(staff, "show", rule="1"))

    for part in ("#1 word `war` · note", "We agreed_on it".replace("_", "\\_"), "It was \\*a\\* war"):
        assert part in told


async def test_what_moderators_wrote_is_shown_and_does_nothing(staff: StaffedWorld, database: Database) -> None:
    await add_rule(database, "source", "title=`@everyone` <@1> ||x||", reason="@everyone **read**")

    for command in ("list", "show", "history"):
        told = await run(staff, command, **({"rule": "1"} if command == "show" else {}))
        assert "`@everyone`" not in words(told).replace("ˋ", "´")
        assert "**read**" not in words(told)


async def test_completion_finds_rules_by_number_and_pattern(staff: StaffedWorld, database: Database) -> None:
    for pattern in ("crime", "war", "crime novel", f"{'x' * 150}"):
        await add_rule(database, "word", pattern)
    channel = staff.channel

    for command in ("edit", "remove", "enable", "show", "history", "test"):
        found = await staff.mod.autocomplete(channel, f"filter {command}", "rule", "CRIM")
        assert [choice["value"] for choice in found] == ["1", "3"]
    everything = await staff.mod.autocomplete(channel, "filter show", "rule", "")
    assert all(len(choice["name"]) <= 100 for choice in everything)
    assert [choice["value"] for choice in everything] == ["1", "2", "3", "4"]
    assert [each["value"] for each in await staff.mod.autocomplete(channel, "filter show", "rule", "#2")] == ["2"]


async def test_completion_offers_no_more_than_discord_takes(staff: StaffedWorld, database: Database) -> None:
    for number in range(30):
        await add_rule(database, "word", f"word{number}")

    assert len(await staff.mod.autocomplete(staff.channel, "filter show", "rule", "word")) == 25


def test_every_subcommand_is_there_for_those_who_manage_the_server() -> None:
    assert filter_group in all_commands()
    assert {command.name for command in filter_group.commands} == {
        "add", "edit", "remove", "enable", "list", "show", "test", "history", "import", "export", "undo",
    }  # fmt: skip
    assert filter_group.default_permissions is not None
    assert filter_group.default_permissions.manage_guild
    assert filter_group.guild_only


def test_every_description_fits_into_discords_limit() -> None:
    for command in filter_group.walk_commands():
        described = [command.description, *(each.description for each in command.parameters)]  # type: ignore[union-attr]
        assert all(1 <= len(str(each)) <= 100 for each in described), command.name


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("filter add", {"kind": "word", "pattern": "crime", "reason": "why"}),
        ("filter edit", {"rule": "1"}),
        ("filter test", {"prompt": "a crime"}),
        ("settings channel", {"allowed": "no", "reason": "why"}),
    ],
)
async def test_a_category_is_not_taken_for_a_channel_since_nobody_can_ask_in_it(
    staff: StaffedWorld, command: str, options: dict[str, str]
) -> None:
    halls = staff.guild.create_category("Halls")

    with pytest.raises(OptionError, match="only allows channel types"):
        await staff.mod.slash(staff.channel, command, channel=halls, **options)


async def test_a_rule_loses_its_last_channel_only_if_somebody_says_that_it_shall_hold_everywhere(
    staff: StaffedWorld, database: Database
) -> None:
    rule = await add_rule(database, "word", "crime", channels=frozenset({staff.channel.id}))

    told = words(await run(staff, "edit", rule=str(rule.id), channel=staff.channel))

    assert texts.LAST_CHANNEL.format(channel=f"<#{staff.channel.id}>") in told
    assert await rules_in(database) == [rule]
    await run(staff, "edit", rule=str(rule.id), everywhere=True)
    assert [each.channels for each in await rules_in(database)] == [frozenset()]


async def test_a_rule_moves_to_another_channel(staff: StaffedWorld, database: Database) -> None:
    other = staff.guild.create_text_channel("open-hall")
    rule = await add_rule(database, "word", "crime", channels=frozenset({staff.channel.id}))

    for channel in (other, staff.channel):
        await run(staff, "edit", rule=str(rule.id), channel=channel)

    assert [each.channels for each in await rules_in(database)] == [frozenset({other.id})]
