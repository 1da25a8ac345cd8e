"""The buttons, selects and forms of reporting and hiding. Who is not a moderator gets no further than the door."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import discord

from bot import custom_ids, texts
from bot.access import DeniedError
from bot.components import Control
from bot.database import ReportState
from bot.door import Interaction, standing_of
from bot.forms import Field, Form
from bot.gallery import MAX_TITLE_SHOWN, title_of
from bot.limits import check_view
from bot.markdown import plain, shown
from bot.moderation.cards import outcome_of
from bot.moderation.decisions import OUTCOMES, Decision, Decisions
from bot.moderation.replies import actor_of, ban_warning, engine_of, guild_of
from bot.moderation.reports import Place
from bot.texts import filters
from bot.texts import moderation as moderators
from bot.views import MAX_OPTION_LABEL
from search_core import QueryError
from search_core.filters.rules import MAX_REASON

BAN, BAN_ANYWAY, LEAVE = "ban", "ban-anyway", "leave"

MAX_WHY = 300
"""A reason that fits a card and, with the report's number before it, a rule."""


def picks_of(components: Sequence[discord.Component]) -> tuple[str, list[discord.SelectOption]] | None:
    """Find the search and the numbered pictures of an answer, by the select that stands under it."""
    for component in _all(components):
        found = re.fullmatch(custom_ids.PICK_TEMPLATE, getattr(component, "custom_id", None) or "")
        if found and isinstance(component, discord.SelectMenu):
            return found["search"], [_option(each) for each in component.options if _is_details(each)]
    return None


async def offer(interaction: Interaction, custom_id: str, options: list[discord.SelectOption], words: str) -> None:
    """Ask in private which of some pictures is meant."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Select(custom_id=custom_id, placeholder=texts.REPORT_PICK, options=options))
    view.stop()
    check_view(view)
    await interaction.response.send_message(words, view=view, ephemeral=True)


class ReportButton(Control[discord.ui.Button[Any]], template=custom_ids.REPORT_TEMPLATE):
    """Under an answer: asks which of its pictures is to be reported."""

    async def act(self, interaction: Interaction) -> None:
        """Offer the pictures of the message."""
        message = interaction.message
        picks = picks_of(message.components) if message is not None else None
        if picks is None:
            raise QueryError(texts.NOTHING_TO_PICK)
        custom_id = custom_ids.report_pick_id(self.fields["search"], shown_in(interaction))
        await offer(interaction, custom_id, picks[1], texts.REPORT_WHICH)


class ReportSelect(Control[discord.ui.Select[Any]], template=custom_ids.REPORT_PICK_TEMPLATE):
    """Which picture is to be reported."""

    async def act(self, interaction: Interaction) -> None:
        """Ask why."""
        custom_id = custom_ids.report_form_id(self.fields["search"], picked_row(self.item), int(self.fields["message"]))
        await interaction.response.send_modal(ReportForm.modal(custom_id))


class ReportOneButton(Control[discord.ui.Button[Any]], template=custom_ids.REPORT_ONE_TEMPLATE):
    """Under a picture's details: reports that picture."""

    async def act(self, interaction: Interaction) -> None:
        """Ask why."""
        row, message = int(self.fields["row"]), int(self.fields["message"])
        await interaction.response.send_modal(
            ReportForm.modal(custom_ids.report_form_id(self.fields["search"], row, message))
        )


