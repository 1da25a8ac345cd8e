"""`vignette evaluate`, end to end, on the real index of the sample collection."""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search_core.cli import add_commands
from search_core.encoder import Encoder
from search_core.errors import VignetteError
from search_core.evaluation.columns import read_columns
from search_core.evaluation.taxonomy import read_taxonomy
from search_core.generation import open_generation
from search_core.store import IndexDirectory, read_manifest
from tests.conftest import COLLECTION

TAXONOMY = COLLECTION.parent / "taxonomy.csv"


def _run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    options = parser.parse_args([str(argument) for argument in arguments])
    code: int = options.handler(options)
    return code


@pytest.fixture(scope="module")
def outcome(sample_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the report on the sample collection."""
    folder = tmp_path_factory.mktemp("evaluation")
    assert _run("evaluate", sample_index, TAXONOMY, "--report", folder / "report.md", "--device", "cpu") == 0
    return folder


@pytest.fixture(scope="module")
def figures(outcome: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((outcome / "report.json").read_text(encoding="utf-8"))
    return loaded


def test_the_report_its_charts_and_the_figures_are_there(outcome: Path) -> None:
    names = sorted(path.name for path in outcome.iterdir())

    assert names == ["report-classes.png", "report-confusion.png", "report-skew.png", "report.json", "report.md"]
    assert all(path.stat().st_size > 5_000 for path in outcome.iterdir())


def test_the_samples_taxonomy_covers_each_folder_of_the_collection(figures: dict[str, Any]) -> None:
    folders = {path.name: len(list(path.iterdir())) for path in COLLECTION.iterdir() if path.is_dir()}

    assert {one["name"]: one["relevant"] for one in figures["classes"]} == folders
    assert figures["labelled"] == sum(folders.values()) == figures["index"]["rows"]


def test_the_figures_are_those_of_a_plain_matrix_product(
    figures: dict[str, Any], sample_index: Path, encoder: Encoder
) -> None:
    generation = IndexDirectory(sample_index).current()
    collection, _ = open_generation(generation, read_manifest(generation))
    vectors = np.concatenate(list(collection.vectors())).astype(np.float32)
    labels = np.array([row["label"] for row in collection.metadata(range(len(collection)))])

    for one in figures["classes"]:
        relevant = (labels == one["name"])[np.argsort(-(encoder.encode_texts(one["descriptions"]) @ vectors.T), axis=1)]
        precise = relevant[:, :9].mean()
        places = np.arange(1, len(labels) + 1)
        average = np.mean([(np.cumsum(line) / places)[line].mean() for line in relevant])

        assert one["precision"]["value"] == pytest.approx(precise, abs=1 / 9)  # half precision may swap near ties
        assert one["average_precision"]["value"] == pytest.approx(average, abs=0.01)


def test_each_estimate_lies_within_its_interval(figures: dict[str, Any]) -> None:
    estimates = [
        value
        for part in (figures, figures["zero_shot"], figures["near_identical"], *figures["classes"])
        for value in part.values()
        if isinstance(value, dict) and "low" in value
    ]

    assert len(estimates) == 3 + 1 + 1 + 3 * len(figures["classes"])
    assert all(0 <= one["low"] <= one["value"] <= one["high"] <= 1 for one in estimates)


def test_every_picture_is_assigned_once(figures: dict[str, Any]) -> None:
    confusion = np.array(figures["zero_shot"]["confusion"])

    assert confusion.sum(axis=1).tolist() == [one["relevant"] for one in figures["classes"]]
    assert figures["zero_shot"]["accuracy"]["value"] == pytest.approx(np.trace(confusion) / confusion.sum())


def test_the_sample_model_is_far_better_than_blind(figures: dict[str, Any]) -> None:
    zero_shot = figures["zero_shot"]
    chances = [one["chance"] for one in figures["classes"]]

    assert zero_shot["accuracy"]["low"] > max(zero_shot["chance"], zero_shot["largest"])
    assert figures["precision"]["low"] > 3 * np.mean(chances)


def test_every_prompt_of_the_skew_probe_draws_five_pages(figures: dict[str, Any]) -> None:
    skew = figures["skew"]

    assert (skew["column"], skew["depth"], skew["left_out"]) == ("label", 45, 0)
    assert {sum(line) for line in skew["drawn"]} == {45}


def test_a_second_run_gives_the_same_figures_and_tells_the_main_ones(
    figures: dict[str, Any], sample_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "again.md"

    assert _run("evaluate", sample_index, TAXONOMY, "--report", report, "--device", "cpu") == 0

    assert json.loads(report.with_suffix(".json").read_text()) | {"created": ""} == figures | {"created": ""}
    told = capsys.readouterr()
    assert f"precision@9 {figures['precision']['value']:.3f}" in told.out
    assert "again-classes.png" in told.out
    assert "Ranking" in told.err
    assert "100%" in told.err


def test_k_and_skew_column_are_taken_and_quiet_is_quiet(
    sample_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.md"
    options = ("-k", 3, "--skew-column", "creator", "--quiet", "--device", "cpu")

    assert _run("evaluate", sample_index, TAXONOMY, "--report", report, *options) == 0

    found = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    assert (found["k"], found["skew"]["column"], found["skew"]["depth"]) == (3, "creator", 15)
    assert "precision@3" in report.read_text(encoding="utf-8")
    assert "%|" not in capsys.readouterr().err


def test_rows_and_file_names_say_the_same_as_the_column(sample_index: Path, tmp_path: Path) -> None:
    generation = IndexDirectory(sample_index).current()
    collection, _ = open_generation(generation, read_manifest(generation))
    rows = collection.metadata(range(len(collection)))
    smileys = [(str(number), row["file_name"]) for number, row in enumerate(rows) if row["label"] == "smileys"]
    numbers, names = ("|".join(part) for part in zip(*smileys, strict=True))
    ways = [("label", "smileys", "", ""), ("", "", names, ""), ("", "", "", numbers)]

    found = []
    for way in ways:
        with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEAD.strip().split(","), ("smileys", "a smiley", *way)])
        taxonomy = read_taxonomy(tmp_path / "labels.csv")
        columns = read_columns(collection, taxonomy.columns)
        found.append(taxonomy.relevant_rows(columns, len(collection))[0].tolist())

    assert found == [[int(number) for number, _ in smileys]] * 3


HEAD = "class,description,column,value,file_name,rows\n"


@pytest.mark.parametrize(
    ("labels", "options", "words"),
    [
        ("klass,description\n", (), "column 'klass' is unknown"),
        (HEAD + "x,a x,colour,red,,\n", (), "no metadata column 'colour'. Its columns are: file_name"),
        (HEAD + "x,a x,label,nothing,,\n", (), "no picture of the index has label 'nothing'"),
        (HEAD + "x,a x,,,,99999\n", (), "has no row 99999"),
        (HEAD + "x,a x,,,,0\n", ("--skew-column", "colour"), "no metadata column 'colour'"),
        (HEAD + "x,a x,,,,0\n", ("-k", "0"), "1 to 100 places"),
        (HEAD + "x,a x,,,,0\n", ("--report", "report.html"), "ends in .md"),
    ],
)
def test_a_mistake_gives_one_clear_error(
    labels: str, options: tuple[str, ...], words: str, sample_index: Path, tmp_path: Path
) -> None:
    (tmp_path / "labels.csv").write_text(labels, encoding="utf-8")
    arguments = ("evaluate", sample_index, tmp_path / "labels.csv", "--report", tmp_path / "r.md", "--device", "cpu")

    with pytest.raises(VignetteError) as caught:
        _run(*arguments, *options)

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(VignetteError, match="vignette index build"):
        _run("evaluate", tmp_path, TAXONOMY, "--report", tmp_path / "r.md")


def test_help_explains_the_taxonomy(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _run("evaluate", "--help")

    shown = capsys.readouterr().out
    wanted = ["LABELS.csv", "class", "description", "column,value", "file_name", "rows", "--skew-column", "examples"]
    assert [word for word in wanted if word not in shown] == []


def test_naming_the_command_imports_nothing_heavy() -> None:
    program = (
        "import sys, search_core.cli\n"
        "print(sorted(set(sys.modules) & {'torch', 'faiss', 'datasets', 'matplotlib', 'numpy.random'}))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
