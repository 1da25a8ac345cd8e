"""Two moderators press a card's buttons at the same moment, as a real discord.py hears it: one decides, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot import Settings, custom_ids
from bot.database import Actor, Database, Report
from bot.moderation.decisions import OUTCOMES
from bot.texts import moderation as texts
from search_core import SearchEngine
from search_core.filters import RuleKind
from tests.bot.conftest import GUILD_ID
from tests.bot.discord_standin import ANN, BEN, CHANNEL_ID, USER_ID, DiscordStandIn
from tests.bot.online import online
from tests.bot.staff import row_named

CARD = 1_200_000_000_000_002_222
ASKER, REPORTER = USER_ID + 10, USER_ID + 11
RULES = {"hide": [RuleKind.PICTURE], "block": [RuleKind.PICTURE, RuleKind.CONCEPT], "ban": [RuleKind.PERSON]}


@asynccontextmanager
async def with_a_card(
    settings: Settings, engine: SearchEngine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DiscordStandIn]:
    """A bot on the stand-in, with one open report and its card."""
    sha256 = (await row_named(engine, "animals/ant_01.jpg"))[1]
    report = Report(
        GUILD_ID, REPORTER, CHANNEL_ID, "search-id", sha256, engine.generation, 0, "Ant", "an ant", ASKER, reason="why"
    )
    await database.open_report(report)
    await database.set_report_card(GUILD_ID, 1, CHANNEL_ID, CARD)
    async with online(settings, engine, database, monkeypatch) as there:
        yield there


@pytest.mark.parametrize(
    "pressed", [("hide", "hide"), ("ban", "ban"), ("block", "block"), ("hide", "ban"), ("ban", "dismiss")], ids=str
)
async def test_of_two_presses_at_once_one_decides_and_the_other_is_told(
    pressed: tuple[str, str],
    settings: Settings,
    engine: SearchEngine,
    any_database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (custom_ids.card_id(what, 1) for what in pressed)
    async with with_a_card(settings, engine, any_database, monkeypatch) as there:
        tokens = await there.press((ANN, first), (BEN, second), message_id=CARD)
        cards = [await there.heard(f"PATCH /webhooks/*/{token}/messages/@original") for token in tokens]
        told = await there.heard("POST /webhooks/*")
        late = told.what.rsplit("/", 1)[1]

    report = await any_database.find_report(GUILD_ID, 1)
    assert report is not None
    early = 1 - tokens.index(late)
    assert report.state is OUTCOMES[pressed[early]]
    assert report.resolved_by == int(str((ANN, BEN)[early]["id"]))
    assert told.body["flags"] & 64, "for the one who came second alone"
    assert texts.DECIDED_ALREADY.split("{")[0] in str(told.body)
    assert f"<@{report.resolved_by}>" in str(told.body)
    assert all(f"by <@{report.resolved_by}>" in str(card.body) for card in cards), "both see who decided"
    assert all("custom_id" not in str(card.body) for card in cards), "and no button any more"
    assert len([each for each in there.told if each.what == "POST /users/@me/channels"]) == 1, "one reporter, once"
    await assert_decided_once(any_database, pressed[early], Actor(report.resolved_by, "discord"))


async def assert_decided_once(database: Database, what: str, by: Actor) -> None:
    """One revision holds the decision and its rules, each with one audit entry."""
    entries = await database.audit(GUILD_ID)
    rules = (await database.snapshot(GUILD_ID)).rules
    assert [rule.kind for rule in rules] == RULES.get(what, [])
    assert sum(entry.action == "report.resolve" for entry in entries) == 1
    assert len(entries) == 1 + len(rules)
    assert {(entry.actor, entry.revision) for entry in entries} == {(by, 1)}


async def test_a_ban_that_two_confirm_at_once_is_one_ban(
    settings: Settings, engine: SearchEngine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    anyway = custom_ids.card_id("ban-anyway", 1)
    async with with_a_card(settings, engine, database, monkeypatch) as there:
        await there.press((ANN, anyway), (BEN, anyway), message_id=CARD + 1)
        await there.heard("POST /webhooks/*")

    assert [rule.pattern for rule in (await database.snapshot(GUILD_ID)).rules] == [str(ASKER)]
    assert len(await database.audit(GUILD_ID)) == 2
