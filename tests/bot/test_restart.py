"""Everything the bot has sent goes on working after a restart: a row for each lasting component and each form.

A row is a story with one `yield` in it, where the bot stops and another one starts: before it something is sent,
after it somebody presses what was sent and reads the right answer.

How to add one: a story here, and the name of its component in `STORIES`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.results import ResponseMessage

from bot import texts
from bot.access import PAGE_SIZE
from bot.components import (
    CONTROLS,
    AgainButton,
    Control,
    DeleteButton,
    PageButton,
    PickSelect,
    PostButton,
    WhichSelect,
)
from bot.database import Database, ReportState
from bot.forms import Form
from bot.keeping.controls import (
    KEEPING_CONTROLS,
    ExampleButton,
    ForgetButton,
    HistoryButton,
    HistoryPick,
    SaveButton,
    ShelfButton,
    ShelfRemove,
)
from bot.keeping.past import ON_PAGE
from bot.moderation.audit_log import PAGE as AUDIT_ON_PAGE
from bot.moderation.audit_log import AuditButton
from bot.moderation.controls import MODERATION_CONTROLS, PlanButton, RulesButton
from bot.moderation.replies import RULES_ON_PAGE
from bot.moderation.report_controls import (
    REPORT_CONTROLS,
    REPORT_FORMS,
    CardButton,
    HideForm,
    HideOneButton,
    HideSelect,
    OpenReportsButton,
    ReportButton,
    ReportForm,
    ReportOneButton,
    ReportSelect,
)
from bot.texts import filters as filter_texts
from bot.texts import keeping as keeping_texts
from bot.texts import moderation as moderators
from search_core import SearchEngine
from tests.bot.conftest import GUILD_ID, NewClient, World
from tests.bot.reading import alts, answer, buttons, options, posted_copy, sample_picture, words
from tests.bot.rules import add_rule, remember_searches, rules_in
from tests.bot.staff import Staff, set_up, staff_of
from tests.bot.test_keeping import fill

ANT, BAT = "animals/ant_01.jpg", "animals/bat_01.jpg"
REASON = "it frightens me"
EVERYTHING = (*CONTROLS, *MODERATION_CONTROLS, *REPORT_CONTROLS, AuditButton, *KEEPING_CONTROLS, *REPORT_FORMS)


@dataclass(frozen=True)
class Scene:
    """Ann asks, Ben looks on, Mod moderates in the moderators' channel."""

    world: World
    staff: Staff
    database: Database
    engine: SearchEngine

    @property
    def ann(self) -> MemberActor:
        return self.world.ann

    @property
    def ben(self) -> MemberActor:
        return self.world.ben

    @property
    def mod(self) -> MemberActor:
        return self.staff.mod

    @property
    def channel(self) -> ChannelHandle:
        return self.world.channel

    async def ask(self, **choices: bool) -> ResponseMessage:
        """Ann's answer, whose first result is the ant."""
        return answer(await self.ann.slash(self.channel, "similar", image=("a.jpg", posted_copy(ANT)), **choices))

    async def details(self, who: MemberActor) -> ResponseMessage:
        """What somebody is shown of the ant."""
        message = await self.ask()
        return answer(await who.select(message, [options(message)[texts.PICK_DETAILS.format(number=1)]]))

    async def offered(self) -> ResponseMessage:
        """The question which picture of Ann's answer Ben wants to report."""
        return answer(await self.ben.click(await self.ask(), label=texts.REPORT))

    async def report(self) -> None:
        """Have Ben report the ant."""
        offered = await self.offered()
        form = await self.ben.select(offered, [_first(offered)])
        assert texts.REPORTED in words(answer(await self.ben.submit_modal(form, {"reason": REASON})))

    async def offered_to_hide(self) -> ResponseMessage:
        """The question which picture of Ann's answer Mod wants to hide."""
        message = (await self.ask()).message
        return answer(await self.mod.context_menu(self.channel, moderators.HIDE_MENU, message))

    async def reports_state(self) -> ReportState:
        found = await self.database.find_report(GUILD_ID, 1)
        assert found is not None
        return found.state

    async def hidden(self) -> list[str]:
        """The reasons of the rules that hide a picture."""
        return [rule.reason for rule in await rules_in(self.database)]


