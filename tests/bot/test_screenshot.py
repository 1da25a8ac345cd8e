"""The page of a real answer in a real browser: its pictures and buttons can be seen, its words read, in both themes."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.database import Database
from bot.demo.browser import Theme, find_browser, photograph
from bot.demo.chat import Said, read_message
from bot.demo.page import render
from tests.bot.conftest import GUILD_ID, World
from tests.bot.looking import faults
from tests.bot.reading import answer
from tests.bot.staff import set_channel

NO_PICTURE = base64.b64encode(b"\xff\xd8\xff no picture").decode()


@pytest.fixture(scope="session")
def browser() -> str:
    found = find_browser()
    if found is None:
        pytest.skip("no Chromium is installed, so nobody looks at the page: apt install chromium")
    return found


async def _a_real_answer(world: World) -> list[Said]:
    result = answer(await world.ann.slash(world.channel, "search", prompt="a sailing ship"))
    said = await read_message(result.message, result.components)
    assert len(said.pictures) == 9
    return [Said("ann", ("`/search prompt: a sailing ship`",)), said]


def _page(chat: list[Said]) -> str:
    return render("An answer", chat, chat[-1].author)


@pytest.mark.parametrize("theme", list(Theme))
async def test_pictures_and_buttons_are_seen_and_words_can_be_read(
    world: World, browser: str, tmp_path: Path, theme: Theme
) -> None:
    chat = await _a_real_answer(world)

    assert faults(browser, _page(chat), chat, tmp_path, theme) == []


async def test_covered_pictures_are_not_seen_and_the_rest_is(
    world: World, database: Database, browser: str, tmp_path: Path
) -> None:
    await set_channel(database, GUILD_ID, world.channel.id, spoilers=True)
    chat = await _a_real_answer(world)

    found = faults(browser, _page(chat), chat, tmp_path)

    assert [fault.endswith("is covered") for fault in found] == [True] * 9


def _style(rules: str) -> Callable[[str], str]:
    return lambda page: page.replace("</style>", rules + "</style>")


def _cover(rules: str) -> Callable[[str], str]:
    return lambda page: page.replace("</body>", f'<div style="position: absolute; inset: 0; {rules}"></div></body>')


MUTATIONS: dict[str, tuple[Callable[[str], str], str]] = {
    "an image is broken": (
        lambda page: re.sub(r"(base64,)[^\"]+", rf"\g<1>{NO_PICTURE}", page, count=1), r"picture “1\. .* is broken"),
    "an image is missing": (lambda page: re.sub(r"<img [^>]+>", "", page, count=1), "8 pictures instead of 9"),
    "two images are exchanged": (
        lambda page: re.sub(r'(src="[^"]+")(.+?)(src="[^"]+")', r"\3\2\1", page, count=1, flags=re.DOTALL),
        r"picture “1\. .* has other colours"),
    "an image has no description": (lambda page: re.sub(r' alt="[^"]+"', "", page, count=1), "is described as “”"),
    "pictures are covered": (_cover("background: #313338"), "is covered"),
    "pictures are covered by what lets clicks through": (
        _cover("background: #313338; pointer-events: none"), "has other colours"),
    "pictures are transparent": (_style(".gallery { opacity: 0 }"), "is covered"),
    "pictures are nearly transparent": (_style(".gallery { opacity: .2 }"), "has other colours"),
    "pictures are tiny": (_style(".gallery { max-width: 60px }"), "too small"),
    "a button is missing": (lambda page: re.sub(r"<button .+?</button>", "", page, count=1), "the buttons are"),
    "a button can no longer be pressed": (
        lambda page: page.replace("<button type=button>", "<button type=button disabled>", 1), "the buttons are"),
    "a button is hidden": (_style("button:last-child { visibility: hidden }"), r"the button “.+” is not to be seen"),
    "a button has no room": (_style("button:last-child { display: none }"), r"the button “.+” is not to be seen"),
    "words are pale": (_style(":root { --fore: #55585c }"), "are not legible"),
}  # fmt: skip


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_page_on_which_something_is_wrong_does_not_pass(
    world: World, browser: str, tmp_path: Path, mutation: str
) -> None:
    chat = await _a_real_answer(world)
    change, expected = MUTATIONS[mutation]
    page = change(_page(chat))
    assert page != _page(chat)

    assert re.search(expected, "\n".join(faults(browser, page, chat, tmp_path)))


def test_a_browser_that_shows_nothing_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(b"of an earlier run")

    assert photograph("false", "about:blank", tmp_path / "page.png") is None
    assert photograph("no-such-browser", "about:blank", tmp_path / "page.png") is None
    assert not (tmp_path / "page.png").exists()
