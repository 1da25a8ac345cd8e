"""The report says what was found in words, shows it in charts, and survives other people's words."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt
from PIL import Image

from search_core.errors import InputError, StoreError
from search_core.evaluation import charts
from search_core.evaluation.figures import ClassFigures, Figures, ZeroShot
from search_core.evaluation.intervals import Estimate, wilson
from search_core.evaluation.markdown import code, escaped
from search_core.evaluation.near_identical import NearIdentical, Pair
from search_core.evaluation.printed import CLASS_NAME, CONTROL, Printed, PrintedOutcome
from search_core.evaluation.report import check_target, report, write_report
from search_core.evaluation.skew import OverDraw, Skew, SkewPrompt

EVIL = "a|b*c_d`e`<img src=x>[f](g) $h$ ~i~\n# j"


def _class(name: str, precision: float, relevant: int = 20) -> ClassFigures:
    return ClassFigures(
        name=name, descriptions=[f"a picture of {name}"], cut=[], relevant=relevant,
        precision=wilson(precision * 9, 9), recall=wilson(precision * 9, 9).times(9 / relevant),
        average_precision=Estimate(precision, precision / 2, min(1.0, precision * 1.2)),
        best_precision=min(9, relevant) / 9, best_recall=min(9, relevant) / relevant, chance=relevant / 100,
    )  # fmt: skip


def _figures(names: tuple[str, ...] = ("cats", "dogs")) -> Figures:
    confusion = (np.eye(len(names), dtype=int) * 15 + 5).tolist()
    found = OverDraw("charged", "a criminal", names[0], 40, 9.0, 10.5, 40 / 9, 1e-9, beyond_background=True)
    habit = OverDraw("neutral", "a person", names[1], 20, 9.0, 19.0, 20 / 9, 0.01, beyond_background=False)
    return Figures(
        created="2026-11-23T12:34:56+00:00",
        index={"rows": 100, "created": "2026-11-22T01:02:03+00:00", "model": "some/model", "recall": 1.0},
        labels="labels.csv", labelled=40, k=9,
        classes=[_class(name, 0.9 if number else 0.1) for number, name in enumerate(names)],
        precision=Estimate(0.5, 0.1, 0.9), recall=Estimate(0.2, 0.1, 0.3),
        mean_average_precision=Estimate(0.45, 0.2, 0.6),
        zero_shot=ZeroShot(40, 0, wilson(30, 40), 0.75, 0.5, 0.5, confusion),
        near_identical=NearIdentical(wilson(2, 100), 100, 0.97, 64, [Pair("a/1.png", "b/2.png", 0.99)]),
        skew=Skew("label", 45, 100, list(names[:2]), [20, 20], 3,
                  [SkewPrompt("neutral", "a person", ""), SkewPrompt("charged", "a criminal", "")],
                  [[10, 20], [40, 2]], [10.5, 19.0], [[1.0, 0.01], [1e-9, 1.0]], [found, habit]),
        printed=Printed([PrintedOutcome(CLASS_NAME, names[0], 2, 55.0, names[0], 2),
                         PrintedOutcome("word", "ship", None, None, names[1], 1234),
                         PrintedOutcome(CONTROL, "zxqv", None, None, names[1], 70)], 1, 0.2, len(names)),
    )  # fmt: skip


CHARTS = {"classes": "r-classes.png", "confusion": "r-confusion.png", "skew": "r-skew.png"}


@pytest.mark.parametrize(
    "words",
    [
        "2 classes of `labels.csv`, asked of an index of 100 pictures",
        "Index built 2026-11-22 01:02 UTC, tested 2026-11-23 12:34 UTC",
        "github.com/openai/CLIP/blob/main/model-card.md",
        "out of scope",
        "**The first page is 50% right** (95% interval 10% to 90%): of 9 pictures about 4.5 show what was asked for",
        "**Mean average precision 0.45** (0.20 to 0.60)",
        "**75% of the pictures are nearest to their own class's description** (60% to 86%; zero-shot accuracy)",
        "2.0% of the pictures have a near-identical other",
        "**1 of 2 prompts that name no group draw some value of `label` more often",
        "“a criminal” draws 40 of 45 pictures from “cats”, where its share would be 9.0",
        "on the first page of its own class for 1 of 2 classes",
        "less than half of what could be right is right: cats.",
        "| cats | 20 | 0.10 (",
        "| **mean** |  | 0.50 (0.10 to 0.90) |",
        "| cats | 80% | dogs 20% |",
        "| `a/1.png` | `b/2.png` | 0.990 |",
        "| charged | a criminal | cats | 40 | 9.0 | 10.5 | yes | 4.4 | 1e-09 |",
        "| neutral | a person | dogs | 20 | 9.0 | 19.0 | no | 2.2 | 0.010 |",
        "3 values were left out",
        "| cats | 2 | 55 | cats | 2 |",
        "| zxqv | nonsense | dogs | 70 |",
        "| model | `some/model` |",
        "So-B-IT",
        "Multimodal Neurons",
        "No figure here looks for pictures that hurt",
        "](<r-classes.png>)",
        "](<r-confusion.png>)",
        "](<r-skew.png>)",
        "[r.json](<r.json>)",
    ],
)
def test_the_report_says(words: str) -> None:
    assert words in report(_figures(), CHARTS, "r.json")


def test_headlines_stand_before_tables_and_limits_at_the_end() -> None:
    text = report(_figures(), CHARTS, "r.json")
    headings = [line for line in text.splitlines() if line.startswith("#")]

    assert headings == [
        "# In-domain test", "## In short", "## Look at these first", "## Class by class", "## What is taken for what",
        "## Pictures that stand there more than once", "## What prompts draw that name no group",
        "## Words printed in pictures", "## How it was measured", "## What it does not say",
        "## The index that was tested",
    ]  # fmt: skip


def test_what_was_not_measured_is_said_and_its_section_left_out() -> None:
    bare = dataclasses.replace(_figures(), zero_shot=None, near_identical=None, skew=None)

    text = report(bare, {"classes": "r-classes.png"}, "r.json")

    assert "Zero-shot accuracy was not measured" in text
    assert "Skew was not measured" in text
    assert "There is but one picture" in text
    assert "## What is taken for what" not in text
    assert "none was named with `--skew-column`" in text


def test_no_skew_is_good_news_with_its_limit() -> None:
    figures = _figures()
    assert figures.skew is not None
    even = dataclasses.replace(figures, skew=dataclasses.replace(figures.skew, over_drawn=[]))

    assert "only strong skew shows" in report(even, CHARTS, "r.json")


def test_other_peoples_words_stay_words() -> None:
    html = MarkdownIt("commonmark").enable("table").render(report(_figures((EVIL, "dogs")), CHARTS, "r.json"))

    assert html.count("<img") == len(CHARTS)
    assert "<h1>In-domain test</h1>" in html
    assert html.count("<h1>") == 1
    assert '<a href="g"' not in html
    cells = [row.count("<td>") for row in html.split("<tr>")]
    assert set(cells) - {0} == {2, 3, 4, 5, 8, 9}  # a mark that broke a cell would make rows of other lengths


@pytest.mark.parametrize(
    ("text", "as_text", "as_code"),
    [
        ("plain words", "plain words", "`plain words`"),
        ("a|b", r"a\|b", r"`a\|b`"),
        ("*a*", r"\*a\*", "`*a*`"),
        ("two\nlines", "two lines", "`two lines`"),
        ("a`b", r"a\`b", "`a'b`"),
    ],
)
def test_marks_are_escaped(text: str, as_text: str, as_code: str) -> None:
    assert escaped(text) == as_text
    assert code(text) == as_code


def test_report_charts_and_json_lie_side_by_side(tmp_path: Path) -> None:
    written = write_report(_figures(), tmp_path / "today.md")

    names = ["today.md", "today.json", "today-classes.png", "today-confusion.png", "today-skew.png"]
    assert [path.name for path in written] == names
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert json.loads((tmp_path / "today.json").read_text())["precision"] == {"value": 0.5, "low": 0.1, "high": 0.9}
    text = (tmp_path / "today.md").read_text(encoding="utf-8")
    assert [name for name in names[1:] if f"(<{name}>)" not in text] == []


@pytest.mark.parametrize("count", [2, 19, 60])
def test_charts_are_large_enough_to_read_and_not_larger(count: int, tmp_path: Path) -> None:
    names = tuple(f"class {number} with a rather long name" for number in range(count))

    for path in charts.draw_charts(_figures(names), tmp_path / "r.md").values():
        with Image.open(path) as picture:
            assert 500 <= picture.width <= 2_800, path.name
            assert 250 <= picture.height <= 2_800, path.name
            assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24) or []) > 20, path.name


def test_a_label_is_shown_as_it_is_and_not_read_as_a_formula(tmp_path: Path) -> None:
    charts.draw_charts(_figures((r"$\frac{1}{$", "$x$")), tmp_path / "r.md")  # matplotlib raises where it reads it


@pytest.mark.parametrize(
    ("name", "words"),
    [("report.html", "ends in .md"), ("report", "ends in .md"), ("gone/report.md", "There is no folder")],
)
def test_a_report_that_cannot_be_written_is_refused_before_the_work(name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        check_target(tmp_path / name)


def test_a_report_that_cannot_be_written_after_all_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "report.json.unfinished").mkdir()

    with pytest.raises(StoreError, match="cannot be written beside"):
        write_report(_figures(), tmp_path / "report.md")
