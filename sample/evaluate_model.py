"""Measure the sample model: the figures of its card, printed as a table or as JSON.

    python sample/evaluate_model.py [--json]

Everything but the held-out figure is computed from files in this folder; that one reads 400 drawings which
training never saw from the Debian packages, and is left out where those are not installed.

Definitions
- *held-out recall@9*: each title of `heldout.csv` is asked of those 400 pictures; found if the picture of that
  title is among the first nine. No two of the 400 share a title.
- *collection recall@9*: each title of the collection, once, is asked of the whole collection; found if any picture
  of that title is among the first nine.
- *re-found*: each picture of the collection is changed (JPEG at quality 60, or shrunk to half, or cropped by a
  tenth of its width and height) and asked of the unchanged ones; found if the first answer is the picture itself.
- *everyday words*: a picture fits a word if its title has the word, its plural, or one of its `KINDS`.
  Asked are the words that three or more pictures fit; a word is answered if a fitting picture is
  among the first nine.
- *best cosine*: the score of the first answer, for prompts that name what the collection has and for `UNRELATED`.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from openclipart import HERE, PNG_ROOT, SVG_ROOT, MissingPackages, OpenClipart, read_list
from PIL import Image
from sentence_transformers import SentenceTransformer

# One page of a gallery.
PAGE = 9
# As the pictures of the collection.
LONGEST_SIDE = 320
REPEATS = 30

# Kinds of a thing whose titles do not say the word for it.
KINDS = {
    "airplane": "airliner jet plane",
    "bag": "handbag",
    "ball": "baseball volleyball",
    "bicycle": "bike",
    "bird": "crow dove duck eagle flamingo gull hen ostrich owl penguin pigeon rooster seagull swallow swan turkey",
    "boat": "sailboat ship",
    "book": "cookbook notebook",
    "bread": "loaf",
    "butterfly": "butterflies",
    "cake": "cupcake",
    "camera": "camcorder",
    "car": "jeep",
    "cat": "kitten",
    "computer": "laptop",
    "cow": "bull",
    "dinosaur": "brontosaurus plesiosaur pterosaur stegosaurus triceratops tyrannosaurus",
    "dog": "beagle bulldog dachshund labrador puppy",
    "envelope": "mailbox",
    "fish": "angelfish goldfish",
    "flower": "blossom daffodil daisy geranium magnolia rose sunflower tulip",
    "gear": "cog",
    "hat": "cap sombrero",
    "house": "cabin chalet cottage farmhouse hut villa",
    "leaf": "leaves",
    "man": "fireman groom policeman",
    "monkey": "baboon orangutan",
    "mushroom": "toadstool",
    "pig": "piglet",
    "planet": "globe",
    "rabbit": "bunny",
    "sandwich": "hamburger",
    "saw": "chainsaw",
    "sheep": "ram",
    "ship": "boat sailboat",
    "shoe": "skate",
    "telephone": "phone",
    "truck": "van",
    "woman": "ballerina bride policewoman",
}
PLAIN = (
    "apple", "balloon", "bear", "bee", "box", "brain", "bus", "castle", "chair", "chess", "clock", "cloud", "coffee",
    "drum", "duck", "eagle", "egg", "elephant", "eye", "fireworks", "frog", "gift", "girl", "boy", "grapes", "guitar",
    "hammer", "heart", "horse", "ice cream", "key", "knot", "ladybug", "lamp", "lemon", "light bulb", "lion", "lizard",
    "magnifying glass", "moon", "musical note", "orange", "padlock", "pear", "pencil", "penguin", "pie", "pizza",
    "printer", "rose", "scissors", "smiley", "strawberry", "sun", "table", "teddy bear", "telescope", "television",
    "tiger", "tree", "trumpet", "umbrella", "violin",
)  # fmt: skip
EVERYDAY = KINDS | dict.fromkeys(PLAIN, "")

UNRELATED = (
    "quarterly tax return", "asdf qwer zxcv", "interest rate policy", "the meaning of irony", "xkqzv blorft",
    "parliamentary procedure", "statistical significance", "terms and conditions", "copyright infringement lawsuit",
    "employee pension scheme", "grammar of the subjunctive", "inflation forecast", "philosophy of mind", "hjkl uiop",
    "compiler optimisation flags", "supply chain logistics", "municipal zoning law", "quantum field theory",
    "yesterday afternoon", "customer satisfaction survey",
)  # fmt: skip

Change = Callable[[Image.Image], Image.Image]


class Model:
    """The sample model as the project uses it: unit vectors, text never as a bare string."""

    def __init__(self, folder: Path) -> None:
        self.sentences = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})

    def texts(self, texts: Iterable[str]) -> np.ndarray:
        """Return unit vectors, (texts, width)."""
        return self._encode([{"text": text} for text in texts])

    def images(self, images: Iterable[Image.Image]) -> np.ndarray:
        """Return unit vectors, (images, width)."""
        return self._encode(list(images))

    def _encode(self, inputs: list[dict[str, str]] | list[Image.Image]) -> np.ndarray:
        return self.sentences.encode(inputs, batch_size=32, normalize_embeddings=True, show_progress_bar=False)


class Collection:
    """The sample collection: pictures, titles, vectors."""

    def __init__(self, model: Model, folder: Path) -> None:
        with (folder / "metadata.csv").open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        self.titles = [row["title"] for row in rows]
        self.images = [open_picture(folder / row["file_name"]) for row in rows]
        self.vectors = model.images(self.images)


def evaluate(model: Model, collection: Collection, art: OpenClipart | None) -> dict[str, object]:
    """Return all figures; without the packages, all but the held-out one."""
    result: dict[str, object] = {}
    if art is not None:
        result["heldout_recall_at_9"] = heldout_recall(model, art)
    result["collection_recall_at_9"] = collection_recall(model, collection)
    result["refound_at_1"] = {name: refound(model, collection, change) for name, change in CHANGES.items()}
    result["everyday_words"] = everyday_words(model, collection)
    result["best_cosine"] = best_cosines(model, collection)
    result["milliseconds"] = latency(model, collection)
    return result


def heldout_recall(model: Model, art: OpenClipart) -> float:
    """Return title -> picture recall@9 among the pictures that training never saw."""
    entries = read_list(HERE / "heldout.csv")
    pictures = model.images(art.picture(entry.source, LONGEST_SIDE) for entry in entries)
    scores = model.texts(entry.title for entry in entries) @ pictures.T
    return float((rank_of(scores, scores.diagonal()) <= PAGE).mean())


def collection_recall(model: Model, collection: Collection) -> float:
    """Return title -> any picture of that title, recall@9, over the distinct titles."""
    titles = sorted(set(collection.titles))
    scores = model.texts(titles) @ collection.vectors.T
    own = np.array(titles)[:, None] == np.array(collection.titles)[None, :]
    return float((rank_of(scores, np.where(own, scores, -np.inf).max(axis=1)) <= PAGE).mean())


def refound(model: Model, collection: Collection, change: Change, every: int = 1) -> float:
    """Return how often a changed picture's first answer is the picture itself, asking every n-th picture."""
    asked = np.arange(0, len(collection.images), every)
    queries = model.images(change(collection.images[row]) for row in asked)
    first = (queries @ collection.vectors.T).argmax(axis=1)
    return float((first == asked).mean())


