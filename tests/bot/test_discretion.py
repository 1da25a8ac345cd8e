"""What a role is spared is shown to nobody else: in private it is answered, and in public it is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import discord
import pytest
import pytest_asyncio
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot import Settings, create_bot, texts
from bot.access import Visitor
from bot.database import Database
from bot.question import page_query
from search_core import FilterSet, SearchEngine
from search_core.filters import Rule
from search_core.filters.rule_set import REFUSAL
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, options, posted_copy, raw, walk, words
from tests.bot.rules import ACTOR, add_concept, add_rule
from tests.bot.staff import row_named, set_channel

ANT = "animals/ant_01.jpg"
NOTE = "Drawn after nature"


@dataclass(frozen=True)
class Scene:
    """A server with Cura, whose role rules can spare."""

    world: World
    database: Database
    engine: SearchEngine
    cura: MemberActor
    role: int

    async def spare(self, kind: str, pattern: str, action: str | None = None, **parts: Any) -> Rule:
        """Add a rule that holds for everybody but Cura."""
        return await add_rule(self.database, kind, pattern, action, bypass_roles=frozenset({self.role}), **parts)

    async def spare_ant(self, action: str = "hide", **parts: Any) -> Rule:
        """Add a rule on the ant that holds for everybody but Cura."""
        return await self.spare("picture", (await row_named(self.engine, ANT))[1], action, **parts)

    async def lift_all(self) -> None:
        """Remove all rules."""
        for rule in (await self.database.snapshot(self.world.guild.id)).rules:
            await self.database.remove_rule(self.world.guild.id, rule.id, ACTOR)


@pytest.fixture
def new_client(settings: Settings, engine: SearchEngine, database: Database) -> NewClient:
    """Make a client that asks for the message-content intent, without which no channel is watched."""
    return lambda: create_bot(replace(settings, watch=True), engine, database)


@pytest_asyncio.fixture(loop_scope="session")
async def scene(world: World, database: Database, engine: SearchEngine) -> Scene:
    role = world.guild.create_role("Curators")
    cura = world.guild.add_member(world.env.create_user("cura"), roles=[role])
    await world.env.settle()
    return Scene(world, database, engine, cura, role.id)


def public(world: World) -> list[discord.Message]:
    """What everybody in the channel reads of the bot."""
    return [message for message in world.channel.history() if message.author.bot]


async def titles_of_row(engine: SearchEngine, name: str = ANT) -> str:
    """The title under which a picture of the sample is shown."""
    row = (await row_named(engine, name))[0]
    return (await engine.pictures([row]))[0].metadata["title"]


def shows(message: ResponseMessage | discord.Message, row: int) -> bool:
    """Whether a picture is among those that can be picked below an answer."""
    return any(value.endswith(f":{row}") for value in options(message).values())


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("search", {"prompt": "an ant"}),
    ("similar", {"image": ("a.jpg", posted_copy(ANT))}),
    ("random", {"where": "title=Ant"}),
]


@pytest.mark.parametrize(("command", "asked"), COMMANDS)
async def test_what_only_a_role_may_see_is_private_and_says_why(
    scene: Scene, command: str, asked: dict[str, Any]
) -> None:
    await scene.spare_ant()
    row = (await row_named(scene.engine, ANT))[0]

    message = answer(await scene.cura.slash(scene.world.channel, command, **asked))

    assert message.ephemeral
    assert texts.PRIVATE_BY_ROLE in words(message)
    assert shows(message, row)
    assert not public(scene.world)


@pytest.mark.parametrize(("command", "asked"), COMMANDS[:2])
async def test_an_answer_that_is_asked_for_in_public_holds_what_everybody_may_see(
    scene: Scene, command: str, asked: dict[str, Any]
) -> None:
    concept = await scene.engine.make_concept(texts=["a cat"])
    await scene.spare("concept", "cats", "hide", concept=concept)
    hidden = {row for row, one in enumerate(await _verdicts(scene)) if one}

    message = answer(await scene.cura.slash(scene.world.channel, command, private=False, **asked))

    assert not message.ephemeral
    assert texts.PRIVATE_BY_ROLE not in words(message)
    assert hidden
    assert not any(shows(message, row) for row in hidden)


async def _verdicts(scene: Scene) -> list[bool]:
    visitor = Visitor(scene.world.ann.id, scene.world.guild.id, scene.world.channel.id)
    filters = await scene.world.client.services.book.filters(visitor)
    rows = range(scene.engine.manifest.rows)
    return [verdict.hidden for verdict in await scene.engine.judge(list(rows), filters)]


@pytest.mark.parametrize("action", ["spoiler", "note"])
async def test_what_is_covered_or_noted_for_others_alone_is_private(scene: Scene, action: str) -> None:
    await scene.spare_ant(action, **({"note": NOTE} if action == "note" else {}))

    own = answer(await scene.cura.slash(scene.world.channel, "search", prompt="an ant"))
    shown = answer(await scene.cura.slash(scene.world.channel, "search", prompt="an ant", private=False))

    assert own.ephemeral
    assert not shown.ephemeral
    assert NOTE not in words(own)
    assert (NOTE in words(shown)) == (action == "note")
    assert _covered(shown) == (action == "spoiler")
    assert not _covered(own)


def _covered(message: ResponseMessage | discord.Message) -> bool:
    galleries = [component for component in walk(raw(message)) if component["type"] == 12]
    return any(item.get("spoiler") for gallery in galleries for item in gallery["items"])


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("search", {"prompt": "a cat"}),
        ("search", {"prompt": "a dog", "without": "a cat"}),
        ("search", {"prompt": "a dog", "where": "title!=cat"}),
        ("similar", {"image": ("a.jpg", posted_copy(ANT)), "prompt": "a cat"}),
        ("random", {"where": "title!=cat"}),
    ],
)
async def test_a_prompt_that_others_are_refused_is_answered_in_private_only(
    scene: Scene, command: str, asked: dict[str, Any]
) -> None:
    await scene.spare("word", "cat")

    message = answer(await scene.cura.slash(scene.world.channel, command, **asked))
    refused = answer(await scene.cura.slash(scene.world.channel, command, private=False, **asked))

    assert message.ephemeral
    assert texts.PRIVATE_BY_ROLE in words(message)
    assert refused.ephemeral
    assert REFUSAL in words(refused)
    assert not public(scene.world)


async def test_a_word_rule_that_a_prompt_does_not_touch_changes_nothing(scene: Scene) -> None:
    await scene.spare("word", "cat")
    await scene.spare("word", "dog", "log")
    await scene.spare_ant("log")
    await scene.spare("person", "1300000000000000009")

    for actor in (scene.cura, scene.world.ann):
        message = answer(await actor.slash(scene.world.channel, "search", prompt="a dog"))

        assert not message.ephemeral
        assert texts.PRIVATE_BY_ROLE not in words(message)


async def test_a_channel_that_is_private_anyway_gives_no_reason(scene: Scene) -> None:
    await scene.spare_ant()
    await set_channel(scene.database, scene.world.guild.id, 0, private=True)

    message = answer(await scene.cura.slash(scene.world.channel, "search", prompt="an ant"))

    assert message.ephemeral
    assert texts.PRIVATE_BY_ROLE not in words(message)


async def test_a_private_answer_is_posted_without_what_only_a_role_may_see(scene: Scene) -> None:
    await scene.spare_ant()
    row = (await row_named(scene.engine, ANT))[0]
    own = answer(await scene.cura.slash(scene.world.channel, "search", prompt="an ant"))
    assert shows(own, row)

    posted = answer(await scene.cura.click(own, label=texts.POST))

    assert not posted.ephemeral
    assert not shows(posted, row)
    assert texts.HIDDEN.format(count=1) in words(posted)


@pytest.mark.parametrize(
    "asked",
    [
        {"prompt": "a cat"},
        {"prompt": "a cat", "without": "a wild animal with a mane"},
        {"prompt": "a cat", "image": ("a.jpg", posted_copy(ANT))},
    ],
)
@pytest.mark.parametrize("kind", ["word", "concept"])
async def test_an_answer_to_what_others_are_refused_is_not_posted(
    scene: Scene, kind: str, asked: dict[str, Any]
) -> None:
    own = answer(await scene.cura.slash(scene.world.channel, "search", private=True, **asked))
    if kind == "word":
        await scene.spare("word", "cat")
    else:
        await add_concept(
            scene.database, scene.engine, "cats", "a cat", action="refuse", bypass_roles=frozenset({scene.role})
        )

    told = answer(await scene.cura.click(own, label=texts.POST))

    assert told.ephemeral
    assert REFUSAL in words(told)
    assert not public(scene.world)


@pytest.mark.parametrize(
    ("concept", "asked"),
    [
        ("a cat", {"prompt": "a kitten", "without": "a dog"}),
        ("weapons", {"prompt": "a cannon", "image": ("a.jpg", posted_copy(ANT))}),
    ],
    ids=["without", "with a picture"],
)
async def test_a_prompt_that_means_what_is_refused_since_is_neither_turned_nor_posted_where_its_mixture_does_not(
    scene: Scene, concept: str, asked: dict[str, Any]
) -> None:
    shown = answer(await scene.world.ann.slash(scene.world.channel, "search", private=False, **asked))
    own = answer(await scene.world.ann.slash(scene.world.channel, "search", private=True, **asked))
    rule = await add_concept(scene.database, scene.engine, concept, action="refuse")
    (kept, _) = await scene.database.recent_searches(GUILD_ID)
    await scene.engine.search(page_query(kept, 1), FilterSet.of([rule]))  # the mixture alone is not refused

    for actor, message, label in (
        (scene.world.ann, shown, texts.NEXT),
        (scene.world.ben, shown, texts.NEXT),
        (scene.world.ann, own, texts.NEXT),
        (scene.world.ann, own, texts.POST),
    ):
        pressed = await actor.click(message, label=label)
        told = pressed.followups[-1] if pressed.followups else answer(pressed)
        assert REFUSAL in words(told), (actor, label)
        assert told.ephemeral
    assert len(public(scene.world)) == 1


async def test_pictures_like_one_that_others_may_not_see_are_not_posted(scene: Scene) -> None:
    await scene.spare_ant()
    row, title = (await row_named(scene.engine, ANT))[0], await titles_of_row(scene.engine)
    own = answer(await scene.cura.slash(scene.world.channel, "search", prompt="an ant"))
    like = answer(await scene.cura.select(own, [f"similar:{row}"]))
    assert title in words(like)

    told = answer(await scene.cura.click(like, label=texts.POST))

    assert told.ephemeral
    assert title not in words(told)
    assert not public(scene.world)


async def test_details_of_what_only_a_role_may_see_are_private(scene: Scene) -> None:
    row, title = (await row_named(scene.engine, ANT))[0], await titles_of_row(scene.engine)
    message = answer(await scene.cura.slash(scene.world.channel, "search", prompt="an ant", private=False))
    await scene.spare_ant()

    own = answer(await scene.cura.select(message, [f"details:{row}"]))
    others = answer(await scene.world.ben.select(message, [f"details:{row}"]))

    assert own.ephemeral
    assert title in words(own)
    assert others.ephemeral
    assert title not in words(others)
    assert texts.PICTURE_HIDDEN in words(others)


async def test_a_public_answer_goes_on_under_the_rules_for_everybody(scene: Scene) -> None:
    message = answer(await scene.cura.slash(scene.world.channel, "search", prompt="an ant", count=1))
    await scene.spare_ant()
    row = (await row_named(scene.engine, ANT))[0]

    there = answer(await scene.cura.click(message, label=texts.NEXT))
    back = answer(await scene.cura.click(there, label=texts.PREVIOUS))

    assert not back.ephemeral
    assert not shows(back, row)
    assert texts.HIDDEN.format(count=1) in words(back)


async def test_somebody_elses_public_answer_is_turned_in_a_private_copy_under_ones_own_rules(scene: Scene) -> None:
    message = answer(await scene.world.ann.slash(scene.world.channel, "search", prompt="an ant", count=1))
    await scene.spare("word", "ant")

    own = answer(await scene.cura.click(message, label=texts.NEXT))
    refused = answer(await scene.world.ben.click(message, label=texts.NEXT))

    assert own.ephemeral
    assert alts(own)
    assert refused.ephemeral
    assert REFUSAL in words(refused)


async def test_a_mention_is_answered_with_what_everybody_may_see(scene: Scene) -> None:
    await scene.spare_ant("spoiler")
    assert scene.world.client.user is not None
    mention = f"<@{scene.world.client.user.id}>"

    await scene.cura.send(scene.world.channel, mention, attachments=[("a.jpg", posted_copy(ANT))])
    await scene.world.env.settle()

    told = scene.world.channel.history()[-1]
    assert told.author.bot
    assert _covered(told)


async def test_a_channel_that_is_watched_is_answered_with_what_everybody_may_see(scene: Scene) -> None:
    await scene.spare_ant("note", note=NOTE)
    await set_channel(scene.database, scene.world.guild.id, scene.world.channel.id, watch=True)

    await scene.cura.send(scene.world.channel, "", attachments=[("a.jpg", posted_copy(ANT))])
    await scene.world.env.settle()

    told = scene.world.channel.history()[-1]
    assert told.author.bot
    assert NOTE in words(told)
