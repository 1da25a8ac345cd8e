"""A report's card: what moderators see of it, in their channel or for themselves, and how the reporter is told.

Whatever fails here is told and logged, and nothing is lost: the report is in the database.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot import custom_ids, failures, texts
from bot.database import ReportState
from bot.gallery import MAX_TITLE_SHOWN, alt_text
from bot.limits import check_view
from bot.markdown import covered, plain
from bot.texts import moderation as moderators
from bot.uploads import Upload, fit, upload_name
from bot.views import ACCENT
from search_core import VignetteError

if TYPE_CHECKING:
    from bot.database import Database, Report
    from bot.moderation.notices import Notices
    from search_core import SearchEngine

logger = logging.getLogger(__name__)

MAX_PROMPT_SHOWN = 500
MAX_REASON_SHOWN = 400
FILE_LIMIT = 10 * 1024 * 1024
"""What Discord takes for one file anywhere."""

_STYLES = {
    "hide": discord.ButtonStyle.primary,
    "block": discord.ButtonStyle.primary,
    "dismiss": discord.ButtonStyle.secondary,
    "ban": discord.ButtonStyle.danger,
}

Card = tuple[discord.ui.LayoutView, list[discord.File]]


class Cards:
    """Makes cards, sends them, and brings them up to date.

    Args:
        client: who writes.
        notices: knows the moderators' channel.
        engine: has the pictures.
        database: remembers where each card is.
    """

    def __init__(self, client: discord.Client, notices: Notices, engine: SearchEngine, database: Database) -> None:
        self._client = client
        self._notices = notices
        self._engine = engine
        self._database = database

    async def post(self, report: Report) -> bool:
        """Send a new report's card to the moderators' channel, and say whether that went well."""
        try:
            channel = await self._notices.channel(report.guild_id)
            if channel is None:
                return False
            view, files = await self.card(report)
            message = await channel.send(view=view, files=files)
            await self._database.set_report_card(report.guild_id, report.id, channel.id, message.id)
        except (discord.DiscordException, VignetteError, OSError) as error:
            logger.warning("the card of report %d could not be sent: %s", report.id, failures.describe(error))
            return False
        return True

    async def refresh(self, report: Report, outcome: str) -> None:
        """Bring the card in the moderators' channel up to date, if there is one."""
        if report.card_channel is None or report.card_message is None:
            return
        view, files = await self.card(report, outcome)
        place = self._client.get_partial_messageable(report.card_channel, guild_id=report.guild_id)
        try:
            await place.get_partial_message(report.card_message).edit(view=view, attachments=files)
        except (discord.DiscordException, OSError) as error:
            logger.warning("the card of report %d could not be changed: %s", report.id, failures.describe(error))

    async def tell_reporter(self, report: Report) -> bool:
        """Tell the reporter what was decided, by direct message, and say whether that went well."""
        guild = self._client.get_guild(report.guild_id)
        title, server = plain(report.title, MAX_TITLE_SHOWN), plain(guild.name if guild else "", MAX_TITLE_SHOWN)
        words = texts.TOLD_REPORTER[report.state.value].format(server=server, title=title)
        try:
            await (await self._client.fetch_user(report.reporter_id)).send(words)
        except (discord.DiscordException, OSError) as error:
            logger.info("the reporter of report %d could not be told: %s", report.id, failures.describe(error))
            return False
        return True

    async def card(
        self, report: Report, outcome: str = "", more: discord.ui.Button[discord.ui.LayoutView] | None = None
    ) -> Card:
        """Make a report's card.

        Args:
            report: as it is now; only an open one has buttons.
            outcome: what to say of the decision.
            more: another button, below the others.
        """
        picture = await self._picture(report)
        view = discord.ui.LayoutView(timeout=None)
        box: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container(accent_colour=ACCENT)
        view.add_item(box)
        box.add_item(discord.ui.TextDisplay(describe(report)))
        if picture is None:
            box.add_item(discord.ui.TextDisplay(moderators.CARD_NO_PICTURE))
        else:
            name = f"attachment://SPOILER_{picture.name}"
            box.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(name, description=picture.alt, spoiler=True)))
        if outcome:
            box.add_item(discord.ui.TextDisplay(outcome))
        buttons = _buttons(report) if report.state is ReportState.OPEN else []
        for row in filter(None, [buttons, [more] if more else []]):
            box.add_item(discord.ui.ActionRow(*row))
        view.stop()
        check_view(view)
        return view, [picture.file()] if picture else []

    async def _picture(self, report: Report) -> Upload | None:
        row = (await self._engine.find([report.sha256])).get(report.sha256)
        if row is None:
            return None
        stored = (await self._engine.pictures([row]))[0]
        name, alt = upload_name(1, stored.file_name), alt_text(None, report.title, stored.metadata)
        return (await fit([Upload(name, stored.data, alt, spoiler=True)], FILE_LIMIT))[0]


def describe(report: Report) -> str:
    """Say who reported what, where and why."""
    prompt = moderators.CARD_PICTURE
    if report.prompt is not None:
        prompt = moderators.CARD_PROMPT.format(prompt=covered(report.prompt, MAX_PROMPT_SHOWN))
    lines = [
        "### " + moderators.CARD_HEADING.format(id=report.id, title=plain(report.title, MAX_TITLE_SHOWN)),
        moderators.CARD_BY.format(reporter=_person(report.reporter_id), at=report.at),
        moderators.CARD_ASKED.format(asker=_person(report.asker_id), place=_place(report)),
        prompt,
        moderators.CARD_REASON.format(reason=plain(report.reason, MAX_REASON_SHOWN)),
        moderators.CARD_BAN.format(asker=_person(report.asker_id)) if report.state is ReportState.OPEN else "",
    ]
    return "\n".join(filter(None, lines))


def outcome_of(report: Report, told: bool | None = None) -> str:
    """Say who decided what; and whether the reporter could be told, where that is known."""
    words = moderators.CARD_OUTCOME[report.state.value].format(
        who=_decider(report), at=report.resolved_at, asker=_person(report.asker_id)
    )
    told_words = {None: "", True: moderators.CARD_TOLD, False: moderators.CARD_NOT_TOLD}[told]
    return f"{words} {told_words}".strip()


def _decider(report: Report) -> str:
    return moderators.AT_THE_TERMINAL if report.resolved_by == 0 else _person(report.resolved_by)


def _person(user_id: int | None) -> str:
    return f"<@{user_id}>" if user_id else moderators.CARD_NOBODY


def _place(report: Report) -> str:
    if report.message_id is None:
        return moderators.CARD_CHANNEL.format(channel=report.channel_id)
    link = f"https://discord.com/channels/{report.guild_id}/{report.channel_id}/{report.message_id}"
    return moderators.CARD_LINK.format(channel=report.channel_id, link=link)


def _buttons(report: Report) -> list[discord.ui.Button[discord.ui.LayoutView]]:
    return [
        discord.ui.Button(label=label, custom_id=custom_ids.card_id(what, report.id), style=_STYLES[what])
        for what, label in moderators.CARD_BUTTONS.items()
    ]
