"""Fit, evaluate and ask a recommender in ten lines."""

import numpy as np
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Profile
from segue.evaluation.harness import evaluate
from segue.evaluation.split import random_per_listener
from segue.models.linear import EDLAE

plays = sparse.random(200, 500, density=0.05, format="csr", random_state=7)
train, test = random_per_listener(plays, (0.8, 0.2), np.random.default_rng(7))
model = EDLAE(regularization=30, dropout=0.5).fit(Dataset.from_csr(train))
print(f"NDCG@20 {evaluate(model, train, test, ks=(20,))['ndcg@20']:.4f}")
print(model.recommend(Profile.from_weights({3: 1.0, 8: -0.5}), n=5).track_idx)