@pytest.fixture
async def scene(world: World, database: Database, engine: SearchEngine) -> Scene:
    staff = await staff_of(world)
    await set_up(database, GUILD_ID, moderators_channel=staff.room.id)
    return Scene(world, staff, database, engine)


Story = AsyncIterator[None]


def _first(message: ResponseMessage) -> str:
    return next(iter(options(message).values()))


# ------------------------------------------------------------------------------------------------- under an answer


async def the_page_turns(scene: Scene) -> Story:
    message = await scene.ask()
    yield
    await scene.ann.click(message, label=texts.NEXT)
    assert alts(message)[0].startswith("10. ")


async def a_result_is_picked(scene: Scene) -> Story:
    message = await scene.ask()
    yield
    details, similar = (each.format(number=1) for each in (texts.PICK_DETAILS, texts.PICK_SIMILAR))
    shown = answer(await scene.ben.select(message, [options(message)[details]]))
    assert await shown.attachments[0].read() == sample_picture(ANT)
    found = answer(await scene.ben.select(message, [options(message)[similar]]))
    assert "Pictures similar to Ant" in words(found)


async def a_private_answer_is_posted(scene: Scene) -> Story:
    message = await scene.ask(private=True)
    yield
    posted = answer(await scene.ann.click(message, label=texts.POST))
    assert not posted.ephemeral
    assert alts(posted) == alts(message)


async def an_answer_is_deleted(scene: Scene) -> Story:
    message = await scene.ask()
    yield
    assert (await scene.ann.click(message, label=texts.DELETE)).acknowledged
    assert message.id not in [each.id for each in scene.channel.history()]


async def lots_are_drawn_again(scene: Scene) -> Story:
    message = answer(await scene.ann.slash(scene.channel, "random", where="label=animals"))
    before = options(message)
    yield
    await scene.ann.click(message, label=texts.AGAIN)
    assert options(message).keys() == before.keys()
    assert options(message) != before
    assert "label=animals" in words(message)


async def one_of_several_pictures_is_meant(scene: Scene) -> Story:
    pictures = [("bat.jpg", posted_copy(BAT)), ("ant.jpg", posted_copy(ANT))]
    posted = await scene.ben.send(scene.channel, "two", attachments=pictures)
    asked = answer(await scene.ann.context_menu(scene.channel, texts.SIMILAR_MENU, posted))
    yield
    found = answer(await scene.ann.select(asked, ["2"]))
    assert await found.attachments[0].read() == sample_picture(ANT)


# ------------------------------------------------------------------------------------------------------ moderation


async def the_list_of_rules_turns(scene: Scene) -> Story:
    for number in range(RULES_ON_PAGE + 1):
        await add_rule(scene.database, "word", f"word{chr(97 + number)}")
    shown = answer(await scene.mod.slash(scene.channel, "filter list"))
    before = words(shown)
    yield
    await scene.mod.click(shown, label=filter_texts.NEXT)
    (on_second,) = [each for each in await rules_in(scene.database) if each.pattern not in before]
    assert on_second.pattern in words(shown)


async def a_plan_is_confirmed(scene: Scene) -> Story:
    await remember_searches(scene.database, *["a crime"] * 20)
    added = {"kind": "word", "pattern": "crime", "reason": "why"}
    asked = answer(await scene.mod.slash(scene.channel, "filter add", **added))
    yield
    assert await rules_in(scene.database) == []
    await scene.mod.click(asked, label=filter_texts.CONFIRM)
    assert filter_texts.CONFIRMED in words(asked)
    assert [rule.pattern for rule in await rules_in(scene.database)] == ["crime"]


async def older_entries_are_shown(scene: Scene) -> Story:
    for number in range(AUDIT_ON_PAGE + 1):
        await add_rule(scene.database, "word", f"word{chr(97 + number)}")
    shown = answer(await scene.mod.slash(scene.channel, "audit"))
    assert "worda" not in words(shown)
    yield
    await scene.mod.click(shown, label=moderators.AUDIT_OLDER)
    assert "worda" in words(shown)


