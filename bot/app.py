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

HEAD_START_SECONDS = 5.0
"""How long loading waits for the client to be online. Its imports hold Python's lock so much that a login beside them
took a second longer. Where Discord is slow to answer, loading need not wait."""


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
    person, server = RateLimiter(settings.searches_per_minute), RateLimiter(settings.server_searches_per_minute)
    access = Access(settings.guild_ids, person, server, book, database)
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
    async with client.services, client:
        await serve(client, client.start(settings.token), load_and_follow(client))


async def load_and_follow(client: VignetteClient) -> None:
    """Load model and index while the client goes online, say so there, and follow the index until cancelled.

    Raises:
        StoreError, ManifestMismatch, EncoderError: if they cannot be loaded.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(HEAD_START_SECONDS):
            await client.connected.wait()
    logger.info("loading model and index")
    await client.services.load()
    engine = client.services.engine
    logger.info("serving generation %s with %d pictures", engine.generation, engine.manifest.rows)
    await client.show_presence()
    await follow_index(engine)


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


async def serve(
    client: VignetteClient, running: Coroutine[Any, Any, None], working: Coroutine[Any, Any, None] | None = None
) -> None:
    """Run a client until it ends, its work fails, or a signal asks it to leave; then drain and close it.

    Args:
        client: the client.
        running: what runs it, usually `client.start(token)`.
        working: what runs beside it until it is cancelled, usually `load_and_follow(client)`.

    Raises:
        SettingsError: if Discord refuses the token.
        VignetteError: whatever `working` raises.
    """
    runner, worker = asyncio.ensure_future(running), asyncio.ensure_future(working or _nothing())
    try:
        with _signals() as asked_to_leave:
            leaving = asyncio.ensure_future(asked_to_leave.wait())
            await asyncio.wait({runner, worker, leaving}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            if not runner.done():
                logger.info("stopping: what is under way is finished; a second signal ends it at once")
                await _leave(client, worker)
                await _cancelled(runner)
            elif not runner.cancelled():
                with _clear_login_error():
                    runner.result()
        if worker.done() and not worker.cancelled():
            worker.result()
    finally:
        await _cancelled(runner)
        await _cancelled(worker)


async def _nothing() -> None:
    """Work that neither does anything nor ends."""
    await asyncio.get_running_loop().create_future()


async def _leave(client: VignetteClient, worker: asyncio.Future[None]) -> None:
    """Take the client offline in order. What still loads is given up first, for answers may wait for it."""
    client.services.work.close()
    if not client.services.engine.is_open:
        await _cancelled(worker)
    await client.leave_in_order()


async def _cancelled(task: asyncio.Future[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


@contextlib.contextmanager
def _signals() -> Iterator[asyncio.Event]:
    """Turn SIGTERM and Ctrl-C into an event, and a second one into the end of the process.

    discord.py handles no SIGTERM: a stopped service would cut answers off.
    """
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def ask_to_leave() -> None:
        event.set()
        for number in before:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C raises there
        for number in before:
            loop.add_signal_handler(number, ask_to_leave)
    try:
        yield event
    finally:
        for number, handler in before.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


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
