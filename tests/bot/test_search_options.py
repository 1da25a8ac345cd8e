"""`/search` narrowed, on the first page and the next: without, a picture beside the words, conditions, ten pictures.

The sample has no years; `test_search_years` has.
"""

from __future__ import annotations

import pytest

from bot import texts
from bot.database import Database
from bot.moderation.trial import inspect_searches
from bot.question import Years, in_years, read_years
from search_core import Field, FieldKind, FilterSet, Kind, Query, QueryError, SearchEngine
from search_core.filters import Action, Rule, RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, words
from tests.bot.staff import add_rule


def rows_of(message: object) -> list[int]:
    """The rows that an answer shows, in order."""
    values = [value for value in options(message).values() if value.startswith("details")]  # type: ignore[arg-type]
    return [int(value.partition(":")[2]) for value in values]


async def test_without_is_told_and_survives_paging_and_a_restart(
    world: World, engine: SearchEngine, new_client: NewClient
) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish", without="a red fish"))
    first = rows_of(message)

    await world.env.restart_bot(new_client())
    await world.ann.click(message, label=texts.NEXT)

    found = await engine.search(Query(text="a fish", without="a red fish", k=18), FilterSet.empty())
    assert first + rows_of(message) == [hit.row for hit in found.hits]
    assert "without `a red fish`" in words(message)


async def test_closeness_on_the_next_page_is_that_of_a_search_with_without(world: World, engine: SearchEngine) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish", without="an apple"))
    await world.ann.click(message, label=texts.NEXT)

    found = await engine.search(Query(text="a fish", without="an apple", k=9, offset=9), FilterSet.empty())
    pairs = zip(found.hits, numbered(words(message)), strict=True)
    assert all(f"*{hit.closeness.value}*" in line for hit, line in pairs)


def numbered(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("**")]


@pytest.mark.parametrize("option", ["prompt", "without", "where"])
async def test_what_is_refused_as_a_prompt_is_refused_in_every_option(
    world: World, database: Database, option: str
) -> None:
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
    said = {"prompt": "a fish"} | {option: "title~skull" if option == "where" else "a skull"}

    message = answer(await world.ann.slash(world.channel, "search", **said))

    assert "do not allow" in words(message)
    assert "skull" not in words(message)
    assert message.ephemeral


async def test_a_without_that_is_refused_since_stops_the_next_page(world: World, database: Database) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish", without="a skull"))
    before = alts(message)
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")

    result = await world.ann.click(message, label=texts.NEXT)

    assert "do not allow" in words(result.followups[-1])
    assert alts(message) == before


@pytest.mark.parametrize("hiding", [False, True], ids=["no such value", "all of them hidden"])
async def test_where_nothing_fulfils_the_conditions_that_is_told_and_can_be_deleted(
    world: World, database: Database, *, hiding: bool
) -> None:
    if hiding:
        await add_rule(database, GUILD_ID, RuleKind.SOURCE, "label=animals", Action.HIDE)

    where = "label=animals" if hiding else "label=zzz"
    message = answer(await world.ann.slash(world.channel, "search", prompt="a cat", where=where))

    assert texts.NOTHING_FULFILS in words(message)
    assert "hidden by" not in words(message)
    assert list(buttons(message)) == [texts.DELETE]


async def test_conditions_hold_on_every_page(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="something", where="label=animals", count=4))
    pages = [alts(message)]
    if texts.SHOW_NEAREST in words(message) or not alts(message):
        await world.ann.click(message, label=texts.SHOW_NEAREST)
        pages = [alts(message)]
    await world.ann.click(message, label=texts.NEXT)
    pages.append(alts(message))

    assert all("category animals" in alt for page in pages for alt in page)
    assert len(pages[0]) == len(pages[1]) == 4
    assert not set(pages[0]) & set(pages[1])
    assert "where `label=animals`" in words(message)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"where": "label animals"}, "is no condition"),
        ({"where": "colour=red"}, "has no field 'colour'"),
        ({"years": "long ago"}, texts.YEARS_UNREADABLE),
        ({"years": "1870-50"}, texts.YEARS_BACKWARDS),
        ({"years": "1850"}, texts.YEARS_NONE),
        ({"without": "***"}, "holds no words"),
    ],
)
async def test_what_cannot_be_used_is_told_in_private(world: World, said: dict[str, str], told: str) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish", **said))

    assert told in words(message)
    assert message.ephemeral


async def test_fields_and_values_are_offered_while_typing(world: World) -> None:
    fields = await world.ann.autocomplete(world.channel, "search", "where", "lab", prompt="a fish")
    values = await world.ann.autocomplete(world.channel, "search", "where", "label=ani", prompt="a fish")

    assert [choice["value"] for choice in fields] == ["label="]
    assert "label=animals" in [choice["value"] for choice in values]


