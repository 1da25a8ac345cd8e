"""The group `/filter` itself, and the choices that its commands share."""

import discord
from discord import app_commands

from bot.texts import filters as texts

MAX_PATTERN_TYPED = 200

KIND_CHOICES = [app_commands.Choice(name=words, value=kind.value) for kind, words in texts.KINDS.items()]
ACTION_CHOICES = [app_commands.Choice(name=words, value=action.value) for action, words in texts.ACTIONS.items()]

filter_group = app_commands.Group(
    name="filter",
    description=texts.FILTER,
    guild_only=True,
    # What the client shows; `for_moderators` is what counts.
    default_permissions=discord.Permissions(manage_guild=True),
)
