"""Saved results, history, privacy, about and help, as people in the server use them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import discord
import pytest
from simcord import InteractionResult
from simcord.results import ResponseMessage

from bot import custom_ids
from bot import texts as common
from bot.database import Database, Report, ReportState, SavedResult
from bot.keeping import export as export_module
from bot.keeping.archive import MAX_PARTS, SLACK
from bot.reply import Reply
from bot.texts import keeping as texts
from bot.texts import moderation as moderators
from bot.views import layout
from search_core import Kind, SearchEngine
from search_core.filters import Action, RuleKind
from search_core.naming import Naming, write_naming
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, sample_picture, words
from tests.bot.staff import add_rule, custom_ids_of, press_crafted, row_named, staff_of

ANT = "animals/ant_01.jpg"
PROMPT = "a sailing ship"


async def ask(world: World, prompt: str = PROMPT) -> ResponseMessage:
    return answer(await world.ann.slash(world.channel, "search", prompt=prompt))


async def details(world: World, message: ResponseMessage, number: int = 1, who: str = "ann") -> ResponseMessage:
    value = options(message)[common.PICK_DETAILS.format(number=number)]
    return answer(await getattr(world, who).select(message, [value]))


async def save(world: World, *numbers: int, prompt: str = PROMPT) -> ResponseMessage:
    """Have Ann save some results of a search; the last one's details are returned."""
    message = await ask(world, prompt)
    for number in numbers:
        shown = await details(world, message, number)
        assert (await world.ann.click(shown, label=common.SAVE_THIS)).acknowledged
    return shown


async def shelf(world: World, who: str = "ann") -> ResponseMessage:
    told = answer(await getattr(world, who).slash(world.channel, "saved list"))
    assert told.ephemeral
    return told


async def fill(database: Database, engine: SearchEngine, user_id: int, count: int) -> list[SavedResult]:
    """Save the first pictures of the sample for somebody, as if they had pressed the button."""
    pictures = await engine.pictures(range(count))
    results = [
        SavedResult(
            user_id, GUILD_ID, each.sha256, engine.generation, each.row, each.metadata["title"], each.file_name,
            Kind.TEXT, PROMPT, "drawings", engine.manifest.source_fingerprint, "small-model", "f" * 16,
        )
        for each in pictures
    ]  # fmt: skip
    return [saved for each in results if (saved := await database.personal.save(each))]


@dataclass(frozen=True)
class Row:
    """Components that a forger has got onto a message which everybody sees."""

    items: tuple[discord.ui.Item[discord.ui.View], ...]

    def rows(self) -> list[list[discord.ui.Item[discord.ui.View]]]:
        return [list(self.items)]


async def forged(world: World, *items: discord.ui.Item[discord.ui.View]) -> discord.Message:
    """A public message of the bot's with components that it would never put there."""
    channel = world.client.get_channel(world.channel.id)
    assert isinstance(channel, discord.TextChannel)
    return await channel.send(view=layout(Reply("Forged", controls=Row(items))))


def button(custom_id: str) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(label=custom_id, custom_id=custom_id)


def told_by(result: InteractionResult) -> ResponseMessage:
    """What a person reads after a press that failed: it comes beside the message, and only they see it."""
    assert result.acknowledged
    told = result.followups[-1] if result.followups else result.response
    assert told is not None
    assert told.ephemeral
    return told


async def exported(world: World, kind: str = "zip") -> tuple[str, dict[str, bytes]]:
    """What an export says and holds, all of its files together."""
    result = await world.ann.slash(world.channel, "saved export", format=kind)
    messages = [answer(result), *result.followups]
    assert all(message.ephemeral for message in messages)
    files = {file.filename: await file.read() for message in messages for file in message.attachments}
    return "\n".join(words(message) for message in messages), files


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


# ---------------------------------------------------------------------------------------------------- saving


