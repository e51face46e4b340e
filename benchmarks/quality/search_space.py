"""Where Q4 searches for the parameters of each model, ours and others, and the random draws.

Each range holds the defaults of its library and what its papers found best on lists of this length.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np


class Real(NamedTuple):
    """Evenly between two numbers."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        return float(rng.uniform(self.low, self.high))


class Log(NamedTuple):
    """Evenly between the logarithms of two numbers > 0."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))


class Whole(NamedTuple):
    """A whole number, evenly between the logarithms of two numbers >= 1, both possible."""

    low: int
    high: int

    def draw(self, rng: np.random.Generator) -> int:
        return int(np.exp(rng.uniform(np.log(self.low), np.log(self.high + 1))))


class OneOf(NamedTuple):
    """One of some values."""

    values: tuple[Any, ...]

    def draw(self, rng: np.random.Generator) -> Any:
        return self.values[rng.integers(len(self.values))]


Space = Mapping[str, Real | Log | Whole | OneOf]

OURS: dict[str, Space] = {
    "edlae": {"regularization": Log(3.0, 300.0), "dropout": Real(0.3, 0.9)},
    "als": {"n_factors": Whole(16, 192), "n_epochs": Whole(8, 24),
            "regularization": Log(0.001, 0.1), "unobserved_weight": Log(0.005, 0.5),
            "nu": Real(0.0, 1.0)},
    "item_knn": {"n_neighbors": Whole(20, 1000), "shrinkage": Log(0.1, 100.0),
                 "alpha": Real(0.3, 0.7), "weighting": OneOf(("none", "tfidf", "bm25"))},
    "rp3beta": {"alpha": Real(0.3, 1.5), "beta": Real(0.0, 1.0), "n_neighbors": Whole(50, 1000)},
    "collective": {"regularization": Log(3.0, 100.0), "dropout": Real(0.5, 0.9),
                   "tag_weight": Log(0.1, 1.5), "inverse_frequency": OneOf((False, True))},
}  # fmt: skip
OTHERS: dict[str, Space] = {
    "implicit als": {"factors": Whole(16, 192), "iterations": Whole(8, 24),
                     "regularization": Log(0.01, 100.0), "alpha": Log(1.0, 100.0)},
    "implicit bpr": {"factors": Whole(16, 192), "iterations": Whole(50, 400),
                     "learning_rate": Log(0.01, 0.2), "regularization": Log(0.001, 0.1)},
    "implicit bm25": {"K": Whole(20, 1000), "K1": Log(0.1, 1000.0), "B": Real(0.0, 1.0)},
    "rectools puresvd": {"factors": Whole(8, 192)},
    "lenskit als": {"features": Whole(16, 192), "iterations": Whole(8, 24),
                    "reg": Log(0.01, 30.0), "weight": Log(1.0, 100.0)},
    "surprise svd": {"n_factors": Whole(16, 128), "n_epochs": Whole(10, 60),
                     "lr_all": Log(0.002, 0.05), "reg_all": Log(0.005, 0.2), "zeros": Whole(1, 4)},
}  # fmt: skip
SMALL: dict[str, Space] = {
    "small co-favourites + k-means": {"k": Whole(5, 100), "mix": Real(0.0, 1.0)},
    "small user-user cosine": {"n_neighbors": Whole(10, 500)},
    "small dot product": {"n_factors": Whole(16, 64), "n_steps": Whole(40, 120),
                          "rate": Log(0.01, 0.1), "regularization": Log(0.01, 3.0),
                          "zeros": Whole(1, 3)},
}  # fmt: skip


def drawn(space: Space, rng: np.random.Generator) -> dict[str, Any]:
    """One value for each parameter.

    >>> drawn({"k": OneOf((3,))}, np.random.default_rng(0))
    {'k': 3}
    """
    return {name: values.draw(rng) for name, values in space.items()}
