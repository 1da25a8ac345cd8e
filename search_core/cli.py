"""The commands of the search core: `vignette index ...`, `vignette search` and `vignette evaluate`.

Each handler takes the parsed arguments and returns an exit code; a `VignetteError` is turned into one line by
the program's entry point. Heavy libraries are imported when a handler runs, so that `--help` is instant.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search_core.encoder import DEFAULT_MODEL
from search_core.errors import InputError, StoreError
from search_core.evaluation.command import add_evaluate
from search_core.hub.command import add_push_and_pull
from search_core.query import Query, SearchResult

if TYPE_CHECKING:
    from search_core.collection import Collection
    from search_core.engine import SearchEngine
    from search_core.sources import Source
    from search_core.store import Manifest

_INDEX_EXAMPLES = """\
examples:
  vignette index build pictures/ my-index          embed a folder; run it again to go on after an interruption
  vignette index build pictures/ my-index --model sample/model
  vignette index build pictures.zip my-index       a zip or tar archive, by path or https URL
  vignette index build data.parquet my-index       Parquet or Arrow; --image-column says where the pictures are
  vignette index build owner/name my-index --split train
  vignette index build 1920/ my-index --filename-pattern "{book}_{page}_[{title}]_{year}.jpg"
  vignette index info my-index                     what is in it, and what made it
"""
_SEARCH_EXAMPLES = """\
examples:
  vignette search my-index "a steam engine"
  vignette search my-index --image photo.jpg -k 5
  vignette search my-index "a castle" --sheet castle.png     the nine nearest as one picture
  vignette search my-index "a castle" --json | jq '.hits[].file_name'
