"""Texts as vectors, without any network: WordLlama by default, a sentence transformer by name.

WordLlama takes the mean of one stored vector a token (256 numbers, from the table of a language
model), which is fast and blind to word order. See :mod:`segue.text.bert` for the other.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Protocol

import numpy as np

from segue.errors import InvalidDataError
from segue.types import FloatMatrix

MAX_TEXT_CHARS = 4000
BATCH_SIZE = 64
WORD_DIM = 256  # of :class:`WordEmbedder`, known without reading it


class TextEmbedder(Protocol):
    """Anything that turns texts into vectors of one length."""

    @property
    def name(self) -> str:
        """Which model, to keep beside stored vectors: those of two models do not compare."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Unit vectors, shape (n_texts, dim), float32; see :func:`unit_vectors` for empty texts."""
        ...


def unit_vectors(
    texts: Sequence[str], dim: int, embed_batch: Callable[[list[str]], FloatMatrix]
) -> FloatMatrix:
    """Vectors of length 1 in the order of the texts, float32, shape (n_texts, dim).

    A text without a letter or a digit gets a row of NaN, which models read as "nothing known"; so
    does one whose vector is zero. Texts are cut at 4,000 characters and go in batches of like
    length, so that little is spent on padding.

    Args:
        texts: Any texts.
        dim: Length of a vector.
        embed_batch: Vectors of at most 64 texts that are not empty.
    """
    result = np.full((len(texts), dim), np.nan, np.float32)
    cut = [text[:MAX_TEXT_CHARS] for text in texts]
    rows = [row for row, text in enumerate(cut) if any(char.isalnum() for char in text)]
    rows.sort(key=lambda row: len(cut[row]))
    for start in range(0, len(rows), BATCH_SIZE):
        part = rows[start : start + BATCH_SIZE]
        vectors = np.asarray(embed_batch([cut[row] for row in part]), np.float32)
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        result[part] = np.divide(vectors, length, out=np.full_like(vectors, np.nan),
                                 where=length > 0)  # fmt: skip
    return result


class WordEmbedder:
    """WordLlama from the files of its package; 16 MB, read in a fraction of a second."""

    name = "wordllama-l2-supercat-256"

    def __init__(self) -> None:
        # its own loader looks for the tokenizer in a folder that is not there, and then downloads
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer
        from wordllama.inference import WordLlamaInference

        package = files("wordllama")
        try:
            with as_file(package / "weights" / "l2_supercat_256.safetensors") as path:
                table = load_file(path)["embedding.weight"][:, :WORD_DIM]
            config = package / "tokenizers" / "l2_supercat_tokenizer_config.json"
            tokenizer = Tokenizer.from_str(config.read_text("utf-8"))
        except (OSError, KeyError) as error:
            raise InvalidDataError(
                f"the installed wordllama has no weights or tokenizer of 256 dimensions: {error}; "
                "install it again (pip install --force-reinstall wordllama)"
            ) from error
        self._model = WordLlamaInference(table, tokenizer)
        self.dim = WORD_DIM

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """See :class:`TextEmbedder`."""
        return unit_vectors(texts, self.dim, self._embed_batch)

    def _embed_batch(self, texts: list[str]) -> FloatMatrix:
        return np.asarray(self._model.embed(texts, batch_size=BATCH_SIZE))


@cache
def word_embedder() -> WordEmbedder:
    """The default embedder, read once a process."""
    return WordEmbedder()
