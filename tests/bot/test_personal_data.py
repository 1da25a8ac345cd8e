"""What belongs to a person: kept for them, reached by nobody else, and gone from every table when they say so."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.database import Actor, Database, Refusal, Report, ReportState, SavedResult
from bot.database.connections import Connections
from bot.database.history import MAX_HISTORY
from bot.database.migrate import HEAD, upgrade
from bot.database.saved import MAX_SAVED
from bot.database.tables import metadata
from bot.database.traces import NOBODY, TRACES
from search_core import Kind, Rule
from tests.bot.results import saved_search

ANN, BEN = 1_300_000_000_000_000_077, 1_300_000_000_000_000_088
GUILD, OTHER = 2**62, 8
SECRET = "a secret ship"


@pytest.fixture
def database(any_database: Database) -> Database:
    return any_database


def result(number: int = 0, **changes: object) -> SavedResult:
    values = {
        "user_id": ANN, "guild_id": GUILD, "sha256": f"{number:064x}", "generation": "g1", "row": number,
        "title": f"Ship {number}", "file_name": f"ships/{number}.jpg", "kind": Kind.TEXT, "prompt": SECRET,
        "collection": "drawings", "revision": "f" * 64, "model": "clip", "filter_hash": "0" * 16,
    }  # fmt: skip
    return SavedResult(**(values | changes))  # type: ignore[arg-type]


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table there is, those that are not ours too."""
    async with database._connections.reading() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(table.select())]
            for table in metadata.sorted_tables
        }


def holding(tables: dict[str, list[tuple[object, ...]]], *sought: object) -> set[str]:
    """The tables in which something occurs, as a value or inside of one."""
    return {
        name
        for name, rows in tables.items()
        for row in rows
        for value in row
        if any(str(each) in str(value) for each in sought)
    }


async def leave_traces(database: Database, user: int = ANN, prompt: str = SECRET) -> None:
    """Have a person leave something in every table that can hold anything of them, as member and as moderator."""
    await database.personal.keep_history(user, on=True)
    await database.save_search(
        saved_search(user_id=user, guild_id=GUILD, prompt=prompt, id=f"search-of-{user % 97:03d}")
    )
    await database.personal.save(result(user_id=user, prompt=prompt))
    await database.save_refusal(Refusal(GUILD, 2, user, prompt, (1,), ("clean",)))
    await database.write_note(f"plan:{GUILD}:{user}", prompt)
    await database.write_note(f"refusal-notice:{GUILD}:{user}", "17")
    own = await database.open_report(Report(GUILD, user, 2, "s", "f" * 64, "g", 1, "t", prompt, asker_id=user))
    await database.resolve_report(GUILD, own.id, ReportState.DISMISSED, Actor(user, "discord"))
    await database.open_report(Report(GUILD, 5, 2, "s", "f" * 64, "g", 1, "t", prompt, asker_id=user))
    await database.add_rules(GUILD, [Rule.of("word", f"w{user}x")], Actor(user, "discord"))


def test_every_table_says_what_it_keeps_of_a_person_and_how_that_goes() -> None:
    assert set(TRACES) == set(metadata.tables)


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_a_table_that_names_people_has_a_way_to_forget_them(name: str) -> None:
    """By the columns' names: whoever adds a column for a person must also say how it goes."""
    table = metadata.tables[name]
    people = {column.name for column in table.columns if column.name in {"user_id", "resolved_by"}}
    people |= {column.name for column in table.columns if column.name.endswith(("er_id", "_by"))}

    touched = "\n".join(str(statement) for statement in TRACES[name].erase(ANN))

    assert all(column in touched for column in people), people


async def test_what_is_erased_is_in_no_table_any_more(database: Database) -> None:
    await leave_traces(database)
    await leave_traces(database, BEN, "somebody else's words")
    assert holding(await everything(database), ANN) == set(metadata.tables) - {"guilds"}

    await database.personal.erase(ANN)

    left = await everything(database)
    assert holding(left, SECRET) == set()
    assert holding(left, f"{ANN}") == {"rules", "audit"}  # the pattern of a rule that she made, which is not about her
    assert await database.personal.all_of(ANN) == {}


