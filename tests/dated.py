"""A part of the sample collection with years made up for it: animals first, then food, vehicles last."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from tests.conftest import COLLECTION

FIRST_YEARS = {"animals": 1800, "food": 1830, "vehicles": 1860}
SPAN = 40
"""Years that the pictures of a label are spread over, so that the labels overlap by ten years."""

OF_EACH = 60
UNDATED, FAR_OFF = "animals/bat_01.jpg", "animals/bear_01.jpg"


def dated_source(folder: Path) -> Path:
    """Copy up to `OF_EACH` pictures of three labels, with `metadata.csv` saying when each is said to be printed."""
    with (COLLECTION / "metadata.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = [row for label in FIRST_YEARS for row in [r for r in rows if r["file_name"].startswith(label)][:OF_EACH]]
    for row in kept:
        (folder / row["file_name"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(COLLECTION / row["file_name"], folder / row["file_name"])
    dated = [row | {"year": _year(row["file_name"], number)} for number, row in enumerate(kept)]
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, dated[0].keys())
        writer.writeheader()
        writer.writerows(dated)
    return folder


def _year(file_name: str, number: int) -> str:
    if file_name == UNDATED:
        return "unknown"
    return "9999" if file_name == FAR_OFF else str(FIRST_YEARS[Path(file_name).parent.name] + 7 * number % SPAN)
