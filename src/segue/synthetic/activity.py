"""Years of listening by planted listeners: plays, skips, loves, dislikes and ratings.

Every pick of a session is free (from the session's mode of taste), a relisten (ACT-R,
:mod:`segue.synthetic.relistening`), part of an album run, or bad luck (popularity alone). Each
listener is drawn from a generator of their own: nobody changes anybody else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from segue.data.dataset import TrackTable
from segue.data.feedback import UNKNOWN_DURATION_S, EventColumns
from segue.data.records import EVENT_KINDS, Event, EventKind
from segue.errors import InvalidDataError, InvalidInputError
from segue.rng import derived_rng
from segue.synthetic.choices import EpochChoice, draw_by_popularity, epoch_choice, liking
from segue.synthetic.outcomes import listener_events
from segue.synthetic.relistening import draw_sources, origins
from segue.synthetic.sessions import Sessions, draw_sessions
from segue.synthetic.taste import Listeners
from segue.types import BoolVector, FloatVector, IntVector

_FIELDS = ("listener_idx", "track_idx", "kind", "listened_at", "played_fraction", "value")


@dataclass(frozen=True, slots=True)
class AlbumTable:
    """Tracks of each album in row order: ``order[first[a] : first[a] + size[a]]``."""

    of_track: IntVector
    order: IntVector
    first: IntVector
    size: IntVector


def album_table(tracks: TrackTable) -> AlbumTable:
    """Albums of a catalogue; tracks without one are not in ``order``'s used part."""
    of_track = np.asarray(tracks.album_idx, np.int64)
    order = np.argsort(of_track, kind="stable")
    n_albums = len(tracks.album_ids)
    size = np.bincount(of_track[of_track >= 0], minlength=n_albums)
    first = np.searchsorted(of_track[order], np.arange(n_albums))
    return AlbumTable(of_track, order, first, size)


@dataclass(frozen=True, slots=True)
class Picks:
    """Picks of one listener in order, shape (n_picks,): before it is known what is heard.

    ``origin`` is the pick whose track is repeated, itself for a new pick.
    """

    session: IntVector
    track_idx: IntVector
    origin: IntVector
    liking: FloatVector

    @property
    def is_relisten(self) -> BoolVector:
        """True where an earlier pick is repeated."""
        return self.origin != np.arange(len(self.origin))


def default_listener_id(listener_idx: int) -> str:
    """Id of a synthetic listener.

    >>> default_listener_id(0)
    'listener-0001'
    """
    return f"listener-{listener_idx + 1:04d}"


def listen_columns(
    listeners: Listeners,
    tracks: TrackTable,
    start: float,
    days: float,
    seed: int,
    rows: Sequence[int] | IntVector | None = None,
) -> EventColumns:
    """All events of a time of listening as columns, by listener, in order of time within each.

    Args:
        listeners: Made by ``make_listeners`` from the same table.
        tracks: The catalogue.
        start: Unix time (s, UTC).
        days: Length of the time, days > 0.
        seed: Draws of behaviour; taste comes from the seed of ``make_listeners``.
        rows: Only these listeners; all when None.

    Raises:
        InvalidInputError: ``days`` is not above 0.
        InvalidDataError: The catalogue is not the one that the listeners were made for.
    """
    parts = list(_each(listeners, tracks, start, days, seed, rows))
    if not parts:
        return EventColumns.empty()
    return EventColumns(*(np.concatenate([getattr(p, f) for p in parts]) for f in _FIELDS))


def listen(
    listeners: Listeners,
    tracks: TrackTable,
    start: float,
    days: float,
    seed: int,
    listener_id: Callable[[int], str] = default_listener_id,
    rows: Sequence[int] | IntVector | None = None,
) -> Iterator[Event]:
    """The same events as :func:`listen_columns`, as records, in time order for each listener.

    Idempotency keys say seed, start and number: making the same events twice stores them once.
    ``listener_id`` turns a number into an id, so that real accounts can be given a history.
    """
    known = np.nan_to_num(np.asarray(tracks.duration_s, np.float64))
    duration_s = np.where(known > 0, known, UNKNOWN_DURATION_S)
    for events in _each(listeners, tracks, start, days, seed, rows):
        id_ = listener_id(int(events.listener_idx[0])) if len(events) else ""
        played_s = (events.played_fraction * duration_s[events.track_idx]).tolist()
        columns = zip(events.track_idx.tolist(), events.kind.tolist(), events.listened_at.tolist(),
                      played_s, events.value.tolist(), strict=True)  # fmt: skip
        for number, (track, kind, at, played, value) in enumerate(columns):
            yield Event(
                listener_id=id_,
                track_id=tracks.ids[track],
                kind=EVENT_KINDS[kind],
                listened_at=at,
                idempotency_key=f"synthetic-{seed}-{start:.0f}-{number}",
                played_s=None if np.isnan(played) else played,
                value=value if EVENT_KINDS[kind] is EventKind.RATE else None,
                source="synthetic",
            )


