"""What moderators decide: each change with its audit entry and revision, on real databases of both kinds."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import text

from bot.database import (
    SERVER,
    Actor,
    AuditAction,
    ChannelSettings,
    ConflictError,
    Database,
    DuplicateRule,
    GuildSettings,
    Report,
    ReportState,
    UndoError,
)
from search_core import StoreError
from search_core.filters.rules import Action, Concept, Rule, RuleKind

GUILD, OTHER = 2**62, 7
ANN, BEN = Actor(2**62 + 1, "discord"), Actor(0, "terminal")
SHA = "ab" * 32


@pytest.fixture
def database(any_database: Database) -> Database:
    return any_database


def word(pattern: str, **parts: object) -> Rule:
    return Rule.of("word", pattern, **parts)


def concept() -> Rule:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(3, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    thresholds = rng.uniform(size=(3, 3)).astype(np.float32)
    parts = Concept(("a ship", "a boat"), (SHA,), vectors, thresholds, "w" * 16, -0.5)
    return Rule.of("concept", "ships", Action.HIDE, concept=parts, channels=frozenset({1, 2**62}), reason="a\0b ünï")


def report() -> Report:
    return Report(GUILD, 11, 12, "search", SHA, "g1", 3, "A cat", "cats")


async def patterns(database: Database, guild: int = GUILD) -> list[str]:
    return [rule.pattern for rule in (await database.snapshot(guild)).rules]


async def test_a_server_nobody_has_changed_has_no_rules_and_the_revision_0(database: Database) -> None:
    snapshot = await database.snapshot(GUILD)

    assert (snapshot.revision, snapshot.rules, snapshot.settings) == (0, (), GuildSettings(GUILD))
    assert await database.revision(GUILD) == 0


RULES = [
    word("cat", reason="why", expires=2_000_000_000, bypass_roles=frozenset({5})),
    Rule.of("allow", "cattle"),
    Rule.of("picture", SHA, Action.NOTE, note="Drawn in 1880."),
    Rule.of("source", "year=1880", enabled=False),
    Rule.of("person", "123456789012345678"),
    concept(),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
async def test_a_rule_of_each_kind_comes_back_as_it_was(database: Database, rule: Rule) -> None:
    (added,) = await database.add_rules(GUILD, [rule], ANN)

    (found,) = (await database.snapshot(GUILD)).rules
    assert (found.to_dict(), found.id, found.version) == (rule.to_dict(), added.id, 1)
    assert added.id > 0


def test_the_table_above_has_every_kind() -> None:
    assert {rule.kind for rule in RULES} == set(RuleKind)


async def test_every_change_is_audited_and_makes_the_next_revision(database: Database) -> None:
    (rule,) = await database.add_rules(GUILD, [word("cat", reason="why")], ANN)
    rule = await database.edit_rule(GUILD, rule.changed(enabled=False), BEN, "too strict")
    await database.remove_rule(GUILD, rule.id, ANN, "gone")
    await database.change_settings(GUILD, GuildSettings(GUILD, moderators_channel=5), BEN, "quiet")

    entries = (await database.audit(GUILD))[::-1]
    told = [(entry.revision, entry.actor, entry.action, entry.rule_id, entry.reason) for entry in entries]
    assert told == [
        (1, ANN, AuditAction.ADD_RULE, rule.id, "why"),
        (2, BEN, AuditAction.EDIT_RULE, rule.id, "too strict"),
        (3, ANN, AuditAction.REMOVE_RULE, rule.id, "gone"),
        (4, BEN, AuditAction.CHANGE_SETTINGS, None, "quiet"),
    ]
    assert [entry.before and entry.before.get("enabled") for entry in entries] == [None, True, False, None]
    assert [entry.after and entry.after.get("enabled") for entry in entries] == [True, False, None, None]
    assert all(abs(entry.at - time.time()) < 60 for entry in entries)
    assert await database.revision(GUILD) == 4


async def test_an_identical_rule_is_named_and_nothing_is_written(database: Database) -> None:
    (first,) = await database.add_rules(GUILD, [word("cat")], ANN)
    (other,) = await database.add_rules(GUILD, [word("dog")], ANN)

    for twice in ([word("new"), word("cat", reason="again")], [word("new"), word("new")]):
        with pytest.raises(DuplicateRule) as raised:
            await database.add_rules(GUILD, twice, ANN)
        assert "cat" not in str(raised.value)
    with pytest.raises(DuplicateRule) as raised:
        await database.edit_rule(GUILD, other.changed(pattern="cat"), ANN)

    assert raised.value.existing.id == first.id
    assert await patterns(database) == ["cat", "dog"]
    assert (await database.revision(GUILD), len(await database.audit(GUILD))) == (2, 2)
    assert await database.add_rules(OTHER, [word("cat")], ANN)


async def test_of_two_edits_of_the_same_version_the_second_is_refused(database: Database) -> None:
    (rule,) = await database.add_rules(GUILD, [word("cat")], ANN)
    await database.edit_rule(GUILD, rule.changed(reason="one"), ANN)

    with pytest.raises(ConflictError):
        await database.edit_rule(GUILD, rule.changed(reason="two"), BEN)

    assert (await database.snapshot(GUILD)).rules[0].reason == "one"
    assert await database.revision(GUILD) == 2


async def test_a_rule_of_another_server_can_be_neither_edited_nor_removed(database: Database) -> None:
    (rule,) = await database.add_rules(GUILD, [word("cat")], ANN)

    with pytest.raises(ConflictError):
        await database.edit_rule(OTHER, rule.changed(enabled=False), BEN)
    with pytest.raises(ConflictError):
        await database.remove_rule(OTHER, rule.id, BEN)

    assert (await database.snapshot(GUILD)).rules == (rule,)
    assert await database.revision(OTHER) == 0


async def test_undo_goes_back_one_change_at_a_time(database: Database) -> None:
    seen = [await _decided(database)]
    (cat, _) = await database.add_rules(GUILD, [word("cat"), concept()], ANN)
    seen.append(await _decided(database))
    cat = await database.edit_rule(GUILD, cat.changed(pattern="cats", enabled=False), ANN)
    seen.append(await _decided(database))
    await database.change_settings(GUILD, GuildSettings(GUILD, channels={5: ChannelSettings(watch=True)}), ANN)
    seen.append(await _decided(database))
    await database.remove_rule(GUILD, cat.id, ANN)

    for before in reversed(seen):
        entries = await database.undo(GUILD, BEN)
        assert await _decided(database) == before
        assert all(entry.undoes and entry.actor == BEN for entry in entries)

    with pytest.raises(UndoError, match="nothing to undo"):
        await database.undo(GUILD, BEN)
    assert await database.revision(GUILD) == 8


async def test_an_import_of_several_rules_is_undone_as_one_change(database: Database) -> None:
    await database.add_rules(GUILD, [word(pattern) for pattern in ("one", "two", "three")], ANN)

    entries = await database.undo(GUILD, ANN)

    assert len(entries) == 3
    assert await patterns(database) == []


async def test_what_an_undo_would_leave_is_told_and_nothing_is_undone(database: Database) -> None:
    (cat, _) = await database.add_rules(GUILD, [word("cat"), concept()], ANN)
    before = await _decided(database)
    await database.remove_rule(GUILD, cat.id, ANN)
    now = await _decided(database)
    entry = (await database.next_undo(GUILD))[0].id

    told = await database.rules_after_undo(GUILD, entry)

    assert [rule.pattern for rule in told] == ["cat", concept().pattern]
    assert await _decided(database) == now
    assert (await database.next_undo(GUILD))[0].id == entry
    await database.undo(GUILD, BEN, entry)
    assert await _decided(database) == before
    with pytest.raises(UndoError):
        await database.rules_after_undo(GUILD, entry)
    assert await _decided(database) == before


async def test_a_change_made_after_an_undo_is_undone_first(database: Database) -> None:
    (rule,) = await database.add_rules(GUILD, [word("cat")], ANN)
    await database.edit_rule(GUILD, rule.changed(reason="first"), ANN)
    await database.undo(GUILD, ANN)
    (rule,) = (await database.snapshot(GUILD)).rules
    await database.edit_rule(GUILD, rule.changed(reason="second"), ANN)

    await database.undo(GUILD, ANN)
    assert [each.reason for each in (await database.snapshot(GUILD)).rules] == [""]
    await database.undo(GUILD, ANN)
    assert await patterns(database) == []


async def test_a_rule_that_undo_brought_back_keeps_its_number_and_refuses_old_edits(database: Database) -> None:
    (rule,) = await database.add_rules(GUILD, [word("cat")], ANN)
    await database.remove_rule(GUILD, rule.id, ANN)
    await database.undo(GUILD, ANN)

    (found,) = (await database.snapshot(GUILD)).rules
    assert found.id == rule.id
    with pytest.raises(ConflictError):
        await database.edit_rule(GUILD, rule.changed(enabled=False), BEN)
    (next_one,) = await database.add_rules(GUILD, [word("dog")], ANN)
    assert next_one.id > rule.id


async def test_what_was_changed_by_hand_is_not_undone_and_the_error_says_so(database: Database) -> None:
    await database.add_rules(GUILD, [word("cat")], ANN)
    async with database._engine.begin() as connection:
        await connection.execute(text("UPDATE rules SET hash = 'another'"))

    with pytest.raises(UndoError, match="no longer fits"):
        await database.undo(GUILD, ANN)
    assert (await database.revision(GUILD), len(await database.audit(GUILD))) == (1, 1)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE rules SET pattern = 'hush'",
        "UPDATE rules SET hash = 'hush'",
        """UPDATE rules SET rule = '{"kind": "word", "pattern": "hush*", "action": "dance"}'""",
        """UPDATE rules SET rule = '[]'""",
        """UPDATE guilds SET settings = '{"hush": 1}'""",
    ],
)
async def test_without_readable_rules_and_settings_there_is_no_snapshot(database: Database, damage: str) -> None:
    await database.add_rules(GUILD, [word("cat")], ANN)
    async with database._engine.begin() as connection:
        await connection.execute(text(damage))

    with pytest.raises(StoreError, match="db check") as raised:
        await database.snapshot(GUILD)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("damage", [r"""rule = '{"kind"\:"dance","pattern"\:"x"}'""", "rule = '[]'"])
async def test_a_rule_that_cannot_be_read_can_be_removed(database: Database, damage: str) -> None:
    (cat, _) = await database.add_rules(GUILD, [word("cat"), word("dog")], ANN)
    async with database._engine.begin() as connection:
        await connection.execute(text(f"UPDATE rules SET {damage} WHERE id = {cat.id}"))

    assert await database.remove_rule(GUILD, cat.id, ANN) is None

    assert await patterns(database) == ["dog"]
    with pytest.raises(UndoError):
        await database.undo(GUILD, ANN)


async def test_settings_come_back_as_they_were(database: Database) -> None:
    channels = {SERVER: ChannelSettings(max_count=3, watch=True), 2**62: ChannelSettings(allowed=False, private=True)}
    new = GuildSettings(GUILD, frozenset({1, 2**62}), frozenset({3}), 2**62, channels)

    written = await database.change_settings(GUILD, new, ANN)

    assert written == replace(new, version=1)
    assert (await database.snapshot(GUILD)).settings == written
    with pytest.raises(ConflictError):
        await database.change_settings(GUILD, new, BEN)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (1, ChannelSettings(allowed=True, private=False, max_count=4, spoilers=True, watch=False)),
        (2, ChannelSettings(allowed=False, private=False, max_count=9, spoilers=False, watch=False)),
    ],
)
def test_a_channel_that_says_nothing_has_what_the_server_has(channel: int, expected: ChannelSettings) -> None:
    channels = {
        SERVER: ChannelSettings(max_count=4, spoilers=True),
        2: ChannelSettings(allowed=False, max_count=9, spoilers=False),
    }

    assert GuildSettings(GUILD, channels=channels).of(channel) == expected


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({}, ["two", "one", "cat"]),
        ({"user": BEN.user_id}, ["two"]),
        ({"rule": 0}, []),
        ({"since": 2_000_000_000_000}, []),
        ({"since": 0, "limit": 2}, ["two", "one"]),
    ],
)
async def test_the_audit_log_can_be_narrowed(database: Database, narrowed: dict[str, int], expected: list[str]) -> None:
    (cat,) = await database.add_rules(GUILD, [word("cat", reason="cat")], ANN)
    await database.add_rules(GUILD, [word("dog", reason="one")], ANN)
    await database.add_rules(GUILD, [word("cow", reason="two")], BEN)
    await database.add_rules(OTHER, [word("cow", reason="elsewhere")], BEN)

    entries = await database.audit(GUILD, **narrowed)  # type: ignore[arg-type]

    assert [entry.reason for entry in entries] == expected
    assert [entry.reason for entry in await database.audit(GUILD, rule=cat.id)] == ["cat"]
    newest = (await database.audit(GUILD, limit=1))[0]
    assert [entry.reason for entry in await database.audit(GUILD, before_id=newest.id)] == ["one", "cat"]


async def test_a_report_is_resolved_once_and_its_rules_hold_at_once(database: Database) -> None:
    stored = await database.open_report(report())
    await database.add_rules(GUILD, [Rule.of("picture", SHA, Action.LOG, enabled=False)], ANN)
    new = [Rule.of("picture", SHA, reason="reported"), Rule.of("person", "123456789012345678")]

    first = await database.resolve_report(GUILD, stored.id, ReportState.HIDDEN, ANN, new)
    second = await database.resolve_report(GUILD, stored.id, ReportState.DISMISSED, BEN)

    assert (first, second) == (True, False)
    found = await database.find_report(GUILD, stored.id)
    assert found is not None
    assert (found.state, found.resolved_by) == (ReportState.HIDDEN, ANN.user_id)
    rules = (await database.snapshot(GUILD)).rules
    assert [(rule.kind, rule.action, rule.enabled) for rule in rules] == [
        (RuleKind.PICTURE, Action.HIDE, True),
        (RuleKind.PERSON, Action.REFUSE, True),
    ]
    assert await database.revision(GUILD) == 2
    await database.undo(GUILD, ANN)
    assert [(rule.action, rule.enabled) for rule in (await database.snapshot(GUILD)).rules] == [(Action.LOG, False)]


@pytest.mark.parametrize("wrong", [{"guild_id": OTHER}, {"report_id": 999}])
async def test_a_report_that_is_not_the_servers_is_not_resolved(database: Database, wrong: dict[str, int]) -> None:
    stored = await database.open_report(report())
    which = {"guild_id": GUILD, "report_id": stored.id} | wrong

    assert not await database.resolve_report(**which, outcome=ReportState.HIDDEN, actor=ANN, new=[word("cat")])

    assert await database.find_report(GUILD, stored.id) == stored
    assert await database.revision(which["guild_id"]) == 0


async def _decided(database: Database) -> object:
    snapshot = await database.snapshot(GUILD)
    return {rule.id: rule.to_dict() for rule in snapshot.rules}, snapshot.settings.to_dict()
