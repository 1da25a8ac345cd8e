"""`/hide`, `/unhide` and the menu "Hide a picture…"."""

import discord
from discord import app_commands

from bot import custom_ids
from bot.door import Interaction, for_moderators, may_complete
from bot.gallery import MAX_TITLE_SHOWN
from bot.markdown import plain, shown
from bot.moderation.hiding import name_of
from bot.moderation.replies import actor_of, guild_of
from bot.moderation.report_controls import answer_of, offer
from bot.texts import moderation as texts
from search_core import QueryError
from search_core.filters.rules import MAX_REASON

MAX_TYPED = 100
MAX_CHOICE = 100
"""Discord's limit for the name of a choice."""

Reason = app_commands.Range[str, 1, MAX_REASON]
Typed = app_commands.Range[str, 1, MAX_TYPED]


@app_commands.command(name="hide", description=texts.HIDE)
@app_commands.describe(picture=texts.HIDE_PICTURE, reason=texts.HIDE_REASON)
@app_commands.default_permissions(manage_guild=True)
@for_moderators
async def hide(interaction: Interaction, picture: Typed, reason: Reason) -> None:
    """Hide a picture of the collection."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    hiding = interaction.client.services.hiding
    found = await hiding.picked(picture)
    rule = await hiding.hide(guild_of(interaction), actor_of(interaction), found.sha256, reason)
    words = texts.HIDDEN_NOW.format(title=plain(name_of(found), MAX_TITLE_SHOWN), rule=rule.id)
    await interaction.edit_original_response(content=words)


@hide.autocomplete("picture")
async def _pictures(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    if not await may_complete(interaction):
        return []
    found = await interaction.client.services.hiding.pictures(current)
    return [app_commands.Choice(name=shown(name_of(each), MAX_CHOICE), value=each.sha256) for each in found]


@app_commands.command(name="unhide", description=texts.UNHIDE)
@app_commands.describe(picture=texts.HIDE_PICTURE, reason=texts.HIDE_REASON)
@app_commands.default_permissions(manage_guild=True)
@for_moderators
async def unhide(interaction: Interaction, picture: Typed, reason: Reason) -> None:
    """Show a hidden picture again."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    if not (picture.isascii() and picture.isdigit()):
        raise QueryError(texts.NOT_HIDDEN)
    hiding = interaction.client.services.hiding
    rule, name = await hiding.unhide(guild_of(interaction), actor_of(interaction), int(picture), reason)
    words = texts.SHOWN_AGAIN.format(title=plain(name, MAX_TITLE_SHOWN), rule=rule.id)
    await interaction.edit_original_response(content=words)


@unhide.autocomplete("picture")
async def _hidden(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    if not await may_complete(interaction):
        return []
    named = await interaction.client.services.hiding.hidden(interaction.guild_id or 0, current)
    return [app_commands.Choice(name=shown(name, MAX_CHOICE), value=str(rule)) for rule, name in named.items()]


@app_commands.context_menu(name=texts.HIDE_MENU)
@app_commands.default_permissions(manage_guild=True)
@for_moderators
async def hide_menu(interaction: Interaction, message: discord.Message) -> None:
    """Ask which picture of an answer is to be hidden."""
    search_id, options = answer_of(interaction, message)
    await offer(interaction, custom_ids.hide_pick_id(search_id), options, texts.HIDE_WHICH)