def _each(
    listeners: Listeners,
    tracks: TrackTable,
    start: float,
    days: float,
    seed: int,
    rows: Sequence[int] | IntVector | None,
) -> Iterator[EventColumns]:
    """Events of one listener after the other; both public forms come from here."""
    if not days > 0:
        raise InvalidInputError(f"days must be above 0, got {days}")
    if len(tracks) != listeners.space.n_tracks:
        raise InvalidDataError(
            f"the listeners were made for {listeners.space.n_tracks} tracks, got {len(tracks)}"
        )
    albums = album_table(tracks)
    for idx in range(len(listeners)) if rows is None else map(int, rows):
        if not 0 <= idx < len(listeners):
            raise InvalidInputError(f"rows must hold 0..{len(listeners) - 1}, got {idx}")
        rng = derived_rng(seed, "listen", idx)
        sessions = draw_sessions(listeners, idx, start, days, rng)
        picks = draw_picks(listeners, idx, sessions, albums, rng)
        yield listener_events(
            idx, picks.session, picks.track_idx, picks.liking, picks.is_relisten, sessions.start,
            tracks, start, days, listeners.params, rng,
        )  # fmt: skip


def draw_picks(
    listeners: Listeners,
    listener_idx: int,
    sessions: Sessions,
    albums: AlbumTable,
    rng: np.random.Generator,
) -> Picks:
    """Which tracks one listener takes, in order."""
    params = listeners.params
    session = np.repeat(np.arange(len(sessions)), sessions.length)
    n = len(session)
    modes = listeners.modes(listener_idx)
    mode = _modes_of_picks(listeners, listener_idx, sessions, session, rng)
    is_repeat = rng.random(n) >= listeners.novelty[listener_idx]
    bad_luck = ~is_repeat & (rng.random(n) < params.noise_share)
    noise = rng.standard_normal(n)
    epoch = listeners.epoch(sessions.start)[session]
    choices = {e: epoch_choice(listeners, listener_idx, e) for e in np.unique(epoch).tolist()}
    drawn = _free_picks(choices, epoch, np.searchsorted(modes, mode), rng.random(n))
    drawn = np.where(bad_luck, draw_by_popularity(listeners, rng.random(n)), drawn)
    drawn, in_run, keep = _album_runs(drawn, session, sessions, albums)
    is_repeat &= ~in_run
    first_liking = liking(_ranks(choices, epoch, drawn), noise, params.predictability)
    eligible = keep & (is_repeat | (first_liking >= params.skip_share))
    source = draw_sources(
        session, mode, eligible, is_repeat & keep, sessions.start, params.memory_decay, rng
    )
    origin = origins(source)
    track_idx = drawn[origin]
    likings = liking(_ranks(choices, epoch, track_idx), noise, params.predictability)
    number = np.cumsum(keep) - 1
    return Picks(session[keep], track_idx[keep], number[origin[keep]], likings[keep])


def _modes_of_picks(
    listeners: Listeners,
    listener_idx: int,
    sessions: Sessions,
    session: IntVector,
    rng: np.random.Generator,
) -> IntVector:
    """The session's mode, or now and then another one that the hour allows."""
    hours = (sessions.start // 3600).astype(np.int64) % 24
    shares = np.cumsum(listeners.mode_shares(listener_idx), axis=1)[hours][session]
    u, stray = rng.random((2, len(session)))
    other = (shares <= (u * shares[:, -1])[:, None]).sum(axis=1)
    return np.where(stray >= listeners.params.coherence, other, sessions.mode[session])


def _free_picks(
    choices: dict[int, EpochChoice], epoch: IntVector, mode: IntVector, u: FloatVector
) -> IntVector:
    drawn = np.zeros(len(epoch), np.int64)
    for e, choice in choices.items():
        for m in range(len(choice.shares)):
            here = np.flatnonzero((epoch == e) & (mode == m))
            drawn[here] = choice.draw(m, u[here])
    return drawn


def _ranks(choices: dict[int, EpochChoice], epoch: IntVector, track_idx: IntVector) -> FloatVector:
    rank = np.zeros(len(epoch))
    for e, choice in choices.items():
        here = epoch == e
        rank[here] = choice.rank(track_idx[here])
    return rank


def _album_runs(
    drawn: IntVector, session: IntVector, sessions: Sessions, albums: AlbumTable
) -> tuple[IntVector, BoolVector, BoolVector]:
    """Picks with album runs put in, which picks are in one, and which to keep (albums end)."""
    if not len(session):
        nothing = np.zeros(0, bool)
        return drawn, nothing, ~nothing
    first = np.cumsum(sessions.length) - sessions.length
    album = albums.of_track[drawn[first]][session]  # the first pick decides which album it is
    in_run = sessions.album_run[session] & (album >= 0)
    position = np.arange(len(session)) - first[session]
    keep = ~in_run
    keep[in_run] = position[in_run] < albums.size[album[in_run]]
    run = in_run & keep
    drawn = drawn.copy()
    drawn[run] = albums.order[albums.first[album[run]] + position[run]]
    return drawn, in_run, keep