class ReportForm(Form):
    """Why a picture is reported."""

    template = custom_ids.REPORT_FORM_TEMPLATE
    title = texts.REPORT_TITLE
    asks = (Field("reason", texts.REPORT_WHY, texts.REPORT_HINT, long=True, max_length=MAX_WHY),)

    async def act(self, interaction: Interaction) -> None:
        """Take the report, and tell the moderators."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        services = interaction.client.services
        place = Place(interaction.channel_id or 0, int(self.fields["message"]) or None)
        search, row, reason = self.fields["search"], int(self.fields["row"]), self.typed.get("reason", "")
        report = await services.reports.take(standing_of(interaction), search, row, place, reason)
        carried = await interaction.client.cards.post(report)
        await interaction.edit_original_response(content=texts.REPORTED if carried else texts.REPORT_KEPT)


class CardButton(Control[discord.ui.Button[Any]], template=custom_ids.CARD_TEMPLATE):
    """On a report's card: decides on it, once. A ban of somebody who moderates asks first, below the card."""

    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Decide; whoever comes second is told who decided what."""
        await interaction.response.defer()
        decisions, report_id, what = decisions_of(interaction), int(self.fields["report"]), self.fields["what"]
        if what == LEAVE:
            await _leave(interaction)
            return
        if what == BAN and (warning := await self._warning(interaction, decisions, report_id)):
            await _ask(interaction, warning, report_id)
            return
        outcome = OUTCOMES[BAN if what == BAN_ANYWAY else what]
        decision = await decisions.decide(guild_of(interaction), report_id, outcome, actor_of(interaction))
        await _show(interaction, decision)

    async def _warning(self, interaction: Interaction, decisions: Decisions, report_id: int) -> str:
        """What to say before the one who asked is banned; nothing of a report that is decided."""
        report = await decisions.find(guild_of(interaction), report_id)
        asker = [report.asker_id] if report.asker_id and report.state is ReportState.OPEN else []
        return await ban_warning(interaction, asker)


class OpenReportsButton(Control[discord.ui.Button[Any]], template=custom_ids.OPEN_REPORTS_TEMPLATE):
    """Shows the next open report in the place of this one."""

    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Show it."""
        await interaction.response.defer()
        await show_open_report(interaction, int(self.fields["after"]))


class HideOneButton(Control[discord.ui.Button[Any]], template=custom_ids.HIDE_ONE_TEMPLATE):
    """Under a picture's details: hides that picture."""

    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Ask why."""
        custom_id = custom_ids.hide_form_id(self.fields["search"], int(self.fields["row"]))
        await interaction.response.send_modal(HideForm.modal(custom_id))


class HideSelect(Control[discord.ui.Select[Any]], template=custom_ids.HIDE_PICK_TEMPLATE):
    """Which picture is to be hidden."""

    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Ask why."""
        custom_id = custom_ids.hide_form_id(self.fields["search"], picked_row(self.item))
        await interaction.response.send_modal(HideForm.modal(custom_id))


