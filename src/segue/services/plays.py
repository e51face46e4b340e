"""Each listener's plays as columns by time, kept, and grown by what was played since."""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

import numpy as np

from segue.store.history import History
from segue.store.history_records import HistoryMark
from segue.store.statistics import PlayColumns, Statistics
from segue.types import FloatVector, IntVector

MAX_KEPT_PLAYS = 3_000_000  # of all listeners together, 20 bytes each


class Plays(NamedTuple):
    """Plays in order of time.

    Attributes:
        track_ids: Every track among them, each once.
        track: Position in ``track_ids``, int32, shape (n,).
        at: When each began (Unix s), ascending, shape (n,).
        played_s: How long it was heard, NaN where that is not known, shape (n,).
        first_at: When each track was played for the first time, shape (n_tracks,).
    """

    track_ids: list[str]
    track: IntVector
    at: FloatVector
    played_s: FloatVector
    first_at: FloatVector

    def within(self, since: float, until: float) -> "Plays":
        """Those of ``since <= at < until`` and their tracks; ``first_at`` stays that of all."""
        some = slice(*np.searchsorted(self.at, (since, until)))
        rows, track = np.unique(self.track[some], return_inverse=True)
        return Plays([self.track_ids[row] for row in rows.tolist()], track, self.at[some],
                     self.played_s[some], self.first_at[rows])  # fmt: skip


class _Kept(NamedTuple):
    mark: HistoryMark
    newest_id: int
    plays: Plays


class KeptPlays:
    """Plays of listeners, read whole once: a second for a million of them, then only what is new.

    Args:
        store: Reads plays.
        history: Says whether anything changed.
    """

    def __init__(self, store: Statistics, history: History) -> None:
        self._store = store
        self._history = history
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = Lock()

    def of(self, listener_id: str, mark: HistoryMark) -> Plays:
        """All plays of a listener whose history has this mark, or a newer one."""
        with self._lock:
            kept = self._kept.get(listener_id)
        if kept is not None and kept.mark == mark:
            return kept.plays
        if kept is None or kept.mark.n_retracted != mark.n_retracted:
            made = _all(self._store.plays(listener_id), mark)
        else:
            made = _grown(kept, self._store.plays(listener_id, kept.newest_id), mark)
        with self._lock:
            self._kept[listener_id] = made
            self._kept.move_to_end(listener_id)
            while len(self._kept) > 1 and self._n_kept() > MAX_KEPT_PLAYS:
                self._kept.popitem(last=False)
        return made.plays

    def forget(self, listener_id: str) -> None:
        """Let go of what is kept of a listener."""
        with self._lock:
            self._kept.pop(listener_id, None)

    def _n_kept(self) -> int:
        return sum(len(kept.plays.at) for kept in self._kept.values())


def _all(read: PlayColumns, mark: HistoryMark) -> _Kept:
    return _Kept(mark, read.newest_id, _by_time(read))


def _grown(kept: _Kept, new: PlayColumns, mark: HistoryMark) -> _Kept:
    """What is kept, and plays that arrived later, whenever they were."""
    if not len(new.at):
        return kept._replace(mark=mark)
    old = kept.plays
    row_of = {id_: row for row, id_ in enumerate(old.track_ids)}
    rows = np.array([row_of.setdefault(id_, len(row_of)) for id_ in new.track_ids], np.int32)
    joined = PlayColumns(
        track_ids=list(row_of),
        track=np.concatenate((old.track, rows[new.track])),
        at=np.concatenate((old.at, new.at)),
        played_s=np.concatenate((old.played_s, new.played_s)),
        newest_id=new.newest_id,
    )
    return _all(joined, mark)


def _by_time(read: PlayColumns) -> Plays:
    order = np.argsort(read.at, kind="stable")
    track, at = read.track[order], read.at[order]
    first_at = np.zeros(len(read.track_ids))
    first_at[track[::-1]] = at[::-1]  # of several values the last one stays, the earliest play
    return Plays(read.track_ids, track, at, read.played_s[order], first_at)
