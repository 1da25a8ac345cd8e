"""The model and nothing around it: what the machine can give.

The precision is the fastest that the machine computes in by itself: bfloat16 where the processor has instructions for
it, float32 elsewhere, float16 on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.bench import Bench
from benchmarks.timing import median_ms, seconds

if TYPE_CHECKING:
    import torch

PICTURE_BATCHES = (1, 8, 16, 32, 64)


def fastest_dtype(device: str) -> torch.dtype:
    """The precision above."""
    import torch

    if device != "cpu":
        return torch.float16
    has = torch.cpu.get_capabilities()
    return torch.bfloat16 if has.get("avx512_bf16") or has.get("amx_bf16") else torch.float32


class BareModel:
    """A CLIP model of transformers, called with tensors that are there already."""

    def __init__(self, bench: Bench, dtype: torch.dtype | None = None) -> None:
        from transformers import CLIPModel

        from benchmarks.model import make_model

        self.dtype = dtype or fastest_dtype(bench.device)
        self.device = bench.device
        folder = make_model(bench.workspace / "model")
        self._model: Any = CLIPModel.from_pretrained(folder, dtype=self.dtype).to(bench.device).eval()

    def texts(self, tokens: torch.Tensor) -> torch.Tensor:
        """Vectors of tokens, shape (texts, length); waits until they are there."""
        return self._run(lambda: self._model.get_text_features(input_ids=tokens.to(self.device)))

    def pictures(self, pixels: torch.Tensor) -> torch.Tensor:
        """Vectors of pixels, shape (pictures, 3, 224, 224), float32; waits until they are there."""
        return self._run(lambda: self._model.get_image_features(pixel_values=pixels.to(self.device, self.dtype)))

    def _run(self, forward: Callable[[], Any]) -> torch.Tensor:
        import torch

        with torch.inference_mode():
            made = forward()
            vectors: torch.Tensor = getattr(made, "pooler_output", made).float().cpu()
        return vectors


def tokenizer(bench: Bench) -> Callable[[list[str]], torch.Tensor]:
    """Prompts to tokens, shape (prompts, length of the longest)."""
    from transformers import AutoTokenizer

    from benchmarks.model import make_model

    words = AutoTokenizer.from_pretrained(make_model(bench.workspace / "model"))
    return lambda prompts: words(prompts, padding=True, truncation=True, return_tensors="pt")["input_ids"]


def pixels_of(data: bytes) -> np.ndarray:
    """A JPEG to what CLIP looks at, the shortest way: decode, resize, crop, normalise; shape (3, 224, 224), float32."""
    import io

    from PIL import Image

    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = _SIDE / min(image.size)
    width, height = (round(side * scale) for side in image.size)
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - _SIDE) // 2, (height - _SIDE) // 2
    cropped = np.asarray(image.crop((left, top, left + _SIDE, top + _SIDE)), dtype=np.float32)
    return np.ascontiguousarray(((cropped / 255 - _MEAN) / _STD).transpose(2, 0, 1))


_SIDE = 224
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


def pictures_per_second(model: BareModel, count: int) -> float:
    """The forward pass of so many pictures, in batches of the size that suits the machine best.

    As long as the work that it is held against: a short run on a shared machine may meet its best moment or its worst.
    """
    import torch

    batches = PICTURE_BATCHES if model.device == "cpu" else (64, 256)
    inputs = [torch.randn(batch, 3, _SIDE, _SIDE) for batch in batches]
    pixels = min(inputs, key=lambda pixels: median_ms(partial(model.pictures, pixels), 3) / len(pixels))
    rounds = max(1, count // len(pixels))
    return rounds * len(pixels) / seconds(lambda: [model.pictures(pixels) for _ in range(rounds)])


def decoded_per_second(files: list[bytes]) -> float:
    """JPEGs to pixels on all cores, one process each, with nothing else to do."""
    import time
    from concurrent.futures import ProcessPoolExecutor

    from benchmarks.machine import cores

    with ProcessPoolExecutor(cores()) as pool:
        list(pool.map(_decode_only, files[: 2 * cores()]))  # the processes are up
        started = time.perf_counter()
        list(pool.map(_decode_only, files, chunksize=8))
        return len(files) / (time.perf_counter() - started)


def _decode_only(data: bytes) -> None:
    pixels_of(data)


def read_bandwidth(runs: int) -> float:
    """Bytes a second at which all cores read memory that no cache holds, the best of some ways and runs."""
    import torch

    values = torch.ones(128 * 1024**2, dtype=torch.float32)  # 512 MB
    ways = (values.sum, values.max, lambda: torch.dot(values, values))
    best = min(min(seconds(way) for _ in range(max(3, runs))) for way in ways)
    return values.numel() * values.element_size() / best


def matrix_product(dtype: torch.dtype, runs: int, side: int = 2_048) -> float:
    """Floating-point operations a second of a square matrix product."""
    import torch

    left, right = (torch.randn(side, side).to(dtype) for _ in range(2))
    return 2 * side**3 / (median_ms(lambda: left @ right, runs) / 1000)
