"""Nobody but moderators gets at the rules, by whatever way; and nothing of a rule gets out."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot import custom_ids
from bot import texts as public_texts
from bot.database import Actor, Database
from bot.moderation.controls import MODERATION_CONTROLS
from bot.moderation.pending import Pending
from bot.moderation.plans import Plan
from bot.moderation.replies import buttons as button_row
from bot.texts import filters as texts
from search_core.filters import Rule
from tests.bot.conftest import GUILD_ID, StaffedWorld
from tests.bot.reading import answer, words
from tests.bot.rules import add_rule, remember_searches, rules_in

SECRET = "unspeakable"
COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("add", {"kind": "word", "pattern": "crime", "reason": "why"}),
    ("edit", {"rule": "1", "pattern": "war"}),
    ("remove", {"rule": "1"}),
    ("enable", {"rule": "1", "on": False}),
    ("list", {}),
    ("show", {"rule": "1"}),
    ("test", {"prompt": SECRET}),
    ("history", {}),
    ("import", {"source": "file", "file": ("words.txt", b"crime\n"), "reason": "why"}),
    ("export", {}),
    ("undo", {}),
]


@pytest.mark.parametrize(("command", "options"), COMMANDS, ids=[command for command, _ in COMMANDS])
async def test_every_subcommand_refuses_who_is_no_moderator(
    staff: StaffedWorld, database: Database, command: str, options: dict[str, Any]
) -> None:
    rule = await add_rule(database, "word", SECRET)

    told = answer(await staff.guest.slash(staff.channel, f"filter {command}", **options))

    assert public_texts.FOR_MODERATORS in words(told)
    assert told.ephemeral
    assert SECRET not in words(told)
    assert not told.attachments
    assert await rules_in(database) == [rule]


@pytest.mark.parametrize("command", ["edit", "remove", "enable", "show", "history", "test"])
async def test_completion_shows_nothing_to_who_is_no_moderator(
    staff: StaffedWorld, database: Database, command: str
) -> None:
    await add_rule(database, "word", SECRET)

    for typed in ("", SECRET, "1"):
        assert await staff.guest.autocomplete(staff.channel, f"filter {command}", "rule", typed) == []
    assert len(await staff.mod.autocomplete(staff.channel, f"filter {command}", "rule", SECRET)) == 1


async def crafted(staff: StaffedWorld, custom_id: str) -> discord.Message:
    """A public message with a button that the bot never put there."""
    channel = staff.client.get_channel(staff.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return await channel.send("look", view=button_row(discord.ui.Button(label="press", custom_id=custom_id)))


async def test_the_lists_buttons_refuse_who_is_no_moderator(staff: StaffedWorld, database: Database) -> None:
    for number in range(20):
        await add_rule(database, "word", f"{SECRET}{number}")
    message = await crafted(staff, custom_ids.rules_id("next", "all", 1))

    told = answer(await staff.guest.click(message, label="press"))

    assert public_texts.FOR_MODERATORS in words(told)
    assert SECRET not in words(told)


async def test_a_lists_button_in_public_answers_a_moderator_in_private(staff: StaffedWorld, database: Database) -> None:
    for number in range(20):
        await add_rule(database, "word", f"{SECRET}{number}")
    message = await crafted(staff, custom_ids.rules_id("next", "all", 1))

    told = answer(await staff.mod.click(message, label="press"))

    assert told.ephemeral
    assert SECRET in words(told)
    assert SECRET not in (await public_words(staff))


@pytest.mark.parametrize("answered", ["yes", "no"])
async def test_a_plans_buttons_refuse_who_is_no_moderator_and_the_plan_waits_on(
    staff: StaffedWorld, database: Database, answered: str
) -> None:
    plan = Plan((Rule.of("word", SECRET, reason="why"),))
    token = await Pending(database).put(GUILD_ID, staff.guest.id, plan)  # he moderated when he made it
    message = await crafted(staff, custom_ids.plan_id(answered, token))

    told = answer(await staff.guest.click(message, label="press"))

    assert public_texts.FOR_MODERATORS in words(told)
    assert await rules_in(database) == []
    assert await Pending(database).take(GUILD_ID, staff.guest.id, token)


async def test_a_plan_cannot_be_confirmed_by_another_moderators_click(staff: StaffedWorld, database: Database) -> None:
    token = await Pending(database).put(GUILD_ID, staff.ann.id, Plan((Rule.of("word", SECRET, reason="why"),)))
    message = await crafted(staff, custom_ids.plan_id("yes", token))

    result = await staff.mod.click(message, label="press")

    assert texts.DRAFT_GONE in words((result.followups or [answer(result)])[-1])
    assert await rules_in(database) == []


@pytest.mark.parametrize(
    "custom_id",
    [
        "vignette:rules:next:ALL:1",
        "vignette:rules:next:all:-1",
        "vignette:rules:next:all:99999",
        "vignette:plan:maybe:abcdefghijkl",
        "vignette:plan:yes:short",
    ],
)
def test_a_crafted_custom_id_reaches_no_control(custom_id: str) -> None:
    assert not [one for one in MODERATION_CONTROLS if one.__discord_ui_compiled_template__.fullmatch(custom_id)]


async def test_a_rule_by_role_moderator_may_use_it(staff: StaffedWorld, database: Database) -> None:
    role = staff.guild.create_role("Readers")
    member = staff.guild.add_member(staff.env.create_user("rae"), roles=[role])
    await staff.env.settle()
    for command in await staff.client.tree.fetch_commands(guild=discord.Object(staff.guild.id)):
        staff.guild.set_command_permissions(command, {member: True})
    settings = (await database.snapshot(GUILD_ID)).settings
    before = answer(await member.slash(staff.channel, "filter list"))
    await database.change_settings(
        GUILD_ID, replace(settings, moderator_roles=frozenset({role.id})), Actor(0, "terminal")
    )

    after = answer(await member.slash(staff.channel, "filter list"))

    assert public_texts.FOR_MODERATORS in words(before)
    assert texts.NO_RULES in words(after)


async def test_neither_pattern_nor_prompt_gets_into_the_log_or_the_channel(
    staff: StaffedWorld, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("bot", "search_core"):
        caplog.set_level(logging.DEBUG, logger=name)
    await remember_searches(database, *[f"an {SECRET} thing"] * 3, *["a ship"] * 17)
    for command, options in (
        ("add", {"kind": "word", "pattern": SECRET, "reason": SECRET}),
        ("add", {"kind": "word", "pattern": f"{SECRET}*a", "reason": "why"}),
        ("add", {"kind": "concept", "pattern": SECRET, "reason": "why", "action": "hide"}),
        ("add", {"kind": "concept", "pattern": SECRET, "reason": "why", "action": "hide"}),
        ("edit", {"rule": "1", "pattern": f"{SECRET}s"}),
        ("list", {}),
        ("show", {"rule": "1"}),
        ("test", {"prompt": SECRET}),
        ("test", {"recent": True}),
        ("history", {}),
        ("export", {}),
        ("import", {"source": "file", "file": ("w.txt", f"{SECRET}*x\n{SECRET}".encode()), "reason": "why"}),
        ("remove", {"rule": "1"}),
        ("undo", {}),
    ):
        result = await staff.mod.slash(staff.channel, f"filter {command}", **options)
        assert all(told.ephemeral for told in [answer(result), *result.followups])

    assert await rules_in(database)
    logged = [record for record in caplog.records if record.name.startswith(("bot", "search_core"))]
    assert logged
    assert not [record for record in logged if SECRET in record.getMessage() or SECRET in str(record.exc_text)]
    assert SECRET not in await public_words(staff)


async def public_words(staff: StaffedWorld) -> str:
    """All that everybody in the channel can read."""
    channel = staff.client.get_channel(staff.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return "\n".join([words(message) async for message in channel.history() if not message.flags.ephemeral])
