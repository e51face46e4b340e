"""The order of a list: spacing of artists and albums, variety (MMR), genre mix, familiar to new.

One greedy pass. At each place, of the tracks that spacing and the familiar/new mix permit, the one
with the greatest utility is taken:

    (1 - variety) * relevance - variety * (similarity to the nearest track taken)
    - calibration * KL(listener's genres || genres of the list so far with this track)

The first two terms are maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998), the last is
Steck, RecSys 2018. When no track is permitted, the mix gives way first, then spacing, by as little
as possible; how often is reported.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from segue.data.compiled import is_compiled
from segue.data.csr import RowEntries, row_entries
from segue.data.dataset import TrackTable
from segue.data.sorted_rows import places_in
from segue.pipeline.calibrate import ALPHA, CALIBRATION, GenreMix, genre_shares
from segue.pipeline.rank import TIER_STEP, Ranking
from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector, IntVector

MIN_POOL = 200
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Order:
    """Places of the ranking in list order, int64 (n,), and how many of them relaxed which rule."""

    places: IntVector
    relaxed: dict[str, int] = field(default_factory=dict[str, int])


def arrange(
    ranking: Ranking,
    tracks: TrackTable,
    n: int,
    *,
    variety: float = 0.0,
    artist_gap: int = 0,
    album_gap: int = 0,
    mix: GenreMix | None = None,
    familiar: float | None = None,
    heard: IntVector | None = None,
    before: Sequence[int] = (),
) -> Order:
    """Choose and order ``n`` tracks of a ranking (fewer when it has fewer).

    Args:
        ranking: Candidates, best first, one of each recording.
        tracks: The catalogue.
        n: Wanted length.
        variety: 0 follows the scores, 1 looks at nothing but difference.
        artist_gap: Tracks between two of one artist.
        album_gap: Tracks between two of one album.
        mix: The listener's genres, to calibrate to; None leaves genres to the scores.
        familiar: Wanted share of tracks heard before, within one track in every prefix; None
            leaves it to the scores.
        heard: Familiar rows, needed with ``familiar``.
        before: Rows of tracks right before the list, the last one nearest; gaps count from them.
    """
    is_heard = None if familiar is None else places_in(_none(heard), ranking.track_idx)[1]
    pooled, places = _pool, _greedy_places
    if is_compiled(len(tracks)):
        from segue.pipeline.diversify_compiled import greedy_places as places
        from segue.pipeline.diversify_compiled import pool_of as pooled
    pool = np.arange(len(ranking))
    if len(ranking) > (size := max(MIN_POOL, 4 * n)):
        pool = pooled(ranking, tracks, math.ceil(n / (artist_gap + 1)), size, is_heard)
    own = None if is_heard is None else is_heard[pool]
    chosen, relaxed = places(
        ranking.take(pool),
        tracks,
        n,
        variety=variety,
        gaps=(artist_gap, album_gap),
        mix=mix,
        familiar=familiar,
        is_heard=own,
        before=np.asarray(before, np.int64),
    )
    return Order(pool[chosen], relaxed)


def _greedy_places(
    ranking: Ranking,
    tracks: TrackTable,
    n: int,
    *,
    variety: float,
    gaps: tuple[int, int],
    mix: GenreMix | None,
    familiar: float | None,
    is_heard: BoolVector | None,
    before: IntVector,
) -> tuple[IntVector, dict[str, int]]:
    rows = ranking.track_idx
    spacing = _Spacing(
        _Gap("artist_gap", tracks.artist_idx[rows], gaps[0], tracks.artist_idx[before]),
        _Gap("album_gap", tracks.album_idx[rows], gaps[1], tracks.album_idx[before]),
    )
    blend = None
    if familiar is not None and is_heard is not None:
        blend = _Mix(is_heard, familiar, ranking.tier)
    wish = _Utility(ranking, tracks, variety, mix)
    chosen: list[int] = []
    relaxed: dict[str, int] = {}
    for place in range(min(n, len(rows))):
        utility = wish.now(place)
        permitted = utility + spacing.barred(place)
        best = int(permitted.argmax())
        broken: list[str] = []
        if permitted[best] == -np.inf:
            best = spacing.least_near(utility)
            broken = spacing.broken(best)
        elif blend is not None and (mine := blend.best(permitted, place)) is not None:
            if blend.fits(mine, best):
                best = mine
            else:
                broken = ["familiar"]
        for rule in broken:
            relaxed[rule] = relaxed.get(rule, 0) + 1
        chosen.append(best)
        spacing.take(best)
        wish.take(best)
        if blend is not None:
            blend.take(best)
    return np.array(chosen, np.int64), relaxed


def similarity_to(rows: CsrMatrix, artist: IntVector, place: int) -> FloatVector:
    """Cosine of the sets of terms, the artist being one term more; shape (n_rows,), 0..1.

    ``rows`` is a CSR slice of the term matrix; ``artist`` int (n_rows,), -1 for none.
    """
    return _Terms(row_entries(rows, np.arange(len(artist))), artist).similarity(place)


def _none(rows: IntVector | None) -> IntVector:
    return np.empty(0, np.int32) if rows is None else rows


def _pool(
    ranking: Ranking,
    tracks: TrackTable,
    per_artist: int,
    size: int,
    is_heard: BoolVector | None,
) -> IntVector:
    """Places of the ranking worth looking at, ``size`` at most, in its order.

    An artist can fill no more than ``n / (gap + 1)`` places, so the rest of a prolific artist comes
    last, and room is left for others.
    """
    artist = tracks.artist_idx[ranking.track_idx]
    late = (_occurrence(artist) >= per_artist) & (artist >= 0)
    first = np.lexsort((late, ranking.tier))
    if is_heard is None:
        return np.sort(first[:size])
    known = is_heard[first]
    half = size // 2
    keep = np.concatenate((first[known][:half], first[~known][:half]))
    return np.sort(keep)


def _occurrence(labels: IntVector) -> IntVector:
    """How many equal labels stand before each: [a, b, a] -> [0, 0, 1]."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    counts = np.diff(np.append(starts, len(labels)))
    seen = np.empty(len(labels), np.int64)
    seen[order] = np.arange(len(labels)) - np.repeat(starts, counts)
    return seen


