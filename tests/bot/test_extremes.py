"""The strangest pictures and titles, asked for as a user: each answer keeps Discord's limits and makes sense."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest
import pytest_asyncio
from PIL import Image
from simcord import InteractionResult
from simcord.results import ResponseMessage

from bot import texts
from bot.commands.search import MAX_PROMPT
from bot.delivery import FILE_LIMIT
from bot.texts import keeping
from search_core import SearchEngine, build_index
from tests.bot.conftest import World
from tests.bot.reading import alts, answer, buttons, options, raw, walk, words
from tests.bot.staff import staff_of
from tests.bot.strange import PICTURES, TITLES, UNUSABLE, YEAR, broken_limits, strange_source
from tests.conftest import MODEL

PROMPT = "a ship"


@pytest.fixture(scope="module")
def strange_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("strange")
    build_index(strange_source(folder / "pictures"), folder / "index", model=MODEL, device="cpu", progress=False)
    return folder / "index"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(strange_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(strange_index, device="cpu") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _files_of_ten_mebibytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Discord says in each interaction of a server without boosts; the simulator says 25."""
    monkeypatch.setattr(discord.Interaction, "filesize_limit", property(lambda _: FILE_LIMIT, lambda _, __: None))


def checked(result: InteractionResult) -> ResponseMessage:
    """The answer to an interaction, which keeps Discord's limits and is no error."""
    message = answer(result)
    assert broken_limits(message) == []
    assert "(error " not in words(message)
    return message


async def every_row(world: World) -> dict[str, int]:
    """The rows of the strange pictures, by file name."""
    found = await world.client.services.engine.pictures(range(len(PICTURES)))
    return {each.file_name: each.row for each in found}


async def whole_answer(world: World, **options_of_random: object) -> ResponseMessage:
    return checked(await world.ann.slash(world.channel, "random", **options_of_random))


async def details_of(world: World, name: str) -> ResponseMessage:
    message = await whole_answer(world, where=f"year={YEAR + list(TITLES).index(name)}")
    return checked(await world.ann.select(message, [options(message)[texts.PICK_DETAILS.format(number=1)]]))


def test_what_no_index_takes_is_left_out_and_named(engine: SearchEngine) -> None:
    assert (engine.manifest.rows, engine.manifest.unreadable) == (len(PICTURES), len(UNUSABLE))


@pytest.mark.parametrize("layout", ["gallery", "sheet"])
@pytest.mark.parametrize("count", [1, 9, 10])
async def test_a_search_among_the_strangest_keeps_discords_limits_on_all_pages(
    world: World, layout: str, count: int
) -> None:
    await world.ann.slash(world.channel, "layout", style=layout)
    message = checked(await world.ann.slash(world.channel, "search", prompt=PROMPT, count=count))
    if texts.SHOW_NEAREST in buttons(message):
        checked(await world.ann.click(message, label=texts.SHOW_NEAREST))

    shown = len(alts(message))
    assert shown == (count if layout == "gallery" or count == 1 else 1)
    while buttons(message).get(texts.NEXT):
        checked(await world.ann.click(message, label=texts.NEXT))
        assert broken_limits(message) == []


@pytest.mark.parametrize("name", TITLES)
async def test_details_similar_ones_and_reports_of_each_keep_discords_limits(world: World, name: str) -> None:
    details = await details_of(world, name)

    assert name.replace("_", "") in words(details).replace("\\", "")
    assert len(alts(details)) == 1
    assert buttons(details) == {texts.SAVE_THIS: True, texts.REPORT_THIS: True, texts.SOURCE: True}
    saved = checked(await world.ann.click(details, label=texts.SAVE_THIS))
    assert broken_limits(saved) == []
    message = await whole_answer(world, where=f"year={YEAR + list(TITLES).index(name)}")
    checked(await world.ann.select(message, [options(message)[texts.PICK_SIMILAR.format(number=1)]]))
    checked(await world.ben.click(message, label=texts.REPORT))


@pytest.mark.parametrize("name", ["tall.png", "wide.png", "huge.png", "scan.tif"])
async def test_a_picture_sent_smaller_says_how_large_the_collections_own_is(world: World, name: str) -> None:
    details = await details_of(world, name)

    with Image.open(io.BytesIO(PICTURES[name])) as own:
        width, height = own.size
    assert texts.SENT_SMALLER.format(width=width, height=height) in words(details)


@pytest.mark.parametrize("name", sorted(PICTURES.keys() - {"tall.png", "wide.png", "huge.png", "scan.tif"}))
async def test_all_others_are_sent_byte_for_byte_or_laid_on_a_ground(world: World, name: str) -> None:
    details = await details_of(world, name)

    sent = await details.attachments[0].read()
    assert texts.SENT_SMALLER[:20] not in words(details)
    assert sent == PICTURES[name] or name in {"lines.png", "path.png"}