async def test_others_keep_what_is_theirs(database: Database) -> None:
    await leave_traces(database, BEN, "somebody else's words")
    before = await everything(database)
    await leave_traces(database)

    await database.personal.erase(ANN)

    after = await everything(database)
    for name in ("searches", "saved", "history", "preferences", "notes", "refusals", "reports", "rules"):
        assert set(map(str, before[name])) <= set(map(str, after[name])), name


async def test_moderators_records_stay_without_the_person(database: Database) -> None:
    await leave_traces(database)

    await database.personal.erase(ANN)

    (refusal,) = await database.recent_refusals(GUILD)
    assert (refusal.user_id, refusal.prompt, refusal.rule_ids) == (NOBODY, None, (1,))
    open_, closed = await database.recent_reports(GUILD)
    assert (closed.reporter_id, closed.asker_id, closed.resolved_by, closed.prompt) == (NOBODY, NOBODY, None, None)
    assert (open_.reporter_id, open_.asker_id, open_.state) == (5, NOBODY, ReportState.OPEN)
    assert {entry.actor.user_id for entry in await database.audit(GUILD)} == {NOBODY}
    assert len(await database.audit(GUILD)) == 2


async def test_a_ban_is_not_lifted_by_erasing_oneself(database: Database) -> None:
    await database.add_rules(GUILD, [Rule.of("person", str(ANN))], Actor(BEN, "discord"))

    await database.personal.erase(ANN)

    assert [rule.pattern for rule in (await database.snapshot(GUILD)).rules] == [str(ANN)]
    assert list(await database.personal.all_of(ANN)) == ["rules"]


async def test_an_erased_person_is_gone_from_the_sqlite_file_and_its_log(sqlite: Callable[[], str]) -> None:
    url = sqlite()
    file = Path(url.removeprefix("sqlite:///"))
    async with Database(url) as database:
        await leave_traces(database)
        assert any(SECRET.encode() in each.read_bytes() for each in file.parent.glob(f"{file.name}*"))

        await database.personal.erase(ANN)

        assert not any(SECRET.encode() in each.read_bytes() for each in file.parent.glob(f"{file.name}*"))


async def test_what_is_shown_of_a_person_names_every_table_and_no_vector(database: Database) -> None:
    await leave_traces(database)

    shown = await database.personal.all_of(ANN)

    assert set(shown) == set(metadata.tables) - {"guilds", "rules"}
    assert "vector" not in shown["searches"][0]
    assert shown["searches"][0]["prompt"] == shown["history"][0]["prompt"] == SECRET


async def test_who_reported_an_answer_is_not_shown_to_its_asker(database: Database) -> None:
    await database.open_report(Report(GUILD, BEN, 2, "s", "f" * 64, "g", 1, "t", SECRET, asker_id=ANN))

    assert await database.personal.all_of(ANN) == {}


async def test_a_result_is_kept_once_and_comes_back_as_it_was(database: Database) -> None:
    first = await database.personal.save(result(1))
    again = await database.personal.save(result(1, title="Another name"))
    other = await database.personal.save(result(1, guild_id=OTHER))

    assert first is not None
    assert other is not None
    assert again == first == replace(result(1, at=first.at), id=first.id)
    assert await database.personal.saved(ANN, GUILD) == [first]
    assert await database.personal.has_saved(ANN, OTHER, f"{1:064x}")
    assert not await database.personal.has_saved(BEN, GUILD, f"{1:064x}")


async def test_saved_results_of_others_and_of_other_servers_are_not_removed(database: Database) -> None:
    mine, theirs = await database.personal.save(result(1)), await database.personal.save(result(1, user_id=BEN))
    elsewhere = await database.personal.save(result(1, guild_id=OTHER))
    assert mine is not None
    assert theirs is not None
    assert elsewhere is not None

    assert await database.personal.remove_saved(ANN, GUILD, [theirs.id, elsewhere.id]) == 0
    assert await database.personal.remove_saved(ANN, GUILD, [mine.id, theirs.id]) == 1
    assert await database.personal.saved(BEN, GUILD) == [theirs]


