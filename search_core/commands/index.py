"""`vignette index build`, `add`, `remove`, `info` and `verify`: make an index, change it, look at it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search_core import store
from search_core.commands.naming import add_describe, add_naming_options, as_named, naming_from
from search_core.describe import counted
from search_core.encoder import DEFAULT_MODEL
from search_core.errors import StoreError
from search_core.hub.command import add_push_and_pull
from search_core.index.choose import CHOICES
from search_core.naming import write_naming
from search_core.verify import SAMPLE

if TYPE_CHECKING:
    from search_core.collection import Collection
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
  vignette index add more-pictures/ my-index       new rows; what is there already is not embedded again
  vignette index remove my-index --where file_name=animals/cat.png
  vignette index describe my-index --title "Old maps" --source-url https://example.org/maps
  vignette index info my-index                     what is in it, and what made it
  vignette index verify my-index                   is it still what was built?
"""

WHERE_HELP = "condition on a field, such as label=animals, year=1850..1870, title~ship; may be given several times"
_KIND_HELP = "auto (by measured recall, default), flat (exact) or ivf (inverted file)"
DEVICES = ("auto", "cpu", "cuda")
DEVICE_HELP = "auto (default: a GPU where there is one), cpu or cuda"


STRANGERS = "file-names.txt"
"""In an index directory: names of the source's files that became no row, or did not fit the pattern."""


