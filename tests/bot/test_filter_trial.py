"""`/filter test` and the preview of `/filter show`: what would happen and why, and that nothing happens."""

from __future__ import annotations

from typing import Any

import pytest
from simcord.results import ResponseMessage

from bot.database import Database
from bot.moderation.wording import rule_line
from bot.texts import filters as texts
from search_core import SearchEngine
from tests.bot.conftest import GUILD_ID, StaffedWorld
from tests.bot.reading import alts, answer, posted_copy, walk, words
from tests.bot.rules import add_concept, add_rule, remember_searches, rules_in


async def tried(staff: StaffedWorld, command: str = "test", **options: Any) -> ResponseMessage:
    told = answer(await staff.mod.slash(staff.channel, f"filter {command}", **options))
    assert told.ephemeral
    return told


@pytest.mark.parametrize(
    ("prompt", "view"),
    [
        ("a crime", "clean"),
        ("a ｃｒｉｍｅ", "clean"),
        ("a сrіmе", "skeleton"),
        ("a CRlME", "skeleton"),
        ("a c.r.i.m.e", "collapsed"),
        ("a cr|me", "collapsed"),
        ("a cri_me", "collapsed"),
        ("a cr*me", "collapsed"),
    ],
)
async def test_a_prompt_is_told_which_rule_refuses_it_and_in_which_view(
    staff: StaffedWorld, database: Database, prompt: str, view: str
) -> None:
    rule = await add_rule(database, "word", "crime")

    told = words(await tried(staff, prompt=prompt))

    assert texts.TEST_REFUSED in told
    assert f"#{rule.id} word `crime`" in told
    assert texts.VIEWS[view] in told
    assert await database.recent_refusals(GUILD_ID) == []


async def test_a_prompt_that_no_rule_matches_is_told_so(staff: StaffedWorld) -> None:
    told = words(await tried(staff, prompt="a steam engine"))

    assert texts.TEST_ANSWERED in told
    assert texts.TEST_NO_MATCH in told


async def test_a_rule_is_tried_before_it_bites(staff: StaffedWorld, database: Database) -> None:
    told = words(await tried(staff, prompt="a crime", kind="word", pattern="crime"))

    assert texts.TEST_REFUSED in told
    assert "Tried with a rule that is not in force: word `crime`" in told
    assert await rules_in(database) == []


async def test_a_rule_that_is_off_is_tried_as_if_it_were_on(staff: StaffedWorld, database: Database) -> None:
    rule = await add_rule(database, "word", "crime", enabled=False)

    assert texts.TEST_NO_MATCH in words(await tried(staff, prompt="a crime"))
    assert texts.TEST_REFUSED in words(await tried(staff, prompt="a crime", rule=str(rule.id)))


async def test_an_allow_rule_is_tried_with_the_word_rules_there_are(staff: StaffedWorld, database: Database) -> None:
    await add_rule(database, "word", "crime")

    freed = await tried(staff, prompt="a crime novel", kind="allow", pattern="crime novel")

    assert texts.TEST_NO_MATCH in words(freed)


async def test_a_rule_for_another_channel_does_not_hold_in_a_test_here_and_the_answer_says_so(
    staff: StaffedWorld, database: Database
) -> None:
    rule = await add_rule(database, "word", "crime", channels=frozenset({1}))

    told = words(await tried(staff, prompt="a crime", rule=str(rule.id)))

    assert f"{texts.TEST_ANSWERED}\n- {texts.TEST_NO_MATCH}" in told
    assert texts.TEST_ELSEWHERE.format(rule=rule_line(rule)) in told
    assert "Passed over" not in words(await tried(staff, prompt="a ship"))


async def test_a_prompt_is_tried_as_if_it_was_asked_in_another_channel(staff: StaffedWorld, database: Database) -> None:
    open_hall = staff.guild.create_text_channel("open-hall")
    await add_rule(database, "word", "crime", channels=frozenset({open_hall.id}))

    told = words(await tried(staff, prompt="a crime", channel=open_hall))

    assert texts.TEST_REFUSED in told
    assert "Passed over" not in told


