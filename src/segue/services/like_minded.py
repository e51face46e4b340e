"""Listeners like you: who likes what you like, among those who allow it, and what they play.

Both sides must have said yes: only those who consent are asked about or named, and only to others
who do. Nothing of this is learnt in training; consent that is taken back counts at the next list.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset, TrackTable
from segue.data.items import ReasonKind
from segue.data.query import Profile, Query
from segue.errors import ForbiddenError
from segue.models.user_knn import UserKNN
from segue.pipeline.candidates import Source, has_taste
from segue.pipeline.rules import Rule, library_reason
from segue.pipeline.words import fact_words, joined, place_of, quoted
from segue.services.profiles import Profiles
from segue.services.serving import Serving
from segue.services.views import LikeMinded
from segue.store.consents import Consent, Consents
from segue.types import FloatVector, IntVector

MAX_LISTENERS = 500  # looked at; of more, those whose accounts were made first
N_NEIGHBORS = 20
MIN_SHARED = 2  # tracks that both like: one is chance
N_SHARED = 2  # named in a sentence
REFRESH_S = 600.0  # others' taste may be so old


@dataclass(frozen=True, slots=True)
class _Circle:
    """Those who allow it, with their tastes, for one model set."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    profiles: tuple[Profile, ...]
    model: UserKNN

    def nearest(self, profile: Profile, listener_id: str) -> list[tuple[int, float]]:
        """Row and likeness of those who share enough with a listener, without that one."""
        return [
            (row, float(likeness))
            for row, likeness in zip(*self.model.neighbors(profile), strict=True)
            if likeness > 0
            and self.ids[row] != listener_id
            and len(shared_tracks(profile, self.profiles[row])) >= MIN_SHARED
        ]


class LikeMindedService:
    """Nearest listeners by taste, with consent.

    Args:
        consents: Who allows it.
        profiles: Tastes of listeners.
        clock: Unix time (s).
    """

    def __init__(self, consents: Consents, profiles: Profiles, clock: Callable[[], float]) -> None:
        self._consents = consents
        self._profiles = profiles
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[object, float, _Circle] | None = None

    def is_on(self, listener_id: str) -> bool:
        """Whether the listener allows it."""
        return Consent.LIKE_MINDED in self._consents.of(listener_id)

    def set(self, listener_id: str, *, on: bool) -> bool:
        """Allow it or no longer; it holds from the next list on."""
        if on:
            self._consents.give(listener_id, Consent.LIKE_MINDED, self._clock())
        else:
            self._consents.take_back(listener_id, Consent.LIKE_MINDED)
        return on

    def source(self, listener_id: str, serving: Serving) -> Source:
        """What those of like taste play, for the station "like_minded".

        Raises:
            ForbiddenError: The listener has not allowed it.
        """
        writer = _Writer(self._circle(listener_id, serving), listener_id)
        rule = Rule("companions", writer.scores, writer.reason, writer.evidence)
        return Source("companions", rule, applies=has_taste)

    def listeners(
        self, listener_id: str, serving: Serving, profile: Profile, n: int
    ) -> list[LikeMinded]:
        """The nearest listeners with the tracks that both like, best first.

        Raises:
            ForbiddenError: The listener has not allowed it.
        """
        circle = self._circle(listener_id, serving)
        found: list[LikeMinded] = []
        for row, _ in circle.nearest(profile, listener_id)[:n]:
            shared = shared_tracks(profile, circle.profiles[row])
            ids = tuple(serving.tracks.ids[track] for track in shared[:10].tolist())
            found.append(LikeMinded(name=circle.names[row], n_shared=len(shared),
                                    shared_track_ids=ids))  # fmt: skip
        return found

    def _circle(self, listener_id: str, serving: Serving) -> _Circle:
        people = self._consents.who_gave(Consent.LIKE_MINDED)
        if listener_id not in {id_ for id_, _ in people}:
            raise ForbiddenError(
                "listeners like you are only shown to those who can be shown themselves: "
                "turn it on in your account first"
            )
        people = people[:MAX_LISTENERS]
        ids, names = tuple(id_ for id_, _ in people), tuple(name for _, name in people)
        now = self._clock()
        with self._lock:
            if self._known is not None:
                made_for, made_at, circle = self._known
                same = (circle.ids, circle.names) == (ids, names) and made_for is serving
                if same and 0 <= now - made_at < REFRESH_S:
                    return circle
            circle = self._make(ids, names, serving)
            self._known = (serving, now, circle)
            return circle

    def _make(self, ids: tuple[str, ...], names: tuple[str, ...], serving: Serving) -> _Circle:
        profiles = tuple(self._profiles.of(id_, serving)[0] for id_ in ids)
        n_tracks = len(serving.tracks)
        rows = [np.full(len(p.track_idx), row) for row, p in enumerate(profiles)]
        likes = sparse.csr_matrix(
            (
                np.concatenate([np.empty(0, np.float32), *(p.preference for p in profiles)]),
                (
                    np.concatenate([np.empty(0, np.int64), *rows]),
                    np.concatenate([np.empty(0, np.int32), *(p.track_idx for p in profiles)]),
                ),
            ),
            shape=(len(profiles), n_tracks),
        )
        model = UserKNN(n_neighbors=N_NEIGHBORS + 1).fit(Dataset.from_csr(likes))
        return _Circle(ids, names, profiles, model)


