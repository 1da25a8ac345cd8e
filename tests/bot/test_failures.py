"""What Discord does not take: one clear line for the user or the log, and the next command works."""

from __future__ import annotations

import logging
import re

import discord
import pytest

from bot import Settings, texts
from bot.database import Database
from search_core import SearchEngine
from tests.bot.discord_standin import ANN, ANSWER_ID, APPLICATION_ID, CHANNEL_ID, DiscordStandIn, Refusal
from tests.bot.online import online
from tests.bot.reading import posted_copy

PROMPT = "a fish"
CALLBACK, ANSWER, REPLY = "POST /interactions/*", "PATCH /webhooks/*", "POST /channels/*/messages"


async def answered(there: DiscordStandIn) -> bool:
    """Whether the next search is answered with pictures."""
    token = await there.slash("search", prompt=PROMPT)
    await there.heard(f"PATCH */{token}/*", lambda body: bool(body.get("components")))
    return True


@pytest.mark.parametrize(
    ("call", "refusals", "logged", "told"),
    [
        (CALLBACK, [Refusal(404, 10062)], "status=404 code=10062", None),
        (ANSWER, [Refusal(403, 50013)], "status=403 code=50013", "I lack a permission"),
        (ANSWER, [Refusal(404, 10008)], "status=404 code=10008", "Discord did not take the answer"),
        (ANSWER, [Refusal(400, 50035)] * 2, "status=400 code=50035", "Discord did not take the answer"),
        (ANSWER, [Refusal(429)], "status=429 code=0", "Discord did not take the answer"),
        (ANSWER, [Refusal(403, 50013)] * 2, "status=403 code=50013", "Discord did not take the answer"),
    ],
    ids=[
        "unknown interaction",
        "permission missing",
        "message deleted",
        "refused in either form",
        "too many requests",
        "permission missing for taking it back too",
    ],
)
async def test_a_search_that_discord_refuses_is_one_clear_line_and_the_next_one_works(
    call: str,
    refusals: list[Refusal],
    logged: str,
    told: str | None,
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "bot")
    async with online(settings, engine, database, monkeypatch) as there:
        there.refuse(call, *refusals)
        token = await there.slash("search", prompt=PROMPT)
        await there.heard(CALLBACK)  # the refusal is for this one: calls of two searches may arrive in either order
        if told is not None:
            words = await there.heard(f"POST /webhooks/*/{token}")
            assert told in words.body["content"]
            assert words.body["flags"] & 64, "for the one who asked alone"
        assert await answered(there)

    lines = [record.getMessage() for record in caplog.records if "error=" in record.getMessage()]
    assert len(lines) == 1
    assert logged in lines[0]
    assert PROMPT not in caplog.text


async def test_a_token_that_has_expired_is_told_to_the_log_alone(
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with online(settings, engine, database, monkeypatch) as there:
        expired = Refusal(401, 50027)
        for call in (ANSWER, "GET /webhooks/*", "POST /webhooks/*"):
            there.refuse(call, expired)
        await there.slash("search", prompt=PROMPT)
        await there.heard("POST /webhooks/*")
        there.refusals.clear()
        assert await answered(there)

    assert "status=401 code=50027" in caplog.text
    assert "the user could not be told" in caplog.text


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(429, 0, {"Via": "1.1 google"}, {"retry_after": 0.1, "global": False}),
        Refusal(503),
    ],
    ids=["too many requests", "out of order for a moment"],
)
async def test_what_passes_is_tried_again_and_answered(
    refusal: Refusal,
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with online(settings, engine, database, monkeypatch) as there:
        there.refuse(ANSWER, refusal)
        token = await there.slash("search", prompt=PROMPT)
        first, second = [await there.heard(f"PATCH */{token}/*", count=count) for count in (1, 2)]

        assert "Results for" in str(second.body)
        assert await answered(there)
    assert first.what == second.what


async def test_a_picture_whose_link_has_expired_is_told_and_the_next_command_works(
    settings: Settings, engine: SearchEngine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with online(settings, engine, database, monkeypatch) as there:
        await there.post(f"<@{APPLICATION_ID}>", posted_copy(), expired=True)
        reply = await there.heard(REPLY)

        assert reply.body["content"].startswith(texts.DOWNLOAD_FAILED)
        assert await answered(there)


@pytest.mark.parametrize(
    ("denied", "missing"),
    [
        (discord.Permissions(send_messages=True), "Send Messages"),
        (discord.Permissions(attach_files=True, embed_links=True), "Embed Links, Attach Files"),
        (discord.Permissions(view_channel=True), "View Channel"),
        (discord.Permissions.none(), "none that I know of"),
    ],
)
async def test_a_channel_that_the_bot_may_not_write_to_is_one_line_with_the_permission_that_is_missing(
    denied: discord.Permissions,
    missing: str,
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(DiscordStandIn, "denied", denied.value)
    async with online(settings, engine, database, monkeypatch) as there:
        there.refuse(REPLY, Refusal(403, 50013), Refusal(403, 50013))
        await there.post(f"<@{APPLICATION_ID}>", posted_copy())
        await there.heard(REPLY, count=2)
        assert await answered(there)

    [line] = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert f"channel={CHANNEL_ID}" in line
    assert f"missing='{missing}'" in line
    assert "status=403 code=50013" in line


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (Refusal(404, 10008), None),
        (Refusal(403, 50001), texts.DELETE_FAILED),
        (Refusal(400, 50035), texts.DELETE_FAILED),
        (Refusal(404, 10015), texts.DELETE_FAILED),
    ],
    ids=["gone already", "no access", "refused", "the click is too old"],
)
async def test_a_deletion_that_discord_refuses_is_told_as_one_and_what_is_gone_is_gone(
    refusal: Refusal,
    told: str | None,
    settings: Settings,
    engine: SearchEngine,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with online(settings, engine, database, monkeypatch) as there:
        first = await there.slash("search", prompt=PROMPT)
        found = await there.heard(f"PATCH */{first}/*", lambda body: bool(body.get("components")))
        button = re.search(r"vignette:delete:[\w-]+", str(found.body))
        assert button is not None
        there.refuse("DELETE /webhooks/*", refusal)

        [token] = await there.press((ANN, button[0]), message_id=ANSWER_ID)
        await there.heard(f"DELETE /webhooks/*/{token}/*")
        if told is not None:
            words = await there.heard(f"POST /webhooks/*/{token}")
            assert words.body["content"].startswith(told)
        assert await answered(there)
        said = [each for each in there.told if each.what == f"POST /webhooks/{APPLICATION_ID}/{token}"]

    assert len(said) == (told is not None)