async def test_beyond_the_limit_nothing_is_saved(database: Database) -> None:
    async with database._connections.writing() as connection:
        rows = [
            {name: getattr(result(number), name) for name in SavedResult.__dataclass_fields__ if name != "id"}
            | {"kind": "text"}
            for number in range(MAX_SAVED)
        ]
        await connection.execute(metadata.tables["saved"].insert(), rows)

    assert await database.personal.save(result(MAX_SAVED)) is None
    assert len(await database.personal.saved(ANN, GUILD)) == MAX_SAVED
    assert await database.personal.save(result(3)) is not None


async def test_a_history_is_kept_only_of_those_who_want_one(database: Database) -> None:
    search = saved_search(user_id=ANN, guild_id=GUILD, prompt=SECRET, id="search-00001")
    await database.save_search(search)
    assert await database.personal.history(ANN, GUILD, 10) == []

    await database.personal.keep_history(ANN, on=True)
    await database.save_search(replace(search, id="search-00002"))
    await database.save_search(replace(search, id="search-00003", user_id=BEN))

    (kept,) = await database.personal.history(ANN, GUILD, 10)
    assert (kept.search_id, kept.prompt, kept.kind) == ("search-00002", SECRET, "text")
    assert await database.personal.history(BEN, GUILD, 10) == []
    assert await database.personal.past_search(BEN, GUILD, kept.id) is None
    assert await database.personal.past_search(ANN, OTHER, kept.id) is None


async def test_a_history_that_is_switched_off_is_deleted_everywhere(database: Database) -> None:
    await database.personal.keep_history(ANN, on=True)
    for number, guild in enumerate((GUILD, OTHER)):
        await database.save_search(saved_search(user_id=ANN, guild_id=guild, id=f"search-{number:05d}"))
    assert await database.personal.clear_history(ANN, GUILD) == 1
    assert await database.personal.keeps_history(ANN)

    assert await database.personal.keep_history(ANN, on=False) == 1

    assert not await database.personal.keeps_history(ANN)
    assert holding(await everything(database), ANN) == {"searches"}


async def test_the_oldest_searches_of_a_history_make_room(database: Database) -> None:
    await database.personal.keep_history(ANN, on=True)
    row = {"user_id": ANN, "guild_id": GUILD, "kind": "text", "prompt": "old", "row": None, "at": int(time.time())}
    async with database._connections.writing() as connection:
        rows = [row | {"search_id": f"search-{number}"} for number in range(MAX_HISTORY)]
        await connection.execute(metadata.tables["history"].insert(), rows)

    await database.save_search(saved_search(user_id=ANN, guild_id=GUILD, prompt="new"))

    kept = await database.personal.history(ANN, GUILD, MAX_HISTORY + 5)
    assert len(kept) == MAX_HISTORY
    assert (kept[0].prompt, kept[-1].search_id) == ("new", "search-1")


async def test_a_database_of_the_release_with_moderation_comes_up_with_its_rows(database_url: str) -> None:
    connections = Connections(database_url)
    async with connections.writing() as connection:
        await connection.run_sync(upgrade, "0002")
        await connection.execute(text("INSERT INTO notes VALUES ('commands:1', 'told')"))
        await connection.execute(
            text(
                "INSERT INTO refusals (guild_id, channel_id, user_id, at, prompt, rule_ids, views)"
                " VALUES (7, 2, 3, 4000000000, 'seen', '[1]', '[\"clean\"]')"
            )
        )
    await connections.close()

    async with Database(database_url) as opened:
        assert await opened.read_note("commands:1") == "told"
        assert [refusal.prompt for refusal in await opened.recent_refusals(7)] == ["seen"]
        assert await opened.personal.save(result()) is not None
        assert await opened.migration() == HEAD


def test_what_people_asked_does_not_show_in_reprs() -> None:
    assert SECRET not in repr(result())
