"""Okapi BM25 over short texts, as one sparse matrix.

Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond",
doi:10.1561/1500000019, with the idf ``ln(1 + (n - df + 0.5) / (df + 0.5))``, which is never
negative.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Self

import numpy as np
from scipy import sparse

from segue.models.factors import require_range
from segue.types import CsrMatrix, FloatVector, IntVector

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")  # Latin, Greek and Cyrillic; elsewhere part of the letter
_APOSTROPHES = re.compile("['’‘`´]")


def tokens(text: str) -> list[str]:
    """Words of a text: lower case, without marks; apostrophes vanish, other signs part words.

    >>> tokens("Björk -- Don't/Stop")
    ['bjork', 'dont', 'stop']
    """
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return _WORD.findall(_APOSTROPHES.sub("", plain))


class BM25:
    """Weights of every word in every text.

    Args:
        texts: Any texts; row ``i`` of the scores belongs to ``texts[i]``.
        k1: How soon repeats stop counting, >= 0; 0 counts presence alone.
        b: How much long texts are marked down, in 0..1.

    >>> index = BM25(["sad song", "happy song"])
    >>> index.scores(["sad"]).round(2).tolist()
    [0.69, 0.0]
    """

    def __init__(self, texts: Sequence[str], k1: float = 1.2, b: float = 0.5) -> None:
        require_range("k1", k1, 0)
        require_range("b", b, 0)
        require_range("1 - b", 1 - b, 0)
        self.column_of: dict[str, int] = {}
        rows: list[int] = []
        columns: list[int] = []
        for row, text in enumerate(texts):
            for word in tokens(text):
                rows.append(row)
                columns.append(self.column_of.setdefault(word, len(self.column_of)))
        shape = (len(texts), len(self.column_of))
        counts = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape)
        self.n_texts = len(texts)
        self._by_word: CsrMatrix = _weights(counts, k1, b).T.tocsr()

    @classmethod
    def of_weights(cls, words: Sequence[str], by_word: CsrMatrix) -> Self:
        """One of given weights: rows of the CSR matrix are ``words``, columns are texts."""
        index = cls(())
        index.column_of = {word: column for column, word in enumerate(words)}
        index.n_texts = by_word.shape[1]
        index._by_word = by_word
        return index

    def weights(self) -> CsrMatrix:
        """Weight of every word (row, in the order of ``column_of``) in every text (column)."""
        return self._by_word

    def scores(self, words: Sequence[str]) -> FloatVector:
        """Sum of the weights of the distinct ``words``, shape (n_texts,), float64."""
        total = np.zeros(self.n_texts)
        for word in dict.fromkeys(words):
            rows, weights = self.word(word)
            total[rows] += weights
        return total

    def word(self, word: str) -> tuple[IntVector, FloatVector]:
        """Rows of the texts with a word, and its weight there; empty for an unknown word."""
        column = self.column_of.get(word)
        if column is None:
            return np.empty(0, np.int32), np.empty(0)
        start, stop = self._by_word.indptr[column], self._by_word.indptr[column + 1]
        return self._by_word.indices[start:stop], self._by_word.data[start:stop]


def _weights(counts: CsrMatrix, k1: float, b: float) -> CsrMatrix:
    n_texts = counts.shape[0]
    df = np.diff(counts.tocsc().indptr)
    idf = np.log1p((n_texts - df + 0.5) / (df + 0.5))
    length = np.asarray(counts.sum(axis=1)).ravel()
    mean_length = length.mean() if length.any() else 1.0
    row_of = np.repeat(np.arange(n_texts), np.diff(counts.indptr))
    damping = k1 * (1.0 - b + b * length[row_of] / mean_length)
    weighted = counts.copy()
    weighted.data = idf[counts.indices] * counts.data * (k1 + 1.0) / (counts.data + damping)
    return weighted
