"""Save a fitted model as plain arrays, load it, and get the same list."""

import tempfile
from pathlib import Path

from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.models.base import load
from segue.models.linear import EASE

plays = sparse.random(100, 200, density=0.05, format="csr", random_state=7)
with tempfile.TemporaryDirectory() as folder:
    model = EASE().fit(Dataset.from_csr(plays))
    model.save(Path(folder))
    profile = Profile.from_weights({3: 1.0})
    print(load(Path(folder)).recommend(profile).track_idx == model.recommend(profile).track_idx)
