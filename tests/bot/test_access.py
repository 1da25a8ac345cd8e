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
    """Two requests a minute."""
    return Access({SERVED}, RateLimiter(2, clock), RuleBook(database, engine), database)


def visitor(user_id: int = 7, guild_id: int = SERVED) -> Visitor:
    return Visitor(user_id, guild_id, channel_id=1)


@pytest.mark.parametrize(("guild_id", "served"), [(SERVED, True), (OTHER, False), (None, False), (0, False)])
def test_only_listed_servers_are_served(access: Access, guild_id: int | None, served: bool) -> None:
    assert served == access.serves(guild_id)


async def test_an_empty_list_serves_nobody(engine: SearchEngine, database: Database) -> None:
    nobody = Access((), RateLimiter(1), RuleBook(database, engine), database)

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
