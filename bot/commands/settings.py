"""`/settings`: where the bot answers, to whom, and how."""

from typing import Literal

import discord
from discord import app_commands

from bot.access import MAX_COUNT
from bot.commands.places import Place
from bot.database import GuildSettings
from bot.database.guild_settings import SERVER
from bot.door import Interaction, for_moderators
from bot.limits import check_view
from bot.moderation.guild_settings import change, change_channel, toggled
from bot.moderation.notices import unfit
from bot.moderation.replies import actor_of, guild_of
from bot.moderation.settings_wording import describe
from bot.moderation.wording import DISCORD
from bot.texts import moderation as texts
from search_core import QueryError
from search_core.filters.rules import MAX_REASON

Choice = Literal["yes", "no", "as the server"]
MEANINGS = {"yes": True, "no": False, "as the server": None}

Reason = app_commands.Range[str, 1, MAX_REASON]

settings = app_commands.Group(
    name="settings", description=texts.SETTINGS, default_permissions=discord.Permissions(manage_guild=True)
)


@settings.command(name="show", description=texts.SETTINGS_SHOW)
@for_moderators
async def show(interaction: Interaction) -> None:
    """Show what is set."""
    snapshot = await interaction.client.services.database.snapshot(guild_of(interaction))
    await _answer(interaction, _described(interaction, snapshot.settings))


@settings.command(name="channel", description=texts.SETTINGS_CHANNEL)
@app_commands.describe(
    reason=texts.SET_REASON,
    channel=texts.SET_CHANNEL,
    allowed=texts.SET_ALLOWED,
    private=texts.SET_PRIVATE,
    max_count=texts.SET_COUNT,
    spoilers=texts.SET_SPOILERS,
    watch=texts.SET_WATCH,
)
@for_moderators
async def channel_settings(
    interaction: Interaction,
    reason: Reason,
    channel: Place | None = None,
    allowed: Choice | None = None,
    private: Choice | None = None,
    max_count: app_commands.Range[int, 0, MAX_COUNT] | None = None,
    spoilers: Choice | None = None,
    watch: Choice | None = None,
) -> None:
    """Set what holds in a channel, or in the whole server."""
    choices = {"allowed": allowed, "private": private, "spoilers": spoilers, "watch": watch}
    anew: dict[str, object] = {name: MEANINGS[choice] for name, choice in choices.items() if choice is not None}
    if max_count is not None:
        anew["max_count"] = max_count or None
    if not anew:
        raise QueryError(texts.NOTHING_SET)
    database, place = interaction.client.services.database, channel.id if channel else SERVER
    guild_id, actor = guild_of(interaction), actor_of(interaction)
    await _told(interaction, await change_channel(database, guild_id, actor, reason, place, anew))


@settings.command(name="roles", description=texts.SETTINGS_ROLES)
@app_commands.describe(reason=texts.SET_REASON, role=texts.SET_ROLE, allowed=texts.SET_ROLE_ON)
@for_moderators
async def roles(interaction: Interaction, role: discord.Role, allowed: bool, reason: Reason) -> None:
    """Let the members of a role use the bot, or not any more."""
    database = interaction.client.services.database
    old = (await database.snapshot(guild_of(interaction))).settings
    allowed_roles = toggled(old.allowed_roles, role.id, on=allowed)
    guild_id, actor = guild_of(interaction), actor_of(interaction)
    await _told(interaction, await change(database, guild_id, actor, reason, allowed_roles=allowed_roles))


@settings.command(name="moderators", description=texts.SETTINGS_MODERATORS)
@app_commands.describe(
    reason=texts.SET_REASON,
    channel=texts.SET_MODERATORS_CHANNEL,
    role=texts.SET_ROLE,
    moderates=texts.SET_MODERATES,
    no_channel=texts.SET_NO_CHANNEL,
)
@for_moderators
async def moderators(
    interaction: Interaction,
    reason: Reason,
    channel: discord.TextChannel | None = None,
    role: discord.Role | None = None,
    moderates: bool | None = None,
    no_channel: bool = False,
) -> None:
    """Set the moderators' channel, and which roles moderate."""
    database = interaction.client.services.database
    old = (await database.snapshot(guild_of(interaction))).settings
    parts: dict[str, object] = {}
    if (role is None) != (moderates is None):
        raise QueryError(texts.ROLE_AND_WHETHER)
    if role is not None and moderates is not None:
        parts["moderator_roles"] = toggled(old.moderator_roles, role.id, on=moderates)
    if channel is not None or no_channel:
        parts["moderators_channel"] = _checked(channel)
    if not parts:
        raise QueryError(texts.NOTHING_SET)
    guild_id, actor = guild_of(interaction), actor_of(interaction)
    await _told(interaction, await change(database, guild_id, actor, reason, **parts))


def _checked(channel: discord.TextChannel | None) -> int | None:
    """The id of a channel that the moderators have for themselves."""
    if channel is None:
        return None
    if (wrong := unfit(channel)) is not None:
        raise QueryError(texts.CHANNEL_UNFIT.format(why=wrong))
    return channel.id


async def _told(interaction: Interaction, new: GuildSettings) -> None:
    await _answer(interaction, texts.SET.format(settings=_described(interaction, new)))


def _described(interaction: Interaction, settings: GuildSettings) -> str:
    watch_needs = "" if interaction.client.intents.message_content else texts.WATCH_NEEDS
    return describe(settings, DISCORD, _trouble(settings.moderators_channel, interaction.guild), watch_needs)


def _trouble(channel_id: int | None, guild: discord.Guild | None) -> str:
    """Why the moderators' channel that is set is not used; empty where it is, or none is set."""
    if channel_id is None:
        return ""
    channel = guild.get_channel(channel_id) if guild is not None else None
    return (unfit(channel) or "") if isinstance(channel, discord.TextChannel) else texts.CHANNEL_GONE


async def _answer(interaction: Interaction, words: str) -> None:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(words))
    view.stop()
    check_view(view)
    await interaction.response.send_message(view=view, ephemeral=True)
