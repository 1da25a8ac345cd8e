"""The client: what is registered with Discord, which servers are left, and how the bot goes home."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import TYPE_CHECKING, TypedDict

import discord
from discord import app_commands

from bot import failures, texts
from bot.access import visitor_in
from bot.commands import all_commands
from bot.commands.mention import answer_mention, is_for
from bot.commands.watch import answer_posted
from bot.components import CONTROLS
from bot.forms import answer_form
from bot.keeping.controls import KEEPING_CONTROLS
from bot.moderation.audit_log import AuditButton
from bot.moderation.cards import Cards
from bot.moderation.controls import MODERATION_CONTROLS
from bot.moderation.notices import Notices
from bot.moderation.report_controls import REPORT_CONTROLS, REPORT_FORMS
from bot.translation import Translations
from search_core import VignetteError

if TYPE_CHECKING:
    from bot.services import Services

logger = logging.getLogger(__name__)

discord.VoiceClient.warn_nacl = False  # no voice here, so no warning that its library is missing
discord.VoiceClient.warn_dave = False

FORMS = (*REPORT_FORMS,)
"""The forms whose answers are looked for."""

DRAIN_SECONDS = 15.0
"""A search takes well under a second; service managers send SIGKILL after 30 s or more."""


class _Presence(TypedDict):
    activity: discord.CustomActivity
    status: discord.Status


def _presence(*, loaded: bool) -> _Presence:
    """What is shown beside the bot's name."""
    if loaded:
        return {"activity": discord.CustomActivity(texts.PRESENCE_READY), "status": discord.Status.online}
    return {"activity": discord.CustomActivity(texts.PRESENCE_LOADING), "status": discord.Status.idle}


class VignetteTree(app_commands.CommandTree["VignetteClient"]):
    """The commands. What fails before a command's own door is told here."""

    async def interaction_check(self, interaction: discord.Interaction[VignetteClient], /) -> bool:
        """Let nothing through from a server that is not served, and no completion to whom the door is closed.

        Commands go on to the door (`door.enter`), which tells why it is closed.
        """
        access = self.client.services.access
        if interaction.type is not discord.InteractionType.autocomplete:
            return interaction.guild_id is None or access.serves(interaction.guild_id)
        try:
            await access.standing(visitor_in(interaction))
        except VignetteError:
            return False
        if not self.client.services.engine.is_open:  # there is nothing to offer yet
            await interaction.response.autocomplete([])
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[VignetteClient], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the user."""
        await failures.report(interaction, error)


class VignetteClient(discord.Client):
    """Vignette on Discord.

    It needs no privileged intent: commands and menus come without any, and a message that mentions the bot
    comes with its content. Only to watch channels does it need one.

    Args:
        services: opened by whoever starts the client, before it starts; the engine may be loaded while it runs.
        watch: whether to ask for the message-content intent.
    """

    def __init__(self, services: Services, *, watch: bool = False) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=watch)
        # What is said here goes out with the login itself.
        presence = _presence(loaded=services.engine.is_open)
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none(), **presence)
        self.services = services
        self.connected = asyncio.Event()
        self.notices = Notices(self, services.book)
        self.cards = Cards(self, self.notices, services.engine, services.database)
        self.tree = VignetteTree(self)

    async def setup_hook(self) -> None:
        """Register commands and lasting components before the gateway connects; commands with served servers only."""
        self.add_dynamic_items(*CONTROLS, *MODERATION_CONTROLS, *REPORT_CONTROLS, AuditButton, *KEEPING_CONTROLS)
        for command in all_commands():
            self.tree.add_command(command)
        await self.tree.set_translator(Translations(self.tree.get_commands()))
        for guild in self._served():
            self.tree.copy_global_to(guild=guild)
            await self._sync(guild)

    async def on_connect(self) -> None:
        """Note that the bot is online; `on_ready` comes two seconds later, when the servers are known."""
        self.connected.set()

    async def on_ready(self) -> None:
        """Leave the servers that are not served; they may have been joined while the bot was away."""
        logger.info("online as %s in %d servers", self.user, len(self.guilds))
        await self.show_presence()
        for guild in list(self.guilds):
            await self._leave_unless_served(guild)

    async def show_presence(self) -> None:
        """Show beside the bot's name whether it can be asked yet. Before it is online, leave that to `on_ready`."""
        if self.is_ready():
            await self.change_presence(**_presence(loaded=self.services.engine.is_open))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Leave a server that was out of reach when the bot came online, if it is not served."""
        await self._leave_unless_served(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Leave a server that is not served; register the commands with one that is, for it has none yet."""
        await self._leave_unless_served(guild)
        if self.services.access.serves(guild.id):
            await self._sync(guild, always=True)

    async def on_message(self, message: discord.Message) -> None:
        """Answer when the bot is mentioned, and in channels that are watched."""
        if is_for(self, message):
            await answer_mention(self, message)
        elif self.intents.message_content:
            await answer_posted(self, message)

    async def on_interaction(self, interaction: discord.Interaction[VignetteClient]) -> None:
        """Answer a form; discord.py finds the others (commands, components) itself."""
        await answer_form(interaction, FORMS)

    async def leave_in_order(self) -> None:
        """Take no more work, let the answers under way finish, and close the connection."""
        self.services.work.close()
        if not await self.services.work.drained(DRAIN_SECONDS):
            logger.warning("some answers took longer than %.0f s and were cut off", DRAIN_SECONDS)
        await self.close()

    def _served(self) -> list[discord.Object]:
        return [discord.Object(guild_id) for guild_id in sorted(self.services.access.guild_ids)]

    async def _leave_unless_served(self, guild: discord.Guild) -> None:
        if self.services.access.serves(guild.id):
            return
        logger.warning("leaving server %d: it is not on the list VIGNETTE_GUILD_IDS", guild.id)
        try:
            await guild.leave()
        except discord.HTTPException as error:
            logger.warning("server %d could not be left: %s", guild.id, failures.describe(error))

    async def _sync(self, guild: discord.abc.Snowflake, *, always: bool = False) -> None:
        """Tell Discord a server's commands if they changed: 200 creations a day and server are allowed."""
        note, wanted = f"commands:{guild.id}", await self._fingerprint(guild)
        database = self.services.database
        if not always and await database.read_note(note) == wanted:
            return
        try:
            await self.tree.sync(guild=guild)
        except discord.HTTPException as error:
            logger.warning("server %d did not take the commands: %s", guild.id, failures.describe(error))
            return
        await database.write_note(note, wanted)
        logger.info("commands registered with server %d", guild.id)

    async def _fingerprint(self, guild: discord.abc.Snowflake) -> str:
        translator = self.tree.translator or app_commands.Translator()
        commands = self.tree.get_commands(guild=guild)
        sent = [await command.get_translated_payload(self.tree, translator) for command in commands]
        payload = sorted(json.dumps(each, sort_keys=True) for each in sent)
        return hashlib.sha256("\n".join([str(self.application_id), *payload]).encode()).hexdigest()