class HideForm(Form):
    """Why a picture is hidden."""

    template = custom_ids.HIDE_FORM_TEMPLATE
    title = moderators.HIDE_TITLE
    asks = (Field("reason", moderators.HIDE_REASON, long=True, max_length=MAX_REASON),)
    moderators_only = True

    async def act(self, interaction: Interaction) -> None:
        """Hide it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        services, standing = interaction.client.services, standing_of(interaction)
        search = await services.desk.saved(self.fields["search"])
        seen = await services.desk.look_at(standing, int(self.fields["row"]), search.generation)
        reason = self.typed.get("reason", "")
        rule = await services.hiding.hide(guild_of(interaction), actor_of(interaction), seen.picture.sha256, reason)
        title = plain(title_of(seen.picture.metadata, seen.picture.file_name), MAX_TITLE_SHOWN)
        await interaction.edit_original_response(content=moderators.HIDDEN_NOW.format(title=title, rule=rule.id))


REPORT_CONTROLS = (
    ReportButton,
    ReportSelect,
    ReportOneButton,
    CardButton,
    OpenReportsButton,
    HideOneButton,
    HideSelect,
)
REPORT_FORMS = (ReportForm, HideForm)


async def show_open_report(interaction: Interaction, after: int) -> None:
    """Show the oldest open report after one, in place of the deferred answer or of the message."""
    cards = interaction.client.cards
    report = await decisions_of(interaction).open_after(guild_of(interaction), after)
    if report is None:
        view = _words(moderators.NO_MORE_REPORTS if after else moderators.NO_REPORTS)
        await interaction.edit_original_response(view=view, attachments=[])
        return
    view, files = await cards.card(report, more=_next_button(report.id))
    await interaction.edit_original_response(view=view, attachments=files)


def decisions_of(interaction: Interaction) -> Decisions:
    """Make what decides on reports."""
    return Decisions(interaction.client.services.database, engine_of(interaction))


async def _show(interaction: Interaction, decision: Decision) -> None:
    """Show a decision on the card, and where the button was pressed if that is elsewhere."""
    report, cards = decision.report, interaction.client.cards
    told = await cards.tell_reporter(report) if decision.first and report.reporter_id else None
    outcome = outcome_of(report, told)
    on_card = interaction.message is not None and interaction.message.id == report.card_message
    if not on_card:
        await cards.refresh(report, outcome)
    view, files = await cards.card(report, outcome, None if on_card else _next_button(report.id))
    await interaction.edit_original_response(view=view, attachments=files)
    if not decision.first:
        await interaction.followup.send(moderators.DECIDED_ALREADY.format(outcome=outcome), ephemeral=True)


async def _ask(interaction: Interaction, warning: str, report_id: int) -> None:
    """Ask the one who pressed, in private, whether to ban all the same."""
    ways = (
        (BAN_ANYWAY, moderators.BAN_ANYWAY, discord.ButtonStyle.danger),
        (LEAVE, filters.CANCEL, discord.ButtonStyle.secondary),
    )
    view = _words(warning, filters.DO_YOU_WANT_THAT)
    view.add_item(
        discord.ui.ActionRow(
            *(
                discord.ui.Button(label=label, style=style, custom_id=custom_ids.card_id(what, report_id))
                for what, label, style in ways
            )
        )
    )
    check_view(view)
    await interaction.followup.send(view=view, ephemeral=True)


async def _leave(interaction: Interaction) -> None:
    """Say that nothing was done, in place of the question."""
    if interaction.message is not None and interaction.message.flags.ephemeral:
        await interaction.edit_original_response(view=_words(filters.CANCELLED))


def _words(*paragraphs: str) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("\n".join(paragraphs)))
    view.stop()
    return view


def _next_button(after: int) -> discord.ui.Button[discord.ui.LayoutView]:
    return discord.ui.Button(label=moderators.NEXT_REPORT, custom_id=custom_ids.open_reports_id(after))


def shown_in(interaction: Interaction) -> int:
    """The message that a component stands on if everybody sees it, else 0."""
    message = interaction.message
    return message.id if message is not None and not message.flags.ephemeral else 0


def picked_row(item: discord.ui.Select[Any]) -> int:
    """Read the row that was picked from the list that `offer` showed.

    Raises:
        QueryError: if it is none.
    """
    value = "".join(item.values)
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise QueryError(texts.NOT_MY_CHOICE)
    return int(value)


def answer_of(interaction: Interaction, message: discord.Message) -> tuple[str, list[discord.SelectOption]]:
    """Find the search and the pictures of one of the bot's own answers.

    Raises:
        DeniedError: if the message is not the bot's, whose components could say anything.
        QueryError: if it shows no pictures.
    """
    if message.author.id != interaction.client.application_id and message.author != interaction.client.user:
        raise DeniedError(texts.NOTHING_TO_PICK)
    picks = picks_of(message.components)
    if picks is None:
        raise QueryError(texts.NOTHING_TO_PICK)
    return picks


def _all(components: Sequence[discord.Component]) -> list[discord.Component]:
    found = list(components)
    for component in components:
        found += _all(getattr(component, "children", ()))
    return found


def _is_details(option: discord.SelectOption) -> bool:
    return option.value.startswith(f"{custom_ids.DETAILS}:")


def _option(option: discord.SelectOption) -> discord.SelectOption:
    """An option of the answer's select, as an option of ours: number and title, and the row as its value."""
    number = "".join(character for character in option.label.split(":")[0] if character.isdigit())
    label = shown(f"{number}. {option.description or ''}", MAX_OPTION_LABEL)
    return discord.SelectOption(label=label, value=option.value.partition(":")[2])
