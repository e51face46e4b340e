"""Before anyone plays, a library says whom its owners collect."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from segue.data.items import ReasonKind
from segue.data.query import Controls, Profile, Query
from segue.pipeline.build import build_list
from segue.pipeline.rules import MIN_COLLECTED, collected_rule
from segue.pipeline.stations import standard_sources
from support.pipeline_library import NOW, table

SIZES = {0: 6, 1: 3, 2: 1}  # tracks of each artist; the last too few to say anything


def shelf(sizes=SIZES):
    of = np.repeat(list(sizes), list(sizes.values())).astype(np.int32)
    return dataclasses.replace(table(len(of)), artist_idx=of)


def asked(seed=0, controls=None, n=10):
    return Query("for_you", Profile.empty(), n, controls or Controls(), now=NOW, seed=seed)


def test_who_is_collected_more_comes_first_more_often_but_not_always():
    tracks, firsts = shelf(), Counter()
    rule = collected_rule(tracks)
    for seed in range(3_000):
        firsts[int(tracks.artist_idx[int(np.argmax(rule.score(asked(seed), tracks)))])] += 1
    # the chance of each track is the number of tracks by its artist: 6 * 6 against 3 * 3
    assert firsts[0] / 3_000 == pytest.approx(36 / 45, abs=0.025)
    assert firsts[2] == 0


def test_nothing_is_said_of_an_artist_with_few_tracks_of_files_that_are_not_there_or_of_nobody():
    tracks = shelf({0: 6, 1: MIN_COLLECTED, 2: MIN_COLLECTED - 1, -1: 5})
    there = ~np.isin(np.arange(len(tracks)), (5, 6))  # one of either artist is not
    tracks = dataclasses.replace(tracks, owned=there)
    scores = collected_rule(tracks).score(asked(), tracks)
    assert np.flatnonzero(np.isfinite(scores)).tolist() == [0, 1, 2, 3, 4]


def test_the_reason_counts_what_is_there():
    tracks = shelf()
    kind, text, of_itself = collected_rule(tracks).reason(asked(), tracks, 7)
    assert (kind, text, of_itself) == (
        ReasonKind.LIBRARY, "One of 3 tracks by this artist in your library", False,
    )  # fmt: skip


def test_a_first_list_says_whom_the_library_collects_and_is_another_for_another_seed():
    sizes = {0: 9, 1: 7, 2: 5, 3: 3} | dict.fromkeys(range(4, 30), 1)
    tracks = shelf(sizes)
    sources = standard_sources({}, tracks)
    lists = [build_list(asked(seed), tracks, sources) for seed in (1, 1, 2)]
    texts = {track.reasons[0].text for track in lists[0].tracks[:4]}
    assert all("tracks by this artist in your library" in text for text in texts)
    first, again, other = ([track.track_id for track in one.tracks] for one in lists)
    assert first == again != other
    artists = {int(tracks.artist_idx[int(id_[1:])]) for id_ in first[:4]}
    assert artists == {0, 1, 2, 3}
