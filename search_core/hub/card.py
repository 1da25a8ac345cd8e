"""The data set card: what a repository holds, in words, for people who find it.

Only the part between two marks is ours. What people write around it, the licence above all, outlives every push.
"""

from __future__ import annotations

import re
from pathlib import Path

from search_core.store import Manifest

_BEGIN, _END = "<!-- vignette: each push writes this part anew -->", "<!-- vignette: end -->"
_OURS = re.compile(re.escape(_BEGIN) + ".*" + re.escape(_END), re.DOTALL)

_FRAME = """\
---
configs:
- config_name: default
  data_files:
  - split: train
    path: rows/*.arrow
tags:
- image-search
- vignette
---

# {name}

{ours}

## Licence

Not stated yet. It is for the owner of this repository to say under which terms these pictures may be used.
"""

_SECTION = """\
{begin}
An index of a picture collection, made by Vignette: the pictures as they were found, their metadata, a vector for
each, and the search index over these vectors.

| | |
|---|---|
| collection | {title} |
| pictures | {rows} |
| passed over as unreadable | {unreadable} |
| model | {model} |
| vectors | {width} numbers, {dtype}, {normalisation}, compared by {metric} |
| index | {index}, recall {recall:g} |
| made | {created}, generation {generation} |

`vignette index pull {repository} DIR` fetches and checks it; nothing is embedded again.
{end}"""


def write_card(existing: str | None, repository: str, manifest: Manifest, title: str = "") -> str:
    """The card of a repository after a push.

    Args:
        existing: the card that is there. One without our marks is somebody's own and stays as it is.
        repository: `owner/name`.
        manifest: what is pushed. Local folders are left out: they are nobody else's business.
        title: what the collection is called; empty if nobody said so.
    """
    title = title or repository.partition("/")[2]
    ours = _section(repository, manifest, title)
    if existing is None:
        return _FRAME.format(name=title, ours=ours)
    return _OURS.sub(lambda _: ours, existing, count=1)


def _section(repository: str, manifest: Manifest, title: str) -> str:
    return _SECTION.format(
        begin=_BEGIN,
        end=_END,
        repository=repository,
        title=title.replace("|", "\\|"),
        model=_model(manifest),
        width=manifest.encoder.width,
        rows=manifest.rows,
        unreadable=manifest.unreadable,
        dtype=manifest.vector_dtype,
        normalisation=manifest.normalisation,
        metric=manifest.metric,
        index=manifest.index_type,
        recall=manifest.recall,
        created=manifest.created,
        generation=manifest.generation,
    )


def _model(manifest: Manifest) -> str:
    model, revision = manifest.encoder.model, manifest.encoder.revision
    weights = f"weights {manifest.encoder.weights[:12]}"
    if Path(model).is_absolute():
        return f"one of the builder's own, {weights}"
    return f"`{model}`{f' at `{revision}`' if revision else ''}, {weights}"
