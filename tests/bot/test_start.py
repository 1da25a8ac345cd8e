"""The start: online before model and index are loaded, and what can be asked in between."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio
import simcord

from bot import Settings, create_bot, patience, texts
from bot.app import load_and_follow, serve
from bot.client import VignetteClient
from bot.database import Database
from search_core import FilterSet, LoadingError, SearchEngine, StoreError
from search_core.serving import load
from tests.bot.conftest import GUILD_ID, SETTLE_SECONDS, TOKEN, World
from tests.bot.discord_standin import APPLICATION_ID, DiscordStandIn, Refusal
from tests.bot.reading import answer, posted_copy, words
from tests.conftest import ROOT

PICTURE = posted_copy()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Hold the loading back until the event is set."""
    let_go = threading.Event()

    def load_later(*arguments: Any) -> object:
        let_go.wait()
        return load(*arguments)

    monkeypatch.setattr("search_core.engine.load", load_later)
    yield let_go
    let_go.set()


@pytest_asyncio.fixture(loop_scope="session")
async def loading(settings: Settings, database: Database, held: threading.Event) -> AsyncIterator[World]:
    """The simulated server; the bot in it is online and still loads, until `held` is set."""
    engine = SearchEngine.open(settings.index, device="cpu")
    client = create_bot(settings, engine, database)
    task = asyncio.create_task(client.services.load())
    await asyncio.sleep(0)
    env = simcord.Env(client, settle_timeout=SETTLE_SECONDS)
    await env.start()
    guild = env.create_guild("Research", id=GUILD_ID)
    channel = guild.create_text_channel("pictures")
    keepers = guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
    ann = guild.add_member(env.create_user("ann"), roles=[keepers])
    await env.settle()
    yield World(env, guild, channel, ann, ann)
    held.set()
    await task
    await env.shutdown()
    await engine.close()


async def test_what_needs_no_model_is_answered_while_it_loads(loading: World) -> None:
    ann, channel = loading.ann, loading.channel

    assert "/search" in words(answer(await ann.slash(channel, "help")))
    assert words(answer(await ann.slash(channel, "settings show")))
    added = await ann.slash(channel, "filter add", kind="word", pattern="gnome", reason="a test")

    assert "gnome" in words(answer(added))
    assert not loading.client.services.engine.is_open


async def test_a_word_that_the_rules_refuse_is_refused_while_the_model_loads(loading: World) -> None:
    await loading.ann.slash(loading.channel, "filter add", kind="word", pattern="gnome", reason="a test")

    refused = await loading.ann.slash(loading.channel, "search", prompt="a gnome")

    assert answer(refused).ephemeral
    assert not loading.client.services.engine.is_open


async def test_completion_offers_nothing_while_the_model_loads(loading: World) -> None:
    assert await loading.ann.autocomplete(loading.channel, "search", "where", "la") == []


async def test_what_cannot_wait_says_that_the_model_still_loads(loading: World) -> None:
    result = await loading.ann.slash(
        loading.channel, "filter add", kind="concept", reason="a test", examples="a gnome; a dwarf", pattern="gnomes"
    )

    assert "still loading" in words(answer(result))


async def test_no_search_is_answered_by_an_engine_that_loads(settings: Settings, held: threading.Event) -> None:
    engine = SearchEngine.open(settings.index, device="cpu")
    opening = asyncio.create_task(engine.__aenter__())
    await asyncio.sleep(0)

    with pytest.raises(LoadingError, match="still loads"):
        await engine.fields(FilterSet.empty())

    held.set()
    await opening
    assert engine.is_open
    await engine.close()


async def test_loading_that_is_given_up_ends_at_once_and_those_who_wait_are_told(
    settings: Settings, database: Database, held: threading.Event
) -> None:
    client = create_bot(settings, SearchEngine.open(settings.index, device="cpu"), database)
    loading = asyncio.create_task(client.services.load())
    waiting = asyncio.create_task(client.services.ready())
    await asyncio.sleep(0)

    loading.cancel()
    outcomes = await asyncio.gather(loading, waiting, return_exceptions=True)

    assert not held.is_set()
    assert [type(outcome).__name__ for outcome in outcomes] == ["CancelledError", "ClosedError"]


