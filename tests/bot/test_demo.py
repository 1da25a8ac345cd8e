"""The demonstration: played to the end in a process of its own, and what it writes."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from bot.demo import story as story_module
from bot.demo.browser import WINDOW_HEIGHT, find_browser
from bot.demo.chat import Attached, Button, Buttons, Gallery, Said, Select, Shown
from bot.demo.marks import markdown
from bot.demo.page import render
from bot.demo.stage import Demo, find_sample, run_demo
from search_core import SourceError
from tests.conftest import ROOT


@pytest.fixture
def cache(sample_index: Path, tmp_path: Path) -> Path:
    """A cache with the finished index, as a first run leaves it."""
    shutil.copytree(sample_index, tmp_path / "cache" / "index")
    return tmp_path / "cache"


def play(out: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot.cli", "demo", "--out", str(out), "--cache", str(cache), *arguments]
    return subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200, check=False
    )


class Links(HTMLParser):
    """Collects what a page would fetch, and the alt texts of its pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.alts: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.fetched += [values[name] or "" for name in ("src", "href") if name in values]
        if tag == "img":
            self.alts.append(values.get("alt") or "")
        assert tag != "script"


def test_the_demo_plays_to_the_end_without_a_terminal_and_writes_its_replies(cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    played = play(out, cache)

    assert played.returncode == 0, played.stdout + played.stderr
    assert "FAILED" not in played.stdout
    assert len(re.findall(r"^    ok: ", played.stdout, re.MULTILINE)) == 18
    _sheets_are_three_by_three(out)
    _page_opens_without_a_server(out / "chat.html")
    if find_browser() is not None:
        assert _colours(out / "chat.png") > 1_000
        with Image.open(out / "chat.png") as photograph:
            assert photograph.height < WINDOW_HEIGHT, "the end of the chat is cut off"


def _sheets_are_three_by_three(out: Path) -> None:
    sheets = sorted(out.glob("[0-9][0-9]-*.png"))
    assert len(sheets) == 10
    for sheet in sheets:
        assert _colours(sheet) > 500, sheet


def _page_opens_without_a_server(page: Path) -> None:
    links = Links()
    links.feed(page.read_text(encoding="utf-8"))
    assert len(links.alts) > 80
    assert all(alt for alt in links.alts)
    assert all(address.startswith("data:image/") for address in links.fetched)


def _colours(picture: Path) -> int:
    with Image.open(picture) as image:
        colours = image.convert("RGB").getcolors(maxcolors=1 << 24)
    return len(colours or ())


def test_the_demo_serves_the_live_chat_until_ctrl_c(cache: Path, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from bot.demo import Demo, run_demo; import signal, sys;"
        # Whoever runs the tests in the background may have Ctrl-C ignored, and children inherit that.
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        f"sys.exit(run_demo(Demo(Path({str(tmp_path / 'out')!r}), None, Path({str(cache)!r}), serve=True)))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        address = next(_addresses(process))
        with urllib.request.urlopen(address.split("#")[0], timeout=20) as page:
            assert page.status == 200
            assert b"<html" in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()


def _addresses(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield from re.findall(r"http://127\.0\.0\.1:\S+", line)


def test_a_step_that_goes_wrong_is_told_and_the_exit_code_is_one(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(story_module, "PROMPT_WORDS", ("no title has this",))
    monkeypatch.setattr("bot.demo.stage.find_browser", lambda: None)

    code = run_demo(Demo(tmp_path / "out", cache=cache))
    told = capsys.readouterr().out

    assert code == 1
    assert told.count("FAILED") == 1
    assert "No Chromium is installed here" in told


def test_a_folder_without_a_sample_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="--sample"):
        find_sample(tmp_path)


def test_the_sample_is_found_in_the_checkout_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert find_sample(None) == ROOT / "sample"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "<p>plain</p>"),
        ("### Results for `a <b> ship`", "<h2>Results for <code>a &lt;b&gt; ship</code></h2>"),
        (r"**1\.** A\_B · *close*", "<p><b>1.</b> A_B · <i>close</i></p>"),
        (r"\<script\>\*x\*", "<p>&lt;script&gt;*x*</p>"),
        ("<script>", "<p>&lt;script&gt;</p>"),
        ("> a note\nafter", "<blockquote>a note</blockquote><p>after</p>"),
        ("- one\n- `two`\nafter", "<ul><li>one</li><li><code>two</code></li></ul><p>after</p>"),
        ("saved <t:1795477500:d>", "<p>saved <time>23/11/2026</time></p>"),
        ("built <t:1795477500:D>", "<p>built <time>23 November 2026</time></p>"),
        ("<t:1795477500:R>", "<p><time>23 November 2026 23:45</time></p>"),
        (
            "[the <b> card](<https://a.org/b?c&d>)",
            '<p><span class="link" title="https://a.org/b?c&amp;d">the &lt;b&gt; card</span></p>',
        ),
        ("<https://a.org/b>", '<p><span class="link" title="https://a.org/b">https://a.org/b</span></p>'),
        ("[no](javascript:alert)", "<p>[no](javascript:alert)</p>"),
    ],
)
def test_the_page_shows_the_bots_marks_and_nothing_else_as_markup(text: str, expected: str) -> None:
    assert expected == markdown(text)


def test_the_page_escapes_names_alt_texts_and_labels() -> None:
    evil = '"><script>alert(1)</script>'
    blocks = (
        f"{evil} [{evil}](https://a.org/{evil})",
        Gallery((Shown(b"\x89PNG", evil, covered=True),)),
        Attached(evil, 3_000),
        Select(evil, (evil,)),
        Buttons((Button(evil, disabled=True),)),
    )

    page = render(evil, [Said(evil, blocks, private=True), Said("Vignette", blocks)], "Vignette")

    assert "<script" not in page
    assert page.count("only you can see this") == 1
    assert page.count(" disabled>") == 2