async def test_ten_pictures_come_with_ten_choices(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish", count=10))

    assert len(alts(message)) == len(message.attachments) == 10
    assert len(options(message)) == 20


async def test_a_picture_beside_the_words_makes_a_mixed_search_on_every_page(world: World, database: Database) -> None:
    image = ("ant.jpg", posted_copy())
    message = answer(await world.ann.slash(world.channel, "search", prompt="an ant", image=image))
    first = rows_of(message)
    (search,) = await database.recent_searches(GUILD_ID)

    await world.ann.click(message, label=texts.NEXT)

    assert (search.kind, search.share, search.prompt) == (Kind.MIXED, 0.5, "an ant")
    assert texts.SIMILAR_AND.format(prompt="`an ant`") in words(message)
    assert not set(first) & set(rows_of(message))


async def test_similar_takes_a_prompt_and_a_count(world: World, database: Database) -> None:
    image = ("ant.jpg", posted_copy())
    message = answer(await world.ann.slash(world.channel, "similar", image=image, prompt="a bee", count=3))

    assert len(alts(message)) == 3
    assert texts.SIMILAR_AND.format(prompt="`a bee`") in words(message)


async def test_the_likes_of_a_picture_under_a_spoiler_are_under_one_on_every_page(world: World) -> None:
    image = ("SPOILER_ant.jpg", posted_copy())
    message = answer(await world.ann.slash(world.channel, "similar", image=image))
    assert all(file.filename.startswith("SPOILER_") for file in message.attachments)

    await world.ann.click(message, label=texts.NEXT)

    assert all(file.filename.startswith("SPOILER_") for file in message.attachments)


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("1850", (1850, 1850)),
        ("1850-1870", (1850, 1870)),
        (" 1850 .. 1870 ", (1850, 1870)),
        ("1850–1870", (1850, 1870)),
        ("1850-", (1850, None)),
        ("1850 ..", (1850, None)),
        ("since 1850", (1850, None)),
        ("From 1850", (1850, None)),
        ("-1870", (None, 1870)),
        ("..1870", (None, 1870)),
        ("until 1870", (None, 1870)),
        ("up to 1870", (None, 1870)),
    ],
)
def test_years_are_read_as_people_write_them(written: str, span: Years) -> None:
    assert span == read_years(written)


@pytest.mark.parametrize(
    "written",
    ["", "-", "..", "1850--", "since", "since 1850-1860", "1850-1860-1870", "18500", "-18500", "year", "1850;1860"],
)
def test_anything_else_is_no_span_of_years(written: str) -> None:
    with pytest.raises(QueryError, match="such as 1850"):
        read_years(written)


def test_years_look_in_the_field_that_is_called_so() -> None:
    number = FieldKind.NUMBER
    fields = [Field("scanned", number, 9, 1999, 2009, True), Field("year", number, 9, 1800, 1900, True)]

    assert in_years((1850, 1870), fields) == "year=1850..1870"
    assert in_years((1850, None), fields) == "year>=1850"
    assert in_years((None, 1870), fields) == "year<=1870"
    with pytest.raises(QueryError, match="No field of this collection holds years"):
        in_years((1850, 1870), [Field("pages", number, 9, 1, 300)])


async def test_a_narrowed_search_is_asked_again_from_the_history_as_it_was(world: World, database: Database) -> None:
    await world.ann.slash(world.channel, "history on")
    said = {"prompt": "a fish", "without": "a red fish", "where": "label=animals"}
    first = answer(await world.ann.slash(world.channel, "search", **said))
    listed = answer(await world.ann.slash(world.channel, "history show"))

    again = answer(await world.ann.select(listed, [next(iter(options(listed).values()))]))

    assert rows_of(again) == rows_of(first)
    assert "without `a red fish` · where `label=animals`" in words(again)


async def test_what_is_saved_names_all_that_was_asked(world: World, database: Database) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt="a fish", where="label=animals"))
    details = answer(await world.ann.select(message, [f"details:{rows_of(message)[0]}"]))
    await world.ann.click(details, label=texts.SAVE_THIS)

    (saved,) = await database.personal.saved(world.ann.id, GUILD_ID)
    assert saved.prompt == "a fish, where label=animals"


async def test_a_rule_tried_on_recent_searches_sees_what_they_stay_away_from(
    world: World, database: Database, engine: SearchEngine
) -> None:
    await world.ann.slash(world.channel, "search", prompt="a fish", without="a skull")

    (tried,) = await inspect_searches(engine, [Rule.of("word", "skull")], await database.recent_searches(GUILD_ID))

    assert tried.inspection.refused
