"""Radio tried on simulated listeners: one list played to its end, or one that follows skips.

Both go through the one pipeline. The adapting radio asks again after every track, with what was
heard so far as the listener's profile, and with skipped tracks as seeds to move away from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.feedback import EventColumns
from segue.data.query import Controls, Profile, Query
from segue.data.records import EVENT_CODE, EventKind
from segue.evaluation.simulator import SimulatedSession
from segue.pipeline.build import build_list
from segue.pipeline.candidates import Source

TRACK_S = 200.0
SKIPPED_FRACTION = 0.1


@dataclass(frozen=True, slots=True)
class Radio:
    """What a radio does with an answer.

    ``profile``: the session's events are the listener's profile. ``finished`` and ``skipped``:
    weights of such tracks as seeds, beside the first seed of weight 1; 0 leaves them out.
    """

    name: str
    profile: bool = False
    finished: float = 0.0
    skipped: float = 0.0

    @property
    def adapts(self) -> bool:
        """Whether anything that was heard changes what comes next."""
        return self.profile or self.finished != 0 or self.skipped != 0


def play(
    radio: Radio,
    session: SimulatedSession,
    tracks: TrackTable,
    sources: Sequence[Source],
    n: int,
    now: float,
) -> list[bool]:
    """Whether each of up to ``n`` tracks of a session was skipped.

    Args:
        radio: How it follows.
        session: Who listens; a new one for each radio.
        tracks: The catalogue.
        sources: Models fitted on other listeners.
        n: Tracks of the session, >= 1.
        now: Unix time (s) at which it begins.
    """
    seed = session.seed_track()
    heard: list[tuple[int, bool]] = []
    queue: list[int] = []
    while len(heard) < n:
        if not queue or radio.adapts:
            queue = _next(radio, seed, heard, tracks, sources, n - len(heard), now)
        if not queue:
            break
        track = queue.pop(0)
        heard.append((track, session.offer(track)))
    return [skipped for _, skipped in heard]


def _next(
    radio: Radio,
    seed: int,
    heard: Sequence[tuple[int, bool]],
    tracks: TrackTable,
    sources: Sequence[Source],
    n: int,
    now: float,
) -> list[int]:
    controls = Controls(owned_only=False)
    blocked = np.zeros(len(tracks), bool)
    blocked[[track for track, _ in heard]] = True
    profile = _profile_of(heard, now) if radio.profile else Profile.empty()
    query = Query("radio", profile, n, controls, _seeds(radio, seed, heard), blocked,
                  now + TRACK_S * len(heard), before=[track for track, _ in heard])  # fmt: skip
    found = build_list(query, tracks, sources)
    return [tracks.ids.index(place.track_id) for place in found.tracks]


def _seeds(radio: Radio, seed: int, heard: Sequence[tuple[int, bool]]) -> Mapping[int, float]:
    seeds = {seed: 1.0}
    for track, skipped in heard:
        weight = radio.skipped if skipped else radio.finished
        if weight:
            seeds[track] = weight
    return seeds


def _profile_of(heard: Sequence[tuple[int, bool]], now: float) -> Profile:
    n = len(heard)
    skipped = np.array([was for _, was in heard], bool)
    kinds = np.where(skipped, EVENT_CODE[EventKind.SKIP], EVENT_CODE[EventKind.PLAY])
    columns = EventColumns(
        np.zeros(n, np.int32),
        np.array([track for track, _ in heard], np.int32),
        kinds.astype(np.int8),
        now + TRACK_S * np.arange(n),
        np.where(skipped, SKIPPED_FRACTION, 1.0).astype(np.float32),
        np.full(n, np.nan, np.float32),
    )
    return Profile.from_columns(columns, now + TRACK_S * n)