@pytest.mark.parametrize(
    ("action", "changes"), [("spoiler", texts.TEST_ALL_COVERED), ("note", texts.TEST_NOTED)], ids=["spoiler", "note"]
)
async def test_a_word_that_covers_or_notes_is_told_as_what_it_does(
    staff: StaffedWorld, database: Database, action: str, changes: str
) -> None:
    await remember_searches(database, "a crime", "a ship")
    draft = {"kind": "word", "pattern": "crime", "action": action}

    told, recent = words(await tried(staff, prompt="a crime", **draft)), words(await tried(staff, recent=True, **draft))

    assert f"`a crime`: {texts.TEST_CHANGED.format(changes=changes)}" in told
    assert texts.TEST_ANSWERED not in told
    assert f"`a crime`: {texts.TEST_CHANGED.format(changes=changes)}" in recent
    assert f"{int(action == 'spoiler')} would have pictures covered" in recent
    assert f"{int(action == 'note')} would come with a sentence of context" in recent
    assert "ship" not in recent


async def test_a_source_that_covers_some_pictures_is_told_with_their_number(staff: StaffedWorld) -> None:
    told = words(
        await tried(staff, image=("a.jpg", posted_copy()), kind="source", pattern="label=animals", action="spoiler")
    )

    assert "of the first page under a spoiler" in told


@pytest.mark.parametrize(("action", "words_told"), [("spoiler", texts.TEST_ALL_COVERED), ("note", texts.TEST_NOTED)])
async def test_a_posted_picture_that_a_concept_covers_or_notes_is_told_so(
    staff: StaffedWorld, database: Database, engine: SearchEngine, action: str, words_told: str
) -> None:
    (row,) = [found.row for found in await engine.lookup("animals/ant_01.jpg", 1)]
    note = {"note": "Look twice."} if action == "note" else {}
    await add_rule(database, "concept", "ants", action, concept=await engine.make_concept(rows=[row]), **note)

    told = words(await tried(staff, image=("a.jpg", posted_copy("animals/ant_01.jpg"))))

    assert words_told in told


async def test_a_ban_counts_the_searches_of_that_person_and_names_none_of_them(
    staff: StaffedWorld, database: Database
) -> None:
    await remember_searches(database, "a steam engine")
    await remember_searches(database, "a lion", "a tiger", user_id=staff.ben.id, first=1)

    told = words(await tried(staff, prompt="a ship", kind="person", pattern=str(staff.ben.id)))

    assert "Of the last 3 searches, 2 would be refused" in told
    assert "who it keeps out made 2 searches of these" in told
    assert "lion" not in told
    assert "tiger" not in told


async def test_a_rule_that_is_in_force_is_not_called_a_draft(staff: StaffedWorld, database: Database) -> None:
    rule = await add_rule(database, "word", "crime")

    told = words(await tried(staff, prompt="a crime", rule=str(rule.id)))

    assert texts.TEST_IN_FORCE.format(rule=rule_line(rule)) in told
    assert "not in force" not in told


async def test_a_rule_that_has_ended_is_tried_as_if_it_had_not(staff: StaffedWorld, database: Database) -> None:
    rule = await add_rule(database, "word", "crime", expires=1_700_000_000)

    told = words(await tried(staff, prompt="a crime", rule=str(rule.id)))

    assert texts.TEST_REFUSED in told
    assert "not in force" in told


async def test_a_rule_of_one_channel_is_tried_on_searches_where_they_were_made(
    staff: StaffedWorld, database: Database
) -> None:
    rule = await add_rule(database, "word", "crime", channels=frozenset({3}))
    await remember_searches(database, "a crime", channel_id=4)

    told = words(await tried(staff, recent=True, rule=str(rule.id)))

    assert "0 would be refused" in told
    assert texts.TEST_RECENT_PLACES in told


async def test_the_last_searches_are_counted_and_those_that_would_change_are_named(
    staff: StaffedWorld, database: Database
) -> None:
    await remember_searches(database, "a steam engine", "a crime scene", "a ship")

    told = words(await tried(staff, kind="word", pattern="crime"))

    assert "Of the last 3 searches, 1 would be refused, 0 would lose pictures, 0 would have pictures covered" in told
    assert "`a crime scene`" in told
    assert "steam" not in told
    assert texts.TEST_RECENT_NONE not in told


