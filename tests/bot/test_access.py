"""Access: the one place that says who may do what, and how often."""

from __future__ import annotations

import asyncio

import pytest

from bot.access import (
    MAX_TRACKED,
    WINDOW_SECONDS,
    Access,
    DeniedError,
    NotServedError,
    RateLimiter,
    TooFastError,
    Visitor,
)
from bot.database import Database
from bot.database.searches import new_search_id
from bot.moderation.book import RuleBook
from search_core import SearchEngine
from tests.bot.results import saved_search

SERVED, OTHER = 1_200_000_000_000_000_001, 1_200_000_000_000_000_002


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(engine: SearchEngine, database: Database, clock: Clock) -> Access:
    """Two requests a minute for a person, five for a server."""
    return Access({SERVED}, RateLimiter(2, clock), RateLimiter(5, clock), RuleBook(database, engine), database)


def visitor(user_id: int = 7, guild_id: int = SERVED) -> Visitor:
    return Visitor(user_id, guild_id, channel_id=1)


@pytest.mark.parametrize(("guild_id", "served"), [(SERVED, True), (OTHER, False), (None, False), (0, False)])
def test_only_listed_servers_are_served(access: Access, guild_id: int | None, served: bool) -> None:
    assert served == access.serves(guild_id)


async def test_an_empty_list_serves_nobody(engine: SearchEngine, database: Database) -> None:
    nobody = Access((), RateLimiter(1), RateLimiter(1), RuleBook(database, engine), database)

    with pytest.raises(NotServedError):
        await nobody.admit(visitor())


async def test_requests_from_elsewhere_do_not_count_against_a_person(access: Access) -> None:
    for _ in range(3):
        with pytest.raises(NotServedError):
            await access.admit(visitor(guild_id=OTHER))

    await access.admit(visitor())


async def test_who_asks_too_often_is_told_when_to_come_again(access: Access, clock: Clock) -> None:
    await access.admit(visitor())
    clock.seconds += 10
    await access.admit(visitor())
    clock.seconds += 0.5

    with pytest.raises(TooFastError, match=r"again in 50 s"):
        await access.admit(visitor())


async def test_one_person_does_not_use_up_what_another_may_ask(access: Access) -> None:
    for _ in range(2):
        await access.admit(visitor(7))

    await access.admit(visitor(8))


async def fill_the_server(access: Access) -> None:
    """Take five requests, of five people."""
    for user_id in range(11, 16):
        await access.admit(visitor(user_id))


async def test_a_server_that_asks_too_often_is_told_when_to_come_again(access: Access, clock: Clock) -> None:
    await fill_the_server(access)
    clock.seconds += 20.5

    with pytest.raises(TooFastError, match=r"whole server .* again in 40 s"):
        await access.admit(visitor(7))
    clock.seconds += 39.5
    await access.admit(visitor(7))


async def test_what_the_person_is_refused_takes_nothing_of_the_servers_share(access: Access) -> None:
    for _ in range(2):
        await access.admit(visitor(7))
    for _ in range(20):
        with pytest.raises(TooFastError, match="That was a lot"):
            await access.admit(visitor(7))

    for user_id in (8, 9, 10):
        await access.admit(visitor(user_id))
    with pytest.raises(TooFastError, match="whole server"):
        await access.admit(visitor(11))


async def test_what_the_server_is_refused_does_not_count_against_the_person(access: Access, clock: Clock) -> None:
    await fill_the_server(access)
    clock.seconds += 30
    for _ in range(10):
        with pytest.raises(TooFastError, match="whole server"):
            await access.admit(visitor(7))
    clock.seconds += 30

    for _ in range(2):
        await access.admit(visitor(7))
    with pytest.raises(TooFastError, match="That was a lot"):
        await access.admit(visitor(7))


async def test_moderating_goes_on_in_a_flood_and_takes_nothing_of_the_servers_share(access: Access) -> None:
    chief = Visitor(7, SERVED, channel_id=1, manages=True)
    await access.admit(chief, moderator=True)
    await fill_the_server(access)

    await access.admit(chief, moderator=True)
    with pytest.raises(TooFastError, match="That was a lot"):
        await access.admit(chief, moderator=True)


async def test_one_server_does_not_use_up_what_another_may_ask(
    engine: SearchEngine, database: Database, clock: Clock
) -> None:
    both = Access({SERVED, OTHER}, RateLimiter(9, clock), RateLimiter(1, clock), RuleBook(database, engine), database)
    await both.admit(visitor())

    await both.admit(visitor(guild_id=OTHER))
    with pytest.raises(TooFastError, match="whole server"):
        await both.admit(visitor())


async def test_what_a_server_asked_before_a_restart_counts_after_it(
    engine: SearchEngine, database: Database, clock: Clock
) -> None:
    for user_id in range(11, 16):
        await database.save_search(saved_search(user_id=user_id, guild_id=SERVED, id=new_search_id()))
    await database.save_search(saved_search(user_id=17, guild_id=OTHER, id=new_search_id()))
    both = Access({SERVED, OTHER}, RateLimiter(2, clock), RateLimiter(5, clock), RuleBook(database, engine), database)

    with pytest.raises(TooFastError, match="whole server"):
        await both.admit(visitor(7))
    await both.admit(visitor(7, guild_id=OTHER))


async def test_what_was_asked_before_a_restart_counts_after_it(access: Access, database: Database) -> None:
    for _ in range(2):
        await database.save_search(saved_search(user_id=7, guild_id=SERVED, id=new_search_id()))

    with pytest.raises(TooFastError):
        await access.admit(visitor(7))
    await access.admit(visitor(8))


async def test_first_requests_at_once_are_all_counted(access: Access) -> None:
    outcomes = await asyncio.gather(*(access.admit(visitor()) for _ in range(10)), return_exceptions=True)

    assert sum(isinstance(each, TooFastError) for each in outcomes) == 8


async def test_a_channel_that_discord_does_not_tell_of_is_closed(access: Access) -> None:
    with pytest.raises(DeniedError):
        await access.admit(Visitor(7, SERVED, channel_id=0))


def test_after_the_time_that_was_told_the_next_request_is_let_in() -> None:
    clock = Clock()
    limiter = RateLimiter(1, clock)
    assert limiter.take(7) == 0

    wait = limiter.take(7)
    clock.seconds += wait

    assert wait == WINDOW_SECONDS
    assert limiter.take(7) == 0


def test_a_refused_request_does_not_lengthen_the_wait() -> None:
    clock = Clock()
    limiter = RateLimiter(1, clock)
    limiter.take(7)
    clock.seconds += 30

    assert [limiter.take(7), limiter.take(7)] == [30, 30]


def test_people_who_have_gone_are_forgotten() -> None:
    clock = Clock()
    limiter = RateLimiter(1, clock)
    for user in range(MAX_TRACKED + 1):
        limiter.take(user)
    clock.seconds += WINDOW_SECONDS + 1

    limiter.take(1)

    assert len(limiter._times) == 1