class _Gap:
    """One rule of spacing: who has each label, and which labels stand right before the list."""

    def __init__(self, name: str, labels: IntVector, gap: int, before: IntVector) -> None:
        self.name = name
        self.labels: list[int] = labels.tolist()
        self.gap = gap
        self.members = _members(labels)
        self.before: list[int] = before[-gap:].tolist() if gap else []


class _Spacing:
    """From which place on each candidate may stand; a candidate that was taken never may."""

    def __init__(self, *rules: _Gap) -> None:
        n = len(rules[0].labels)
        self._rules = [rule for rule in rules if rule.gap]
        self._taken: list[int] = []
        self._ready = [0] * n
        self._barred = np.zeros(n)  # -inf where it may not stand now, else 0
        self._due: dict[int, list[int]] = {}  # who may be free again at a place
        for rule in self._rules:
            for place, label in enumerate(rule.before, start=-len(rule.before)):
                self._bar(rule, label, place + rule.gap + 1)

    def barred(self, place: int) -> FloatVector:
        """To add to the utility at ``place``; places come in order."""
        for waiting in self._due.pop(place, ()):
            if self._ready[waiting] <= place:
                self._barred[waiting] = 0.0
        return self._barred

    def take(self, best: int) -> None:
        place = len(self._taken)
        for rule in self._rules:
            self._bar(rule, rule.labels[best], place + rule.gap + 1)
        self._taken.append(best)
        self._ready[best] = _NEVER
        self._barred[best] = -np.inf

    def _bar(self, rule: _Gap, label: int, again: int) -> None:
        """Nobody of the label stands before the place ``again``."""
        due = self._due.setdefault(again, [])
        for same in rule.members.get(label, ()):
            if self._ready[same] < again:
                self._ready[same] = again
                self._barred[same] = -np.inf
                due.append(same)

    def least_near(self, utility: FloatVector) -> int:
        """Of the candidates that break a gap by the least, the one of greatest utility."""
        ready = np.array(self._ready)
        return int(np.argmax(np.where(ready == ready.min(), utility, -np.inf)))

    def broken(self, best: int) -> list[str]:
        """The rules that ``best`` would break at the next place."""
        return [
            rule.name
            for rule in self._rules
            if rule.labels[best] >= 0
            and rule.labels[best]
            in [*rule.before, *(rule.labels[i] for i in self._taken)][-rule.gap :]
        ]


def _members(labels: IntVector) -> dict[int, list[int]]:
    """Who has each label; -1, none, is no label."""
    members: dict[int, list[int]] = {}
    for place, label in enumerate(labels.tolist()):
        if label >= 0:
            members.setdefault(label, []).append(place)
    return members


