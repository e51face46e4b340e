"""What the models said of one listener, kept from list to list while nothing about them changes.

The scores of a source and the evidence behind them depend on the listener's profile and on the
model, not on what is asked for: another station, filter or control finds them ready. One holder is
for one profile and one model set; whoever keeps it makes another one when either is replaced.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar, cast

import numpy as np

from segue.data.items import Reason, ScoredTracks, top_n
from segue.data.query import Profile, Query
from segue.data.sorted_rows import places_in
from segue.data.sparse_sums import SparseScores
from segue.models.base import Evidence, Recommender
from segue.types import BoolVector, FloatVector, IntVector

RANKING_LIFE_S = 60.0  # hours and days count in a ranking, a minute does not
N_SORTED = 2_000  # of a source's tracks; filters seldom leave fewer than a quota of so many

Answer = TypeVar("Answer")


class KeptScores:
    """Scores and evidence for one profile; a question about another profile is passed through.

    Args:
        profile: Whose; compared by identity.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._scored: dict[str, Standing] = {}
        self._folded: dict[str, FloatVector] = {}
        self._evidence: dict[tuple[str, int], list[Evidence]] = {}
        self._answers: dict[Hashable, object] = {}
        self._told: dict[tuple[str, int], Reason | None] = {}
        self._of_rows: dict[str, SparseScores] = {}
        self._last: dict[str, tuple[IntVector, Standing]] = {}
        self._ranking: tuple[Hashable, Query, object] | None = None

    def last_ranking(self, question: Hashable, query: Query) -> object:
        """What was kept last, when the same was asked a moment ago about the same; or None.

        Args:
            question: All that the answer depends on but what the query gives.
            query: Its profile and its masks must be those of then, and its time not much later.
        """
        last = self._ranking
        if question is None or last is None or query.profile is not self._profile:
            return None
        asked, before, answer = last
        same = (
            0 <= query.now - before.now < RANKING_LIFE_S
            and query.leanings is before.leanings
            and _same_mask(query.blocked, before.blocked)
            and asked == question
        )
        return answer if same else None

    def keep_ranking(self, question: Hashable, query: Query, answer: object) -> None:
        """Keep one answer for :meth:`last_ranking`, instead of the one before."""
        if question is not None and query.profile is self._profile:
            self._ranking = (question, query, answer)

    def told(self, profile: Profile) -> "dict[tuple[str, int], Reason | None] | None":
        """Reasons by source and track, as if the source were all of the score; None for others.

        A source that was asked and has nothing that can be said is there with None.
        """
        return self._told if profile is self._profile else None

    def liked(self, profile: Profile) -> IntVector:
        """Rows of the liked tracks, ascending; of the own profile always the same array.

        A track that was only skipped does not count as familiar in a mix.
        """
        return self.answer("liked", profile, lambda: profile.track_idx[profile.preference > 0])

    def answer(self, name: Hashable, profile: Profile, make: Callable[[], Answer]) -> Answer:
        """What ``make`` gives for the profile, made once.

        Args:
            name: Says what is asked; the same name must mean the same question.
            profile: Whom it is about.
            make: Depends on the profile and the model set alone.
        """
        if profile is not self._profile:
            return make()
        if name not in self._answers:
            self._answers[name] = make()
        return cast("Answer", self._answers[name])

    def scored(
        self, name: str, model: Recommender, profile: Profile, min_score: float
    ) -> "Standing":
        """Tracks that a model scores above ``min_score``.

        Args:
            name: Of the source; one name stands for one model and one ``min_score``.
            model: What scores.
            profile: Whose taste.
            min_score: Scores at or below it are left out.
        """
        if profile is not self._profile:
            return Standing(scores_above(model, profile, min_score))
        if name not in self._scored:
            self._scored[name] = Standing(scores_above(model, profile, min_score))
        return self._scored[name]

    def folded(self, name: str, model: Recommender, profile: Profile) -> FloatVector:
        """``model.fold_in(profile)``."""
        if profile is not self._profile:
            return model.fold_in(profile)
        if name not in self._folded:
            self._folded[name] = model.fold_in(profile)
        return self._folded[name]

    def scores_of(
        self, name: str, model: Recommender, profile: Profile, rows: IntVector
    ) -> FloatVector:
        """Scores of some rows, ascending; only rows not asked about before are new."""
        if profile is not self._profile:
            return model.score_rows(model.fold_in(profile), rows)
        known = self._of_rows.get(name)
        if known is None:
            scores = model.score_rows(self.folded(name, model, profile), rows)
            self._of_rows[name] = SparseScores(rows, scores)
            return scores
        if np.array_equal(known.track_idx, rows):
            return known.scores
        there = places_in(known.track_idx, rows)[1]
        if not there.all():
            new = rows[~there]
            scores = model.score_rows(self.folded(name, model, profile), new)
            at = np.searchsorted(known.track_idx, new)
            known = SparseScores(np.insert(known.track_idx, at, new),
                                 np.insert(known.scores, at, scores))  # fmt: skip
            self._of_rows[name] = known
        return known.scores[places_in(known.track_idx, rows)[0]]

    def standing_of(
        self, name: str, model: Recommender, profile: Profile, rows: IntVector, min_score: float
    ) -> "Standing":
        """Of some rows, ascending, those that a model scores above ``min_score``.

        The same rows as at the last call find them in order already.
        """
        last = self._last.get(name) if profile is self._profile else None
        if last is not None and np.array_equal(last[0], rows):
            return last[1]
        scores = self.scores_of(name, model, profile, rows)
        above = scores > min_score
        standing = Standing(SparseScores(rows[above], scores[above]))
        if profile is self._profile:
            self._last[name] = (rows, standing)
        return standing

    def evidence(
        self, name: str, model: Recommender, profile: Profile, track_idx: IntVector, n: int
    ) -> Sequence[list[Evidence]]:
        """``model.evidence(profile, track_idx, n)``; only tracks not asked about before are new.

        Args:
            name: Of the source; one name stands for one model and one ``n``.
            model: What scored the tracks.
            profile: Whose taste.
            track_idx: Rows, shape (n_asked,).
            n: Pieces for each track.
        """
        if profile is not self._profile:
            return model.evidence(profile, track_idx, n)
        keys = [(name, row) for row in track_idx.tolist()]
        missing = [row for key, row in zip(keys, track_idx.tolist(), strict=True)
                   if key not in self._evidence]  # fmt: skip
        if missing:
            found = model.evidence(profile, np.array(missing, np.int32), n)
            self._evidence.update(zip(((name, row) for row in missing), found, strict=True))
        return [self._evidence[key] for key in keys]


