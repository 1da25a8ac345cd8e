"""What Discord shows of the commands, in the language of who reads it: a catalogue for each, checked before it is used.

A catalogue is `texts/locales/LOCALE.json`: each English text with its translation. Commands and options keep their
names, by which people tell each other what to type; descriptions, choices and menus are translated.

How to add a language: `vignette texts LOCALE` writes its file with what is still to translate; `vignette texts` checks.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Place

from bot.markdown import length
from search_core import VignetteError

AnyCommand: TypeAlias = app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group
Catalogue: TypeAlias = Mapping[str, str]

logger = logging.getLogger(__name__)

LOCALES = Path(__file__).parent / "texts" / "locales"

MAX_MENU = 32
MAX_DESCRIPTION = 100
"""Discord's limits for the name of a menu, and for a description or the name of a choice; translated ones too."""

MAX_FAULTS = 5
"""So many are told at once; a catalogue just begun lacks all its texts."""

_PLACES = frozenset(
    {Place.command_description, Place.group_description, Place.parameter_description, Place.choice_name}
)
_PLACEHOLDER = re.compile(r"\{.*?\}")


class CatalogueError(VignetteError):
    """A catalogue cannot be used. The message names the file and what is wrong with it."""


class Translations(app_commands.Translator):
    """The catalogues that can be used. One with a fault is left out and the log says why: its readers see English.

    Args:
        commands: those that are translated.
    """

    def __init__(self, commands: Iterable[AnyCommand]) -> None:
        self._catalogues = dict(_usable(list_texts(commands)))

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Look a text up; None stands for the English one."""
        if context.location not in _PLACES and not isinstance(context.data, app_commands.ContextMenu):
            return None
        return self._catalogues.get(locale.value, {}).get(string.message)


def catalogues() -> list[Path]:
    """List the catalogues that there are."""
    return sorted(LOCALES.glob("*.json"))


def list_texts(commands: Iterable[AnyCommand]) -> dict[str, int]:
    """List what is translated, in the order of the commands: each English text, and how long Discord lets it be."""
    return dict(text for command in commands for text in _texts_of(command))


def read_catalogue(path: Path, texts: Mapping[str, int]) -> Catalogue:
    """Read and check a catalogue.

    Args:
        path: its file, named after a locale of Discord.
        texts: what it is to translate, from `list_texts`.

    Raises:
        CatalogueError: if it cannot be read, or is not whole and right.
    """
    _check_locale(path.stem)
    catalogue = _read(path)
    if faults := [*_faults(catalogue, texts)]:
        more = [f"And {len(faults) - MAX_FAULTS} more."] if len(faults) > MAX_FAULTS else []
        raise CatalogueError(" ".join([f"{path.name} cannot be used:", *faults[:MAX_FAULTS], *more]))
    return catalogue


def update_catalogue(locale: str, texts: Mapping[str, int]) -> int:
    """Write a catalogue anew: translations stay, new texts come in empty, those that are gone go.

    Returns:
        How many texts are still to translate.

    Raises:
        CatalogueError: if Discord knows no such locale, or the file cannot be read or written.
    """
    _check_locale(locale)
    path = LOCALES / f"{locale}.json"
    old = _read(path) if path.exists() else {}
    new = {english: old.get(english, "") for english in texts}
    try:
        path.write_text(json.dumps(new, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{path} cannot be written: {error.strerror}.") from None
    return sum(not translation.strip() for translation in new.values())


def _usable(texts: Mapping[str, int]) -> Iterator[tuple[str, Catalogue]]:
    for path in catalogues():
        try:
            yield path.stem, read_catalogue(path, texts)
        except CatalogueError as error:
            logger.warning("a language is left out: %s", error)


def _texts_of(command: AnyCommand) -> Iterator[tuple[str, int]]:
    if isinstance(command, app_commands.ContextMenu):
        yield command.name, MAX_MENU
        return
    yield command.description, MAX_DESCRIPTION
    if isinstance(command, app_commands.Group):
        for each in command.commands:
            yield from _texts_of(each)
        return
    for option in command.parameters:
        yield str(option.description), MAX_DESCRIPTION
        yield from ((choice.name, MAX_DESCRIPTION) for choice in option.choices)


def _check_locale(name: str) -> None:
    known = sorted(locale.value for locale in discord.Locale)
    if name not in known:
        raise CatalogueError(f"Discord knows no locale {name!r}. It knows {', '.join(known)}.")


def _read(path: Path) -> dict[str, str]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise CatalogueError(f"{path.name} is not JSON in UTF-8: {error}.") from None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise CatalogueError(f"{path.name} is to be one JSON object, each English text with its translation.")
    return read


def _faults(catalogue: Catalogue, texts: Mapping[str, int]) -> Iterator[str]:
    """Say each fault of a catalogue, and what to do about it."""
    for english in catalogue.keys() - texts.keys():
        yield f"{english!r} is no text of the commands: remove it."
    for english, limit in texts.items():
        translation = catalogue.get(english, "")
        if not translation.strip():
            yield f"{english!r} is not translated."
        elif length(translation) > limit:
            yield f"{translation!r} has {length(translation)} characters: shorten it to {limit}."
        elif _placeholders(translation) != _placeholders(english):
            yield f"{translation!r} has other places to fill in than {english!r}: keep what stands in braces."


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))
