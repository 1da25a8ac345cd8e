"""Reports: from a picture to a card, from the card to a decision, and back to whoever reported."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import discord
import pytest
import simcord
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot import custom_ids, texts
from bot.client import VignetteClient
from bot.database import Actor, Database, ReportState
from bot.moderation.decisions import Decisions
from bot.moderation.reports import MAX_REPORTS
from bot.texts import moderation as moderators
from search_core import SearchEngine
from search_core.filters import Action, RuleKind
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, sample_picture, words
from tests.bot.staff import Staff, add_rule, press_crafted, row_named, set_up, staff_of, submit_forged

ANT = "animals/ant_01.jpg"
REASON = "it frightens me"
HIDE, BLOCK, DISMISS, BAN = moderators.CARD_BUTTONS.values()
DECISIONS = {
    HIDE: ReportState.HIDDEN, BLOCK: ReportState.BLOCKED, DISMISS: ReportState.DISMISSED, BAN: ReportState.BANNED,
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """Ann asked, Ben looks on, Mod moderates in the moderators' channel."""

    world: World
    staff: Staff
    database: Database

    @property
    def ann(self) -> MemberActor:
        return self.world.ann

    @property
    def ben(self) -> MemberActor:
        return self.world.ben

    @property
    def mod(self) -> MemberActor:
        return self.staff.mod

    def cards(self) -> list[discord.Message]:
        return [message for message in self.staff.room.history() if message.author.bot]

    async def card(self) -> discord.Message:
        """The card of Ben's report on the first picture of Ann's answer."""
        await report_first(self.ben, await ask(self))
        return self.cards()[-1]

    async def state(self, report_id: int = 1) -> ReportState:
        report = await self.database.find_report(GUILD_ID, report_id)
        assert report is not None
        return report.state

    def told(self, who: MemberActor) -> list[str]:
        return [message.content for message in who.user.dm_channel.history() if message.author.bot]


@pytest.fixture
async def scene(world: World, database: Database) -> Scene:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderators_channel=staff.room.id)
    return Scene(world, staff, database)


async def ask(scene: Scene, **options_of_search: object) -> ResponseMessage:
    """Ann's answer, whose first result is the ant."""
    return answer(
        await scene.ann.slash(scene.world.channel, "similar", image=("a.jpg", posted_copy(ANT)), **options_of_search)
    )


async def report_first(who: MemberActor, message: ResponseMessage, reason: str = REASON) -> ResponseMessage:
    """Report the first picture of an answer by the button below it."""
    offered = answer(await who.click(message, label=texts.REPORT))
    shown = await who.select(offered, [next(iter(options(offered).values()))])
    return answer(await who.submit_modal(shown, {"reason": reason}))


def deciding(client: VignetteClient) -> Decisions:
    """What a bot decides on reports with."""
    services = client.services

    async def engine() -> SearchEngine:
        return services.engine

    return Decisions(services.database, engine)


async def test_the_button_under_an_answer_offers_its_pictures_in_private(scene: Scene) -> None:
    message = await ask(scene)

    offered = answer(await scene.ben.click(message, label=texts.REPORT))

    assert offered.ephemeral
    assert len(options(offered)) == 9
    assert next(iter(options(offered))) == "1. Ant"


async def test_a_report_becomes_a_card_that_tells_who_what_where_and_why(scene: Scene) -> None:
    message = answer(await scene.ann.slash(scene.world.channel, "search", prompt="an ant || `spoiler`"))

    thanks = await report_first(scene.ben, message)
    card = scene.cards()[-1]

    assert thanks.ephemeral
    assert texts.REPORTED in words(thanks)
    link = f"https://discord.com/channels/{GUILD_ID}/{scene.world.channel.id}/{message.id}"
    for part in (f"<@{scene.ben.id}>", f"<@{scene.ann.id}>", link, REASON):
        assert part in words(card)
    prompt = next(line for line in words(card).splitlines() if line.startswith("**Prompt**"))
    assert prompt.count("||") == 2
    assert prompt.endswith("`||")
    assert all(file.filename.startswith("SPOILER_") for file in card.attachments)
    assert list(buttons(card)) == [HIDE, BLOCK, DISMISS, BAN]


