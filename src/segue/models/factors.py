"""What factor models share: scores by dot product, closed-form fold-in, and exact explanations."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import Evidence, Recommender, largest_of_each, profile_of_row
from segue.models.factor_fold_in import (
    Cholesky,
    ListenerSystem,
    additive_parts,
    additive_scores,
    cholesky,
    leave_one_out,
    solve,
)
from segue.models.last_profile import LastProfile
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

Values = Literal["given", "binary", "log"]


class FactorModel(Recommender):
    """Base of models that keep one vector a track, and none of listeners."""

    dense_limit: ClassVar[int | None] = 30_000  # 2 ms at 64 factors

    @abstractmethod
    def listener_system(self, profile: Profile) -> ListenerSystem:
        """The small linear system whose solution stands for a listener."""

    @property
    def item_factors(self) -> FloatMatrix:
        """Vectors of the tracks, shape (n_tracks, n_factors), float32; read only."""
        self.require_fit()
        return self._factors

    def fold_in(self, profile: Profile) -> FloatVector:
        """Factors of the listener, shape (n_factors,), float64; zero for an empty profile."""
        self.require_profile(profile)
        return solve(*self._last_system.of(profile, self._taken_apart))

    def score(self, representation: FloatVector) -> FloatVector:
        """Dot product with the factors of each track."""
        self.require_fit()
        return self._factors @ np.asarray(representation, np.float32)

    def score_rows(self, representation: FloatVector, track_idx: IntVector) -> FloatVector:
        """Dot product with the factors of the tracks asked for.

        Each is summed by itself: BLAS rounds a row by where it stands, and a track must have the
        same score whatever else is asked for.
        """
        self.require_fit()
        factors = self._factors[track_idx]
        return np.einsum("td,d->t", factors, np.asarray(representation, np.float32))

    def evidence(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """The tracks that add most to the scores, taken apart additively (Hu et al. 2008)."""
        self.require_profile(profile)
        asked = self._factors[np.asarray(track_idx, np.int64)].astype(np.float64)
        system, factor = self._last_system.of(profile, self._taken_apart)
        added = additive_scores(system, asked, factor)
        return largest_of_each(profile.track_idx, added.T, n)

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """Scores of several listeners by one product, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        folded = np.zeros((user_items.shape[0], self._factors.shape[1]), np.float32)
        for row in range(len(folded)):
            folded[row] = self.fold_in(profile_of_row(user_items, row))
        return folded @ self._factors.T

    def contributions(self, profile: Profile, track_idx: Sequence[int] | IntVector) -> FloatMatrix:
        """Parts of the scores, shape (n_known, n_asked); each column adds up to its score.

        See :func:`~segue.models.factor_fold_in.additive_parts` (Hu et al. 2008, section 5).
        """
        return self._parts(additive_parts, profile, track_idx)

    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The tracks of the profile without which the score would fall most, and by how much."""
        return self.explain_many(profile, [track_idx], n)[0]

    def explain_many(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """:meth:`explain` of several tracks; the listener is taken apart once."""
        lost = self._parts(leave_one_out, profile, track_idx)
        return largest_of_each(profile.track_idx, lost.T, n)

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``item_factors`` (n_tracks, n_factors) float32 and their ``gram``, float64."""
        return {"item_factors": self._factors, "gram": self._gram}

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        self._factors: FloatMatrix = arrays["item_factors"]
        self._gram: FloatMatrix = arrays["gram"]
        self.n_tracks = len(self._factors)
        self._last_system: LastProfile[tuple[ListenerSystem, Cholesky]] = LastProfile()
        return self

    def _taken_apart(self, profile: Profile) -> tuple[ListenerSystem, Cholesky]:
        system = self.listener_system(profile)
        return system, cholesky(system)

    def _keep(self, factors: FloatMatrix) -> Self:
        exact = factors.astype(np.float64)
        return self.from_arrays({"item_factors": factors, "gram": exact.T @ exact})

    def _parts(
        self,
        take_apart: Callable[[ListenerSystem], FloatMatrix],
        profile: Profile,
        track_idx: Sequence[int] | IntVector,
    ) -> FloatMatrix:
        self.require_profile(profile)
        asked = np.asarray(track_idx, np.int64)
        for row in asked.tolist():
            self.require_row(row)
        parts = take_apart(self.listener_system(profile))
        found = np.empty((len(parts), len(asked)))
        for column, vector in enumerate(self._factors[asked].astype(np.float64)):
            found[:, column] = parts @ vector  # one by one: a product of all rounds otherwise
        return found


def valued(preference: FloatVector, values: Values) -> FloatVector:
    """Preferences on the scale a model learns from; signs stay.

    >>> valued(np.array([3.0, -2.0]), "binary").tolist()
    [1.0, -1.0]
    """
    if values == "binary":
        return np.sign(preference)
    if values == "log":
        return np.sign(preference) * np.log1p(np.abs(preference))
    return preference


def require_values(values: str) -> None:
    """Raise :class:`InvalidInputError` unless ``values`` is a known scale."""
    if values not in get_args(Values):
        raise InvalidInputError(
            f"values must be one of {', '.join(get_args(Values))}, got {values!r}"
        )


def require_range(name: str, value: float, lowest: float, *, above: bool = False) -> None:
    """Raise :class:`InvalidInputError` unless ``value`` is finite and >= (or >) ``lowest``."""
    if not np.isfinite(value) or value < lowest or (above and value == lowest):
        words = "above" if above else "at least"
        raise InvalidInputError(f"{name} must be {words} {lowest:g}, got {value}")
