"""The composition root: signals, the order of opening and closing, and errors at the start."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot import Settings, create_bot
from bot.app import serve
from search_core import SettingsError, StoreError
from tests.bot.conftest import NewClient


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains_and_closes_the_client(new_client: NewClient, number: signal.Signals) -> None:
    client = new_client()
    finished: list[str] = []

    async def run_until_closed() -> None:
        while not client.is_closed():  # noqa: ASYNC110 - discord.py has no event for it
            await asyncio.sleep(0.005)

    async def answer_slowly() -> None:
        with client.services.work.request():
            os.kill(os.getpid(), number)
            await asyncio.sleep(0.05)
            finished.append("answered" if not client.is_closed() else "cut off")

    under_way = asyncio.create_task(answer_slowly())
    async with asyncio.timeout(5):
        await serve(client, run_until_closed())
        await under_way

    assert client.is_closed()
    assert finished == ["answered"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (discord.LoginFailure("401"), "Discord refused the token"),
        (discord.PrivilegedIntentsRequired(None), "Discord refused the intents"),
    ],
)
async def test_what_discord_refuses_at_login_is_told_with_what_to_do(
    new_client: NewClient, error: Exception, told: str
) -> None:
    async def refuse() -> None:
        raise error

    with pytest.raises(SettingsError, match=told):
        await serve(new_client(), refuse())


async def test_the_services_open_and_close_database_and_engine(settings: Settings, tmp_path: Path) -> None:
    client = create_bot(replace(settings, database_url=f"sqlite+aiosqlite:///{tmp_path / 'own.db'}", device="cpu"))

    async with client.services as services:
        assert services.engine.manifest.rows > 0
        assert await services.database.read_note("anything") is None

    assert (tmp_path / "own.db").exists()


async def test_an_index_that_is_not_there_is_one_clear_error(settings: Settings, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'own.db'}"
    client = create_bot(replace(settings, index=tmp_path / "missing", database_url=url))

    with pytest.raises(StoreError, match="missing"):
        async with client.services:
            pass