@pytest.mark.parametrize("name", ["tall.png", "wide.png", "lines.png", "path.png"])
async def test_a_strip_can_be_seen_although_galleries_crop(world: World, name: str) -> None:
    details = await details_of(world, name)

    with Image.open(io.BytesIO(await details.attachments[0].read())) as sent:
        assert max(sent.size) <= 10 * min(sent.size)
        assert len(sent.convert("RGB").getcolors(1 << 24) or ()) > 50


async def test_no_title_pings_links_or_breaks_out(world: World) -> None:
    for name in TITLES:
        details = await details_of(world, name)
        told = words(details)
        for live in (" @everyone", " @here", "<@", "discord.gg/abc", "```", "\u202e", "\0", "||"):
            assert live not in told, (name, live)


async def test_similar_random_and_timeline_keep_discords_limits(world: World) -> None:
    checked(await world.ann.slash(world.channel, "similar", image=("a.png", PICTURES["glass.png"]), prompt="x" * 1_000))
    checked(await world.ann.slash(world.channel, "timeline", prompt=PROMPT, compare="z" + "\u0301" * 500))
    message = await whole_answer(world)

    assert len(alts(message)) == 9


@pytest.mark.parametrize("prompt", [*TITLES.values(), "\0ship\ud83d", "`" * 900, "@everyone " * 90])
async def test_whatever_is_asked_the_answer_keeps_discords_limits(world: World, prompt: str) -> None:
    message = answer(await world.ann.slash(world.channel, "search", prompt=prompt[:1_000], without=prompt[:1_000]))

    assert broken_limits(message) == []
    assert texts.UNEXPECTED not in words(message)
    assert "@everyone" not in words(message).replace("`", "") or "`" in words(message)


@pytest.mark.parametrize(("name", "told"), [("hair.png", "too small"), ("thread.png", "too small"),
                                            ("dot.png", "too small"), ("cut.jpg", "damaged")])  # fmt: skip
async def test_a_posted_picture_that_is_none_gets_a_sentence(world: World, name: str, told: str) -> None:
    message = answer(await world.ann.slash(world.channel, "similar", image=(name, UNUSABLE[name])))

    assert told in words(message)
    assert broken_limits(message) == []


async def test_what_was_saved_of_the_strangest_is_listed_and_taken_along(world: World) -> None:
    for name in TITLES:
        await world.ann.click(await details_of(world, name), label=texts.SAVE_THIS)

    shelf = checked(await world.ann.slash(world.channel, "saved list"))
    checked(await world.ann.click(shelf, label=texts.NEXT))
    (table,) = await _export(world, "csv")
    held = {}
    for archive in await _export(world, "zip"):
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            held |= {name: opened.read(name) for name in opened.namelist()}

    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(TITLES)
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    assert all(name.isascii() and ".." not in name and not name.startswith("/") for name in held)
    pictures = {data for name, data in held.items() if name.startswith("pictures/")}
    assert len(pictures) == len(PICTURES)
    assert set(PICTURES.values()) - pictures == {PICTURES["huge.png"]}, "what fits is taken along byte for byte"


async def _export(world: World, kind: str) -> list[bytes]:
    result = await world.ann.slash(world.channel, "saved export", format=kind)
    messages = [answer(result), *result.followups]
    assert [broken_limits(message) for message in messages] == [[]] * len(messages)
    assert keeping.EXPORTED.format(count=len(TITLES)) in words(messages[0])
    return [await message.attachments[0].read() for message in messages]


async def test_a_history_of_the_strangest_keeps_discords_limits(world: World) -> None:
    await world.ann.slash(world.channel, "history on")
    for prompt in TITLES.values():
        asked = f"ship {prompt}"[:MAX_PROMPT]
        await world.ann.slash(
            world.channel, "search", prompt=asked, without="a storm " * 100, where=f"year={YEAR}..{YEAR + 99}"
        )

    history = checked(await world.ann.slash(world.channel, "history show"))

    assert len(options(history)) == 10


async def test_a_report_of_the_strangest_reaches_the_moderators(world: World) -> None:
    staff = await staff_of(world)
    message = await whole_answer(world)
    offered = checked(await world.ben.click(message, label=texts.REPORT))
    form = await world.ben.select(offered, [next(iter(options(offered).values()))])
    await world.ben.submit_modal(form, {"reason": "\U0001d518" * 140})

    card = checked(await staff.mod.slash(staff.room, "reports"))

    assert len(list(walk(raw(card)))) > 3
