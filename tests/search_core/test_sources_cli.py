"""`vignette index build` and `info`: the options for sources, what an index holds, and pictures in a terminal."""

from __future__ import annotations

import argparse
import base64
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from search_core import cli
from search_core.describe import as_lines, counted, sample_rows, summarise
from search_core.errors import SourceError, StoreError, VignetteError
from search_core.generation import shards
from search_core.store import IndexDirectory
from search_core.terminal import Graphics, detect, picture_text
from tests.conftest import MODEL
from tests.search_core.pictures import encoded, gradient

PICTURE = encoded(gradient())


def _run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    cli.add_commands(parser.add_subparsers())
    parsed = parser.parse_args([str(argument) for argument in arguments])
    code: int = parsed.handler(parsed)
    return code


def _build(source: object, directory: Path, *options: str) -> int:
    return _run("index", "build", source, directory, "--model", MODEL, "--device", "cpu", "--quiet", *options)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGNETTE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def ships(tmp_path: Path) -> Path:
    """Three pictures with years in their names, as a zip archive."""
    with zipfile.ZipFile(tmp_path / "ships.zip", "w") as archive:
        for number, year in enumerate((1850, 1799, 1850)):
            archive.writestr(f"ships/{number}_[Ship {number}]_{year}.png", encoded(gradient(100 + number)))
    return tmp_path / "ships.zip"


def test_an_archive_is_built_with_columns_from_its_file_names_and_described(
    ships: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _build(ships, tmp_path / "index", "--filename-pattern", "{n}_[{title}]_{year:d}") == 0
    assert "3 pictures indexed" in capsys.readouterr().out

    assert _run("index", "info", tmp_path / "index") == 0

    shown = capsys.readouterr().out
    assert re.search(r"^rows +3$", shown, re.MULTILINE)
    assert re.search(r"^  file_name +3 distinct$", shown, re.MULTILINE)
    assert re.search(r"^  label +1 distinct: ships \(3\)$", shown, re.MULTILINE)
    assert re.search(r"^  year +1799 to 1850, 2 distinct$", shown, re.MULTILINE)
    assert "\x1b" not in shown  # no terminal, no pictures


def test_a_table_is_built_from_the_column_asked_for_and_described_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [encoded(gradient(100 + number)) for number in range(2)]
    pq.write_table(
        pa.table({"photo": pictures, "artist": ["Ann", "Ann"], "year": [1850, None]}), tmp_path / "t.parquet"
    )

    with pytest.raises(SourceError, match="--image-column: photo, artist"):
        _build(tmp_path / "t.parquet", tmp_path / "index")
    assert _build(tmp_path / "t.parquet", tmp_path / "index", "--image-column", "photo") == 0
    capsys.readouterr()
    assert _run("index", "info", tmp_path / "index", "--json") == 0

    report = json.loads(capsys.readouterr().out)
    assert report["rows"] == 2
    assert report["unreadable_files"] == {}
    assert list(report["columns"]) == ["file_name", "label", "artist", "year"]
    assert report["columns"]["artist"]["most_frequent"] == [["Ann", 2]]
    assert report["columns"]["year"] == {
        "empty": 1, "distinct": 1, "minimum": "1850", "maximum": "1850", "most_frequent": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--split", "train"], "--split"),
        (["--image-column", "image"], "--image-column"),
        (["--revision", "main"], "--revision"),
        (["--filename-pattern", "{a"], "pattern"),
    ],
)
def test_an_option_that_does_not_fit_is_an_error_before_a_model_is_loaded(
    ships: Path, tmp_path: Path, options: list[str], word: str
) -> None:
    with pytest.raises(VignetteError, match=word):
        _run("index", "build", ships, tmp_path / "index", "--model", "gone", *options)


def test_a_url_reaches_its_source_unharmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_core.sources.download.ATTEMPTS", 1)

    with pytest.raises(SourceError, match=r"^http://127.0.0.1:9//x/y.zip could not be downloaded"):
        _build("http://127.0.0.1:9//x/y.zip", tmp_path / "index")


