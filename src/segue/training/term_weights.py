"""How much terms weigh beside listening, chosen on likes that were kept back.

Where few listen, genres, tags and artists say most of what can be known of a track that nobody
played; where thousands listen, and tags are careless, the same weight drowns what they play
(`python -m benchmarks HOUSEHOLDS` and ``LISTS``). So it is chosen, as weights are, on data.
"""

from collections.abc import Mapping

import numpy as np

from segue.data.dataset import Dataset
from segue.errors import InvalidDataError
from segue.evaluation.cuts import MIN_LISTENERS_TO_COMPARE, for_some_listeners, split_of
from segue.evaluation.harness import evaluate_split
from segue.models.base import create

SCALES = (1.0, 0.3, 0.1)  # of the weights of a household; the first stays where all do alike
METRIC = "ndcg@20"
MAX_LISTENERS, MAX_ITEMS = 500, 5_000  # that are asked and fitted: enough to choose among three
BATCH = 64  # listeners whose scores of all tracks are held at once


def weighed(dataset: Dataset, params: Mapping[str, object], seed: int = 0) -> dict[str, object]:
    """Parameters of ``collective`` with the weights of terms that find most of what was kept back.

    A random fifth of each listener's likes is kept back, the rest is learned from with each scale.
    With fewer than 20 listeners of five likes nothing can be compared, and the parameters stay:
    what they are good for are households.

    Args:
        dataset: What may be looked at.
        params: Of :class:`~segue.models.collective.CollectiveEDLAE`, in the weights of a household.
        seed: Of what is kept back.
    """
    try:
        split = split_of(dataset, "random", seed)
    except InvalidDataError:  # nobody has five likes
        return dict(params)
    if np.count_nonzero(np.diff(split.held_out.indptr)) < MIN_LISTENERS_TO_COMPARE:
        return dict(params)
    split = for_some_listeners(split, MAX_LISTENERS)
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
