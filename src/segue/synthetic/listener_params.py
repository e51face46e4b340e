"""Every number that a synthetic listener is made from, with unit, range and default."""

from msgspec import Struct

from segue.errors import InvalidInputError

_SHARES = (
    "noise_share", "coherence", "album_run_share", "skip_share", "early_skip_share",
    "partial_share", "familiar_skip_factor", "love_share", "dislike_share", "rating_share",
    "predictability", "drift_cosine_per_year",
)  # fmt: skip
_POSITIVE = (
    "n_dimensions", "max_modes", "mean_modes", "breadth_tracks", "mode_hours_width_h", "n_epochs",
    "epoch_days", "sessions_per_day", "tracks_per_session", "weekend_factor", "mode_concentration",
)  # fmt: skip
_NOT_NEGATIVE = (
    "popularity_exponent", "switches_per_year", "activity_spread", "memory_decay",
)  # fmt: skip


class ListenerParams(Struct, frozen=True, kw_only=True):
    """What planted listeners are like. Pairs ``(a, b)`` are the parameters of a Beta draw.

    Taste:
        n_dimensions: Dimensions of the latent space of tracks, > 0.
        genre_share, artist_share, album_share: Parts of a track's variance that its genres and
            tags, its artist and its album explain, 0..1, sum at most 1; the rest is its own.
        popularity_exponent: Zipf exponent of the popularity of tracks, >= 0; 0 is flat.
        mainstreaminess: Beta parameters of how much a listener follows popularity, 0..1.
        mean_modes, max_modes: Modes of taste of one listener, 1..max_modes.
        mode_concentration: Dirichlet parameter of mode weights, > 0; large is even.
        breadth_tracks: Tracks in which one mode is at home (perplexity of its choice), > 1;
            at most a quarter of the catalogue is used.
        mode_hours_width_h: Standard deviation of the hours at which a mode is active, hours > 0.
    Drift:
        origin_s: Unix time of the first epoch; earlier times see the first epoch.
        epoch_days, n_epochs: Taste is constant within an epoch; the last one lasts for ever.
        drift_cosine_per_year: Expected cosine between a mode and itself a year later, 0..1;
            1 is no drift.
        switches_per_year: How often one mode is replaced by another one, per year >= 0.
    Activity:
        sessions_per_day: Median over listeners, > 0.
        activity_spread: Standard deviation of its logarithm over listeners, >= 0.
        tracks_per_session: Mean of the geometric length, tracks >= 1.
        weekend_factor: Sessions on a weekend day over those on a weekday, > 0.
        coherence: Share of picks that stay in the mode of their session, 0..1.
        album_run_share: Share of sessions that play an album through, 0..1.
        novelty_seeking: Beta parameters of the share of picks that memory does not decide, 0..1;
            by chance such a pick, too, may be of a track heard before.
        memory_decay: ACT-R decay d of base-level activation, >= 0; 0.5 is customary.
        noise_share: Share of picks that come from popularity alone (bad luck), 0..1.
    Feedback:
        predictability: Correlation of liking with planted utility, 0..1; the rest is noise.
        skip_share: Share of free picks that are skipped, 0..1.
        early_skip_share: Share of skips before 35 % of the track, 0..1.
        familiar_skip_factor: A relisten is skipped this much as often, 0..1.
        partial_share: Share of plays left between 35 and 80 %, 0..1.
        love_share, dislike_share: Upper and lower part of liking at which the button is pressed.
        rating_share: Share of picks that are rated when not rated before, 0..1.
        rating_shares: Shares of 1 to 5 stars among ratings of free picks; sum 1.
    """

    n_dimensions: int = 16
    genre_share: float = 0.45
    artist_share: float = 0.3
    album_share: float = 0.1
    popularity_exponent: float = 0.7
    mainstreaminess: tuple[float, float] = (2.0, 3.0)
    mean_modes: float = 3.0
    max_modes: int = 5
    mode_concentration: float = 3.0
    breadth_tracks: float = 300.0
    mode_hours_width_h: float = 4.0
    origin_s: float = 1_704_067_200.0  # 2024-01-01T00:00:00Z
    epoch_days: float = 91.0
    n_epochs: int = 8
    drift_cosine_per_year: float = 0.8
    switches_per_year: float = 0.25
    sessions_per_day: float = 1.3
    activity_spread: float = 0.5
    tracks_per_session: float = 11.0
    weekend_factor: float = 1.2
    coherence: float = 0.9
    album_run_share: float = 0.12
    novelty_seeking: tuple[float, float] = (3.0, 4.0)
    memory_decay: float = 0.5
    noise_share: float = 0.03
    predictability: float = 0.7
    skip_share: float = 0.2
    early_skip_share: float = 0.7
    familiar_skip_factor: float = 0.5
    partial_share: float = 0.08
    love_share: float = 0.03
    dislike_share: float = 0.01
    rating_share: float = 0.05
    rating_shares: tuple[float, float, float, float, float] = (0.05, 0.1, 0.2, 0.35, 0.3)

    def check(self) -> "ListenerParams":
        """Self, or an error that names the field and its range.

        Raises:
            InvalidInputError: A value is out of range.
        """
        for name in _SHARES:
            self._require(name, 0.0 <= getattr(self, name) <= 1.0, "lie in 0..1")
        for name in _POSITIVE:
            self._require(name, getattr(self, name) > 0, "be above 0")
        for name in _NOT_NEGATIVE:
            self._require(name, getattr(self, name) >= 0, "be at least 0")
        for name in ("mainstreaminess", "novelty_seeking"):
            self._require(name, min(getattr(self, name)) > 0, "hold two values above 0")
        parts = (self.genre_share, self.artist_share, self.album_share)
        self._require("genre_share", min(parts) >= 0 and sum(parts) <= 1, "leave a sum up to 1")
        self._require("tracks_per_session", self.tracks_per_session >= 1, "be at least 1")
        stars = self.rating_shares
        fits = min(stars) >= 0 and abs(sum(stars) - 1) < 1e-9
        self._require("rating_shares", fits, "be five shares of sum 1")
        return self

    def _require(self, name: str, holds: bool, rule: str) -> None:
        if not holds:
            raise InvalidInputError(f"{name} must {rule}, got {getattr(self, name)}")
