"""What a moderator may not have meant is said when a rule is written: fields that the collection does not have."""

from __future__ import annotations

from typing import Any

import pytest

from bot.database import Database
from bot.moderation.cautions import MAX_FIELDS_NAMED, cautions
from bot.moderation.wording import TERMINAL
from bot.texts import filters as texts
from search_core import FilterSet, SearchEngine, SettingsError
from search_core.describe import counted
from search_core.filters import Rule
from tests.bot.conftest import StaffedWorld
from tests.bot.reading import answer, words
from tests.bot.rules import add_rule, rules_in

NO_FIELD = "The collection has no field `{}`"


async def tell(staff: StaffedWorld, command: str, **options: Any) -> str:
    return words(answer(await staff.mod.slash(staff.channel, f"filter {command}", **options)))


async def test_a_rule_about_a_field_that_is_not_there_is_added_with_a_warning(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    told = await tell(staff, "add", kind="source", pattern="Creatr=Somebody", reason="why")

    assert len(await rules_in(database)) == 1
    assert texts.ADDED in told
    assert NO_FIELD.format("Creatr") in told
    fields = [field.name for field in await engine.fields(FilterSet.empty())]
    assert told.rpartition("first: ")[2].startswith("`creator`, ")
    assert all(f"`{name}`" in told for name in fields[:MAX_FIELDS_NAMED])


async def test_a_rule_about_a_field_that_is_there_is_added_without_a_word(staff: StaffedWorld) -> None:
    assert "no field" not in await tell(staff, "add", kind="source", pattern="creator=Somebody", reason="why")


async def test_an_edit_and_an_import_warn_too(staff: StaffedWorld, database: Database) -> None:
    rule = await add_rule(database, "source", "creator=Somebody")
    export = b'{"format": "vignette-filters", "version": 1, "rules": [{"kind": "source", "pattern": "maker=X"}]}'

    edited = await tell(staff, "edit", rule=str(rule.id), pattern="titel~ship")
    imported = await tell(staff, "import", source="file", file=("rules.json", export), reason="why")

    assert NO_FIELD.format("titel") in edited
    assert edited.rpartition("first: ")[2].startswith("`title`, ")
    assert NO_FIELD.format("maker") in imported


async def test_a_field_is_named_once_however_many_rules_are_about_it(engine: SearchEngine) -> None:
    async def opened() -> SearchEngine:
        return engine

    rules = [Rule.of("source", f"{name}={number}") for number in range(30) for name in ("jahr", "ort")]

    assert len(await cautions(rules, opened, TERMINAL)) == 2


@pytest.mark.parametrize(("kind", "said"), [("source", 1), ("person", 0)])
async def test_without_a_collection_at_hand_that_is_said(kind: str, said: int) -> None:
    async def none() -> SearchEngine:
        raise SettingsError(texts.NEEDS_INDEX)

    rule = Rule.of(kind, "jahr=1850" if kind == "source" else "1" * 18)
    found = await cautions([rule], none, TERMINAL)

    assert found == [texts.FIELDS_UNKNOWN.format(why=texts.NEEDS_INDEX)] * said


async def test_a_concept_that_is_added_or_edited_tells_how_far_it_reaches(
    staff: StaffedWorld, database: Database, engine: SearchEngine
) -> None:
    added = await tell(staff, "add", kind="concept", pattern="death", examples="a skull", action="hide", reason="why")
    (rule,) = await rules_in(database)
    preview = await engine.preview(rule)
    edited = await tell(staff, "edit", rule=str(rule.id), examples="a skull; a cat", sensitivity=1.0)
    further = await engine.preview((await rules_in(database))[0])

    assert 0 < preview.count < further.count
    for told, reached in ((added, preview), (edited, further)):
        assert counted(reached.count, "picture") in told
        assert f"/filter show rule:{rule.id}" in told


async def test_other_rules_and_concepts_that_are_off_say_nothing_of_that(staff: StaffedWorld) -> None:
    word = await tell(staff, "add", kind="word", pattern="skull", reason="why")
    concept = {"kind": "concept", "pattern": "death", "examples": "a skull", "action": "hide", "reason": "why"}
    await tell(staff, "add", **concept)
    off = await tell(staff, "enable", rule="2", on=False)

    assert "/filter show" not in word + off
