"""Data too small for the parameters: the documented rule is that models still answer."""

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.errors import InvalidDataError
from segue.evaluation.cuts import split_of
from segue.evaluation.harness import evaluate
from segue.models.base import REGISTRY, create
from segue.models.popularity import Popularity
from support.scenes import N_TRACKS, rated_scenes

WITH_FACTORS = [name for name in REGISTRY if "n_factors" in create(name).get_params()]


@pytest.mark.parametrize("name", WITH_FACTORS)
def test_more_factors_than_listeners_and_tracks_still_give_finite_scores(name):
    data = rated_scenes()
    n_factors = 2 * max(data.n_listeners, data.n_tracks)
    model = create(name, n_factors=n_factors).fit(data)
    scores = model.score(model.fold_in(Profile.from_weights({0: 1.0, 3: 1.0})))
    assert scores.shape == (N_TRACKS,)
    assert np.isfinite(scores).all()


def test_an_empty_split_is_an_error_that_says_so():
    plays = sparse.csr_matrix(np.ones((4, 3), np.float32))
    model = Popularity().fit(Dataset.from_csr(plays))
    with pytest.raises(InvalidDataError, match="the held-out part is empty"):
        evaluate(model, plays, sparse.csr_matrix((4, 3)))
    alone = Dataset.from_csr(sparse.eye(4, format="csr"))  # one track each: nothing to hold out
    for name in ("leave-last", "random", "listeners"):
        with pytest.raises(InvalidDataError, match="enough liked tracks"):
            split_of(alone, name)
    with pytest.raises(InvalidDataError, match="fewer than 20 listeners"):
        split_of(alone, "temporal")
    with pytest.raises(InvalidDataError, match="leave no fifth"):
        split_of(alone, "cold")
