"""Every registered model with parameters that fit the tiny data of two scenes: one line a model."""

from collections.abc import Callable

import pytest

from segue.data.dataset import Dataset
from support.scenes import rated_scenes

# One line a model: its variants, all fit for the tiny data set below.
FACTORIES: dict[str, list[dict[str, object]]] = {
    "popularity": [{}, {"half_life_days": 30.0, "window_days": 365.0, "by_genre": True}],
    "ease": [
        {"regularization": 2.0},
        {"regularization": 2.0, "form": "dual"},
        {"regularization": 2.0, "n_neighbors": 6, "values": "log"},
    ],
    "edlae": [
        {"regularization": 2.0, "dropout": 0.5},
        {"regularization": 2.0, "max_items": 10, "values": "binary"},
    ],
    "content": [{}],
    "sound": [{}, {"n_components": 2, "shrinkage": 0.8, "hubs": False}],
    "alike": [{}, {"n_words": 3, "words_weight": 0.3, "hubs": False}],
    "als": [
        {"n_factors": 4, "unobserved_weight": 0.3},
        {"n_factors": 3, "solver": "cholesky", "values": "log", "nu": 0.5, "init": "uniform"},
        {"n_factors": 4, "unobserved_weight": 0.3, "solver": "block", "block_size": 3},
    ],
    "bpr": [
        {"n_factors": 4, "regularization": 0.1},
        {"n_factors": 3, "regularization": 0.1, "negative_exponent": 0.75, "values": "binary"},
    ],
    "collective": [
        {"regularization": 2.0, "dropout": 0.5},
        {"regularization": 2.0, "form": "dual", "n_neighbors": 6, "inverse_frequency": False},
    ],
    "bridge": [
        {"n_factors": 4, "unobserved_weight": 0.3, "content_regularization": 1.0},
        {"n_factors": 3, "prior_listeners": 0.0, "artist_shrinkage": None, "values": "log"},
    ],
    "knowledge": [{}, {"mood_weight": 0.5, "year_weight": 0.0}],
    "slim": [{"regularization": 2.0, "l1": 0.1}],
    "sparse_linear": [
        {"regularization": 2.0, "dropout": 0.5, "n_neighbors": 6},
        {"regularization": 2.0, "dropout": 0.5, "n_neighbors": 6, "allocation": "equal"},
        {"regularization": 2.0, "dropout": 0.5, "n_neighbors": 6, "storage": "half"},
        {"regularization": 2.0, "dropout": 0.0, "n_neighbors": None, "values": "log"},
    ],
    "item_knn": [
        {},
        {"n_neighbors": 6, "shrinkage": 2.0, "alpha": 0.4, "weighting": "tfidf", "values": "log"},
        {"weighting": "bm25"},
    ],
    "user_knn": [{}, {"n_neighbors": 8, "shrinkage": 1.0, "alpha": 0.6, "values": "log"}],
    "rp3beta": [{}, {"alpha": 1.0, "beta": 0.0, "n_neighbors": 6}],
    "random": [{}, {"seed": 3}],
    "personal_top": [{"genre_weight": 0.01}],
    "session_knn": [{}, {"idf_weight": 0.0, "position_decay": 2.0, "length": 3}],
    "memory": [{}, {"spread_weight": 0.3, "n_context": 2, "n_neighbors": 8}],
    "slist": [
        {"regularization": 2.0},
        {"regularization": 8.0, "profile_floor": 0.3, "n_neighbors": 6, "values": "log"},
    ],
    "clusters": [{"k": 3}, {"k": 2, "source": "terms", "sharpness": 1.0}],
    "fusion": [
        {
            "members": [
                {"model": "edlae", "params": {"regularization": 2.0, "dropout": 0.5}},
                {"model": "als", "params": {"n_factors": 4, "unobserved_weight": 0.3}},
                {"model": "popularity"},
            ],
            "weights": [0.5, 0.3, 0.1],
        },
        {"members": [{"model": "user_knn"}, {"model": "ease", "params": {"n_neighbors": 6}}]},
    ],  # "rank" and "standard" do not rise with one more like; see their own tests
    # profiles here hold no stars
    "svd": [
        {
            "implied": True,
            "n_factors": 3,
            "regularization": 0.5,
            "bias_regularization": 3.0,
            "listener_bias_regularization": 3.0,
        }
    ],
    "svdpp": [
        {
            "implied": True,
            "n_factors": 3,
            "n_folds": 2,
            "regularization": 0.5,
            "bias_regularization": 3.0,
            "listener_bias_regularization": 3.0,
            "implicit_regularization": 5.0,
            "learning_rate": 0.02,
        }
    ],
    "neural": [
        {
            "n_factors": 4,
            "n_epochs": 40,
            "learning_rate": 0.03,
            "regularization": 0.05,
            "validation_share": 0.0,
        },
        {
            "form": "neumf",
            "n_factors": 4,
            "n_hidden": 8,
            "n_epochs": 60,
            "learning_rate": 0.05,
            "validation_share": 0.3,
            "check_every": 10,
            "values": "log",
        },
    ],
}
CASES = [
    pytest.param(name, params, id=f"{name}-{number}")
    for name, variants in FACTORIES.items()
    for number, params in enumerate(variants)
]
# What a model has to hear of to show taste, where plays are not it.
TRAINING_DATA: dict[str, Callable[[], Dataset]] = {
    "svd": rated_scenes,
    "svdpp": rated_scenes,
}
