"""Many texts as two arrays: their UTF-8 bytes in a row, and where each begins.

A million Python strings are a million objects of some 70 bytes. Packed they take what they say,
can be mapped from a file, and only the pages that are asked for come into memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from segue.errors import InvalidDataError

PARTS = ("bytes", "starts")


class PackedTexts(Sequence[str]):
    """A read-only sequence of texts; one is decoded when it is asked for, in a third of a µs.

    Args:
        text: UTF-8, uint8 (n_bytes,).
        starts: Where each text begins, then ``n_bytes``: uint32 or int64 (n + 1,), ascending.

    Raises:
        InvalidDataError: The two do not belong together.

    >>> names = PackedTexts.of(["björk", "", "burial"])
    >>> len(names), names[0], names[-1], names.index("")
    (3, 'björk', 'burial', 1)
    """

    __slots__ = ("_begin", "_bytes", "starts", "text")

    def __init__(self, text: NDArray[Any], starts: NDArray[Any]) -> None:
        fits = text.ndim == starts.ndim == 1 and text.dtype == np.uint8 and len(starts) > 0
        if not fits or starts.dtype.kind not in "ui" or (starts[0], starts[-1]) != (0, len(text)):
            raise InvalidDataError(
                f"packed texts are uint8 bytes and whole numbers from 0 to their count, got "
                f"{text.dtype} {text.shape} and {starts.dtype} {starts.shape}"
            )
        self.text = text
        self.starts = starts
        # a memoryview gives one item as a Python object in a third of the time that NumPy takes
        self._bytes, self._begin = text.data, starts.data

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """From texts in any form.

        Raises:
            UnicodeEncodeError: One of them is no text: half of a surrogate pair.
        """
        encoded = [text.encode() for text in texts]
        starts = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=starts[1:])
        small = int(starts[-1]) <= np.iinfo(np.uint32).max
        text = np.frombuffer(b"".join(encoded), np.uint8)
        return cls(text, starts.astype(np.uint32) if small else starts)

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """From what :meth:`to_arrays` gave."""
        return cls(*(arrays[part] for part in PARTS))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The two arrays by the names in :data:`PARTS`."""
        return {"bytes": self.text, "starts": self.starts}

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """One text, or a list of some; ``IndexError`` where there is none."""
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = index if index >= 0 else index + len(self)
        begin = self._begin
        try:
            if at >= 0:
                return str(self._bytes[begin[at] : begin[at + 1]], "utf-8")
        except IndexError:
            pass
        raise IndexError(f"there are {len(self)} texts, none at {index}")

    def encoded(self, index: int) -> bytes:
        """The bytes of one text, 0 <= ``index`` < n."""
        return bytes(self._bytes[self._begin[index] : self._begin[index + 1]])

    def __len__(self) -> int:
        """Number of texts."""
        return len(self._begin) - 1

    def __iter__(self) -> Iterator[str]:
        """All texts in turn."""
        return (str(self._bytes[begin:end], "utf-8") for begin, end in pairwise(self._begin))

    def __eq__(self, other: object) -> bool:
        """Whether another sequence holds the same texts in the same order."""
        if isinstance(other, PackedTexts):
            return np.array_equal(self.text, other.text) and np.array_equal(
                self.starts, other.starts
            )
        if not isinstance(other, Sequence) or isinstance(other, str) or len(self) != len(other):
            return False
        return all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PackedTexts({len(self)} texts, {len(self.text)} bytes)"

    def width(self) -> int | None:
        """The bytes that every text has, where they all have as many; None where they differ."""
        n = len(self)
        if not n or len(self.text) % n:
            return None
        each = len(self.text) // n
        same = np.array_equal(self.starts, np.arange(0, len(self.text) + 1, each or 1)[: n + 1])
        return each if same and each else None
