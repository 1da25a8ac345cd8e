"""The bot that is measured: everything but Discord itself."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from benchmarks.lines.event_loop import longest_stall
from benchmarks.room import open_room
from tests.conftest import COLLECTION


async def test_a_prompt_and_a_picture_become_messages_with_nine_pictures_each(sample_index: Path) -> None:
    picture = next(COLLECTION.rglob("*.png"))

    async with open_room(sample_index, "cpu") as room:
        await room.ask(1, "a cat")
        await room.ask(2, picture.read_bytes())

        assert room.outlet.pictures == 18


async def test_a_loop_that_stands_still_is_noticed() -> None:
    async def stands_still() -> None:
        while True:
            time.sleep(0.05)  # noqa: ASYNC251 - that is what is to be noticed
            await asyncio.sleep(0.1)

    figures = await longest_stall([stands_still], seconds=0.5)

    assert figures["value"] > 40
