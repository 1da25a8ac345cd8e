"""Access: the one place that says who may do what, and how often."""

from __future__ import annotations

import pytest

from bot.access import MAX_TRACKED, WINDOW_SECONDS, Access, NotServedError, RateLimiter, TooFastError

SERVED, OTHER = 1_200_000_000_000_000_001, 1_200_000_000_000_000_002


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(("guild_id", "served"), [(SERVED, True), (OTHER, False), (None, False), (0, False)])
def test_only_listed_servers_are_served(guild_id: int | None, served: bool) -> None:
    access = Access({SERVED}, RateLimiter(1))

    assert served == access.serves(guild_id)


def test_an_empty_list_serves_nobody() -> None:
    with pytest.raises(NotServedError):
        Access((), RateLimiter(1)).admit(SERVED, 1)


def test_requests_from_elsewhere_do_not_count_against_a_person() -> None:
    access = Access({SERVED}, RateLimiter(1))

    with pytest.raises(NotServedError):
        access.admit(OTHER, 7)

    access.admit(SERVED, 7)


def test_who_asks_too_often_is_told_when_to_come_again() -> None:
    clock = Clock()
    access = Access({SERVED}, RateLimiter(2, clock))
    access.admit(SERVED, 7)
    clock.seconds += 10
    access.admit(SERVED, 7)
    clock.seconds += 0.5

    with pytest.raises(TooFastError, match=r"again in 50 s"):
        access.admit(SERVED, 7)


def test_one_person_does_not_use_up_what_another_may_ask() -> None:
    access = Access({SERVED}, RateLimiter(1, Clock()))

    access.admit(SERVED, 7)
    access.admit(SERVED, 8)


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