async def a_report_begins(scene: Scene) -> Story:
    message = await scene.ask()
    yield
    offered = answer(await scene.ben.click(message, label=texts.REPORT))
    assert len(options(offered)) == PAGE_SIZE
    assert texts.REPORT_WHICH in words(offered)


async def the_picture_to_report_is_picked(scene: Scene) -> Story:
    offered = await scene.offered()
    yield
    form = await scene.ben.select(offered, [_first(offered)])
    assert texts.REPORTED in words(answer(await scene.ben.submit_modal(form, {"reason": REASON})))


async def a_picture_is_reported_from_its_details(scene: Scene) -> Story:
    details = await scene.details(scene.ben)
    yield
    form = await scene.ben.click(details, label=texts.REPORT_THIS)
    assert texts.REPORTED in words(answer(await scene.ben.submit_modal(form, {"reason": REASON})))


async def why_it_is_reported_is_sent(scene: Scene) -> Story:
    offered = await scene.offered()
    form = await scene.ben.select(offered, [_first(offered)])
    yield
    assert texts.REPORTED in words(answer(await scene.ben.submit_modal(form, {"reason": REASON})))
    assert REASON in words([each for each in scene.staff.room.history() if each.author.bot][-1])


async def a_card_is_decided(scene: Scene) -> Story:
    await scene.report()
    card = [each for each in scene.staff.room.history() if each.author.bot][-1]
    yield
    await scene.mod.click(card, label=moderators.CARD_BUTTONS["dismiss"])
    assert await scene.reports_state() is ReportState.DISMISSED


async def the_next_report_is_shown(scene: Scene) -> Story:
    await scene.report()
    listed = answer(await scene.mod.slash(scene.channel, "reports"))
    assert REASON in words(listed)
    yield
    await scene.mod.click(listed, label=moderators.NEXT_REPORT)
    assert moderators.NO_MORE_REPORTS in words(listed)


async def a_picture_is_hidden_from_its_details(scene: Scene) -> Story:
    details = await scene.details(scene.mod)
    yield
    form = await scene.mod.click(details, label=texts.HIDE_THIS)
    await scene.mod.submit_modal(form, {"reason": REASON})
    assert await scene.hidden() == [REASON]


async def the_picture_to_hide_is_picked(scene: Scene) -> Story:
    offered = await scene.offered_to_hide()
    yield
    form = await scene.mod.select(offered, [_first(offered)])
    await scene.mod.submit_modal(form, {"reason": REASON})
    assert await scene.hidden() == [REASON]


async def why_it_is_hidden_is_sent(scene: Scene) -> Story:
    offered = await scene.offered_to_hide()
    form = await scene.mod.select(offered, [_first(offered)])
    yield
    await scene.mod.submit_modal(form, {"reason": REASON})
    assert await scene.hidden() == [REASON]


# --------------------------------------------------------------------------------------------------------- keeping


async def a_picture_is_saved(scene: Scene) -> Story:
    details = await scene.details(scene.ben)
    yield
    await scene.ben.click(details, label=texts.SAVE_THIS)
    assert buttons(details)[texts.SAVED_THIS] is False
    assert len(await scene.database.personal.saved(scene.ben.id, GUILD_ID)) == 1


async def the_shelf_turns(scene: Scene) -> Story:
    await fill(scene.database, scene.engine, scene.ann.id, PAGE_SIZE + 1)
    shown = answer(await scene.ann.slash(scene.channel, "saved list"))
    yield
    await scene.ann.click(shown, label=texts.NEXT)
    assert keeping_texts.SAVED_COUNT.format(which="10", total=10) in words(shown)


async def a_saved_picture_is_removed(scene: Scene) -> Story:
    await fill(scene.database, scene.engine, scene.ann.id, 2)
    shown = answer(await scene.ann.slash(scene.channel, "saved list"))
    yield
    await scene.ann.select(shown, [_first(shown)])
    assert len(await scene.database.personal.saved(scene.ann.id, GUILD_ID)) == 1
    assert len(options(shown)) == 1