async def test_a_result_is_saved_from_its_details_and_the_button_says_so(world: World, database: Database) -> None:
    shown = await save(world, 1)

    assert buttons(shown)[common.SAVED_THIS] is False
    assert len(shown.attachments) == 1
    (kept,) = await database.personal.saved(world.ann.id, GUILD_ID)
    assert (kept.prompt, kept.kind, kept.generation) == (PROMPT, Kind.TEXT, world.client.services.engine.generation)
    assert kept.revision == world.client.services.engine.manifest.source_fingerprint
    assert "/" not in kept.collection + kept.model
    again = await details(world, await ask(world), 1)
    assert buttons(again)[common.SAVED_THIS] is False


async def test_what_one_saved_is_listed_for_them_alone_with_pictures_and_what_was_asked(world: World) -> None:
    assert texts.SAVED_NONE in words(await shelf(world))
    await save(world, 1, 2)

    mine, bens = await shelf(world), await shelf(world, "ben")

    assert len(alts(mine)) == len(mine.attachments) == 2
    assert PROMPT in words(mine)
    assert "1 to 2 of 2" in words(mine)
    assert texts.SAVED_NONE in words(bens)


async def test_saving_and_the_list_work_after_a_restart(
    world: World, database: Database, engine: SearchEngine, new_client: NewClient
) -> None:
    shown = await details(world, await ask(world))
    await fill(database, engine, world.ann.id, 11)
    listed = await shelf(world)

    await world.env.restart_bot(new_client())

    await world.ann.click(shown, label=common.SAVE_THIS)
    assert len(await database.personal.saved(world.ann.id, GUILD_ID)) == 12
    await world.ann.click(listed, label=common.NEXT)
    assert alts(listed)[0].startswith("10. ")
    assert len(alts(listed)) == 3
    assert buttons(listed) == {common.PREVIOUS: True, common.NEXT: False}
    await world.ann.click(listed, label=common.PREVIOUS)
    assert len(alts(listed)) == 9


async def test_a_saved_result_is_removed_from_the_page_that_shows_it(
    world: World, database: Database, engine: SearchEngine
) -> None:
    await fill(database, engine, world.ann.id, 10)
    listed = await shelf(world)
    await world.ann.click(listed, label=common.NEXT)

    await world.ann.select(listed, [next(iter(options(listed).values()))])

    assert len(alts(listed)) == 9, "the second page is empty, so the first is shown"
    assert len(await database.personal.saved(world.ann.id, GUILD_ID)) == 9


async def test_a_saved_result_is_removed_by_its_title(world: World, database: Database, engine: SearchEngine) -> None:
    await fill(database, engine, world.ann.id, 3)

    offered = await world.ann.autocomplete(world.channel, "saved remove", "picture", "arma")
    assert [choice["name"] for choice in offered] == ["Armadillo"]
    assert await world.ben.autocomplete(world.channel, "saved remove", "picture", "") == []
    told = answer(await world.ann.slash(world.channel, "saved remove", picture=offered[0]["value"]))

    assert "Armadillo" in words(told)
    assert len(await database.personal.saved(world.ann.id, GUILD_ID)) == 2
    again = answer(await world.ann.slash(world.channel, "saved remove", picture=offered[0]["value"]))
    assert texts.SAVED_NOT_FOUND in words(again)


async def test_what_is_hidden_since_is_removed_without_naming_it(
    world: World, database: Database, engine: SearchEngine
) -> None:
    kept = await fill(database, engine, world.ann.id, 12)
    hidden = next(each for each in kept if each.title == "Armadillo")
    number = len(kept) - kept.index(hidden)
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, hidden.sha256, Action.HIDE)
    masked = texts.SAVED_HIDDEN_NUMBER.format(number=number)

    every = await world.ann.autocomplete(world.channel, "saved remove", "picture", "")
    named = await world.ann.autocomplete(world.channel, "saved remove", "picture", "arma")
    offered = await world.ann.autocomplete(world.channel, "saved remove", "picture", masked[:16])
    told = answer(await world.ann.slash(world.channel, "saved remove", picture=f"saved:{hidden.id}"))

    assert len(every) == len(kept)
    assert named == [], "whoever guesses a title must not be told that it is hidden"
    assert [(choice["name"], choice["value"]) for choice in offered] == [(masked, f"saved:{hidden.id}")]
    assert masked in words(told)
    assert "Armadillo" not in str(every) + words(told)
    assert hidden.id not in [each.id for each in await database.personal.saved(world.ann.id, GUILD_ID)]


