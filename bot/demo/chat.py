"""What was said in the chat, as plain values: read off the simulated channel's messages as a person sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord

Raw: TypeAlias = Mapping[str, Any]
"""A component as Discord sends it: JSON."""

ACTION_ROW, BUTTON, SELECT, TEXT, GALLERY = 1, 2, 3, 10, 12
"""Discord's numbers for the components that the bot sends."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in the chat."""

    data: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Gallery:
    """Pictures side by side."""

    pictures: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message."""

    label: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons side by side."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """A select under a message."""

    placeholder: str
    options: tuple[str, ...]


Block: TypeAlias = str | Gallery | Buttons | Select


@dataclass(frozen=True, slots=True)
class Said:
    """One message: who, what, and whether others see it."""

    author: str
    blocks: tuple[Block, ...]
    private: bool = False

    @property
    def text(self) -> str:
        """All its text, a block a line."""
        return "\n".join(block for block in self.blocks if isinstance(block, str))

    @property
    def pictures(self) -> tuple[Shown, ...]:
        """All its pictures, in order."""
        galleries = (block for block in self.blocks if isinstance(block, Gallery))
        return tuple(picture for gallery in galleries for picture in gallery.pictures)


async def read_message(message: discord.Message, components: Sequence[Raw]) -> Said:
    """Read a message of the simulated channel: its words, its components, its files."""
    files = {str(file.url): await file.read() for file in message.attachments}
    blocks: list[Block] = [message.content] if message.content else []
    blocks += [embed.description for embed in message.embeds if embed.description]
    blocks += _blocks(components, files)
    if files and not any(isinstance(block, Gallery) for block in blocks):
        shown = (Shown(files[str(file.url)], file.description or "") for file in message.attachments)
        blocks.append(Gallery(tuple(shown)))
    return Said(message.author.display_name, tuple(blocks), private=message.flags.ephemeral)


def _blocks(components: Sequence[Raw], files: Mapping[str, bytes]) -> Iterator[Block]:
    for component in components:
        kind, children = component["type"], component.get("components", [])
        if kind == TEXT:
            yield component["content"]
        elif kind == GALLERY:
            shown = (Shown(files[item["media"]["url"]], item.get("description") or "") for item in component["items"])
            yield Gallery(tuple(shown))
        elif kind == SELECT:
            options = tuple(option["label"] for option in component["options"])
            yield Select(component.get("placeholder") or "", options)
        elif kind == ACTION_ROW and all(child["type"] == BUTTON for child in children):
            yield Buttons(tuple(Button(child["label"], bool(child.get("disabled"))) for child in children))
        else:
            yield from _blocks(children, files)