async def test_details_offer_to_report_and_only_moderators_to_hide(scene: Scene) -> None:
    message = await ask(scene)
    value = options(message)[texts.PICK_DETAILS.format(number=1)]

    for_all = [texts.SAVE_THIS, texts.REPORT_THIS]
    for who, labels in ((scene.ben, for_all), (scene.mod, [*for_all, texts.HIDE_THIS])):
        details = answer(await who.select(message, [value]))
        assert list(buttons(details)) == labels

    shown = await scene.ben.click(answer(await scene.ben.select(message, [value])), label=texts.REPORT_THIS)
    await scene.ben.submit_modal(shown, {"reason": REASON})
    assert f"/{message.id}" in words(scene.cards()[-1])


async def test_of_a_private_answer_the_card_names_the_channel_only(scene: Scene) -> None:
    message = await ask(scene, private=True)

    await report_first(scene.ann, message)

    assert "in private" in words(scene.cards()[-1])
    assert "https://" not in words(scene.cards()[-1])


@pytest.mark.parametrize("decision", DECISIONS)
async def test_each_decision_counts_once_after_a_restart_and_is_told(
    scene: Scene, new_client: NewClient, decision: str
) -> None:
    card = await scene.card()
    await scene.world.env.restart_bot(new_client())

    pressed = await scene.mod.click(card, label=decision)

    (decided,) = scene.cards()
    assert pressed.acknowledged
    assert await scene.state() is DECISIONS[decision]
    assert buttons(decided) == {}
    assert f"by <@{scene.mod.id}>" in words(decided)
    assert moderators.CARD_TOLD in words(decided)
    assert len(scene.told(scene.ben)) == 1
    assert "ant" in scene.told(scene.ben)[0].lower()
    assert len(decided.attachments) == 1

    again = await press_crafted(scene.world, scene.mod, scene.staff.room, custom_ids.card_id("hide", 1))
    assert "decided on already" in words(again.followups[-1])
    assert f"<@{scene.mod.id}>" in words(again.followups[-1])
    assert await scene.state() is DECISIONS[decision]
    assert len(scene.told(scene.ben)) == 1


@pytest.mark.parametrize(("decision", "kinds"), [
    (HIDE, {RuleKind.PICTURE}), (BLOCK, {RuleKind.PICTURE, RuleKind.CONCEPT}), (DISMISS, set()),
    (BAN, {RuleKind.PERSON}),
])  # fmt: skip
async def test_each_decision_writes_its_rules_and_who_made_them(
    scene: Scene, decision: str, kinds: set[RuleKind]
) -> None:
    await scene.mod.click(await scene.card(), label=decision)

    rules = (await scene.database.snapshot(GUILD_ID)).rules
    entries = await scene.database.audit(GUILD_ID, user=scene.mod.id)
    assert {rule.kind for rule in rules} == kinds
    assert all(REASON in rule.reason for rule in rules)
    assert len(entries) == len(kinds) + 1
    assert len({entry.revision for entry in entries}) == 1


async def test_a_hidden_picture_is_gone_from_the_next_query_from_old_buttons_and_from_details(
    scene: Scene, engine: SearchEngine
) -> None:
    old = await ask(scene)
    values = options(old)
    await report_first(scene.ben, old)
    await scene.mod.click(scene.cards()[-1], label=HIDE)

    new = await ask(scene)
    for pick in (texts.PICK_DETAILS, texts.PICK_SIMILAR):
        shown = answer(await scene.ben.select(old, [values[pick.format(number=1)]]))
        assert texts.PICTURE_HIDDEN in words(shown)
    await scene.ann.click(old, label=texts.NEXT)
    await scene.ann.click(old, label=texts.PREVIOUS)

    for message in (new, old):
        assert len(alts(message)) == 9
        assert sample_picture(ANT) not in [await file.read() for file in message.attachments]
    assert texts.PICTURE_HIDDEN in words(await report_first_of(scene, old, values))


async def report_first_of(scene: Scene, message: ResponseMessage, values: dict[str, str]) -> ResponseMessage:
    """Report a picture by a form that was open before."""
    row = next(iter(values.values())).split(":")[1]
    search = next(part for part in str(message.components).split("vignette:pick:")[1].split(":"))
    custom_id = custom_ids.report_form_id(search, int(row), 0)
    return answer(await submit_forged(scene.ben, scene.world.channel, custom_id, reason=REASON))


