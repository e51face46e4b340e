"""A vocabulary whose ids and hash table are arrays: mapped from files, not made at every start.

A dictionary of a million strings takes 180 MB and most of a second. Here the rows stand ordered by
the bucket of their id (its CRC-32, masked), and a second array says where each bucket begins, as in
a CSR matrix; a bucket holds one row on average. The ids themselves decide: a bucket only says where
to look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from segue.data.packed_texts import PARTS, PackedTexts
from segue.data.vocabulary import Vocabulary
from segue.errors import InvalidDataError
from segue.types import IntVector

MANY = 32  # ids from which on they are looked up together


class PackedVocabulary(Vocabulary):
    """The same as :class:`~segue.data.vocabulary.Vocabulary`; one lookup takes about a µs.

    Args:
        ids: Each once.
        begins: Where each bucket begins in ``rows``, then n: uint32 (n_buckets + 1,), the number of
            buckets a power of two.
        rows: Rows by bucket, int32 (n,).

    Raises:
        InvalidDataError: The arrays do not belong together.

    >>> artists = PackedVocabulary.of(["björk", "burial"])
    >>> artists.index("burial"), artists.get("unknown"), artists[0]
    (1, None, 'björk')
    """

    __slots__ = ("_at", "_begin", "_begins", "_mask", "_row_at", "_texts", "_width")

    def __init__(self, ids: PackedTexts, begins: NDArray[Any], rows: NDArray[Any]) -> None:
        n_buckets = len(begins) - 1
        if n_buckets < 1 or n_buckets & (n_buckets - 1) or (begins[0], begins[-1]) != (0, len(ids)):
            raise InvalidDataError(f"{n_buckets} buckets do not hold {len(ids)} ids")
        if rows.shape != (len(ids),) or rows.dtype != np.int32:
            raise InvalidDataError(f"{len(ids)} ids need as many rows, got {rows.shape}")
        self._texts = ids
        self._begins, self._at = begins, rows
        self._begin, self._row_at = begins.data, rows.data
        self._mask = n_buckets - 1
        self._width = ids.width()

    @classmethod
    def of(cls, ids: Iterable[str]) -> "PackedVocabulary":
        """From ids in any form.

        Raises:
            InvalidDataError: An id appears twice or is not a string.
        """
        names = ids if isinstance(ids, Vocabulary) else Vocabulary(ids)
        texts = PackedTexts.of(names)
        n_buckets = 1 << max(len(texts) - 1, 0).bit_length()
        hashes = np.fromiter((crc32(id_.encode()) for id_ in names), np.uint32, len(names))
        bucket_of = hashes & np.uint32(n_buckets - 1)
        rows = np.argsort(bucket_of, kind="stable").astype(np.int32)
        begins = np.zeros(n_buckets + 1, np.uint32)
        np.cumsum(np.bincount(bucket_of, minlength=n_buckets), out=begins[1:])
        return cls(texts, begins, rows)

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "PackedVocabulary":
        """From what :meth:`to_arrays` gave."""
        return cls(PackedTexts.of_arrays(arrays), arrays["begins"], arrays["rows"])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Four arrays by the names in :data:`VOCABULARY_PARTS`."""
        return self._texts.to_arrays() | {"begins": self._begins, "rows": self._at}

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, str) and self.get(id_) is not None

    def __getitem__(self, row: int) -> str:
        return self._texts[row]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self._texts == other.ids

    __hash__ = None  # type: ignore[assignment]

    @property
    def ids(self) -> Sequence[str]:
        """All ids in row order."""
        return self._texts

    def index(self, id_: str) -> int:
        """The row of an id; ``KeyError`` when it is unknown."""
        row = self.get(id_)
        if row is None:
            raise KeyError(id_)
        return row

    def get(self, id_: str) -> int | None:
        """The row of an id, or None when it is unknown."""
        key = id_.encode("utf-8", "surrogatepass")
        bucket = crc32(key) & self._mask
        for place in range(self._begin[bucket], self._begin[bucket + 1]):
            row = self._row_at[place]
            if self._texts.encoded(row) == key:
                return row
        return None

    def rows(self, ids: Iterable[str], missing: int = -1) -> IntVector:
        """Rows of many ids, shape (n,), int32; ``missing`` where an id is unknown."""
        asked = list(ids)
        if self._width is not None and len(asked) >= MANY:
            return self._rows_together(asked, self._width, missing)
        get = self.get
        found = (missing if (row := get(id_)) is None else row for id_ in asked)
        return np.fromiter(found, np.int32, len(asked))

    def _rows_together(self, asked: Sequence[str], width: int, missing: int) -> IntVector:
        """The same in passes over arrays, for ids that all have as many bytes."""
        keys = [id_.encode("utf-8", "surrogatepass") for id_ in asked]
        found = np.full(len(keys), missing, np.int32)
        fits = np.fromiter(map(len, keys), np.int64, len(keys)) == width
        left = np.flatnonzero(fits)
        # NumPy's S type drops zeros at the end; of texts of one length that makes none equal
        known = self._texts.text.view(f"S{width}")
        wanted = np.array(keys, f"S{width}")
        bucket = np.fromiter(map(crc32, keys), np.uint32, len(keys)) & np.uint32(self._mask)
        place, end = self._begins[bucket].astype(np.int64), self._begins[bucket + np.uint32(1)]
        while len(left := left[place[left] < end[left]]):
            rows = self._at[place[left]]
            same = known[rows] == wanted[left]
            found[left[same]] = rows[same]
            left = left[~same]
            place[left] += 1
        return found


VOCABULARY_PARTS = (*PARTS, "begins", "rows")
