"""Two sets of models on one held-out slice: is what would be published better than what serves?

Both are fitted on the same past and asked for the same later listens of the same listeners, so that
nothing but the models and their settings differs. What is measured is what a listener gets: the
fused list of all sources, not one model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from segue.data.query import Profile, Query
from segue.evaluation import metrics
from segue.evaluation.intervals import Interval, paired_bootstrap
from segue.evaluation.leaks import Split
from segue.models.base import Recommender
from segue.pipeline.candidates import Blend, by_name, gather
from segue.pipeline.rank import fuse
from segue.pipeline.stations import TASTE_BLEND, standard_sources
from segue.rng import derived_rng
from segue.types import FloatVector, IntVector

K = 20
MAX_LISTENERS = 500  # asked, drawn at random: one list costs some milliseconds for each set


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean NDCG@20 of the fused lists of both sets, and the paired interval of new less old."""

    new: float
    old: float
    gain: Interval
    n_listeners: int

    @property
    def is_lost(self) -> bool:
        """True when the new set did worse on the same listeners: a tie is no loss."""
        return self.gain.difference < 0

    def __str__(self) -> str:
        gain = self.gain
        return (
            f"{gain.difference:+.4f} ({gain.low:+.4f}..{gain.high:+.4f}) ndcg@{K} of fused lists, "
            f"{self.n_listeners} listeners"
        )


def compare(
    new: Mapping[str, Recommender],
    old: Mapping[str, Recommender],
    split: Split,
    seed: int = 0,
    max_listeners: int = MAX_LISTENERS,
) -> Comparison:
    """Ask two sets for the same lists.

    Args:
        new: Models by registered name, fitted on ``split.past``.
        old: Of the other set, fitted on the same past.
        split: What came later is wanted.
        seed: Of the draw of listeners and of the interval.
        max_listeners: At most so many are asked, >= 1.
    """
    asked = np.flatnonzero(np.diff(split.held_out.indptr))
    if len(asked) > max_listeners:
        rng = derived_rng(seed, "compare", "listeners")
        asked = np.sort(rng.choice(asked, max_listeners, replace=False))
    first, second = (fused_ndcg(models, split, asked) for models in (new, old))
    gain = paired_bootstrap(first, second, derived_rng(seed, "compare"))
    return Comparison(float(first.mean()), float(second.mean()), gain, len(asked))


def fused_ndcg(
    models: Mapping[str, Recommender],
    split: Split,
    listeners: IntVector,
    blend: Sequence[Blend] = TASTE_BLEND,
) -> FloatVector:
    """NDCG@20 of each listener's fused list of tracks new to them, float64 (n_listeners,)."""
    past = split.past
    table = by_name(standard_sources(models))
    order = np.argsort(past.events.listener_idx, kind="stable")
    bounds = np.searchsorted(past.events.listener_idx[order], np.arange(past.n_listeners + 1))
    found = np.zeros(len(listeners))
    for place, listener in enumerate(listeners.tolist()):
        own = past.events.take(order[bounds[listener] : bounds[listener + 1]])
        profile = Profile.from_columns(own, past.now)
        allowed = np.ones(past.n_tracks, bool)
        allowed[profile.track_idx] = False
        query = Query("for_you", profile, K, now=past.now)
        parts = gather(query, past.tracks, blend, table, allowed, lambda: 0.0)
        ranked = fuse([part for part in parts if len(part)]).track_idx[:K]
        wanted = split.held_out[listener].indices
        hits = np.isin(ranked, wanted)[np.newaxis]
        if len(ranked):
            found[place] = metrics.ndcg(hits, np.array([len(wanted)]), K)[0]
    return found