class _Writer:
    """Scores, sentences and their evidence for one request."""

    def __init__(self, circle: _Circle, listener_id: str) -> None:
        self._circle = circle
        self._listener_id = listener_id
        self._near: list[tuple[int, float]] | None = None

    def scores(self, query: Query, tracks: TrackTable) -> FloatVector:
        """Sum over the nearest of likeness times their preference; -inf where nobody likes it."""
        scores = np.zeros(len(tracks))
        for row, likeness in self._nearest(query.profile):
            other = self._circle.profiles[row]
            scores[other.track_idx] += likeness * other.preference
        return np.where(scores > 0, scores, -np.inf)

    def reason(self, query: Query, tracks: TrackTable, row: int) -> tuple[ReasonKind, str, bool]:
        """Who likes it most of those nearest, and what that listener shares with the one asking."""
        listener = self._speaker(query.profile, row)
        if listener is None:
            return library_reason(query, tracks, row)
        other = self._circle.profiles[listener]
        place = place_of(other.known, row)
        fact = None if place is None else fact_words(other.known, place, "it")
        shared = shared_tracks(query.profile, other)[:N_SHARED].tolist()
        both = joined([quoted(tracks, track) for track in shared])
        told = fact[1] if fact else "likes it"
        name = self._circle.names[listener]
        return ReasonKind.LISTENED, f"{name} {told}; you both like {both}", False

    def evidence(self, query: Query, row: int) -> IntVector:
        """The shared tracks that the sentence names."""
        listener = self._speaker(query.profile, row)
        if listener is None:
            return np.empty(0, np.int32)
        return shared_tracks(query.profile, self._circle.profiles[listener])[:N_SHARED]

    def _speaker(self, profile: Profile, row: int) -> int | None:
        given: list[tuple[float, int]] = []
        for listener, likeness in self._nearest(profile):
            other = self._circle.profiles[listener]
            place = place_of(other.known, row)
            if place is not None and other.preference[place] > 0:
                given.append((-likeness * float(other.preference[place]), listener))
        return min(given)[1] if given else None

    def _nearest(self, profile: Profile) -> list[tuple[int, float]]:
        if self._near is None:
            self._near = self._circle.nearest(profile, self._listener_id)
        return self._near


def shared_tracks(mine: Profile, other: Profile) -> IntVector:
    """Tracks that both like, those that matter most to both first."""
    a, b = mine.track_idx[mine.preference > 0], other.track_idx[other.preference > 0]
    both = np.intersect1d(a, b)
    weight = np.minimum(
        mine.preference[np.searchsorted(mine.track_idx, both)],
        other.preference[np.searchsorted(other.track_idx, both)],
    )
    return both[np.lexsort((both, -weight))]
