"""The command `vignette evaluate`. Light to import: what it needs is imported when it runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_DESCRIPTION = """\
The in-domain test: ask an index for every class of a fixed taxonomy, and write down what comes back. Do this before
you open a room to people, and again after each change of collection or model.

LABELS.csv is a CSV file in UTF-8 with a line of column names. Each line adds to one class; a class may have several.

  class         the class's name; needed in every line
  description   prompts that a person would type for it, with | between them; at least one for each class
  column,value  the relevant pictures are those whose metadata column has the value (or one of several, with |)
  file_name     the relevant pictures, by file name, with | between them
  rows          the relevant pictures, by row number, with | between them; row numbers hold for one build only

Each class needs a description and at least one way of saying which pictures are relevant. For example:

  class,description,column,value
  animals,an animal|a drawing of an animal,label,animals
  vehicles,a vehicle|something to travel in,label,vehicles|boats

Written side by side: the report in Markdown, its charts as PNG, and all figures as JSON.
"""
_EXAMPLES = """\
examples:
  vignette evaluate my-index labels.csv --report report.md
  vignette evaluate my-index labels.csv --report report.md --skew-column year
"""


def add_evaluate(commands: Any) -> None:
    """Add `evaluate` to the program's sub-parsers; it sets `handler`."""
    parser = commands.add_parser(
        "evaluate",
        help="the in-domain test: precision, recall, confusion, duplicates and skew on a fixed taxonomy",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    parser.add_argument("labels", metavar="LABELS.csv", type=Path, help="the taxonomy; see above")
    parser.add_argument("--report", metavar="FILE.md", type=Path, required=True, help="where to write the report")
    parser.add_argument("-k", "--k", type=int, default=9, metavar="N", help="places on a page (default: %(default)s)")
    parser.add_argument(
        "--skew-column", metavar="NAME", help="metadata column whose values the skew probe counts (default: label)"
    )
    parser.add_argument("--model", type=Path, help="where the model lies now, if it was moved since the build")
    parser.add_argument("--device", default="auto", help="auto (default: a GPU where there is one), cpu or cuda")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(handler=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> int:
    from search_core.evaluation.report import check_target, write_report
    from search_core.evaluation.run import evaluate
    from search_core.evaluation.wording import in_short

    check_target(arguments.report)
    figures = evaluate(
        arguments.directory,
        arguments.labels,
        k=arguments.k,
        skew_column=arguments.skew_column,
        model=arguments.model,
        device=arguments.device,
        progress=not arguments.quiet,
    )
    written = write_report(figures, arguments.report)
    print(in_short(figures))
    print(f"Report: {written[0]}. Beside it: {', '.join(path.name for path in written[1:])}")
    return 0
