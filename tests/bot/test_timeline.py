"""`/timeline` and `/random`, acted by members of the server, on a collection that has years."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from bot import plots, texts
from bot.database import Database
from bot.limits import check_uploads, check_view
from bot.plots import (
    FAINT,
    INK,
    PAPER,
    STYLES,
    Numbered,
    contrast,
    draw_timeline,
    drawable,
    figure_of,
    legible,
    plot_name,
    said_of,
    spread,
    style,
)
from bot.plots.axis import highest, sound
from bot.reply import Controls
from bot.timeline_reply import compose_timeline, peak
from bot.views import layout
from search_core import Closeness, Example, FilterSet, Kind, Mixture, Query, SearchEngine, Timeline
from search_core.evaluation.intervals import wilson
from search_core.filters import Action, RuleKind
from search_core.timeline import Bin, Series
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, buttons, options, words
from tests.bot.staff import add_rule, set_channel, staff_of


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def engine(dated_index: Path) -> AsyncIterator[SearchEngine]:
    async with SearchEngine.open(dated_index, device="cpu") as opened:
        yield opened


def in_bins(*close: int, rows: int = 20, examples: tuple[Example, ...] = ()) -> Series:
    shares = tuple(wilson(some, rows) for some in close)
    overall = wilson(sum(close), rows * len(close))
    return Series(close, shares, overall, examples, np.ones(1, np.float32), Kind.TEXT, Mixture(), truncated=False)


def made(*series: Series, column: str = "year", **parts: object) -> Timeline:
    bins = tuple(Bin(1800 + 10 * n, 1810 + 10 * n, 20) for n in range(len(series[0].close)))
    values = {
        "column": column, "years": True, "bins": bins, "whole": True, "series": series, "without_number": 0,
        "far_off": 0, "hidden": 0, "generation": "g1", "filter_hash": "f",
    }  # fmt: skip
    return Timeline(**(values | parts))  # type: ignore[arg-type]


def example(row: int, place: int, title: str = "Ship", closeness: Closeness = Closeness.CLOSE) -> Example:
    return Example(row, place, 1805 + 10 * place, 0.5, closeness, {"title": title, "file_name": "a/ship.png"})


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(buffer, "PNG")
    return buffer.getvalue()


# ------------------------------------------------------------------ as a user


async def test_a_timeline_is_a_plot_whose_alt_text_tells_the_figures(world: World, engine: SearchEngine) -> None:
    found = await engine.timeline(Query(text="an animal"), FilterSet.empty())
    best = peak(found, found.series[0])

    message = answer(await world.ann.slash(world.channel, "timeline", prompt="an animal"))

    [plot], [alt] = message.attachments, alts(message)
    picture = Image.open(io.BytesIO(await plot.read()))
    assert (picture.format, picture.width) == ("PNG", 1_100)
    close, rows = found.series[0].close[best], found.bins[best].rows
    assert f"{close} of {rows} pictures are close" in words(message)
    for part in ("1800 to 1899", "“an animal”", f"({close} of {rows}", "95% interval", "1. "):
        assert part in alt
    assert "`an animal` over the years" in words(message)
    assert "1 without a number in year, 1 whose number lies far off" in words(message)


async def test_a_second_prompt_is_told_beside_the_first(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "timeline", prompt="an animal", compare="a car"))

    assert "`an animal` and `a car` over the years" in words(message)
    assert "“an animal”" in alts(message)[0]
    assert "“a car”" in alts(message)[0]
    assert len(options(message)) <= 24


async def test_pictures_that_are_examples_of_both_prompts_can_be_picked_once(
    world: World, engine: SearchEngine
) -> None:
    found = await engine.timeline(Query(text="a car"), FilterSet.empty(), None, "a red car")
    rows = [{each.row for each in series.examples} for series in found.series]
    assert rows[0] & rows[1]

    message = answer(await world.ann.slash(world.channel, "timeline", prompt="a car", compare="a red car"))

    assert len(options(message)) == 2 * len(rows[0] | rows[1])
    assert texts.PICK_DETAILS.format(number=1) in options(message)


async def test_a_plot_without_examples_can_be_deleted_too(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "timeline", prompt="quarterly revenue forecast"))
    assert not options(message)

    assert texts.DELETE in buttons(message)


async def test_examples_can_be_picked_also_after_a_restart(
    world: World, engine: SearchEngine, new_client: NewClient
) -> None:
    found = await engine.timeline(Query(text="an animal"), FilterSet.empty())
    title = found.series[0].examples[0].metadata["title"]
    message = answer(await world.ann.slash(world.channel, "timeline", prompt="an animal"))
    choices = options(message)

    details = answer(await world.ann.select(message, [choices[texts.PICK_DETAILS.format(number=1)]]))
    await world.env.restart_bot(new_client())
    similar = answer(await world.ann.select(message, [choices[texts.PICK_SIMILAR.format(number=1)]]))

    assert texts.DETAILS_OF.format(title=title) in words(details)
    assert texts.SIMILAR_TO_RESULT.format(title=title) in words(similar)
    assert len(alts(similar)) == 9
    assert buttons(message) == {texts.REPORT: True, texts.DELETE: True}, "there are no pages to turn"


@pytest.mark.parametrize("command", ["timeline", "random"])
@pytest.mark.parametrize("private", [True, False])
async def test_a_private_answer_is_for_the_asker_alone(world: World, command: str, private: bool) -> None:
    asked = {"prompt": "a cat"} if command == "timeline" else {}
    message = answer(await world.ann.slash(world.channel, command, private=private, **asked))

    assert message.ephemeral == private


@pytest.mark.parametrize("command", ["timeline", "random"])
async def test_the_channels_settings_hold(world: World, database: Database, command: str) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, private=True, spoilers=True, max_count=4)
    asked = {"prompt": "a cat"} if command == "timeline" else {}

    message = answer(await world.ann.slash(world.channel, command, **asked))

    assert message.ephemeral
    assert all(file.filename.startswith("SPOILER_") for file in message.attachments)
    assert len(message.attachments) == (1 if command == "timeline" else 4)


@pytest.mark.parametrize("asked", [{"prompt": "a skull"}, {"prompt": "a cat", "compare": "a skull"}])
async def test_a_refused_prompt_is_told_in_private_and_never_repeated(
    world: World, database: Database, caplog: pytest.LogCaptureFixture, asked: dict[str, str]
) -> None:
    await add_rule(database, GUILD_ID, RuleKind.WORD, "skull")
    caplog.set_level(logging.DEBUG, "bot")

    message = answer(await world.ann.slash(world.channel, "timeline", **asked))

    assert message.ephemeral
    assert "do not allow" in words(message)
    assert "skull" not in words(message) + caplog.text
    [kept] = await database.recent_refusals(GUILD_ID)
    assert kept.prompt == "a skull"


async def test_a_prompt_refused_by_its_meaning_is_told_in_private(
    world: World, database: Database, engine: SearchEngine
) -> None:
    concept = await engine.make_concept(["a cat"])
    await add_rule(database, GUILD_ID, RuleKind.CONCEPT, "cats", Action.REFUSE, concept=concept)

    result = await world.ann.slash(world.channel, "timeline", prompt="a car", compare="a kitten")

    told = [answer(result), *result.followups]
    assert any("do not allow" in words(each) and each.ephemeral for each in told)
    assert not any("kitten" in words(each) for each in told)


async def test_hidden_pictures_are_in_no_plot_no_draw_and_are_counted(world: World, database: Database) -> None:
    await add_rule(database, GUILD_ID, RuleKind.SOURCE, "label=vehicles", Action.HIDE)

    message = answer(await world.ann.slash(world.channel, "timeline", prompt="a car"))
    lots = answer(await world.ann.slash(world.channel, "random"))

    assert "hidden by this server's rules" in words(message)
    assert "car" not in " ".join(options(message)).lower()
    assert not any("vehicles" in alt for alt in alts(lots))
    assert "label=vehicles" not in await completed(world, "random", "where", "label=")


@pytest.mark.parametrize(
    ("field", "told"),
    [("colour", "Fields that hold numbers: colourfulness, year"), ("title", "Fields that do: colourfulness, year")],
)
async def test_a_field_without_numbers_is_told_with_those_that_have_them(world: World, field: str, told: str) -> None:
    result = await world.ann.slash(world.channel, "timeline", prompt="a cat", field=field)

    assert any(told in words(each) and each.ephemeral for each in [answer(result), *result.followups])


async def completed(world: World, command: str, option: str, typed: str) -> list[str]:
    offered = await world.ann.autocomplete(world.channel, command, option, typed)
    return [str(choice["value"] if isinstance(choice, dict) else choice.value) for choice in offered]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", "label="),
        ("ye", "year=1800..1899"),
        ("label=", "label=animals"),
        ("label=FO", "label=food"),
        ("label=food; ye", "label=food; year=1800..1899"),
        ("label=food;year=1830", "label=food; year=1830"),
    ],
)
async def test_fields_and_values_are_offered_while_typing(world: World, typed: str, offered: str) -> None:
    assert offered in await completed(world, "random", "where", typed)


@pytest.mark.parametrize("typed", ["colour=", "label=xyz", "nothing", f"label={'x' * 90}; la"])
async def test_nothing_is_offered_that_does_not_fit(world: World, typed: str) -> None:
    assert await completed(world, "random", "where", typed) == []


async def test_fields_of_numbers_are_offered_for_the_axis(world: World) -> None:
    assert await completed(world, "timeline", "field", "") == ["year", "colourfulness"]
    assert await completed(world, "timeline", "field", "tit") == []


async def test_the_door_is_closed_to_those_who_are_banned(world: World, database: Database) -> None:
    await add_rule(database, GUILD_ID, RuleKind.PERSON, str(world.ann.id))

    for command, asked in (("timeline", {"prompt": "a cat"}), ("random", {})):
        message = answer(await world.ann.slash(world.channel, command, **asked))
        assert texts.BANNED in words(message)
    assert await completed(world, "random", "where", "label=") == []


async def test_a_draw_shows_nine_pictures_to_go_on_from(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "random"))

    assert len(message.attachments) == len(alts(message)) == 9
    assert texts.RANDOM_HEADING in words(message)
    details = answer(await world.ann.select(message, [options(message)[texts.PICK_DETAILS.format(number=3)]]))
    assert alts(message)[2].split(". ", 1)[1].split(",")[0] in alts(details)[0]


async def test_a_draw_can_be_narrowed(world: World) -> None:
    message = answer(await world.ann.slash(world.channel, "random", where="label=food; year>=1850"))

    assert all("category food" in alt for alt in alts(message))
    assert "`label=food; year>=1850`" in words(message)


async def test_a_draw_says_how_many_the_rules_hide(world: World, database: Database, engine: SearchEngine) -> None:
    before = answer(await world.ann.slash(world.channel, "random"))
    await add_rule(database, GUILD_ID, RuleKind.SOURCE, "label=food", Action.HIDE)
    rows = engine.manifest.rows
    hidden = (await engine.random(1, FilterSet.empty(), "label=food")).among

    message = answer(await world.ann.slash(world.channel, "random"))
    await world.ann.click(before, label=texts.AGAIN)

    for drawn in (message, before):
        assert f"From {rows - hidden} pictures. {hidden} hidden by this server's rules." in words(drawn)
    assert hidden == 60


async def test_a_narrowed_draw_gives_no_number_by_which_one_finds_out_what_is_hidden(
    world: World, database: Database
) -> None:
    await add_rule(database, GUILD_ID, RuleKind.SOURCE, "year>=1850", Action.HIDE)

    message = answer(await world.ann.slash(world.channel, "random", where="label=food"))

    assert "From " in words(message)
    assert "hidden" not in words(message)


async def test_where_the_rules_hide_everything_a_draw_says_so(world: World, database: Database) -> None:
    await add_rule(database, GUILD_ID, RuleKind.SOURCE, "label!=nothing", Action.HIDE)

    result = await world.ann.slash(world.channel, "random")
    narrowed = await world.ann.slash(world.channel, "random", where="label=food")

    assert texts.RANDOM_ALL_HIDDEN in words(result.followups[-1])
    assert texts.RANDOM_NONE in words(narrowed.followups[-1])
    assert result.followups[-1].ephemeral


@pytest.mark.parametrize(
    ("where", "told"),
    [("red ones", "is no condition"), ("colour=red", "no field"), ("year=1700..1750", texts.RANDOM_NONE)],
)
async def test_a_draw_that_cannot_be_made_is_told_in_private(world: World, where: str, told: str) -> None:
    result = await world.ann.slash(world.channel, "random", where=where)

    assert any(told in words(each) and each.ephemeral for each in [answer(result), *result.followups])


@pytest.mark.parametrize(
    "where", ["title~cat", "label=animals; title=C.A.T", "year>=1850;title!=cat", "title~a wild;creator~boar"]
)
async def test_a_word_that_is_refused_as_a_prompt_is_refused_as_a_condition(
    world: World, database: Database, where: str
) -> None:
    for word in ("cat", "wild boar"):
        await add_rule(database, GUILD_ID, RuleKind.WORD, word)

    message = answer(await world.ann.slash(world.channel, "random", where=where))

    assert message.ephemeral
    assert words(message).startswith("This server's rules do not allow that search.")
    assert "cat" not in words(message).lower()
    assert [kept.prompt for kept in await database.recent_refusals(GUILD_ID)] == [where]


async def test_moderators_are_asked_for_a_result_only_of_a_search(world: World, database: Database) -> None:
    """The numbers under a plot are not ranks: nobody must hide a picture that they did not mean."""
    staff = await staff_of(world)
    await staff.mod.slash(world.channel, "timeline", prompt="an animal")
    [kept] = await database.recent_searches(GUILD_ID, 10)

    result = await staff.mod.slash(world.channel, "filter add", kind="picture", result=1, reason="a test")

    assert kept.prompt == "an animal"
    assert not (await database.snapshot(GUILD_ID)).rules
    assert "Search again" in "".join(words(each) for each in [answer(result), *result.followups])


# ------------------------------------------------------------------ the plot itself


@pytest.mark.parametrize("words_in", [INK, FAINT, *(style.colour for style in STYLES)])
async def test_words_and_courses_stand_out_from_the_papers_ground(words_in: str) -> None:
    assert contrast(words_in, PAPER) >= 4.5


async def test_bars_stand_out_as_figures_must() -> None:
    assert contrast(plots.COUNTS, PAPER) >= 3


async def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


async def test_the_paper_is_opaque_so_the_theme_behind_does_not_matter() -> None:
    picture = Image.open(io.BytesIO(draw_timeline(made(in_bins(1, 2, 3)), ["a"], [[]])))

    assert picture.convert("RGBA").getextrema()[3] == (255, 255)
    assert picture.convert("RGB").getpixel((2, 2)) == tuple(bytes.fromhex(PAPER[1:]))


async def test_two_courses_differ_in_more_than_colour() -> None:
    one, other = STYLES

    assert one.line != other.line
    assert one.marker != other.marker


@pytest.mark.parametrize(
    "prompt", ["a $fish$ and $x^2$", "ein Schiff – où?", "船と城", "\u202eabc", "x" * 900, "\\frac{1}{2}", "🚢"]
)
async def test_any_prompt_can_be_drawn(prompt: str, recwarn: pytest.WarningsRecorder) -> None:
    picture = Image.open(io.BytesIO(draw_timeline(made(in_bins(0, 5, 2), column=prompt), [prompt], [[]])))

    assert picture.width == 1_100
    assert not [each for each in recwarn if "Glyph" in str(each.message)]
    assert len(drawable(prompt)) <= plots.MAX_LABEL


@pytest.mark.parametrize(
    "series",
    [
        (in_bins(0, 0, 0),),
        (in_bins(20, 20, 20),),
        (in_bins(3),),
        (in_bins(1, 0, rows=1),),
        (in_bins(*range(20), *range(20), *range(20)),),
        (in_bins(0, 9, 0), in_bins(0, 9, 0)),
    ],
)
async def test_any_course_can_be_drawn(series: tuple[Series, ...]) -> None:
    data = draw_timeline(made(*series), ["“one”", "“two”"][: len(series)], [[] for _ in series])

    assert Image.open(io.BytesIO(data)).width == 1_100


async def test_examples_are_drawn_and_one_that_cannot_be_decoded_is_grey() -> None:
    numbered = [Numbered(1, example(3, 0), png()), Numbered(2, example(4, 2), b"no picture")]

    plain, full = (
        draw_timeline(made(in_bins(1, 2, 3)), ["a"], [[]]),
        draw_timeline(made(in_bins(1, 2, 3)), ["a"], [numbered]),
    )

    assert Image.open(io.BytesIO(full)).height > Image.open(io.BytesIO(plain)).height


@pytest.mark.parametrize("homes", [[0.5] * 8, [0.0, 0.1, 0.9], [0.95, 0.96, 0.97], [0.3]])
async def test_examples_never_lie_on_each_other(homes: list[float]) -> None:
    places = spread(homes, 0.11, 0.05, 0.95)

    assert all(right - left >= 0.11 - 1e-9 for left, right in pairwise(places))
    assert places[0] >= 0.05 - 1e-9
    assert places[-1] <= 0.95 + 1e-9


@pytest.mark.parametrize("rows", [7, 12_345, 1_234_567])
async def test_how_many_pictures_the_bars_stand_for_is_read_in_full(rows: int) -> None:
    bins = (Bin(1800, 1810, rows), Bin(1810, 1820, rows))

    picture = np.asarray(Image.open(io.BytesIO(draw_timeline(made(in_bins(1, 2), bins=bins), ["a"], [[]]))))

    paper = tuple(bytes.fromhex(PAPER[1:]))
    assert (picture[:, :6, :3] == paper).all(), "no letter touches the picture's edge"


def markers(timeline: Timeline, colour: str) -> dict[str, list[tuple[float, str]]]:
    """The points drawn in a colour: by the marker their heights, and the colours that fill them."""
    found: dict[str, list[tuple[float, str]]] = {}
    for axes in figure_of(timeline, ["a", "b"][: len(timeline.series)], [[] for _ in timeline.series]).axes:
        for line in axes.lines:
            heights = np.asarray(line.get_ydata(), float)
            if line.get_color() == colour:
                kept = [(float(y), str(line.get_markerfacecolor())) for y in heights if not np.isnan(y)]
                found.setdefault(str(line.get_marker()), []).extend(kept)
    return found


async def test_a_point_of_a_few_above_the_axis_is_an_arrow_and_none_stands_at_a_height_it_has_not() -> None:
    timeline = made(few_last(1, 3, 2), bins=FEW_LAST)

    drawn = markers(timeline, STYLES[0].colour)

    assert drawn["o"] == [(1 / 40, STYLES[0].colour), (3 / 40, STYLES[0].colour)]
    assert drawn[STYLES[0].arrow] == [(highest(timeline), PAPER)]
    assert texts.PLOT_BEYOND in said_of(timeline)
    assert texts.PLOT_BEYOND not in said_of(made(few_last(1, 3, 0), bins=FEW_LAST))


async def test_where_every_point_rests_on_a_few_pictures_all_are_hollow_and_no_interval_is_told() -> None:
    bins = tuple(Bin(1800 + 10 * n, 1810 + 10 * n, 1) for n in range(3))
    timeline = made(in_bins(1, 0, 1, rows=1), bins=bins)

    assert markers(timeline, STYLES[0].colour)["o"] == [(1.0, PAPER), (0.0, PAPER), (1.0, PAPER)]
    assert said_of(timeline) == [texts.PLOT_BARS, texts.PLOT_FEW.format(count=5)]


async def test_a_bin_without_pictures_is_not_told_as_one_of_a_few() -> None:
    shares = (wilson(1, 20), None, wilson(2, 20))
    gapped = Series((1, 0, 2), shares, wilson(3, 40), (), np.ones(1), Kind.TEXT, Mixture(), truncated=False)
    bins = (Bin(1800, 1810, 20), Bin(1810, 1820, 0), Bin(1820, 1830, 20))

    assert said_of(made(gapped, bins=bins)) == [texts.PLOT_BAND, texts.PLOT_BARS]


@pytest.mark.parametrize(
    "courses",
    [
        (in_bins(20, 20, 20), in_bins(20, 20, 20)),
        (in_bins(0, 9, 0), in_bins(0, 9, 0)),
        (in_bins(*range(20)), in_bins(*range(19, -1, -1))),
        (in_bins(20), in_bins(20)),
    ],
)
async def test_names_cover_no_course_and_no_other_name(courses: tuple[Series, Series]) -> None:
    timeline = made(*courses)
    figure = figure_of(timeline, ["a ship with three masts", "another one of those"], [[], []])
    [axes] = [each for each in figure.axes if len(each.texts) == 2]

    one, other = (text.get_window_extent() for text in axes.texts)

    assert not one.overlaps(other)
    assert all(axes.bbox.x0 - 1 <= box.x0 and box.x1 <= axes.bbox.x1 + 1 for box in (one, other))
    for line in axes.lines:
        points_on = line.get_transform().transform(line.get_xydata())
        between = np.concatenate([np.linspace(a, b, 50) for a, b in pairwise(points_on)] or [points_on])
        for box in (one, other):
            inside = (between > (box.x0, box.y0)).all(axis=1) & (between < (box.x1, box.y1)).all(axis=1)
            assert not inside.any()


async def test_letters_that_another_font_of_the_system_has_are_drawn_with_it() -> None:
    assert legible("𝔖𝔥𝔦𝔭"), "one of the fonts beside matplotlib's first has these"
    assert plot_name("𝔖𝔥𝔦𝔭", 0) == "“𝔖𝔥𝔦𝔭”"


async def test_a_prompt_that_no_font_can_write_is_a_letter_and_the_message_says_whose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.plots.style._others", tuple)  # no font but matplotlib's own, whatever is installed here
    style.families.cache_clear()
    two = made(in_bins(1, 2), in_bins(2, 1))

    named = [text.get_text() for axes in figure_of(two, ["a ship", "船と城"], [[], []]).axes for text in axes.texts]
    reply = compose_timeline(two, ["a ship", "船と城"], png(), [[], []], "abcdefghijkl", covered=False)
    style.families.cache_clear()

    assert "● “a ship”" in named
    assert "■ B" in named
    assert "In the plot, B is `船と城`." in reply.body
    assert "A is" not in reply.body


# ------------------------------------------------------------------ what is said of it


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (Closeness.LOOSE, Closeness.CLOSE, "The examples of `a` are only loosely related."),
        (Closeness.CLOSE, Closeness.LOOSE, "The examples of `b` are only loosely related."),
        (Closeness.LOOSE, Closeness.LOOSE, "The examples are only loosely related."),
        (Closeness.CLOSE, Closeness.VERY_CLOSE, None),
    ],
)
async def test_only_the_prompt_whose_examples_are_loose_is_called_so(
    one: Closeness, other: Closeness, told: str | None
) -> None:
    series = [in_bins(1, 2, examples=(example(row, 0, closeness=each),)) for row, each in enumerate((one, other))]
    numbered = [[Numbered(row, each.examples[0], png())] for row, each in enumerate(series, start=1)]

    body = compose_timeline(made(*series), ["a", "b"], png(), numbered, "abcdefghijkl", covered=False).body

    assert "loosely related" not in body if told is None else told in body
    assert body.count("loosely related") <= 1


async def test_the_peak_is_where_most_is_certain_not_where_one_of_one_is() -> None:
    sure, lucky = wilson(12, 20), wilson(1, 1)
    series = Series((1, 12), (lucky, sure), wilson(13, 21), (), np.ones(1), Kind.TEXT, Mixture(), truncated=False)

    assert peak(made(series), series) == 1


FEW_LAST = (Bin(1800, 1810, 40), Bin(1810, 1820, 40), Bin(1820, 1830, 2))


def few_last(*close: int) -> Series:
    shares = tuple(wilson(some, piece.rows) for some, piece in zip(close, FEW_LAST, strict=True))
    return Series(close, shares, wilson(sum(close), 82), (), np.ones(1), Kind.TEXT, Mixture(), truncated=False)


async def test_the_peak_is_not_where_two_of_two_are_unless_nothing_else_is_close() -> None:
    some, only = few_last(1, 3, 2), few_last(0, 0, 2)

    assert peak(made(some, bins=FEW_LAST), some) == 1
    assert peak(made(only, bins=FEW_LAST), only) == 2


async def test_a_few_pictures_set_no_scale_and_their_point_is_hollow_and_told_as_such() -> None:
    some = made(few_last(1, 3, 2), bins=FEW_LAST)
    alike = made(few_last(1, 3, 0), bins=FEW_LAST)
    none_sound = made(in_bins(1, 1), bins=(Bin(1800, 1810, 2), Bin(1810, 1820, 1)))

    assert highest(some) == highest(alike) < 0.5
    assert sound(some).tolist() == [True, True, False]
    assert sound(none_sound).all(), "where there are only a few everywhere, they are all that there is"
    assert draw_timeline(some, ["a"], [[]]) != draw_timeline(alike, ["a"], [[]])


async def test_a_bin_without_pictures_is_a_gap() -> None:
    shares = (wilson(1, 20), None, wilson(2, 20))
    gapped = Series((1, 0, 2), shares, wilson(3, 40), (), np.ones(1), Kind.TEXT, Mixture(), truncated=False)

    assert draw_timeline(made(gapped), ["a"], [[]]).startswith(b"\x89PNG")
    assert peak(made(gapped), gapped) == 2


async def test_nothing_close_is_said_so() -> None:
    loose = in_bins(0, 0, examples=(example(1, 0, closeness=Closeness.LOOSE),))

    reply = compose_timeline(
        made(loose), ["a unicorn"], png(), [[Numbered(1, loose.examples[0], png())]], "abcdefghijkl", covered=False
    )

    assert "`a unicorn`: none of 40 pictures is close." in reply.body
    assert texts.TIMELINE_ONLY_LOOSE in reply.body
    assert "none of 40 pictures is close" in reply.pictures[0].alt


async def test_the_longest_titles_and_strangest_letters_keep_discords_limits() -> None:
    title = "𝔖𝔥𝔦𝔭 @everyone **" * 40
    some = [example(row, row % 3, title) for row in range(12)]
    numbered = [Numbered(number, each, png()) for number, each in enumerate(some, start=1)]
    both = made(in_bins(1, 2, 3), in_bins(3, 2, 1), column="c" * 200, years=False, without_number=10**6, hidden=10**6)

    reply = compose_timeline(
        both,
        ["p" * 900, "`" * 900],
        png(),
        [numbered[:6], numbered[6:]],
        "abcdefghijkl",
        covered=True,
        notes=["n" * 900] * 3,
    )

    assert isinstance(reply.controls, Controls)
    check_view(layout(reply))
    check_uploads(reply.pictures, 10**7)
    assert reply.pictures[0].spoiler
