"""A scene on the simulated Discord: who is there, what they say and hear, and whether it is as it should be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.demo.chat import SELECT, Block, Gallery, Said, Shown, read_message
from search_core import VignetteError, contact_sheet

if TYPE_CHECKING:
    import simcord
    from simcord import InteractionResult
    from simcord.actors import MemberActor
    from simcord.builders import ChannelHandle, GuildHandle
    from simcord.results import ResponseMessage


class StepFailedError(VignetteError):
    """A step of the story did not go as it should."""


def expect(condition: object, words: str) -> None:
    """Check one thing about an answer.

    Raises:
        StepFailedError: with the words, if it does not hold.
    """
    if not condition:
        raise StepFailedError(words)


class Scene:
    """A server with Ann and Ben in it; prints the outcome of each step, and keeps the chat.

    Args:
        env: the simulated Discord with the client on it.
        out: where contact sheets are written.
    """

    def __init__(self, env: simcord.Env, out: Path) -> None:
        self.env, self._out = env, out
        self._sheets = 0
        self._failed = 0
        self.chat: list[Said] = []
        self.bot_name = str(env.bot.user.display_name if env.bot.user else "Vignette")

    @property
    def exit_code(self) -> int:
        """0 if every step went well, else 1."""
        return 1 if self._failed else 0

    def open_server(self, guild_id: int) -> None:
        """Make the server, its channel and its two members."""
        self.guild: GuildHandle = self.env.create_guild("Illustration research", id=guild_id)
        self.channel: ChannelHandle = self.guild.create_text_channel("pictures")
        self.ann: MemberActor = self.guild.add_member(self.env.create_user("Ann"))
        self.ben: MemberActor = self.guild.add_member(self.env.create_user("Ben"))

    def preview(self) -> AbstractAsyncContextManager[Any]:
        """Serve the live chat page."""
        return self.env.preview(self.channel, viewers=[self.ann, self.ben], layout="channel")

    async def play_step(self, title: str, step: Callable[[], Awaitable[str]]) -> None:
        """Play a step, and tell how it went."""
        try:
            print(f"{title}\n    ok: {await step()}", flush=True)
        except Exception as error:  # whatever breaks is this step's outcome, and the next one is tried
            self._failed += 1
            print(f"{title}\n    FAILED: {type(error).__name__}: {error}", flush=True)

    def says(self, author: str, words: str, *pictures: Shown) -> None:
        """Keep what a member says or does."""
        blocks: tuple[Block, ...] = (words, Gallery(pictures)) if pictures else (words,)
        self.chat.append(Said(author, blocks))

    async def ask(self, command: str, **options: Any) -> InteractionResult:
        """Let Ann use a command."""
        told = " ".join(f"{name}: {value}" for name, value in options.items())
        self.says("Ann", f"`/{command} {told}`" if told else f"`/{command}`")
        return await self.ann.slash(self.channel, command, **options)

    async def press(self, message: ResponseMessage, label: str, when: str = "") -> InteractionResult:
        """Let Ann press a button."""
        self.says("Ann", f"*presses {label}{when}*")
        return await self.ann.click(message, label=label)

    async def pick(self, message: ResponseMessage, label: str) -> InteractionResult:
        """Let Ann pick from a message's select."""
        self.says("Ann", f"*picks “{label}”*")
        options = next(c for c in _walk(message.components) if c["type"] == SELECT)["options"]
        value = next(option["value"] for option in options if option["label"] == label)
        return await self.ann.select(message, [value])

    async def answered(
        self,
        result: InteractionResult,
        *,
        pictures: int,
        private: bool | None = None,
        message: ResponseMessage | None = None,
    ) -> Said:
        """Read and keep an answer.

        Args:
            result: of a command, a press or a pick.
            pictures: how many there are to be.
            private: who is to see it; None does not mind.
            message: the message that was changed, where the answer is no new one.

        Raises:
            StepFailedError: if it is not as it should be.
        """
        expect(result.acknowledged, "there is no answer")
        answer = message or response(result)
        said = await self.heard(answer.message, answer.components)
        expect(len(said.pictures) == pictures, f"{len(said.pictures)} pictures instead of {pictures}: {said.text}")
        expect(private is None or said.private == private, "the answer is seen by the wrong people")
        return said

    async def heard(self, message: discord.Message, components: Sequence[dict[str, Any]] | None = None) -> Said:
        """Read and keep a message."""
        raw = components if components is not None else [c.to_dict() for c in message.components]
        said = await read_message(message, raw)
        self.chat.append(said)
        return said

    def sheet(self, said: Said, heading: str) -> str:
        """Write a message's pictures as a contact sheet, and say where."""
        self._sheets += 1
        name = "".join(c if c.isalnum() else "-" for c in heading.lower()).strip("-")
        path = self._out / f"{self._sheets:02d}-{name}.png"
        contact_sheet([(shown.data, _caption(shown.alt)) for shown in said.pictures], heading).save(path)
        return str(path)


def response(result: InteractionResult) -> ResponseMessage:
    """Find the answer to an interaction; a failure takes the promised one back and sends another.

    Raises:
        StepFailedError: if there is none.
    """
    answer = result.response or next(reversed(result.followups), None)
    if answer is None:
        raise StepFailedError("there is no answer")
    return answer


def _caption(alt: str) -> str:
    """Take title and creator from an alt text; the sheet numbers its pictures itself."""
    return alt.partition(". ")[2].partition(", category ")[0]


def _walk(components: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    return [each for c in components for each in (c, *_walk(c.get("components", [])))]