"""
_DEVICE_HELP = "auto (default: a GPU where there is one), cpu or cuda"


def add_commands(commands: Any) -> None:
    """Add `index`, `search` and `evaluate` to the program's sub-parsers; each sets `handler`."""
    index = commands.add_parser(
        "index",
        help="build an index of a picture collection, look at one, push or pull one",
        description="Build an index of a picture collection, look at one, push or pull one.",
        epilog=_INDEX_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = index.add_subparsers(title="actions", required=True, metavar="ACTION")
    _add_build(actions)
    _add_info(actions)
    add_push_and_pull(actions)
    _add_search(commands)
    add_evaluate(commands)


def _add_build(actions: Any) -> None:
    build = actions.add_parser(
        "build",
        help="embed a collection of pictures and index it; goes on after an interruption",
        description="Embed a collection of pictures and index it. Sub-folders become labels; metadata.csv, .jsonl or "
        ".parquet with a column file_name, in any folder, adds columns; so do all columns of a data set. "
        "Interrupted, the same command goes on; unchanged, it returns at once.",
    )
    build.add_argument(
        "source",
        metavar="SOURCE",
        help="folder of pictures; zip or tar; Parquet or Arrow, file or folder; http(s) URL of one of these; or a data "
        "set on the Hub: owner/name, owner/name:configuration",
    )
    build.add_argument("directory", metavar="DIR", type=Path, help="index directory; made if missing")
    _add_source_options(build)
    build.add_argument(
        "--model", default=DEFAULT_MODEL, help="model folder or Hub name for texts and images (default: %(default)s)"
    )
    build.add_argument("--model-revision", metavar="REV", help="commit, tag or branch of a Hub model")
    build.add_argument("--device", default="auto", help=_DEVICE_HELP)
    build.add_argument("--quiet", action="store_true", help="no progress bars")
    build.set_defaults(handler=_build)


def _add_source_options(command: Any) -> None:
    command.add_argument("--image-column", metavar="NAME", help="a data set's column of pictures, if it has several")
    command.add_argument("--split", metavar="NAME", help="which split of a data set; all for all of them")
    command.add_argument("--revision", metavar="REV", help="commit, tag or branch of a data set on the Hub")
    command.add_argument(
        "--filename-pattern",
        metavar="PATTERN",
        help="turn file names into columns: {book}_[{title}]_{year:d}.jpg, where :d takes digits only; or the preset "
        "british-library",
    )


def _add_info(actions: Any) -> None:
    info = actions.add_parser(
        "info",
        help="what is in an index, and what made it",
        description="Show an index directory's manifest, its columns with their values, and a few of its pictures.",
    )
    info.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    info.add_argument("--json", action="store_true", help="print one JSON object")
    info.add_argument(
        "--pictures",
        metavar="N",
        type=int,
        default=2,
        help="pictures to show, in a terminal that can (default: %(default)s)",
    )
    info.set_defaults(handler=_info)


def _add_search(commands: Any) -> None:
    search = commands.add_parser(
        "search",
        help="one query from the terminal",
        description="Search an index in words or by picture.",
        epilog=_SEARCH_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    search.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    search.add_argument("prompt", metavar="PROMPT", nargs="?", help="what the pictures should show, in words")
    search.add_argument("--image", metavar="FILE", type=Path, help="a picture to find similar ones to")
    search.add_argument("-k", type=int, default=9, metavar="N", help="results wanted (default: %(default)s)")
    search.add_argument("--json", action="store_true", help="print one JSON object")
    search.add_argument("--sheet", metavar="FILE", type=Path, help="write the results as one contact sheet")
    search.add_argument("--model", type=Path, help="where the model lies now, if it was moved since the build")
    search.add_argument("--device", default="auto", help=_DEVICE_HELP)
    search.set_defaults(handler=_search)


def _build(arguments: argparse.Namespace) -> int:
    from search_core.build import build_index

    manifest = build_index(
        _source(arguments),
        arguments.directory,
        model=arguments.model,
        device=arguments.device,
        revision=arguments.model_revision,
        progress=not arguments.quiet,
    )
    print(_summary(manifest, arguments.directory))
    return 0


def _source(arguments: argparse.Namespace) -> Source:
    """Open what SOURCE and the options of `_add_source_options` name."""
    from search_core.sources import open_source

    return open_source(
        arguments.source,
        image_column=arguments.image_column,
        split=arguments.split,
        revision=arguments.revision,
        filename_pattern=arguments.filename_pattern,
        progress=not arguments.quiet,
    )


def _summary(manifest: Manifest, directory: Path) -> str:
    lines = [f"{directory}: {manifest.rows} pictures indexed, {manifest.unreadable} could not be read."]
    if manifest.unreadable:
        lines += [f"  {entry.file_name}: {entry.reason}" for entry in _unreadable(directory)[:10]]
        lines += ["  The full list: vignette index info --json"] if manifest.unreadable > 10 else []
    lines.append(f'Try: vignette search {directory} "a steam engine"')
    return "\n".join(lines)


def _info(arguments: argparse.Namespace) -> int:
    from search_core import store
    from search_core.describe import as_lines, summarise

    generation = store.IndexDirectory(arguments.directory.resolve()).current()
    manifest, collection = store.read_manifest(generation), _collection(generation)
    columns = {name: summarise(collection.column(name)) for name in collection.columns}
    unreadable = _unreadable(arguments.directory)
    if arguments.json:
        report = manifest.as_dict() | {"unreadable_files": {one.file_name: one.reason for one in unreadable}}
        report["columns"] = {name: asdict(summary) for name, summary in columns.items()}
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return 0
    width = max(map(len, manifest.as_dict()))
    for name, value in manifest.as_dict().items():
        print(f"{name:<{width}}  {'-' if value is None else value}")
    print("\ncolumns", *as_lines(columns), sep="\n  ")
    for entry in unreadable:
        print(f"could not be read: {entry.file_name}: {entry.reason}")
    _show_pictures(collection, arguments.pictures)
    return 0


def _collection(generation: Path) -> Collection:
    from search_core.collection import Collection
    from search_core.generation import shards

    try:
        return Collection(shards(generation))
    except Exception as error:  # pyarrow and datasets raise several kinds for damaged files
        raise StoreError(f"The rows in {generation} cannot be read. Build the index again.") from error


def _show_pictures(collection: Collection, wanted: int) -> None:
    from search_core.describe import sample_rows
    from search_core.imaging import OWN_PICTURES, decode
    from search_core.terminal import detect, picture_text

    graphics = detect(os.environ) if sys.stdout.isatty() else None
    if graphics is None or wanted < 1:
        return
    for picture in collection.pictures(sample_rows(len(collection), wanted)):
        print(f"\n{picture.file_name}\n{picture_text(decode(picture.data, OWN_PICTURES), graphics)}")


def _unreadable(directory: Path) -> list[Any]:
    from search_core.generation import read_unreadable
    from search_core.store import IndexDirectory

    return list(read_unreadable(IndexDirectory(directory.resolve()).current()))


def _search(arguments: argparse.Namespace) -> int:
    if (arguments.prompt is None) == (arguments.image is None):
        raise InputError("Give either a PROMPT or --image FILE. See: vignette search --help")
    image = _read(arguments.image) if arguments.image else None
    query = Query(text=arguments.prompt, image=image, k=arguments.k)
    return asyncio.run(_run_search(arguments, query))


async def _run_search(arguments: argparse.Namespace, query: Query) -> int:
    from search_core.engine import SearchEngine
    from search_core.filters import FilterSet

    async with SearchEngine.open(arguments.directory, arguments.model, arguments.device) as engine:
        # The operator's own terminal: the server's rules are for the server.
        result = await engine.search(query, FilterSet.empty())
        if arguments.sheet:
            await _write_sheet(engine, result, arguments.prompt or f"like {arguments.image.name}", arguments.sheet)
        if arguments.json:
            print(json.dumps(_as_json(result, engine.manifest), indent=2, ensure_ascii=False))
        else:
            print(_as_text(result))
            if arguments.sheet:
                print(f"Contact sheet: {arguments.sheet}")
    return 0


async def _write_sheet(engine: SearchEngine, result: SearchResult, heading: str, path: Path) -> None:
    from search_core.sheet import contact_sheet

    pictures = await engine.pictures([hit.row for hit in result.hits])
    captioned = [(picture.data, picture.metadata.get("title") or picture.file_name) for picture in pictures]
    try:
        contact_sheet(captioned, heading).save(path)
    except (OSError, ValueError) as error:
        raise StoreError(f"The sheet cannot be written to {path}: {error}. Name a .png or .jpg file.") from error


def _as_json(result: SearchResult, manifest: Manifest) -> dict[str, Any]:
    hits = [
        dict(hit.metadata) | {"rank": rank, "row": hit.row, "score": round(hit.score, 6), "closeness": hit.closeness}
        for rank, hit in enumerate(result.hits, start=1)
    ]
    return {
        "hits": hits,
        "nothing_close": result.nothing_close,
        "truncated": result.truncated,
        "hidden": result.hidden,
        "timings_ms": dict(result.timings_ms),
        "filter_hash": result.filter_hash,
        "manifest": manifest.as_dict(),
    }


def _as_text(result: SearchResult) -> str:
    lines = ["Nothing close enough; these are the nearest."] if result.nothing_close else []
    if result.truncated:
        lines.append("The prompt is longer than the model reads; its end was not looked at.")
    for rank, hit in enumerate(result.hits, start=1):
        title = hit.metadata.get("title") or ""
        lines.append(f"{rank:>3}  {hit.score:.3f}  {hit.closeness:<15}  {title:<40.40}  {hit.metadata['file_name']}")
    return "\n".join(lines)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
