"""Hard controls: which tracks may be in a list at all, and one recording once.

Every rule has a name, and says how many tracks it took out, in the order of :data:`FILTERS`; a
track that several rules exclude is counted at the first.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np

from segue.data.compiled import is_compiled
from segue.data.dataset import TrackTable
from segue.data.query import Query
from segue.data.sorted_rows import distinct
from segue.errors import InvalidInputError
from segue.pipeline.rank import Ranking
from segue.types import BoolVector, IntVector

USUAL_LENGTH_S = (30.0, 1200.0)  # shorter is a jingle or a skit, longer a mix or a whole recording
USUAL_SHARE = 0.1  # of the allowed tracks; with fewer, unusual is what this library or genre is


class Heard(StrEnum):
    """What a station does with tracks that the listener has an event of."""

    ANY = "any"
    NEVER = "never"  # only tracks without any event, in any version


# Each rule gives the mask (n_tracks,) of tracks it keeps, or None when it is not asked for.
Filter = Callable[[Query, TrackTable, Heard], BoolVector | None]


def allowed_tracks(
    query: Query, tracks: TrackTable, heard: Heard = Heard.ANY
) -> tuple[BoolVector, dict[str, int]]:
    """Mask (n_tracks,) of the tracks that may be in the list, and what each rule removed.

    Raises:
        InvalidInputError: ``query.blocked`` has another length than the catalogue.
    """
    allowed = np.ones(len(tracks), bool)
    removed: dict[str, int] = {}
    left = len(tracks)
    for name, rule in FILTERS:
        keep = rule(query, tracks, heard)
        if keep is None:
            continue
        allowed &= keep
        now_left = int(np.count_nonzero(allowed))
        if now_left < left:
            removed[name] = left - now_left
        left = now_left
    return allowed, removed


def not_blocked(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """Never-play is a filter in every list, fallbacks included."""
    if query.blocked is None:
        return None
    if len(query.blocked) != len(tracks):
        raise InvalidInputError(
            f"blocked must have {len(tracks)} rows, one for each track, got {len(query.blocked)}"
        )
    return ~query.blocked


def not_disliked(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """A disliked track stays out of every list made for that listener."""
    known = query.profile.known
    return _all_but(len(tracks), known.track_idx[known.disliked])


def playable(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """Only tracks with a file, when asked."""
    return tracks.owned if query.controls.owned_only else None


def clean(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """No track that is said to be explicit, when asked."""
    return None if query.controls.allow_explicit else ~tracks.explicit


def of_genres(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """Tracks of at least one of the genres asked for, by name whatever the case."""
    if not query.controls.genres:
        return None
    wanted = {name.casefold() for name in query.controls.genres}
    columns = [
        column
        for column, (name, kind) in enumerate(
            zip(tracks.term_names, tracks.term_kinds, strict=True)
        )
        if kind == "genre" and name.casefold() in wanted
    ]
    is_wanted = np.zeros(len(tracks.term_names), bool)
    is_wanted[columns] = True
    entries = np.flatnonzero(is_wanted[tracks.terms.indices])
    keep = np.zeros(len(tracks), bool)
    keep[np.searchsorted(tracks.terms.indptr, entries, side="right") - 1] = True
    return keep


def of_years(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """Years from and to, both included; a track of unknown year cannot keep the promise."""
    first, last = query.controls.year_from, query.controls.year_to
    if first is None and last is None:
        return None
    year = tracks.year
    return (year > 0) & (year >= (first or 0)) & (year <= (last or np.iinfo(np.int16).max))


def of_length(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """Duration from and to (s), both included; NaN, unknown, keeps no promise."""
    least, most = query.controls.min_duration_s, query.controls.max_duration_s
    if least is None and most is None:
        return None
    return (tracks.duration_s >= (least or 0.0)) & (
        tracks.duration_s <= (np.inf if most is None else most)
    )


def only_usual_length(
    query: Query, tracks: TrackTable, allowed: BoolVector
) -> tuple[BoolVector, int, bool]:
    """Leave out what is shorter or longer than :data:`USUAL_LENGTH_S`, for a list not asked for it.

    A bound that the listener set replaces the usual one; a track of unknown length stays. Where
    under :data:`USUAL_SHARE` of the allowed tracks would be left, nothing is taken out.

    Returns:
        The mask (n_tracks,), how many tracks it took out, and whether it had to be lifted.
    """
    controls, duration_s = query.controls, tracks.duration_s
    keep = np.ones(len(tracks), bool)
    if controls.min_duration_s is None:
        keep &= ~(duration_s < USUAL_LENGTH_S[0])  # NaN is neither shorter nor longer
    if controls.max_duration_s is None:
        keep &= ~(duration_s > USUAL_LENGTH_S[1])
    usual = allowed & keep
    n_allowed, n_usual = int(np.count_nonzero(allowed)), int(np.count_nonzero(usual))
    if n_usual < USUAL_SHARE * n_allowed:
        return allowed, 0, True
    return usual, n_allowed - n_usual, False


def only_of_station(
    query: Query, tracks: TrackTable, allowed: BoolVector, *, missing: bool
) -> tuple[BoolVector, dict[str, int], bool]:
    """What a station takes out by itself: owned tracks, other parts of a taste, lately shown ones.

    What was shown lately comes again only where nothing else is left.

    Returns:
        The mask (n_tracks,), what each rule took out, and whether the last had to be lifted.
    """
    removed: dict[str, int] = {}
    rules: list[tuple[str, BoolVector]] = []
    if missing:
        rules.append(("owned", ~tracks.owned))
    if query.group is not None:
        liked = query.profile.track_idx[query.profile.preference > 0]
        rules.append(("other_taste", _all_but(len(tracks), np.setdiff1d(liked, query.group))))
    if query.stale is not None:
        stale = _versions_of(tracks, np.flatnonzero(query.stale))
        rules.append(("shown_lately", ~stale))
    is_shown_again = False
    for name, keep in rules:
        left = allowed & keep
        n = int(np.count_nonzero(allowed)) - int(np.count_nonzero(left))
        if name == "shown_lately" and n and not left.any():
            is_shown_again = True
            continue
        removed |= {name: n} if n else {}
        allowed = left
    return allowed, removed, is_shown_again


def not_seed(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """The seeds, and other versions of them, are what the list starts from, not part of it."""
    return ~_versions_of(tracks, list(query.seeds)) if query.seeds else None


def not_heard(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """Only new music, when the station or ``familiar = 0`` says so; versions count as heard."""
    if heard is not Heard.NEVER and query.controls.familiar != 0.0:
        return None
    return ~_versions_of(tracks, query.profile.track_idx)


def only_heard(query: Query, tracks: TrackTable, heard: Heard) -> BoolVector | None:
    """Only tracks with an event, when ``familiar = 1``."""
    if query.controls.familiar != 1.0:
        return None
    return ~_all_but(len(tracks), query.profile.track_idx)


FILTERS: tuple[tuple[str, Filter], ...] = (
    ("never_play", not_blocked),
    ("disliked", not_disliked),
    ("not_owned", playable),
    ("explicit", clean),
    ("genre", of_genres),
    ("year", of_years),
    ("length", of_length),
    ("seed", not_seed),
    ("heard_before", not_heard),
    ("never_heard", only_heard),
)


def one_of_each_recording(ranking: Ranking, tracks: TrackTable) -> Ranking:
    """Versions of one recording counted once: the best placed stays."""
    recordings = tracks.recording_idx[ranking.track_idx]
    if is_compiled(len(tracks)):
        from segue.pipeline.rank_kernels import first_of_each

        first = first_of_each(recordings)
    else:
        first = np.sort(np.unique(recordings, return_index=True)[1])
    return ranking if len(first) == len(ranking) else ranking.take(first)


def n_recordings(tracks: TrackTable, track_idx: IntVector) -> int:
    """How many different recordings some rows stand for."""
    return len(distinct(tracks.recording_idx[track_idx]))


def _all_but(n_tracks: int, rows: IntVector) -> BoolVector:
    keep = np.ones(n_tracks, bool)
    keep[rows] = False
    return keep


def _versions_of(tracks: TrackTable, rows: IntVector | Sequence[int]) -> BoolVector:
    recordings = tracks.recording_idx[np.asarray(rows, np.int64)]
    return np.isin(tracks.recording_idx, recordings)
