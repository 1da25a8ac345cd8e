"""Edits while searches run, and edits by another bot: they count from the next query on."""

from __future__ import annotations

import asyncio
from collections import Counter

import simcord

from bot.app import create_bot
from bot.database import Database
from bot.reply import Reply
from bot.settings import Settings
from search_core import QueryError, RefusedError, SearchEngine
from search_core.filters import RuleKind
from tests.bot.conftest import GUILD_ID, SETTLE_SECONDS, World
from tests.bot.reading import answer, posted_copy, sample_picture, words
from tests.bot.staff import OPERATOR, add_rule, row_named, standing_in

ANT = "animals/ant_01.jpg"
ARMADILLO = "animals/armadillo_01.jpg"
"""The only picture of its title."""
SEARCHES = 32


async def test_no_answer_that_began_after_an_edit_was_acknowledged_breaks_it(
    world: World, database: Database, engine: SearchEngine
) -> None:
    """So many searches all the time; in their midst one picture is hidden and one word refused."""
    desk, standing = world.client.services.desk, standing_in(world)
    _, sha256 = await row_named(engine, ANT)
    ant, edited = posted_copy(ANT), asyncio.Event()
    after: list[Reply | BaseException] = []
    before, many = 0, asyncio.Event()

    async def ask(number: int) -> Reply:
        return await (desk.ask_text(standing, "a skull") if number % 2 else desk.ask_picture(standing, ant))

    async def keep_asking(number: int) -> None:
        nonlocal before
        while True:
            began_after = edited.is_set()
            outcome = (await asyncio.gather(ask(number), return_exceptions=True))[0]
            if began_after:
                after.append(outcome)
                return
            before += 1
            if before == SEARCHES:
                many.set()

    async def edit() -> None:
        await many.wait()
        await add_rule(database, GUILD_ID, RuleKind.PICTURE, sha256)
        await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
        edited.set()

    await asyncio.gather(edit(), *(keep_asking(number) for number in range(SEARCHES)))

    refused = [each for each in after if isinstance(each, RefusedError)]
    shown = [each for each in after if isinstance(each, Reply)]
    assert before >= SEARCHES
    assert (len(refused), len(shown)) == (SEARCHES // 2, SEARCHES // 2)
    for reply in shown:
        assert sample_picture(ANT) not in [picture.data for picture in reply.pictures]
        assert len(reply.pictures) == 9


async def test_no_draw_completion_or_page_that_began_after_an_edit_was_acknowledged_breaks_it(
    world: World, database: Database, engine: SearchEngine
) -> None:
    """The same for those who look around, and for the buttons of old answers."""
    services, standing = world.client.services, standing_in(world)
    desk, browsing = services.desk, services.browsing
    _, sha256 = await row_named(engine, ARMADILLO)
    await desk.ask_picture(standing, posted_copy(ARMADILLO))
    (search,) = await database.recent_searches(GUILD_ID)
    many, edited = asyncio.Event(), asyncio.Event()
    before, after = Counter[bool](), Counter[bool]()

    async def shown(number: int) -> bool:
        """Whether the picture is shown, or its title offered."""
        if number % 3 == 0:
            return "title=Armadillo" in await browsing.complete_where(standing.visitor, "title=Armad")
        try:
            drawn = number % 3 == 1
            reply = await (browsing.random(standing, "title=Armadillo") if drawn else desk.turn(standing, search.id, 0))
        except QueryError:  # there is none to draw
            return False
        return sample_picture(ARMADILLO) in [picture.data for picture in reply.pictures]

    async def keep_looking(number: int) -> None:
        began_after = False
        while not began_after:
            began_after = edited.is_set()
            (after if began_after else before)[await shown(number)] += 1
            if before[True] >= SEARCHES:
                many.set()

    async def edit() -> None:
        await many.wait()
        await add_rule(database, GUILD_ID, RuleKind.PICTURE, sha256)
        edited.set()

    await asyncio.gather(edit(), *(keep_looking(number) for number in range(SEARCHES)))

    assert after == {False: SEARCHES}


async def test_an_edit_by_one_bot_counts_for_the_next_query_of_another(
    world: World, settings: Settings, engine: SearchEngine, database: Database
) -> None:
    first = world.client.services.desk
    async with Database(str(database._engine.url)) as other:
        second = create_bot(settings, engine, other).services.desk
        standing = standing_in(world)
        for desk in (first, second):  # both know the rules as they were
            await desk.ask_text(standing, "a skull")

        rule = await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
        refused = await asyncio.gather(second.ask_text(standing, "a skull"), return_exceptions=True)
        await other.remove_rule(GUILD_ID, rule.id, OPERATOR)
        again = await asyncio.gather(first.ask_text(standing, "a skull"), return_exceptions=True)

    assert isinstance(refused[0], RefusedError)
    assert isinstance(again[0], Reply)


async def test_two_bots_in_one_server_keep_the_same_rules(
    settings: Settings, engine: SearchEngine, database: Database
) -> None:
    bots = [create_bot(settings, engine, database) for _ in range(2)]
    told = []
    for bot in bots:
        async with simcord.run(bot, strict_sync=False, settle_timeout=SETTLE_SECONDS) as env:
            guild = env.create_guild(id=GUILD_ID)
            channel, ann = guild.create_text_channel("pictures"), guild.add_member(env.create_user("ann"))
            if not told:
                await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
            told.append(words(answer(await ann.slash(channel, "search", prompt="a skull"))))

    assert all("do not allow" in each for each in told)
