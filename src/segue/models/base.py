"""The one protocol of every recommender, the parts they share, and the registry of names.

A model is configured by its constructor (which only stores), learns in ``fit``, and answers from
arrays. ``fold_in`` turns any profile, also one never seen in training, into the representation that
``score`` needs, so that a like counts at once.
"""

import inspect
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from segue.data.dataset import Dataset
from segue.data.items import ScoredTracks, top_n
from segue.data.mapped import mapped
from segue.data.query import Profile
from segue.data.sparse_sums import SparseScores
from segue.errors import ArtifactError, InvalidInputError, NotFittedError
from segue.types import BoolVector, CsrMatrix, FloatMatrix, FloatVector, IntVector

FORMAT_VERSION = 1
META_FILE = "model.json"
# what a missing, cut or altered file raises; an empty .npy is an EOFError
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError)

# Adding a model is one file, one line here and one line in the contract suite.
REGISTRY: dict[str, str] = {
    "popularity": "segue.models.popularity:Popularity",
    "ease": "segue.models.linear:EASE",
    "edlae": "segue.models.linear:EDLAE",
    "content": "segue.models.content:ContentKNN",
    "sound": "segue.models.sound:SoundKNN",
    "alike": "segue.models.alike:AlikeKNN",
    "als": "segue.models.als:ALS",
    "bpr": "segue.models.bpr:BPR",
    "collective": "segue.models.collective:CollectiveEDLAE",
    "bridge": "segue.models.bridge:Bridge",
    "knowledge": "segue.models.knowledge:Knowledge",
    "slim": "segue.models.slim:SLIM",
    "sparse_linear": "segue.models.sparse_linear:SparseLinear",
    "item_knn": "segue.models.item_knn:ItemKNN",
    "user_knn": "segue.models.user_knn:UserKNN",
    "rp3beta": "segue.models.walk:RP3beta",
    "random": "segue.models.baselines:Random",
    "personal_top": "segue.models.baselines:PersonalTop",
    "session_knn": "segue.models.session_knn:SessionKNN",
    "memory": "segue.models.memory:Memory",
    "slist": "segue.models.sequence:SLIST",
    "clusters": "segue.models.clusters:Clusters",
    "svd": "segue.models.svd:SVD",
    "fusion": "segue.models.fusion:Fusion",
    "svdpp": "segue.models.svdpp:SVDPlusPlus",
    "neural": "segue.models.neural:Neural",
}


class Evidence(Struct, frozen=True):
    """One part of a score: a track of the profile, or a term, and what it adds (same unit)."""

    contribution: float
    track_idx: int | None = None
    term: str | None = None


