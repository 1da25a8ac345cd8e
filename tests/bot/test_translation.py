"""The commands in other languages: what Discord is told, which catalogues are taken, and how one is begun."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

import discord
import pytest
import simcord
from discord import app_commands

from bot import cli, texts, translation
from bot.commands import all_commands
from bot.texts import filters, moderation
from bot.translation import CatalogueError, catalogues, list_texts, read_catalogue
from tests.bot.conftest import GUILD_ID, SETTLE_SECONDS, NewClient, World

WANTED = {"Delete {count}": 12, "Keep": 12}
RIGHT = {"Delete {count}": "{count} weg", "Keep": "Behalten"}


@pytest.fixture
def locales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the one that ships."""
    folder = tmp_path / "locales"
    folder.mkdir()
    monkeypatch.setattr(translation, "LOCALES", folder)
    return folder


def in_capitals() -> dict[str, str]:
    return {english: english.upper() for english in list_texts(all_commands())}


def write(path: Path, catalogue: Mapping[str, str]) -> None:
    path.write_text(json.dumps(catalogue), encoding="utf-8")


def put_commands(env: simcord.Env) -> int:
    return len([request for request in env.http_requests if request.method == "PUT" and "/commands" in request.path])


async def commands_of(client: discord.Client) -> dict[str, app_commands.AppCommand]:
    """What Discord has been told, by the English names."""
    tree = client.tree  # type: ignore[attr-defined]
    return {command.name: command for command in await tree.fetch_commands(guild=discord.Object(GUILD_ID))}


def option(command: app_commands.AppCommand | app_commands.AppCommandGroup, name: str) -> app_commands.Argument:
    found = next(each for each in command.options if each.name == name)
    assert isinstance(found, app_commands.Argument)
    return found


def subcommand(command: app_commands.AppCommand, name: str) -> app_commands.AppCommandGroup:
    found = next(each for each in command.options if each.name == name)
    assert isinstance(found, app_commands.AppCommandGroup)
    return found


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.stem)
def test_each_catalogue_that_ships_is_whole_and_right(path: Path) -> None:
    assert read_catalogue(path, list_texts(all_commands()))


async def test_discord_is_told_the_commands_in_german_and_their_names_in_english_alone(world: World) -> None:
    german, told = discord.Locale.german, await commands_of(world.client)
    catalogue = json.loads((translation.LOCALES / "de.json").read_text(encoding="utf-8"))
    search, rule = told["search"], told["filter"]
    kind = option(subcommand(rule, "add"), "kind")
    allowed = option(subcommand(told["settings"], "channel"), "allowed")

    assert search.description_localizations == {german: catalogue[texts.SEARCH]}
    assert option(search, "prompt").description_localizations == {german: catalogue[texts.SEARCH_PROMPT]}
    assert rule.description_localizations == {german: catalogue[filters.FILTER]}
    assert subcommand(rule, "add").description_localizations == {german: catalogue[filters.ADD]}
    assert [each.name_localizations for each in kind.choices] == [
        {german: catalogue[words]} for words in filters.KINDS.values()
    ]
    assert [each.name_localizations[german] for each in allowed.choices] == ["ja", "nein", "wie der Server"]
    assert told[texts.SIMILAR_MENU].name_localizations == {german: catalogue[texts.SIMILAR_MENU]}
    assert told[moderation.HIDE_MENU].name_localizations == {german: catalogue[moderation.HIDE_MENU]}
    assert search.name_localizations == {}
    assert rule.name_localizations == {}
    assert option(search, "prompt").name_localizations == {}


async def test_a_changed_catalogue_is_told_to_discord_at_the_next_start_and_once(
    locales: Path, new_client: NewClient
) -> None:
    catalogue = in_capitals()
    write(locales / "de.json", catalogue)
    async with simcord.run(new_client(), settle_timeout=SETTLE_SECONDS) as env:
        env.create_guild(id=GUILD_ID)
        await env.settle()
        first = put_commands(env)
        await env.restart_bot(new_client())
        unchanged = put_commands(env)
        write(locales / "de.json", catalogue | {texts.SEARCH: "Bilder suchen"})
        await env.restart_bot(new_client())
        changed = put_commands(env)
        told = await commands_of(env.bot)

    assert unchanged == first
    assert changed == first + 1
    assert told["search"].description_localizations == {discord.Locale.german: "Bilder suchen"}


