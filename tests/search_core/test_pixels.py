"""The short way to a model's pixels against the image processors of transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPImageProcessorPil, SiglipImageProcessorPil, ViTImageProcessorPil

from benchmarks.model import make_model
from search_core.encoder import Encoder
from search_core.pixels import MAX_STEPS, reader
from tests.conftest import MODEL, ROOT

SHAPES = [
    (358, 461),
    (461, 358),
    (224, 224),
    (100, 100),
    (40, 700),
    (700, 40),
    (9, 8),
    (1_024, 683),
    (300, 1_024),
    (473, 1_024),
    (585, 1_024),
]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}
    return make_model(tmp_path_factory.mktemp("clip"), sizes)


class Looking(list[Any]):
    """As much of a model of sentence-transformers as is looked at: a first module with a processor."""

    default_prompt_name = None

    def __init__(self, processor: Any) -> None:
        super().__init__([self])
        self.processor = self
        self.image_processor = processor

    def preprocess(self, images: list[Image.Image]) -> dict[str, Any]:
        return {**self.image_processor(images=images, return_tensors="pt"), "modality": "image"}


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8))


def smooth(width: int, height: int) -> Image.Image:
    return noise(8, 8).resize((width, height), Image.Resampling.BILINEAR)


def drawings() -> list[Image.Image]:
    paths = sorted(path for path in (ROOT / "sample" / "collection").glob("*/*") if path.suffix in (".png", ".jpg"))
    return [Image.open(path).convert("RGB") for path in paths[::17]]


PROCESSORS = [
    CLIPImageProcessorPil(),
    CLIPImageProcessorPil(size={"shortest_edge": 256}, crop_size={"height": 224, "width": 240}),
    CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}, image_mean=0.5, image_std=0.2
    ),
    CLIPImageProcessorPil(resample=2, image_mean=(0.5, 0.4, 0.3), image_std=(0.1, 0.2, 0.3)),
]


@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda one: f"{type(one).__name__}")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_pixels_are_those_of_the_image_processor(processor: Any, shape: tuple[int, int]) -> None:
    model = Looking(processor)
    read = reader(model)
    assert read is not None
    pictures = [noise(*shape), smooth(*shape)]

    expected, actual = model.preprocess(pictures), read(pictures)

    assert actual.keys() == expected.keys()
    assert actual["modality"] == "image"
    assert actual["pixel_values"].shape == expected["pixel_values"].shape
    assert actual["pixel_values"].dtype is torch.float32
    deviation = torch.tensor(processor.image_std).reshape(-1, 1, 1) / processor.rescale_factor
    steps = ((actual["pixel_values"] - expected["pixel_values"]) * deviation).abs().round()
    assert steps.max() <= MAX_STEPS
    assert (steps > 1).float().mean() < 0.001


def test_a_picture_that_need_not_be_resized_gives_the_very_numbers() -> None:
    model = Looking(CLIPImageProcessorPil())
    read = reader(model)
    assert read is not None
    picture = noise(224, 224)

    assert torch.equal(read([picture])["pixel_values"], model.preprocess([picture])["pixel_values"])


@pytest.mark.parametrize(
    "processor",
    [
        CLIPImageProcessorPil(do_resize=False),
        CLIPImageProcessorPil(do_normalize=False),
        CLIPImageProcessorPil(do_rescale=False),
        CLIPImageProcessorPil(do_center_crop=False),
        CLIPImageProcessorPil(resample=1),
        CLIPImageProcessorPil(size={"shortest_edge": 64}, crop_size={"height": 80, "width": 80}),
        CLIPImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 128}),
        CLIPImageProcessorPil(do_pad=True, pad_size={"height": 256, "width": 256}),
        SiglipImageProcessorPil(),
        ViTImageProcessorPil(),
        None,
    ],
    ids=[
        *("size kept", "not normalised", "not rescaled", "not cut", "filter", "framed", "two edges", "padded"),
        *("pressed", "pressed by ViT", "none"),
    ],
)
def test_settings_that_are_not_known_leave_it_to_the_processor(processor: Any) -> None:
    assert reader(Looking(processor)) is None


@pytest.mark.parametrize(
    "settings",
    [{"crop_size": None}, {"image_mean": None}, {"image_mean": (0.5, 0.5)}, {"rescale_factor": None}],
    ids=str,
)
def test_a_processor_that_cannot_do_what_it_is_set_to_is_left_alone(settings: dict[str, Any]) -> None:
    processor = CLIPImageProcessorPil()
    for name, value in settings.items():
        setattr(processor, name, value)

    assert reader(Looking(processor)) is None


def test_a_processor_that_does_something_of_its_own_is_found_out() -> None:
    class Mirroring(CLIPImageProcessorPil):
        def _preprocess(self, images: list[np.ndarray], *arguments: Any, **options: Any) -> Any:
            return super()._preprocess([image[..., ::-1].copy() for image in images], *arguments, **options)

    assert reader(Looking(Mirroring())) is None


def test_a_processor_that_hands_over_more_for_each_picture_is_left_alone() -> None:
    class Masking(Looking):
        def preprocess(self, images: list[Image.Image]) -> dict[str, Any]:
            return {**super().preprocess(images), "mask": torch.ones(len(images))}

    assert reader(Masking(CLIPImageProcessorPil())) is None


def test_a_model_with_a_prompt_before_pictures_is_left_alone() -> None:
    model = Looking(CLIPImageProcessorPil())
    model.default_prompt_name = "document"

    assert reader(model) is None


def test_vectors_of_real_drawings_are_those_of_the_library(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, encoder = drawings(), Encoder.load(clip, "cpu")
    monkeypatch.setattr("search_core.encoder.reader", lambda model: None)

    library = Encoder.load(clip, "cpu").encode_images(pictures)

    assert encoder._reader is not None
    assert 1 - (encoder.encode_images(pictures) * library).sum(axis=1).min() < 1e-6


def test_a_model_without_the_short_way_encodes_as_the_library_does() -> None:
    encoder, pictures = Encoder.load(MODEL, "cpu"), drawings()

    library = encoder._model.encode(pictures, normalize_embeddings=True)

    assert encoder._reader is None
    assert np.allclose(encoder.encode_images(pictures), library, atol=1e-5)
