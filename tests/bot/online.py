"""The real bot, in this process, online on a stand-in for Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot import Settings, create_bot
from bot.database import Database
from search_core import SearchEngine
from tests.bot.conftest import GUILD_ID, TOKEN
from tests.bot.discord_standin import DiscordStandIn


@asynccontextmanager
async def online(
    settings: Settings, engine: SearchEngine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DiscordStandIn]:
    """The bot between its start and its leave; it is ready when this is entered."""
    client = create_bot(settings, engine, database)
    async with DiscordStandIn(GUILD_ID) as there:
        there.redirect(monkeypatch.setattr)
        async with client:
            running = asyncio.create_task(client.start(TOKEN))
            await there.heard("op 2")
            await client.wait_until_ready()
            yield there
            await client.leave_in_order()
        await asyncio.gather(running, return_exceptions=True)
