import dataclasses
import math

import numpy as np
import pytest
from scipy import sparse

from segue.data.dataset import Dataset
from segue.data.query import Controls, Profile, Query
from segue.models.base import create
from segue.pipeline.build import build_list
from segue.pipeline.mixes import MIN_TRACKS, taste_mixes, telling_shares
from segue.pipeline.stations import STATIONS
from support.pipeline_library import NOW, table


def tagged(tracks, tag, rows):
    column = sparse.csr_matrix(np.isin(np.arange(len(tracks)), rows).astype(np.float32)[:, None])
    return dataclasses.replace(
        tracks,
        terms=sparse.hstack([tracks.terms, column], format="csr"),
        term_names=[*tracks.term_names, tag],
        term_kinds=[*tracks.term_kinds, "tag"],
    )


@pytest.fixture(scope="module")
def clusters():
    """Vectors that are the genres: three far corners."""
    vectors = (10 * np.eye(3)[np.arange(60) % 3]).astype(np.float32)
    vectors += np.random.default_rng(0).normal(0, 0.1, vectors.shape).astype(np.float32)
    tracks = dataclasses.replace(table(), vectors={"sound": vectors})
    data = Dataset.from_csr(sparse.csr_matrix((1, 60), dtype=np.float32), tracks)
    return create("clusters", k=3, source="vectors").fit(data)


def liking(rows):
    return Profile.from_weights({row: 1.0 + 0.01 * row for row in rows})


def test_the_parts_of_a_taste_are_its_scenes_under_their_names(clusters):
    tracks = tagged(table(), "slow", np.arange(0, 60, 3))
    listener = liking([*range(0, 60, 3)[:10], *range(1, 60, 3)[:8]])
    ambient, hop = sorted(taste_mixes(listener, clusters, tracks), key=lambda m: m.track_idx[0])
    assert set(ambient.track_idx % 3) == {0}
    assert set(hop.track_idx % 3) == {1}
    assert ambient.name.startswith("Slow ambient and Band ")
    assert hop.name.startswith("Trip hop and Band ")
    assert ambient.weight + hop.weight == pytest.approx(1.0)


def test_there_is_no_mix_of_too_little(clusters):
    assert taste_mixes(Profile.empty(), clusters, table()) == []
    assert taste_mixes(liking(range(MIN_TRACKS - 1)), clusters, table()) == []
    assert len(taste_mixes(liking(range(0, 3 * MIN_TRACKS, 3)), clusters, table())) == 1


def test_no_two_mixes_bear_one_name(clusters):
    tracks = table(n_artists=1)
    mixes = taste_mixes(liking(range(60)), clusters, tracks)
    assert len({mix.name for mix in mixes}) == len(mixes) > 3


def test_a_mix_is_about_three_parts_familiar_to_one_new(sources, library):
    listener = liking(range(0, 60, 2))
    group = np.arange(0, 60, 12)
    query = Query("daily_mix", listener, 6, Controls(artist_gap=0, album_gap=0), now=NOW,
                  group=group, name="Ambient")  # fmt: skip
    got = build_list(query, library, sources)
    rows = [int(track.track_id[1:]) for track in got.tracks]
    for n in range(1, len(rows) + 1):
        familiar = sum(row in group for row in rows[:n])
        assert abs(familiar - STATIONS["daily_mix"].familiar * n) <= 1
    more = build_list(dataclasses.replace(query, n=12), library, sources)
    others = set(range(0, 60, 2)) - set(group.tolist())
    assert not others & {int(track.track_id[1:]) for track in more.tracks}  # in mixes of their own
    texts = [t.reasons[0].text for t in got.tracks if int(t.track_id[1:]) in group]
    assert set(texts) == {"You finished it"}
    again = build_list(dataclasses.replace(query, seed=1), library, sources)
    assert [t.track_id for t in again.tracks] != [t.track_id for t in got.tracks]


def test_telling_shares_are_the_terms_of_the_divergence():
    part, whole = np.array([0.5, 0.2]), np.array([0.1, 0.4])
    expected = [p * math.log((p + 0.05) / (q + 0.05)) + 1e-6 * p
                for p, q in zip(part, whole, strict=True)]  # fmt: skip
    np.testing.assert_allclose(telling_shares(part, whole), expected)
