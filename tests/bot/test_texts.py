"""The texts: none is written elsewhere, and each keeps Discord's limit for the place where it is shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from bot import texts
from bot.commands import all_commands
from bot.markdown import length
from bot.moderation.report_controls import REPORT_FORMS
from bot.texts import filters, keeping, moderation
from bot.translation import list_texts

ROOT = Path(__file__).resolve().parents[2]

ELSEWHERE = (
    "bot/texts",
    "bot/demo",  # written by its own users, on a simulated Discord
    "bot/database",  # read at the terminal and in the log
    "bot/app.py",
    "bot/cli.py",
    "bot/doctor.py",
    "bot/settings.py",
    "bot/translation.py",
    "bot/moderation/commands",
    "bot/moderation/terminal",
)
"""Where texts stand, and what only the people who run the bot read."""

ONLY_LOGGED = frozenset(
    {"AttributeError", "ClosedError", "LimitError", "NotServedError", "RulesUnfitError", "_at_most", "record"}
)
"""Errors whose own words no user is told, and functions that word them."""

NO_TEXTS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("bot/commands/settings.py", "as the server"): "a value that discord.py reads from a type; see /settings below",
        ("bot/moderation/wording.py", "%Y-%m-%d %H:%M UTC"): "a format of a date",
        ("bot/plots/style.py", "DejaVu Sans"): "the name of a font",
        ("bot/plots/style.py", "Last Resort"): "the name of a font",
        ("bot/failures.py", "none that I know of"): "for the log",
    }
)

WORDS = re.compile(r"[A-Za-z]{2,}[,.:;!?]? | [A-Za-z]{2,}\b(?!=)")
"""A word beside a blank: part of a sentence, or of an f-string that makes one."""

SHOWN = frozenset({"content", "description", "label", "placeholder", "text", "title"})
"""What discord.py's arguments for texts are called. A single word counts there."""


def written_texts(source: str) -> Iterator[str]:
    """Find the strings in a module that look like something to be read by users."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    unread = {id(inner) for node in nodes if _is_unread(node) for inner in ast.walk(node)}
    shown = {id(inner) for node in nodes for argument in _shown(node) for inner in ast.walk(argument)}
    for node in nodes:
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) or id(node) in unread:
            continue
        if WORDS.search(node.value) or (id(node) in shown and re.search("[A-Za-z]", node.value)):
            yield node.value


def _is_unread(node: ast.AST) -> bool:
    """Whether a node holds a docstring, a type, a line for the log, or an error that only the log tells."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias"
    if not isinstance(node, ast.Call):
        return False
    owner, name = _name(node.func)
    return owner == "logger" or name in ONLY_LOGGED


def _name(function: ast.expr) -> tuple[str, str]:
    if isinstance(function, ast.Attribute):
        return (function.value.id if isinstance(function.value, ast.Name) else ""), function.attr
    return "", function.id if isinstance(function, ast.Name) else ""


def _shown(node: ast.AST) -> list[ast.expr]:
    """The arguments of a call that hand Discord a text as it stands."""
    if not isinstance(node, ast.Call):
        return []
    named = [keyword.value for keyword in node.keywords if keyword.arg in SHOWN]
    first = node.args[:1] if _name(node.func)[1] in {"TextDisplay", "send_message"} else []
    return [each for each in (*named, *first) if isinstance(each, ast.Constant | ast.JoinedStr)]


def found_elsewhere() -> set[tuple[str, str]]:
    found = set()
    for path in sorted((ROOT / "bot").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if not any(place == each or place.startswith(f"{each}/") for each in ELSEWHERE):
            found |= {(place, written) for written in written_texts(path.read_text(encoding="utf-8"))}
    return found


def test_no_text_for_users_is_written_outside_the_texts() -> None:
    assert found_elsewhere() == NO_TEXTS.keys()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise QueryError("Say what to set.")', ["Say what to set."]),
        ('lines = [f"and {count} pictures"]', ["and ", " pictures"]),
        ('Button(label="Delete")', ["Delete"]),
        ('view.add_item(TextDisplay("Nothing"))', ["Nothing"]),
        ('await interaction.response.send_message("Done")', ["Done"]),
        ('await message.edit(content=f"Done: {number}")', ["Done: "]),
        ('"""What the module is."""', []),
        ('logger.info("online as %s", user)', []),
        ('raise LimitError("Two files of the message have the same name.")', []),
        ('Get: TypeAlias = "Callable[[], Awaitable[int]]"', []),
        ('failures.record(error, f"watching guild={guild_id} user={user_id}")', []),
        ('Button(label=texts.DELETE, custom_id="delete")', []),
        ('field = {"view_channel": 1}["view_channel"]', []),
    ],
)
def test_a_text_is_found_wherever_it_would_be_shown(source: str, found: list[str]) -> None:
    assert list(written_texts(source)) == found


NUMBERED = (
    texts.PICK_SIMILAR,
    texts.PICK_DETAILS,
    texts.WHICH_OPTION,
    keeping.SAVED_REMOVE_OPTION,
    keeping.HISTORY_OPTION,
)

LIMITS = [
    (80, "button", (texts.POST, texts.DELETE, texts.SOURCE, texts.PREVIOUS, texts.NEXT, texts.SHOW_NEAREST)),
    (80, "button", (texts.REPORT, texts.REPORT_THIS, texts.SAVE_THIS, texts.SAVED_THIS, texts.HIDE_THIS)),
    (80, "button", (filters.CONFIRM, filters.CANCEL, filters.PREVIOUS, filters.NEXT)),
    (80, "button", (*moderation.CARD_BUTTONS.values(), moderation.NEXT_REPORT, moderation.AUDIT_OLDER)),
    (80, "button", (keeping.PRIVACY_YES, keeping.PRIVACY_NO, *keeping.HELP_EXAMPLES)),
    (150, "select", (texts.PICK, texts.WHICH_PICK, texts.REPORT_PICK)),
    (150, "select", (keeping.SAVED_REMOVE_PICK, keeping.HISTORY_PICK)),
    (100, "option", tuple(text.format(number=99_999) for text in NUMBERED)),
    (45, "form", (texts.REPORT_TITLE, moderation.HIDE_TITLE, *(form.title for form in REPORT_FORMS))),
    (45, "field", tuple(field.label for form in REPORT_FORMS for field in form.asks)),
    (100, "hint", tuple(field.hint for form in REPORT_FORMS for field in form.asks)),
]
"""Discord's limits, from its documentation of 2026-08."""


@pytest.mark.parametrize(("limit", "place", "shown"), LIMITS)
def test_a_label_fits_its_place(limit: int, place: str, shown: tuple[str, ...]) -> None:
    assert [text for text in shown if length(text) > limit] == []
    assert all(shown) or place == "hint"


def test_what_is_told_of_the_commands_fits_and_is_told_of_each() -> None:
    told = list_texts(all_commands())

    assert [text for text, limit in told.items() if not 0 < length(text) <= limit] == []
    assert "…" not in told, "discord.py describes with it what is not described"


def test_every_sentence_that_stands_alone_fits_into_a_message() -> None:
    rooms = (texts, filters, moderation, keeping)
    written = [value for room in rooms for value in vars(room).values() if isinstance(value, str)]

    assert [text for text in written if length(text) > 2_000] == []


def test_every_choice_of_settings_is_among_what_is_translated() -> None:
    assert {"yes", "no", "as the server"} <= list_texts(all_commands()).keys()