@pytest.mark.parametrize("value", ["theirs", "999999", "x", "1;2"])
async def test_a_crafted_choice_removes_nothing_of_somebody_else(
    world: World, database: Database, engine: SearchEngine, value: str
) -> None:
    (theirs,) = await fill(database, engine, world.ben.id, 1)
    await fill(database, engine, world.ann.id, 1)
    value = str(theirs.id) if value == "theirs" else value
    told = told_by(await press_crafted(world, world.ann, world.channel, custom_ids.shelf_remove_id(0), value))

    assert texts.SAVED_NOT_FOUND in words(told) or common.NOT_MY_CHOICE in words(told)
    assert len(await database.personal.saved(world.ben.id, GUILD_ID)) == 1
    assert len(await database.personal.saved(world.ann.id, GUILD_ID)) == 1


async def test_a_crafted_press_on_a_public_message_shows_ones_own_things_in_private(
    world: World, database: Database, engine: SearchEngine
) -> None:
    await fill(database, engine, world.ben.id, 2)
    custom_id = custom_ids.shelf_id("next", 0)
    public = await forged(world, button(custom_id))

    mine = await world.ann.click(public, custom_id=custom_id)
    bens = await world.ben.click(public, custom_id=custom_id)

    assert texts.SAVED_NONE in words(answer(mine))
    assert len(alts(answer(bens))) == 2
    assert answer(mine).ephemeral
    assert answer(bens).ephemeral


async def test_a_hidden_picture_is_neither_saved_nor_shown_nor_named(
    world: World, database: Database, engine: SearchEngine
) -> None:
    message = answer(await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy(ANT))))
    shown = await details(world, message)
    await world.ann.click(shown, label=common.SAVE_THIS)
    _, sha256 = await row_named(engine, ANT)
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, sha256, Action.HIDE)

    listed = await shelf(world)
    refused = told_by(
        await press_crafted(
            world, world.ann, world.channel, custom_ids_of(shown)[common.REPORT_THIS].replace("report-one", "save")
        )
    )

    assert common.PICTURE_HIDDEN in words(refused)
    assert "hidden by this server's rules" in words(listed)
    assert "Ant" not in words(listed)
    assert alts(listed) == []
    assert texts.SAVED_HIDDEN in str(listed.components)


async def test_a_picture_that_left_the_collection_is_listed_as_gone(
    world: World, database: Database, engine: SearchEngine
) -> None:
    (kept,) = await fill(database, engine, world.ann.id, 1)
    await database.personal.save(replace(kept, sha256="ab" * 32, title="Lost @everyone", id=0))

    listed = await shelf(world)

    assert "no longer in the collection" in words(listed)
    assert "Lost \\@everyone" in words(listed)
    assert len(alts(listed)) == 1


