"""Listening sessions: the plays of one listener, cut where nothing was played for a while.

A gap of half an hour is the usual cut for web and music logs (Catledge & Pitkow 1995 found 25.5
minutes; 30Music and the session-rec framework use the like).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.records import EVENT_CODE, EventKind
from segue.types import CsrMatrix, FloatVector, IntVector

DEFAULT_GAP_MINUTES = 30.0


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions of at least two tracks, the oldest first.

    Attributes:
        places: CSR float32 (n_sessions, n_tracks); an entry is the place of the track in the
            session, from 1. Plays of the same second share a place; of a track played twice the
            last place counts.
        ended_at: Time of the last play, Unix seconds, float64, shape (n_sessions,), ascending.
    """

    places: CsrMatrix
    ended_at: FloatVector

    def __len__(self) -> int:
        return len(self.ended_at)


def sessions_of(dataset: Dataset, gap_minutes: float = DEFAULT_GAP_MINUTES) -> Sessions:
    """Cut a data set into sessions; O(plays log plays).

    A data set without play events gives its liked pairs at the time of their newest event, so that
    a matrix without times makes one session of each listener.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> sessions_of(Dataset.from_csr(likes)).places.toarray().tolist()
    [[1.0, 1.0, 0.0]]
    """
    listener_idx, track_idx, listened_at = _plays(dataset)
    order = np.lexsort((track_idx, listened_at, listener_idx))
    listener, track, at = listener_idx[order], track_idx[order], listened_at[order]
    if not len(at):
        return Sessions(sparse.csr_matrix((0, dataset.n_tracks), dtype=np.float32), np.empty(0))
    starts = np.ones(len(at), bool)
    starts[1:] = (np.diff(listener) != 0) | (np.diff(at) > 60 * gap_minutes)
    session = np.cumsum(starts) - 1
    place = _places(at, starts)
    return _packed(session, track, place, at, dataset.n_tracks)


def _plays(dataset: Dataset) -> tuple[IntVector, IntVector, FloatVector]:
    plays = dataset.events.kind == EVENT_CODE[EventKind.PLAY]
    if plays.any():
        events = dataset.events.take(plays)
        return events.listener_idx, events.track_idx, events.listened_at
    matrix = dataset.interactions.user_items
    liked = matrix.data > 0
    listener_idx = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return listener_idx[liked], matrix.indices[liked], dataset.interactions.last_listened_at[liked]


def _places(at: FloatVector, starts: np.ndarray) -> IntVector:
    """Number of different times from the start of the session up to each play, from 1."""
    later = np.ones(len(at), np.int64)
    later[1:] = starts[1:] | (np.diff(at) > 0)
    running = np.cumsum(later)
    first = running[starts]
    return running - np.repeat(first, np.diff(np.append(np.flatnonzero(starts), len(at)))) + 1


def _packed(
    session: IntVector, track: IntVector, place: IntVector, at: FloatVector, n_tracks: int
) -> Sessions:
    """One entry for each session and track, sessions of one track left out, oldest first."""
    keys = session.astype(np.int64) * n_tracks + track
    unique, where = np.unique(keys, return_inverse=True)
    last_place = np.zeros(len(unique), np.float32)
    np.maximum.at(last_place, where, place.astype(np.float32))
    owner, column = np.divmod(unique, n_tracks)
    ended_at = np.full(int(session[-1]) + 1, -np.inf)
    np.maximum.at(ended_at, session, at)
    order = np.argsort(ended_at, kind="stable")
    order = order[np.bincount(owner)[order] > 1]
    matrix = sparse.csr_matrix(
        (last_place, (owner, column)), shape=(len(ended_at), n_tracks), dtype=np.float32
    )
    return Sessions(matrix[order], ended_at[order])