def _same_mask(a: BoolVector | None, b: BoolVector | None) -> bool:
    return a is b or (a is not None and b is not None and np.array_equal(a, b))


class Standing:
    """Scores of one source, and its best tracks in order, sorted when first asked for.

    Args:
        scores: Tracks above the least score, ascending.
        ordered: The same, best first, ties to the lower row, where that is known.
    """

    def __init__(self, scores: SparseScores, ordered: ScoredTracks | None = None) -> None:
        self.scores = scores
        self._ordered = ordered  # all of them, best first, where somebody sorted them already
        self._best: tuple[IntVector | None, ScoredTracks] | None = None
        self._of: tuple[IntVector, ScoredTracks] | None = None

    def best(self, quota: int, allowed: BoolVector, left_out: IntVector | None) -> ScoredTracks:
        """The best ``quota`` allowed tracks, ties to the lower row.

        Args:
            quota: Wanted length >= 0.
            allowed: Mask (n_tracks,).
            left_out: Rows that are not wanted here, ascending. The same array as at the last call
                finds what is left in order already.
        """
        found = _permitted(self._best_but(left_out), allowed, quota)
        if len(found) < quota and len(self.scores) > N_SORTED:
            found = _permitted(self._others(left_out, len(self.scores)), allowed, quota)
        return found

    def in_order(
        self, rows: IntVector, quota: int, allowed: BoolVector
    ) -> tuple[ScoredTracks, ScoredTracks]:
        """The best tracks but ``rows``, and those of ``rows`` that have a score; not filtered.

        Args:
            rows: Ascending; the same array as at the last call finds both in order already.
            quota: So many allowed tracks are in the first, where there are so many.
            allowed: Mask (n_tracks,).
        """
        best = self._best_but(rows)
        n_allowed = int(np.count_nonzero(allowed[best.track_idx]))
        if n_allowed < quota and len(self.scores) > N_SORTED:
            best = self._others(rows, len(self.scores))
        return best, self._own_of(rows)

    def best_of(self, rows: IntVector, quota: int, allowed: BoolVector) -> ScoredTracks:
        """The best ``quota`` of the rows (ascending) that are allowed and have a score.

        The same array of rows as at the last call finds them in order already.
        """
        return _permitted(self._own_of(rows), allowed, quota)

    def _best_but(self, left_out: IntVector | None) -> ScoredTracks:
        best = self._best  # read once: another thread may put another one there
        if best is None or best[0] is not left_out:
            found = _without(self._top(N_SORTED), left_out)
            if 4 * len(found) < min(N_SORTED, len(self.scores)):
                found = self._others(left_out, N_SORTED)  # who knows thousands knows all the best
            best = self._best = (left_out, found)
        return best[1]

    def _others(self, left_out: IntVector | None, n: int) -> ScoredTracks:
        """The best ``n`` of those that are not left out."""
        if left_out is None or not len(left_out):
            return self._top(n)
        if self._ordered is not None:
            found = _without(self._top(n + len(left_out)), left_out)
            return ScoredTracks(found.track_idx[:n], found.scores[:n])
        at, there = places_in(self.scores.track_idx, left_out)
        keep = np.ones(len(self.scores), bool)
        keep[at[there]] = False
        return _best_of(SparseScores(self.scores.track_idx[keep], self.scores.scores[keep]), n)

    def _own_of(self, rows: IntVector) -> ScoredTracks:
        kept = self._of
        if kept is None or kept[0] is not rows:
            mine = self._scored_among(rows)
            kept = self._of = (rows, _best_of(mine, len(mine)))
        return kept[1]

    def _top(self, n: int) -> ScoredTracks:
        if self._ordered is None:
            return _best_of(self.scores, n)
        return ScoredTracks(self._ordered.track_idx[:n], self._ordered.scores[:n])

    def _scored_among(self, rows: IntVector) -> SparseScores:
        at, there = places_in(self.scores.track_idx, rows)
        return SparseScores(rows[there], self.scores.scores[at[there]])


