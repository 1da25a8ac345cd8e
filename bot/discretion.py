"""Who reads an answer: everybody in the channel, or the one who asked alone.

What a role is spared, the others in the channel are not. So an answer for everybody is made under the rules for
everybody (`Standing.openly`), and one under the asker's own rules is for the asker alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot import texts
from bot.door import Interaction, standing_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from bot.access import Standing
    from bot.reply import Reply


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads an answer, and what it may hold therefore.

    Attributes:
        standing: what holds for the answer; ask with this.
        private: whether it is for the asker alone.
        by_role: whether it is only because roles may show the asker more than the others.
    """

    standing: Standing
    private: bool
    by_role: bool = False

    def told(self, making: Coroutine[Any, Any, Reply]) -> Coroutine[Any, Any, Reply]:
        """Say with an answer why it is private, where nobody asked for that."""
        return _told(making) if self.by_role else making


async def audience_of(interaction: Interaction, private: bool | None, words: Sequence[str]) -> Audience:
    """Choose who reads the answer to a command. Discord wants to know before there is an answer.

    Args:
        interaction: a command behind the door.
        private: what was asked for; None leaves it to the channel, and to what roles may show the asker.
        words: what is asked in words.
    """
    standing = standing_of(interaction)
    if standing.channel.private if private is None else private:
        return Audience(standing, private=True)
    if private is None and await interaction.client.services.book.spares(standing.visitor, words):
        return Audience(standing, private=True, by_role=True)
    return Audience(standing.openly, private=False)


async def _told(making: Coroutine[Any, Any, Reply]) -> Reply:
    reply = await making
    return replace(reply, body=f"{reply.body}\n{texts.PRIVATE_BY_ROLE}".strip())
