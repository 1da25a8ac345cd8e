"""The story: what two members of a server do in their first minutes with the bot. Each answer is checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot import texts
from bot.demo.chat import Said
from bot.demo.props import Posted, posted_from
from bot.demo.scene import Scene, StepFailedError, expect, response
from bot.texts import keeping
from search_core import FilterSet, Query

if TYPE_CHECKING:
    import simcord
    from simcord.results import ResponseMessage

    from bot.client import VignetteClient
    from bot.services import Services

PROMPT = "a sailing ship"
PROMPT_WORDS = ("ship", "boat", "sail", "galleon", "yacht")
"""One of these is in the title of a picture that fits the prompt."""

COLUMN = "colourfulness"
"""The sample's one field of numbers, 0 for greys; it has no years."""

NARROWED, WITHOUT_COLOUR = "a bird", f"{COLUMN}<=5"

COMPARED = ("fruit", "a computer")
"""The one is drawn in bright colours, the other mostly in grey."""

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


class Story(Scene):
    """Plays the steps in order.

    Args:
        env: the simulated Discord with the client on it.
        services: the client's services.
        new_client: makes another client on the same services, for the restart.
        out: where contact sheets are written.
    """

    def __init__(
        self, env: simcord.Env, services: Services, new_client: Callable[[], VignetteClient], out: Path
    ) -> None:
        super().__init__(env, out)
        self._services, self._new_client = services, new_client

    async def play(self, guild_id: int, collection: Path) -> None:
        """Play all steps."""
        self.open_server(guild_id)
        self._posted, self._mentioned = posted_from(collection / POSTED), posted_from(collection / MENTIONED)
        steps: Sequence[tuple[str, Callable[[], Awaitable[str]]]] = (
            ("Ann asks what there is: /about", self._about),
            ("She asks how to ask: /help", self._help),
            ("She looks at pictures drawn by lot: /random", self._random),
            (f"She asks in words: /search {PROMPT}", self._search),
            ("She picks the details of result 1", self._details),
            ("She saves it, and looks at what she saved: /saved list", self._saved),
            ("She picks pictures similar to result 1", self._similar_to_result),
            ("She turns to the next page", self._next_page),
            (f"She narrows it: /search {NARROWED} where {WITHOUT_COLOUR}", self._narrowed),
            (f"She compares {' and '.join(COMPARED)} along a field of numbers: /timeline", self._timeline),
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
            await self.play_step(f"{number:2}. {title}", step)

    async def _about(self) -> str:
        said = await self.answered(await self.ask("about"), pictures=0, private=True)
        expect(keeping.ABOUT_NO_TEST in said.text, "it does not say that nobody has tested this index")
        return "what the collection is, what the model can and cannot do, for her alone"

    async def _help(self) -> str:
        result = await self.ask("help")
        await self.answered(result, pictures=0, private=True)
        example = keeping.HELP_EXAMPLES[1]
        said = await self.answered(await self.press(response(result), example), pictures=9, private=True)
        expect(example in said.text, "the answer is not to the example")
        return f"how to ask, with examples to press; one of them: {self.sheet(said, example)}"

    async def _random(self) -> str:
        result = await self.ask("random")
        first = await self.answered(result, pictures=9)
        again = await self.press(response(result), texts.AGAIN)
        second = await self.answered(again, pictures=9, message=response(result))
        expect(first.pictures != second.pictures, "the second draw shows the same pictures")
        return f"nine pictures, and nine others; {self.sheet(second, 'drawn by lot')}"

    async def _saved(self) -> str:
        result = await self.press(self._shown, texts.SAVE_THIS)
        expect(result.acknowledged, "there is no answer")
        said = await self.answered(await self.ask("saved list"), pictures=1, private=True)
        expect(PROMPT in said.text, "the list does not say what it was found for")
        return "it is there, with what it was found for"

    async def _narrowed(self) -> str:
        result = await self.ask("search", prompt=NARROWED, where=WITHOUT_COLOUR, count=3)
        said = await self.answered(result, pictures=3)
        expect(WITHOUT_COLOUR in said.text, "it does not say by what it is narrowed")
        return f"the nearest three that are next to grey; {self.sheet(said, NARROWED)}"

    async def _timeline(self) -> str:
        one, other = COMPARED
        said = await self.answered(await self.ask("timeline", prompt=one, compare=other), pictures=1)
        expect(COLUMN in said.text, f"it does not say what the axis shows: {said.text}")
        plot = self._out / f"{texts.PLOT_NAME}.png"
        plot.write_bytes(said.pictures[0].data)
        return f"a plot with two courses along the {COLUMN} of the pictures, and examples of both: {plot}"

    async def _search(self) -> str:
        self._result = await self.ask("search", prompt=PROMPT)
        said = await self.answered(self._result, pictures=9)
        fitting = [shown for shown in said.pictures if any(word in shown.alt.lower() for word in PROMPT_WORDS)]
        expect(fitting, f"none of the nine titles has one of the words {', '.join(PROMPT_WORDS)}")
        return f"nine pictures, {len(fitting)} of them named after ships or boats; {self.sheet(said, PROMPT)}"

    async def _next_page(self) -> str:
        result = await self.press(self._first_answer, texts.NEXT)
        said = await self.answered(result, message=self._first_answer, pictures=9)
        expect(said.pictures[0].alt.startswith("10. "), "the second page does not begin with number 10")
        return f"the message now shows results 10 to 18; {self.sheet(said, f'{PROMPT}, page 2')}"

    async def _details(self) -> str:
        result = await self.pick(self._first_answer, texts.PICK_DETAILS.format(number=1))
        self._shown = response(result)
        said = await self.answered(result, pictures=1, private=True)
        expect("licence" in said.text, "the details do not name the licence")
        return "its title, creator, source and licence, for her alone"

    async def _similar_to_result(self) -> str:
        result = await self.pick(self._first_answer, texts.PICK_SIMILAR.format(number=1))
        said = await self.answered(result, pictures=9, private=True)
        return f"nine pictures, for her alone; {self.sheet(said, 'similar to result 1')}"

    async def _similar_to_posted(self) -> str:
        self.says("Ann", "`/similar image: picture.jpg`", self._posted.copy)
        result = await self.ann.slash(self.channel, "similar", image=("picture.jpg", self._posted.copy.data))
        return self._found(self._posted, await self.answered(result, pictures=9), "similar to the posted picture")

    async def _menu(self) -> str:
        question = "Does anyone know more like this?"
        self.says("Ben", question, self._posted.copy)
        message = await self.ben.send(self.channel, question, attachments=[("what.jpg", self._posted.copy.data)])
        self.says("Ann", f"*opens the menu on Ben's message: {texts.SIMILAR_MENU}*")
        result = await self.ann.context_menu(self.channel, texts.SIMILAR_MENU, message)
        expect(result.ephemeral, "the answer is not private")
        said = await self.answered(result, pictures=9)
        return self._found(self._posted, said, "similar to the picture in Ben's message")

    async def _mention(self) -> str:
        bot_id = self.env.bot.user.id if self.env.bot.user else 0
        self.says("Ben", f"@{self.bot_name} and this one?", self._mentioned.copy)
        posted = [("this.jpg", self._mentioned.copy.data)]
        await self.ben.send(self.channel, f"<@{bot_id}> and this one?", attachments=posted)
        message = self.channel.last_message
        if message is None or not message.author.bot:
            raise StepFailedError("there is no reply")
        return self._found(self._mentioned, await self.heard(message), "similar to the picture with the mention")

    async def _nothing_close(self) -> str:
        prompt = await self._strange_prompt()
        self._far = await self.ask("search", prompt=prompt)
        said = await self.answered(self._far, pictures=0)
        expect(texts.NOTHING_CLOSE_TEXT in said.text, "the answer does not say that nothing is close")
        return "told that nothing is close, with a hint, and no pictures"

    async def _nearest(self) -> str:
        result = await self.press(response(self._far), texts.SHOW_NEAREST)
        said = await self.answered(result, message=response(self._far), pictures=9)
        return f"the nearest nine, and the word for how near; {self.sheet(said, 'nothing close')}"

    async def _bad_picture(self) -> str:
        self.says("Ann", "`/similar image: holiday.png` (a text file with a picture's name)")
        result = await self.ann.slash(self.channel, "similar", image=("holiday.png", b"not a picture at all"))
        said = await self.answered(result, pictures=0, private=True)
        expect("no picture" in said.text, "the answer does not say that it is no picture")
        return said.text

    async def _restart(self) -> str:
        await self.env.restart_bot(self._new_client())
        result = await self.press(self._first_answer, texts.PREVIOUS, ", after the bot was restarted")
        said = await self.answered(result, message=self._first_answer, pictures=9)
        expect(said.pictures[0].alt.startswith("1. "), "the first page does not begin with number 1")
        return "the first page again"

    async def _other_server(self) -> str:
        self.env.inject_error("DELETE", "/users/@me/guilds/*")  # so that it cannot leave before it is asked
        other = self.env.create_guild("Somewhere else")
        channel = other.create_text_channel("general")
        stranger = other.add_member(self.env.create_user("Stranger"))
        await self.env.settle()
        result = await stranger.slash(channel, "search", prompt=PROMPT)
        expect(not result.acknowledged and result.response is None, "the bot answered there")
        await self.env.restart_bot(self._new_client())
        expect(other.me is None, "the bot has not left that server")
        return "no answer there, and the bot has left"

    async def _strange_prompt(self) -> str:
        for prompt in STRANGE_PROMPTS:
            if (await self._services.engine.search(Query(text=prompt), FilterSet.empty())).nothing_close:
                return prompt
        raise StepFailedError("something in the collection comes close to every strange prompt")

    @property
    def _first_answer(self) -> ResponseMessage:
        return response(self._result)

    def _found(self, posted: Posted, said: Said, heading: str) -> str:
        expect(len(said.pictures) == 9, f"{len(said.pictures)} pictures instead of nine: {said.text}")
        expect(said.pictures[0].data == posted.original, f"the first is {said.pictures[0].alt}, not the picture posted")
        return f"the picture itself first, then eight like it; {self.sheet(said, heading)}"
