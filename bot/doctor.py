"""`vignette doctor`: what is missing or wrong before the bot can start, and what to do about it.

How to add a check: a function that returns what it found, or raises a `VignetteError` that says what to do; and
a line in `_checks`.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import INTENT_MISSING, load_settings
from search_core import SearchEngine, SettingsError, VignetteError
from search_core.describe import counted

if TYPE_CHECKING:
    from bot.settings import Settings

OLDEST_PYTHON = (3, 11)
PACKAGES = ("discord.py", "torch", "sentence-transformers", "datasets", "pillow", "SQLAlchemy", "alembic")

ONLINE_SECONDS = 20.0
"""Discord answers a login within one; a firewall that swallows packets would hold us for minutes."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at.

    Attributes:
        name: what is looked at.
        run: says what it found; raises a `VignetteError` that says what to do.
    """

    name: str
    run: Callable[[], Awaitable[str]]


def run_doctor(environment: Mapping[str, str], *, online: bool = False, env_file: Path = Path(".env")) -> int:
    """Look at everything, print what was found, and return 0, or 1 if anything is wrong."""
    return asyncio.run(_examine(environment, env_file, online=online))


async def _examine(environment: Mapping[str, str], env_file: Path, *, online: bool) -> int:
    wrong = [not await _passes(check) for check in (Check("Python", _python), Check("packages", _packages))]
    try:
        settings = load_settings(environment, env_file)
    except SettingsError as error:
        _print("settings", str(error), ok=False)
        return 1
    _print("settings", f"complete; servers served: {len(settings.guild_ids)}", ok=True)
    wrong += [not await _passes(check) for check in _checks(settings, online=online)]
    print("\nSomething has to be done first, see above." if any(wrong) else "\nAll is well: vignette bot")
    return 1 if any(wrong) else 0


def _checks(settings: Settings, *, online: bool) -> list[Check]:
    checks = [
        Check("database", lambda: _database(settings)),
        Check("index and model", lambda: _index(settings)),
        Check("GPU", lambda: _gpu(settings)),
        Check("rate limits", lambda: _limits(settings)),
        Check("watching", lambda: _watching(settings)),
    ]
    return [*checks, Check("Discord", lambda: _discord(settings))] if online else checks


async def _passes(check: Check) -> bool:
    try:
        _print(check.name, await check.run(), ok=True)
    except VignetteError as error:
        _print(check.name, str(error), ok=False)
        return False
    return True


def _print(name: str, words: str, *, ok: bool) -> None:
    print(f"{'ok   ' if ok else 'WRONG'} {name}: {words}", flush=True)


async def _python() -> str:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        raise SettingsError(f"{found} is too old; Vignette needs {'.'.join(map(str, OLDEST_PYTHON))} or newer.")
    return found


async def _packages() -> str:
    found = {name: _version(name) for name in PACKAGES}
    missing = [name for name, number in found.items() if number is None]
    if importlib.util.find_spec("faiss") is None:
        missing.append("faiss-cpu (or faiss-gpu)")
    if missing:
        raise SettingsError(f"missing: {', '.join(missing)}. Run: pip install 'vignette[cpu]' (or vignette[gpu]).")
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


async def _database(settings: Settings) -> str:
    from bot.database import Database

    async with Database(settings.database_url) as database:
        await database.write_note("doctor", "was here")
        step = await database.migration()
    return f"opens, and can be written; migrations are at {step}, the newest"


async def _index(settings: Settings) -> str:
    engine = SearchEngine.open(settings.index, settings.model, settings.device, settings.max_queue)
    async with engine:
        manifest = engine.manifest
    return (
        f"{counted(manifest.rows, 'picture')} from {manifest.source}; the model {manifest.encoder.model} loads and fits"
    )


async def _gpu(settings: Settings) -> str:
    import faiss
    import torch

    seen = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    if settings.device == "cuda" and seen is None:
        raise SettingsError("VIGNETTE_DEVICE is cuda, but torch sees no GPU. Set it to auto, or install a CUDA torch.")
    searches_there = seen is not None and hasattr(faiss, "StandardGpuResources")
    where = "model and search" if searches_there else "the model"
    return f"{seen}, for {where}" if seen else "none; the CPU does the work"


async def _limits(settings: Settings) -> str:
    person, server = settings.searches_per_minute, settings.server_searches_per_minute
    found = f"{person} requests a minute for one person, {server} for a server"
    if server > person:
        return found
    return f"{found}; one person alone can use that up: raise VIGNETTE_SERVER_SEARCHES_PER_MINUTE"


async def _watching(settings: Settings) -> str:
    if settings.watch:
        return (
            "on, where /settings channel watch says so; needs Message Content Intent in the developer portal, page Bot"
        )
    return (
        "off: posted pictures are answered when somebody asks. To watch channels, switch Message Content Intent on in "
        "the developer portal (your application, page Bot) and set VIGNETTE_WATCH=1"
    )


async def _discord(settings: Settings) -> str:
    import discord

    client = discord.Client(intents=discord.Intents.none())
    try:
        async with asyncio.timeout(ONLINE_SECONDS), client:
            await client.login(settings.token)
            if settings.watch:
                await _check_intent(client)
            return await _seen_servers(client, settings)
    except discord.LoginFailure:
        raise SettingsError("the token is refused. Reset it in the developer portal and set DISCORD_TOKEN.") from None
    except (TimeoutError, OSError, discord.HTTPException) as error:
        raise SettingsError(f"cannot be reached ({type(error).__name__}). Check the network, or try later.") from error


async def _check_intent(client: object) -> None:
    import discord

    assert isinstance(client, discord.Client)
    flags = (await client.application_info()).flags
    if not (flags.gateway_message_content or flags.gateway_message_content_limited):
        raise SettingsError(INTENT_MISSING)


async def _seen_servers(client: object, settings: Settings) -> str:
    import discord

    assert isinstance(client, discord.Client)
    name = client.user.name if client.user else "the bot"
    seen = {guild.id async for guild in client.fetch_guilds(limit=200)}
    if missing := settings.guild_ids - seen:
        raise SettingsError(
            f"{name} is not in the servers {', '.join(map(str, sorted(missing)))}. "
            "Open the install link (README) as somebody who manages that server."
        )
    return f"logged in as {name}; it is in all {len(settings.guild_ids)} servers"
