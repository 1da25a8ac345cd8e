"""Rules in the database, searches to try them on, and the members of the simulated server who make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
import pytest_asyncio
from simcord.actors import MemberActor

from bot.database import Actor, Database
from search_core import SearchEngine
from search_core.filters import Rule
from tests.bot.conftest import GUILD_ID, World
from tests.bot.results import saved_search

ACTOR = Actor(1_300_000_000_000_000_001, "discord")


async def add_rule(database: Database, kind: str, pattern: str, action: str | None = None, **parts: Any) -> Rule:
    """Put a rule into the server's database, as if a moderator had added it."""
    rule = Rule.of(kind, pattern, action, **({"reason": "for a test"} | parts))
    return (await database.add_rules(GUILD_ID, [rule], ACTOR))[0]


async def add_concept(
    database: Database, engine: SearchEngine, name: str, *examples: str, action: str | None = None, **parts: Any
) -> Rule:
    """Put a concept rule with examples in words into the server's database."""
    concept = await engine.make_concept(texts=examples or (name,))
    return await add_rule(database, "concept", name, action, concept=concept, **parts)


async def rules_in(database: Database) -> list[Rule]:
    """The server's rules as the database has them now."""
    return list((await database.snapshot(GUILD_ID)).rules)


async def remember_searches(database: Database, *prompts: str, channel_id: int = 3, user_id: int = 1) -> None:
    """Have people search for these, one after the other."""
    for number, prompt in enumerate(prompts):
        search = saved_search(
            prompt=prompt, guild_id=GUILD_ID, channel_id=channel_id, user_id=user_id, id=f"search-{number:05d}"
        )
        await database.save_search(search)


@dataclass(frozen=True)
class Staff:
    """Members of the server.

    Attributes:
        mod: moderates, since a role of hers manages the server.
        guest: moderates nothing, though the server's settings show him `/filter`.
    """

    world: World
    mod: MemberActor
    guest: MemberActor


@pytest_asyncio.fixture(loop_scope="session")
async def staff(world: World) -> Staff:
    role = world.guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
    mod = world.guild.add_member(world.env.create_user("mo"), roles=[role])
    await world.env.settle()
    commands = {command.name: command for command in await world.client.tree.fetch_commands(guild=world.guild)}
    world.guild.set_command_permissions(commands["filter"], {world.ben: True})
    return Staff(world, mod, world.ben)
