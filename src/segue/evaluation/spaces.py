"""Where to look for good parameters of each registered model: one table, data only.

Ranges are those that published searches use, widened to small libraries. Parameters that are not
here keep their value: seeds, what only saves time or memory, and ``n_epochs``, by which a search
stops bad trials early. The defaults of a model lie within its ranges, so that they are tried first.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Real:
    """A number in low..high, both included, drawn evenly or by its logarithm."""

    low: float
    high: float
    log: bool = False

    def holds(self, value: object) -> bool:
        """True for a number in the range."""
        return isinstance(value, int | float) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in low..high, both included, drawn evenly or by its logarithm."""

    low: int
    high: int
    log: bool = False

    def holds(self, value: object) -> bool:
        """True for a whole number in the range."""
        return isinstance(value, int) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values."""

    options: tuple[str | bool | None, ...]

    def holds(self, value: object) -> bool:
        """True for one of the options."""
        return value in self.options


Range = Real | Whole | Choice

_VALUES = Choice(("given", "binary", "log"))
_RIDGE = Real(1.0, 3000.0, log=True)
_DROPOUT = Real(0.0, 0.9)
_NEIGHBORS = Whole(20, 600, log=True)
_FACTORS = Whole(8, 256, log=True)
_TERM_WEIGHT = Real(0.0, 2.0)
_ROW_WEIGHT = Real(0.0, 30.0)  # of terms as rows beside listening
_KINDS = ("genre", "tag", "artist", "album", "decade", "word")
_TERM_WEIGHTS: dict[str, Range] = {f"{kind}_weight": _TERM_WEIGHT for kind in _KINDS}
_ROW_WEIGHTS: dict[str, Range] = {f"{kind}_weight": _ROW_WEIGHT for kind in _KINDS}

SPACES: Mapping[str, Mapping[str, Range]] = {
    "popularity": {"by_genre": Choice((False, True))},
    "ease": {"regularization": _RIDGE, "values": _VALUES},
    "edlae": {"regularization": _RIDGE, "dropout": _DROPOUT, "values": _VALUES},
    "content": _TERM_WEIGHTS,
    "neural": {
        "form": Choice(("dot", "neumf")),
        "n_factors": _FACTORS,
        "learning_rate": Real(0.0005, 0.05, log=True),
        "regularization": Real(1e-5, 0.1, log=True),
        "n_negatives": Whole(2, 16, log=True),
    },
    "sound": {
        "n_components": Whole(8, 128, log=True),
        "shrinkage": Real(0.0, 1.0),
        "hubs": Choice((True, False)),
    },
    "alike": {
        "n_words": Whole(8, 128, log=True),
        "words_weight": Real(0.0, 1.0),
        "hubs": Choice((True, False)),
    },
    "als": {
        "n_factors": _FACTORS,
        "regularization": Real(1e-4, 1.0, log=True),
        "unobserved_weight": Real(1e-3, 2.0, log=True),
        "nu": Real(0.0, 1.0),
        "alpha": Real(0.1, 50.0, log=True),
        "values": _VALUES,
    },
    "bpr": {
        "n_factors": _FACTORS,
        "learning_rate": Real(0.005, 0.3, log=True),
        "regularization": Real(1e-4, 0.3, log=True),
        "negative_exponent": Real(0.0, 1.0),
        "fold_in_regularization": Real(0.3, 100.0, log=True),
    },
    "collective": {
        "regularization": _RIDGE,
        "dropout": _DROPOUT,
        **_ROW_WEIGHTS,
        "inverse_frequency": Choice((True, False)),
    },
    "slim": {
        "regularization": Real(0.1, 300.0, log=True),
        "l1": Real(0.01, 10.0, log=True),
        "n_neighbors": _NEIGHBORS,
        "values": _VALUES,
    },
    "sparse_linear": {
        "regularization": _RIDGE,
        "dropout": _DROPOUT,
        "n_neighbors": _NEIGHBORS,
        "values": _VALUES,
    },
    "item_knn": {
        "n_neighbors": _NEIGHBORS,
        "shrinkage": Real(0.0, 100.0),
        "alpha": Real(0.0, 1.0),
        "weighting": Choice(("none", "tfidf", "bm25")),
        "values": _VALUES,
    },
    "user_knn": {
        "n_neighbors": _NEIGHBORS,
        "shrinkage": Real(0.0, 100.0),
        "alpha": Real(0.0, 1.0),
        "values": _VALUES,
    },
    "rp3beta": {"alpha": Real(0.1, 2.0), "beta": Real(0.0, 1.0), "n_neighbors": _NEIGHBORS},
    "personal_top": {"genre_weight": Real(0.0, 1.0)},
    "session_knn": {
        "k": Whole(50, 2000, log=True),
        "n_sample": Whole(500, 10_000, log=True),
        "length": Whole(2, 50, log=True),
        "position_decay": Real(1.0, 200.0, log=True),
        "age_decay_days": Real(3.0, 1000.0, log=True),
        "place_decay": Real(1.0, 100.0, log=True),
        "idf_weight": Real(0.0, 5.0),
    },
    "memory": {
        "decay": Real(0.1, 1.5),
        "half_days": Real(1.0, 90.0, log=True),
        "spread_weight": Real(0.0, 2.0),
        "n_context": Whole(1, 20, log=True),
    },
    "svd": {
        "n_factors": Whole(2, 128, log=True),
        "regularization": Real(0.1, 100.0, log=True),
        "bias_regularization": Real(0.1, 100.0, log=True),
        "implied": Choice((False, True)),
    },
    "svdpp": {
        "n_factors": Whole(2, 128, log=True),
        "regularization": Real(0.1, 100.0, log=True),
        "bias_regularization": Real(0.1, 300.0, log=True),
        "implicit_regularization": Real(0.1, 500.0, log=True),
        "learning_rate": Real(0.001, 0.1, log=True),
        "implied": Choice((False, True)),
    },
    "slist": {
        "regularization": _RIDGE,
        "dropout": _DROPOUT,
        "alpha": Real(0.0, 1.0),
        "position_decay": Real(0.5, 200.0, log=True),
        "window": Whole(1, 100, log=True),
        "profile_decay": Real(0.5, 200.0, log=True),
    },
    "clusters": {
        "k": Whole(4, 500, log=True),
        "n_factors": _FACTORS,
        "sharpness": Real(0.1, 20.0, log=True),
    },
    "bridge": {
        "n_factors": _FACTORS,
        "regularization": Real(1e-4, 1.0, log=True),
        "unobserved_weight": Real(1e-3, 2.0, log=True),
        "content_regularization": Real(1.0, 3000.0, log=True),
        "popularity_exponent": Real(0.0, 2.0),
        **_TERM_WEIGHTS,
        "vector_weight": _TERM_WEIGHT,
    },
    "knowledge": {
        "mood_weight": _TERM_WEIGHT,
        "genre_weight": _TERM_WEIGHT,
        "year_weight": _TERM_WEIGHT,
    },
    "fusion": {
        "method": Choice(("scaled", "standard", "rank")),
        "rank_constant": Real(1.0, 300.0, log=True),
    },
}