def _best_of(scores: SparseScores, n: int) -> ScoredTracks:
    best = top_n(scores.scores, n)  # rows ascend, so ties go to the lower row here too
    return ScoredTracks(scores.track_idx[best.track_idx], best.scores)


def _without(best: ScoredTracks, left_out: IntVector | None) -> ScoredTracks:
    if left_out is None or not len(left_out):
        return best
    keep = ~places_in(left_out, best.track_idx)[1]
    return ScoredTracks(best.track_idx[keep], best.scores[keep])


def _permitted(best: ScoredTracks, allowed: BoolVector, quota: int) -> ScoredTracks:
    """The first ``quota`` that are allowed; most are, so few more are looked at than wanted."""
    n = 2 * quota
    places = np.flatnonzero(allowed[best.track_idx[:n]])
    while len(places) < quota and n < len(best):
        n *= 8
        places = np.flatnonzero(allowed[best.track_idx[:n]])
    places = places[:quota]
    return ScoredTracks(best.track_idx[places], best.scores[places])


def scores_above(model: Recommender, profile: Profile, min_score: float) -> SparseScores:
    """Tracks that a model scores above a least score, ascending."""
    if model.dense_limit is not None:
        scores = model.score(model.fold_in(profile))
        rows = np.flatnonzero(scores > min_score).astype(np.int32)
        return SparseScores(rows, scores[rows])
    found = model.scored(profile)
    above = found.scores > min_score
    if above.all():
        return found
    return SparseScores(found.track_idx[above], found.scores[above])