def test_info_shows_pictures_in_a_terminal_that_can(
    sample_index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("TMUX", "KITTY_WINDOW_ID", "TERM_PROGRAM", "TERM", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")

    for arguments, pictures in (([], 2), (["--pictures", "3"], 3), (["--pictures", "0"], 0)):
        assert _run("index", "info", sample_index, *arguments) == 0
        names = re.findall(r"^\S+/\S+\.\w+\n\x1b\[38;2;", capsys.readouterr().out, re.MULTILINE)
        assert len(names) == pictures


def test_info_on_damaged_rows_is_a_clear_error(sample_index: Path, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(sample_index, tmp_path / "index"))
    shards(IndexDirectory(directory).current())[0].write_bytes(b"nonsense")

    with pytest.raises(StoreError, match="cannot be read"):
        _run("index", "info", directory)


# ------------------------------------------------------------------ columns


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (["1850", "1799", "1850"], "1799 to 1850, 2 distinct"),
        (["9", "10", "-3.5", ""], "-3.5 to 10, 3 distinct, 1 empty"),
        (["007", "008"], "2 distinct"),
        (["1850", "ca. 1850"], "2 distinct"),
        (["b", "a", "b", "c", "c", "d", "b"], "4 distinct: b (3), c (2), a (1), ..."),
        (["a", "a", ""], "1 distinct, 1 empty: a (2)"),
        (["", ""], "always empty"),
        (["x" * 30, "x" * 30], f"1 distinct: {'x' * 23}… (2)"),
    ],
)
def test_a_column_is_summed_up_in_a_line(values: list[str], line: str) -> None:
    assert str(summarise(pa.chunked_array([values[:1], values[1:]]))) == line


def test_lines_are_aligned() -> None:
    summary = summarise(pa.chunked_array([["1"]]))

    assert as_lines({"a": summary, "long": summary}) == ["a     1 to 1, 1 distinct", "long  1 to 1, 1 distinct"]


@pytest.mark.parametrize(
    ("rows", "wanted", "expected"), [(10, 2, [2, 7]), (1, 2, [0]), (2, 2, [0, 1]), (3, 9, [0, 1, 2]), (400, 1, [200])]
)
def test_samples_are_spread_over_the_rows(rows: int, wanted: int, expected: list[int]) -> None:
    assert list(sample_rows(rows, wanted)) == expected


# ------------------------------------------------------------------ terminals


@pytest.mark.parametrize(
    ("environment", "graphics"),
    [
        ({}, None),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Graphics.BLOCKS),
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, Graphics.KITTY),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, Graphics.KITTY),
        ({"TERM_PROGRAM": "ghostty"}, Graphics.KITTY),
        ({"TERM_PROGRAM": "iTerm.app", "COLORTERM": "truecolor"}, Graphics.ITERM2),
        ({"TERM_PROGRAM": "WezTerm"}, Graphics.ITERM2),
        ({"TERM_PROGRAM": "iTerm.app", "TMUX": "x", "COLORTERM": "truecolor"}, Graphics.BLOCKS),
        ({"TERM": "screen-256color", "KITTY_WINDOW_ID": "1"}, None),
    ],
)
def test_what_a_terminal_understands_is_read_from_its_variables(
    environment: dict[str, str], graphics: Graphics | None
) -> None:
    assert detect(environment) is graphics


def test_kitty_gets_a_png_in_chunks() -> None:
    noise = Image.effect_noise((900, 600), 90)
    text = picture_text(noise, Graphics.KITTY)

    heads, chunks = zip(*re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text), strict=True)

    assert heads[0] == "f=100,a=T,c=32,m=1"
    assert set(heads[1:-1]) == {"m=1"}
    assert heads[-1] == "m=0"
    assert max(map(len, chunks)) == 4096
    assert Image.open(io.BytesIO(base64.b64decode("".join(chunks)))).size == (384, 256)


def test_iterm2_gets_a_png_whole() -> None:
    match = re.fullmatch(
        r"\x1b\]1337;File=inline=1;size=(\d+);width=32;preserveAspectRatio=1:(.*)\a",
        picture_text(gradient(), Graphics.ITERM2),
    )

    assert match
    data = base64.b64decode(match[2])
    assert len(data) == int(match[1])
    assert Image.open(io.BytesIO(data)).size == (120, 80)


@pytest.mark.parametrize(("size", "lines"), [((120, 80), 11), ((10, 1000), 32), ((1000, 10), 1)])
def test_half_blocks_keep_the_shape_within_limits(size: tuple[int, int], lines: int) -> None:
    text = picture_text(Image.new("RGB", size, (255, 0, 7)), Graphics.BLOCKS).split("\n")

    assert len(text) == lines
    assert text[0] == "\x1b[38;2;255;0;7;48;2;255;0;7m▀" * 32 + "\x1b[0m"


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("picture",), "0 pictures"),
        (1, ("picture",), "1 picture"),
        (2, ("picture",), "2 pictures"),
        (1, ("copy", "copies"), "1 copy"),
        (1_200_000, ("copy", "copies"), "1,200,000 copies"),
    ],
)
def test_one_thing_is_not_said_to_be_several(number: int, words: tuple[str, ...], said: str) -> None:
    assert counted(number, *words) == said
