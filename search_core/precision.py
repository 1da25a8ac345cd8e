"""How a model computes: in the fastest precision of the machine in which its vectors stay what they are.

bfloat16 where the processor has instructions for it, float16 on a GPU, float32 elsewhere. Weights are read and
fingerprinted in float32 and lowered afterwards, and vectors are scaled to unit length in float32; so an index that one
machine embedded can be served by another that computes otherwise, and only the drift stands between the two. It is
measured each time a model is loaded (`Encoder.load`): a text's and a picture's vector must keep a cosine of
`MIN_COSINE` with their float32 vectors, or else the model stays in float32.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

MIN_COSINE = 0.999
"""Between a vector and its float32 one. Half precision, in which an index keeps vectors, allows for a drift of 1e-7;
CLIP ViT-B/32 in bfloat16 has been seen at 0.99994, and rankings change from about 0.99 on."""

MIN_PARAMETERS = 50_000_000
"""Smaller models stay in float32: they are fast as they are, and small convolutions gain nothing."""

SPINS = "5000"
"""Turns that a waiting thread stays awake: some 0.1 ms, about the time between two layers of a prompt. A fifth of it
is too short for them (15 to 18 ms a prompt); with six times as many, a prompt takes 65 ms in place of 44 while another
program keeps one of two cores busy."""

PRECISIONS = ("auto", "float32", "bfloat16", "float16")
"""What `Encoder.load` takes."""


def choose_dtype(precision: str, device: str, model: torch.nn.Module) -> torch.dtype:
    """The precision to try for a model.

    Args:
        precision: one of `PRECISIONS`.
        device: `cpu` or a GPU.
        model: in float32.

    Raises:
        ValueError: if the precision is none of `PRECISIONS`.
    """
    import torch

    if precision not in PRECISIONS:
        raise ValueError(f"Precision {precision!r} is unknown; choose one of {', '.join(PRECISIONS)}.")
    if precision != "auto":
        chosen: torch.dtype = getattr(torch, precision)
        return chosen
    if sum(weights.numel() for weights in model.parameters()) < MIN_PARAMETERS:
        return torch.float32
    if device != "cpu":
        return torch.float16
    return torch.bfloat16 if has_bfloat16(torch.cpu.get_capabilities()) else torch.float32


def has_bfloat16(capabilities: Any) -> bool:
    """Whether a processor multiplies in bfloat16 by itself; others imitate it, more slowly than they do float32."""
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


def lower(model: torch.nn.Module, dtype: torch.dtype, device: str) -> None:
    """Turn a model's weights to a precision, in place, and lay them out as the processor reads them."""
    import torch

    from search_core.layers import can_lay_out, lay_out  # late: it imports torch

    if device == "cpu" and dtype is torch.bfloat16 and can_lay_out():
        lay_out(model)
    model.to(dtype)


def place(features: Mapping[str, Any], dtype: torch.dtype, device: str) -> dict[str, Any]:
    """Hand a model's inputs to its device, through pinned memory to a GPU; numbers in the model's precision."""
    import torch

    def placed(value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        value = value.to(dtype) if value.is_floating_point() else value
        return value if device == "cpu" else value.pin_memory().to(device, non_blocking=True)

    return {name: placed(value) for name, value in features.items()}


def wait_briefly() -> None:
    """Have the threads of torch and Faiss wait awake for a moment and asleep after it, unless those are loaded already.

    A prompt's some 150 layers each wait for all threads. Measured with ViT-B/32 in bfloat16 on two cores, in ms:

    ==================  ============  ======================  =====================
    threads that wait   nothing else  one busy program        two busy programs
    ==================  ============  ======================  =====================
    asleep at once      18 to 21      16                      30 to 36
    awake for a moment  11 to 13      44                      25 to 34
    awake for long      10 to 13      24, one in ten 140      -
    ==================  ============  ======================  =====================

    The last is the libraries' default. The second is chosen for a machine that serves and does little else; where one
    other program is always busy, `OMP_WAIT_POLICY=PASSIVE` set beforehand is faster. Whoever has set one of the two
    variables is left alone.
    """
    if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & os.environ.keys():
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
        os.environ["GOMP_SPINCOUNT"] = SPINS  # GNU's OpenMP goes by this one, others know only the policy


def keep_blas_to_one_thread() -> None:
    """Have NumPy multiply in the calling thread from now on, in the whole process.

    What is multiplied beside each query (rules, a page's rows) is small and takes a tenth of a millisecond. The
    further threads that OpenBLAS has of its own would stay awake for tens of milliseconds after it, and hold up the
    model's next prompt: 54 ms in place of 13. A timeline's scan of all rows loses nothing: 400,000 rows of 512 took
    0.5 s in one thread, 1.0 s in two. A BLAS on OpenMP, such as Faiss's, waits as `wait_briefly` says and is left
    alone.
    """
    from threadpoolctl import ThreadpoolController

    ThreadpoolController().select(threading_layer="pthreads").limit(limits=1)
