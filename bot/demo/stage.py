"""The stage: the sample index is built (or found), the client runs on a simulated Discord, the story is played."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.app import create_bot
from bot.demo.browser import find_browser, photograph
from bot.demo.page import render
from bot.demo.story import Story
from bot.settings import Settings
from search_core import SourceError, VignetteError, build_index
from search_core.naming import Naming, write_naming

if TYPE_CHECKING:
    from bot.client import VignetteClient

GUILD_ID = 1_100_000_000_000_000_001
"""The one server that the simulated bot serves."""

BOT_NAME = "Vignette"
_SIMULATION: Mapping[str, Any] = {"strict_sync": False, "settle_timeout": 60.0}
"""A stranger's server has no commands registered, and is to ask all the same. A busy machine may take its time."""

SAMPLE = Naming(
    "Drawings of the Open Clip Art Library, a sample",
    "Open Clip Art Library, release 0.18, in the public domain",
    "https://openclipart.org/",
)

CHAT_PAGE = "chat.html"
CHAT_PICTURE = "chat.png"
_TITLE = "Vignette on a simulated Discord"


@dataclass(frozen=True, slots=True)
class Demo:
    """What a demonstration needs.

    Attributes:
        out: where the replies are written.
        sample: the folder with `collection/` and `model/`; None looks in the checkout.
        cache: where the index is kept for the next time.
        serve: whether to serve the chat page afterwards, until Ctrl-C.
    """

    out: Path
    sample: Path | None = None
    cache: Path = Path(".demo")
    serve: bool = False


def run_demo(demo: Demo) -> int:
    """Build, play, write, and perhaps serve.

    Returns:
        0, or 1 if any step of the story went wrong.

    Raises:
        VignetteError: if the sample or the simulator is missing.
    """
    sample = find_sample(demo.sample)
    index = demo.cache / "index"
    print(f"The sample collection, {sample / 'collection'}, becomes an index in {index}:", flush=True)
    build_index(sample / "collection", index, model=str(sample / "model"))
    write_naming(index, SAMPLE)
    for name in ("bot", "discord"):  # what goes wrong on purpose here is told by the story
        logging.getLogger(name).setLevel(logging.ERROR)
    demo.out.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_perform(demo, sample, index))


def find_sample(given: Path | None) -> Path:
    """Find the folder with the sample collection and the sample model.

    Raises:
        SourceError: saying where it was looked for.
    """
    places = [given] if given is not None else [Path(__file__).resolve().parents[2] / "sample", Path("sample")]
    for place in places:
        if (place / "collection").is_dir() and (place / "model").is_dir():
            return place
    looked = " and ".join(str(place) for place in places)
    raise SourceError(
        f"There is no sample in {looked}: it needs the folders collection/ and model/. "
        "Run the demo in a checkout of Vignette, or name the folder with --sample."
    )


async def _perform(demo: Demo, sample: Path, index: Path) -> int:
    try:
        import simcord
    except ImportError as error:
        raise VignetteError("The demo needs the simulated Discord: pip install 'vignette[demo]'.") from error
    with tempfile.TemporaryDirectory(prefix="vignette-demo-") as folder:
        database = f"sqlite+aiosqlite:///{Path(folder) / 'demo.db'}"
        settings = Settings(
            "simulated",
            frozenset({GUILD_ID}),
            index,
            database,
            searches_per_minute=100,
            server_searches_per_minute=1_000,
        )
        client = create_bot(settings)
        async with client.services as services:
            await services.load()
            async with simcord.run(client, **_SIMULATION) as env:
                await _name_the_bot(client)
                story = Story(env, services, lambda: create_bot(settings, services.engine, services.database), demo.out)
                await story.play(GUILD_ID, sample / "collection")
                await _write(demo, story)
                if demo.serve:
                    await _serve(story)
    return story.exit_code


async def _name_the_bot(client: VignetteClient) -> None:
    if client.user is not None:
        await client.user.edit(username=BOT_NAME)


async def _write(demo: Demo, story: Story) -> None:
    page = demo.out / CHAT_PAGE
    page.write_text(render(_TITLE, story.chat, story.bot_name), encoding="utf-8")
    print(f"\nThe chat as a page: {page}")
    browser = find_browser()
    if browser is None:
        print("No Chromium is installed here, so there is no photograph of it.")
    elif await asyncio.to_thread(photograph, browser, page.resolve().as_uri(), demo.out / CHAT_PICTURE):
        print(f"A photograph of it:  {demo.out / CHAT_PICTURE}")
    else:
        print(f"{browser} made no photograph of it.")


async def _serve(story: Story) -> None:
    async with story.preview() as preview:
        print(f"\nThe live chat, until Ctrl-C: {preview.url}", flush=True)
        try:
            await preview.wait_closed()
        except asyncio.CancelledError:
            print("\nStopped.")
