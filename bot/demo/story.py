"""The story: what two members of a server do in their first minutes with the bot. Each answer is checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot import texts
from bot.demo.chat import Block, Gallery, Said, Shown, read_message
from bot.demo.props import Posted, posted_from
from search_core import FilterSet, Query, VignetteError, contact_sheet

if TYPE_CHECKING:
    import simcord
    from simcord import InteractionResult
    from simcord.actors import MemberActor
    from simcord.builders import ChannelHandle, GuildHandle
    from simcord.results import ResponseMessage

    from bot.client import VignetteClient
    from bot.services import Services

PROMPT = "a sailing ship"
PROMPT_WORDS = ("ship", "boat", "sail", "galleon", "yacht")
"""One of these is in the title of a picture that fits the prompt."""

STRANGE_PROMPTS = (
    "quarterly revenue forecast",
    "municipal bylaw amendment",
    "hexadecimal memory dump",
    "theorem about prime numbers",
    "qwxz vvkp jjh",
)
"""Nothing in a collection of drawn things comes close to most of them; which ones, depends on the model."""

POSTED = "animals"
MENTIONED = "instruments"
"""The folders of which a picture is posted."""


class StepFailedError(VignetteError):
    """A step of the story did not go as it should."""


def expect(condition: object, words: str) -> None:
    """Check one thing about an answer.

    Raises:
        StepFailedError: with the words, if it does not hold.
    """
    if not condition:
        raise StepFailedError(words)


class Story:
    """Plays the steps in order, prints the outcome of each, and keeps the chat.

    Args:
        env: the simulated Discord with the client on it.
        services: the client's services.
        new_client: makes another client on the same services, for the restart.
        out: where contact sheets are written.
    """

    def __init__(
        self, env: simcord.Env, services: Services, new_client: Callable[[], VignetteClient], out: Path
    ) -> None:
        self._env, self._services, self._new_client, self._out = env, services, new_client, out
        self._sheets = 0
        self._failed = 0
        self.chat: list[Said] = []
        self.bot_name = str(env.bot.user.display_name if env.bot.user else "Vignette")

    @property
    def exit_code(self) -> int:
        """0 if every step went well, else 1."""
        return 1 if self._failed else 0

    async def play(self, guild_id: int, collection: Path) -> None:
        """Play all steps."""
        self._set_the_scene(guild_id, collection)
        steps: Sequence[tuple[str, Callable[[], Awaitable[str]]]] = (
            (f"Ann asks in words: /search {PROMPT}", self._search),
            ("She picks the details of result 1", self._details),
            ("She picks pictures similar to result 1", self._similar_to_result),
            ("She turns to the next page", self._next_page),
            ("She posts a picture: /similar", self._similar_to_posted),
            ("Ben posts a picture; Ann opens the menu on it: Find similar images", self._menu),
            ("Ben mentions the bot with a picture", self._mention),
            ("Ann asks for something that nobody drew", self._nothing_close),
            ("She asks for the nearest anyway", self._nearest),
            ("She posts a file that is no picture", self._bad_picture),
            ("The bot is restarted; a button from before still works", self._restart),
            ("A server that is not allowed invites the bot and asks", self._other_server),
        )
        for number, (title, step) in enumerate(steps, start=1):
            await self._play_step(f"{number:2}. {title}", step)

    def preview(self) -> AbstractAsyncContextManager[Any]:
        """Serve the live chat page."""
        return self._env.preview(self._channel, viewers=[self._ann, self._ben], layout="channel")

    async def _play_step(self, title: str, step: Callable[[], Awaitable[str]]) -> None:
        try:
            print(f"{title}\n    ok: {await step()}", flush=True)
        except Exception as error:  # whatever breaks is this step's outcome, and the next one is tried
            self._failed += 1
            print(f"{title}\n    FAILED: {type(error).__name__}: {error}", flush=True)

    def _set_the_scene(self, guild_id: int, collection: Path) -> None:
        env = self._env
        self._guild: GuildHandle = env.create_guild("Illustration research", id=guild_id)
        self._channel: ChannelHandle = self._guild.create_text_channel("pictures")
        self._ann: MemberActor = self._guild.add_member(env.create_user("Ann"))
        self._ben: MemberActor = self._guild.add_member(env.create_user("Ben"))
        self._posted = posted_from(collection / POSTED)
        self._mentioned = posted_from(collection / MENTIONED)

    # ------------------------------------------------------------------ the steps

    async def _search(self) -> str:
        self._says("Ann", f"`/search prompt: {PROMPT}`")
        self._result = await self._ann.slash(self._channel, "search", prompt=PROMPT)
        said = await self._answered(self._result, pictures=9)
        fitting = [shown for shown in said.pictures if any(word in shown.alt.lower() for word in PROMPT_WORDS)]
        expect(fitting, f"none of the nine titles has one of the words {', '.join(PROMPT_WORDS)}")
        return f"nine pictures, {len(fitting)} of them named after ships or boats; {self._sheet(said, PROMPT)}"

    async def _next_page(self) -> str:
        self._says("Ann", f"*presses {texts.NEXT}*")
        result = await self._ann.click(self._first_answer, label=texts.NEXT)
        said = await self._answered(result, message=self._first_answer, pictures=9)
        expect(said.pictures[0].alt.startswith("10. "), "the second page does not begin with number 10")
        return f"the message now shows results 10 to 18; {self._sheet(said, f'{PROMPT}, page 2')}"

    async def _details(self) -> str:
        result = await self._pick("Ann", texts.PICK_DETAILS.format(number=1))
        said = await self._answered(result, pictures=1, private=True)
        expect("licence" in said.text, "the details do not name the licence")
        return "its title, creator, source and licence, for her alone"

    async def _similar_to_result(self) -> str:
        result = await self._pick("Ann", texts.PICK_SIMILAR.format(number=1))
        said = await self._answered(result, pictures=9, private=True)
        return f"nine pictures, for her alone; {self._sheet(said, 'similar to result 1')}"

    async def _similar_to_posted(self) -> str:
        self._says("Ann", "`/similar image: picture.jpg`", self._posted.copy)
        result = await self._ann.slash(self._channel, "similar", image=("picture.jpg", self._posted.copy.data))
        return self._found(self._posted, await self._answered(result, pictures=9), "similar to the posted picture")

    async def _menu(self) -> str:
        question = "Does anyone know more like this?"
        self._says("Ben", question, self._posted.copy)
        message = await self._ben.send(self._channel, question, attachments=[("what.jpg", self._posted.copy.data)])
        self._says("Ann", f"*opens the menu on Ben's message: {texts.SIMILAR_MENU}*")
        result = await self._ann.context_menu(self._channel, texts.SIMILAR_MENU, message)
        expect(result.ephemeral, "the answer is not private")
        said = await self._answered(result, pictures=9)
        return self._found(self._posted, said, "similar to the picture in Ben's message")

    async def _mention(self) -> str:
        bot_id = self._env.bot.user.id if self._env.bot.user else 0
        self._says("Ben", f"@{self.bot_name} and this one?", self._mentioned.copy)
        posted = [("this.jpg", self._mentioned.copy.data)]
        await self._ben.send(self._channel, f"<@{bot_id}> and this one?", attachments=posted)
        message = self._channel.last_message
        if message is None or not message.author.bot:
            raise StepFailedError("there is no reply")
        return self._found(self._mentioned, await self._heard(message), "similar to the picture with the mention")

    async def _nothing_close(self) -> str:
        prompt = await self._strange_prompt()
        self._says("Ann", f"`/search prompt: {prompt}`")
        self._far = await self._ann.slash(self._channel, "search", prompt=prompt)
        said = await self._answered(self._far, pictures=0)
        expect(texts.NOTHING_CLOSE_TEXT in said.text, "the answer does not say that nothing is close")
        return "told that nothing is close, with a hint, and no pictures"

    async def _nearest(self) -> str:
        self._says("Ann", f"*presses {texts.SHOW_NEAREST}*")
        result = await self._ann.click(_response(self._far), label=texts.SHOW_NEAREST)
        said = await self._answered(result, message=_response(self._far), pictures=9)
        return f"the nearest nine, and the word for how near; {self._sheet(said, 'nothing close')}"

    async def _bad_picture(self) -> str:
        self._says("Ann", "`/similar image: holiday.png` (a text file with a picture's name)")
        result = await self._ann.slash(self._channel, "similar", image=("holiday.png", b"not a picture at all"))
        said = await self._answered(result, pictures=0, private=True)
        expect("error" in said.text, "the answer carries no id")
        return said.text

    async def _restart(self) -> str:
        await self._env.restart_bot(self._new_client())
        self._says("Ann", f"*presses {texts.PREVIOUS}, after the bot was restarted*")
        result = await self._ann.click(self._first_answer, label=texts.PREVIOUS)
        said = await self._answered(result, message=self._first_answer, pictures=9)
        expect(said.pictures[0].alt.startswith("1. "), "the first page does not begin with number 1")
        return "the first page again"

    async def _other_server(self) -> str:
        self._env.inject_error("DELETE", "/users/@me/guilds/*")  # so that it cannot leave before it is asked
        other = self._env.create_guild("Somewhere else")
        channel = other.create_text_channel("general")
        stranger = other.add_member(self._env.create_user("Stranger"))
        await self._env.settle()
        result = await stranger.slash(channel, "search", prompt=PROMPT)
        expect(not result.acknowledged and result.response is None, "the bot answered there")
        await self._env.restart_bot(self._new_client())
        expect(other.me is None, "the bot has not left that server")
        return "no answer there, and the bot has left"

    # ------------------------------------------------------------------ reading and recording

    async def _strange_prompt(self) -> str:
        for prompt in STRANGE_PROMPTS:
            if (await self._services.engine.search(Query(text=prompt), FilterSet.empty())).nothing_close:
                return prompt
        raise StepFailedError("something in the collection comes close to every strange prompt")

    @property
    def _first_answer(self) -> ResponseMessage:
        return _response(self._result)

    async def _pick(self, name: str, label: str) -> InteractionResult:
        self._says(name, f"*picks “{label}”*")
        options = next(c for c in _walk(self._first_answer.components) if c["type"] == 3)["options"]
        value = next(option["value"] for option in options if option["label"] == label)
        return await self._ann.select(self._first_answer, [value])

    def _found(self, posted: Posted, said: Said, heading: str) -> str:
        expect(len(said.pictures) == 9, f"{len(said.pictures)} pictures instead of nine: {said.text}")
        expect(said.pictures[0].data == posted.original, f"the first is {said.pictures[0].alt}, not the picture posted")
        return f"the picture itself first, then eight like it; {self._sheet(said, heading)}"

    async def _answered(
        self,
        result: InteractionResult,
        *,
        pictures: int,
        private: bool | None = None,
        message: ResponseMessage | None = None,
    ) -> Said:
        expect(result.acknowledged, "there is no answer")
        answer = message or _response(result)
        said = await self._heard(answer.message, answer.components)
        expect(len(said.pictures) == pictures, f"{len(said.pictures)} pictures instead of {pictures}: {said.text}")
        expect(private is None or said.private == private, "the answer is seen by the wrong people")
        return said

    async def _heard(self, message: discord.Message, components: Sequence[dict[str, Any]] | None = None) -> Said:
        raw = components if components is not None else [c.to_dict() for c in message.components]
        said = await read_message(message, raw)
        self.chat.append(said)
        return said

    def _says(self, author: str, words: str, *pictures: Shown) -> None:
        blocks: tuple[Block, ...] = (words, Gallery(pictures)) if pictures else (words,)
        self.chat.append(Said(author, blocks))

    def _sheet(self, said: Said, heading: str) -> str:
        self._sheets += 1
        name = "".join(c if c.isalnum() else "-" for c in heading.lower()).strip("-")
        path = self._out / f"{self._sheets:02d}-{name}.png"
        contact_sheet([(shown.data, _caption(shown.alt)) for shown in said.pictures], heading).save(path)
        return str(path)


def _response(result: InteractionResult) -> ResponseMessage:
    answer = result.response or next(reversed(result.followups), None)  # a failure takes the promised answer back
    if answer is None:
        raise StepFailedError("there is no answer")
    return answer


def _caption(alt: str) -> str:
    """Take title and creator from an alt text; the sheet numbers its pictures itself."""
    return alt.partition(". ")[2].partition(", category ")[0]


def _walk(components: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    return [each for c in components for each in (c, *_walk(c.get("components", [])))]
