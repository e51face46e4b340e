from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segue.data.query import Profile, Query
from segue.pipeline.build import build_list
from segue.pipeline.candidates import About, Blend, by_name, gather
from support.pipeline_library import NOW, fitted_sources, table

LIBRARY = table()
SOURCES = fitted_sources(LIBRARY)
ROWS = st.integers(0, 59)


def asked(seeds):
    return Query("radio", Profile.empty(), 60, seeds=seeds, now=NOW)


def scores(seeds, source):
    """What one source gives each track for some seeds."""
    blend, everything = Blend(source, about=About.SEEDS), LIBRARY.owned
    found = gather(asked(seeds), LIBRARY, [blend], by_name(SOURCES), everything, lambda: 0.0)
    return {} if not found else dict(zip(found[0].track_idx.tolist(), found[0].scores, strict=True))


def listed(seeds):
    return build_list(asked(seeds), LIBRARY, SOURCES)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.floats(0.25, 2.0), st.sampled_from(["content", "taste"]))
def test_a_subtracted_seed_never_appears_and_lifts_no_other_track(start, away, weight, source):
    assume(start != away)
    plain, less = scores({start: 1.0}, source), scores({start: 1.0, away: -weight}, source)
    assert all(less[row] <= plain[row] for row in less)
    got = listed({start: 1.0, away: -weight})
    assert got.tracks
    assert not {LIBRARY.ids[start], LIBRARY.ids[away]} & {track.track_id for track in got.tracks}


def test_the_like_of_a_subtracted_seed_fall_by_each_source():
    for source in ("content", "taste"):
        for start, away in ((1, 2), (0, 1), (2, 12), (5, 7)):
            seeds = {start: 1.0, (start + 3) % 60: 1.0, away: 0.5}
            alike = [row for row in range(60) if row % 3 == away % 3 and row != away]
            plain, less = scores(seeds, source), scores(seeds | {away: -1.0}, source)
            assert sum(less.get(r, 0) for r in alike) < sum(plain.get(r, 0) for r in alike)
