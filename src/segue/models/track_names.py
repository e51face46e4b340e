"""The folded genres, tags and moods of each track: tracks with the same ones share one set.

A library has a million tracks and a few thousand ways of being tagged. So a question about names is
asked of those, and answered for all tracks by one pass over an array.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import overload

import numpy as np

from segue.rng import derived_rng
from segue.types import BoolVector, CsrMatrix, IntVector


class TrackNames(Sequence[frozenset[str]]):
    """A sequence of sets of names, one a track.

    Args:
        distinct: The sets that there are.
        kind_of: Which of them each track has, int32, shape (n_tracks,).
    """

    def __init__(self, distinct: Sequence[frozenset[str]], kind_of: IntVector) -> None:
        self.distinct = tuple(distinct)
        self.kind_of = kind_of

    @classmethod
    def of(cls, names: Iterable[frozenset[str]]) -> "TrackNames":
        """From one set a track.

        >>> names = TrackNames.of([frozenset({"folk"}), frozenset(), frozenset({"folk"})])
        >>> len(names), len(names.distinct), names.have({"folk"}).tolist()
        (3, 2, [True, False, True])
        """
        if isinstance(names, TrackNames):
            return names
        number: dict[frozenset[str], int] = {}
        kinds = [number.setdefault(own, len(number)) for own in names]
        return cls(tuple(number), np.array(kinds, np.int32))

    @classmethod
    def of_terms(cls, terms: CsrMatrix, names: Sequence[str], counts: BoolVector) -> "TrackNames":
        """From the terms of tracks that are above zero.

        Args:
            terms: CSR (n_tracks, n_terms).
            names: Of each term.
            counts: Mask (n_terms,) of the terms that are names.
        """
        kept = counts[terms.indices] & (terms.data > 0)
        ends = np.concatenate([[0], np.cumsum(kept)])[terms.indptr]
        columns = np.asarray(terms.indices)[kept]
        # rows with the same columns have the same sum of 64 random bits a column
        marks = derived_rng(0, "track names").integers(1 << 63, size=len(names), dtype=np.uint64)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(marks[columns], dtype=np.uint64)])
        _, first, kind_of = np.unique(
            sums[ends[1:]] - sums[ends[:-1]], return_index=True, return_inverse=True
        )
        distinct = [
            frozenset(map(names.__getitem__, columns[ends[row] : ends[row + 1]].tolist()))
            for row in first.tolist()
        ]
        return cls(distinct, kind_of.astype(np.int32))

    @overload
    def __getitem__(self, index: int) -> frozenset[str]: ...
    @overload
    def __getitem__(self, index: slice) -> "TrackNames": ...
    def __getitem__(self, index: int | slice) -> "frozenset[str] | TrackNames":
        """The names of one track, or of some."""
        if isinstance(index, slice):
            return TrackNames(self.distinct, self.kind_of[index])
        return self.distinct[int(self.kind_of[index])]

    def __len__(self) -> int:
        """Number of tracks."""
        return len(self.kind_of)

    def have(self, names: Iterable[str]) -> BoolVector:
        """Mask (n_tracks,) of the tracks that have any of these."""
        wanted = frozenset(names)
        has = np.array([not wanted.isdisjoint(own) for own in self.distinct], bool)
        return has[self.kind_of] if len(has) else np.zeros(len(self), bool)

    def rows_by(self, key: Callable[[str], str]) -> dict[str, IntVector]:
        """The rows of the tracks under each key of a name, ascending."""
        number: dict[str, int] = {}
        key_of: dict[str, int] = {}
        of_kind: list[list[int]] = []
        for own in self.distinct:
            for name in own:
                if name not in key_of:
                    key_of[name] = number.setdefault(key(name), len(number))
            of_kind.append(sorted({key_of[name] for name in own}))
        sizes = np.array([len(keys) for keys in of_kind], np.int64)
        keys = np.array([k for keys in of_kind for k in keys], np.int64)
        n_each = sizes[self.kind_of] if len(sizes) else np.zeros(0, np.int64)
        rows = np.repeat(np.arange(len(self), dtype=np.int32), n_each)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(n_each) - n_each, n_each)
        starts = np.cumsum(sizes) - sizes
        found = keys[np.repeat(starts[self.kind_of], n_each) + within] if len(rows) else keys[:0]
        order = np.argsort(found, kind="stable")  # so rows ascend under each key
        bounds = np.searchsorted(found[order], np.arange(len(number) + 1))
        return {name: rows[order[bounds[at] : bounds[at + 1]]] for name, at in number.items()}