async def test_a_language_with_a_fault_is_left_out_alone_and_the_log_says_why(
    locales: Path, new_client: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    write(locales / "de.json", {texts.SEARCH: "Bilder suchen"})
    write(locales / "fr.json", in_capitals())
    with caplog.at_level(logging.WARNING, "bot.translation"):
        async with simcord.run(new_client(), settle_timeout=SETTLE_SECONDS) as env:
            env.create_guild(id=GUILD_ID)
            await env.settle()
            told = await commands_of(env.bot)

    assert told["search"].description_localizations == {discord.Locale.french: texts.SEARCH.upper()}
    assert [record.message.count("de.json cannot be used") for record in caplog.records] == [1]


@pytest.mark.parametrize(
    ("catalogue", "told"),
    [
        ({"Keep": "Behalten"}, "'Delete {count}' is not translated."),
        (RIGHT | {"Keep": "  "}, "'Keep' is not translated."),
        (RIGHT | {"Gone": "Weg"}, "'Gone' is no text of the commands: remove it."),
        (RIGHT | {"Keep": "Aufbewahrende"}, "'Aufbewahrende' has 13 characters: shorten it to 12."),
        (RIGHT | {"Keep": "Behalten 🐟🐟"}, "has 13 characters"),  # Discord counts an emoji as two
        (RIGHT | {"Delete {count}": "{anzahl} weg"}, "'{anzahl} weg' has other places to fill in"),
        (RIGHT | {"Delete {count}": "alles weg"}, "keep what stands in braces"),
    ],
)
def test_a_catalogue_with_a_fault_is_refused_and_the_fault_is_named(
    tmp_path: Path, catalogue: dict[str, str], told: str
) -> None:
    write(tmp_path / "de.json", catalogue)

    with pytest.raises(CatalogueError) as refused:
        read_catalogue(tmp_path / "de.json", WANTED)

    assert str(refused.value).startswith("de.json cannot be used: ")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"{", "de.json is not JSON in UTF-8"),
        ("{'ä'}".encode("latin-1"), "de.json is not JSON in UTF-8"),
        (b"[]", "de.json is to be one JSON object"),
        (b'{"Keep": 1}', "de.json is to be one JSON object"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, written: bytes, told: str) -> None:
    (tmp_path / "de.json").write_bytes(written)

    with pytest.raises(CatalogueError, match=told):
        read_catalogue(tmp_path / "de.json", WANTED)


def test_a_catalogue_is_named_after_a_locale_that_discord_knows(tmp_path: Path) -> None:
    write(tmp_path / "german.json", RIGHT)

    with pytest.raises(CatalogueError, match=r"Discord knows no locale 'german'\. It knows bg, .*, de, "):
        read_catalogue(tmp_path / "german.json", WANTED)


def test_of_many_faults_the_first_are_told(tmp_path: Path) -> None:
    write(tmp_path / "de.json", {})

    with pytest.raises(CatalogueError, match=r"de.json cannot be used: ('\d' is not translated. ){5}And 3 more\.$"):
        read_catalogue(tmp_path / "de.json", {str(number): 100 for number in range(8)})


def test_a_language_is_begun_with_all_texts_and_one_command(locales: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = list_texts(all_commands())

    assert cli.main(["texts", "pt-BR"]) == 0

    assert json.loads((locales / "pt-BR.json").read_text(encoding="utf-8")) == dict.fromkeys(wanted, "")
    assert f"{len(wanted)} of {len(wanted)} texts are still to translate" in capsys.readouterr().out
    assert cli.main(["texts"]) == 1
    assert "pt-BR.json cannot be used" in capsys.readouterr().err


def test_a_language_is_brought_up_to_date_without_losing_what_is_translated(
    locales: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue = in_capitals()
    del catalogue[texts.SEARCH]
    write(locales / "de.json", catalogue | {"Gone": "Weg"})

    assert cli.main(["texts", "de"]) == 0

    assert json.loads((locales / "de.json").read_text(encoding="utf-8")) == catalogue | {texts.SEARCH: ""}
    assert "de.json is written: 1 of " in capsys.readouterr().out
    write(locales / "de.json", in_capitals())
    assert cli.main(["texts"]) == 0
    assert "de.json: " in capsys.readouterr().out


def test_a_language_that_discord_does_not_know_is_not_begun(locales: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["texts", "../klingon"]) == 1
    assert "Discord knows no locale '../klingon'" in capsys.readouterr().err
    assert list(locales.parent.rglob("*.json")) == []


def test_a_broken_catalogue_is_not_overwritten(locales: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (locales / "de.json").write_text('{"Keep": "Behalten",}', encoding="utf-8")

    assert cli.main(["texts", "de"]) == 1
    assert "de.json is not JSON" in capsys.readouterr().err
    assert (locales / "de.json").read_text(encoding="utf-8") == '{"Keep": "Behalten",}'
