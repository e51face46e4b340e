"""Compare three models on one split, with 95 % intervals and corrected p-values."""

import time

from scipy import sparse

from segue.data.dataset import Dataset
from segue.evaluation.comparison import compare_models
from segue.evaluation.cuts import split_of
from segue.models.base import create

plays = sparse.random(200, 300, density=0.06, format="csr", random_state=7)
models = {name: create(name) for name in ("popularity", "item_knn", "edlae")}
split = split_of(Dataset.from_csr(plays), "random", seed=7)
for model in compare_models(models, split, (20,), time.perf_counter).models:
    ndcg = model.accuracy["ndcg@20"]
    print(f"{model.name} {ndcg.mean:.4f} [{ndcg.low:.4f}, {ndcg.high:.4f}] p={model.p_best}")
