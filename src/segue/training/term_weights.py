"""How much terms weigh beside listening, chosen on likes that were kept back.

Where few listen, genres, tags and artists say most of what can be known of a track that nobody
played; where thousands listen, and tags are careless, the same weight drowns what they play
(`python -m benchmarks HOUSEHOLDS` and ``LISTS``). So it is chosen, as weights are, on data.
"""

from collections.abc import Mapping

import numpy as np

from segue.data.dataset import Dataset
from segue.evaluation.cuts import MIN_LISTENERS_TO_COMPARE
from segue.evaluation.harness import evaluate_split
from segue.evaluation.leaks import Split
from segue.evaluation.split import random_per_listener
from segue.models.base import create
from segue.rng import derived_rng
from segue.types import CsrMatrix

SCALES = (1.0, 0.3, 0.1)  # of the weights of a household; the first stays where all do alike
METRIC = "ndcg@20"
MIN_LIKES = 5  # of a listener of whom a fifth is kept back
MAX_LISTENERS, MAX_ITEMS = 500, 5_000  # that are asked and fitted: enough to choose among three
BATCH = 64  # listeners whose scores of all tracks are held at once
_SHARES = (0.8, 0.2)


def weighed(dataset: Dataset, params: Mapping[str, object], seed: int = 0) -> dict[str, object]:
    """Parameters of ``collective`` with the weights of terms that find most of what was kept back.

    A random fifth of the likes of up to 500 listeners is kept back, the rest is learned from with
    each scale. With fewer than 20 listeners of five likes nothing can be compared, and the
    parameters stay: what they are good for are households.

    Args:
        dataset: What may be looked at.
        params: Of :class:`~segue.models.collective.CollectiveEDLAE`, in the weights of a household.
        seed: Of what is kept back.
    """
    likes = dataset.interactions.positive()
    asked = np.flatnonzero(np.diff(likes.indptr) >= MIN_LIKES)
    if len(asked) < MIN_LISTENERS_TO_COMPARE:
        return dict(params)
    rng = derived_rng(seed, "term weights")
    asked = np.sort(rng.permutation(asked)[:MAX_LISTENERS])
    split = _kept_back(dataset, likes, asked, rng)
    found: dict[float, float] = {}
    for scale in SCALES:
        model = create("collective", **{**scaled(params, scale), "max_items": MAX_ITEMS})
        found[scale] = evaluate_split(model.fit(split.past), split, (20,), BATCH)[METRIC]
    return scaled(params, max(SCALES, key=lambda scale: found[scale]))


def scaled(params: Mapping[str, object], scale: float) -> dict[str, object]:
    """The same with every weight of a kind of terms times ``scale``.

    >>> scaled({"tag_weight": 10.0, "n_neighbors": 200}, 0.1)
    {'tag_weight': 1.0, 'n_neighbors': 200}
    """
    return {
        name: value * scale if name.endswith("_weight") and isinstance(value, float) else value
        for name, value in params.items()
    }


def _kept_back(
    dataset: Dataset, likes: CsrMatrix, asked: np.ndarray, rng: np.random.Generator
) -> Split:
    is_asked = np.zeros(likes.shape[0], bool)
    is_asked[asked] = True
    train, held_out = random_per_listener(likes, _SHARES, rng)
    rows = np.repeat(np.arange(likes.shape[0]), np.diff(held_out.indptr))
    kept = held_out.copy()
    kept.data = np.where(is_asked[rows], kept.data, 0.0).astype(np.float32)
    kept.eliminate_zeros()
    return Split("a random fifth of the likes", Dataset.from_csr(train, dataset.tracks), kept)
