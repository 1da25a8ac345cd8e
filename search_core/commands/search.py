"""`vignette search`: one query from the terminal."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from search_core.commands.index import DEVICE_HELP, DEVICES, WHERE_HELP
from search_core.errors import InputError, StoreError
from search_core.query import IMAGE_WEIGHT, Query, SearchResult

if TYPE_CHECKING:
    from PIL.Image import Image

    from search_core.engine import SearchEngine
    from search_core.store import Manifest

_SEARCH_EXAMPLES = """\
examples:
  vignette search my-index "a steam engine"
  vignette search my-index --image photo.jpg -k 5
  vignette search my-index "a cat" --without "a dog" --where year=1850..1870 --where title~tale
  vignette search my-index "in winter" --image photo.jpg     words and a picture together
  vignette search my-index "a castle" --sheet castle.png     the nine nearest as one picture
  vignette search my-index "a castle" --json | jq '.hits[].file_name'
"""

SHOWN_OF_PROMPT = 60
"""Characters of a long prompt that say which one it is."""

SHOWN_ALIKE = 12
"""Rows of near-duplicates that fit a line; --json names all."""


def add_search(commands: Any) -> None:
    """Add `search` to the program's sub-parsers; it sets `handler`."""
    search = commands.add_parser(
        "search",
        help="one query from the terminal",
        description="Search an index in words or by picture.",
        epilog=_SEARCH_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    search.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    search.add_argument(
        "prompt", metavar="PROMPT", nargs="*", help="what the pictures should show, in words; several are averaged"
    )
    search.add_argument(
        "--image", metavar="FILE", type=Path, help="a picture to find similar ones to; words may go with it"
    )
    search.add_argument("--row", metavar="N", type=int, help="a row of the index to find similar ones to")
    search.add_argument("--without", action="append", default=[], metavar="TEXT", help="what to stay away from")
    search.add_argument("--where", action="append", default=[], metavar="CONDITION", help=WHERE_HELP)
    search.add_argument(
        "--image-weight",
        type=float,
        default=IMAGE_WEIGHT,
        metavar="W",
        help="share of the picture beside words, 0 to 1 (default: %(default)s)",
    )
    search.add_argument("-k", type=int, default=9, metavar="N", help="results wanted (default: %(default)s)")
    search.add_argument("--json", action="store_true", help="print one JSON object")
    search.add_argument("--sheet", metavar="FILE", type=Path, help="write the results as one contact sheet")
    search.add_argument("--model", type=Path, help="where the model lies now, if it was moved since the build")
    search.add_argument("--device", default="auto", choices=DEVICES, help=DEVICE_HELP)
    search.set_defaults(handler=_search)


def _search(arguments: argparse.Namespace) -> int:
    if not arguments.prompt and arguments.image is None and arguments.row is None:
        raise InputError("Give a PROMPT, --image FILE or --row N. See: vignette search --help")
    if arguments.sheet and not arguments.sheet.parent.is_dir():
        raise InputError(f"There is no folder {arguments.sheet.parent} to write the sheet in. Make it first.")
    query = Query(
        text=arguments.prompt or None,
        image=_picture(arguments.image) if arguments.image else None,
        row=arguments.row,
        without=arguments.without,
        image_weight=arguments.image_weight,
        where=arguments.where,
        k=arguments.k,
    )
    return asyncio.run(_run_search(arguments, query))


async def _run_search(arguments: argparse.Namespace, query: Query) -> int:
    from search_core.engine import SearchEngine
    from search_core.filters import FilterSet

    async with SearchEngine.open(arguments.directory, arguments.model, arguments.device) as engine:
        # The operator's own terminal: the server's rules are for the server.
        result = await engine.search(query, FilterSet.empty())
        if arguments.sheet:
            await _write_sheet(engine, result, _heading(arguments), arguments.sheet)
        if arguments.json:
            print(json.dumps(_as_json(result, engine.manifest), indent=2, ensure_ascii=False))
        else:
            print(_as_text(result))
            if arguments.sheet:
                print(f"Contact sheet: {arguments.sheet}")
    return 0


def _heading(arguments: argparse.Namespace) -> str:
    parts = [*arguments.prompt]
    parts += [f"like {arguments.image.name}"] if arguments.image else []
    parts += [f"like row {arguments.row}"] if arguments.row is not None else []
    parts += [f"without {text}" for text in arguments.without] + arguments.where
    return ", ".join(parts)


async def _write_sheet(engine: SearchEngine, result: SearchResult, heading: str, path: Path) -> None:
    from search_core.sheet import contact_sheet

    pictures = await engine.pictures([hit.row for hit in result.hits], result.generation)
    captioned = [(picture.data, picture.metadata.get("title") or picture.file_name) for picture in pictures]
    try:
        contact_sheet(captioned, heading).save(path)
    except (OSError, ValueError) as error:
        raise StoreError(f"The sheet cannot be written to {path}: {error}. Name a .png or .jpg file.") from error


def _as_json(result: SearchResult, manifest: Manifest) -> dict[str, Any]:
    hits = [
        _hit_as_json(
            {
                "rank": rank,
                "row": hit.row,
                "score": round(hit.score, 6),
                "closeness": hit.closeness,
                "duplicates": list(hit.duplicates),
            },
            hit.metadata,
        )
        for rank, hit in enumerate(result.hits, start=1)
    ]
    return {
        "hits": hits,
        "nothing_close": result.nothing_close,
        "truncated": bool(result.truncated),
        "truncated_prompts": list(result.truncated),
        "hidden": result.hidden,
        "timings_ms": dict(result.timings_ms),
        "filter_hash": result.filter_hash,
        "manifest": manifest.as_dict(),
    }


def _hit_as_json(own: dict[str, Any], metadata: Mapping[str, str]) -> dict[str, Any]:
    """Put both side by side; a field of the collection that is called like one of ours gets an underscore."""
    return own | {name + "_" * (name in own): value for name, value in metadata.items()}


def _as_text(result: SearchResult) -> str:
    if not result.hits:
        return "No picture fulfils the conditions."
    lines = ["Nothing close enough; these are the nearest."] if result.nothing_close else []
    for prompt in result.truncated:
        start = shorten(prompt, SHOWN_OF_PROMPT, placeholder=" ...")
        lines.append(f"This prompt is longer than the model reads; its end was not looked at: {start}")
    for rank, hit in enumerate(result.hits, start=1):
        title = hit.metadata.get("title") or ""
        where = f"row {hit.row:<7}  {hit.metadata['file_name']}"
        lines.append(f"{rank:>3}  {hit.score:.3f}  {hit.closeness:<15}  {title:<40.40}  {where}")
        lines += [f"     nearly the same: {_rows(hit.duplicates)}"] if hit.duplicates else []
    return "\n".join(lines)


def _rows(rows: Sequence[int]) -> str:
    more = f" and {len(rows) - SHOWN_ALIKE:,} more" if len(rows) > SHOWN_ALIKE else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {', '.join(map(str, rows[:SHOWN_ALIKE]))}{more}"


def _picture(path: Path) -> Image:
    """Decode the operator's own picture: it may be of any kind that the index takes."""
    from search_core.imaging import OWN_PICTURES, decode

    try:
        return decode(path.read_bytes(), OWN_PICTURES)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
