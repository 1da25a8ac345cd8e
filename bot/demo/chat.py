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

PLAIN, LINK = 2, 5
"""Discord's numbers for styles of a button."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in the chat.

    Attributes:
        data: the file's bytes.
        alt: what it shows, for those who do not see it.
        covered: whether it is under a spoiler.
    """

    data: bytes
    alt: str
    covered: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is no picture: its name and how many bytes it has."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Gallery:
    """Pictures side by side."""

    pictures: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message; its style is Discord's number."""

    label: str
    disabled: bool
    style: int = PLAIN


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons side by side."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """A select under a message."""

    placeholder: str
    options: tuple[str, ...]


Block: TypeAlias = str | Gallery | Attached | Buttons | Select


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


async def read_message(
    message: discord.Message, components: Sequence[Raw], others: Sequence[discord.Message] = ()
) -> Said:
    """Read a message of the simulated channel: its words, its components, its files.

    Args:
        message: what was said.
        components: its components, as Discord sends them.
        others: earlier messages; a gallery may show their files.
    """
    files = {str(file.url): await file.read() for each in (message, *others) for file in each.attachments}
    blocks: list[Block] = [message.content] if message.content else []
    blocks += [embed.description for embed in message.embeds if embed.description]
    blocks += _blocks(components, files)
    if not any(isinstance(block, Gallery) for block in blocks):
        blocks += _loose(message.attachments, files)
    return Said(message.author.display_name, tuple(blocks), private=message.flags.ephemeral)


def _loose(attachments: Sequence[discord.Attachment], files: Mapping[str, bytes]) -> Iterator[Block]:
    """Files that no component shows: Discord puts the pictures side by side, and the others under them."""
    pictures = [file for file in attachments if (file.content_type or "").startswith("image/")]
    if pictures:
        shown = (Shown(files[str(f.url)], f.description or "", f.is_spoiler()) for f in pictures)
        yield Gallery(tuple(shown))
    yield from (Attached(file.filename, file.size) for file in attachments if file not in pictures)


def _blocks(components: Sequence[Raw], files: Mapping[str, bytes]) -> Iterator[Block]:
    for component in components:
        kind, children = component["type"], component.get("components", [])
        if kind == TEXT:
            yield component["content"]
        elif kind == GALLERY:
            yield Gallery(tuple(_item(item, files) for item in component["items"]))
        elif kind == SELECT:
            options = tuple(option["label"] for option in component["options"])
            yield Select(component.get("placeholder") or "", options)
        elif kind == ACTION_ROW and all(child["type"] == BUTTON for child in children):
            yield Buttons(tuple(map(_button, children)))
        else:
            yield from _blocks(children, files)


def _item(item: Raw, files: Mapping[str, bytes]) -> Shown:
    return Shown(files[item["media"]["url"]], item.get("description") or "", bool(item.get("spoiler")))


def _button(button: Raw) -> Button:
    return Button(button["label"], bool(button.get("disabled")), button.get("style", PLAIN))
