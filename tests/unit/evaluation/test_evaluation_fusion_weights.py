"""The search of fusion weights against all weights on a fine grid."""

import itertools

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.errors import InvalidDataError, InvalidInputError
from segue.evaluation.fusion_weights import fit_weights, search_weights
from segue.evaluation.harness import evaluate
from segue.evaluation.split import random_per_listener
from segue.models.fusion import Fusion
from support.scenes import two_scenes

MEMBERS = [
    {"model": "edlae", "params": {"regularization": 2.0, "dropout": 0.5}},
    {"model": "random", "params": {"seed": 1}},
    {"model": "popularity"},
]


def ndcg_by_hand(total: np.ndarray, known: np.ndarray, held: np.ndarray, k: int) -> float:
    values = []
    for scores, seen, wanted in zip(total, known, held, strict=True):
        order = [t for t in np.argsort(-scores, kind="stable") if not seen[t]][:k]
        gain = sum(1 / np.log2(place + 2) for place, t in enumerate(order) if wanted[t])
        best = sum(1 / np.log2(place + 2) for place in range(min(k, int(wanted.sum()))))
        values.append(gain / best)
    return float(np.mean(values))


def two_half_blind_members() -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Each member sees one half of what is held out, the third sees noise."""
    rng = np.random.default_rng(3)
    held = rng.random((40, 30)) < 0.2
    held[:, 0] = True
    known = (rng.random((40, 30)) < 0.2) & ~held
    half = rng.random((40, 30)) < 0.5
    noise = rng.normal(size=(3, 40, 30))
    scores = [(held & half) + noise[0], (held & ~half) + noise[1], 3 * noise[2]]
    return [s.astype(np.float32) for s in scores], known, held


def test_the_search_comes_near_the_best_of_a_grid():
    scores, known, held = two_half_blind_members()
    weights, value = search_weights(
        scores, sparse.csr_matrix(known.astype(float)), sparse.csr_matrix(held.astype(float)), k=5
    )
    total = sum(np.float32(w) * s for w, s in zip(weights, scores, strict=True))
    assert value == pytest.approx(ndcg_by_hand(total, known, held, 5), abs=1e-3)
    steps = np.linspace(0, 1, 11)
    best = max(
        ndcg_by_hand(a * scores[0] + b * scores[1] + c * scores[2], known, held, 5)
        for a, b, c in itertools.product(steps, steps, steps)
        if a + b + c > 0
    )
    alone = max(ndcg_by_hand(s, known, held, 5) for s in scores)
    assert value >= alone
    assert value >= best - 0.1 * (best - alone) - 0.01
    assert sum(weights) == pytest.approx(1)


def test_weights_are_found_from_the_past_alone():
    data = two_scenes()
    parts = random_per_listener(data.interactions.user_items, (0.6, 0.4), np.random.default_rng(1))
    past = Dataset.from_csr(parts[0], data.tracks)
    model = Fusion(MEMBERS)
    weights, value = fit_weights(model, past, parts[1], k=3)
    assert model.weights is None
    alone = Fusion(MEMBERS, [1.0, 0.0, 0.0]).fit(past)
    assert value >= evaluate(alone, parts[0], parts[1], ks=(3,))["ndcg@3"] - 1e-9
    found = Fusion(MEMBERS, weights).fit(past)
    assert evaluate(found, parts[0], parts[1], ks=(3,))["ndcg@3"] == pytest.approx(value, abs=1e-6)


def test_no_rounds_give_the_best_member_alone():
    scores, known, held = two_half_blind_members()
    known, held = (sparse.csr_matrix(part.astype(float)) for part in (known, held))
    weights, _ = search_weights([scores[2], scores[0]], known, held, k=5, n_rounds=0)
    assert weights == [0.0, 1.0]


def test_a_leak_or_an_empty_part_is_refused():
    data = two_scenes()
    likes = data.interactions.user_items
    with pytest.raises(InvalidDataError, match="pair"):
        fit_weights(Fusion(MEMBERS), data, likes)
    with pytest.raises(InvalidDataError, match="held_out"):
        fit_weights(Fusion(MEMBERS), data, likes[:3])
    empty = sparse.csr_matrix(likes.shape)
    with pytest.raises(InvalidDataError, match="something held out"):
        fit_weights(Fusion(MEMBERS), data, empty)
    with pytest.raises(InvalidInputError, match="give members"):
        search_weights([], likes, likes)