async def test_a_full_shelf_says_so(
    world: World, database: Database, engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.database.saved.MAX_SAVED", 1)
    await fill(database, engine, world.ann.id, 1)
    shown = await details(world, await ask(world))

    told = told_by(await world.ann.click(shown, label=common.SAVE_THIS))

    assert "as many as there can be" in words(told)
    assert len(await database.personal.saved(world.ann.id, GUILD_ID)) == 1


# ---------------------------------------------------------------------------------------------------- export


async def test_a_zip_holds_the_pictures_the_table_and_where_they_are_from(
    world: World, database: Database, engine: SearchEngine
) -> None:
    (kept, *_) = await fill(database, engine, world.ann.id, 25)

    said, files = await exported(world)

    archive = zipfile.ZipFile(io.BytesIO(files["saved.zip"]))
    lines = table(archive.read("saved.csv"))
    assert "Saved results: 25." in said
    assert len(lines) == 25
    assert {line["picture"] for line in lines} == {name for name in archive.namelist() if name.startswith("pictures/")}
    last = lines[-1]
    assert archive.read(last["picture"]) == sample_picture(kept.file_name)
    assert (last["title"], last["state"], last["prompt"], last["sha256"]) == (kept.title, "here", PROMPT, kept.sha256)
    assert last["metadata.creator"]
    readme = archive.read("README.txt").decode()
    for told in (
        "drawings",
        kept.revision,
        kept.generation,
        "small-model",
        "f" * 16,
        PROMPT,
        "To cite",
        engine.manifest.vignette,
    ):
        assert told in readme, told


async def test_a_table_alone_comes_as_csv(world: World, database: Database, engine: SearchEngine) -> None:
    await fill(database, engine, world.ann.id, 2)

    said, files = await exported(world, "csv")

    assert list(files) == ["saved.csv"]
    assert [line["number"] for line in table(files["saved.csv"])] == ["1", "2"]
    assert "Saved results: 2." in said


async def test_hidden_pictures_are_left_out_and_counted_and_gone_ones_listed(
    world: World, database: Database, engine: SearchEngine
) -> None:
    hidden, shown = await fill(database, engine, world.ann.id, 2)
    await database.personal.save(replace(shown, sha256="ab" * 32, title="Lost", id=0))
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, hidden.sha256, Action.HIDE)

    said, files = await exported(world)

    archive = zipfile.ZipFile(io.BytesIO(files["saved.zip"]))
    lines = table(archive.read("saved.csv"))
    assert {line["title"]: line["state"] for line in lines} == {"Lost": "gone", shown.title: "here"}
    assert len(archive.namelist()) == 3
    assert hidden.title not in archive.read("README.txt").decode()
    for words_ in (f"1 {texts.EXPORTED_HIDDEN[0]}", f"1 {texts.EXPORTED_GONE[0]}"):
        assert words_ in said
        assert words_ in archive.read("README.txt").decode()


async def test_a_large_export_comes_in_parts_and_smaller_pictures_and_says_so(
    world: World, database: Database, engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(database, engine, world.ann.id, 60)
    total = sum(len(each.data) for each in await engine.pictures(range(60)))
    alone = (await exported(world, "csv"))[1]["saved.csv"]
    limit = len(alone) + SLACK + total // MAX_PARTS  # the last bytes of five full parts would be missing
    monkeypatch.setattr(export_module, "REQUEST_BYTES", limit)

    said, files = await exported(world)

    archives = {name: zipfile.ZipFile(io.BytesIO(data)) for name, data in files.items()}
    assert 1 < len(archives) <= MAX_PARTS
    assert list(archives) == [f"saved-{n}-of-{len(files)}.zip" for n in range(1, len(files) + 1)]
    assert max(map(len, files.values())) <= limit
    lines = table(next(iter(archives.values())).read("saved.csv"))
    names = [name for each in archives.values() for name in each.namelist() if name.startswith("pictures/")]
    assert sorted(names) == sorted(line["picture"] for line in lines)
    smaller = [line for line in lines if line["state"] == "smaller"]
    assert smaller
    assert f"{len(smaller)} {texts.EXPORTED_SMALLER[1]}" in said
    assert texts.EXPORTED_PARTS.format(count=len(files)) in said


@pytest.mark.parametrize("kind", ["csv", "zip"])
async def test_a_table_that_is_larger_than_discord_takes_is_told(
    world: World, database: Database, engine: SearchEngine, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await fill(database, engine, world.ann.id, 20)
    monkeypatch.setattr(export_module, "REQUEST_BYTES", 2_000)

    said, files = await exported(world, kind)

    assert texts.EXPORT_TOO_BIG in said
    assert files == {}


async def test_an_export_of_nothing_says_so(world: World) -> None:
    for kind in ("csv", "zip"):
        said, files = await exported(world, kind)
        assert texts.EXPORT_NONE in said
        assert files == {}


# ---------------------------------------------------------------------------------------------------- history


async def test_a_history_begins_when_it_is_switched_on_and_ends_with_all_of_it(world: World) -> None:
    await ask(world, "a castle")
    assert texts.HISTORY_NOT_KEPT in words(answer(await world.ann.slash(world.channel, "history show")))
    assert texts.HISTORY_IS_ON in words(answer(await world.ann.slash(world.channel, "history on")))
    assert texts.HISTORY_NONE in words(answer(await world.ann.slash(world.channel, "history show")))
    await ask(world)

    shown = answer(await world.ann.slash(world.channel, "history show"))

    assert shown.ephemeral
    assert PROMPT in words(shown)
    assert "castle" not in words(shown)
    assert "deleted: 1 search." in words(answer(await world.ann.slash(world.channel, "history off")))
    assert texts.HISTORY_NOT_KEPT in words(answer(await world.ann.slash(world.channel, "history show")))


async def test_clearing_a_history_keeps_it_on(world: World) -> None:
    told = answer(await world.ann.slash(world.channel, "history clear"))
    assert texts.HISTORY_CLEARED_OFF.format(searches="0 searches") in words(told)
    await world.ann.slash(world.channel, "history on")
    await ask(world)

    told = answer(await world.ann.slash(world.channel, "history clear"))

    assert texts.HISTORY_CLEARED.format(searches="1 search") in words(told)
    assert texts.HISTORY_NONE in words(answer(await world.ann.slash(world.channel, "history show")))


async def test_a_past_search_is_asked_again_after_a_restart_and_in_private(world: World, new_client: NewClient) -> None:
    await world.ann.slash(world.channel, "history on")
    first = await ask(world)
    await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy(ANT)))
    shown = answer(await world.ann.slash(world.channel, "history show"))
    picture, prompt = options(shown).values()

    await world.env.restart_bot(new_client())

    again = answer(await world.ann.select(shown, [prompt]))
    assert again.ephemeral
    assert alts(again) == alts(first)
    assert alts(answer(await world.ann.select(shown, [picture])))[0].startswith("1. Ant")