async def test_what_is_similar_is_hidden_too_where_that_was_decided(scene: Scene, engine: SearchEngine) -> None:
    await scene.mod.click(await scene.card(), label=BLOCK)

    rules = (await scene.database.snapshot(GUILD_ID)).rules
    concept = next(rule for rule in rules if rule.kind is RuleKind.CONCEPT)
    assert concept.action is Action.HIDE
    assert concept.concept is not None
    assert concept.concept.pictures == ((await row_named(engine, ANT))[1],)


async def test_the_one_who_asked_is_banned_and_nobody_else(scene: Scene) -> None:
    await scene.mod.click(await scene.card(), label=BAN)

    kept_out = answer(await scene.ann.slash(scene.world.channel, "search", prompt="a fish"))
    let_in = answer(await scene.ben.slash(scene.world.channel, "search", prompt="a fish"))

    assert texts.BANNED in words(kept_out)
    assert len(alts(let_in)) == 9


async def test_a_picture_rule_that_said_less_is_written_over(scene: Scene, engine: SearchEngine) -> None:
    await add_rule(
        scene.database, GUILD_ID, RuleKind.PICTURE, (await row_named(engine, ANT))[1], Action.SPOILER, enabled=False
    )

    await scene.mod.click(await scene.card(), label=HIDE)

    (rule,) = (await scene.database.snapshot(GUILD_ID)).rules
    assert (rule.action, rule.enabled) == (Action.HIDE, True)


async def test_of_two_moderators_at_once_one_decides(scene: Scene) -> None:
    await scene.card()
    decisions_of, mod = deciding(scene.world.client), Actor(scene.mod.id, "discord")

    decisions = await asyncio.gather(*(decisions_of.decide(GUILD_ID, 1, state, mod) for state in DECISIONS.values()))

    assert sum(decision.first for decision in decisions) == 1
    assert len({decision.report.state for decision in decisions}) == 1


async def test_of_two_bots_on_one_database_one_decides_and_both_know(scene: Scene, new_client: NewClient) -> None:
    await scene.card()
    other: VignetteClient = new_client()
    first, second, mod = deciding(scene.world.client), deciding(other), Actor(scene.mod.id, "discord")

    decisions = await asyncio.gather(
        first.decide(GUILD_ID, 1, ReportState.HIDDEN, mod), second.decide(GUILD_ID, 1, ReportState.DISMISSED, mod)
    )

    assert sum(decision.first for decision in decisions) == 1
    assert decisions[0].report.state is decisions[1].report.state


async def test_a_reporter_whose_messages_are_closed_is_named_on_the_card(scene: Scene) -> None:
    card = await scene.card()
    scene.world.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)

    await scene.mod.click(card, label=DISMISS)

    assert moderators.CARD_NOT_TOLD in words(scene.cards()[-1])
    assert await scene.state() is ReportState.DISMISSED


@pytest.mark.parametrize("trouble", ["no channel", "channel gone", "no permission", "everybody reads it"])
async def test_without_a_channel_the_report_is_kept_and_found(scene: Scene, trouble: str) -> None:
    channel = {"no channel": None, "channel gone": 1, "everybody reads it": scene.world.channel.id}
    if trouble == "no permission":
        scene.world.env.inject_error("POST", f"/channels/{scene.staff.room.id}/messages", status=403, code=50013)
    else:
        await set_up(scene.database, GUILD_ID, moderators_channel=channel[trouble])

    thanks = await report_first(scene.ben, await ask(scene))

    assert texts.REPORT_KEPT in words(thanks)
    assert "channel" not in words(thanks), "there may be none, and it is the moderators' business"
    assert scene.cards() == []
    listed = answer(await scene.mod.slash(scene.world.channel, "reports"))
    assert listed.ephemeral
    assert REASON in words(listed)
    assert list(buttons(listed)) == [HIDE, BLOCK, DISMISS, BAN, moderators.NEXT_REPORT]


