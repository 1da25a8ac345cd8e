"""The channels that an option of a command takes."""

import discord

Place = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel | discord.StageChannel
"""Where people can ask. A category is none: nobody asks in it, and what is set for one would hold nowhere."""