async def test_an_index_that_cannot_be_loaded_takes_the_bot_offline_and_is_told(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    client = create_bot(settings, SearchEngine.open(tmp_path / "missing", device="cpu"), database)
    client.connected.set()

    with pytest.raises(StoreError, match="missing"):
        await serve(client, _until_closed(client), load_and_follow(client))

    assert client.is_closed()


async def _until_closed(client: VignetteClient) -> None:
    while not client.is_closed():  # noqa: ASYNC110 - discord.py has no event for it
        await asyncio.sleep(0.005)


# ------------------------------------------------------------- over real sockets


@asynccontextmanager
async def online(there: DiscordStandIn, client: VignetteClient, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Take a client online on the stand-in, in this process."""
    there.redirect(monkeypatch.setattr)
    async with client:
        running = asyncio.create_task(client.start(TOKEN))
        await there.heard("op 2")
        await client.wait_until_ready()
        yield
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is happening be told at once."""
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.0)


@pytest.mark.usefixtures("impatient")
async def test_a_search_waits_for_the_model_says_so_and_is_answered(
    settings: Settings, database: Database, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_bot(settings, SearchEngine.open(settings.index, device="cpu"), database)
    loading = asyncio.create_task(client.services.load())
    async with DiscordStandIn(GUILD_ID) as there, online(there, client, monkeypatch):
        token = await there.slash("search", prompt="a fish")
        first = await there.heard(f"PATCH */{token}/*")
        assert not client.services.engine.is_open

        held.set()
        second = await there.heard(f"PATCH */{token}/*", count=2)
    await loading
    await client.services.engine.close()

    assert first.body["content"] == texts.STILL_LOADING
    assert second.body["content"] is None
    assert "Results for" in str(second.body["components"])


@pytest.mark.usefixtures("impatient")
async def test_a_posted_picture_waits_for_the_model_while_the_bot_types(
    settings: Settings, database: Database, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_bot(settings, SearchEngine.open(settings.index, device="cpu"), database)
    loading = asyncio.create_task(client.services.load())
    async with DiscordStandIn(GUILD_ID) as there, online(there, client, monkeypatch):
        await there.post(f"<@{APPLICATION_ID}>", PICTURE)
        await there.heard("POST /channels/*/typing")
        assert not client.services.engine.is_open

        held.set()
        reply = await there.heard("POST /channels/*/messages")
    await loading
    await client.services.engine.close()

    assert "similar" in str(reply.body["components"])


# ------------------------------------------------------------- the bot's own process


@asynccontextmanager
async def bot_process(discord_: DiscordStandIn, index: Path, folder: Path) -> AsyncIterator[Process]:
    """Run `vignette bot` in a process of its own, on the stand-in."""
    environment = {
        **os.environ, "DISCORD_TOKEN": TOKEN, "VIGNETTE_GUILD_IDS": str(GUILD_ID), "VIGNETTE_INDEX": str(index),
        "VIGNETTE_DEVICE": "cpu", "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
    }  # fmt: skip
    command = (sys.executable, "-m", "tests.bot.discord_standin", str(discord_.port))
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def _ended(process: Process) -> tuple[int, str]:
    async with asyncio.timeout(SETTLE_SECONDS):
        _, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, errors.decode()


async def test_the_bot_is_online_before_it_loads_and_answers_when_it_has(sample_index: Path, tmp_path: Path) -> None:
    async with DiscordStandIn(GUILD_ID) as there, bot_process(there, sample_index, tmp_path) as process:
        login = await there.heard("op 2")
        assert login.body["presence"]["status"] == "idle"
        token = await there.slash("search", prompt="a fish")

        await there.heard(f"PATCH */{token}/*", lambda body: bool(body.get("components")))
        ready = await there.heard("op 3", lambda body: body["status"] == "online")
        assert ready.body["activities"][0]["state"] == texts.PRESENCE_READY

        process.send_signal(signal.SIGTERM)
        code, log = await _ended(process)

    assert code == 0
    assert log.index("commands registered") < log.index("loading model and index")
    assert there.told[-1].what == "closed"


async def test_sigterm_while_the_model_loads_leaves_in_order(sample_index: Path, tmp_path: Path) -> None:
    async with DiscordStandIn(GUILD_ID) as there, bot_process(there, sample_index, tmp_path) as process:
        await there.heard("op 2")
        token = await there.slash("search", prompt="a fish")
        await there.heard("POST /interactions/*")
        process.send_signal(signal.SIGTERM)
        code, log = await _ended(process)
        told = [each.body["content"] for each in there.told if each.what.endswith(token) and "POST" in each.what]

    assert (code, there.told[-1].what) == (0, "closed")
    assert "serving generation" not in log
    assert len(told) == 1
    assert "restarting" in told[0]


async def test_sigterm_finishes_the_answer_under_way(sample_index: Path, tmp_path: Path) -> None:
    async with DiscordStandIn(GUILD_ID) as there, bot_process(there, sample_index, tmp_path) as process:
        await there.heard("op 3", lambda body: body["status"] == "online")
        there.refuse("PATCH /webhooks/*", Refusal(429, headers={"Retry-After": "1"}, extra={"retry_after": 1.0}))
        token = await there.slash("search", prompt="a fish")
        await there.heard(f"PATCH */{token}/*")
        process.send_signal(signal.SIGTERM)
        code, _ = await _ended(process)
        answers = [each for each in there.told if token in each.what and each.what.startswith("PATCH")]

    assert code == 0
    assert len(answers) == 2
    assert there.told[-1].what == "closed"


async def test_a_second_signal_ends_it_at_once(sample_index: Path, tmp_path: Path) -> None:
    async with DiscordStandIn(GUILD_ID) as there, bot_process(there, sample_index, tmp_path) as process:
        await there.heard("op 3", lambda body: body["status"] == "online")
        there.refuse("PATCH /webhooks/*", Refusal(429, headers={"Retry-After": "600"}, extra={"retry_after": 600.0}))
        token = await there.slash("search", prompt="a fish")
        await there.heard(f"PATCH */{token}/*")
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        while b"a second signal ends it" not in await process.stderr.readline():
            pass
        process.send_signal(signal.SIGTERM)
        code, _ = await _ended(process)

    assert code == -signal.SIGTERM


async def test_an_index_that_is_missing_ends_the_bot_with_one_clear_line(tmp_path: Path) -> None:
    async with DiscordStandIn(GUILD_ID) as there, bot_process(there, tmp_path / "nowhere", tmp_path) as process:
        code, log = await _ended(process)

    assert code == 1
    assert log.splitlines()[-1].startswith("vignette: ")
    assert "nowhere" in log.splitlines()[-1]
    assert there.told[-1].what == "closed"
