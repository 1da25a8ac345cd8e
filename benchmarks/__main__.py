"""`python -m benchmarks`: measure, print the table, write RESULTS.md and the plots."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import FULL, QUICK, Bench, Sizes
from benchmarks.child import ROOT, measure
from benchmarks.growth import measure_growth
from benchmarks.lines import NAMES, line
from benchmarks.run import Measured, measure_lines
from benchmarks.table import report

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
GAPS = ROOT / "benchmarks" / "gaps.md"
"""What was tried where a goal is missed, and what the gap consists of; written by hand, the end of the results."""

GROWTH = "growth"

_DESCRIPTION = """\
Measure every line of the table side by side in one run: ours, what a user would do instead, and the machine's limit.

Each column of each line runs in a process of its own; all columns of a line take turns, several rounds, and the table
shows medians, and the median of the rounds' ratios. A full run takes about an hour on two cores, and 8 GB of disk and
memory. Have nothing else run beside it.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status tells whether everything could be measured."""
    options = _parser().parse_args(arguments)
    if options.list:
        print("\n".join(f"{name:15} {line(name).what}" for name in NAMES) + f"\n{GROWTH:15} how cost grows, plotted")
        return 0
    sizes = _sizes(options)
    bench = Bench((options.workspace / ("quick" if options.quick else "full")).resolve(), sizes)
    bench.workspace.mkdir(parents=True, exist_ok=True)
    machine = {
        name: str(value) for name, value in measure("benchmarks.machine", "describe", bench, options.threads).items()
    }
    benches = [bench] if machine["gpu"] == "none" else [bench, replace(bench, device="cuda")]
    wanted = options.lines or [*NAMES, GROWTH]
    lines = [line(name) for name in NAMES if name in wanted]
    partial = options.out and options.out.with_suffix(".partial.md")
    notes = [_what_was_run(options, sizes)]
    measured: list[Measured] = []
    text = report(machine, measured, notes)
    for one in measure_lines(lines, benches, options.threads, _say):
        measured.append(one)
        text = report(machine, measured, notes)
        _write(text, partial)  # a run that is cut off keeps what it has measured, and leaves the last whole report
    if GROWTH in wanted:
        text += "\n" + measure_growth(bench, options.plots, options.threads, _say)
    if options.out == RESULTS and GAPS.is_file():
        text += "\n" + GAPS.read_text(encoding="utf-8")
    print(text)
    if options.out is not None:
        _write(text, partial)
        partial.replace(options.out)
        _say(f"Written to {options.out}.")
    return int(any(one.failure for one in measured))


def _write(text: str, out: Path | None) -> None:
    if out is not None:
        out.write_text(text, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lines", nargs="*", metavar="LINE", choices=[[], *NAMES, GROWTH], help="only these (--list)")
    parser.add_argument("--list", action="store_true", help="name the lines and stop")
    parser.add_argument("--quick", action="store_true", help="a small run that shows that everything works")
    parser.add_argument("--rounds", type=int, metavar="N", help="times that each column is measured")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of the numeric libraries (one a core)")
    parser.add_argument("--workspace", type=Path, default=ROOT / ".benchmarks", help="for model, pictures and indexes")
    parser.add_argument("--plots", type=Path, help="folder for plots (benchmarks/plots in a full run)")
    parser.add_argument("--out", type=Path, help="file for the report (benchmarks/RESULTS.md in a full run)")
    return parser


def _sizes(options: argparse.Namespace) -> Sizes:
    whole = not (options.quick or options.lines)
    options.out = options.out or (RESULTS if whole else None)
    options.plots = options.plots or (RESULTS.parent if whole else options.workspace) / "plots"
    sizes = QUICK if options.quick else FULL
    return replace(sizes, rounds=options.rounds or sizes.rounds)


def _what_was_run(options: argparse.Namespace, sizes: Sizes) -> str:
    command = " ".join(["python -m benchmarks", *(["--quick"] if options.quick else []), *options.lines])
    return (
        f"By `{command}`: medians of {sizes.rounds} rounds; {sizes.rows:,} rows of width 512; a CLIP ViT-B/32 with "
        f"random weights; {sizes.pictures:,} JPEGs of 358 x 461. Ratios are taken within each round."
    )


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
