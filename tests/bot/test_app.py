"""The composition root: signals, the order of opening and closing, and errors at the start."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot import Settings, create_bot
from bot.app import follow_index, serve
from search_core import SearchEngine, StoreError, VignetteError
from search_core.build import remove_from_index
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
        (discord.PrivilegedIntentsRequired(None), "does not give this application the message-content intent"),
        (OSError("no route"), "Discord cannot be reached: no route"),
    ],
)
async def test_what_discord_refuses_at_login_is_told_with_what_to_do(
    new_client: NewClient, error: Exception, told: str
) -> None:
    async def refuse() -> None:
        raise error

    with pytest.raises(VignetteError, match=told):
        await serve(new_client(), refuse())


async def test_the_services_open_and_close_database_and_engine(settings: Settings, tmp_path: Path) -> None:
    client = create_bot(replace(settings, database_url=f"sqlite+aiosqlite:///{tmp_path / 'own.db'}", device="cpu"))

    async with client.services as services:
        await services.load()
        assert services.engine.manifest.rows > 0
        assert await services.database.read_note("anything") is None

    assert (tmp_path / "own.db").exists()


async def test_an_index_that_is_not_there_is_one_clear_error(settings: Settings, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'own.db'}"
    client = create_bot(replace(settings, index=tmp_path / "missing", database_url=url))

    with pytest.raises(StoreError, match="missing"):
        async with client.services:
            await client.services.load()


async def test_a_changed_index_is_served_without_a_restart_and_a_damaged_one_is_told(
    sample_index: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    directory = Path(shutil.copytree(sample_index, tmp_path / "index"))
    async with SearchEngine.open(directory, device="cpu") as engine:
        before = engine.generation
        following = asyncio.create_task(follow_index(engine, seconds=0.02))

        await asyncio.to_thread(remove_from_index, "label=tools", directory, progress=False)
        await _until(lambda: engine.generation != before)
        assert f"serving generation {engine.generation}" in caplog.text

        await asyncio.to_thread((directory / "CURRENT").write_text, "generation-999999")
        await _until(lambda: "cannot be served" in caplog.text)
        assert engine.manifest.rows > 0
        assert not following.done()
        following.cancel()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in another thread
            await asyncio.sleep(0.02)