async def test_without_searches_there_is_nothing_to_try(staff: StaffedWorld) -> None:
    assert texts.TEST_RECENT_NONE in words(await tried(staff, recent=True))


async def test_a_concept_is_tried_on_a_prompt_that_shares_no_word_with_it_and_shows_what_would_fall(
    staff: StaffedWorld,
) -> None:
    told = await tried(
        staff, prompt="a human skull", kind="concept", pattern="bones", examples="a skeleton head; skulls"
    )

    assert texts.TEST_REFUSED in words(told)
    assert texts.VIEWS["meaning"] in words(told)
    assert "would fall under it" in words(told)
    assert_covered(told)


async def test_a_posted_picture_is_tried(staff: StaffedWorld, database: Database, engine: SearchEngine) -> None:
    (row,) = [found.row for found in await engine.lookup("animals/ant_01.jpg", 1)]
    concept = await engine.make_concept(rows=[row])
    rule = await add_rule(database, "concept", "ants", concept=concept)

    told = words(await tried(staff, image=("a.jpg", posted_copy("animals/ant_01.jpg"))))

    assert texts.PICTURE_ASKED in told
    assert texts.TEST_REFUSED in told
    assert f"#{rule.id} concept `ants`" in told
    assert texts.STAGES["picture"] in told


async def test_show_previews_a_concept_with_every_picture_covered(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    rule = await add_concept(database, engine, "death", "a skull", action="hide", enabled=False)

    told = await tried(staff, "show", rule=str(rule.id))

    assert "example: `a skull`" in words(told)
    assert "sensitivity 0" in words(told)
    assert 1 <= len(alts(told)) <= 9
    assert_covered(told)


async def test_show_previews_a_picture_rule_made_from_a_result_of_the_last_search(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    seen = answer(await staff.mod.slash(staff.channel, "similar", image=("a.jpg", posted_copy()), private=True))
    assert "Ant" in words(seen)

    await tried(staff, "add", kind="picture", result=1, reason="why")

    (rule,) = await rules_in(database)
    assert list((await engine.find([rule.pattern])).values()) == [
        found.row for found in await engine.lookup("animals/ant_01.jpg", 1)
    ]
    told = await tried(staff, "show", rule=str(rule.id))
    assert rule.pattern in words(told)
    assert_covered(told)


async def test_a_result_that_the_search_did_not_have_is_told(staff: StaffedWorld, database: Database) -> None:
    told = await tried(staff, "add", kind="picture", result=3, reason="why")

    assert texts.NO_LAST_SEARCH.format(number=3) in words(told)
    assert await rules_in(database) == []


async def test_a_picture_that_is_not_in_the_collection_makes_no_picture_rule(staff: StaffedWorld) -> None:
    told = await tried(staff, "add", kind="picture", image=("a.jpg", posted_copy()), reason="why")

    assert texts.NOT_IN_COLLECTION in words(told)


async def test_an_edit_makes_a_concept_anew_and_keeps_what_it_does_not_name(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    rule = await add_concept(database, engine, "death", "a skull", action="hide")

    await tried(staff, "edit", rule=str(rule.id), examples="a grave; a coffin", sensitivity=0.5)

    (changed,) = await rules_in(database)
    assert changed.concept is not None
    assert (changed.concept.texts, changed.concept.sensitivity) == (("a grave", "a coffin"), 0.5)
    assert (changed.action, changed.pattern) == (rule.action, rule.pattern)


async def test_a_concept_with_a_posted_example_cannot_be_made_anew(staff: StaffedWorld, database: Database) -> None:
    await tried(
        staff, "add", kind="concept", pattern="ants", image=("a.jpg", posted_copy()), reason="why", action="hide"
    )
    (rule,) = await rules_in(database)

    told = await tried(staff, "edit", rule=str(rule.id), examples="an ant")

    assert texts.POSTED_EXAMPLE in words(told)
    assert [(each.version, each.pattern) for each in await rules_in(database)] == [(1, "ants")]


def assert_covered(message: ResponseMessage) -> None:
    """Every picture of a message is under a spoiler, and there is at least one."""
    galleries = [component for component in walk(message.components) if component["type"] == 12]
    items = [item for gallery in galleries for item in gallery["items"]]
    assert items
    assert all(item["spoiler"] for item in items)
