"""`vignette db forget`: what an operator deletes of one person, on either kind of database."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.database import Actor, Database
from bot.database.tables import metadata
from search_core import Rule
from tests.bot.test_personal_data import ANN, BEN, GUILD, SECRET, everything, holding, leave_traces

Forget = Callable[..., tuple[int, str]]


@pytest.fixture
def forget(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Run `vignette db forget ...` in an empty folder, with something typed, and return exit code and words."""
    monkeypatch.chdir(tmp_path)

    def run(url: str, *arguments: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(["db", "forget", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


def prepare(url: str) -> None:
    """Have Ann and Ben leave something in every table."""

    async def fill() -> None:
        async with Database(url) as database:
            await leave_traces(database)
            await leave_traces(database, BEN, "somebody else's words")

    asyncio.run(fill())


def tables_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    async def read() -> dict[str, list[tuple[object, ...]]]:
        async with Database(url) as database:
            return await everything(database)

    return asyncio.run(read())


@pytest.mark.parametrize(("arguments", "typed"), [(["--yes"], ""), ([], "yes\n"), ([], " YES \n")])
def test_all_of_a_person_goes_and_what_went_is_said(
    forget: Forget, database_url: str, arguments: list[str], typed: str
) -> None:
    prepare(database_url)

    code, told = forget(database_url, str(ANN), *arguments, typed=typed)

    assert code == 0
    assert f"{ANN} is forgotten in " in told
    said = told.partition("is forgotten")[2]
    for line in (
        "searches: 1 deleted", "saved: 1 deleted", "history: 1 deleted", "preferences: 1 deleted", "notes: 2 deleted",
        "refusals: 1 kept for the moderators, without the person", "reports: 2 kept for the moderators",
        "audit: 2 kept for the moderators",
    ):  # fmt: skip
        assert line in said
    left = tables_of(database_url)
    assert holding(left, SECRET) == set()
    assert holding(left, ANN) == {"rules", "audit"}  # the pattern of a rule that she made, which is not about her
    assert holding(left, BEN) == set(metadata.tables) - {"guilds"}


@pytest.mark.parametrize("typed", ["no\n", "\n", "y\n", ""])
def test_without_a_yes_it_says_what_there_is_and_deletes_nothing(forget: Forget, database_url: str, typed: str) -> None:
    prepare(database_url)
    before = tables_of(database_url)

    code, told = forget(database_url, str(ANN), typed=typed)

    assert code == 1
    assert "searches: 1 deleted" in told
    assert "Nothing is deleted." in told
    assert ("--yes" in told) == (typed == "")
    assert tables_of(database_url) == before


def test_a_ban_stays_and_that_is_said(forget: Forget, database_url: str) -> None:
    async def ban() -> None:
        async with Database(database_url) as database:
            await database.add_rules(GUILD, [Rule.of("person", str(ANN))], Actor(BEN, "discord"))

    asyncio.run(ban())

    code, told = forget(database_url, str(ANN))

    assert code == 0
    assert "holds nothing of" in told
    assert "bans: 1, which stay" in told
    assert "rules" in holding(tables_of(database_url), ANN)


def test_of_a_stranger_there_is_nothing(forget: Forget, database_url: str) -> None:
    prepare(database_url)

    code, told = forget(database_url, "1300000000000000099")

    assert code == 0
    assert "holds nothing of 1300000000000000099" in told


@pytest.mark.parametrize(
    "user", ["ann", "0", "123", "@everyone", "1300000000000000077%", "9999999999999999999", "١" * 18]
)
def test_what_is_no_persons_number_is_refused(forget: Forget, user: str) -> None:
    code, told = forget("sqlite:///bot.db", user, "--yes")

    assert code == 1
    assert "is no person's number" in told


def test_no_database_is_made_where_there_is_none(forget: Forget) -> None:
    code, told = forget("sqlite:///none.db", str(ANN), "--yes")

    assert code == 1
    assert "There is no database at none.db" in told
    assert not Path("none.db").exists()
