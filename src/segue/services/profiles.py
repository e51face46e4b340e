"""Each listener's taste against the set in service; what happened since is added to it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.feedback import EventColumns
from segue.data.query import Profile
from segue.data.records import NeverPlayScope
from segue.services.serving import Serving
from segue.store.history import History
from segue.store.history_records import HistoryMark, ListenerColumns, NeverPlayed
from segue.types import BoolVector

MAX_CACHED_LISTENERS = 2_000
MAX_CACHED_EVENTS = 64  # listeners whose events are kept too: 25 bytes for each event
CHECK_AGAIN_S = 5.0  # a never-play rule may end by itself, with nothing written
PROFILE_LIFE_S = 3_600.0  # preferences fade by days, so an hour-old sum is exact enough


@dataclass(slots=True)
class _Known:
    """One listener's profile for one model version, as of one revision of their history.

    ``read`` are the events it was made of, while they are kept, and ``read_at`` is when they were
    read as a whole.
    """

    mark: HistoryMark
    never: list[NeverPlayed]
    version: str | None
    made_at: float
    profile: Profile
    blocked: BoolVector | None
    revision: int  # of the database, when it was last found to hold
    checked_at: float
    read: ListenerColumns | None
    read_at: float


class Profiles:
    """Each listener's taste against the set in service; an event makes the next one new.

    Args:
        history: Events and never-play rules.
        clock: Unix time (s).
    """

    def __init__(self, history: History, clock: Callable[[], float] = time.time) -> None:
        self._history = history
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, listener_id: str, serving: Serving) -> tuple[Profile, BoolVector | None]:
        """The listener's profile and the mask of tracks never to be played to them."""
        now = self._clock()
        revision = self._history.revision()
        with self._lock:
            known = self._known.get(listener_id)
        if known is not None and _still_holds(known, serving, revision, now):
            return known.profile, known.blocked
        mark = self._history.mark(listener_id)
        never = self._history.never_played_targets(listener_id, now)
        fresh = (
            known is not None
            and known.mark == mark
            and known.never == never
            and known.version == serving.version
            and now - known.made_at < PROFILE_LIFE_S
        )
        if not fresh or known is None:
            known = self._make(listener_id, serving, mark, never, now, known)
            self._keep(listener_id, known)
        known.revision, known.checked_at = revision, now
        return known.profile, known.blocked

    def holds(self, listener_id: str, serving: Serving) -> bool:
        """Whether :meth:`of` would answer from memory: nothing was written since it was asked."""
        with self._lock:
            known = self._known.get(listener_id)
        revision = self._history.revision()
        return known is not None and _still_holds(known, serving, revision, self._clock())

    def forget(self, listener_id: str) -> None:
        """Let go of what is kept of a listener."""
        with self._lock:
            self._known.pop(listener_id, None)

    def _keep(self, listener_id: str, known: _Known) -> None:
        with self._lock:
            self._known[listener_id] = known
            self._known.move_to_end(listener_id)
            while len(self._known) > MAX_CACHED_LISTENERS:
                self._known.popitem(last=False)
            with_events = [old for old in reversed(self._known.values()) if old.read is not None]
            for old in with_events[MAX_CACHED_EVENTS:]:
                old.read = None

    def _make(
        self,
        listener_id: str,
        serving: Serving,
        mark: HistoryMark,
        never: list[NeverPlayed],
        now: float,
        before: _Known | None,
    ) -> _Known:
        tracks = serving.tracks
        if before is not None and _only_grew(before, serving, mark, now):
            read, read_at = self._with_new(listener_id, serving, before.read), before.read_at
        else:
            read = self._history.columns_of(listener_id, tracks.ids, tracks.duration_s)
            read_at = now
        profile = Profile.from_columns(read.events, now, n_unknown=read.n_unknown)
        blocked = blocked_tracks(never, tracks)
        if before is not None and before.version == serving.version and before.never == never:
            blocked = before.blocked  # the same mask, so that what was made of it holds
        return _Known(mark, never, serving.version, now, profile, blocked, -1, now, read, read_at)

    def _with_new(
        self, listener_id: str, serving: Serving, read: ListenerColumns | None
    ) -> ListenerColumns:
        """What was read before and what has arrived since, in order of arrival."""
        tracks = serving.tracks
        after = 0 if read is None else read.newest_id
        new = self._history.columns_of(listener_id, tracks.ids, tracks.duration_s, after)
        if read is None:
            return new
        return ListenerColumns(EventColumns.joined((read.events, new.events)),
                               read.n_unknown + new.n_unknown, new.newest_id)  # fmt: skip


def _still_holds(known: _Known, serving: Serving, revision: int, now: float) -> bool:
    """Whether nothing at all was written since the listener's history was last looked at."""
    return (
        known.revision == revision
        and known.version == serving.version
        and 0 <= now - known.checked_at < CHECK_AGAIN_S
        and now - known.made_at < PROFILE_LIFE_S
    )


def _only_grew(known: _Known, serving: Serving, mark: HistoryMark, now: float) -> bool:
    """Whether the events read before still hold, so that only newer ones need to be read.

    Not when one was taken back, nor for another set of models, whose rows are others.
    """
    return (
        known.read is not None
        and known.version == serving.version
        and known.version is not None  # the rows of the bare catalogue change
        and known.mark.n_retracted == mark.n_retracted
        and known.mark.newest_event_id <= mark.newest_event_id
        and 0 <= now - known.read_at < PROFILE_LIFE_S
    )


def blocked_tracks(never: Sequence[NeverPlayed], tracks: TrackTable) -> BoolVector | None:
    """Mask (n_tracks,) of what a listener's never-play rules cover, or None without rules.

    An artist's rule covers the tracks whose main artist it is.
    """
    if not never:
        return None
    mask = np.zeros(len(tracks), bool)
    columns = {
        NeverPlayScope.TRACK: (tracks.ids, np.arange(len(tracks))),
        NeverPlayScope.ARTIST: (tracks.artist_ids, tracks.artist_idx),
        NeverPlayScope.ALBUM: (tracks.album_ids, tracks.album_idx),
    }
    for rule in never:
        vocabulary, column = columns[NeverPlayScope(rule.scope)]
        row = vocabulary.get(rule.target_id)
        if row is not None:
            mask |= column == row
    return mask