def everyday_words(model: Model, collection: Collection) -> dict[str, object]:
    """Return how many everyday words have a fitting picture on the first page, and which have none."""
    asked = {word: fitting for word in EVERYDAY if (fitting := fits(word, collection.titles)).sum() >= 3}
    scores = model.texts(asked) @ collection.vectors.T
    pages = np.argsort(-scores, axis=1)[:, :PAGE]
    hits = {word: fitting[page].mean() for (word, fitting), page in zip(asked.items(), pages, strict=True)}
    return {
        "asked": len(hits),
        "answered": statistics.fmean(share > 0 for share in hits.values()),
        "fitting_in_first_nine": statistics.fmean(hits.values()),
        "without_answer": [word for word, share in hits.items() if share == 0],
    }


def fits(word: str, titles: list[str]) -> np.ndarray:
    """Return which titles a word fits."""
    kinds = "|".join(map(re.escape, [word, *EVERYDAY[word].split()]))
    pattern = re.compile(rf"\b(?:{kinds})(?:s|es)?\b", re.IGNORECASE)
    return np.array([bool(pattern.search(title)) for title in titles])


def best_cosines(model: Model, collection: Collection) -> dict[str, dict[str, float]]:
    """Return the spread of the first answer's score for fitting and for unrelated prompts."""
    prompts = {"fitting": sorted(set(collection.titles)), "unrelated": list(UNRELATED)}
    return {name: spread((model.texts(texts) @ collection.vectors.T).max(axis=1)) for name, texts in prompts.items()}


