"""The bot without Discord: everything from the door to a message that is ready to be sent, and nobody to send it to."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import discord

    from bot.reply import Reply
    from bot.services import Services

GUILD_ID, CHANNEL_ID = 1_200_000_000_000_000_001, 1_200_000_000_000_000_002
TOKEN = "not.a.token"
PER_MINUTE = 10**6
"""Requests of one person, and of the server: nobody is held up here."""


class Nowhere:
    """Takes a message that is ready to be sent, and counts its pictures."""

    file_limit = 10 * 1024 * 1024

    def __init__(self) -> None:
        self.pictures = 0

    async def send_layout(self, view: discord.ui.LayoutView, files: list[discord.File]) -> None:
        """What Discord would get: components as JSON, and files."""
        view.to_components()  # type: ignore[no-untyped-call]
        self.pictures += len(files)

    async def send_plain(self, words: discord.Embed, view: discord.ui.View, files: list[discord.File]) -> None:
        """Never needed: nothing refuses the first form."""
        raise AssertionError("The layout was refused.")


@dataclass(frozen=True, slots=True)
class Room:
    """The running bot, and where its messages go."""

    services: Services
    outlet: Nowhere

    async def ask(self, user_id: int, question: str | bytes) -> None:
        """Answer one person's prompt or posted picture."""
        from bot.access import Visitor
        from bot.delivery import deliver
        from bot.question import Question

        standing = await self.services.access.admit(Visitor(user_id, GUILD_ID, CHANNEL_ID))
        desk = self.services.desk
        reply: Reply
        if isinstance(question, str):
            await desk.check(standing, Question(question))
            reply = await desk.ask_text(standing, question)
        else:
            reply = await desk.ask_picture(standing, question)
        await deliver(self.outlet, reply)


@asynccontextmanager
async def open_room(index: Path, device: str) -> AsyncIterator[Room]:
    """Start the bot's parts on an index directory, with a database on disk, and wait until the model is loaded."""
    from bot import Settings, create_bot

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            TOKEN,
            frozenset({GUILD_ID}),
            index,
            f"sqlite:///{Path(folder) / 'bot.db'}",
            device,
            searches_per_minute=PER_MINUTE,
            server_searches_per_minute=PER_MINUTE,
        )
        async with create_bot(settings).services as services:
            await services.load()
            yield Room(services, Nowhere())
