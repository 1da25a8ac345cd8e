"""Who is no moderator gets nowhere with reports, hiding, the audit log and settings: in whatever way they try."""

from __future__ import annotations

import re
from typing import Any

import discord
import pytest
from discord import app_commands
from simcord.actors import MemberActor

from bot import custom_ids, texts
from bot.commands import all_commands
from bot.components import Control
from bot.database import Database
from bot.forms import Form
from bot.moderation.controls import PlanButton, RulesButton
from bot.moderation.report_controls import HideForm
from bot.texts import moderation as moderators
from tests.bot.conftest import GUILD_ID, World
from tests.bot.reading import answer, posted_copy, words
from tests.bot.staff import press_crafted, set_up, staff_of, submit_forged

SEARCH = "abcdefghijkl"

COMMANDS: dict[str, dict[str, object]] = {
    "hide": {"picture": "animals/ant_01.jpg", "reason": "x"},
    "unhide": {"picture": "1", "reason": "x"},
    "reports": {},
    "audit": {},
    "settings show": {},
    "settings channel": {"allowed": "no", "reason": "x"},
    "settings moderators": {"no_channel": True, "reason": "x"},
}

PRESSES = {
    "card": (custom_ids.card_id("ban", 1), None),
    "ban anyway": (custom_ids.card_id("ban-anyway", 1), None),
    "leave": (custom_ids.card_id("leave", 1), None),
    "next report": (custom_ids.open_reports_id(0), None),
    "hide one": (custom_ids.hide_one_id(SEARCH, 1), None),
    "hide pick": (custom_ids.hide_pick_id(SEARCH), "1"),
    "audit": (custom_ids.audit_id(9, 0, 0, 0), None),
}


ELSEWHERE = {"settings roles", moderators.HIDE_MENU}
"""In tests of their own below; those of `/filter` are in `test_filter_doors`."""

PRESSED_ELSEWHERE = {RulesButton, PlanButton}
"""In `test_filter_doors`."""


def test_no_command_press_or_form_of_the_moderators_is_left_out() -> None:
    theirs = [each for each in all_commands() if each.default_permissions is not None]
    names = {name for each in theirs for name in names_of(each) if name.split()[0] != "filter"}
    controls = {each for each in _written(Control) if each.moderators_only} - PRESSED_ELSEWHERE
    tried = {each for each in controls for custom_id, _ in PRESSES.values() if pattern_of(each).fullmatch(custom_id)}

    assert names == {*COMMANDS, *ELSEWHERE}
    assert tried == controls
    assert {form for form in _written(Form) if form.moderators_only} == {HideForm}


def _written(kind: type[Any]) -> set[type[Any]]:
    return {each for each in kind.__subclasses__() if each.__module__.startswith("bot.")}


def names_of(command: Any) -> list[str]:
    """A command's name, or those below it."""
    below = command.commands if isinstance(command, app_commands.Group) else []
    return [each.qualified_name for each in below] or [command.name]


def pattern_of(control: type[Any]) -> re.Pattern[str]:
    """What the custom ids of a component look like."""
    pattern: re.Pattern[str] = control.__discord_ui_compiled_template__
    return pattern


async def grant(world: World, *actors: MemberActor) -> None:
    """Let members see every command, as an administrator can by mistake."""
    for command in await world.client.tree.fetch_commands(guild=discord.Object(GUILD_ID)):
        world.guild.set_command_permissions(command, dict.fromkeys(actors, True))


async def untouched(database: Database) -> bool:
    return await database.revision(GUILD_ID) == 0


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_refuses_who_is_no_moderator(world: World, database: Database, name: str) -> None:
    await grant(world, world.ben)

    told = answer(await world.ben.slash(world.channel, name, **COMMANDS[name]))

    assert texts.FOR_MODERATORS in words(told)
    assert told.ephemeral
    assert await untouched(database)


@pytest.mark.parametrize("name", ["settings roles", "settings moderators"])
async def test_nobody_makes_themselves_a_moderator(world: World, database: Database, name: str) -> None:
    await grant(world, world.ben)
    role = world.guild.create_role("Mine")
    choice = {"allowed": True} if name == "settings roles" else {"moderates": True}

    told = answer(await world.ben.slash(world.channel, name, role=role, reason="x", **choice))

    assert texts.FOR_MODERATORS in words(told)
    assert await untouched(database)


@pytest.mark.parametrize("name", ["hide", "unhide"])
async def test_a_completion_offers_nothing_to_who_is_no_moderator(world: World, name: str) -> None:
    await grant(world, world.ben)

    assert await world.ben.autocomplete(world.channel, name, "picture", "a", reason="x") == []


async def test_the_menu_refuses_who_is_no_moderator(world: World) -> None:
    await grant(world, world.ben)
    shown = answer(await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy())))

    told = answer(await world.ben.context_menu(world.channel, moderators.HIDE_MENU, shown.message))

    assert texts.FOR_MODERATORS in words(told)


@pytest.mark.parametrize("what", PRESSES)
async def test_a_press_refuses_who_is_no_moderator(world: World, database: Database, what: str) -> None:
    custom_id, value = PRESSES[what]

    told = answer(await press_crafted(world, world.ben, world.channel, custom_id, value))

    assert texts.FOR_MODERATORS in words(told)
    assert told.ephemeral
    assert await untouched(database)


async def test_a_form_that_was_never_shown_refuses_who_is_no_moderator(world: World, database: Database) -> None:
    told = answer(await submit_forged(world.ben, world.channel, custom_ids.hide_form_id(SEARCH, 1), reason="because"))

    assert texts.FOR_MODERATORS in words(told)
    assert await untouched(database)


async def test_who_was_a_moderator_is_refused_at_the_next_click(world: World, database: Database) -> None:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderator_roles=frozenset({staff.keepers.id}))
    await grant(world, staff.kim)
    listed = answer(await staff.kim.slash(world.channel, "reports"))
    assert moderators.NO_REPORTS in words(listed)
    await set_up(database, GUILD_ID, moderator_roles=frozenset())

    told = answer(await press_crafted(world, staff.kim, world.channel, custom_ids.open_reports_id(0)))

    assert texts.FOR_MODERATORS in words(told)


async def test_a_form_longer_than_discord_lets_pass_is_cut(world: World, database: Database) -> None:
    staff = await staff_of(world)
    shown = answer(await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy())))
    search = str(shown.components).split("vignette:pick:")[1].split(":")[0]

    await submit_forged(staff.mod, world.channel, custom_ids.hide_form_id(search, 0), reason="x" * 5_000)

    (rule,) = (await database.snapshot(GUILD_ID)).rules
    assert rule.reason == "x" * 400