def spread(values: np.ndarray) -> dict[str, float]:
    """Return lowest, 5th percentile, median, 95th percentile and highest value."""
    names = ("min", "p5", "median", "p95", "max")
    return dict(zip(names, map(float, np.percentile(values, (0, 5, 50, 95, 100))), strict=True))


def latency(model: Model, collection: Collection) -> dict[str, float]:
    """Return the median milliseconds of one text and of one image, each encoded alone."""
    return {
        "text": median_ms(lambda: model.texts(["a picture of a sailing ship"])),
        "image": median_ms(lambda: model.images(collection.images[:1])),
    }


def median_ms(action: Callable[[], object]) -> float:
    """Return the median duration of an action, after one run to warm up."""
    action()
    durations = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        durations.append(time.perf_counter() - start)
    return 1000 * statistics.median(durations)


def rank_of(scores: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return each row's rank of its own score, 1 being the best; an equal score of another counts against it."""
    return 1 + (scores > own[:, None]).sum(axis=1)


def as_jpeg(image: Image.Image) -> Image.Image:
    """Return the picture after JPEG at quality 60."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=60)
    return Image.open(data).convert("RGB")


def shrunk(image: Image.Image) -> Image.Image:
    """Return the picture at half its width and height."""
    return image.resize((max(image.width // 2, 1), max(image.height // 2, 1)), Image.Resampling.LANCZOS)


def cropped(image: Image.Image) -> Image.Image:
    """Return the picture without a twentieth of its width and height at each edge: a tenth of each in all."""
    left, upper = round(image.width * 0.05), round(image.height * 0.05)
    return image.crop((left, upper, image.width - left, image.height - upper))


CHANGES: dict[str, Change] = {"jpeg_60": as_jpeg, "half_size": shrunk, "cropped": cropped}


def open_picture(path: Path) -> Image.Image:
    """Return a picture as RGB, its file closed."""
    with Image.open(path) as image:
        return image.convert("RGB")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = parser().parse_args(arguments)
    try:
        art = OpenClipart(options.png, options.svg).require()
    except MissingPackages as error:
        print(f"held-out figure left out: {error}", file=sys.stderr)
        art = None
    model = Model(options.model)
    figures = evaluate(model, Collection(model, options.collection), art)
    print(json.dumps(figures, indent=2) if options.json else table(figures))
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    result = argparse.ArgumentParser(description="Measure the sample model; see the head of this file for definitions.")
    result.add_argument("--model", type=Path, default=HERE / "model", help="model folder (default: %(default)s)")
    result.add_argument(
        "--collection", type=Path, default=HERE / "collection", help="image folder (default: %(default)s)"
    )
    result.add_argument("--png", type=Path, default=PNG_ROOT, help="openclipart-png (default: %(default)s)")
    result.add_argument("--svg", type=Path, default=SVG_ROOT, help="openclipart-svg (default: %(default)s)")
    result.add_argument("--json", action="store_true", help="print one JSON object")
    return result


def table(figures: dict[str, object], indent: str = "") -> str:
    """Return nested figures as aligned lines."""
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}", table(value, indent + "  ")]
        else:
            shown = f"{value:.3f}" if isinstance(value, float) else value
            lines.append(f"{indent}{name:<{24 - len(indent)}} {shown}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