async def the_history_turns(scene: Scene) -> Story:
    await scene.ann.slash(scene.channel, "history on")
    await remember_searches(scene.database, *map(str, range(ON_PAGE + 1)), user_id=scene.ann.id)
    shown = answer(await scene.ann.slash(scene.channel, "history show"))
    yield
    await scene.ann.click(shown, label=texts.NEXT)
    assert f"**{ON_PAGE + 1}\\.** `0`" in words(shown)


async def a_past_search_is_asked_again(scene: Scene) -> Story:
    await scene.ann.slash(scene.channel, "history on")
    first = answer(await scene.ann.slash(scene.channel, "search", prompt="a sailing ship"))
    shown = answer(await scene.ann.slash(scene.channel, "history show"))
    yield
    again = answer(await scene.ann.select(shown, [_first(shown)]))
    assert again.ephemeral
    assert alts(again) == alts(first)


async def everything_is_forgotten(scene: Scene) -> Story:
    await fill(scene.database, scene.engine, scene.ann.id, 1)
    asked = answer(await scene.ann.slash(scene.channel, "privacy delete"))
    yield
    await scene.ann.click(asked, label=keeping_texts.PRIVACY_YES)
    assert keeping_texts.PRIVACY_DELETED.format(except_for="") in words(asked)
    assert await scene.database.personal.saved(scene.ann.id, GUILD_ID) == []


async def an_example_is_run(scene: Scene) -> Story:
    shown = answer(await scene.ann.slash(scene.channel, "help"))
    yield
    found = answer(await scene.ann.click(shown, label=keeping_texts.HELP_EXAMPLES[0]))
    assert keeping_texts.HELP_EXAMPLES[0] in words(found)
    assert len(alts(found)) == PAGE_SIZE


STORIES: dict[type[Control] | type[Form], Callable[[Scene], Story]] = {  # type: ignore[type-arg]
    PageButton: the_page_turns,
    PickSelect: a_result_is_picked,
    PostButton: a_private_answer_is_posted,
    DeleteButton: an_answer_is_deleted,
    AgainButton: lots_are_drawn_again,
    WhichSelect: one_of_several_pictures_is_meant,
    RulesButton: the_list_of_rules_turns,
    PlanButton: a_plan_is_confirmed,
    AuditButton: older_entries_are_shown,
    ReportButton: a_report_begins,
    ReportSelect: the_picture_to_report_is_picked,
    ReportOneButton: a_picture_is_reported_from_its_details,
    ReportForm: why_it_is_reported_is_sent,
    CardButton: a_card_is_decided,
    OpenReportsButton: the_next_report_is_shown,
    HideOneButton: a_picture_is_hidden_from_its_details,
    HideSelect: the_picture_to_hide_is_picked,
    HideForm: why_it_is_hidden_is_sent,
    SaveButton: a_picture_is_saved,
    ShelfButton: the_shelf_turns,
    ShelfRemove: a_saved_picture_is_removed,
    HistoryButton: the_history_turns,
    HistoryPick: a_past_search_is_asked_again,
    ForgetButton: everything_is_forgotten,
    ExampleButton: an_example_is_run,
}


@pytest.mark.parametrize("kind", STORIES, ids=lambda kind: kind.__name__)
async def test_what_was_sent_before_a_restart_works_after_it(
    scene: Scene,
    new_client: NewClient,
    kind: type[Control] | type[Form],  # type: ignore[type-arg]
) -> None:
    restarts = [await scene.world.env.restart_bot(new_client()) async for _ in STORIES[kind](scene)]

    assert len(restarts) == 1


def test_every_lasting_component_and_form_of_the_bot_is_listed_and_has_a_story() -> None:
    written = {kind for kind in (*Control.__subclasses__(), *Form.__subclasses__()) if kind.__module__[:4] == "bot."}

    assert written == set(EVERYTHING) == set(STORIES)
