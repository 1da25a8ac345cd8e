"""What a rule hides or refuses since: it is in no answer to anybody, in nothing public, and in no ordinary log line."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from simcord import InteractionResult

from bot import texts
from bot.database import Database
from bot.texts import keeping
from search_core import SearchEngine
from search_core.filters import RuleKind
from tests.bot.conftest import GUILD_ID, World
from tests.bot.reading import alts, answer, options, posted_copy, raw, words
from tests.bot.staff import add_rule, row_named

HIDDEN = "animals/armadillo_01.jpg"
REFUSED = "periwinkle"
ASKED = f"a flower such as a {REFUSED}"
PATTERN = "*eriwinkle"
SECRETS = re.compile(r"Armadillo|armadillo_|eriwinkle")
"""Title and file of the hidden picture, what is refused, and the pattern that refuses it."""


def told_by(*results: InteractionResult) -> list[str]:
    """All that a person can read in what came of some actions: words, alt texts, files' names, choices, buttons."""
    messages = [message for each in results for message in each.followups or [each.response] if message]
    return [
        f"{words(message)} {raw(message)} {[file.filename for file in message.attachments]}" for message in messages
    ]


async def test_what_is_hidden_or_refused_since_is_named_in_no_answer_and_no_log_line(
    world: World, database: Database, engine: SearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    ann, ben, channel = world.ann, world.ben, world.channel
    row, sha256 = await row_named(engine, HIDDEN)
    like = ("a.jpg", posted_copy(HIDDEN))

    async def slash(command: str, **said: Any) -> InteractionResult:
        return await ann.slash(channel, command, **said)

    found = answer(await slash("similar", image=like, private=False))
    own = answer(await slash("similar", image=like, private=True))
    asked = answer(await slash("search", prompt=ASKED, private=True))
    drawn = answer(await slash("random", where="label=animals"))
    details = answer(await ann.select(found, [options(found)[texts.PICK_DETAILS.format(number=1)]]))
    await ann.click(details, label=texts.SAVE_THIS)
    await slash("history on")
    assert SECRETS.search(str(alts(found))), "the picture is there before it is hidden"
    before = {message.id for message in channel.history()}
    await add_rule(database, GUILD_ID, RuleKind.PICTURE, sha256)
    await add_rule(database, GUILD_ID, RuleKind.WORD, PATTERN)
    caplog.set_level(logging.INFO)
    caplog.clear()

    reporting = await ann.click(details, label=texts.REPORT_THIS)
    results = {
        "saved list": await slash("saved list"),
        "saved csv": await slash("saved export", format="csv"),
        "saved zip": await slash("saved export", format="zip"),
        "details": await ann.select(found, [f"details:{row}"]),
        "alike": await ben.select(found, [f"similar:{row}"]),
        "reported": await ann.submit_modal(reporting, {"reason": "a test"}),
        "post": await ann.click(own, label=texts.POST),
        "post refused": await ann.click(asked, label=texts.POST),
        "turn refused": await ann.click(asked, label=texts.NEXT),
        "refused": await slash("search", prompt=ASKED, private=False),
        "refused in a condition": await slash("random", where=f"title~{REFUSED}"),
        "refused on an axis": await slash("timeline", prompt="a fish", compare=REFUSED),
        "found again": await slash("similar", image=like, private=False),
        "counted": await slash("search", prompt="an animal with a shell", private=False),
        "drawn again": await ann.click(drawn, label=texts.AGAIN),
        "history": await slash("history show"),
        "about": await slash("about"),
    }
    choices = [
        *await ann.autocomplete(channel, "search", "where", "title=Arma", prompt="a fish"),
        *await ann.autocomplete(channel, "saved remove", "picture", "arma"),
    ]
    files = [await file.read() for file in answer(results["saved csv"]).attachments]

    assert all(each.acknowledged for each in results.values())
    for name, result in results.items():
        for told in told_by(result):
            assert not SECRETS.search(told), name
    assert not SECRETS.search(str(reporting.modal))
    assert choices == []
    assert not any(SECRETS.search(file.decode()) for file in files)
    assert keeping.HISTORY_NONE not in words(answer(results["history"]))
    for message in channel.history():
        if message.author.bot and message.id not in before:
            assert not SECRETS.search(f"{words(message)} {raw(message)}")
    lines = [f"{record.name} {record.getMessage()} {record.exc_text}" for record in caplog.records]
    assert any(line.startswith("bot") for line in lines)
    assert not [line for line in lines if SECRETS.search(line)]
