"""`/about` and `/help`: what the collection is, what the model can do, and examples to press."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import discord

from bot import custom_ids
from bot.gallery import MAX_TEXT
from bot.markdown import length, plain
from bot.reply import Reply
from bot.texts import keeping as texts
from search_core.describe import counted

if TYPE_CHECKING:
    from search_core import About, Field, LastTest, Names

MAX_COLUMNS = (12, 6, 3, 1)
"""Fields that are named, tried in turn until the message fits."""

MAX_NAME = 60
MAX_TITLE, MAX_CITATION = 200, 500
"""Characters before escaping, which may double them. The message holds some 1,500 of our own."""
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


def compose_about(about: About, fields: Sequence[Field]) -> Reply:
    """Say what the collection is, and what the model can and cannot do.

    Args:
        about: what the index says of itself.
        fields: its fields as far as the one who asks may see what is in them.
    """
    model = texts.ABOUT_MODEL.format(model=plain(about.names.model, 2 * MAX_NAME))
    above, below = [_rows(about), *_provenance(about.names)], [model, texts.ABOUT_SCOPE, _test(about)]
    for columns in MAX_COLUMNS:
        body = "\n".join([*above, _columns(fields, columns), *below])
        if length(body) <= MAX_TEXT:
            break
    return Reply(texts.ABOUT_HEADING, body)


def _rows(about: About) -> str:
    manifest = about.manifest
    return texts.ABOUT_ROWS.format(
        title=plain(about.names.title, MAX_TITLE),
        pictures=counted(manifest.rows, "picture"),
        at=_moment(manifest.created),
        revision=manifest.source_fingerprint[:12],
    )


def _provenance(names: Names) -> Iterator[str]:
    if names.source_url:
        yield texts.ABOUT_SOURCE.format(url=names.source_url)
    if names.citation:
        yield texts.ABOUT_CITATION.format(citation=plain(names.citation, MAX_CITATION))


def _columns(fields: Sequence[Field], most: int) -> str:
    """Name the fields, with what is in them. Only the number of all pictures counts hidden ones, as answers do."""
    parts = list(map(_column, fields[:most]))
    left = len(fields) - most
    parts += [texts.ABOUT_MORE_COLUMNS.format(count=left)] if left > 0 else []
    return texts.ABOUT_COLUMNS.format(columns=", ".join(parts))


def _column(field: Field) -> str:
    name = plain(field.name, MAX_NAME)
    if field.low is not None and field.high is not None:
        minimum, maximum = (plain(f"{bound:.10g}", MAX_VALUE) for bound in (field.low, field.high))
        return texts.ABOUT_RANGE.format(name=name, minimum=minimum, maximum=maximum)
    if not field.different:  # hardly one repeats, or none may be seen
        return name
    return texts.ABOUT_VALUES.format(name=name, values=counted(field.different, "value"))


def _test(about: About) -> str:
    return texts.ABOUT_NO_TEST if about.test is None else _headline(about.test)


def _headline(test: LastTest) -> str:
    words = texts.ABOUT_TEST.format(
        at=_moment(test.created),
        classes=counted(test.classes, "class", "classes"),
        labels=plain(test.labels, MAX_NAME),
        precision=test.precision,
        low=test.low,
        high=test.high,
        pictures=counted(test.k, "picture"),
        right=test.k * test.precision,
    )
    return words if test.holds else f"{words} {texts.ABOUT_TEST_OLD}"


def _moment(iso: str) -> int:
    try:
        return int(datetime.fromisoformat(iso).timestamp())
    except ValueError:
        return 0
