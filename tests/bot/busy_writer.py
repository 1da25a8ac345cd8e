"""Run as a program: adds rules to a server, one change each, as a second bot or an operator at the terminal does.

python -m tests.bot.busy_writer URL GUILD COUNT
"""

from __future__ import annotations

import asyncio
import sys

from bot.database import Actor, Database
from search_core.filters.rules import Rule


async def main(url: str, guild: int, count: int) -> None:
    async with Database(url) as database:
        print("ready", flush=True)
        for number in range(count):
            await database.add_rules(guild, [Rule.of("word", f"theirs {number}")], Actor(0, "terminal"))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
