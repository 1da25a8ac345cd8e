"""The commands do what they say, print what programs can read, and fail in one clear line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bot.cli import main
from tests.conftest import MODEL
from tests.search_core.pictures import encoded, gradient


def _run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    gradient().save(path)
    return path


def test_build_then_info_then_search(small_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (small_source / "food" / "broken.png").write_bytes(b"nonsense")

    assert _run("index", "build", small_source, tmp_path / "index", "--model", MODEL, "--device", "cpu") == 0
    built = capsys.readouterr()
    assert "30 pictures indexed, 1 could not be read" in built.out
    assert "food/broken.png: The file is no picture" in built.out
    assert "Near-duplicates: " in built.out
    assert "measured recall 1.000" in built.out
    assert "Embedding" in built.err
    assert "100%" in built.err

    assert _run("index", "info", tmp_path / "index") == 0
    info = capsys.readouterr().out
    assert "rows" in info
    assert "flat-fp16" in info
    assert "food/broken.png" in info

    assert _run("search", tmp_path / "index", "an apple", "-k", "3", "--device", "cpu") == 0
    assert len([line for line in capsys.readouterr().out.splitlines() if line.lstrip()[:1].isdigit()]) == 3


def test_a_collection_is_given_a_title_when_it_is_built_and_another_one_later(
    small_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "index"
    build = ("index", "build", small_source, index, "--model", MODEL, "--device", "cpu", "--quiet")
    assert _run(*build, "--title", "Old food", "--citation", "Ann: Old food, 2019") == 0
    capsys.readouterr()

    assert _run("index", "describe", index, "--title", "Food", "--source-url", "https://example.org/food") == 0
    assert capsys.readouterr().out.splitlines() == [
        "title: Food",
        "citation: Ann: Old food, 2019",
        "source_url: https://example.org/food",
    ]

    assert _run(*build) == 0, "a build that says nothing of it takes nothing away"
    capsys.readouterr()
    assert _run("index", "info", index, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["title"], told["source_url"]) == ("Food", "https://example.org/food")
    assert told["generation"].startswith("generation-000001")


def test_info_tells_the_title_and_the_source_where_none_was_given(
    sample_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("index", "info", sample_index) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[:3] == [["title", "collection"], ["citation", "-"], ["source_url", "-"]]


@pytest.mark.parametrize(
    ("option", "value", "told"), [("--source-url", "nowhere", "address"), ("--title", "x" * 201, "200")]
)
def test_what_cannot_be_said_of_a_collection_changes_nothing(
    sample_index: Path, option: str, value: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("index", "describe", sample_index, option, value) == 1

    assert told in capsys.readouterr().err
    assert not (sample_index / "collection.json").exists()


def test_a_prompt_that_is_cut_is_named_by_its_beginning_and_others_are_not(
    sample_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "not a ship " * 200
    command = ("search", sample_index, "a cat", "--without", "a dog", "--without", long, "--device", "cpu")

    assert _run(*command) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if "longer than the model reads" in line]
    assert line.endswith(": not a ship not a ship not a ship not a ship not a ship ...")

    assert _run(*command, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["truncated"], answer["truncated_prompts"]) == (True, [long])


def test_json_holds_hits_hidden_timings_filter_hash_and_manifest(
    sample_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("search", sample_index, "a cat", "--json", "--device", "cpu") == 0

    answer = json.loads(capsys.readouterr().out)
    assert [hit["rank"] for hit in answer["hits"]] == list(range(1, 10))
    assert {"rank", "row", "score", "file_name", "title", "label"} <= set(answer["hits"][0])
    assert answer["hidden"] == 0
    assert answer["timings_ms"]["total"] > 0
    assert len(answer["filter_hash"]) == 16
    assert answer["manifest"]["metric"] == "inner product"


def test_words_a_picture_without_and_where_go_together(
    sample_index: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--without", "a bird", "--where", "label=animals", "--where", "title~a", "--image", picture, "--json"]

    assert _run("search", sample_index, "a cat", "a kitten", *options, "--device", "cpu") == 0

    hits = json.loads(capsys.readouterr().out)["hits"]
    assert len(hits) == 9
    assert {hit["label"] for hit in hits} == {"animals"}
    assert all("a" in hit["title"].lower() for hit in hits)


@pytest.mark.parametrize(
    "order",
    [
        ["INDEX", "a ship", "--json", "-k", "2"],
        ["INDEX", "--json", "-k", "2", "a ship"],
        ["--json", "-k", "2", "INDEX", "a ship"],
        ["INDEX", "--json", "-k", "2", "--", "a ship"],
    ],
)
def test_the_prompt_may_stand_before_or_behind_the_options(
    order: list[str], sample_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("search", *(sample_index if one == "INDEX" else one for one in order)) == 0

    assert "ship" in json.loads(capsys.readouterr().out)["hits"][0]["title"].lower()


def test_an_unknown_option_is_refused(sample_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _run("search", sample_index, "a ship", "--nonsense")

    assert "--nonsense" in capsys.readouterr().err


def test_a_field_that_is_called_like_one_of_ours_keeps_its_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(encoded(gradient()))
    (folder / "metadata.csv").write_text("file_name,score\na.png,seven\n", encoding="utf-8")
    assert _run("index", "build", folder, tmp_path / "index", "--model", MODEL, "--device", "cpu", "--quiet") == 0
    capsys.readouterr()

    assert _run("search", tmp_path / "index", "a cat", "--json", "--device", "cpu") == 0

    [hit] = json.loads(capsys.readouterr().out)["hits"]
    assert hit["score_"] == "seven"
    assert isinstance(hit["score"], float)


def test_conditions_that_nothing_fulfils_are_told(sample_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("search", sample_index, "a cat", "--where", "label=nothing", "--device", "cpu") == 0

    assert capsys.readouterr().out == "No picture fulfils the conditions.\n"


def test_a_row_can_be_asked_with(sample_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("search", sample_index, "--row", "3", "--json", "--device", "cpu") == 0

    assert 3 not in [hit["row"] for hit in json.loads(capsys.readouterr().out)["hits"]]


def test_each_line_says_the_row_to_ask_with_and_the_rows_folded_into_it(
    small_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (picture, *_) = sorted((small_source / "food").iterdir())
    with Image.open(picture) as image:
        image.save(small_source / "food" / "zz_again.png")
    (small_source / "food" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    index = tmp_path / "index"
    assert _run("index", "build", small_source, index, "--model", MODEL, "--device", "cpu", "--quiet") == 0
    assert "food/gone.jpg: The file cannot be read: No such file or directory.\n" in capsys.readouterr().out

    assert _run("index", "info", index) == 0
    [calibration] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("calibration")]
    assert len(calibration) < 100
    assert "plain, without: 50 numbers" in calibration

    assert _run("search", index, "--image", picture, "-k", "1", "--json", "--device", "cpu") == 0
    [hit] = json.loads(capsys.readouterr().out)["hits"]
    assert _run("search", index, "--image", picture, "-k", "1", "--device", "cpu") == 0
    line, folded = capsys.readouterr().out.splitlines()
    assert f"  row {hit['row']} " in line
    assert folded.split() == ["nearly", "the", "same:", "row", str(hit["duplicates"][0])]


def test_names_that_do_not_fit_are_all_listed_in_a_report(
    small_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (small_source / "notes.txt").write_text("x", encoding="utf-8")
    (small_source / ".hidden.png").write_bytes(encoded(gradient()))
    options = ("--model", MODEL, "--device", "cpu", "--quiet", "--filename-pattern", "apple_{number:d}")
    report = tmp_path / "index" / "file-names.txt"

    assert _run("index", "build", small_source, tmp_path / "index", *options) == 0
    assert str(report) in capsys.readouterr().out
    assert _run("index", "info", tmp_path / "index") == 0
    assert str(report) in capsys.readouterr().out

    lines = report.read_text(encoding="utf-8").splitlines()
    assert {"no picture by its name: notes.txt", "hidden: .hidden.png"} <= set(lines)
    misfits = [line for line in lines if line.startswith("does not fit the pattern apple_{number:d}: ")]
    names = [path.stem for path in small_source.rglob("*.jpg")]
    assert len(misfits) == len([name for name in names if not name.removeprefix("apple_").isdigit()]) > 20


def test_add_verify_and_remove(small_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index, more = tmp_path / "index", tmp_path / "more"
    more.mkdir()
    (more / "new.png").write_bytes(encoded(gradient()))
    assert _run("index", "build", small_source, index, "--model", MODEL, "--device", "cpu", "--quiet") == 0

    assert _run("index", "add", more, index, "--device", "cpu", "--quiet") == 0
    assert "1 picture added." in capsys.readouterr().out
    assert _run("index", "verify", index, "--device", "cpu", "--quiet", "--sample", "5") == 0
    assert "sound; 31 pictures and their vectors checked, 5 embedded anew" in capsys.readouterr().out
    assert _run("index", "remove", index, "--where", "file_name=new.png", "--quiet") == 0
    assert "1 picture removed, 30 left" in capsys.readouterr().out


def test_verify_ends_with_1_and_says_what_is_wrong(
    small_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "index"
    assert _run("index", "build", small_source, index, "--model", MODEL, "--device", "cpu", "--quiet") == 0
    manifest = next(index.glob("generation-*/manifest.json"))
    manifest.write_text(manifest.read_text().replace('"rows": 30', '"rows": 29'))

    assert _run("index", "verify", index, "--quiet", "--sample", "0") == 1

    assert "'rows'" in capsys.readouterr().err


def test_info_as_json_names_the_unreadable(sample_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("index", "info", sample_index, "--json") == 0

    assert json.loads(capsys.readouterr().out)["unreadable_files"] == {}


def test_a_picture_can_be_asked_with_and_the_sheet_shows_the_answer(
    sample_index: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "sheet.png"

    assert _run("search", sample_index, "--image", picture, "--sheet", sheet, "--device", "cpu") == 0

    with Image.open(sheet) as image:
        assert image.width > 3 * 256
        assert len(image.getcolors(maxcolors=1 << 24)) > 1_000
    assert str(sheet) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["search", "INDEX"], "PROMPT, --image FILE or --row"),
        (["search", "INDEX", "--without", "a dog"], "PROMPT, --image FILE or --row"),
        (["search", "INDEX", "--row", "99999"], "no row 99999"),
        (["search", "INDEX", "a cat", "--where", "animals"], "label=animals"),
        (["search", "INDEX", "a cat", "--where", "colour=red"], "no field 'colour'"),
        (["index", "add", "gone", "INDEX"], "gone"),
        (["index", "remove", "INDEX", "--where", "title=nothing of that name"], "Nothing was removed"),
        (["index", "verify", "gone"], "vignette index build"),
        (["search", "INDEX", "--image", "gone.png"], "gone.png cannot be read"),
        (["search", "INDEX", "a cat", "-k", "0"], "1 to 100 results"),
        (["search", "INDEX", "a cat", "--sheet", "sheet.nonsense"], "Name a .png or .jpg"),
        (["search", "INDEX", "a cat", "--sheet", "no/such/sheet.png"], "no folder no/such to write the sheet in"),
        (["search", "INDEX", "   "], "Describe the picture"),
        (["search", "gone", "a cat"], "vignette index build"),
        (["index", "info", "gone"], "vignette index build"),
        (["index", "build", "gone", "elsewhere"], "gone"),
        (["search", "INDEX", "a cat", "--model", "gone"], "no model folder"),
    ],
)
def test_a_mistake_gives_one_clear_line_and_exit_code_1(
    arguments: list[str], word: str, sample_index: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)

    assert _run(*(sample_index if one == "INDEX" else one for one in arguments)) == 1

    error = capsys.readouterr().err
    assert word in error
    assert "Traceback" not in error


def test_a_bad_picture_gives_its_error(sample_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cut.jpg").write_bytes(encoded(gradient(), "JPEG")[:700])

    assert _run("search", sample_index, "--image", tmp_path / "cut.jpg", "--device", "cpu") == 1

    assert "damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["demo", "bot", "index", "search", "evaluate", "doctor"]),
        (["index", "--help"], ["build", "add", "remove", "describe", "info", "verify", "push", "pull", "examples"]),
        (["index", "build", "--help"], ["SOURCE", "DIR", "metadata.csv", "--model"]),
        (["search", "--help"], ["PROMPT", "--image", "--without", "--where", "--sheet", "--json", "examples"]),
    ],
)
def test_help_teaches(arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert [word for word in words if word not in shown] == []


HEAVY = ("torch", "faiss", "datasets", "sentence_transformers", "transformers", "discord", "pyarrow")


@pytest.mark.parametrize(
    "code",
    [
        "import search_core, search_core.imaging, search_core.query, search_core.filters",
        "import bot.cli; bot.cli.main(['--help'])",
    ],
)
def test_heavy_libraries_are_imported_late(code: str) -> None:
    program = f"import sys, atexit\natexit.register(lambda: print(sorted(set(sys.modules) & set({HEAVY!r}))))\n{code}"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_every_exported_name_is_there_and_nothing_of_discord_is_imported() -> None:
    program = (
        "import search_core, sys\n"
        "for name in search_core.__all__: getattr(search_core, name)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('discord', 'bot')))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"
