"""Several models as one: their scores in comparable units, or their ranks, weighed and added up.

Reciprocal rank fusion is Cormack, Clarke & Buettcher 2009 (doi:10.1145/1571941.1572114); adding up
scores brought to one scale is CombSUM of Fox & Shaw 1994, "Combination of multiple searches".
Weights are found on held-out data by :func:`segue.evaluation.fusion_weights.fit_weights`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidInputError
from segue.models.base import REGISTRY, Recommender, create
from segue.models.item_weights import check_choice
from segue.models.leave_out import LeaveOneOutRecommender
from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector

Method = Literal["scaled", "standard", "rank"]
Members = Sequence[Mapping[str, Any]]

DEFAULT_MEMBERS: Members = ({"model": "edlae"}, {"model": "als"}, {"model": "rp3beta"})
SAMPLE = 1000  # listeners who fix the scale of a member


class Fusion(LeaveOneOutRecommender):
    """Weighted sum of what the members say, each brought to one unit first.

    With ``s`` the scores of a member for one listener, a track gets from each member its weight
    times::

        "scaled"    s / typical          typical: root mean square, over training listeners, of the
                                         standard deviation of their scores
        "standard"  (s - mean(s)) / sd(s)            over all tracks, for this listener
        "rank"      1 / (rank_constant + rank)       rank from 1, equal scores share the better one

    "scaled" is linear in the members, so that more taste counts more and what holds for every
    member holds for the sum. The other two see one list alone: "standard" forgets how sure a member
    is, "rank" also forgets distances, and neither moves when a member only grows surer of the same
    order. Ranks are those among all tracks, known ones included.

    The evidence for a track is what its fused score loses when a track is taken out of the profile,
    whatever the members are: exact, at one scoring of every member for each track of the profile.

    Args:
        members: What to fit, as ``{"model": registered name, "params": {...}}``, "params" being
            optional; plain JSON values. None: EDLAE, ALS and RP3beta as they come.
        weights: One finite number >= 0 for each member, not all 0; None weighs all alike.
        method: "scaled", "standard" or "rank".
        rank_constant: >= 0; 60 in the paper. Larger values let deep ranks count.

    >>> from scipy import sparse
    >>> likes = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> both = [{"model": "ease", "params": {"regularization": 1.0}}, {"model": "user_knn"}]
    >>> model = Fusion(both, weights=[1.0, 0.5]).fit(Dataset.from_csr(likes))
    >>> model.recommend(Profile.from_weights({0: 1.0}), n=1).track_idx.tolist()
    [1]
    """

    name: ClassVar[str] = "fusion"

    def __init__(
        self,
        members: Members | None = None,
        weights: Sequence[float] | None = None,
        method: Method = "scaled",
        rank_constant: float = 60.0,
    ) -> None:
        self.members = members
        self.weights = weights
        self.method: Method = method
        self.rank_constant = rank_constant

    def fit(self, dataset: Dataset) -> Self:
        """Fit every member, and find its scale on at most ``SAMPLE`` listeners evenly apart.

        Raises:
            InvalidInputError: A parameter is out of range, also one of a member.
        """
        self._check()
        fitted = [member.fit(dataset) for member in self._created()]
        user_items = dataset.interactions.user_items
        asked = np.arange(0, dataset.n_listeners, max(1, -(-dataset.n_listeners // SAMPLE)))
        typical = [typical_spread(member.score_batch(user_items[asked])) for member in fitted]
        return self._keep(fitted, np.array(typical), dataset.n_tracks)

    def fold_in(self, profile: Profile) -> FloatVector:
        """The representations of the members, one after the other."""
        self.require_profile(profile)
        return np.concatenate([member.fold_in(profile) for member in self._members])

    def score(self, representation: FloatVector) -> FloatVector:
        """Every member scores its own part of the representation; then they are added up."""
        self.require_fit()
        stops = np.cumsum([len(blank) for blank in self._blanks])[:-1]
        parts = np.split(representation, stops)
        scores = (
            member.score(part.astype(blank.dtype, copy=False))[np.newaxis]
            for member, part, blank in zip(self._members, parts, self._blanks, strict=True)
        )
        return self._sum(scores, (1, self.n_tracks))[0]

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """Fused scores of several listeners, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        scores = (member.score_batch(user_items) for member in self._members)
        return self._sum(scores, user_items.shape)

    def member_scores(self, user_items: CsrMatrix) -> list[FloatMatrix]:
        """What each member adds at weight 1, float32, shape (n_rows, n_tracks) each."""
        self.require_columns(user_items)
        return [
            self._in_one_unit(place, member.score_batch(user_items))
            for place, member in enumerate(self._members)
        ]

    @property
    def members_fitted(self) -> tuple[Recommender, ...]:
        """The fitted members, in order."""
        self.require_fit()
        return tuple(self._members)

    def counted_tracks(self, profile: Profile, asked: IntVector) -> IntVector:
        """Every track of the profile: what a member makes of it is not known here."""
        return profile.track_idx

    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """``typical`` (n_members,) float64, ``n_tracks`` (1,) and the members' arrays.

        The arrays of member 0 are named ``0.`` and their name there, and so on.
        """
        arrays: dict[str, NDArray[Any] | CsrMatrix] = {
            "typical": self._typical,
            "n_tracks": np.array([self.n_tracks]),
        }
        for place, member in enumerate(self._members):
            arrays |= {f"{place}.{key}": value for key, value in member.to_arrays().items()}
        return arrays

    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore; see :meth:`to_arrays`."""
        members = self._created()
        n_tracks = int(arrays["n_tracks"][0])
        for place, member in enumerate(members):
            prefix = f"{place}."
            own = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
            member.n_tracks = n_tracks
            member.from_arrays(own)
        return self._keep(members, np.array(arrays["typical"], np.float64), n_tracks)

    def _keep(self, members: list[Recommender], typical: FloatVector, n_tracks: int) -> Self:
        self._members = members
        self._typical = typical
        # the length and dtype of a member's representation are the same for every profile
        self._blanks = [member.fold_in(Profile.empty()) for member in members]
        self.n_tracks = n_tracks
        return self

    def _created(self) -> list[Recommender]:
        specs = DEFAULT_MEMBERS if self.members is None else self.members
        return [_created(spec) for spec in specs]

    def _check(self) -> None:
        n_members = len(DEFAULT_MEMBERS if self.members is None else self.members)
        if not n_members:
            raise InvalidInputError("fusion needs at least one member, got none")
        check_choice("method", self.method, get_args(Method))
        if not 0 <= self.rank_constant < np.inf:
            raise InvalidInputError(
                f"rank_constant must be finite and at least 0, got {self.rank_constant}"
            )
        weights = self._weights(n_members)
        if len(weights) != n_members:
            raise InvalidInputError(
                f"weights must hold one number for each of {n_members} members, got {len(weights)}"
            )
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise InvalidInputError(
                f"weights must be finite, at least 0 and not all 0, got {weights.tolist()}"
            )

    def _weights(self, n_members: int) -> FloatVector:
        return np.ones(n_members) if self.weights is None else np.array(self.weights, np.float64)

    def _sum(self, scores: Iterator[FloatMatrix], shape: tuple[int, int]) -> FloatMatrix:
        total = np.zeros(shape, np.float32)
        weights = self._weights(len(self._members)).astype(np.float32)
        for place, of_member in enumerate(scores):
            if weights[place]:
                total += weights[place] * self._in_one_unit(place, of_member)
        return total

    def _in_one_unit(self, place: int, scores: FloatMatrix) -> FloatMatrix:
        if self.method == "scaled":
            return (scores / self._typical[place]).astype(np.float32)
        if self.method == "standard":
            return standardised(scores)
        return (1.0 / (self.rank_constant + ranks_of(scores))).astype(np.float32)


def typical_spread(scores: FloatMatrix) -> float:
    """Root mean square of the rows' standard deviations; 1 when no row has any spread.

    >>> typical_spread(np.array([[0.0, 2.0], [3.0, 3.0]])) == 0.5**0.5
    True
    """
    if not scores.size:
        return 1.0
    spread = float(np.sqrt(np.mean(scores.astype(np.float64).var(axis=1))))
    return spread or 1.0


def standardised(scores: FloatMatrix) -> FloatMatrix:
    """Each row less its mean over its standard deviation, float32; zeros where all are equal.

    >>> standardised(np.array([[1.0, 3.0], [2.0, 2.0]])).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    exact = scores.astype(np.float64)
    if not exact.size:
        return exact.astype(np.float32)
    centred = exact - exact.mean(axis=1, keepdims=True)
    spread = exact.std(axis=1, keepdims=True)
    differs = np.ptp(exact, axis=1, keepdims=True) > 0  # a mean of equal numbers may be rounded
    return np.divide(centred, spread, out=np.zeros_like(exact), where=differs).astype(np.float32)


def ranks_of(scores: FloatMatrix) -> IntVector:
    """Place of each score in its row, from 1 for the largest; equal scores share the better place.

    >>> ranks_of(np.array([[0.5, 2.0, 0.5, 0.1]])).tolist()
    [[2, 1, 2, 4]]
    """
    ranks = np.empty(scores.shape, np.int64)
    for row, values in enumerate(scores):
        ascending = np.sort(values)
        ranks[row] = 1 + len(values) - np.searchsorted(ascending, values, side="right")
    return ranks


def _created(spec: Any) -> Recommender:
    if not isinstance(spec, Mapping) or "model" not in spec or set(spec) - {"model", "params"}:
        raise InvalidInputError(
            f'a member is {{"model": name, "params": {{...}}}}, got {spec!r}; '
            f"names: {', '.join(sorted(REGISTRY))}"
        )
    params = spec.get("params", {})
    unknown = set(params) - set(create(spec["model"]).get_params())
    if unknown:
        raise InvalidInputError(f"{spec['model']} has no parameter {', '.join(sorted(unknown))}")
    return create(spec["model"], **params)
