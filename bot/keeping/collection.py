"""`/about` and `/help`: what the collection is, what the model can do, and examples to press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import discord

from bot import custom_ids
from bot.keeping.names import public_name
from bot.markdown import plain
from bot.reply import Reply
from bot.texts import keeping as texts

if TYPE_CHECKING:
    from search_core import About, LastTest, Manifest

MAX_COLUMNS = 12
MAX_NAME = 60
MAX_VALUE = 20


@dataclass(frozen=True, slots=True)
class ExampleControls:
    """The examples under `/help`, a button each."""

    def rows(self) -> list[list[discord.ui.Item[discord.ui.View]]]:
        """Make them."""
        return [
            [
                discord.ui.Button(label=example, custom_id=custom_ids.example_id(number))
                for number, example in enumerate(texts.HELP_EXAMPLES)
            ]
        ]


def compose_help() -> Reply:
    """Say how to ask."""
    return Reply(texts.HELP_HEADING, texts.HELP_BODY, controls=ExampleControls())


def compose_about(about: About) -> Reply:
    """Say what the collection is, and what the model can and cannot do."""
    model = texts.ABOUT_MODEL.format(model=_models(about.manifest))
    return Reply(
        texts.ABOUT_HEADING, "\n".join([_rows(about), _columns(about), model, texts.ABOUT_SCOPE, _test(about)])
    )


def _rows(about: About) -> str:
    manifest = about.manifest
    return texts.ABOUT_ROWS.format(
        rows=f"{manifest.rows:,}",
        source=plain(public_name(manifest.source), 3 * MAX_NAME),
        at=_moment(manifest.created),
        revision=manifest.source_fingerprint[:12],
    )


def _columns(about: About) -> str:
    """Name the fields, with the range of those that hold numbers. Other values may be of hidden pictures."""
    parts = []
    for name, column in list(about.columns.items())[:MAX_COLUMNS]:
        known: Mapping[str, str] = {"name": plain(name, MAX_NAME), "count": f"{column.distinct:,}"}
        if column.minimum is None or column.maximum is None:
            parts.append(texts.ABOUT_VALUES.format(**known))
        else:
            minimum, maximum = plain(column.minimum, MAX_VALUE), plain(column.maximum, MAX_VALUE)
            parts.append(texts.ABOUT_RANGE.format(**known, minimum=minimum, maximum=maximum))
    left = len(about.columns) - MAX_COLUMNS
    parts += [texts.ABOUT_MORE_COLUMNS.format(count=left)] if left > 0 else []
    return texts.ABOUT_COLUMNS.format(columns=", ".join(parts))


def _models(manifest: Manifest) -> str:
    names = [manifest.encoder.model, *filter(None, [manifest.encoder.text_model])]
    return " + ".join(plain(public_name(name), MAX_NAME) for name in names)


def _test(about: About) -> str:
    return texts.ABOUT_NO_TEST if about.test is None else _headline(about.test)


def _headline(test: LastTest) -> str:
    words = texts.ABOUT_TEST.format(
        at=_moment(test.created),
        classes=test.classes,
        labels=plain(test.labels, MAX_NAME),
        precision=test.precision,
        low=test.low,
        high=test.high,
        k=test.k,
        right=test.k * test.precision,
    )
    return words if test.holds else f"{words} {texts.ABOUT_TEST_OLD}"


def _moment(iso: str) -> int:
    try:
        return int(datetime.fromisoformat(iso).timestamp())
    except ValueError:
        return 0