async def test_a_history_tells_how_each_search_was_asked(world: World) -> None:
    await world.ann.slash(world.channel, "history on")
    found = await ask(world)
    row = options(found)[common.PICK_SIMILAR.format(number=2)]
    await world.ann.select(found, [row])
    await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy(ANT)))
    await world.ann.slash(world.channel, "random")

    shown = words(answer(await world.ann.slash(world.channel, "history show")))

    asked = [texts.HISTORY_BY_LOT, texts.HISTORY_PICTURE, texts.HISTORY_ROW, PROMPT]
    lines = [line for line in shown.splitlines() if line.startswith("**")]
    assert [each in line for each, line in zip(asked, lines, strict=True)] == [True] * 4


async def test_a_past_picture_search_that_expired_says_so(world: World, database: Database) -> None:
    await world.ann.slash(world.channel, "history on")
    await world.ann.slash(world.channel, "similar", image=("a.jpg", posted_copy(ANT)))
    shown = answer(await world.ann.slash(world.channel, "history show"))
    async with database._engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM searches")

    told = answer(await world.ann.select(shown, list(options(shown).values())))

    assert texts.HISTORY_TOO_OLD in words(told)


async def test_the_pages_of_a_history_turn(world: World, database: Database) -> None:
    await world.ann.slash(world.channel, "history on")
    await ask(world)
    (search,) = await database.recent_searches(GUILD_ID)
    for number in range(11):
        await database.save_search(replace(search, id=f"search-{number:05d}", prompt=f"prompt {number}"))
    shown = answer(await world.ann.slash(world.channel, "history show"))
    assert "prompt 10" in words(shown)

    await world.ann.click(shown, label=common.NEXT)

    assert "**11\\.** `prompt 0`" in words(shown)
    assert PROMPT in words(shown)
    assert buttons(shown) == {common.PREVIOUS: True, common.NEXT: False}


async def test_a_crafted_choice_asks_no_search_of_somebody_else(world: World, database: Database) -> None:
    await world.ann.slash(world.channel, "history on")
    await ask(world)
    (past,) = await database.personal.history(world.ann.id, GUILD_ID, 1)
    custom_id = custom_ids.history_id("next", 0)
    select: discord.ui.Select[discord.ui.View] = discord.ui.Select(
        custom_id=custom_ids.history_pick_id(0), options=[discord.SelectOption(label="1", value=str(past.id))]
    )

    told = answer(await world.ben.select(await forged(world, select), [str(past.id)]))
    page = answer(await world.ben.click(await forged(world, button(custom_id)), custom_id=custom_id))

    assert texts.HISTORY_GONE in words(told)
    assert PROMPT not in words(told)
    assert texts.HISTORY_NOT_KEPT in words(page)
    assert page.ephemeral


