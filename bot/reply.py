"""One answer as plain values: what is said, which pictures are shown, and what can be pressed below them.

What makes one is `gallery` and its neighbours; `views` makes discord.py's objects of it, and `delivery` sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import discord

    from bot.uploads import Upload


@dataclass(frozen=True, slots=True)
class Pick:
    """A result that can be picked from the select.

    Attributes:
        number: the number under which it is shown.
        row: its row in the collection.
        title: its title.
    """

    number: int
    row: int
    title: str


@dataclass(frozen=True, slots=True)
class Controls:
    """The buttons and the select under a reply.

    Attributes:
        search_id: the saved search they work on.
        page: the page that is shown, 0-based.
        previous, next: whether there is such a page.
        picks: the results on the page.
        nearest: whether to offer the nearest pictures although none is close.
        post: whether to offer to post it for everybody.
        delete: whether to offer to delete it.
        again: whether to offer another draw by lot.
    """

    search_id: str
    page: int = 0
    previous: bool = False
    next: bool = False
    picks: tuple[Pick, ...] = ()
    nearest: bool = False
    post: bool = False
    delete: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class PictureControls:
    """The buttons under the details of one picture.

    Attributes:
        search_id: the saved search that it is a result of.
        row: its row in the collection.
        message_id: the answer that shows it to everybody, 0 where there is none.
        moderator: whether to offer what only moderators may do.
        saved: whether the one who looks has saved it; None offers no saving.
        link: where the collection says that it comes from.
    """

    search_id: str
    row: int
    message_id: int = 0
    moderator: bool = False
    saved: bool | None = None
    link: str | None = None


class ControlRows(Protocol):
    """Controls that are made elsewhere: what stands under a list of one's own things, for example."""

    def rows(self) -> list[list[discord.ui.Item[discord.ui.View]]]:
        """Make them, a row each."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, ready to be laid out.

    Attributes:
        heading: what the answer is to.
        body: what is said about it, below the pictures' heading and above the pictures.
        pictures: up to nine, in order.
        list: a numbered line for each picture.
        controls: the buttons below, if any.
    """

    heading: str
    body: str = ""
    pictures: tuple[Upload, ...] = ()
    list: str = ""
    controls: Controls | PictureControls | ControlRows | None = None


@dataclass(frozen=True, slots=True)
class ShownAs:
    """How pictures are shown, by the rules and by the channel's settings.

    Attributes:
        spoiler: whether all of them are covered until somebody asks to see them.
        notes: sentences of context above them.
    """

    spoiler: bool = False
    notes: tuple[str, ...] = ()


PLAINLY = ShownAs()
