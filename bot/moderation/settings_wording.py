"""A server's settings in words: what is set, and what a change of them changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bot.database import ChannelSettings, GuildSettings
from bot.database.guild_settings import SERVER
from bot.moderation.wording import Style, named
from bot.texts import moderation as texts
from search_core import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CHANNELS_SHOWN = 25
MAX_ROLES_SHOWN = 15
"""Some thirty characters each: both lists stay within one message."""

MAX_DIFFERENCES = 3
"""A command changes one or two things; only an undo of a restored backup may change more."""


def describe(settings: GuildSettings, style: Style, trouble: str = "", watch_needs: str = "") -> str:
    """Say what is set, a line each.

    Args:
        settings: the server's.
        style: how channels and roles are named.
        trouble: why the moderators' channel is not used, where that is known.
        watch_needs: what to say if a channel is to be watched, which may be in vain.
    """
    moderators = f", {_roles(settings.moderator_roles, style)}" if settings.moderator_roles else ""
    shown = dict(sorted(settings.channels.items())[:MAX_CHANNELS_SHOWN])
    shown.setdefault(SERVER, ChannelSettings())
    lines = [
        style.headed(texts.SHOW_MODERATORS, texts.WHO_MANAGES.format(roles=moderators)),
        style.headed(texts.SHOW_CHANNEL, _room(settings.moderators_channel, style, trouble)),
        style.headed(texts.SHOW_ROLES, _roles(settings.allowed_roles, style) or texts.EVERYBODY),
        *(style.headed(_place(channel, style), _set_in(settings, channel)) for channel in sorted(shown)),
    ]
    left = len(settings.channels) - MAX_CHANNELS_SHOWN
    watched = any(place.watch for place in settings.channels.values())
    more = [texts.MORE_LEFT.format(count=left)] if left > 0 else []
    return "\n".join([*lines, *more, *([watch_needs] if watched and watch_needs else [])])


def settings_difference(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, style: Style) -> str:
    """Say what a change of settings changed, and what was set before; both as `GuildSettings.to_dict` writes them."""
    try:
        old, new = (GuildSettings.from_dict(values or {}, 0) for values in (before, after))
    except StoreError:  # written by another release
        return ""
    found = list(_differences(old, new, style))
    left = len(found) - MAX_DIFFERENCES
    return "; ".join([*found[:MAX_DIFFERENCES], *([f"+{left}"] if left > 0 else [])])


def _differences(old: GuildSettings, new: GuildSettings, style: Style) -> Iterator[str]:
    for words, there, here in (
        (texts.CHANGED_MODERATORS, old.moderator_roles, new.moderator_roles),
        (texts.CHANGED_ROLES, old.allowed_roles, new.allowed_roles),
    ):
        if there != here:
            yield words.format(roles=_named_or(here, style.role), before=_named_or(there, style.role))
    if old.moderators_channel != new.moderators_channel:
        rooms = (_named_or(_some(each.moderators_channel), style.channel) for each in (new, old))
        yield texts.CHANGED_ROOM.format(**dict(zip(("channel", "before"), rooms, strict=True)))
    for channel in sorted({*old.channels, *new.channels}):
        were, are = (_words(each.channels.get(channel, ChannelSettings())) for each in (old, new))
        if were != are:
            yield texts.CHANGED_PLACE.format(place=_place(channel, style), settings=are, before=were)


def _named_or(ids: Collection[int], name: Callable[[int], str]) -> str:
    return named(name, ids) or texts.NONE


def _some(one: int | None) -> tuple[int, ...]:
    return () if one is None else (one,)


def _roles(roles: Collection[int], style: Style) -> str:
    shown = [style.role(role) for role in sorted(roles)[:MAX_ROLES_SHOWN]]
    left = len(roles) - MAX_ROLES_SHOWN
    return ", ".join([*shown, *([f"+{left}"] if left > 0 else [])])


def _room(channel: int | None, style: Style, trouble: str) -> str:
    if channel is None:
        return texts.NO_CHANNEL
    return texts.SHOW_UNFIT.format(channel=style.channel(channel), why=trouble) if trouble else style.channel(channel)


def _place(channel: int, style: Style) -> str:
    return texts.WHOLE_SERVER if channel == SERVER else style.channel(channel)


def _set_in(settings: GuildSettings, channel: int) -> str:
    """What is set for a channel; for the whole server what holds."""
    return _words(settings.of(SERVER) if channel == SERVER else settings.channels[channel])


def _words(place: ChannelSettings) -> str:
    words = [
        *([texts.ALLOWED[place.allowed]] if place.allowed is not None else []),
        *([texts.PRIVATELY[place.private]] if place.private is not None else []),
        *([texts.COVERED[place.spoilers]] if place.spoilers is not None else []),
        *([texts.WATCHED[place.watch]] if place.watch is not None else []),
        *([texts.AT_MOST.format(count=place.max_count)] if place.max_count is not None else []),
    ]
    return ", ".join(words) or texts.NOTHING_OF_ITS_OWN