class _Mix:
    """Keeps the share of tracks heard before within one track of the wish, in every prefix."""

    def __init__(self, is_heard: BoolVector, familiar: float, tier: IntVector) -> None:
        self._is_heard = is_heard.tolist()
        # to add to the utility: -inf for whoever is not of the kind
        self._others = tuple(np.where(kind, 0.0, -np.inf) for kind in (~is_heard, is_heard))
        self._share = (1.0 - familiar, familiar)
        self._taken = [0, 0]
        self._tier = tier

    def best(self, utility: FloatVector, place: int) -> int | None:
        """The best candidate of the kind whose turn it is; None when both kinds have room.

        -1 where none of that kind may stand here.
        The small constant keeps 0.3 * 10 = 3.0000000000000004 from counting as four.
        """
        full = [
            taken >= math.ceil(share * (place + 1) - 1e-9)
            for taken, share in zip(self._taken, self._share, strict=True)
        ]
        if not any(full):
            return None
        of_kind = utility + self._others[full[0]]
        mine = int(of_kind.argmax())
        return mine if of_kind[mine] > -np.inf else -1

    def fits(self, mine: int, best: int) -> bool:
        """Whether the mix can be kept without a later step of the fallback chain."""
        return mine >= 0 and self._tier[mine] == self._tier[best]

    def take(self, best: int) -> None:
        self._taken[self._is_heard[best]] += 1


class _Terms:
    """Candidates as columns of a dense table of terms: a cosine costs a few microseconds."""

    def __init__(self, entries: RowEntries, artist: IntVector) -> None:
        used, self._indices = np.unique(entries.columns, return_inverse=True)
        self._ends = np.cumsum(entries.n_of).tolist()
        self._has = np.zeros((len(used), len(artist)), np.float32)
        self._has[self._indices, entries.owner] = 1.0
        self._artist = artist
        norm = np.sqrt(entries.n_of + (artist >= 0), dtype=np.float32)
        norm[norm == 0] = 1.0
        self._per_norm = 1.0 / norm

    def similarity(self, place: int) -> FloatVector:
        start = self._ends[place - 1] if place else 0
        mine = self._indices[start : self._ends[place]]
        shared = np.add.reduce(self._has.take(mine, axis=0), axis=0)
        artist = self._artist[place]
        if artist >= 0:
            shared += self._artist == artist
        shared *= self._per_norm
        shared *= self._per_norm[place]
        return shared


class _Genres:
    """The divergence of the list from the wanted mix, were each candidate taken next.

    :func:`~segue.pipeline.calibrate.divergence` with the division by the mix done once, in float32.
    """

    def __init__(self, shares: FloatMatrix, mix: GenreMix) -> None:
        self._wanted = mix.shares.astype(np.float32)
        # genres by candidates: the long axis last, so that each step runs over whole rows
        ratios = ((1.0 - ALPHA) * shares / mix.shares).astype(np.float32)
        self._shares = np.ascontiguousarray(ratios.T)
        self._sum = self._shares.copy()  # of the list with each candidate
        self._ratio = np.empty_like(self._sum)

    def divergence(self, n_taken: int) -> FloatVector:
        ratio = np.multiply(self._sum, np.float32(1.0 / (n_taken + 1)), out=self._ratio)
        ratio += np.float32(ALPHA)
        return -(self._wanted @ np.log(ratio, out=ratio))

    def take(self, best: int) -> None:
        self._sum += self._shares[:, best : best + 1]


class _Utility:
    """What each candidate is worth at the next place."""

    def __init__(
        self, ranking: Ranking, tracks: TrackTable, variety: float, mix: GenreMix | None
    ) -> None:
        relevance = ranking.scores / (ranking.scores.max() if len(ranking) else 1.0)
        self._base = (1.0 - variety) * relevance - TIER_STEP * ranking.tier
        self._variety = variety
        self._nearest = np.zeros(len(ranking), np.float32)
        self._mmr = self._base.copy()  # changes only when a track is taken
        self._terms: _Terms | None = None
        self._genres: _Genres | None = None
        if variety > 0 or mix is not None:
            entries = row_entries(tracks.terms, ranking.track_idx)
            if variety > 0:
                self._terms = _Terms(entries, tracks.artist_idx[ranking.track_idx])
            if mix is not None:
                self._genres = _Genres(genre_shares(entries, mix.columns), mix)

    def now(self, n_taken: int) -> FloatVector:
        if self._genres is None:
            return self._mmr
        return self._mmr - CALIBRATION * self._genres.divergence(n_taken)

    def take(self, best: int) -> None:
        if self._terms is not None:
            np.maximum(self._nearest, self._terms.similarity(best), out=self._nearest)
            np.multiply(self._nearest, -self._variety, out=self._mmr)
            self._mmr += self._base
        if self._genres is not None:
            self._genres.take(best)
