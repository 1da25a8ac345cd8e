"""While an answer takes long: what the one who asked reads, and what becomes of it, over real sockets."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bot import Settings, patience, texts
from bot.database import Database
from search_core import SearchEngine
from search_core.serving import answer_batch
from tests.bot.discord_standin import ANN, ANSWER_ID, DiscordStandIn, Refusal
from tests.bot.rules import add_concept
from tests.bot.test_failures import online

EPHEMERAL = 64
QUEUED = texts.QUEUED.format(doing=texts.SEARCHING, others="2 others")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Hold the engine's worker back until the event is set, and let what is happening be told at once and often."""
    let_go = threading.Event()

    def answer_later(*arguments: Any) -> None:
        let_go.wait()
        answer_batch(*arguments)

    monkeypatch.setattr("search_core.engine.answer_batch", answer_later)
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(patience, "AGAIN_SECONDS", 0.05)
    yield let_go
    let_go.set()


async def test_who_waits_in_a_queue_reads_how_many_others_do_and_is_answered(
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    held: threading.Event,
) -> None:
    async with online(settings, engine, database, monkeypatch) as there:
        tokens = [await there.slash("search", prompt=prompt) for prompt in ("a fish", "a ship", "a guitar")]
        for token in tokens:
            await there.heard(f"PATCH */{token}/*", lambda body: body.get("content") == QUEUED)

        held.set()
        for token in tokens:
            found = await there.heard(f"PATCH */{token}/*", lambda body: bool(body.get("components")))
            assert found.body["content"] is None
            assert "Results for" in str(found.body["components"])


async def test_a_public_note_is_taken_back_when_the_search_is_refused_and_why_is_told_in_private(
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    held: threading.Event,
) -> None:
    await _refuse_skulls(database, engine, held)
    async with online(settings, engine, database, monkeypatch) as there:
        token = await there.slash("search", prompt="a skull")
        note = await there.heard(f"PATCH */{token}/*")
        held.set()
        await there.heard(f"DELETE */{token}/*")
        told = await there.heard(f"POST /webhooks/*/{token}")
        said = [str(each.body) for each in there.told if token in each.what]

    assert note.body["content"] == texts.SEARCHING
    assert told.body["flags"] & EPHEMERAL
    assert "do not allow" in told.body["content"]
    assert "skull" not in " ".join(said)


async def _refuse_skulls(database: Database, engine: SearchEngine, held: threading.Event) -> None:
    held.set()
    await add_concept(database, engine, "death", "a skull")
    held.clear()


async def test_who_finds_the_queue_full_is_told_and_those_who_wait_are_answered(
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    held: threading.Event,
) -> None:
    monkeypatch.setattr(engine, "_max_queue", 1)
    async with online(settings, engine, database, monkeypatch) as there:
        first = await there.slash("search", prompt="a fish")
        await there.heard(f"PATCH */{first}/*", lambda body: body.get("content") == texts.SEARCHING)
        while not engine.waiting:  # noqa: ASYNC110 - the engine has no event for it
            await asyncio.sleep(0.005)
        second = await there.slash("search", prompt="a ship")
        told = await there.heard(f"POST /webhooks/*/{second}")
        held.set()
        found = await there.heard(f"PATCH */{first}/*", lambda body: bool(body.get("components")))

    assert texts.BUSY in told.body["content"]
    assert told.body["flags"] & EPHEMERAL
    assert "Results for" in str(found.body["components"])


async def _lets_one_search_through(there: DiscordStandIn, held: threading.Event, name: str, **options: str) -> str:
    """The custom ids of an answer that nothing held back."""
    held.set()
    token = await there.slash(name, **options)
    found = await there.heard(f"PATCH */{token}/*", lambda body: bool(body.get("components")))
    held.clear()
    return str(found.body["components"])


@pytest.mark.parametrize(
    ("name", "options", "button", "doing"),
    [
        ("search", {"prompt": "a fish"}, r"vignette:next:[\w-]+:1", texts.TURNING),
        ("search", {"prompt": "quarterly revenue forecast"}, r"vignette:nearest:[\w-]+:0", texts.SEARCHING),
        ("random", {}, r"vignette:again:[\w-]+", texts.DRAWING_LOTS),
    ],
)
async def test_while_a_page_turns_slowly_who_pressed_reads_so_beside_it_until_it_is_there(
    name: str,
    options: dict[str, str],
    button: str,
    doing: str,
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    held: threading.Event,
) -> None:
    async with online(settings, engine, database, monkeypatch) as there:
        pressed = re.search(button, await _lets_one_search_through(there, held, name, **options))
        assert pressed is not None
        await there.slash("search", prompt="a ship")  # the engine's worker is busy with this one
        while not engine.waiting:  # noqa: ASYNC110 - the engine has no event for it
            await asyncio.sleep(0.005)

        [token] = await there.press((ANN, pressed[0]), message_id=ANSWER_ID)
        note = await there.heard(f"POST /webhooks/*/{token}")
        held.set()
        await there.heard(f"DELETE /webhooks/*/{token}/messages/{ANSWER_ID}")
        said = [each for each in there.told if f"/{token}" in each.what and each.what.startswith(("PATCH", "DELETE"))]

    assert note.body["content"].startswith(doing)
    assert note.body["flags"] & EPHEMERAL, "the pictures stay in view, and nobody else is disturbed"
    pages = [each for each in said if "@original" in each.what]
    assert [each.what.split()[0] for each in said][-1] == "DELETE"
    assert len(pages) == 1
    assert pages[0].body["components"]


async def test_a_page_that_cannot_be_turned_leaves_no_word_that_it_is_being_turned(
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    held: threading.Event,
) -> None:
    async with online(settings, engine, database, monkeypatch) as there:
        pressed = re.search(
            r"vignette:next:[\w-]+:1", await _lets_one_search_through(there, held, "search", prompt="a fish")
        )
        assert pressed is not None
        there.refuse("PATCH /webhooks/*", Refusal(404, 10008))

        [token] = await there.press((ANN, pressed[0]), message_id=ANSWER_ID)
        await there.heard(f"POST /webhooks/*/{token}")
        held.set()
        await there.heard(f"DELETE /webhooks/*/{token}/messages/{ANSWER_ID}")
        told = await there.heard(f"POST /webhooks/*/{token}", lambda body: "(error " in body["content"])

    assert texts.DISCORD_FAILED in told.body["content"]


@pytest.mark.parametrize(
    ("name", "inside", "doing"),
    [
        ("saved", "list", texts.LOOKING_UP),
        ("history", "show", texts.LOOKING_UP),
        ("history", "off", texts.ONE_MOMENT),
        ("privacy", "show", texts.LOOKING_UP),
        ("about", "", texts.LOOKING_UP),
    ],
)
async def test_who_looks_up_their_own_things_reads_so_while_the_database_is_slow(
    name: str,
    inside: str,
    doing: str,
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    held: threading.Event,
) -> None:
    """Here the patience is at its end at once, so that the words come however fast the database is."""
    async with online(settings, engine, database, monkeypatch) as there:
        token = await there.slash(name, inside)
        told = await there.heard(f"PATCH */{token}/*", lambda body: body.get("content") == doing)
        await there.heard(f"PATCH */{token}/*", lambda body: body.get("content") != doing)

    assert told.body["content"] == doing
