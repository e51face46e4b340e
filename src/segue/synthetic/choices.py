"""Exact draws from planted taste: which track a mode picks, and how well a pick is liked.

Liking is a Gaussian copula: the rank of a pick's utility among the listener's own free picks and a
standard normal noise are mixed with correlation ``predictability``. Free picks therefore have
standard normal liking, and every share of the parameters is a quantile of it.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from segue.synthetic.taste import Listeners
from segue.types import FloatMatrix, FloatVector, IntVector

_N_REFERENCE = 512  # stratified picks that tell what is usual for a listener


@dataclass(frozen=True, slots=True)
class EpochChoice:
    """What one listener picks during one epoch, ``m`` modes that the listener has.

    ``logits`` (m, n_tracks) and ``log_total`` (m,) give each mode's probabilities, ``shares`` (m,)
    those of the modes over all hours, ``cumulative`` (m, n_tracks) is for draws, ``reference`` are
    sorted utilities of typical free picks.
    """

    logits: FloatMatrix
    log_total: FloatVector
    shares: FloatVector
    cumulative: FloatMatrix
    reference: FloatVector

    def draw(self, mode: int, u: FloatVector) -> IntVector:
        """Tracks that a mode (position 0..m-1) picks, one for each uniform number."""
        return _invert(self.cumulative[mode], u)

    def utility(self, track_idx: IntVector) -> FloatVector:
        """Planted utility of some tracks over all hours, as ``Listeners.utility`` gives it."""
        offset = np.log(self.shares) - self.log_total
        mixed = np.logaddexp.reduce(self.logits[:, track_idx] + offset[:, None], axis=0)
        return mixed + np.log(self.logits.shape[1])

    def rank(self, track_idx: IntVector) -> FloatVector:
        """Rank of tracks' utility among typical free picks, within (0, 1); ties get the middle."""
        utility = self.utility(track_idx)
        n = len(self.reference)
        below = np.searchsorted(self.reference, utility - 1e-9)
        upto = np.searchsorted(self.reference, utility + 1e-9)
        return np.clip((below + upto) / (2 * n), 0.5 / n, 1 - 0.5 / n)


def epoch_choice(listeners: Listeners, listener_idx: int, epoch: int) -> EpochChoice:
    """Tabulate what a listener picks in one epoch; costs n_modes * n_tracks."""
    modes = listeners.modes(listener_idx)
    centres = listeners.centres[listener_idx, epoch][modes]
    logits = listeners.space.logits(centres, float(listeners.mainstreaminess[listener_idx]))
    shares = listeners.overall_mode_shares(listener_idx)[modes]
    highest = logits.max(axis=1)
    cumulative = np.cumsum(np.exp(logits - highest[:, None]), axis=1, dtype=np.float64)
    log_total = highest + np.log(cumulative[:, -1])
    no_reference = np.empty(0)
    choice = EpochChoice(logits, log_total, shares, cumulative, no_reference)
    counts = np.maximum(np.round(shares * _N_REFERENCE).astype(int), 1)
    typical = [choice.draw(m, (np.arange(n) + 0.5) / n) for m, n in enumerate(counts)]
    reference = np.sort(choice.utility(np.concatenate(typical)))
    return EpochChoice(logits, log_total, shares, cumulative, reference)


def draw_by_popularity(listeners: Listeners, u: FloatVector) -> IntVector:
    """Bad-luck picks: popularity alone decides."""
    return _invert(listeners.space.cumulative_popularity, u)


def _invert(cumulative: FloatVector, u: FloatVector) -> IntVector:
    at = np.searchsorted(cumulative, u * cumulative[-1], side="right")
    return np.minimum(at, len(cumulative) - 1)


def liking(rank: FloatVector, noise: FloatVector, predictability: float) -> FloatVector:
    """Liking as a quantile 0..1: uniform for free picks when ``noise`` is standard normal."""
    signal = predictability * special.ndtri(rank)
    return special.ndtr(signal + np.sqrt(1 - predictability**2) * noise)
