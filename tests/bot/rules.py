"""Rules in the database, and searches to try them on."""

from __future__ import annotations

from typing import Any

from bot.database import Actor, Database
from search_core import SearchEngine
from search_core.filters import Rule
from tests.bot.conftest import GUILD_ID
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


async def remember_searches(
    database: Database, *prompts: str, channel_id: int = 3, user_id: int = 1, first: int = 0
) -> None:
    """Have people search for these, one after the other; `first` numbers on where others have searched before."""
    for number, prompt in enumerate(prompts, start=first):
        search = saved_search(
            prompt=prompt, guild_id=GUILD_ID, channel_id=channel_id, user_id=user_id, id=f"search-{number:05d}"
        )
        await database.save_search(search)