async def test_open_reports_are_decided_one_after_the_other_and_their_cards_follow(scene: Scene) -> None:
    message = await ask(scene)
    await report_first(scene.ben, message)
    await report_first(scene.ann, message, "not for this server")
    listed = answer(await scene.mod.slash(scene.world.channel, "reports"))

    await scene.mod.click(listed, label=HIDE)
    assert f"by <@{scene.mod.id}>" in words(listed)
    assert f"by <@{scene.mod.id}>" in words(scene.cards()[0])
    await scene.mod.click(listed, label=moderators.NEXT_REPORT)
    assert "not for this server" in words(listed)
    await scene.mod.click(listed, label=DISMISS)
    await scene.mod.click(listed, label=moderators.NEXT_REPORT)

    assert moderators.NO_MORE_REPORTS in words(listed)
    assert [await scene.state(1), await scene.state(2)] == [ReportState.HIDDEN, ReportState.DISMISSED]


async def test_without_an_open_report_that_is_said(scene: Scene) -> None:
    assert moderators.NO_REPORTS in words(answer(await scene.mod.slash(scene.world.channel, "reports")))


async def test_the_same_picture_is_reported_once_until_it_is_decided(scene: Scene) -> None:
    message = await ask(scene)
    await report_first(scene.ben, message)

    again = await report_first(scene.ben, message)

    assert texts.REPORTED_ALREADY in words(again)
    assert len(scene.cards()) == 1


async def test_reports_are_limited_for_each_person_also_after_a_restart(scene: Scene, new_client: NewClient) -> None:
    message = await ask(scene)
    offered = answer(await scene.ben.click(message, label=texts.REPORT))
    values = list(options(offered).values())
    for value in values[:MAX_REPORTS]:
        await scene.ben.submit_modal(await scene.ben.select(offered, [value]), {"reason": REASON})
    await scene.world.env.restart_bot(new_client())

    more = answer(await scene.ben.submit_modal(await scene.ben.select(offered, [values[-1]]), {"reason": REASON}))
    other = answer(await scene.ann.submit_modal(await form_of(scene.ann, message), {"reason": REASON}))

    assert "That is a lot of reports" in words(more)
    assert texts.REPORTED in words(other)
    assert len(scene.cards()) == MAX_REPORTS + 1


async def test_who_has_their_data_deleted_gets_no_new_allowance_of_reports(scene: Scene) -> None:
    offered = answer(await scene.ben.click(await ask(scene), label=texts.REPORT))
    values = list(options(offered).values())
    for value in values[:MAX_REPORTS]:
        await scene.ben.submit_modal(await scene.ben.select(offered, [value]), {"reason": REASON})
    await scene.database.personal.erase(scene.ben.id)

    more = answer(await scene.ben.submit_modal(await scene.ben.select(offered, [values[-1]]), {"reason": REASON}))

    assert "That is a lot of reports" in words(more)


async def form_of(who: MemberActor, message: ResponseMessage) -> simcord.InteractionResult:
    offered = answer(await who.click(message, label=texts.REPORT))
    return await who.select(offered, [list(options(offered).values())[-1]])


async def test_a_card_refuses_who_is_no_moderator(scene: Scene) -> None:
    await set_up(scene.database, GUILD_ID, moderators_channel=scene.staff.room.id)
    await scene.card()

    for what in ("hide", "block", "dismiss", "ban", "ban-anyway", "leave"):
        pressed = await press_crafted(scene.world, scene.staff.kim, scene.staff.room, custom_ids.card_id(what, 1))
        assert texts.FOR_MODERATORS in words(answer(pressed))
        assert answer(pressed).ephemeral

    assert await scene.state() is ReportState.OPEN
    assert (await scene.database.snapshot(GUILD_ID)).rules == ()


async def test_a_report_of_another_server_or_none_is_not_found(scene: Scene) -> None:
    told = await press_crafted(scene.world, scene.mod, scene.staff.room, custom_ids.card_id("hide", 99))

    assert moderators.REPORT_UNKNOWN in words(told.followups[-1])


async def test_neither_prompt_nor_reason_is_in_a_log_line_or_in_public(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    message = answer(await scene.ann.slash(scene.world.channel, "search", prompt="periwinkle ant", private=True))

    await report_first(scene.ann, message)
    await scene.mod.click(scene.cards()[-1], label=HIDE)

    public = " ".join(words(each) for each in scene.world.channel.history(viewer=scene.ben))
    assert "periwinkle" not in caplog.text + public
    assert REASON not in caplog.text + public
