"""The two-way map between stable ids and the rows of one data set."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from segue.errors import InvalidDataError
from segue.types import IntVector


class Vocabulary:
    """An ordered set of ids; the position of an id is its row.

    Raises:
        InvalidDataError: An id appears twice or is not a string.

    >>> artists = Vocabulary(["björk", "burial"])
    >>> artists.index("burial"), artists.get("unknown"), artists[0]
    (1, None, 'björk')
    """

    __slots__ = ("_ids", "_rows")

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._ids: list[str] = list(ids)
        self._rows: dict[str, int] = {}
        if set(map(type, self._ids)) <= {str}:  # a tenth of the time, for a million of them
            self._rows = dict(zip(self._ids, range(len(self._ids)), strict=True))
            if len(self._rows) == len(self._ids):
                return
            self._rows = {}
        self._find_fault()

    def _find_fault(self) -> None:
        """Fill in row by row, and say which id is wrong; a kind of string is none."""
        for row, id_ in enumerate(self._ids):
            if not isinstance(id_, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise InvalidDataError(f"id {id_!r} in row {row} is not a string; convert it first")
            if self._rows.setdefault(id_, row) != row:
                raise InvalidDataError(f"id {id_!r} stands in rows {self._rows[id_]} and {row}")

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._rows

    def __getitem__(self, row: int) -> str:
        return self._ids[row]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self._ids == other._ids

    __hash__ = None  # type: ignore[assignment]

    @property
    def ids(self) -> Sequence[str]:
        """All ids in row order."""
        return self._ids

    def index(self, id_: str) -> int:
        """The row of an id; ``KeyError`` when it is unknown."""
        return self._rows[id_]

    def get(self, id_: str) -> int | None:
        """The row of an id, or None when it is unknown."""
        return self._rows.get(id_)

    def rows(self, ids: Iterable[str], missing: int = -1) -> IntVector:
        """Rows of many ids, shape (n,), int32; ``missing`` where an id is unknown."""
        get = self._rows.get
        return np.fromiter((get(id_, missing) for id_ in ids), dtype=np.int32)