class Recommender(ABC):
    """Base of all models.

    Subclasses store their parameters in ``__init__`` under the same names, set ``n_tracks`` in
    ``fit``, and implement the abstract methods. Fitted state is arrays only.
    """

    name: ClassVar[str]
    is_personal: ClassVar[bool] = True  # False when every listener gets the same scores
    learns_from_listens: ClassVar[bool] = True  # False when fit looks at the catalogue alone
    # Where scoring costs the whole catalogue whatever the profile: the largest catalogue for which
    # a list waits for that; in a larger one the model only scores what others name. None: never.
    dense_limit: ClassVar[int | None] = None
    n_tracks: int = -1  # below zero until fitted; 0 is a fitted model of an empty catalogue

    @abstractmethod
    def fit(self, dataset: Dataset) -> Self:
        """Learn from a data set; deterministic for given parameters and data."""

    @abstractmethod
    def fold_in(self, profile: Profile) -> FloatVector:
        """Representation of a listener, seen or not; an empty profile is allowed."""

    @abstractmethod
    def score(self, representation: FloatVector) -> FloatVector:
        """Scores of all tracks, shape (n_tracks,), float32; higher is better. Pure."""

    def scored(self, profile: Profile) -> SparseScores:
        """The tracks that the model has something to say about, and their scores.

        The same as ``score(fold_in(profile))`` where that is not zero. Models whose scores are
        sums of short rows override it, so that a list costs nothing for the rest of the catalogue.
        """
        return SparseScores.of_dense(self.score(self.fold_in(profile)))

    def score_rows(self, representation: FloatVector, track_idx: IntVector) -> FloatVector:
        """``score(representation)[track_idx]``; models override it where a part is cheaper."""
        return self.score(representation)[track_idx]

    @abstractmethod
    def explain(self, profile: Profile, track_idx: int, n: int = 3) -> list[Evidence]:
        """The evidence that adds most to ``score(fold_in(profile))[track_idx]``, largest first.

        Only what adds is named: taking a named track out of the profile lowers that score.
        """

    def explain_many(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """:meth:`explain` of several tracks; models override it where one pass is cheaper."""
        return [self.explain(profile, int(row), n) for row in track_idx]

    def evidence(
        self, profile: Profile, track_idx: Sequence[int] | IntVector, n: int = 3
    ) -> list[list[Evidence]]:
        """Evidence for a list that somebody waits for: :meth:`explain_many` where that is cheap.

        Models whose exact evidence costs a scoring for each track of the profile give what each
        track adds while the neighbours stay the same: the first order of the same difference.
        """
        return self.explain_many(profile, track_idx, n)

    @abstractmethod
    def to_arrays(self) -> Mapping[str, NDArray[Any] | CsrMatrix]:
        """The fitted state; with the parameters it restores the model exactly."""

    @abstractmethod
    def from_arrays(self, arrays: Mapping[str, NDArray[Any] | CsrMatrix]) -> Self:
        """Restore the state of :meth:`to_arrays` on this instance."""

    def score_batch(self, user_items: CsrMatrix) -> FloatMatrix:
        """Scores for several rows of preferences, shape (n_rows, n_tracks), float32."""
        self.require_columns(user_items)
        rows = [self.score(self.fold_in(profile_of_row(user_items, r)))
                for r in range(user_items.shape[0])]  # fmt: skip
        return np.stack(rows) if rows else np.empty((0, self.n_tracks), np.float32)

    def similar(self, track_idx: int, n: int = 10) -> ScoredTracks:
        """Tracks that go with one track, that track left out, best first."""
        self.require_row(track_idx)
        scores = self.score(self.fold_in(Profile.from_weights({track_idx: 1.0})))
        return top_n(scores, n, allowed=_all_but(self.n_tracks, track_idx))

    def recommend(
        self,
        profile: Profile,
        n: int = 10,
        *,
        allowed: BoolVector | None = None,
        exclude_known: bool = True,
    ) -> ScoredTracks:
        """The best ``n`` tracks for a profile, ``allowed`` masking the candidates.

        Args:
            profile: Rows of this model's data set; may be empty.
            n: List length >= 0.
            allowed: Mask of shape (n_tracks,); None allows all.
            exclude_known: Leave out the tracks of the profile.

        Raises:
            InvalidInputError: A row of the profile is not one of this model, or ``allowed`` has
                another shape.
        """
        self.require_profile(profile)
        if allowed is not None and allowed.shape != (self.n_tracks,):
            raise InvalidInputError(
                f"allowed must have shape {(self.n_tracks,)}, got {allowed.shape}"
            )
        mask = np.ones(self.n_tracks, bool) if allowed is None else allowed.copy()
        if exclude_known:
            mask[profile.track_idx] = False
        return top_n(self.score(self.fold_in(profile)), n, mask)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters by name (scikit-learn convention)."""
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
        """Change parameters by name; fit again for them to count.

        Raises:
            InvalidInputError: No such parameter.
        """
        for name, value in params.items():
            if name not in self.get_params():
                known = ", ".join(self.get_params()) or "none"
                raise InvalidInputError(f"{self.name} has no parameter {name!r}; it has: {known}")
            setattr(self, name, value)
        return self

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and one ``.npy`` per array into an existing, empty folder."""
        self.require_fit()
        sparse_shapes: dict[str, list[int]] = {}
        for key, value in self.to_arrays().items():
            if isinstance(value, np.ndarray):
                np.save(folder / f"{key}.npy", value, allow_pickle=False)
                continue
            sparse_shapes[key] = [int(side) for side in value.shape]
            for part in ("data", "indices", "indptr"):
                np.save(folder / f"{key}.{part}.npy", getattr(value, part), allow_pickle=False)
        meta = {
            "format": FORMAT_VERSION,
            "model": self.name,
            "params": self.get_params(),
            "n_tracks": self.n_tracks,
            "sparse": sparse_shapes,
        }
        (folder / META_FILE).write_text(json.dumps(meta, indent=1), "utf-8")

    def require_fit(self) -> None:
        """Raise :class:`NotFittedError` unless ``fit`` or ``load`` came first."""
        if self.n_tracks < 0:
            raise NotFittedError(f"{self.name} is not fitted; call fit(dataset) or load(folder)")

    def require_row(self, track_idx: int) -> None:
        """Raise :class:`InvalidInputError` unless ``track_idx`` is a row of the fitted data."""
        self.require_fit()
        if not 0 <= track_idx < self.n_tracks:
            raise InvalidInputError(
                f"track_idx must lie in 0..{self.n_tracks - 1}, got {track_idx}"
            )

    def require_profile(self, profile: Profile) -> None:
        """Raise unless fitted and every row of ``profile`` is a row of the fitted data."""
        self.require_fit()
        if not profile.is_empty:
            self.require_row(int(profile.track_idx.min()))
            self.require_row(int(profile.track_idx.max()))

    def require_columns(self, user_items: CsrMatrix) -> None:
        """Raise unless fitted and ``user_items`` has one column for each fitted track."""
        self.require_fit()
        if user_items.shape[1] != self.n_tracks:
            raise InvalidInputError(
                f"user_items must have {self.n_tracks} columns, got {user_items.shape[1]}"
            )


def create(name: str, **params: Any) -> Recommender:
    """A new, unfitted model by its registered name.

    Raises:
        InvalidInputError: The name is not registered.
    """
    if name not in REGISTRY:
        raise InvalidInputError(f"no model {name!r}; there are: {', '.join(sorted(REGISTRY))}")
    module, _, class_name = REGISTRY[name].partition(":")
    return getattr(import_module(module), class_name)(**params)


def load(folder: Path) -> Recommender:
    """Read a model written by :meth:`Recommender.save`; arrays are memory-mapped, read-only.

    Raises:
        ArtifactError: A file is missing or damaged, or the format is another version's.
    """
    try:
        meta = json.loads((folder / META_FILE).read_text("utf-8"))
        if meta["format"] != FORMAT_VERSION:
            raise ArtifactError(f"{folder} has format {meta['format']}, this is {FORMAT_VERSION}")
        model = create(meta["model"], **meta["params"])
        model.n_tracks = int(meta["n_tracks"])
        return model.from_arrays(_read_arrays(folder, meta["sparse"]))
    except (*_UNREADABLE, InvalidInputError) as error:
        raise ArtifactError(f"the model in {folder} cannot be read: {error}") from error


def largest_evidence(track_idx: IntVector, contributions: FloatVector, n: int) -> list[Evidence]:
    """The ``n`` largest contributions above zero as evidence; ties go to the lower row.

    >>> [e.track_idx for e in largest_evidence(np.array([4, 7, 9]), np.array([0.1, -1, 0.5]), 3)]
    [9, 4]
    """
    order = np.lexsort((track_idx, -contributions))[: max(n, 0)]
    return [
        Evidence(contribution=float(contributions[i]), track_idx=int(track_idx[i]))
        for i in order
        if contributions[i] > 0
    ]


def largest_of_each(
    track_idx: IntVector, contributions: FloatMatrix, n: int
) -> list[list[Evidence]]:
    """:func:`largest_evidence` for each row of ``contributions``, shape (n_asked, n_known).

    ``track_idx`` ascends. A few passes for the maximum are cheaper than sorting every row.
    """
    left = np.array(contributions, order="C")
    each = np.arange(len(left))
    found: list[list[Evidence]] = [[] for _ in range(len(left))]
    for _ in range(min(n, left.shape[1])):
        best = left.argmax(axis=1)  # the first of equal ones, which is the lower row
        values = left[each, best]
        left[each, best] = -np.inf
        for pieces, row, value in zip(
            found, track_idx[best].tolist(), values.tolist(), strict=True
        ):
            if value > 0:
                pieces.append(Evidence(contribution=value, track_idx=row))
    return found


def profile_of_row(user_items: CsrMatrix, row: int) -> Profile:
    """One row of a preference matrix as a profile."""
    start, stop = user_items.indptr[row], user_items.indptr[row + 1]
    pairs = zip(user_items.indices[start:stop], user_items.data[start:stop], strict=True)
    return Profile.from_weights({int(column): float(value) for column, value in pairs})


def _read_arrays(
    folder: Path, sparse_shapes: Mapping[str, Sequence[int]]
) -> dict[str, NDArray[Any] | CsrMatrix]:
    from scipy import sparse

    parts: dict[str, NDArray[Any]] = {
        path.name.removesuffix(".npy"): mapped(path) for path in sorted(folder.glob("*.npy"))
    }
    arrays: dict[str, NDArray[Any] | CsrMatrix] = {}
    for key, shape in sparse_shapes.items():
        data, indices, indptr = (parts.pop(f"{key}.{p}") for p in ("data", "indices", "indptr"))
        arrays[key] = sparse.csr_matrix((data, indices, indptr), shape=tuple(shape))
    return arrays | parts


def _all_but(n_tracks: int, track_idx: int) -> BoolVector:
    mask = np.ones(n_tracks, bool)
    mask[track_idx] = False
    return mask
