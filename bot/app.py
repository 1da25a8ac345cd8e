"""The composition root: settings, database, engine and client are joined here and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

import discord

from bot.access import Access, RateLimiter
from bot.browsing import Browsing
from bot.client import VignetteClient
from bot.database import Database
from bot.desk import Desk
from bot.keeping.shelf import Shelf
from bot.moderation.book import RuleBook
from bot.moderation.hiding import Hiding
from bot.moderation.refusals import Refusals
from bot.moderation.reports import Reports
from bot.services import Services
from bot.settings import INTENT_MISSING
from search_core import SearchEngine, SettingsError, VignetteError

if TYPE_CHECKING:
    from bot.settings import Settings

logger = logging.getLogger(__name__)

FOLLOW_SECONDS = 15.0
"""How soon a rebuilt index is served; a look costs reading two small files."""


def create_bot(
    settings: Settings, engine: SearchEngine | None = None, database: Database | None = None
) -> VignetteClient:
    """Make the client, unstarted and unconnected, ready for `start(token)` or for a simulator.

    Args:
        settings: what the bot needs to know.
        engine: a search engine to use; None makes one from the settings.
        database: a database to use; None makes one from the settings.

    Returns:
        A client whose `services` the caller opens (`async with client.services`) before it starts it, unless
        engine and database were passed in open.

    Raises:
        SettingsError: if no server is allowed, or the database URL cannot be used.
    """
    if not settings.guild_ids:
        raise SettingsError("VIGNETTE_GUILD_IDS is empty. Name the servers to serve; the bot leaves all others.")
    engine = engine or SearchEngine.open(settings.index, settings.model, settings.device, settings.max_queue)
    database = database or Database(settings.database_url)
    book = RuleBook(database, engine)
    access = Access(settings.guild_ids, RateLimiter(settings.searches_per_minute), book, database)
    refusals = Refusals(database)
    desk = Desk(engine, database, book, refusals)
    reports, hiding = Reports(engine, database, desk), Hiding(engine, database, book)
    browsing, shelf = Browsing(engine, database, book, refusals), Shelf(engine, database, desk, book)
    client = VignetteClient(
        Services(engine, database, access, desk, book, reports, hiding, browsing, shelf), watch=settings.watch
    )
    refusals.tell = client.notices.refused
    return client


def run_bot(settings: Settings) -> None:
    """Run the bot until it is told to stop by SIGTERM or Ctrl-C.

    Raises:
        VignetteError: if something is missing or does not fit; the message says what to do.
    """
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    client = create_bot(settings)
    logger.info("loading the index %s", settings.index)
    async with client.services, client:
        following = asyncio.create_task(follow_index(client.services.engine))
        try:
            await serve(client, client.start(settings.token))
        finally:
            following.cancel()


async def follow_index(engine: SearchEngine, seconds: float = FOLLOW_SECONDS) -> None:
    """Take over each new generation of the index directory, until cancelled. A damaged one is logged and left alone.

    Args:
        engine: an open engine.
        seconds: how long to wait between two looks.
    """
    while True:
        await asyncio.sleep(seconds)
        try:
            if await engine.reload():
                logger.info("serving generation %s with %d pictures", engine.generation, engine.manifest.rows)
        except VignetteError as error:
            logger.warning("the new generation of the index cannot be served: %s", error)


async def serve(client: VignetteClient, running: Coroutine[Any, Any, None]) -> None:
    """Run a client until it ends or a signal asks it to leave; then drain and close it.

    Args:
        client: the client.
        running: what runs it, usually `client.start(token)`.

    Raises:
        SettingsError: if Discord refuses the token.
    """
    runner = asyncio.ensure_future(running)
    with _signals() as asked_to_leave:
        leaving = asyncio.ensure_future(asked_to_leave.wait())
        await asyncio.wait({runner, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if not runner.done():
            logger.info("asked to stop: finishing what is under way")
            await client.leave_in_order()
    with _clear_login_error():
        await runner


@contextlib.contextmanager
def _signals() -> Iterator[asyncio.Event]:
    """Turn SIGTERM and Ctrl-C into an event. discord.py handles no SIGTERM: a stopped service would cut answers off."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C raises there
        for number in numbers:
            loop.add_signal_handler(number, event.set)
    try:
        yield event
    finally:
        with contextlib.suppress(NotImplementedError):
            for number in numbers:
                loop.remove_signal_handler(number)


@contextlib.contextmanager
def _clear_login_error() -> Iterator[None]:
    try:
        yield
    except discord.LoginFailure:
        raise SettingsError("Discord refused the token. Reset it in the portal and set DISCORD_TOKEN.") from None
    except discord.PrivilegedIntentsRequired:
        raise SettingsError(INTENT_MISSING) from None
    except (OSError, discord.HTTPException, discord.GatewayNotFound) as error:
        raise VignetteError(
            f"Discord cannot be reached: {error}. Is the network up? Try: vignette doctor --online"
        ) from error
