"""The fast order of a list against a slow twin that computes everything anew at every place."""

import math

import numpy as np
import pytest

from segue.data import compiled
from segue.pipeline.calibrate import ALPHA, CALIBRATION, genre_mix
from segue.pipeline.diversify import arrange
from segue.pipeline.rank import Ranking
from support.pipeline_library import table


@pytest.fixture(params=["plain", "compiled"], autouse=True)
def way(request, monkeypatch):
    """Both ways to the same order, whatever the size of the library."""
    limit = -1 if request.param == "compiled" else 10**9
    monkeypatch.setattr(compiled, "DENSE_LIMIT", limit)


def shares_of(library, columns):
    """p(genre | track) by counting names, one track at a time."""
    rows = []
    for row in range(len(library)):
        has = set(library.terms[row].indices.tolist())
        mine = [1.0 if column in has else 0.0 for column in columns]
        rows.append(np.array(mine) / max(sum(mine), 1.0))
    return rows


def cosine(library, a, b):
    """Of the sets of terms, the artist being one term more."""
    sets = []
    for row in (a, b):
        terms = {("term", column) for column in library.terms[row].indices.tolist()}
        if library.artist_idx[row] >= 0:
            terms.add(("artist", int(library.artist_idx[row])))
        sets.append(terms)
    size = math.sqrt(len(sets[0]) * len(sets[1]))
    return len(sets[0] & sets[1]) / size if size else 0.0


def permitted(library, taken, row, gaps, before=()):
    for labels, gap in gaps:
        near = [labels[other] for other in [*before, *taken][-gap:]] if gap else []
        if labels[row] >= 0 and labels[row] in near:
            return False
    return row not in taken


def slow_order(library, scores, n, variety, gaps, mix, familiar, heard, before):
    shares = shares_of(library, mix.columns.tolist())
    taken = []
    for place in range(n):
        worth = {}
        for row in range(len(library)):
            if not permitted(library, taken, row, gaps, before):
                continue
            near = max((cosine(library, row, other) for other in taken), default=0.0)
            given = sum(shares[other] for other in [*taken, row]) / (place + 1)
            smoothed = (1 - ALPHA) * given + ALPHA * mix.shares
            off = float(np.sum(mix.shares * np.log(mix.shares / smoothed)))
            relevance = scores[row] / scores.max()
            worth[row] = (1 - variety) * relevance - variety * near - CALIBRATION * off
        old = sum(row in heard for row in taken)
        for kind, had, share in ((True, old, familiar), (False, place - old, 1 - familiar)):
            other = {row: value for row, value in worth.items() if (row in heard) is not kind}
            if had >= math.ceil(share * (place + 1) - 1e-9) and other:
                worth = other
                break
        taken.append(max(worth, key=worth.__getitem__))
    return taken


@pytest.mark.parametrize("seed", range(4))
def test_every_place_is_that_of_the_slow_twin(taste, seed):
    library = table()
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.uniform(0.5, 1.0, len(library)))[::-1]
    heard = set(rng.choice(len(library), len(library) // 2, replace=False).tolist())
    gaps = ((library.artist_idx, 1), (library.album_idx, 2))
    mix = genre_mix(taste, library)
    ranking = Ranking(np.arange(len(library), dtype=np.int32), scores,
                      np.ones((len(library), 1)), np.zeros(len(library), np.int32))  # fmt: skip
    for before in ([], rng.choice(len(library), 3, replace=False).tolist()):
        got = arrange(ranking, library, 15, variety=0.4, artist_gap=1, album_gap=2, mix=mix,
                      familiar=0.4, heard=np.array(sorted(heard), np.int32),
                      before=before)  # fmt: skip
        assert got.relaxed == {}
        expected = slow_order(library, scores, 15, 0.4, gaps, mix, 0.4, heard, before)
        assert got.places.tolist() == expected
