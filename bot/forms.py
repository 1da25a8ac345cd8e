"""Forms (Discord's modals) that survive a restart: known by their custom id, not by an object kept in memory.

discord.py finds a modal's answer only through the object that sent it, and calls its callback past every check. Here
an answer is found by its custom id and comes through the door like everything else.

How to add one: a template and a function beside it in `custom_ids`, a subclass of `Form` with its fields and its
`act`, and its name in the client's list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import discord

from bot.door import Interaction, enter

MAX_FIELD = 4_000
"""Discord's limit for what is typed into one field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for.

    Attributes:
        name: what the answer is called.
        label: the question, at most 45 characters.
        hint: shown while nothing is typed, at most 100 characters.
        long: whether several lines may be typed.
        required: whether an answer is needed.
        max_length: characters at most.
    """

    name: str
    label: str
    hint: str = ""
    long: bool = False
    required: bool = True
    max_length: int = 400


class Form:
    """Base of all forms: the way through the door, the fields of the custom id, and what was typed.

    Attributes:
        fields: the named parts of the custom id.
        typed: what was typed, by the names of the form's fields.
    """

    template: ClassVar[str]
    title: ClassVar[str]
    asks: ClassVar[Sequence[Field]]
    moderators_only: ClassVar[bool] = False

    def __init__(self, fields: Mapping[str, str], typed: Mapping[str, str]) -> None:
        self.fields = fields
        self.typed = typed

    @classmethod
    def modal(cls, custom_id: str) -> discord.ui.Modal:
        """Make the form to send."""
        assert re.fullmatch(cls.template, custom_id)
        modal = discord.ui.Modal(title=cls.title, custom_id=custom_id, timeout=None)
        for field in cls.asks:
            style = discord.TextStyle.long if field.long else discord.TextStyle.short
            box = discord.ui.TextInput[discord.ui.Modal](
                custom_id=field.name,
                style=style,
                placeholder=field.hint or None,
                required=field.required,
                max_length=min(field.max_length, MAX_FIELD),
            )
            modal.add_item(discord.ui.Label(text=field.label, component=box))
        modal.stop()  # found by its custom id (`answer_form`): discord.py need not remember it
        return modal

    async def act(self, interaction: Interaction) -> None:
        """Do what the form is for."""
        raise NotImplementedError


async def answer_form(interaction: Interaction, forms: Sequence[type[Form]]) -> None:
    """Find the form that an interaction answers, go through the door, and act. Others are left alone."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    data: Mapping[str, Any] = interaction.data or {}
    for kind in forms:
        if match := re.fullmatch(kind.template, str(data.get("custom_id", ""))):
            form = kind(match.groupdict(), dict(_typed(data.get("components", ()), kind.asks)))
            await enter(interaction, lambda: form.act(interaction), moderator=kind.moderators_only)  # noqa: B023
            return


def _typed(components: Sequence[Mapping[str, Any]], asks: Sequence[Field]) -> Iterator[tuple[str, str]]:
    """What was typed into the known fields, cut at their lengths: Discord checks those, a forger does not."""
    lengths = {field.name: field.max_length for field in asks}
    for component in components:
        inside = component.get("components") or ([component["component"]] if component.get("component") else [])
        yield from _typed(inside, asks)
        name = str(component.get("custom_id", ""))
        if name in lengths:
            yield name, str(component.get("value") or "")[: lengths[name]]
