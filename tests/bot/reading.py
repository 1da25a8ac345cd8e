"""Reading messages as a person does: their words, pictures and controls, from the raw components."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import discord
from PIL import Image
from simcord import InteractionResult
from simcord.results import ResponseMessage

from tests.conftest import COLLECTION


def answer(result: InteractionResult) -> ResponseMessage:
    """The answer to an interaction, which must have been acknowledged, or what came in place of one taken back."""
    assert result.acknowledged
    message = result.response or next(reversed(result.followups), None)
    assert message is not None
    return message


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components", []))


def words(message: ResponseMessage | discord.Message) -> str:
    """All text of a message."""
    texts = [component["content"] for component in walk(raw(message)) if component["type"] == 10]
    return "\n".join([message.content, *(embed.description or "" for embed in message.embeds), *texts]).strip()


def alts(message: ResponseMessage | discord.Message) -> list[str]:
    """The alt texts of a message's gallery, in order."""
    galleries = [component for component in walk(raw(message)) if component["type"] == 12]
    return [item["description"] for gallery in galleries for item in gallery["items"]]


def buttons(message: ResponseMessage | discord.Message) -> dict[str, bool]:
    """The labels of a message's buttons, and whether each can be pressed."""
    found = [component for component in walk(raw(message)) if component["type"] == 2]
    return {button["label"]: not button.get("disabled", False) for button in found}


def options(message: ResponseMessage | discord.Message) -> dict[str, str]:
    """The labels and values of a message's select."""
    found = [component for component in walk(raw(message)) if component["type"] == 3]
    return {option["label"]: option["value"] for select in found for option in select["options"]}


def raw(message: ResponseMessage | discord.Message) -> list[dict[str, Any]]:
    if isinstance(message, discord.Message):
        return [dict(component.to_dict()) for component in message.components]
    return message.components


def sample_picture(name: str = "animals/ant_01.jpg") -> bytes:
    """The bytes of a picture of the sample collection."""
    return (COLLECTION / name).read_bytes()


def posted_copy(name: str = "animals/ant_01.jpg") -> bytes:
    """A smaller copy of it, saved anew: what a person would post."""
    image = Image.open(io.BytesIO(sample_picture(name))).convert("RGB")
    image.thumbnail((240, 240))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
