"""Every family of models reads prompts as it was trained to, and a separate text tower speaks for the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from search_core.build import build_index
from search_core.encoder import Encoder
from search_core.errors import EncoderError, ManifestMismatch
from search_core.families import PLAIN, RULES, TextRules, text_rules
from search_core.store import IndexDirectory, check_encoder, read_manifest
from tests.conftest import MODEL
from tests.search_core.pictures import gradient

WORDS = ["<pad>", "<unk>", "<eos>", "a", "photo", "of", "2", "cats", "dog", "ship", "A", "Photo", ","]


def _tokenizer() -> PreTrainedTokenizerFast:
    words = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", unk_token="<unk>", eos_token="<eos>", model_max_length=64
    )


def _letters() -> transformers.Siglip2Tokenizer:
    """SigLIP 2's own tokenizer with a vocabulary of letters and no merges."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    vocabulary = {token: number for number, token in enumerate([*special, "▁", *"abcdefghijklmnopqrstuvwxyz2"])}
    return transformers.Siglip2Tokenizer(vocab=vocabulary, merges=[], model_max_length=64)


@pytest.fixture(scope="module", params=["Siglip", "Siglip2"])
def siglip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SigLIP of the real architecture, tiny and with random weights."""
    torch.manual_seed(0)
    folder, family = tmp_path_factory.mktemp(request.param), request.param
    shared = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = shared | {"vocab_size": 64, "max_position_embeddings": 64, "projection_size": 32}
    picture = shared | {"image_size": 32, "patch_size": 16}
    config = getattr(transformers, f"{family}Config")(text_config=text, vision_config=picture)
    getattr(transformers, f"{family}Model")(config).save_pretrained(folder)
    tokenizer = _tokenizer() if family == "Siglip" else _letters()
    if family == "Siglip":
        images = transformers.SiglipImageProcessorPil(size={"height": 32, "width": 32})
    else:
        images = transformers.Siglip2ImageProcessorPil(max_num_patches=16)
    getattr(transformers, f"{family}Processor")(images, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def text_tower(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A text model of its own for the sample model's space, as the multilingual tower is for CLIP's."""
    return _save_text_tower(tmp_path_factory.mktemp("tower"), encoder.fingerprint.width)


def _save_text_tower(folder: Path, width: int) -> Path:
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertModel(config).save_pretrained(folder / "bert")
    _tokenizer().save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert")), Pooling(16), Dense(16, width)]
    SentenceTransformer(modules=modules).save(str(folder / "text"))
    return folder / "text"


@pytest.mark.parametrize(
    ("rules", "written", "read"),
    [
        (PLAIN, "A photo, of 2 Cats!", "A photo, of 2 Cats!"),
        (RULES["siglip"], "A photo, of 2 Cats!", "a photo of 2 cats"),
        (RULES["siglip2"], "ship's-mate_3", "ship s mate 3"),
        (RULES["siglip2"], "Straße, 帆船。", "straße 帆船"),
        (RULES["siglip2"], "???", "???"),
    ],
)
def test_a_prompt_is_written_as_the_family_read_captions(rules: TextRules, written: str, read: str) -> None:
    assert rules.prepare(written) == read


def test_clip_and_unknown_families_take_prompts_as_they_are() -> None:
    assert text_rules("clip") == text_rules(None) == text_rules("vision-text-dual-encoder") == PLAIN


def test_siglip_gives_what_the_bare_model_gives_for_a_filled_up_prompt(siglip: Path) -> None:
    encoder = Encoder.load(siglip, "cpu")

    bare = transformers.AutoModel.from_pretrained(siglip).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(siglip)
    tokens = tokenizer(["a photo of cats"], padding="max_length", max_length=64, return_tensors="pt")
    with torch.inference_mode():
        answer = bare.get_text_features(input_ids=tokens["input_ids"]).pooler_output.numpy()[0]
    assert encoder.encode_texts(["A photo of cats!"])[0] @ answer / np.linalg.norm(answer) > 0.9999


def test_siglip_is_not_what_its_padding_by_batch_would_give(siglip: Path) -> None:
    encoder = Encoder.load(siglip, "cpu")
    careless = SentenceTransformer(str(siglip), device="cpu").encode([{"text": "A photo of cats!"}])[0]

    assert encoder.encode_texts(["A photo of cats!"])[0] @ careless / np.linalg.norm(careless) < 0.999


def test_siglip_encodes_pictures_beside_prompts_and_knows_its_limit(siglip: Path) -> None:
    encoder = Encoder.load(siglip, "cpu")

    assert encoder.encode_images([gradient()]).shape == encoder.encode_texts(["a dog"]).shape
    assert encoder.is_truncated("ship " * 65)
    assert not encoder.is_truncated("ship, " * 10)


def test_a_model_that_does_not_read_as_its_family_is_refused(siglip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Encoder, "encode_texts", lambda self, _: np.eye(1, self.fingerprint.width, dtype=np.float32))

    with pytest.raises(EncoderError, match="does not read prompts"):
        Encoder.load(siglip, "cpu")


def test_a_text_tower_reads_the_prompts_and_the_model_the_pictures(text_tower: Path, encoder: Encoder) -> None:
    both = Encoder.load(MODEL, "cpu", text_model=text_tower)

    assert np.allclose(both.encode_images([gradient()]), encoder.encode_images([gradient()]), atol=1e-6)
    assert not np.allclose(both.encode_texts(["a dog"]), encoder.encode_texts(["a dog"]), atol=0.1)
    assert both.fingerprint.text_model == str(text_tower)
    assert both.fingerprint.text_weights not in (None, both.fingerprint.weights)


def test_a_text_tower_of_another_width_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="24 numbers"):
        Encoder.load(MODEL, "cpu", text_model=_save_text_tower(tmp_path, 24))


def test_a_text_tower_alone_is_no_encoder(text_tower: Path) -> None:
    with pytest.raises(EncoderError, match="encodes no images"):
        Encoder.load(text_tower, "cpu")


def test_an_index_remembers_its_text_tower(
    small_source: Path, tmp_path: Path, text_tower: Path, encoder: Encoder
) -> None:
    build_index(small_source, tmp_path / "index", model=MODEL, text_model=text_tower, device="cpu", progress=False)

    manifest = read_manifest(IndexDirectory(tmp_path / "index").current())
    assert manifest.encoder.text_model == str(text_tower)
    with pytest.raises(ManifestMismatch) as caught:
        check_encoder(manifest, encoder.fingerprint)
    assert manifest.encoder.text_weights is not None
    assert caught.value.field == "processor"  # the first that differs: another tower brings another tokenizer