# ---------------------------------------------------------------------------------------------------- privacy


async def test_all_that_is_kept_is_told_and_handed_out(world: World) -> None:
    nothing = answer(await world.ann.slash(world.channel, "privacy show"))
    assert texts.PRIVACY_NOTHING in words(nothing)
    await world.ann.slash(world.channel, "history on")
    await save(world, 1)

    told = answer(await world.ann.slash(world.channel, "privacy show"))

    assert told.ephemeral
    for line in (
        "**Searches: 1**",
        "**Saved results: 1**",
        "**Searches in your history: 1**",
        "30 days",
        "moderators can try",
    ):
        assert line in words(told)
    kept = json.loads(await told.attachments[0].read())
    assert set(kept) == {"searches", "saved", "history", "preferences"}
    assert kept["searches"][0]["prompt"] == PROMPT


async def test_nothing_is_deleted_before_the_second_press_and_all_after_it_also_after_a_restart(
    world: World, database: Database, new_client: NewClient
) -> None:
    await world.ann.slash(world.channel, "history on")
    message = await ask(world)
    await save(world, 1)
    asked = answer(await world.ann.slash(world.channel, "privacy delete"))
    assert asked.ephemeral
    assert await database.personal.all_of(world.ann.id)

    await world.env.restart_bot(new_client())
    await world.ann.click(asked, label=texts.PRIVACY_YES)

    assert texts.PRIVACY_DELETED.format(except_for="") in words(asked)
    assert buttons(asked) == {}
    assert await database.personal.all_of(world.ann.id) == {}
    told = words(answer(await world.ann.click(message, label=common.NEXT)))
    assert common.SEARCH_UNKNOWN in told
    assert "was deleted" in told, "the answer is a minute old"


async def test_who_thinks_better_of_it_keeps_everything(world: World, database: Database) -> None:
    await ask(world)
    asked = answer(await world.ann.slash(world.channel, "privacy delete"))

    await world.ann.click(asked, label=texts.PRIVACY_NO)

    assert texts.PRIVACY_KEPT in words(asked)
    assert await database.personal.all_of(world.ann.id)


async def test_a_crafted_press_deletes_only_what_is_ones_own(world: World, database: Database) -> None:
    await ask(world)
    public = await forged(world, button(custom_ids.forget_id("yes")))

    told = answer(await world.ben.click(public, custom_id=custom_ids.forget_id("yes")))

    assert told.ephemeral
    assert texts.PRIVACY_DELETED.format(except_for="") in words(told)
    assert await database.personal.all_of(world.ann.id)


async def test_a_report_of_somebody_who_is_gone_names_nobody_and_bans_nobody(world: World, database: Database) -> None:
    report = Report(GUILD_ID, world.ben.id, 2, "s", "f" * 64, "g", 1, "Ant", PROMPT, asker_id=world.ann.id)
    stored = await database.open_report(report)
    for person in (world.ann, world.ben):
        await database.personal.erase(person.id)
    staff = await staff_of(world)

    card = answer(await staff.mod.slash(world.channel, "reports"))
    told = told_by(await staff.mod.click(card, label=moderators.CARD_BUTTONS["ban"]))
    assert moderators.REPORT_ASKER_GONE in words(told)
    await staff.mod.click(card, label=moderators.CARD_BUTTONS["dismiss"])

    assert words(card).count(moderators.CARD_NOBODY) == 2
    assert "<@0>" not in words(card)
    decided = await database.find_report(GUILD_ID, stored.id)
    assert decided is not None
    assert decided.state is ReportState.DISMISSED
    assert (await database.snapshot(GUILD_ID)).rules == ()


# ---------------------------------------------------------------------------------------------------- about, help


async def test_about_tells_what_the_collection_is_and_that_nobody_tested_it(world: World) -> None:
    told = answer(await world.ann.slash(world.channel, "about"))

    assert told.ephemeral
    for part in (":** 966 pictures;", "label \\(19 values\\)", "Out of scope", "CLIP model card", texts.ABOUT_NO_TEST):
        assert part.replace("\\(", "(").replace("\\)", ")") in words(told), part
    assert "/tmp" not in words(told)


