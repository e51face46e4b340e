"""What came before and what came after each point of the sessions, as two track-by-track sums.

The partial sessions of SLIT: Choi et al. 2021, "Session-aware Linear Item-Item Models for
Session-based Recommendation" (arXiv:2103.16104), section 4.2. A session is cut at each place p from
2 on. The source row s holds the tracks before the cut, ``exp(-(p - 1 - place) / position_decay)``;
the target row t those from it on, ``exp(-(place - p) / position_decay)``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

BLOCK_ENTRIES = 2_000_000  # entries of the source rows held at once: about 50 MB with the targets


@dataclass(frozen=True, slots=True)
class Cuts:
    """Source rows S and target rows T, CSR (n_cuts, n_tracks), and the session of each row."""

    source: CsrMatrix
    target: CsrMatrix
    session: IntVector


def cuts_of(places: CsrMatrix, position_decay: float, window: int) -> Cuts:
    """All cuts of some sessions.

    Args:
        places: CSR (n_sessions, n_tracks), places from 1 as in
            :class:`~segue.models.sessions.Sessions`.
        position_decay: Places after which a weight is 1/e, > 0.
        window: Places on either side of a cut that count, >= 1.

    >>> cuts = cuts_of(sparse.csr_matrix([[1.0, 2.0]]), 1.0, 5)
    >>> cuts.source.toarray().tolist(), cuts.target.toarray().tolist()
    ([[1.0, 0.0]], [[0.0, 1.0]])
    """
    place = np.asarray(places.data).astype(np.int64)
    session = np.repeat(np.arange(places.shape[0]), np.diff(places.indptr))
    last = np.ones(places.shape[0], np.int64)
    np.maximum.at(last, session, place)
    first_row = np.concatenate(([0], np.cumsum(last - 1)))
    sides: list[CsrMatrix] = []
    for side in ("source", "target"):
        rows, columns, data = [], [], []
        for distance in range(window):
            cut = place + 1 + distance if side == "source" else place - distance
            kept = np.flatnonzero((cut >= 2) & (cut <= last[session]))
            rows.append(first_row[session[kept]] + cut[kept] - 2)
            columns.append(places.indices[kept])
            data.append(np.full(len(kept), np.exp(-distance / position_decay)))
        entries = (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns)))
        sides.append(sparse.csr_matrix(entries, shape=(int(first_row[-1]), places.shape[1])))
    return Cuts(sides[0], sides[1], np.repeat(np.arange(places.shape[0]), last - 1))


def add_moments(
    places: CsrMatrix,
    weight: FloatVector,
    position_decay: float,
    window: int,
    gram: FloatMatrix,
    cross: FloatMatrix,
) -> None:
    """Add ``S' W S`` to ``gram`` and ``S' W T`` to ``cross``, both (n_tracks, n_tracks), in place.

    Sessions pass by in blocks, so that memory beside the two sums is bounded.

    Args:
        places: As for :func:`cuts_of`.
        weight: The diagonal of W, one number a session, shape (n_sessions,).
        position_decay: As for :func:`cuts_of`.
        window: As for :func:`cuts_of`.
        gram: Dense, overwritten.
        cross: Dense, overwritten.
    """
    for start, stop in _blocks(places, window):
        cuts = cuts_of(places[start:stop], position_decay, window)
        weighted = (sparse.diags_array(weight[start:stop][cuts.session]) @ cuts.source).T.tocsr()
        for total, rows in ((gram, cuts.source), (cross, cuts.target)):
            part = sparse.coo_matrix(weighted @ rows)
            total[part.row, part.col] += part.data


def _blocks(places: CsrMatrix, window: int) -> Iterator[tuple[int, int]]:
    """Consecutive ``(start, stop)`` of one session, or of at most ``BLOCK_ENTRIES`` entries."""
    up_to = np.asarray(places.indptr, np.int64) * window
    start, n_sessions = 0, places.shape[0]
    while start < n_sessions:
        fits = int(np.searchsorted(up_to, up_to[start] + BLOCK_ENTRIES, side="right")) - 1
        stop = min(max(fits, start + 1), n_sessions)
        yield start, stop
        start = stop
