"""RGB pictures to what a model looks at: what its image processor does, in a third of the time.

The image processor of transformers resizes with Pillow, walks over the whole picture where it then cuts out the
middle, and passes through double precision. Here torch resizes the bytes, with Pillow's filters and rounding
(`torch.nn.functional.interpolate` with antialiasing), and only the middle is scaled. Measured on 64 drawings of
358 x 461 with the grain of paper, for CLIP: 1.4 ms a picture in place of 4.1; 0.5 % of the numbers differ, each by one
step of 256; and the cosine between a picture's two vectors is 1 - 1e-8, where half precision, in which an index keeps
vectors, costs 1e-7.

Which side is resized first shows at hard edges, in numbers up to 30 steps apart. Torch begins with the rows, Pillow 13
with the columns where that is less work: in pictures more than twice as high as wide, which are left to the image
processor (`TALLEST`), and in many where both sides are pressed to given ones. So a processor is only followed where it
keeps the proportions of a picture, as CLIP's does, and only where it has been asked: `reader` compares both ways on
made-up pictures of several shapes, and gives up the short one if they differ.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

_PIXELS = "pixel_values"

_FILTERS = {2: "bilinear", 3: "bicubic"}
"""Pillow's number of a filter, and torch's name of it."""

_PROBES = ((179, 230), (230, 131), (600, 451), (32, 48))
"""Width and height of the pictures that both ways are compared on: upright, lying, large, and to be enlarged. They are
smooth, so that it does not matter which side is resized first."""

TALLEST = 1.75
"""Height of a picture, in widths, up to which it goes the short way. Pillow 13 was seen to change over at 2."""

MAX_STEPS = 2
"""By which a number may differ from the image processor's, in steps of 256: both round twice, once for each side."""


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """What a model's image processor does, known to be the same.

    Attributes:
        edge: pixels of the shorter side after resizing.
        size: height and width of the middle that is kept.
        filter: the name of the filter.
        scale: by which bytes are multiplied, in double precision.
        mean, std: of each channel, shape (3, 1, 1), float32.
        whole: the image processor's own way to the features of some images.
        beside: what the model is handed beside the pixels.
    """

    edge: int
    size: tuple[int, int]
    filter: str
    scale: float
    mean: torch.Tensor
    std: torch.Tensor
    whole: Callable[[list[Image]], Mapping[str, Any]]
    beside: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, images: Sequence[Image]) -> dict[str, Any]:
        """The features of RGB images: pixels of shape (images, 3, height, width), float32, and what is beside them."""
        import torch

        return {_PIXELS: torch.stack([self._one(image) for image in images]), **self.beside}

    def _one(self, image: Image) -> torch.Tensor:
        import torch

        if image.height > TALLEST * image.width:
            alone: torch.Tensor = self.whole([image])[_PIXELS][0]
            return alone
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None]
        resized = self._resized_to(image.height, image.width)
        if resized != (image.height, image.width):
            pixels = torch.nn.functional.interpolate(pixels, resized, mode=self.filter, antialias=True)
        top, left = ((whole - kept) // 2 for whole, kept in zip(resized, self.size, strict=True))
        middle = pixels[0, :, top : top + self.size[0], left : left + self.size[1]].contiguous()
        scaled = middle.double().mul_(self.scale).float()
        return scaled.sub_(self.mean).div_(self.std)

    def _resized_to(self, height: int, width: int) -> tuple[int, int]:
        longer = int(self.edge * max(height, width) / min(height, width))
        return (longer, self.edge) if height >= width else (self.edge, longer)


def reader(model: SentenceTransformer) -> Reader | None:
    """The short way to a model's pixels; None where its image processor is not known, or does something else."""
    processor = getattr(getattr(model[0], "processor", None), "image_processor", None)
    if processor is None or model.default_prompt_name:  # a prompt that goes with pictures has a place of its own
        return None
    try:
        made = _made_for(processor, model.preprocess)
        return None if made is None else _checked(made)
    except Exception as error:  # settings take many forms, and the processor itself may not be able to do as they say
        logger.info("Pictures are read by %s itself: %s", type(processor).__name__, error)
        return None


def _made_for(processor: Any, whole: Callable[[list[Image]], Mapping[str, Any]]) -> Reader | None:
    import torch

    def does(*names: str) -> list[bool]:
        return [bool(getattr(processor, name, None)) for name in names]

    kernel, frame = _FILTERS.get(getattr(processor, "resample", None) or 0), _frame(processor)
    known = all(does("do_resize", "do_rescale", "do_normalize")) and not any(does("do_pad", "do_thumbnail"))
    if not known or kernel is None or frame is None:
        return None
    mean, std = (
        torch.tensor(one, dtype=torch.float32).reshape(-1, 1, 1) for one in (processor.image_mean, processor.image_std)
    )
    return Reader(*frame, kernel, processor.rescale_factor, mean, std, whole)


def _frame(processor: Any) -> tuple[int, tuple[int, int]] | None:
    """To what pictures are resized and what of them is kept: the first two fields of a `Reader`."""
    size = {name: value for name, value in dict(getattr(processor, "size", None) or {}).items() if value}
    if set(size) != {"shortest_edge"} or not getattr(processor, "do_center_crop", None):
        return None
    kept = processor.crop_size["height"], processor.crop_size["width"]
    return (size["shortest_edge"], kept) if max(kept) <= size["shortest_edge"] else None


def _checked(made: Reader) -> Reader | None:
    """The same with what is handed over beside the pixels, if the processor's own way gives these pixels."""
    import torch
    from PIL import Image

    colours = Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8))
    probes = [colours.resize(size, Image.Resampling.BILINEAR) for size in _PROBES]
    theirs = made.whole(probes)
    beside = {name: value for name, value in theirs.items() if name != _PIXELS}
    ours = made(probes)[_PIXELS]
    if any(isinstance(value, torch.Tensor) for value in beside.values()) or ours.shape != theirs[_PIXELS].shape:
        return None
    steps = ((ours - theirs[_PIXELS]) * made.std / made.scale).abs().round()
    return replace(made, beside=beside) if steps.max() <= MAX_STEPS else None
