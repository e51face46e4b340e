"""Implicit ALS with frequency-scaled regularization (iALS).

Hu, Koren and Volinsky 2008 with the loss of Rendle, Krichene, Zhang and Koren 2021, "Revisiting the
performance of iALS on item recommendation benchmarks", arXiv:2110.14037. With S the entries, c and
t their confidence and target, u and v the factors of listeners and tracks::

    sum_S c (t - uv)^2 + unobserved_weight * sum_all (uv)^2
        + regularization * sum_rows (entries + unobserved_weight * columns)^nu |row|^2

A like has target 1; a dislike has the same confidence and target 0: surely no interest, where a
track without an entry is only probably none.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple, Self, get_args

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.models.factor_fold_in import ListenerSystem
from segue.models.factors import FactorModel, Values, require_range, require_values, valued
from segue.models.item_weights import check_choice
from segue.rng import derived_rng
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

Solver = Literal["cg", "block", "cholesky"]
Init = Literal["normal", "uniform"]


class ALS(FactorModel):
    """Matrix factorisation of implicit feedback by alternating least squares.

    Args:
        n_factors: Length d of the vectors, >= 1.
        n_epochs: Passes over both sides, >= 0.
        regularization: L2 weight > 0, for each entry when ``nu`` is 1.
        unobserved_weight: Weight >= 0 of the pairs without an entry (alpha0), where an entry of
            preference 1 has ``alpha``.
        nu: Exponent >= 0 of the frequency scaling: 1 scales fully, 0 not at all.
        alpha: Confidence > 0 of a preference of size 1.
        values: "given" takes preferences as they are, "binary" their sign, "log" the sign times
            log(1 + size).
        init_sd: Root mean square > 0 of the length of the first vectors.
        init: "normal" draws them around zero, "uniform" from zero up, so that all begin alike and
            popularity is found first.
        solver: "cg" improves each row by ``cg_steps`` conjugate gradients, "block" solves one block
            of factors after the other (iALS++, arXiv:2110.14044), "cholesky" is exact.
        cg_steps: >= 1; 3 are enough, as each epoch begins where the last one ended.
        block_size: Factors >= 1 that "block" solves at once; with ``n_factors`` or more it is
            exact.
        seed: Of the first vectors.

    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> model = ALS(n_factors=2, unobserved_weight=0.5).fit(Dataset.from_csr(likes))
    >>> model.recommend(Profile.from_weights({0: 1.0}), n=1).track_idx.tolist()
    [1]
    """

    name: ClassVar[str] = "als"

    def __init__(
        self,
        n_factors: int = 64,
        n_epochs: int = 16,
        regularization: float = 0.02,
        unobserved_weight: float = 0.05,
        nu: float = 1.0,
        alpha: float = 1.0,
        values: Values = "given",
        init_sd: float = 0.1,
        init: Init = "normal",
        solver: Solver = "cg",
        cg_steps: int = 3,
        block_size: int = 32,
        seed: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.regularization = regularization
        self.unobserved_weight = unobserved_weight
        self.nu = nu
        self.alpha = alpha
        self.values: Values = values
        self.init_sd = init_sd
        self.init: Init = init
        self.solver: Solver = solver
        self.cg_steps = cg_steps
        self.block_size = block_size
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """Alternate; O(n_epochs * cg_steps * (nnz d + (n_listeners + n_tracks) d^2)) with "cg".

        Raises:
            InvalidInputError: A parameter is out of range.
        """
        from threadpoolctl import threadpool_limits

        self._check()
        signed = sparse.csr_matrix(dataset.interactions.user_items, dtype=np.float32, copy=True)
        signed.data = valued(signed.data, self.values)
        by_listener = entries_of(signed, self.alpha)
        by_track = entries_of(signed.T.tocsr(), self.alpha)
        listeners = self._first("listeners", dataset.n_listeners)
        tracks = self._first("tracks", dataset.n_tracks)
        # the threads of BLAS and of the kernels would wait for each other in turn
        with threadpool_limits(limits=1, user_api="blas"):
            for _ in range(self.n_epochs):
                self.half_step(by_listener, tracks, listeners)
                self.half_step(by_track, listeners, tracks)
        return self._keep(tracks)

    def half_step(self, entries: "Entries", fixed: FloatMatrix, x: FloatMatrix) -> None:
        """Solve the rows of ``x`` in place, ``fixed`` being the factors of the columns."""
        from segue.models.als_block_kernels import half_step_block
        from segue.models.als_kernels import half_step_cg, half_step_cholesky

        if not x.size:
            return
        exact = fixed.astype(np.float64)
        base = np.asarray(self.unobserved_weight * (exact.T @ exact), np.float32)
        ridge = self.ridge_of(np.diff(entries.indptr), len(fixed)).astype(np.float32)
        if self.solver == "cg":
            half_step_cg(*entries, fixed, base, ridge, x, self.cg_steps)
        elif self.solver == "block":
            width = min(self.block_size, self.n_factors)
            half_step_block(*entries, fixed, base, ridge, x, width)
        else:
            half_step_cholesky(*entries, fixed, base, ridge, x)

    def ridge_of(self, n_entries: IntVector | int, n_columns: int) -> FloatVector:
        """Ridge of rows with so many entries among so many columns, same shape as given."""
        mass = np.asarray(n_entries, np.float64) + self.unobserved_weight * n_columns
        # no entry and no weight of the others: any ridge gives zeros, and 0 would divide by zero
        return np.where(mass > 0, self.regularization * mass**self.nu, self.regularization)

    def listener_system(self, profile: Profile) -> ListenerSystem:
        """The half-step of one listener; see :class:`ListenerSystem`."""
        n = len(profile.track_idx)
        value = valued(profile.preference.astype(np.float64), self.values)
        return ListenerSystem(
            self.unobserved_weight * self._gram,
            self._factors[profile.track_idx].astype(np.float64),
            self.alpha * np.abs(value),
            (value > 0).astype(np.float64),
            float(self.ridge_of(n, self.n_tracks)),
            float(self.ridge_of(max(n - 1, 0), self.n_tracks)),
        )

    def live(self, profile: Profile) -> "LiveListener":
        """A listener who will be changed event by event; see :class:`LiveListener`."""
        self.require_profile(profile)
        system = self.listener_system(profile)
        return LiveListener(np.linalg.inv(system.matrix), system.right_side)

    def _first(self, side: str, n_rows: int) -> FloatMatrix:
        rng = derived_rng(self.seed, "als", side)
        shape, spread = (n_rows, self.n_factors), self.init_sd / np.sqrt(self.n_factors)
        if self.init == "uniform":
            return (np.sqrt(3) * spread * rng.random(shape)).astype(np.float32)
        return (spread * rng.standard_normal(shape)).astype(np.float32)

    def _check(self) -> None:
        for name in ("n_factors", "cg_steps", "block_size"):
            require_range(name, getattr(self, name), 1)
        for name in ("n_epochs", "unobserved_weight", "nu"):
            require_range(name, getattr(self, name), 0)
        for name in ("regularization", "alpha", "init_sd"):
            require_range(name, getattr(self, name), 0, above=True)
        require_values(self.values)
        check_choice("solver", self.solver, get_args(Solver))
        check_choice("init", self.init, get_args(Init))


class Entries(NamedTuple):
    """Preferences by row (CSR): ``confidence`` >= 0, ``target`` 1 for a like, 0 for a dislike."""

    indptr: IntVector
    indices: IntVector
    confidence: FloatVector
    target: FloatVector


def entries_of(signed: CsrMatrix, alpha: float) -> Entries:
    """The entries of a matrix of signed preferences.

    >>> entries_of(sparse.csr_matrix([[0.0, 2.0, -1.0]]), alpha=3.0)[2:]
    (array([6., 3.], dtype=float32), array([1., 0.], dtype=float32))
    """
    value = np.asarray(signed.data, np.float32)
    return Entries(
        np.asarray(signed.indptr, np.int64),
        np.asarray(signed.indices, np.int32),
        np.float32(alpha) * np.abs(value),
        (value > 0).astype(np.float32),
    )


@dataclass(slots=True)
class LiveListener:
    """A listener whose factors follow every event in O(d^2), without solving again.

    ``inverse`` is A^-1 (d, d), ``side`` is b (d,); see :mod:`segue.models.factor_fold_in`. The
    ridge stays what it was at the start: exact with ``nu`` 0, else fold in again now and then.
    """

    inverse: FloatMatrix
    side: FloatVector

    @property
    def factors(self) -> FloatVector:
        """u, shape (d,), to be given to ``score``."""
        return self.inverse @ self.side

    def add(self, vector: FloatVector, confidence: float, target: float) -> None:
        """Take in one entry with the factors ``vector`` of its track.

        Rank-1 update of the inverse (Sherman and Morrison 1950). A negative ``confidence`` takes an
        entry out again.
        """
        exact = np.asarray(vector, np.float64)
        step = self.inverse @ exact
        self.inverse -= np.outer(step, step) * (confidence / (1.0 + confidence * (exact @ step)))
        self.side = self.side + confidence * target * exact
