"""Which pictures a message holds, checked with payloads as the real Discord sends them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot import attachments
from bot.attachments import PostedPicture, pictures_of
from search_core import PictureError
from search_core.imaging import MAX_BYTES

CDN = "https://cdn.discordapp.com/attachments/1/"


def attachment(number: int, name: str = "x.png", kind: str | None = "image/png") -> dict[str, Any]:
    url = f"{CDN}{number}/{name}"
    return {"id": str(number), "filename": name, "size": 10, "url": url, "proxy_url": url, "content_type": kind}


def media(number: int | None) -> dict[str, Any]:
    item: dict[str, Any] = {"url": f"{CDN}{number}/x.png", "proxy_url": "", "width": 1, "height": 1}
    return {"media": item | ({"attachment_id": str(number)} if number is not None else {}), "spoiler": False}


def gallery(*numbers: int | None) -> dict[str, Any]:
    return {"type": 12, "id": 1, "items": [media(number) for number in numbers]}


def section(number: int) -> dict[str, Any]:
    text = {"type": 10, "id": 2, "content": "x"}
    return {"type": 9, "id": 3, "components": [text], "accessory": {"type": 11, "id": 4, **media(number)}}


def container(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 17, "id": 5, "components": list(children)}


def snapshot(**parts: Any) -> dict[str, Any]:
    content = {"type": 0, "content": "", "embeds": [], "attachments": [], "timestamp": "2026-01-01T00:00:00+00:00"}
    return {"message": content | {"edited_timestamp": None, "flags": 0} | parts}


def message(**parts: Any) -> discord.Message:
    """A message made by discord.py from a payload."""
    client = discord.Client(intents=discord.Intents.none())
    payload: dict[str, Any] = {
        "id": "9", "channel_id": "8", "type": 0, "content": "", "tts": False, "pinned": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "embeds": [], "attachments": [],
        "components": [], "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "flags": 0,
        "author": {"id": "7", "username": "ann", "discriminator": "0", "avatar": None},
    }  # fmt: skip
    channel = SimpleNamespace(id=8, guild=None, type=discord.ChannelType.text)
    return discord.Message(state=client._connection, channel=channel, data=payload | parts)  # type: ignore[arg-type]


EMBED = {"type": "image", "url": "https://stranger.example/x.png", "image": {"url": "https://stranger.example/x.png"}}


STICKER = {"id": "5", "name": "wave", "format_type": 1}


@pytest.mark.parametrize(
    ("parts", "expected", "reason"),
    [
        ({}, [], "no picture"),
        ({"attachments": [attachment(1)]}, [1], "an attachment"),
        ({"attachments": [attachment(1), attachment(2)]}, [1, 2], "several, in order"),
        ({"attachments": [attachment(1, "notes.txt", "text/plain")]}, [], "a text file is no picture"),
        ({"attachments": [attachment(1, "x.JPG", None)]}, [1], "no type said: the name decides"),
        ({"attachments": [attachment(1, "x.bin", "image/webp")]}, [1], "the type decides"),
        ({"components": [gallery(1, 2)]}, [1, 2], "a gallery, attachments left out"),
        ({"components": [container(gallery(1), section(2))]}, [1, 2], "inside a container, and beside a text"),
        ({"attachments": [attachment(1)], "components": [gallery(1)]}, [1], "each once, as the simulator sends it"),
        ({"components": [gallery(None)]}, [], "a stranger's link in a gallery"),
        ({"embeds": [EMBED]}, [], "a stranger's link in an embed"),
        ({"message_snapshots": [snapshot(attachments=[attachment(1)])]}, [1], "forwarded"),
        ({"message_snapshots": [snapshot(components=[gallery(1)])]}, [1], "a forwarded gallery"),
        ({"message_snapshots": [snapshot(components=[container(section(1), gallery(2))])]}, [1, 2], "and inside of it"),
        ({"message_snapshots": [snapshot(embeds=[EMBED])]}, [], "a stranger's link, forwarded"),
        (
            {"attachments": [attachment(1)], "message_snapshots": [snapshot(attachments=[attachment(2)])]},
            [1, 2],
            "both",
        ),
        ({"sticker_items": [STICKER]}, [], "a sticker is no picture that was posted"),
    ],
)
def test_pictures_are_found_where_discord_puts_them(parts: dict[str, Any], expected: list[int], reason: str) -> None:
    found = [
        getattr(p.source, "attachment_id", None) or getattr(p.source, "id", None) for p in pictures_of(message(**parts))
    ]

    assert expected == found, reason


class Source:
    """A file at Discord that answers in its own way."""

    def __init__(self, error: Exception | None = None, seconds: float = 0) -> None:
        self.error, self.seconds, self.asked = error, seconds, 0

    async def read(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return b"bytes"


async def test_a_picture_that_is_too_big_is_refused_before_it_is_fetched() -> None:
    source = Source()

    with pytest.raises(PictureError, match=r"too big: 26 MB\. At most 25 MB"):
        await PostedPicture(source, MAX_BYTES + 1024 * 1024).read()  # type: ignore[arg-type]

    assert source.asked == 0


async def test_a_picture_at_the_limit_is_fetched() -> None:
    assert await PostedPicture(Source(), MAX_BYTES).read() == b"bytes"  # type: ignore[arg-type]


async def test_a_slow_download_ends_with_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "DOWNLOAD_SECONDS", 0.01)

    with pytest.raises(PictureError, match="took too long"):
        await PostedPicture(Source(seconds=5), None).read()  # type: ignore[arg-type]


async def test_a_deleted_file_ends_with_a_clear_error() -> None:
    gone = Source(discord.DiscordException("404"))

    with pytest.raises(PictureError, match="post it again"):
        await PostedPicture(gone, None).read()  # type: ignore[arg-type]


async def test_what_a_component_shows_can_be_read_as_an_attachment_can(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(_: object, url: str) -> bytes:
        return url.encode()

    monkeypatch.setattr(discord.http.HTTPClient, "get_from_cdn", fetch)
    (picture,) = pictures_of(message(components=[container(gallery(1))]))

    assert await picture.read() == f"{CDN}1/x.png".encode()
