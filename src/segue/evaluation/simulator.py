"""Listeners who sit through a session and skip: a world to try adapting lists in.

Not the family of :mod:`segue.synthetic`, which draws what is played from a softmax over a latent
space. Here nobody chooses: a track is offered, and the listener bears it or skips it.

    u = warmth + genre taste + artist taste + mood of the session - boredom
    P(skip) = attention(place) * exp(-exp(u))            (complementary log-log of bearing it)

Genre taste is heavy-tailed (Student's t), artist taste is Laplace; a mood favours a few genres of
this session and is against the rest; boredom grows with what was just played of the same artist and
genre, and fades (after Kapoor et al., WSDM 2015, doi:10.1145/2684822.2685306); attention falls with
the place, as people turn to other things: whoever does not listen does not skip (position bias,
Craswell et al., WSDM 2008, doi:10.1145/1341531.1341545).
"""

from dataclasses import dataclass, field

import numpy as np
from msgspec import Struct

from segue.data.csr import row_entries
from segue.data.dataset import TrackTable
from segue.errors import InvalidDataError
from segue.rng import derived_rng
from segue.types import FloatMatrix, FloatVector, IntVector


class SimulatorParams(Struct, frozen=True, kw_only=True):
    """How simulated listeners are.

    Attributes:
        warmth: Utility of a track that says nothing to them.
        genre_scale: Of the taste for a genre (Student's t with 3 degrees of freedom), >= 0.
        artist_scale: Of the taste for an artist (Laplace), >= 0.
        mood_scale: What a genre of the mood adds, and one outside of it takes, >= 0.
        mood_share: Of the genres, those that a mood favours, 0..1.
        boredom: What the same artist just before takes; half of it for the same genres, >= 0.
        recovery: Share of boredom that is left one track later, 0..1.
        inattention: Share of attention that is gone in the end, 0..1.
        attention_tracks: Tracks after which the rest of the attention is down to 1/e, > 0.
    """

    warmth: float = 0.3
    genre_scale: float = 0.5
    artist_scale: float = 0.3
    mood_scale: float = 0.8
    mood_share: float = 0.25
    boredom: float = 0.5
    recovery: float = 0.6
    inattention: float = 0.4
    attention_tracks: float = 20.0


@dataclass(frozen=True, slots=True)
class Simulator:
    """Tastes of some listeners for the genres and artists of one catalogue.

    Attributes:
        genres: What a track is, float64 (n_tracks, n_genres), rows sum to 1 or are 0.
        artist_idx: Artist of each track, -1 for none.
        genre_taste: (n_listeners, n_genres).
        artist_taste: (n_listeners, n_artists).
        params: How they are.
        seed: Of all draws.
    """

    genres: FloatMatrix
    artist_idx: IntVector
    genre_taste: FloatMatrix
    artist_taste: FloatMatrix
    params: SimulatorParams
    seed: int

    @classmethod
    def of(
        cls, tracks: TrackTable, n_listeners: int, seed: int, params: SimulatorParams | None = None
    ) -> "Simulator":
        """Draw listeners for a catalogue.

        Raises:
            InvalidDataError: No track has a genre.
        """
        params = params or SimulatorParams()
        genres = genre_shares_of(tracks)
        rng = derived_rng(seed, "simulator", "taste")
        taste = params.genre_scale * rng.standard_t(3.0, (n_listeners, genres.shape[1]))
        n_artists = int(tracks.artist_idx.max(initial=-1)) + 1
        artists = rng.laplace(0.0, params.artist_scale, (n_listeners, n_artists))
        return cls(genres, tracks.artist_idx, taste, artists, params, seed)

    def session(self, listener: int, number: int) -> "SimulatedSession":
        """A session of a listener: its mood, and what will make them skip; the same each time."""
        rng = derived_rng(self.seed, "simulator", "session", listener, number)
        n_genres = self.genres.shape[1]
        favoured = rng.permutation(n_genres)[: max(1, round(self.params.mood_share * n_genres))]
        mood = np.full(n_genres, -self.params.mood_scale)
        mood[favoured] = self.params.mood_scale
        patience = rng.random(len(self.artist_idx))
        return SimulatedSession(self, listener, mood, patience)


@dataclass(slots=True)
class SimulatedSession:
    """One listener in one mood, who is offered track after track.

    ``patience`` has one draw for each track, so that two radios that play the same track at the
    same place of the same session get the same answer: differences are paired.
    """

    simulator: Simulator
    listener: int
    mood: FloatVector
    patience: FloatVector
    played: list[int] = field(default_factory=list[int])

    def utilities(self) -> FloatVector:
        """Utility of every track before boredom, float64 (n_tracks,)."""
        world = self.simulator
        wish = world.genre_taste[self.listener] + self.mood
        has_artist = world.artist_idx >= 0
        own = np.zeros(len(world.artist_idx))
        own[has_artist] = world.artist_taste[self.listener, world.artist_idx[has_artist]]
        return world.params.warmth + world.genres @ wish + own

    def boredom_with(self, track: int) -> float:
        """What was played of the same artist and genres takes from a track, >= 0."""
        world, left = self.simulator, 1.0
        total = 0.0
        for before in reversed(self.played):
            artist = world.artist_idx[track]
            same_artist = float(artist >= 0 and world.artist_idx[before] == artist)
            same_genres = float(np.minimum(world.genres[track], world.genres[before]).sum())
            total += left * (same_artist + 0.5 * same_genres)
            left *= world.params.recovery
        return world.params.boredom * total

    def skip_probability(self, track: int) -> float:
        """Whether a track would be skipped, were it offered next."""
        params, place = self.simulator.params, len(self.played)
        utility = float(self.utilities()[track]) - self.boredom_with(track)
        attention = 1.0 - params.inattention * (1.0 - np.exp(-place / params.attention_tracks))
        return float(attention * np.exp(-np.exp(utility)))

    def offer(self, track: int) -> bool:
        """Play a track; True when it is skipped."""
        skipped = bool(self.patience[track] < self.skip_probability(track))
        self.played.append(track)
        return skipped

    def seed_track(self) -> int:
        """A track that suits taste and mood: the best of twenty drawn at random."""
        rng = derived_rng(self.simulator.seed, "simulator", "seed", self.listener,
                          int(self.patience[0] * 2**53))  # fmt: skip
        drawn = rng.choice(len(self.patience), min(20, len(self.patience)), replace=False)
        return int(drawn[np.argmax(self.utilities()[drawn])])


def genre_shares_of(tracks: TrackTable) -> FloatMatrix:
    """Genres of each track, even over those it has, float64 (n_tracks, n_genres).

    Raises:
        InvalidDataError: No track has a genre.
    """
    columns = [at for at, kind in enumerate(tracks.term_kinds) if kind == "genre"]
    place = np.full(len(tracks.term_kinds), -1, np.int64)
    place[columns] = np.arange(len(columns))
    entries = row_entries(tracks.terms, np.arange(len(tracks)))
    if not len(entries.columns) or not (place[entries.columns] >= 0).any():
        raise InvalidDataError("no track has a genre: simulated listeners need genres to like")
    kept = np.flatnonzero(place[entries.columns] >= 0)
    shares = np.zeros((len(tracks), len(columns)))
    shares[entries.owner[kept], place[entries.columns[kept]]] = 1.0
    return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0)