def add_index(commands: Any) -> None:
    """Add `index` and its actions to the program's sub-parsers; each sets `handler`."""
    index = commands.add_parser(
        "index",
        help="build an index of a picture collection, change it, look at it, push or pull it",
        description="Build an index of a picture collection, change it, look at it, push or pull it.",
        epilog=_INDEX_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = index.add_subparsers(title="actions", required=True, metavar="ACTION")
    _add_build(actions)
    _add_add(actions)
    _add_remove(actions)
    add_describe(actions)
    _add_info(actions)
    _add_verify(actions)
    add_push_and_pull(actions)


def _add_build(actions: Any) -> None:
    build = actions.add_parser(
        "build",
        help="embed a collection of pictures and index it; goes on after an interruption",
        description="Embed a collection of pictures and index it. Sub-folders become labels; metadata.csv, .jsonl or "
        ".parquet with a column file_name, in any folder, adds columns; so do all columns of a data set. "
        "Interrupted, the same command goes on; unchanged, it returns at once.",
    )
    _add_source_options(build)
    build.add_argument("directory", metavar="DIR", type=Path, help="index directory; made if missing")
    build.add_argument(
        "--model", default=DEFAULT_MODEL, help="model folder or Hub name for texts and images (default: %(default)s)"
    )
    build.add_argument(
        "--text-model",
        metavar="MODEL",
        help="a separate text tower for the model's space, such as clip-ViT-B-32-multilingual-v1",
    )
    build.add_argument("--model-revision", metavar="REV", help="commit, tag or branch of a Hub model")
    add_naming_options(build)
    _add_running_options(build)
    build.set_defaults(handler=_build)


def _add_add(actions: Any) -> None:
    add = actions.add_parser(
        "add",
        help="add pictures to an index without touching those that are there",
        description="Add the pictures of a source to an index. A picture that is there already, under whatever name, "
        "is not added again; one removed stays out. A running engine takes the new generation when it reloads.",
    )
    _add_source_options(add)
    add.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    add.add_argument("--model", type=Path, help="where the model lies now, if it was moved since the build")
    _add_running_options(add)
    add.set_defaults(handler=_add)


def _add_remove(actions: Any) -> None:
    remove = actions.add_parser(
        "remove",
        help="remove pictures from an index, and keep them out",
        description="Remove the pictures that fulfil all conditions, with their files. They stay out of later builds "
        "and additions. The generation before is kept on disk until the next change.",
    )
    remove.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    remove.add_argument("--where", action="append", required=True, metavar="CONDITION", help=WHERE_HELP)
    remove.add_argument("--index", choices=CHOICES, default="auto", help=_KIND_HELP)
    remove.add_argument("--quiet", action="store_true", help="no progress bars")
    remove.set_defaults(handler=_remove)


def _add_source_options(command: Any) -> None:
    command.add_argument(
        "source",
        metavar="SOURCE",
        help="folder of pictures; zip or tar; Parquet or Arrow, file or folder; the file URL of one of these, or the "
        "http(s) URL of a file; or a data set on the Hub: owner/name, owner/name:configuration",
    )
    command.add_argument("--image-column", metavar="NAME", help="a data set's column of pictures, if it has several")
    command.add_argument("--split", metavar="NAME", help="which split of a data set; all for all of them")
    command.add_argument("--revision", metavar="REV", help="commit, tag or branch of a data set on the Hub")
    command.add_argument(
        "--filename-pattern",
        metavar="PATTERN",
        help="turn file names into columns: {book}_[{title}]_{year:d}.jpg, where :d takes digits only; or the preset "
        "british-library",
    )


def _add_running_options(command: Any) -> None:
    command.add_argument("--index", choices=CHOICES, default="auto", help=_KIND_HELP)
    command.add_argument("--device", default="auto", choices=DEVICES, help=DEVICE_HELP)
    command.add_argument("--quiet", action="store_true", help="no progress bars")


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


def _add_verify(actions: Any) -> None:
    verify = actions.add_parser(
        "verify",
        help="check an index: counts, checksums, vectors, a sample embedded anew",
        description="Check an index directory against its manifest: counts, checksums of all pictures, all vectors and "
        "a sample embedded anew. Exit code 1 if something is wrong.",
    )
    verify.add_argument("directory", metavar="DIR", type=Path, help="index directory")
    verify.add_argument(
        "--sample",
        type=int,
        default=SAMPLE,
        metavar="N",
        help="pictures to embed anew; 0 for none (default: %(default)s)",
    )
    verify.add_argument("--model", type=Path, help="where the model lies now, if it was moved since the build")
    verify.add_argument("--device", default="auto", choices=DEVICES, help=DEVICE_HELP)
    verify.add_argument("--quiet", action="store_true", help="no progress bars")
    verify.set_defaults(handler=_verify)


def _build(arguments: argparse.Namespace) -> int:
    from search_core.build import build_index

    naming = naming_from(arguments)
    source = _source(arguments)
    manifest = build_index(
        source,
        arguments.directory,
        model=arguments.model,
        device=arguments.device,
        revision=arguments.model_revision,
        text_model=arguments.text_model,
        index=arguments.index,
        progress=not arguments.quiet,
    )
    write_naming(arguments.directory.expanduser(), naming)
    print(_summary(manifest, arguments.directory))
    _report_strangers(source, arguments.directory)
    return 0


def _add(arguments: argparse.Namespace) -> int:
    from search_core.build import add_to_index

    before = _manifest(arguments.directory).rows
    manifest = add_to_index(
        _source(arguments),
        arguments.directory,
        model=arguments.model,
        device=arguments.device,
        index=arguments.index,
        progress=not arguments.quiet,
    )
    print(f"{counted(manifest.rows - before, 'picture')} added.")
    print(_summary(manifest, arguments.directory))
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    from search_core.build import remove_from_index

    before = _manifest(arguments.directory).rows
    manifest = remove_from_index(
        arguments.where, arguments.directory, index=arguments.index, progress=not arguments.quiet
    )
    print(f"{counted(before - manifest.rows, 'picture')} removed, {manifest.rows:,} left in {arguments.directory}.")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from search_core.verify import verify_index

    found = verify_index(
        arguments.directory,
        model=arguments.model,
        device=arguments.device,
        sample=arguments.sample,
        progress=not arguments.quiet,
    )
    for problem in found.problems:
        print(problem, file=sys.stderr)
    if found.problems:
        print(f"{arguments.directory}: {counted(len(found.problems), 'problem')}.", file=sys.stderr)
        return 1
    checked = counted(found.rows, "picture and its vector", "pictures and their vectors")
    print(f"{arguments.directory}: sound; {checked} checked, {found.embedded} embedded anew.")
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


def _report_strangers(source: Source, directory: Path) -> None:
    """Write the names that the notes only counted, one a line, and say where; a report of an earlier build goes."""
    report = directory.expanduser() / STRANGERS
    if not source.strangers:
        report.unlink(missing_ok=True)
        return
    text = "".join(json.dumps(line, ensure_ascii=False)[1:-1] + "\n" for line in source.strangers)
    store.write_whole(report, lambda path: path.write_text(text, encoding="utf-8"))
    names = counted(len(source.strangers), "file name that is", "file names that are")
    print(f"  {names} out of place, listed with the reason: {report}")


def _summary(manifest: Manifest, directory: Path) -> str:
    pictures = counted(manifest.rows, "picture")
    lines = [f"{directory}: {pictures} indexed, {manifest.unreadable:,} could not be read."]
    lines.append(f"  Near-duplicates: {_alike(_duplicates(directory))}.")
    lines.append(f"  Index {manifest.index_type}, measured recall {manifest.recall:.3f}.")
    if manifest.unreadable:
        lines += [f"  {entry.file_name}: {entry.reason}" for entry in _unreadable(directory)[:10]]
        lines += ["  The full list: vignette index info --json"] if manifest.unreadable > 10 else []
    lines.append(f'Try: vignette search {directory} "a steam engine"')
    return "\n".join(lines)


def _alike(groups: Sequence[Sequence[int]]) -> str:
    return f"{counted(sum(map(len, groups)), 'picture')} in {counted(len(groups), 'group')}" if groups else "none"


def _info(arguments: argparse.Namespace) -> int:
    from search_core.describe import as_lines, field_text, summarise

    generation = store.IndexDirectory(arguments.directory.resolve()).current()
    manifest, collection = store.read_manifest(generation), _collection(generation)
    columns = {name: summarise(collection.column(name)) for name in collection.columns}
    unreadable = _unreadable(arguments.directory)
    named = as_named(arguments.directory.expanduser(), manifest)
    if arguments.json:
        report = named | manifest.as_dict() | {"unreadable_files": {one.file_name: one.reason for one in unreadable}}
        report["near_duplicates"] = _duplicates(arguments.directory)
        report["columns"] = {name: asdict(summary) for name, summary in columns.items()}
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return 0
    width = max(map(len, manifest.as_dict()))
    for name, value in {**{name: said or None for name, said in named.items()}, **manifest.as_dict()}.items():
        print(f"{name:<{width}}  {field_text(value)}")
    print("\ncolumns", *as_lines(columns), sep="\n  ")
    print(f"\nnear-duplicates: {_alike(_duplicates(arguments.directory))}")
    if (report := arguments.directory / STRANGERS).is_file():
        print(f"file names out of place: listed in {report}")
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


def _duplicates(directory: Path) -> tuple[tuple[int, ...], ...]:
    from search_core.generation import read_duplicates
    from search_core.store import IndexDirectory

    return read_duplicates(IndexDirectory(directory.resolve()).current()).groups


def _unreadable(directory: Path) -> list[Any]:
    from search_core.generation import read_unreadable
    from search_core.store import IndexDirectory

    return list(read_unreadable(IndexDirectory(directory.resolve()).current()))


def _manifest(directory: Path) -> Manifest:

    return store.read_manifest(store.IndexDirectory(directory.resolve()).current())