@pytest.fixture
def said(sample_index: Path) -> Iterator[Naming]:
    """What is said of the sample collection for the length of a test."""
    naming = Naming("Drawings for a test", "Ann: Drawings. 2019.", "https://example.org/drawings")
    write_naming(sample_index, naming)
    yield naming
    write_naming(sample_index, Naming())


async def test_about_and_exports_name_the_collection_as_its_people_do(world: World, said: Naming) -> None:
    await save(world, 1)

    about = words(answer(await world.ann.slash(world.channel, "about")))
    files = (await exported(world))[1]

    model = "Vignette's sample model, for trying out and for tests"
    archive = zipfile.ZipFile(io.BytesIO(files["saved.zip"]))
    readme, (line,) = archive.read("README.txt").decode(), table(archive.read("saved.csv"))
    assert f"**{said.title}:** 966 pictures" in about
    assert f"**Source:** <{said.source_url}>\n**To cite:** Ann" in about
    assert f"The model** is {model}." in about
    assert f"- Collection: {said.title}, {said.source_url}" in readme
    assert "Ann: Drawings. 2019, revision " in readme
    assert f"using the model {model}; exported" in readme
    assert (line["collection"], line["model"]) == (said.title, model)


async def test_about_tells_the_last_in_domain_test_that_lies_with_the_index(
    world: World, engine: SearchEngine, sample_index: Path
) -> None:
    figures = {
        "created": "2026-11-02T00:00:00+00:00", "labels": "taxonomy.csv", "classes": [{}], "k": 9,
        "precision": {"value": 0.624, "low": 0.55, "high": 0.69}, "index": engine.manifest.as_dict(),
    }  # fmt: skip
    report = sample_index / "evaluation.json"
    report.write_text(json.dumps(figures), encoding="utf-8")
    try:
        told = words(answer(await world.ann.slash(world.channel, "about")))
    finally:
        report.unlink()

    assert "**In-domain test** of <t:1793577600:D> (1 class of taxonomy\\.csv): the first page was 62% right" in told
    assert texts.ABOUT_NO_TEST not in told


async def test_about_counts_no_values_that_only_hidden_pictures_have(world: World, database: Database) -> None:
    await add_rule(database, GUILD_ID, RuleKind.SOURCE, "label=animals", Action.HIDE)

    told = words(answer(await world.ann.slash(world.channel, "about")))

    assert "label (18 values)" in told
    assert ":** 966 pictures;" in told, "an answer says as well how many of them it leaves out"


async def test_each_example_of_the_help_is_searched_in_private_also_after_a_restart(
    world: World, new_client: NewClient
) -> None:
    shown = answer(await world.ann.slash(world.channel, "help"))
    assert list(buttons(shown)) == list(texts.HELP_EXAMPLES)

    await world.env.restart_bot(new_client())

    for example in texts.HELP_EXAMPLES:
        found = answer(await world.ann.click(shown, label=example))
        assert found.ephemeral
        assert example in words(found)
        assert len(alts(found)) == 9, f"{example} finds nothing close"


async def test_an_example_that_is_no_longer_there_says_so(world: World) -> None:
    public = await forged(world, button(custom_ids.example_id(99)))

    told = answer(await world.ann.click(public, custom_id=custom_ids.example_id(99)))

    assert texts.HELP_UNKNOWN in words(told)
    assert told.ephemeral


async def test_an_example_that_the_rules_refuse_is_refused(world: World, database: Database) -> None:
    shown = answer(await world.ann.slash(world.channel, "help"))
    await add_rule(database, GUILD_ID, RuleKind.WORD, "castle", Action.REFUSE)

    told = answer(await world.ann.click(shown, label="a castle"))

    assert alts(told) == []
    assert "castle" not in words(told)


@pytest.mark.parametrize(
    "command",
    ["saved list", "saved export", "history on", "history off", "history show", "history clear", "about", "help"],
)
async def test_who_is_banned_gets_no_further_than_the_door(world: World, database: Database, command: str) -> None:
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(world.ann.id))

    told = answer(await world.ann.slash(world.channel, command))

    assert common.BANNED in words(told)
    assert told.ephemeral
