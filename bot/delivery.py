"""`deliver`: the one place that knows how a reply is sent.

Discord has been seen to answer 400 to a gallery that follows a deferred reply (discord-api-docs#7529), and any
server can answer 500. Then the same reply goes out once more in the older form: an embed and plain attachments.

How to add a way of sending: a class with the two methods of `Outlet`.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import discord

from bot.gallery import with_sizes
from bot.limits import check_embed, check_uploads, check_view
from bot.reply import Reply
from bot.uploads import fit
from bot.views import embed, layout, plain_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.uploads import Upload

logger = logging.getLogger(__name__)

FILE_LIMIT = 10 * 1024 * 1024
"""What Discord takes for one file where it does not say more."""

_HOPELESS = frozenset({401, 403, 404, 429})
"""No permission, nothing there to answer any more, or too many requests: another form of the same reply fares no
better."""


class Outlet(Protocol):
    """A place that a reply can go to."""

    file_limit: int

    async def send_layout(self, view: discord.ui.LayoutView, files: list[discord.File]) -> None:
        """Send components and their files as one message."""

    async def send_plain(self, words: discord.Embed, view: discord.ui.View, files: list[discord.File]) -> None:
        """Send an embed, buttons and files as one message."""


class InteractionOutlet:
    """The answer to a deferred interaction; for a button's interaction that changes the message it stands on.

    Args:
        interaction: the deferred one.
        worded: whether words stand in the answer's place already.
    """

    def __init__(self, interaction: discord.Interaction[discord.Client], *, worded: bool = False) -> None:
        self._interaction = interaction
        self._worded = worded
        self.file_limit = interaction.filesize_limit

    async def send_layout(self, view: discord.ui.LayoutView, files: list[discord.File]) -> None:
        """Edit the original response. What a message of the older form says is cleared away."""
        if not self._worded and (self._turned is None or self._turned.flags.components_v2):
            await self._interaction.edit_original_response(view=view, attachments=files)
        else:
            await self._interaction.edit_original_response(content=None, embeds=[], view=view, attachments=files)

    async def send_plain(self, words: discord.Embed, view: discord.ui.View, files: list[discord.File]) -> None:
        """Edit the original response; a message of components cannot go back, so beside one a new one is sent."""
        if self._turned is not None and self._turned.flags.components_v2:
            await self._interaction.followup.send(embed=words, view=view, files=files, ephemeral=True)
        else:
            await self._interaction.edit_original_response(content=None, embed=words, view=view, attachments=files)

    @property
    def _turned(self) -> discord.Message | None:
        """The message that is changed in place, if one is."""
        in_place = self._interaction.response.type is discord.InteractionResponseType.deferred_message_update
        return self._interaction.message if in_place else None


class MessageOutlet:
    """A reply below somebody's message."""

    def __init__(self, message: discord.Message) -> None:
        self._message = message
        self.file_limit = message.guild.filesize_limit if message.guild else FILE_LIMIT

    async def send_layout(self, view: discord.ui.LayoutView, files: list[discord.File]) -> None:
        """Reply with components."""
        await self._message.reply(view=view, files=files, mention_author=False)

    async def send_plain(self, words: discord.Embed, view: discord.ui.View, files: list[discord.File]) -> None:
        """Reply with an embed."""
        await self._message.reply(embed=words, view=view, files=files, mention_author=False)


async def deliver(outlet: Outlet, reply: Reply) -> None:
    """Send a reply: as components, or, if Discord does not take those, as an embed with attachments.

    Raises:
        LimitError: if the reply breaks one of Discord's limits; that form of it was not sent.
        discord.HTTPException: if Discord took neither form.
    """
    uploads = await fit(reply.pictures, outlet.file_limit)
    reply = with_sizes(replace(reply, pictures=uploads))
    view = layout(reply)
    check_view(view)
    check_uploads(uploads, outlet.file_limit)
    try:
        await outlet.send_layout(view, _files(uploads))
    except discord.HTTPException as error:
        if error.status in _HOPELESS:
            raise
        logger.warning("components refused, sending an embed: status=%d code=%d", error.status, error.code)
        words, buttons = embed(reply), plain_view(reply)
        check_embed(words)
        check_view(buttons)
        await outlet.send_plain(words, buttons, _files(uploads))


def _files(uploads: Sequence[Upload]) -> list[discord.File]:
    return [upload.file() for upload in uploads]
